"""Derivatives from shifted circuit runs, for any gate whose spectrum is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, Estimate


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


def gradient_runs(circuit: CompiledCircuit) -> int:
    """Return how many circuit runs the gradient at one input takes: two a frequency and gate."""
    return sum(2 * len(op.frequencies(1.0)) for op in _encoding_gates(circuit))


def shifted_gradient(
    at_exponents: Callable[[CompiledCircuit, Array], Estimate],
    circuit: CompiledCircuit,
    X: Array,
    parameters: Array,
) -> Estimate:
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
    slopes: dict[int, list[tuple[int, Any]]] = {}
    for angle, feature, derivative in circuit.angles.feature_jacobian(X, parameters):
        slopes.setdefault(angle, []).append((feature, derivative))
    result, variance, runs, shots = np.zeros(X.shape), np.zeros(X.shape), 0, 0
    for op in _encoding_gates(circuit):
        assert op.angle is not None
        for shift, weight in zip(*shift_rule(op.frequencies(1.0))):
            step = np.zeros(rows.shape[1])
            step[op.angle] = shift
            for sign in (1, -1):
                found = at_exponents(circuit, rows + sign * step)
                for feature, derivative in slopes[op.angle]:
                    result[:, feature] += sign * weight * derivative * found.values
                    variance[:, feature] += (weight * derivative * found.standard_error) ** 2
                runs, shots = runs + found.evaluations, shots + found.shots
    return Estimate(result, np.sqrt(variance), runs, shots)


def _encoding_gates(circuit: CompiledCircuit) -> list[Operation]:
    return [op for op in circuit.operations if op.angle is not None and circuit.uses_features(op)]
