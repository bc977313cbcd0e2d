"""Inference with tasks as units: what the drawn tasks support, and what they do not.

A number of one task is the mean over its models (seeds). Intervals resample tasks, and models
within them; tests are paired over tasks; several pairs are corrected after Holm; and every order
is taken again with each task left out.
"""

import itertools
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from declaration import RESAMPLES
from hypotheses import BASELINE, ENTRANTS, HYPOTHESES, LEVEL, PRIMARY, SECONDARY
from judging import METRICS
from scipy.stats import friedmanchisquare, rankdata, studentized_range, wilcoxon

from qxai.core import Array, Indices

Row = dict[str, Any]


class Sampled(NamedTuple):
    """Numbers of tasks (T) and models within them (S), NaN where there is no model."""

    tasks: tuple[str, ...]
    values: Array


def by_task(rows: Iterable[Row], metric: str, method: str, baseline: str) -> Sampled:
    """Collect a metric of a method, a row for each task and a column for each of its models."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["method"] == method and row["baseline"] == baseline:
            value = row.get(metric)
            if value is not None and np.isfinite(value):
                found[row["task"]].append(float(value))
    tasks = tuple(sorted(found))
    width = max((len(found[task]) for task in tasks), default=1)
    values = np.full((len(tasks), width), np.nan)
    for place, task in enumerate(tasks):
        values[place, : len(found[task])] = found[task]
    return Sampled(tasks, values)


def resampled(sampled: Sampled) -> Array:
    """Return the mean over tasks of the mean over models, for every resample of both.

    The first number is that of the whole sample. The same tasks and numbers of models give the
    same resamples, so that methods are compared on the same ones.
    """
    tasks, values = sampled
    counts = np.isfinite(values).sum(axis=1)
    key = zlib.crc32(repr((tasks, counts.tolist())).encode())
    rng = np.random.default_rng(key)
    chosen = rng.integers(len(tasks), size=(RESAMPLES, len(tasks)))
    picks = (rng.random((*chosen.shape, values.shape[1])) * counts[chosen][..., None]).astype(int)
    inside = np.arange(values.shape[1]) < counts[chosen][..., None]
    drawn = np.where(inside, values[chosen[..., None], picks], 0.0)
    means = (drawn.sum(axis=2) / counts[chosen]).mean(axis=1)
    return np.append(np.nanmean(values, axis=1).mean(), means)


def interval(prefix: str, numbers: Array) -> Row:
    """Return a mean with its 95 % percentile interval, as columns."""
    low, high = np.quantile(numbers[1:], [0.025, 0.975])
    names = (prefix, f"{prefix}_low", f"{prefix}_high")
    return dict(zip(names, (float(numbers[0]), float(low), float(high))))


def better(metric: str, values: Array) -> Array:
    """Turn a metric so that larger is better."""
    return -values if METRICS[metric][0] == "smaller" else values


def entered(rows: Sequence[Row], metric: str, methods: Sequence[str] = ENTRANTS) -> Sampled:
    """Return task means (T, K), larger better, of the tasks that all methods have numbers for."""
    columns = {}
    for method in methods:
        tasks, values = by_task(rows, metric, method, BASELINE)
        columns[method] = dict(zip(tasks, np.nanmean(values, axis=1))) if tasks else {}
    shared = sorted(set.intersection(*(set(column) for column in columns.values())))
    table = np.array([[columns[method][task] for method in methods] for task in shared])
    return Sampled(tuple(shared), better(metric, table))


def average_ranks(table: Array) -> Array:
    """Return the mean rank of each method, 1 the best."""
    return rankdata(-np.round(table, 12), axis=1).mean(axis=0)


def critical_difference(methods: int, tasks: int) -> float:
    """Return by how much mean ranks have to differ (Nemenyi; Demšar 2006)."""
    quantile = studentized_range.ppf(1 - LEVEL, methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(methods * (methods + 1) / (6 * tasks)))


def holm(p: Array) -> Array:
    """Return p-values corrected for their number (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(raised, 1.0)
    return found


def signed_rank(difference: Array) -> tuple[float, float]:
    """Return the p-value of Wilcoxon's signed-rank test, and the rank-biserial correlation."""
    moved = difference[np.abs(difference) > 1e-12]
    if not len(moved):
        return 1.0, 0.0
    ranks = rankdata(np.abs(moved))
    effect = float((np.sign(moved) * ranks).sum() / ranks.sum())
    return float(wilcoxon(moved).pvalue), effect


def pairs_of(table: Array) -> tuple[list[tuple[int, int]], Array, Array]:
    """Return all pairs of columns, their corrected p-values, and effects (first over second)."""
    pairs = list(itertools.combinations(range(table.shape[1]), 2))
    found = np.array([signed_rank(table[:, i] - table[:, j]) for i, j in pairs])
    return pairs, holm(found[:, 0]), found[:, 1]


def without_each(count: int) -> list[Indices]:
    """Return the rows that are left when each is left out."""
    return [np.delete(np.arange(count), gone) for gone in range(count)]


def ranking(rows: Sequence[Row]) -> list[Row]:
    """Return, for each outcome and entrant, mean, interval, mean rank, and ranks without a task."""
    found = []
    for metric in (*PRIMARY, *SECONDARY):
        tasks, table = entered(rows, metric)
        ranks = average_ranks(table)
        again = np.array([average_ranks(table[left]) for left in without_each(len(table))])
        p = float(friedmanchisquare(*np.round(table, 12).T).pvalue)
        common = {
            "metric": metric,
            "tasks": len(tasks),
            "friedman": p,
            "critical": critical_difference(len(ENTRANTS), len(tasks)),
        }
        for place, method in enumerate(ENTRANTS):
            sampled = by_task(rows, metric, method, BASELINE)
            ends = {"rank_low": again[:, place].min(), "rank_high": again[:, place].max()}
            found.append(
                common
                | {"method": method, "models": int(np.isfinite(sampled.values).sum())}
                | interval("mean", resampled(sampled))
                | {"rank": float(ranks[place])}
                | {name: float(value) for name, value in ends.items()}
            )
    return found


def comparisons(rows: Sequence[Row]) -> list[Row]:
    """Return every pair of entrants on every outcome: difference, effect, p, and how firm it is."""
    found = []
    for metric in (*PRIMARY, *SECONDARY):
        tasks, table = entered(rows, metric)
        pairs, p, effects = pairs_of(table)
        again = np.array([pairs_of(table[left])[1] for left in without_each(len(table))])
        for number, (i, j) in enumerate(pairs):
            gap = table[:, i] - table[:, j]
            found.append(
                {
                    "metric": metric,
                    "first": ENTRANTS[i],
                    "second": ENTRANTS[j],
                    "tasks": len(tasks),
                    "ahead": int((gap > 1e-12).sum()),
                    "behind": int((gap < -1e-12).sum()),
                    "difference": float(np.median(gap)),
                    "effect": float(effects[number]),
                    "p": float(p[number]),
                    "worst_p": float(again[:, number].max()),
                }
            )
    return found


def verdicts(rows: Sequence[Row]) -> list[Row]:
    """Return what became of each hypothesis: two-sided tests, corrected for their number."""
    tables = {h.name: entered(rows, h.metric, (h.better, h.worse)) for h in HYPOTHESES}
    gaps = {name: table.values[:, 0] - table.values[:, 1] for name, table in tables.items()}
    tested = {name: signed_rank(gap) for name, gap in gaps.items()}
    corrected = holm(np.array([p for p, _ in tested.values()]))
    found = []
    for h, p in zip(HYPOTHESES, corrected):
        gap, (_, effect) = gaps[h.name], tested[h.name]
        outcome = "supported" if effect > 0 else "contradicted"
        found.append(
            {
                "hypothesis": h.name,
                "metric": h.metric,
                "better": h.better,
                "worse": h.worse,
                "tasks": len(gap),
                "ahead": int((gap > 1e-12).sum()),
                "difference": float(np.median(gap)),
                "effect": effect,
                "p": float(p),
                "outcome": outcome if p < LEVEL else "not decided",
            }
        )
    return found
