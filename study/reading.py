"""The study's tables as the book shows them: what stands behind a number stands beside it."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypotheses import ENTRANTS
from judging import METRICS
from methods import CONTROLS

import qxai
from qxai import datasets

TITLES = {
    "localisation": "localisation",
    "relevance_mass": "mass",
    "known_terms": "known terms",
    "completeness": "residual",
    "deletion": "deletion",
    "insertion": "insertion",
    "infidelity": "infidelity",
    "faithfulness": "faithfulness",
    "transfer": "transfer",
    "gini": "Gini",
    "max_sensitivity": "sensitivity",
    "randomised_last": "last layer",
    "randomised_all": "randomised",
    "permuted": "permuted",
}
ARROWS = {"larger": "↑", "smaller": "↓", "near 0": "→ 0", "neither": ""}
# Where hypotheses, entrants, outcomes and analysis were written down, before any of these tables.
DECLARED = "78f86f8a8ad02ce5df3bf1cee691b51600fe12f1"
STAR = "*: the metric asks about the outputs that the method is made from"


def read(name: str) -> pd.DataFrame:
    """Return a table of the study."""
    return pd.read_csv(io.BytesIO(datasets.read_data(f"results/{name}.csv")))


def title(metric: str) -> str:
    """Return a metric's name with an arrow to where it is better."""
    return f"{TITLES[metric]} {ARROWS[METRICS[metric][0]]}".strip()


def with_interval(row: Any, prefix: str = "mean", star: str = "", digits: int = 2) -> str:
    """Write a number with its interval."""
    value, low, high = (row[name] for name in (prefix, f"{prefix}_low", f"{prefix}_high"))
    return f"{_fixed(value, digits)}{star} [{_fixed(low, digits)}, {_fixed(high, digits)}]"


def _fixed(value: float, digits: int) -> str:
    return f"{0.0 if abs(value) < 0.5 * 10**-digits else value:.{digits}f}"


def star(metric: str, method: str) -> str:
    """Return a star where a metric plays a method's own game."""
    return "*" if method in METRICS[metric][1] else ""


def named(
    metrics: Sequence[str],
    family: str = "encoding-first",
    baseline: str = "mean",
    methods: Sequence[str] | None = None,
    caption: str = "",
) -> qxai.Table:
    """Return means over the named tasks, with intervals and what they were taken over."""
    summary = read("summary")
    rows = summary[(summary.family == family) & (summary.baseline == baseline)]
    names = list(dict.fromkeys(rows.method)) if methods is None else list(methods)
    tasks = rows[rows.metric == "deletion"].set_index("method").tasks
    fewer = [m for m in names if tasks.get(m, 0) < tasks.max()]
    columns: dict[str, list[str]] = {"method": [f"{m}°" if m in fewer else m for m in names]}
    counts = []
    for metric in metrics:
        found = rows[rows.metric == metric].set_index("method")
        columns[title(metric)] = [
            with_interval(found.loc[m], star=star(metric, m)) if m in found.index else "–"
            for m in names
        ]
        counts.append(f"{TITLES[metric]} {_counted(found.loc[found.index.isin(names)])}")
    notes = [f"tasks (models): {'; '.join(counts)}", "brackets: 95 % over tasks and seeds"]
    marked = any("*" in cell for cells in list(columns.values())[1:] for cell in cells)
    few = ["°: on fewer tasks, not to be compared with other rows"] if fewer else []
    return qxai.Table(columns, caption, notes=[*notes, *([STAR] if marked else []), *few])


def _counted(rows: pd.DataFrame) -> str:
    """Write for how many tasks and models there are numbers, the least and the most."""
    low, high = rows.tasks.min(), rows.tasks.max()
    tasks = f"{low}" if low == high else f"{low} to {high}"
    few, many = rows.models.min(), rows.models.max()
    return f"{tasks} ({few})" if few == many else f"{tasks} ({few} to {many})"


