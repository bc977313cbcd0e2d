"""The tables that the study writes, and what is summed up from them."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from hypotheses import BASELINE, PRIMARY, SECONDARY
from inference import (
    Sampled,
    by_task,
    comparisons,
    interval,
    ranking,
    resampled,
    signed_rank,
    verdicts,
)
from judging import METRICS

Row = dict[str, Any]
NAMES = ("task", "family", "part", "seed")
JUDGED = (*NAMES, "method", "baseline", *METRICS)
LEADERBOARD = (
    *("method", "metric", "baseline", "tasks", "models"),
    *("mean", "mean_low", "mean_high", "gap", "gap_low", "gap_high", "p"),
)
COLUMNS = {
    "models": (*NAMES, "score", "learnt", "linear", "network", "forest"),
    "results": JUDGED,
    "drawn": tuple(name for name in JUDGED if not name.startswith(("rand", "perm", "max_"))),
    "agreement": ("task", "first", "second", "models", "spearman"),
    "retraining": (*NAMES, "method", "left", "gain"),
    "sensitivity": (
        *(*NAMES, "method", "varied", "value"),
        *("localisation", "known_terms", "infidelity"),
    ),
    "cost": (*NAMES, "method", "baseline", "kind", "shots"),
    "devices": (*NAMES, "method", "noise", "level", "kept", "aside", "localisation"),
    "states": (*NAMES, "method", "states", "localisation"),
    "dependence": (*NAMES, "method", "game", "error", "on_copies"),
    "peers": (*NAMES, "model", "method", "localisation", "known_terms"),
    "timing": ("family", "method", "models", "seconds"),
    "summary": (
        *("family", "baseline", "method", "metric", "tasks", "models"),
        *("mean", "mean_low", "mean_high", "gap", "gap_low", "gap_high"),
    ),
    "leaderboard": LEADERBOARD,
    "ranking": (
        *("metric", "method", "tasks", "models", "mean", "mean_low", "mean_high"),
        *("rank", "rank_low", "rank_high", "friedman", "critical"),
    ),
    "pairs": (
        *("metric", "first", "second", "tasks", "ahead", "behind"),
        *("difference", "effect", "p", "worst_p"),
    ),
    "hypotheses": (
        *("hypothesis", "metric", "better", "worse", "tasks", "ahead"),
        *("difference", "effect", "p", "outcome"),
    ),
}
MADE_BY_CELLS = tuple(COLUMNS)[: tuple(COLUMNS).index("summary")]
DIGITS = {"results": 4, "drawn": 4, "timing": 2}  # significant ones, of others 6
REFERENCE = "Shapley"  # what gaps are counted from: the method of the axioms


def as_csv(name: str, rows: Iterable[Row]) -> bytes:
    """Write a table; nothing where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    digits = DIGITS.get(name, 6)
    for row in rows:
        writer.writerow([_field(row.get(column), digits) for column in COLUMNS[name]])
    return text.getvalue().encode()


def _field(value: Any, digits: int) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def read(content: bytes) -> list[Row]:
    """Read a table back: numbers as numbers, nothing as None."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    return [{name: _value(name, text) for name, text in row.items()} for row in rows]


def _value(name: str, text: str) -> Any:
    if name in (*NAMES, "method", "baseline"):
        return int(text) if name == "seed" else text
    return float(text) if text else None


def derived(written: dict[str, bytes]) -> dict[str, list[Row]]:
    """Return what follows from the written rows, whose digits everybody has."""
    results, drawn = read(written["results"]), read(written["drawn"])
    found = {"summary": summary(results)}
    complete = {row["method"] for row in drawn if row["baseline"] == "mean"}
    if len({row["task"] for row in drawn}) > 2 and complete:
        found |= {
            "leaderboard": leaderboard(drawn, drawn),
            "ranking": ranking(drawn),
            "pairs": comparisons(drawn),
            "hypotheses": verdicts(drawn),
        }
    return found


def mean_agreement(pairs: list[Row]) -> list[Row]:
    """Average the agreement of each pair of methods over the models of a task."""
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in pairs:
        groups[row["task"], row["first"], row["second"]].append(row["spearman"])
    return [
        dict(zip(("task", "first", "second"), names))
        | {"models": len(found), "spearman": float(np.mean(found))}
        for names, found in groups.items()
    ]


def median_timing(rows: list[Row]) -> list[Row]:
    """Return the median time of an explained input, by family and method."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        groups[row["family"], row["method"]].append(row["seconds"])
    return [
        {"family": family, "method": method, "models": len(found)}
        | {"seconds": float(np.median(found))}
        for (family, method), found in groups.items()
    ]


def summary(results: list[Row]) -> list[Row]:
    """Sum up the named tasks: means over tasks, with intervals that resample tasks and models.

    Every method is averaged over the models that it can explain, whose number stands beside;
    ``gap`` is the difference to Shapley values on these same models.
    """
    found = []
    for family, baseline in sorted({(row["family"], row["baseline"]) for row in results}):
        rows = [r for r in results if r["family"] == family and r["baseline"] == baseline]
        for method in dict.fromkeys(row["method"] for row in rows):
            for metric in METRICS:
                own = by_task(rows, metric, method, baseline)
                if not own.tasks:
                    continue
                names = {"family": family, "baseline": baseline, "method": method}
                counts = {"tasks": len(own.tasks), "models": int(np.isfinite(own.values).sum())}
                found.append(
                    names
                    | {"metric": metric}
                    | counts
                    | interval("mean", resampled(own))
                    | _gap(rows, metric, method, baseline)
                )
    return found


def leaderboard(rows: list[Row], reference: list[Row]) -> list[Row]:
    """Return each method's numbers on the drawn tasks, and its difference to the reference.

    ``p`` is that of the signed-rank test over tasks, for this one comparison.
    """
    found = []
    for metric in (*PRIMARY, *SECONDARY):
        for method in dict.fromkeys(row["method"] for row in rows):
            own = by_task(rows, metric, method, BASELINE)
            if not own.tasks:
                continue
            names = {"method": method, "metric": metric, "baseline": BASELINE}
            counts = {"tasks": len(own.tasks), "models": int(np.isfinite(own.values).sum())}
            gaps = paired(rows, reference, metric, method, BASELINE)
            line = names | counts | interval("mean", resampled(own))
            if gaps.tasks and method != REFERENCE:
                line |= interval("gap", resampled(gaps))
                line["p"] = signed_rank(np.nanmean(gaps.values, axis=1))[0]
            found.append(line)
    return found


def _gap(rows: list[Row], metric: str, method: str, baseline: str) -> Row:
    gaps = paired(rows, rows, metric, method, baseline)
    return interval("gap", resampled(gaps)) if gaps.tasks else {}


def paired(
    rows: list[Row], reference: list[Row], metric: str, method: str, baseline: str
) -> Sampled:
    """Return the differences to the reference, on models for which both have a number."""
    own, other = (
        {
            (r["task"], r["seed"]): r[metric]
            for r in some
            if r["method"] == name and r["baseline"] == baseline and r.get(metric) is not None
        }
        for some, name in ((rows, method), (reference, REFERENCE))
    )
    gaps = [
        {"task": key[0], "method": method, "baseline": baseline, "gap": own[key] - other[key]}
        for key in own
        if key in other
    ]
    return by_task(gaps, "gap", method, baseline)
