"""Text, categories and truth values as angles: one column a level, 0 or π."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qxai.core import Array, Indices
from qxai.entries import (
    as_objects,
    is_categorical,
    is_missing,
    reads_as_number,
    text_to_numbers,
    told,
    with_levels,
    without,
    without_gaps,
)
from qxai.frames import refuse_entry

Level = str | bool | int | float
MOST = 32  # levels: each of them is a feature, and most often a qubit


@dataclass(frozen=True)
class Levels:
    """The levels of a categorical column, in a fixed order.

    Attributes
    ----------
    column : str
    levels : tuple of str, bool, int or float, length at least 2
    """

    column: str
    levels: tuple[Level, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features: one a level; of two levels one tells the other."""
        shown = self.levels if len(self.levels) > 2 else self.levels[1:]
        return tuple(f"{self.column}={level}" for level in shown)

    def angles(self, codes: Indices) -> Array:
        """Return the features (N, k) of rows of which the number of each level is known (N,)."""
        shown = np.arange(len(self.levels) - len(self.names), len(self.levels))
        return np.pi * (codes[:, None] == shown)

    def codes(self, column: Any, label: Any) -> Indices:
        """Return the number of each row's level, shape (N,).

        Raises
        ------
        ValueError
            Naming column and row of a level that is unknown.
        """
        known = {level: number for number, level in enumerate(self.levels)}
        kept = f"keep the rows with known ones, {with_levels('X', label, column, self.levels)}"
        expected = f"one of the levels {', '.join(map(repr, self.levels))}"
        for row, entry in enumerate(as_objects(column)):
            if is_missing(entry):
                refuse_entry("X", label, row, column, told(entry), kept, expected)
        entries = read(column, label)
        for row, entry in enumerate(entries):
            if entry not in known:
                advice = f"{kept}, or fit on rows that have it too"
                refuse_entry("X", label, row, column, f"the level {entry!r}", advice, expected)
        return np.array([known[entry] for entry in entries], dtype=np.intp)


def fitted(column: Any, label: Any, name: str) -> Levels:
    """Return the sorted levels of a column, named ``name``, of training rows.

    Raises
    ------
    ValueError
        If a value is missing, or there are too many levels.
    """
    levels = sorted(set(read(column, label)), key=lambda level: (type(level).__name__, level))
    if len(levels) > MOST:
        raise ValueError(
            f"X: expected categories of at most {MOST} levels, found {len(levels)} in column "
            f"{label!r}, such as {levels[0]!r}; drop it, {without('X', column, [label])}"
        )
    return Levels(name, tuple(levels))


def read(column: Any, label: Any) -> list[Level]:
    """Return the entries of a categorical column as Python's own text, truth values and numbers.

    Raises
    ------
    ValueError
        Naming column and row of what is missing or something else.
    """
    return [_level(entry, row, column, label) for row, entry in enumerate(as_objects(column))]


def _level(entry: Any, row: int, column: Any, label: Any) -> Level:
    plain = entry.item() if isinstance(entry, np.generic) else entry
    if is_missing(plain):
        advice = without_gaps("X", label, column)
        refuse_entry("X", label, row, column, told(entry), advice, "categories")
    if not is_level(plain):
        advice = f"drop the column, {without('X', column, [label])}"
        expected = "categories that are text, truth values or numbers"
        refuse_entry("X", label, row, column, told(entry), advice, expected)
    return str(plain) if isinstance(plain, str) else plain


def is_level(entry: Any) -> bool:
    """Tell whether an entry can be a level: text, a truth value or a finite number."""
    finite = not isinstance(entry, float) or bool(np.isfinite(entry))
    return isinstance(entry, str | bool | int | float) and finite


def from_list(column: str, found: Any) -> Levels:
    """Return the levels of a column that a file lists.

    Raises
    ------
    ValueError
        If they are none.
    """
    if not (
        isinstance(found, list)
        and 2 <= len(found) <= MOST
        and all(map(is_level, found))
        and len(set(found)) == len(found)
    ):
        raise ValueError(
            f"{column}: expected 2 to {MOST} different levels, found {str(found)[:80]}"
        )
    return Levels(column, tuple(found))


def holds_categories(column: Any, label: Any) -> bool:
    """Tell whether a column holds categories, where nobody said so.

    Raises
    ------
    ValueError
        If it holds text beside numbers, or numbers written as text: it could be either.
    """
    entries = np.asarray(column)
    if is_categorical(column) or entries.dtype.kind == "b":
        return True
    if entries.dtype.kind in "iufcmM":
        return False
    objects: NDArray[Any] = as_objects(column)
    texts = [row for row, entry in enumerate(objects) if isinstance(entry, str)]
    if texts and any(map(reads_as_number, objects)):
        odd = next((row for row in texts if not reads_as_number(objects[row])), None)
        found = "numbers written as text" if odd is None else f"{objects[odd]!r} among numbers"
        refuse_entry(
            "X", label, texts[0] if odd is None else odd, column, found,
            f"{text_to_numbers('X', label, column)}, or name it in categories=[{label!r}]",
            "numbers or categories",
        )  # fmt: skip
    present = [entry for entry in objects if not is_missing(entry)]
    return bool(texts) or (bool(present) and all(isinstance(e, bool | np.bool_) for e in present))


def chosen(categories: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the columns that are named as categorical.

    Raises
    ------
    ValueError
        If there is no such column.
    TypeError
        If it is one text.
    """
    if isinstance(categories, str):
        raise TypeError(
            f"categories: expected a list of columns, found {categories!r}; write [{categories!r}]"
        )
    for name in categories:
        if name not in names:
            raise ValueError(
                f"categories: expected columns among {', '.join(names)}, found {name!r}; "
                f"write categories={[known for known in categories if known in names]}"
            )
    return set(categories)
