"""Averages along straight lines, in closed form, however long the lines are."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from qxai.contraction import environments, outer
from qxai.core import Array, ComplexArray


def mean_gradient(
    coefficients: Array, frequencies: Sequence[Array], start: Array, end: Array
) -> Array:
    """Return ``∫₀¹ ∇f(x̃ + t(x − x̃)) dt`` of a trigonometric polynomial.

    Written with waves ``ĉ_k exp(ik·x)``, the mean of a wave over the line is its value in the
    middle times ``sinc(k·δ/2)``, ``δ = x − x̃``; nothing has to be told apart where ``k·δ = 0``.

    Parameters
    ----------
    coefficients : ndarray, shape (K_1, …, K_d)
    frequencies : sequence of ndarrays
    start, end : ndarrays, shape (N, d)

    Returns
    -------
    ndarray, shape (N, d)
    """
    signed = [np.concatenate([[0.0], np.stack([w, -w], axis=1).ravel()]) for w in frequencies]
    waves = reduce(to_waves, range(coefficients.ndim), coefficients.astype(complex)).reshape(-1, 1)
    middle, half = (start + end) / 2, (end - start) / 2
    phases = outer([np.exp(1j * np.multiply.outer(k, m)) for k, m in zip(signed, middle.T)])
    turned = reduce(_outer_sum, [np.multiply.outer(k, h) for k, h in zip(signed, half.T)])
    around = environments(
        waves * phases * np.sinc(turned / np.pi),
        [np.ones((len(k), len(start)), complex) for k in signed],
    )
    return np.stack([(1j * k @ one).real for k, one in zip(signed, around)], axis=1)


def to_waves(tensor: ComplexArray, axis: int) -> ComplexArray:
    """Turn ``a cos + b sin`` along an axis into the coefficients of ``exp(±i…)``."""
    result, parts = np.moveaxis(tensor.copy(), axis, 0), np.moveaxis(tensor, axis, 0)
    result[1::2] = (parts[1::2] - 1j * parts[2::2]) / 2
    result[2::2] = (parts[1::2] + 1j * parts[2::2]) / 2
    return np.moveaxis(result, 0, axis)


def _outer_sum(left: Array, right: Array) -> Array:
    return (left[:, None] + right).reshape(-1, right.shape[1])
