"""Plain numbers and names out of a file, checked before they are used."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from qxai.core import Array
from qxai.entries import is_number


def entry_of(record: Mapping[str, Any], key: str, kind: type) -> Any:
    """Return an entry of a record.

    Raises
    ------
    ValueError
        If the record has none, or one of another kind.
    """
    found = record.get(key) if isinstance(record, Mapping) else None
    if not isinstance(found, kind):
        raise ValueError(f"{key}: expected a {kind.__name__}, found {str(found)[:80]!r}")
    return found


def numbers_of(record: Mapping[str, Any], key: str, count: int | None = None) -> Array:
    """Return a list of finite numbers as an array.

    Raises
    ------
    ValueError
        If it holds something else, or not as many.
    """
    expected = f"{key}: expected {'' if count is None else f'{count} '}finite numbers"
    found = entry_of(record, key, list)
    if not all(map(is_number, found)) or count not in (None, len(found)):
        raise ValueError(f"{expected}, found {str(found)[:80]}")
    return np.array(found, dtype=np.float64)


def texts_of(record: Mapping[str, Any], key: str, count: int | None = None) -> tuple[str, ...]:
    """Return a list of different texts.

    Raises
    ------
    ValueError
        If it holds something else, or not as many.
    """
    found = entry_of(record, key, list)
    texts = all(isinstance(text, str) for text in found)
    if not texts or len(set(found)) != len(found) or count not in (None, len(found)):
        expected = "different texts" if count is None else f"{count} different texts"
        raise ValueError(f"{key}: expected {expected}, found {str(found)[:80]}")
    return tuple(found)
