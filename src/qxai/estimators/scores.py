"""Scores of a circuit: a trainable circuit, and a linear readout for each output."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cirq
import numpy as np
import sympy

from qxai.backends.statevector import Statevector
from qxai.core import Array
from qxai.models.ansatz import angle_encoding, brickwork_layers
from qxai.models.circuit import PQC
from qxai.observable import Observable

MOST = 16  # qubits


@dataclass(frozen=True, eq=False)
class CircuitScores:
    """Scores ``s_c(x) = Σ_q W_cq ⟨Z_q⟩ + b_c`` for inputs in radians.

    All scores come from one run of one circuit, and each is the expectation of one observable.

    Attributes
    ----------
    circuit : PQC
        The circuit with its parameters; its observable, the sum of all Z, has every qubit.
    weights : ndarray, shape (C, n)
    offsets : ndarray, shape (C,)
    """

    circuit: PQC
    weights: Array
    offsets: Array

    def values(self, angles: Array) -> Array:
        """Return the scores (N, C) for inputs (N, d) in radians."""
        compiled, theta = self.circuit.compiled, self.circuit.parameter_values
        found = Statevector().several_values(compiled, self.readouts, angles, theta)
        return found @ self.weights.T + self.offsets

    def model(self, coefficients: Array) -> PQC:
        """Return the model ``Σ_c k_c s_c(x)`` of coefficients (C,)."""
        terms = zip((coefficients @ self.weights).tolist(), self._zs)
        observable = sum((weight * z for weight, z in terms), cirq.PauliSum())
        return replace(self.circuit, observable=observable + float(coefficients @ self.offsets))

    def centred(self) -> "CircuitScores":
        """Return scores whose sum is zero: probabilities do not depend on what they share."""
        weights = self.weights - self.weights.mean(axis=0)
        return replace(self, weights=weights, offsets=self.offsets - self.offsets.mean())

    def stretched(self, scale: float, offset: float) -> "CircuitScores":
        """Return the scores times a scale, plus an offset."""
        return replace(self, weights=scale * self.weights, offsets=scale * self.offsets + offset)

    @property
    def numbers(self) -> Array:
        """All that is trained, shape (P + C n + C,): parameters, weights, offsets."""
        parts = self.circuit.parameter_values, self.weights.ravel(), self.offsets
        return np.concatenate(parts)

    def split(self, numbers: Array) -> tuple[Array, Array, Array]:
        """Take parameters (P,), weights (C, n) and offsets (C,) out of `numbers`."""
        outputs = len(self.offsets)
        theta, rest = np.split(numbers, [len(self.circuit.parameters)])
        return theta, rest[:-outputs].reshape(outputs, -1), rest[-outputs:]

    def at(self, numbers: Array) -> "CircuitScores":
        """Return the scores at other numbers."""
        theta, weights, offsets = self.split(numbers)
        return CircuitScores(self.circuit.with_parameters(theta), weights, offsets)

    @cached_property
    def readouts(self) -> Sequence[Observable]:
        """Z of each qubit."""
        qubits = self.circuit.compiled.qubits
        return [Observable.of(cirq.PauliSum() + z, qubits) for z in self._zs]

    @property
    def _zs(self) -> list[cirq.Operation]:
        return [cirq.Z(q) for q in self.circuit.compiled.qubits]


def check_qubits(count: int) -> None:
    """Refuse more columns than there can be qubits.

    Raises
    ------
    ValueError
        With a pipeline that works for any table of numbers.
    """
    if count > MOST:
        raise ValueError(
            f"X: expected at most {MOST} columns, levels of categories counted, as each is a qubit "
            f"and training takes time like 2**qubits, found {count}; use a kernel, qxai."
            "KernelClassifier and qxai.KernelRegressor take any number, or combine columns of "
            "numbers: sklearn.pipeline.make_pipeline(sklearn.decomposition.PCA(n_components=8), "
            "estimator)"
        )


def untrained(
    names: Sequence[str], layers: int, outputs: int, rng: np.random.Generator
) -> CircuitScores:
    """Encode one named feature a qubit by RY, and let layers and readouts be trained.

    Angles start within ±0.3 radians, where gradients do not vanish; readouts start small.
    """
    qubits = cirq.LineQubit.range(len(names))
    features = [sympy.Symbol(name) for name in names]
    trainable, symbols = brickwork_layers(qubits, layers, _prefix(names))
    start = dict(zip(symbols, rng.uniform(-0.3, 0.3, len(symbols))))
    every_z = sum((cirq.Z(q) for q in qubits), cirq.PauliSum())
    circuit = PQC(angle_encoding(qubits, features) + trainable, features, every_z, start)
    weights = rng.normal(0, 0.5 / np.sqrt(len(names)), (outputs, len(names)))
    return CircuitScores(circuit, weights, np.zeros(outputs))


def _prefix(names: Sequence[str]) -> str:
    """Return the beginning of names of angles, which no column's name has."""
    prefix = "theta"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    return prefix
