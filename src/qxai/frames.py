"""Tables with named columns, as pandas and polars have them, read without importing either."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from qxai.entries import (
    as_objects,
    is_categorical,
    is_number,
    reads_as_number,
    remedy,
    to_float,
    told,
    without,
)

Array = NDArray[np.float64]
Names = tuple[str, ...]


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


def columns_of(name: str, table: Any) -> list[Any]:
    """Return the labels of a table's columns, which differ.

    Raises
    ------
    ValueError
        Naming the labels that stand twice.
    TypeError
        If the table has other columns than those of pandas and polars.
    """
    found = list(table.columns)
    if not all(isinstance(label, Hashable) for label in found):
        raise TypeError(
            f"{name}: expected a table of pandas or polars, or an array, found "
            f"{type(table).__module__}.{type(table).__name__}; most have {name}.to_pandas()"
        )
    refuse_duplicates(name, found)
    return found


def refuse_duplicates(name: str, found: Sequence[Any]) -> None:
    """Refuse a table in which a name stands twice.

    Raises
    ------
    ValueError
        Naming the columns.
    """
    twice = [label for label in dict.fromkeys(found) if list(found).count(label) > 1]
    if twice:
        raise ValueError(
            f"{name}: expected columns with different names, found {_listed(twice)} more than "
            f"once; keep the first of each: {name}.loc[:, ~{name}.columns.duplicated()]"
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


def matched(name: str, table: Any, names: Sequence[str] | None) -> Any:
    """Return a table with its columns in the order of the names, if both have names.

    Raises
    ------
    ValueError
        If the table's names are other ones.
    """
    found = labels(table)
    if names is None or found is None:
        return table
    chosen = [label for label in names if label in found]
    if len(chosen) == len(names):
        advice = f"choose columns, {name}[{chosen}]"
    elif len(found) == len(names):
        renamed = f"set_axis({list(names)}, axis=1)" if hasattr(table, "set_axis") else "to_numpy()"
        advice = f"rename columns, or match by position: {name}.{renamed}"
    else:
        lacking = [label for label in names if label not in found]
        advice = f"it takes columns {_listed(lacking)} too: add them, with the name spelt like this"
    places = order(name, found, names, advice)
    return table[[found[place] for place in places]]


def numbers(name: str, table: Any) -> Array:
    """Return a table's columns as float64 (N, d); what is no number is named by column and row.

    Raises
    ------
    ValueError
        Naming the first column and row that hold text, a missing value or another object.
    """
    found = columns_of(name, table)
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
    if entries.ndim != 1:
        advice = f"drop the column, {without(name, column, [label])}"
        refuse_entry(name, label, 0, column, "several", advice, "one number a row")
    if is_categorical(column) and entries.dtype.kind in "iuf" and len(entries):
        found = f"a category ({entries[0]})"
        refuse_entry(name, label, 0, column, found, to_float(name, label, column))
    if entries.dtype.kind in "iubf" and np.isfinite(entries).all():
        return entries.astype(np.float64)
    entries = as_objects(column)
    wrong = [row for row, entry in enumerate(entries) if not is_number(entry)]
    if wrong:  # among numbers written as text, the odd one out is what to look at
        row = next((row for row in wrong if not reads_as_number(entries[row])), wrong[0])
        found, advice = told(entries[row]), remedy(name, label, row, column)
        refuse_entry(name, label, row, column, found, advice)
    return entries.astype(np.float64)


def refuse_entry(
    name: str,
    label: Any,
    row: int,
    column: Any,
    found: str,
    advice: str,
    expected: str = "finite numbers",
) -> NoReturn:
    """Refuse what stands in one row of a column, and say what to do.

    Raises
    ------
    ValueError
        Always, naming the column, the row and, where it is another number, the row's label.
    """
    index = getattr(column, "index", None)
    known = f" (index {index[row]!r})" if index is not None and list(index[[row]]) != [row] else ""
    raise ValueError(
        f"{name}: expected {expected}, found {found} in column {label!r}, row {row}{known}; "
        f"{advice}"
    )


def _listed(names: Sequence[Any], most: int = 12) -> str:
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
