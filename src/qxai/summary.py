"""How an attribution is written as a table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qxai.background import Background, Marginals
from qxai.core import Array, Indices
from qxai.table import Table

MOST_ROWS, MOST_COLUMNS, DIGITS = 10, 12, 4
MOST_FEATURES = 40  # of one input, below each other


def summary(found: Any) -> Table:
    """Return an attribution's table: one input feature by feature, or several side by side."""
    return _one(found) if len(found.values) == 1 else _several(found)


def _one(found: Any) -> Table:
    """Write one input: a column that adds up from the baseline's output to the input's."""
    kept = _largest(found.values, MOST_FEATURES)
    names = [found.names[i] for i in kept]
    values = found.values[0, kept].tolist()
    columns: dict[str, list[Any]] = {"feature": names}
    for label, row in (("input", found.inputs), ("baseline", found.baseline)):
        if isinstance(row, np.ndarray):
            columns[label] = [_single(found.groups, np.atleast_2d(row)[0], i) for i in kept]
    columns[_title(found)] = values
    if found.standard_error is not None:
        columns["standard error"] = found.standard_error[0, kept].tolist()
    before, after = _ends(found, kept)
    return Table(
        {label: _framed(label, column, before, after) for label, column in columns.items()},
        caption=_caption(found, found.values.shape[1] - len(kept)),
        digits=DIGITS,
    )


def _ends(found: Any, kept: Indices) -> tuple[dict[str, float], dict[str, float]]:
    """Return the rows above and below the features, by name."""
    output = {"output": float(found.output[0])}
    if np.isnan(found.baseline_output[0]):
        return {}, output
    rest = float(found.values[0].sum() - found.values[0, kept].sum())
    others = {"other features": rest} if len(kept) < found.values.shape[1] else {}
    middle = {**others, "residual": float(found.residual[0])}
    return {"output at the baseline": float(found.baseline_output[0])}, middle | output


def _framed(
    label: str, column: list[Any], before: dict[str, float], after: dict[str, float]
) -> list[Any]:
    if label == "feature":
        return [*before, *column, *after]
    if label.startswith("attribution"):
        return [*before.values(), *column, *after.values()]
    return [*([None] * len(before)), *column, *([None] * len(after))]


def _single(groups: Sequence[Sequence[int]] | None, row: Array, player: int) -> float | None:
    """Return a player's input, if the player is one feature."""
    members = [player] if groups is None else groups[player]
    return float(row[members[0]]) if len(members) == 1 else None


def _several(found: Any) -> Table:
    """Write the first inputs as rows, and below them each feature's mean size over all."""
    shown = min(len(found.values), MOST_ROWS)
    kept = _largest(found.values, MOST_COLUMNS)
    parts = [(found.names[i], found.values[:, i]) for i in kept]
    last = [] if np.isnan(found.baseline_output).all() else [("residual", found.residual)]
    columns: list[tuple[str, list[Any]]] = [("input", [*map(str, range(shown)), "mean size"])]
    for name, column in [*parts, ("output", found.output), *last]:
        size = float(np.abs(column).mean()) if len(column) and column is not found.output else None
        columns.append((name, [*column[:shown].tolist(), size]))
    caption = _caption(found, found.values.shape[1] - len(kept))
    return Table(columns, caption=caption, digits=DIGITS, alike=True)


def _largest(values: Array, most: int) -> Indices:
    """Return which features to write, in their order: those of the largest mean size."""
    sizes = np.abs(values).sum(axis=0)
    return np.sort(np.argsort(-sizes, kind="stable")[:most])


def _title(found: Any) -> str:
    return "attribution" if found.unit == "output" else f"attribution ({found.unit})"


def _caption(found: Any, left_out: int) -> str:
    count = len(found.values)
    parts = [found.method, found.route, f"{count} input{'s' if count != 1 else ''}"]
    if isinstance(found.baseline, Background | Marginals):
        parts.append(f"against {len(found.baseline.sample)} rows")
    if count > MOST_ROWS:
        parts.append(f"the first {MOST_ROWS} shown")
    if left_out:
        parts.append(f"{left_out} smaller features not shown")
    if found.unit != "output" and count != 1:
        parts.append(f"values: {found.unit}")
    return ", ".join(part for part in parts if part)
