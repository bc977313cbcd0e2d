"""Bounds on what is built in memory, and on what is kept there."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

LIMIT = 2**30  # bytes of the largest array that is built
KEPT = 2**26  # bytes of arrays that one cache keeps

Key = TypeVar("Key", bound=Hashable)
Owner = TypeVar("Owner")
Found = TypeVar("Found")
INSTEAD = (
    "try pauli_polynomial() where gates are few, samples= or steps= where a method has them, or a "
    "model with fewer qubits or features"
)


class TooLargeError(ValueError):
    """An array that would not fit in memory, or takes too long to fill."""


def check_size(size: int, what: str, instead: str = INSTEAD) -> None:
    """Refuse an array that would not fit, and say how large it would be.

    Raises
    ------
    TooLargeError
        If ``size`` bytes exceed the limit.
    """
    if size > LIMIT:
        raise TooLargeError(
            f"model: expected arrays of at most {LIMIT / 2**30:.0f} GiB, found {what} with "
            f"{_gibibytes(size)} GiB; {instead}"
        )


def _gibibytes(size: int) -> str:
    """Write a size that may be too large for a float."""
    return f"{size / 2**30:.3g}" if size < 2**1000 else f"2^{size.bit_length() - 31}"


def kept_with(function: Callable[[Owner], Found]) -> Callable[[Owner], Found]:
    """Remember a function's results for as long as what they were computed from lives."""
    found: WeakKeyDictionary[Owner, Found] = WeakKeyDictionary()

    @wraps(function)
    def remembered(owner: Owner) -> Found:
        if owner not in found:
            found[owner] = function(owner)
        return found[owner]

    remembered.cache_info = lambda: len(found)  # type: ignore[attr-defined]
    return remembered


def kept_arrays(function: Callable[[Key], NDArray[Any]]) -> Callable[[Key], NDArray[Any]]:
    """Remember a function's arrays, the last used ones, up to `KEPT` bytes; none can be changed."""
    found: OrderedDict[Key, NDArray[Any]] = OrderedDict()

    @wraps(function)
    def remembered(key: Key) -> NDArray[Any]:
        array = found.pop(key, None)
        if array is None:
            array = function(key)
            array.flags.writeable = False
        found[key] = array
        while sum(kept.nbytes for kept in found.values()) > KEPT:
            found.popitem(last=False)
        return array

    remembered.cache_info = lambda: sum(kept.nbytes for kept in found.values())  # type: ignore[attr-defined]
    return remembered


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy that cannot be changed: what is cached must not follow its caller's array.

    What owns its numbers and is closed already is returned as it is.
    """
    if type(array) is np.ndarray and array.base is None and not array.flags.writeable:
        return array
    copy = np.array(array)
    copy.flags.writeable = False
    return copy
