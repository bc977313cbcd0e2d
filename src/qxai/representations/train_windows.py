"""A train of tensors taken apart into windows: sets of features outside of which no two meet."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qxai.core import Array, Mask
from qxai.representations.local import LocalPolynomial
from qxai.representations.trigonometric import TrigPolynomial


def opened(
    tensors: Sequence[Array],
    order: Sequence[int],
    windows: Sequence[tuple[int, ...]],
    frequencies: Sequence[Array],
    constant: float,
) -> LocalPolynomial:
    """Return a train as a sum over windows, each term in the first that holds its features."""
    ends = _constants(tensors)
    found = [_window(tensors, order, window, frequencies, ends) for window in windows]
    for number, (window, tensor) in enumerate(zip(windows, found)):
        for earlier in windows[:number]:
            shared = set(window) & set(earlier)
            tensor[tuple(slice(None) if i in shared else 0 for i in window)] = 0.0
    found[0].flat[0] += constant
    parts = [
        TrigPolynomial(tensor, [frequencies[i] for i in window])
        for tensor, window in zip(found, windows)
    ]
    return LocalPolynomial(parts, windows, frequencies)


def multiplied(tensors: Sequence[Array], order: Sequence[int]) -> Array:
    """Return the product of all tensors, with an axis for each feature: (K_1, …, K_d)."""
    flat = np.ones((1, 1))
    for tensor in tensors:
        flat = np.tensordot(flat, tensor, axes=1).reshape(-1, tensor.shape[2])
    whole = flat.reshape([tensor.shape[1] for tensor in tensors])
    return np.ascontiguousarray(whole.transpose(np.argsort(order)))


def scaled(train: Any, weight: float, constant: float) -> dict[str, Any]:
    """Return what is other in ``w f + constant``: the first tensor, and what goes with it."""
    first, *others = train.tensors
    bare = train.depolarised
    return {
        "tensors": [weight * first, *others],
        "constant": weight * train.constant + constant,
        "error": abs(weight) * train.error,
        "depolarised": None if bare is None else [weight * bare[0], *bare[1:]],
    }


def neighbours(windows: Sequence[Sequence[int]], count: int) -> Mask:
    """Return which two of some features have a window in common, (d, d)."""
    result = np.zeros((count, count), bool)
    for window in windows:
        result[np.ix_(window, window)] = True
    return result


def _window(
    tensors: Sequence[Array],
    order: Sequence[int],
    window: tuple[int, ...],
    frequencies: Sequence[Array],
    ends: tuple[list[Array], list[Array]],
) -> Array:
    """Return the coefficients (K_1, …) of all terms of a window's features."""
    inside = [place for place, i in enumerate(order) if i in window]
    state = ends[0][inside[0]]
    for place in range(inside[0], inside[-1] + 1):
        tensor = tensors[place] if place in inside else tensors[place][:, :1]
        state = np.tensordot(state, tensor, axes=1).reshape(-1, tensor.shape[2])
    features = [order[place] for place in inside]
    sizes = [2 * len(frequencies[i]) + 1 for i in features]
    whole = (state @ ends[1][inside[-1] + 1]).reshape(sizes)
    return np.ascontiguousarray(whole.transpose(np.argsort(features)))


def _constants(tensors: Sequence[Array]) -> tuple[list[Array], list[Array]]:
    """Return what stands before each place, (1, χ), and behind, (χ, 1), where nothing varies."""
    left, right = [np.ones((1, 1))], [np.ones((1, 1))]
    for ahead, back in zip(tensors, reversed(tensors)):
        left.append(left[-1] @ ahead[:, 0])
        right.append(back[:, 0] @ right[-1])
    return left, right[::-1]
