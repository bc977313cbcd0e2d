"""What a train of tensors has to be."""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from qxai.core import Array
from qxai.memory import frozen
from qxai.representations.basis import checked_frequencies


def checked(train: Any) -> dict[str, Any]:
    """Return the fields of a train as they are kept.

    Raises
    ------
    ValueError
        If shapes do not fit, numbers are not finite, or features are not those that there are.
    """
    lists = checked_frequencies(train.frequencies)
    order = _order(train.order, len(lists))
    tensors = checked_tensors(train.tensors, order, [2 * len(w) + 1 for w in lists])
    windows = checked_windows(train.windows, len(lists))
    _check_numbers(train.constant, train.error)
    _check_outside(tensors, order, windows)
    return {
        "frequencies": lists,
        "order": order,
        "tensors": tensors,
        "windows": windows,
        "depolarised": _bare(train.depolarised, tensors),
    }


def _order(order: Sequence[int] | None, count: int) -> tuple[int, ...]:
    if order is None:
        return tuple(range(count))
    try:
        return tuple(map(operator.index, order))
    except TypeError:
        raise ValueError(f"order: expected whole numbers, found {order}") from None


def _check_numbers(constant: float, error: float) -> None:
    for name, value, least in (("constant", constant, -math.inf), ("error", error, 0.0)):
        if not (
            np.isscalar(value) and np.isreal(value) and math.isfinite(value) and value >= least
        ):
            raise ValueError(f"{name}: expected a finite number, found {value!r}")


def _check_outside(
    tensors: Sequence[Array], order: Sequence[int], windows: Sequence[Sequence[int]] | None
) -> None:
    """Refuse windows without a feature that varies."""
    inside = set(order) if windows is None else {i for window in windows for i in window}
    for tensor, feature in zip(tensors, order):
        if feature not in inside and tensor[:, 1:].any():
            raise ValueError(
                f"windows: expected every feature that varies in one, found none with {feature}"
            )


def _bare(bare: Sequence[Array] | None, tensors: Sequence[Array]) -> tuple[Array, ...] | None:
    if bare is None:
        return None
    found = tuple(frozen(np.asarray(matrix, dtype=np.float64)) for matrix in bare)
    expected = [(len(t), t.shape[2]) for t in tensors]
    if [m.shape for m in found] != expected or not all(np.isfinite(m).all() for m in found):
        raise ValueError(
            f"depolarised: expected finite matrices of shapes {expected}, found "
            f"{[m.shape for m in found]}"
        )
    return found


def checked_tensors(
    tensors: Sequence[Array], order: Sequence[int], sizes: Sequence[int]
) -> tuple[Array, ...]:
    """Return the tensors of a train of features with so many functions each, closed to change.

    Raises
    ------
    ValueError
        If there is not one for each feature, one does not fit its neighbours or its feature, or a
        number is not finite.
    """
    found = tuple(frozen(np.asarray(tensor, dtype=np.float64)) for tensor in tensors)
    if sorted(order) != list(range(len(sizes))) or len(found) != len(sizes):
        raise ValueError(
            f"tensors, order: expected one of each for {len(sizes)} features, found {len(found)} "
            f"tensors in the order {tuple(order)}"
        )
    shapes = [tensor.shape for tensor in found]
    before = [1, *(shape[-1] if shape else 0 for shape in shapes[:-1])]
    expected = [(bond, sizes[i]) for bond, i in zip(before, order)]
    if [s[:2] for s in shapes] != expected or {len(s) for s in shapes} != {3} or shapes[-1][2] > 1:
        raise ValueError(
            f"tensors: expected shapes (χ, K, χ') that begin with {expected} and end with 1, found "
            f"{shapes}"
        )
    if not all(np.isfinite(tensor).all() for tensor in found):
        raise ValueError("tensors: expected finite numbers, found NaN or infinity")
    return found


def checked_windows(
    windows: Sequence[Sequence[int]] | None, count: int
) -> tuple[tuple[int, ...], ...] | None:
    """Return sets of some features as tuples.

    Raises
    ------
    ValueError
        If one holds another feature, or one twice.
    """
    if windows is None:
        return None
    try:
        found = tuple(tuple(map(operator.index, window)) for window in windows)
    except TypeError:
        raise ValueError(f"windows: expected sets of features, found {windows}") from None
    for window in found or ((),):
        if not window or len(set(window)) < len(window) or not set(window) <= set(range(count)):
            raise ValueError(
                f"windows: expected sets of features from 0 to {count - 1}, found {found}"
            )
    return found
