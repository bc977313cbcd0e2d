"""What pictures of attributions share: names, units, and which features there is room for."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qxai.attribution import Attribution
from qxai.core import Array, Indices

MOST = 20  # rows of one picture
LONGEST = 28  # characters of a name


class Rows(NamedTuple):
    """The features that get a row of their own, and those that share the last one."""

    kept: Indices
    rest: Indices

    def of(self, values: Array) -> Array:
        """Return values (…, d) of the rows: the last one sums the rest."""
        kept = values[..., self.kept]
        if not len(self.rest):
            return kept
        return np.concatenate([kept, values[..., self.rest].sum(axis=-1, keepdims=True)], axis=-1)

    def named(self, names: Sequence[str]) -> list[str]:
        """Return the rows' names: the last one says how many features it sums."""
        last = [f"sum of {len(self.rest)} smaller"] if len(self.rest) else []
        return [names[i] for i in self.kept] + last


def largest(sizes: Array) -> Rows:
    """Return the features by size, as many as there is room for."""
    order = np.argsort(-sizes, kind="stable")
    return (
        Rows(order, order[:0]) if len(order) <= MOST else Rows(order[: MOST - 1], order[MOST - 1 :])
    )


def in_order(sizes: Array) -> Rows:
    """Return the largest features in their own order."""
    kept, rest = largest(sizes)
    return Rows(np.sort(kept), rest)


def short(name: str, longest: int = LONGEST) -> str:
    """Return a name that leaves room for the picture: a long one loses its middle."""
    if len(name) <= longest:
        return name
    half = longest // 2
    return f"{name[:half].rstrip()}…{name[len(name) - half + 1 :].lstrip()}"


def axis_label(attribution: Attribution, what: str = "attribution") -> str:
    """Return what an axis of attributions shows, with its unit."""
    unit = attribution.unit
    return f"{what} ({'units of the output' if unit == 'output' else unit})"


def counted(attribution: Attribution) -> str:
    """Return over how many inputs something is shown."""
    count = len(attribution)
    return f"n = {count} input{'s' if count != 1 else ''}"


def check_row(attribution: Attribution, row: int) -> int:
    """Return which input is meant, or say how many there are.

    Raises
    ------
    IndexError
        If there is no such input.
    """
    count = len(attribution)
    if not -count <= row < count:
        raise IndexError(f"row: expected −{count} to {count - 1}, found {row}")
    return row % count
