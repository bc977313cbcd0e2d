"""Finitely many shots, with depolarising and readout noise: values with standard errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cirq
import numpy as np

from qxai.asking import distinct
from qxai.backends.device import (
    TURNS,
    basis_change,
    check_device,
    error_of_mean,
    measurement_groups,
    readings,
    with_noise,
)
from qxai.backends.frame import Frame
from qxai.backends.shift_rule import shifted_gradient
from qxai.backends.statevector import Statevector, states_at
from qxai.checks import batches
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, Estimate, Indices
from qxai.memory import check_size


@dataclass(frozen=True)
class Sampled:
    """A device that is asked for finitely many shots.

    The outcome distribution is computed exactly (from the statevector, or with noise from Cirq's
    density matrix) and then sampled. The observable's terms are measured in groups that share a
    basis on every qubit, each group with ``shots`` shots. Noise shifts the values; the standard
    error speaks of shots only. It is that of the shots and of one imagined reading at either end
    of the range, so that it is never 0 where outcomes are random.

    Attributes
    ----------
    shots : int
        Shots for each circuit run and each group of terms; of one shot the error is that of the
        whole range.
    rng : numpy.random.Generator
        Draws the outcomes; every call goes on where the last one stopped.
    depolarizing : float
        Probability that a gate leaves one of X, Y, Z on each of its qubits. A gate is one of the
        circuit as it was given, identities included, whatever it is taken apart into; turning the
        basis for a measurement is free of noise.
    readout : float
        Probability that a measured bit is read the wrong way.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    A bit that is always 0 is read wrongly once in ten times: 0.9 − 0.1.

    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> device = qxai.Sampled(shots=1000, rng=np.random.default_rng(0), readout=0.1)
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q), backend=device)
    >>> found = model.estimate([[0]])
    >>> bool(abs(found.values[0] - 0.8) < 5 * found.standard_error[0]), found.shots
    (True, 1000)
    """

    shots: int
    rng: np.random.Generator = field(repr=False)
    depolarizing: float = 0.0
    readout: float = 0.0

    def __post_init__(self) -> None:
        """Refuse settings that no device has."""
        check_device(self.shots, self.rng, self.depolarizing, self.readout)

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return estimated expectation values for inputs (N, d), shape (N,)."""
        return self.estimate(circuit, X, parameters).values

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the estimated gradient by the features, per radian, shape (N, d)."""
        return self.estimate_gradient(circuit, X, parameters).values

    def estimate(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Estimate expectation values for inputs (N, d): an `Estimate` of shape (N,)."""
        return self.at_exponents(circuit, circuit.angles.table(X, parameters))

    def estimate_gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Estimate the gradient by the features: an `Estimate` of shape (N, d)."""
        return shifted_gradient(self.at_exponents, circuit, X, parameters)

    def at_exponents(self, circuit: CompiledCircuit, exponents: Array) -> Estimate:
        """Estimate expectation values for exponents (N, G) of the gates: shape (N,)."""
        return self._measured(circuit, circuit, exponents, None)

    def depolarised(
        self,
        encoding: CompiledCircuit,
        rest: CompiledCircuit,
        X: Array,
        parameters: Array,
        kept: Sequence[float],
    ) -> Estimate:
        """Estimate with each qubit's Bloch vector shrunk to ``kept`` of it after the encoding."""
        channels = cirq.Circuit(
            cirq.depolarize(0.75 * (1 - keep)).on(q)
            for q, keep in zip(encoding.qubits, kept)
            if keep < 1
        )
        exponents = encoding.angles.table(X, parameters)
        return self._measured(encoding, rest, exponents, channels)

    def _measured(
        self,
        first: CompiledCircuit,
        rest: CompiledCircuit,
        exponents: Array,
        channels: cirq.Circuit | None,
    ) -> Estimate:
        """Sample each group of terms, as many inputs at a time as fit; like ones run once."""
        count, shots = len(exponents), 0
        value, variance = np.full(count, rest.observable.constant), np.zeros(count)
        for basis, strings, coefficients in measurement_groups(*rest.observable.strings):
            measured = tuple(np.flatnonzero(basis).tolist())
            worths = readings(strings[:, list(measured)], coefficients)
            most = float(np.abs(coefficients).sum())
            shots += count * self.shots
            for part in batches(count, 2 ** len(measured)):
                rows, where = distinct(exponents[part])
                if self.depolarizing == 0 and channels is None:
                    probabilities = _pure(first, rows, basis, measured)
                else:
                    probabilities = self._noisy(first, rest, rows, channels, basis, measured)
                drawn = self._drawn(self._misread(probabilities)[where], worths)
                value[part] += drawn[1]
                variance[part] += error_of_mean(*drawn, self.shots, most)
        return Estimate(value, np.sqrt(variance), count, shots)

    def _drawn(self, probabilities: Array, worths: Array) -> tuple[Array, Array]:
        """Draw shots from (N, 2^m): the sum of their squared deviations, and their mean."""
        counts = self.rng.multinomial(self.shots, probabilities)
        mean = counts @ worths / self.shots
        squares = counts @ worths**2 - self.shots * mean**2
        return np.maximum(squares, 0), mean

    def _misread(self, probabilities: Array) -> Array:
        """Flip each measured bit with its probability, one axis after the other."""
        noisy = np.clip(probabilities, 0, None)
        noisy /= noisy.sum(axis=1, keepdims=True)
        for bit in range(noisy.shape[1].bit_length() - 1 if self.readout else 0):
            pairs = noisy.reshape(len(noisy), 2**bit, 2, -1)
            noisy = ((1 - self.readout) * pairs + self.readout * pairs[:, :, ::-1]).reshape(
                noisy.shape
            )
        return noisy

    def _noisy(
        self,
        first: CompiledCircuit,
        rest: CompiledCircuit,
        exponents: Array,
        channels: cirq.Circuit | None,
        basis: Indices,
        measured: tuple[int, ...],
    ) -> Array:
        """Return outcome probabilities (N, 2^m) from Cirq's density matrices."""
        n = rest.num_qubits
        check_size(16 * 4**n, f"the density matrix of {n} qubits")
        circuit = with_noise(first, self.depolarizing)
        if channels is not None:
            circuit = circuit + channels + with_noise(rest, self.depolarizing)
        circuit += basis_change(rest, basis) + cirq.Circuit(cirq.I.on_each(*rest.qubits))
        symbols = [angle_symbol(g) for g in range(exponents.shape[1])]
        resolvers = [cirq.ParamResolver(dict(zip(symbols, row))) for row in exponents.tolist()]
        simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
        results = simulator.simulate_sweep_iter(circuit, resolvers, qubit_order=rest.qubits)
        diagonals = [np.diag(result.final_density_matrix).real for result in results]
        return _marginal(np.array(diagonals).T, measured)


