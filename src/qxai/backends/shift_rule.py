"""Derivatives from shifted circuit runs, for any gate whose spectrum is known."""

from collections.abc import Callable

import numpy as np
import scipy.linalg

from qxai.compiled import CompiledCircuit
from qxai.core import Array


def shift_rule(frequencies: Array) -> tuple[Array, Array]:
    """Return shifts and weights with ``g'(0) = Σ_j w_j [g(s_j) − g(−s_j)]``.

    Exact for every trigonometric polynomial ``g`` of the given frequencies (Wierichs et al.
    2022). One frequency ω gives the shift ``π/2ω`` and the weight ``ω/2``.

    Parameters
    ----------
    frequencies : ndarray, shape (R,)
        Distinct and positive.

    Returns
    -------
    shifts, weights : ndarrays, shape (R,)
    """
    count = len(frequencies)
    if not count:
        return np.zeros(0), np.zeros(0)
    even = np.pi * (2 * np.arange(count) + 1) / (2 * count * frequencies[0])
    fine = np.linspace(0, 2 * np.pi / np.diff(frequencies, prepend=0.0).min(), 4000)[1:]
    picked = fine[scipy.linalg.qr(_sines(frequencies, fine), mode="r", pivoting=True)[1][:count]]
    shifts = min(even, picked, key=lambda s: np.linalg.cond(_sines(frequencies, s)))
    return shifts, np.linalg.solve(_sines(frequencies, shifts), frequencies) / 2


def _sines(frequencies: Array, shifts: Array) -> Array:
    return np.sin(np.multiply.outer(frequencies, shifts))


def shifted_gradient(
    at_exponents: Callable[[CompiledCircuit, Array], Array],
    circuit: CompiledCircuit,
    X: Array,
    parameters: Array,
) -> Array:
    """Return the gradient by the features (N, d), shifting one gate at a time.

    A feature that enters several gates sums over its gates; a shift common to all of them would
    be wrong, because the output then has more frequencies than one gate has.

    Parameters
    ----------
    at_exponents : callable
        Evaluates the circuit for given exponents (N, G) of its gates.
    circuit : CompiledCircuit
    X : ndarray, shape (N, d)
    parameters : ndarray, shape (P,)
    """
    rows = circuit.angles.table(X, parameters)
    by_angle: dict[int, Array] = {}
    for op in circuit.operations:
        if op.angle is None or not circuit.uses_features(op):
            continue
        total = np.zeros(len(X))
        for shift, weight in zip(*shift_rule(op.frequencies(1.0))):
            step = np.zeros(rows.shape[1])
            step[op.angle] = shift
            plus, minus = at_exponents(circuit, rows + step), at_exponents(circuit, rows - step)
            total += weight * (plus - minus)
        by_angle[op.angle] = total
    result = np.zeros(X.shape)
    for angle, feature, derivative in circuit.angles.feature_jacobian(X, parameters):
        result[:, feature] += by_angle[angle] * derivative
    return result
