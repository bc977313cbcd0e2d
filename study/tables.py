"""The tables that the study writes, and what is summed up from them."""

import csv
import io
import zlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from declaration import RESAMPLES
from judging import METRICS

from qxai.core import Array, Indices

Row = dict[str, Any]
Names = tuple[str, str, str]
Model = tuple[str, int]
Values = dict[Model, float]
NAMES = ("task", "family", "sweep", "seed")
COLUMNS = {
    "models": (*NAMES, "score", "learnt", "linear", "network", "forest"),
    "results": (*NAMES, "method", "baseline", *METRICS),
    "agreement": ("task", "family", "first", "second", "models", "spearman", "top_two"),
    "shots": (*NAMES, "method", "shots"),
    "noise": (*NAMES, "method", "level", "kept", "correlation", "localisation_auc"),
    "timing": (*NAMES, "method", "baseline", "seconds"),
    "summary": (
        *("family", "baseline", "method", "metric", "tasks", "models"),
        *("mean", "low", "high", "gap", "gap_low", "gap_high"),
    ),
}
REFERENCE = "Shapley"  # what gaps are counted from: the method of the axioms


def as_csv(name: str, rows: Iterable[Row]) -> bytes:
    """Write a table; numbers to nine digits, nothing where there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    for row in rows:
        writer.writerow([_field(row.get(column)) for column in COLUMNS[name]])
    return text.getvalue().encode()


def _field(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def mean_agreement(pairs: list[Row]) -> list[Row]:
    """Average the agreement of each pair of methods over the main models of a task."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in pairs:
        if row["sweep"] == "main":
            groups[row["task"], row["family"], row["first"], row["second"]].append(row)
    return [
        dict(zip(("task", "family", "first", "second"), names))
        | {"models": len(rows)}
        | {name: float(np.mean([row[name] for row in rows])) for name in ("spearman", "top_two")}
        for names, rows in groups.items()
    ]


def summary(results: list[Row]) -> list[Row]:
    """Sum up the main models: mean over tasks, and 95 % intervals from resampling seeds.

    Inputs of one model are not independent, so models are resampled, within each task. All methods
    that a metric has numbers for are averaged over the same models: those where none of them lacks
    one. ``gap`` is the difference to Shapley values on the same resampled models.
    """
    groups: dict[Names, dict[str, Values]] = defaultdict(lambda: defaultdict(dict))
    for row in results:
        if row["sweep"] == "main":
            for metric in METRICS:
                value = row.get(metric)
                if value is not None and np.isfinite(value):
                    group = groups[row["family"], row["baseline"], metric]
                    group[row["method"]][row["task"], row["seed"]] = value
    return [
        {"family": family, "baseline": baseline, "method": method, "metric": metric}
        | _interval(values, methods[REFERENCE], shared)
        for (family, baseline, metric), methods in groups.items()
        for shared in [_shared(methods)]
        if shared
        for method, values in methods.items()
    ]


def _shared(methods: dict[str, Values]) -> dict[str, list[Model]]:
    """Return the models, by task, that all methods have a number for."""
    by_task: dict[str, list[Model]] = defaultdict(list)
    for key in sorted(set.intersection(*(set(values) for values in methods.values()))):
        by_task[key[0]].append(key)
    return by_task


def _interval(values: Values, reference: Values, shared: dict[str, list[Model]]) -> Row:
    own, other = np.zeros(RESAMPLES + 1), np.zeros(RESAMPLES + 1)
    for task, keys in shared.items():
        picks = _picks(task, len(keys))
        own += np.array([values[key] for key in keys])[picks].mean(axis=1) / len(shared)
        other += np.array([reference[key] for key in keys])[picks].mean(axis=1) / len(shared)
    counts = {"tasks": len(shared), "models": sum(map(len, shared.values()))}
    return counts | _described("", own) | _described("gap", own - other)


def _picks(task: str, count: int) -> Indices:
    """Return all rows, then resamples of them: the same for all methods."""
    rng = np.random.default_rng([zlib.crc32(task.encode()), count])
    return np.vstack([np.arange(count), rng.integers(0, count, (RESAMPLES, count))])


def _described(prefix: str, resampled: Array) -> Row:
    low, high = np.quantile(resampled[1:], [0.025, 0.975])
    mean = prefix or "mean"
    joint = f"{prefix}_" if prefix else ""
    return {mean: float(resampled[0]), f"{joint}low": float(low), f"{joint}high": float(high)}