def ranking(metric: str, caption: str = "") -> qxai.Table:
    """Return the entrants' means and mean ranks on the drawn tasks."""
    rows = read("ranking")
    rows = rows[rows.metric == metric].sort_values("rank", kind="stable")
    columns = {
        "method": rows.method.tolist(),
        title(metric): [with_interval(r, star=star(metric, r.method)) for _, r in rows.iterrows()],
        "mean rank": rows["rank"].round(2).tolist(),
        "one task less": [f"{r.rank_low:.2f} to {r.rank_high:.2f}" for _, r in rows.iterrows()],
    }
    first = rows.iloc[0]
    notes = [
        f"{first.tasks} tasks, {rows.models.max()} models",
        f"Friedman p {_small(first.friedman)}; ranks differ from {first.critical:.2f} on (Nemenyi)",
        *([STAR] if any(star(metric, method) for method in rows.method) else []),
    ]
    return qxai.Table(columns, caption, notes=notes)


def _small(p: float) -> str:
    return f"{p:.2f}" if p >= 0.01 else f"{p:.0e}"


def supported(metric: str, caption: str = "") -> qxai.Table:
    """Return the pairs of entrants that the drawn tasks tell apart, the better one first."""
    rows = read("pairs")
    rows = rows[(rows.metric == metric) & (rows.p < 0.05)]
    swapped = rows.effect < 0
    columns = {
        "better": np.where(swapped, rows.second, rows["first"]).tolist(),
        "than": np.where(swapped, rows["first"], rows.second).tolist(),
        "tasks ahead": [
            f"{b if s else a} of {n}"
            for a, b, n, s in zip(rows.ahead, rows.behind, rows.tasks, swapped)
        ],
        "effect": rows.effect.abs().round(2).tolist(),
        "p (Holm)": [_small(p) for p in rows.p],
        "one task less": [_small(p) for p in rows.worst_p],
    }
    return qxai.Table(columns, caption, notes=["effect: rank-biserial correlation, 1 is always"])


def hypotheses(caption: str = "") -> qxai.Table:
    """Return what became of the claims that were written down before the run."""
    rows = read("hypotheses")
    columns = {
        "": rows.hypothesis.tolist(),
        "claim": [f"{a} before {b}" for a, b in zip(rows.better, rows.worse)],
        "outcome": rows.outcome.tolist(),
        "by": [TITLES[metric] for metric in rows.metric],
        "tasks ahead": [f"{a} of {n}" for a, n in zip(rows.ahead, rows.tasks)],
        "effect": rows.effect.round(2).tolist(),
        "p (Holm)": [_small(p) for p in rows.p],
    }
    return qxai.Table(columns, caption)


def entries() -> pd.DataFrame:
    """Return the leaderboard: the study's own rows, then those that were entered."""
    found = [read("leaderboard")]
    folder = datasets.data_directory() / "entries"
    for path in sorted(folder.glob("*-leaderboard.csv")):
        content = datasets.read_data(f"entries/{path.name}")
        rows = pd.read_csv(io.BytesIO(content))
        found.append(rows[~rows.method.isin(CONTROLS)])
    return pd.concat(found, ignore_index=True)


def leaderboard(metric: str, caption: str = "") -> qxai.Table:
    """Return everybody on the drawn tasks by one metric, the best mean first."""
    rows = entries()
    rows = rows[rows.metric == metric]
    rows = rows.sort_values("mean", ascending=METRICS[metric][0] == "smaller", kind="stable")
    columns = {
        "method": rows.method.tolist(),
        title(metric): [with_interval(r, star=star(metric, r.method)) for _, r in rows.iterrows()],
        "less Shapley's": [
            "–" if np.isnan(r.gap) else with_interval(r, "gap") for _, r in rows.iterrows()
        ],
        "p": ["–" if np.isnan(p) else _small(p) for p in rows.p],
        "kind": [_kind(method) for method in rows.method],
        "tasks (models)": [f"{t} ({m})" for t, m in zip(rows.tasks, rows.models)],
    }
    return qxai.Table(columns, caption)


def _kind(method: str) -> str:
    if method in CONTROLS:
        return "control"
    return "of the study" if method in ENTRANTS else "entered"
