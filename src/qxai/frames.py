"""Tables with named columns, as pandas and polars have them, read without importing either."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Names = tuple[str, ...]
MISSING = "drop such rows, X.dropna(), or fill them, X.fillna(X.median(numeric_only=True))"
TEXT = (
    "turn text into numbers: qxai.datasets.TableScaler.fitted(X).angles(X) encodes categories; a "
    "mark for missing values becomes NaN by pandas.to_numeric(column, errors='coerce')"
)


def is_table(value: object) -> bool:
    """Tell a table with named columns from an array: it has ``columns`` to be asked for."""
    return hasattr(value, "columns") and hasattr(value, "__getitem__")


def labels(value: Any) -> Names | None:
    """Return the names of a table's columns or of a series' entries; None where they have none.

    As in scikit-learn, names are text: what counts positions (0, 1, …) is no name.
    """
    if isinstance(value, Mapping):
        found = list(value)
    elif is_table(value):
        found = list(value.columns)
    elif hasattr(value, "index") and hasattr(value, "to_numpy"):
        found = list(value.index)
    else:
        return None
    return tuple(found) if found and all(isinstance(name, str) for name in found) else None


def refuse_duplicates(name: str, found: Sequence[str] | None) -> None:
    """Refuse a table in which a name stands twice.

    Raises
    ------
    ValueError
        Naming the columns.
    """
    twice = sorted({label for label in found or () if list(found or ()).count(label) > 1})
    if twice:
        raise ValueError(
            f"{name}: expected columns with different names, found {_listed(twice)} more than "
            "once; keep the first of each: X.loc[:, ~X.columns.duplicated()]"
        )


def order(name: str, found: Sequence[str], wanted: Sequence[str], instead: str) -> list[int]:
    """Return where each wanted name stands among those found, which must be the same ones.

    Raises
    ------
    ValueError
        Naming what is missing and what is too much; ends with the advice ``instead``.
    """
    refuse_duplicates(name, found)
    if set(found) == set(wanted):
        return [list(found).index(label) for label in wanted]
    missing = [label for label in wanted if label not in found]
    surplus = [label for label in found if label not in wanted]
    faults = [
        f"{fault} {_listed(which)}"
        for fault, which in (("without", missing), ("with", surplus))
        if which
    ]
    raise ValueError(
        f"{name}: expected the names {_listed(wanted)}, found a table {' and '.join(faults)}; "
        f"{instead}"
    )


def numbers(name: str, table: Any) -> Array:
    """Return a table's columns as float64 (N, d); what is no number is named by column and row.

    Raises
    ------
    ValueError
        Naming the first column and row that hold text, a missing value or another object.
    """
    found = list(table.columns)
    refuse_duplicates(name, [label for label in found if isinstance(label, str)])
    columns = [column_numbers(name, label, table[label]) for label in found]
    return np.column_stack(columns) if columns else np.empty((len(table), 0))


def column_numbers(name: str, label: Any, column: Any) -> Array:
    """Return one column as float64 (N,).

    Raises
    ------
    ValueError
        Naming the column and the first row that holds no finite number.
    """
    entries = np.asarray(column)
    if entries.dtype.kind in "iub":
        return entries.astype(np.float64)
    if entries.dtype.kind != "f":
        entries = entries.astype(object)
        if (row := _first(entries, lambda entry: not is_number(entry))) is not None:
            _refuse(name, label, row, entries[row], column)
        entries = entries.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(entries))
    if len(wrong):
        _refuse(name, label, int(wrong[0]), entries[wrong[0]], column)
    return entries.astype(np.float64)


def is_number(entry: Any) -> bool:
    """Tell whether an entry of a column of objects is a finite real number."""
    kinds = (int, float, np.integer, np.floating, np.bool_)
    return isinstance(entry, kinds) and bool(np.isfinite(entry))


def is_missing(entry: Any) -> bool:
    """Tell whether an entry stands for a missing value: None, NaN, pandas' NA and NaT."""
    if entry is None or type(entry).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(entry, float | np.floating) and bool(np.isnan(entry))


def _first(entries: NDArray[Any], wrong: Any) -> int | None:
    return next((row for row, entry in enumerate(entries) if wrong(entry)), None)


def _refuse(name: str, label: Any, row: int, entry: Any, column: Any) -> None:
    index = getattr(column, "index", None)
    known = f" (index {index[row]!r})" if index is not None and list(index[[row]]) != [row] else ""
    kind = "a missing value" if is_missing(entry) else repr(entry)
    remedy = MISSING if is_missing(entry) else TEXT
    if isinstance(entry, float | np.floating) and np.isinf(entry):
        remedy = "drop or correct such rows"
    raise ValueError(
        f"{name}: expected finite numbers, found {kind} in column {label!r}, row {row}{known}; "
        f"{remedy}"
    )


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