def _pure(
    circuit: CompiledCircuit, exponents: Array, basis: Indices, measured: tuple[int, ...]
) -> Array:
    """Return outcome probabilities (N, 2^m) from the statevector."""
    found = [np.zeros((0, 2 ** len(measured)))]
    for rows in _chunks(circuit.num_qubits, exponents):
        frame = Frame(states_at(circuit, rows).reshape((2,) * circuit.num_qubits + (-1,)))
        for qubit, pauli in enumerate(basis):
            if pauli in TURNS:
                frame.multiply(cirq.unitary(TURNS[pauli]), (qubit,))
        found.append(_marginal(np.square(np.abs(frame.canonical())), measured))
    return np.concatenate(found)


def _chunks(num_qubits: int, exponents: Array) -> Iterator[Array]:
    check_size(16 << num_qubits, f"the state of {num_qubits} qubits")
    step = max(1, Statevector().chunk >> num_qubits)
    return (exponents[i : i + step] for i in range(0, len(exponents), step))


def _marginal(probabilities: Array, measured: tuple[int, ...]) -> Array:
    """Sum (2^n, N) over the qubits that are not measured: (N, 2^m)."""
    n = len(probabilities).bit_length() - 1
    tensor = probabilities.reshape((2,) * n + (-1,))
    summed = tensor.sum(axis=tuple(q for q in range(n) if q not in measured))
    return np.ascontiguousarray(summed.reshape(2 ** len(measured), -1).T)
