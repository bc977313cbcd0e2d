"""What a column of a table holds, and what to do about what is no number in it.

Advice is written for the table it is given about: as code, for pandas or for polars.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_SHOWN = 60  # letters
CATEGORIES = ("CategoricalDtype", "Categorical", "Enum")  # of pandas and of polars


def as_objects(column: Any) -> NDArray[Any]:
    """Return a column's entries as they are: a time stays a time, and is no count."""
    entries = np.asarray(column)
    if entries.dtype.kind not in "mM":
        return entries.astype(object)
    objects = np.empty(len(entries), object)
    objects[:] = list(entries)
    return objects


def is_categorical(column: Any) -> bool:
    """Tell whether a column is declared to hold categories."""
    return type(getattr(column, "dtype", None)).__name__ in CATEGORIES


def is_number(entry: Any) -> bool:
    """Tell whether an entry is a finite real number."""
    kinds = (int, float, np.integer, np.floating, np.bool_)
    return isinstance(entry, kinds) and not _is_time(entry) and _is_finite(entry)


def is_missing(entry: Any) -> bool:
    """Tell whether an entry stands for a missing value: None, NaN, pandas' NA and NaT."""
    if entry is None or type(entry).__name__ in ("NAType", "NaTType"):
        return True
    if _is_time(entry):
        return bool(np.isnat(entry))
    return isinstance(entry, float | np.floating) and bool(np.isnan(entry))


def reads_as_number(entry: Any) -> bool:
    """Tell whether an entry is a number, or text that says one."""
    return not isinstance(entry, bool | np.bool_) and not _is_time(entry) and _is_finite(entry)


def told(entry: Any) -> str:
    """Return what an error says was found."""
    if is_missing(entry):
        return "a missing value"
    shown = f"the time {entry}" if _is_time(entry) else repr(entry)
    return shown if len(shown) < MOST_SHOWN else f"{shown[:MOST_SHOWN]}…"


def remedy(name: str, label: Any, row: int, column: Any) -> str:
    """Return how to make numbers of the column of a table ``name`` whose row ``row`` is none."""
    entries = as_objects(column)
    entry = entries[row]
    if is_missing(entry):
        return without_missing(name, label, column)
    if isinstance(entry, str):
        some = any(map(reads_as_number, entries))
        return text_to_numbers(name, label, column) if some else encoded(name)
    if isinstance(entry, int | float | np.floating) and not _is_time(entry):
        return f"keep the other rows, {_rows(name, column, f'{_at(name, label)}.abs() < 1e308')}"
    if isinstance(entry, complex | np.complexfloating):
        return f"take magnitudes, {_changed(name, label, column, '.abs()', '.abs()')}"
    if _is_time(entry):
        return _counted(name, label, column, entry)
    if reads_as_number(entry):
        return to_float(name, label, column)
    if type(entry).__name__ == "Period":
        return f"make times of it, {_at(name, label)} = {_at(name, label)}.dt.to_timestamp()"
    if hasattr(entry, "year") and hasattr(column, "dt"):  # times of a zone
        return _counted(name, label, column, entry)
    if hasattr(entry, "year"):
        return f"make times of it, {_at(name, label)} = pandas.to_datetime({_at(name, label)})"
    return f"drop the column, {without(name, column, [label])}"


def without_missing(name: str, label: Any, column: Any) -> str:
    """Return how to be rid of missing numbers."""
    at, floats = _at(name, label), np.asarray(column).dtype.kind == "f"
    drop = _dropped(name, label, column)
    if not floats or is_categorical(column) or all(map(is_missing, as_objects(column))):
        return drop
    if _is_polars(column):
        return f"drop such rows, {name}.filter({at}.is_finite())"
    return f"{drop}, or fill them, {at} = {at}.fillna({at}.median())"


def without_gaps(name: str, label: Any, column: Any) -> str:
    """Return how to be rid of missing categories, or to make one of them."""
    drop, at, entries = _dropped(name, label, column), _at(name, label), as_objects(column)
    if all(map(is_missing, entries)) or any(map(reads_as_number, entries)):
        return drop
    if _is_polars(column):
        filled = f"{name}.with_columns({at}.cast(str).fill_null('missing'))"
    else:
        filled = f"{at} = {at}.astype(object).fillna('missing')"
    return f"{drop}, or make a category of them, {filled}"


def with_levels(name: str, label: Any, column: Any, levels: Sequence[Any]) -> str:
    """Return how to keep the rows whose category is known."""
    isin = "is_in" if _is_polars(column) else "isin"
    return _rows(name, column, f"{_at(name, label)}.{isin}({list(levels)})")


def text_to_numbers(name: str, label: Any, column: Any) -> str:
    """Return how to read numbers that are written as text, what marks missing ones as missing."""
    at = _at(name, label)
    if _is_polars(column):
        return f"read it as numbers, {name}.with_columns({at}.cast(str).cast(float, strict=False))"
    return f"read it as numbers, {at} = pandas.to_numeric({at}, errors='coerce')"


def encoded(name: str) -> str:
    """Return how to make angles of categories."""
    return f"angles of categories are qxai.datasets.TableScaler.fitted({name}).angles({name})"


def to_float(name: str, label: Any, column: Any) -> str:
    """Return how to turn objects that are numbers into floats."""
    change = _changed(name, label, column, ".astype(float)", ".cast(float)")
    return f"if these are quantities, {change}"


def without(name: str, source: Any, found: Sequence[Any]) -> str:
    """Return how to drop columns of a table, or of an array."""
    if _is_polars(source):
        return f"{name}.drop({list(found)})"
    if hasattr(source, "iloc"):
        return f"{name}.drop(columns={list(found)})"
    return f"numpy.delete({name}, {list(found)}, axis=1)"


def _dropped(name: str, label: Any, column: Any) -> str:
    """Return how to drop rows in which a column has no value; the column, if none has."""
    if all(map(is_missing, as_objects(column))):
        return f"drop the column, {without(name, column, [label])}"
    rows = f"drop_nulls([{label!r}])" if _is_polars(column) else f"dropna(subset=[{label!r}])"
    return f"drop such rows, {name}.{rows}"


def _is_time(entry: Any) -> bool:
    return isinstance(entry, np.datetime64 | np.timedelta64)


def _is_finite(entry: Any) -> bool:
    """Tell whether an entry is a finite number once it is made one."""
    try:
        return np.ndim(entry) == 0 and bool(np.isfinite(float(entry)))
    except (TypeError, ValueError, OverflowError):
        return False


def _counted(name: str, label: Any, column: Any, entry: Any) -> str:
    at = _at(name, label)
    if _is_polars(column):
        return f"count time, {name}.with_columns({at}.to_physical())"
    since = at if isinstance(entry, np.timedelta64) else f"({at} - {at}.min())"
    return f"count seconds, {at} = {since}.dt.total_seconds()"


def _changed(name: str, label: Any, column: Any, in_pandas: str, in_polars: str) -> str:
    at = _at(name, label)
    if _is_polars(column):
        return f"{name}.with_columns({at}{in_polars})"
    return f"{at} = {at}{in_pandas}"


def _rows(name: str, column: Any, condition: str) -> str:
    return f"{name}.filter({condition})" if _is_polars(column) else f"{name}[{condition}]"


def _at(name: str, label: Any) -> str:
    return f"{name}[{label!r}]"


def _is_polars(source: Any) -> bool:
    return hasattr(source, "drop_nulls")
