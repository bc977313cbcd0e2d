"""Finitely many shots, with depolarising and readout noise: values with standard errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import cirq
import numpy as np

from qxai.asking import distinct
from qxai.backends.frame import Frame
from qxai.backends.shift_rule import shifted_gradient
from qxai.backends.statevector import Statevector, states_at
from qxai.checks import batches, check_generator
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, Estimate, Indices
from qxai.memory import check_size

TURNS = {1: cirq.Y**-0.5, 2: cirq.X**0.5}  # measure X and Y as Z


@dataclass(frozen=True)
class Sampled:
    """A device that is asked for finitely many shots.

    The outcome distribution is computed exactly (from the statevector, or with noise from Cirq's
    density matrix) and then sampled. The observable's terms are measured in groups that share a
    basis on every qubit, each group with ``shots`` shots. Noise shifts the values; the standard
    error speaks of shots only.

    Attributes
    ----------
    shots : int
        Shots for each circuit run and each group of terms, at least 2.
    rng : numpy.random.Generator
        Draws the outcomes; every call goes on where the last one stopped.
    depolarizing : float
        Probability that a gate leaves one of X, Y, Z on each of its qubits.
    readout : float
        Probability that a measured bit is read the wrong way.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.
    """

    shots: int
    rng: np.random.Generator
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
        """Sample each group of terms; inputs that are alike are simulated once."""
        rows, where = distinct(exponents)
        value, variance, shots = np.zeros(len(where)), np.zeros(len(where)), 0
        for basis, strings, coefficients in measurement_groups(*rest.observable.strings):
            measured = tuple(np.flatnonzero(basis).tolist())
            if not measured:  # nothing but the identity: known without a shot
                value += coefficients.sum()
                continue
            shots += len(where) * self.shots
            if self.depolarizing == 0 and channels is None:
                probabilities = _pure(first, rows, basis, measured)
            else:
                probabilities = self._noisy(first, rest, rows, channels, basis, measured)
            table = np.array(list(np.ndindex((2,) * len(measured)))).reshape(-1, len(measured))
            signs = 1 - 2 * ((table @ (strings[:, list(measured)] > 0).T) % 2)
            probabilities = self._misread(probabilities)
            for part in batches(len(where), len(table)):
                mean, square = self._drawn(probabilities[where[part]], signs @ coefficients)
                value[part] += mean
                variance[part] += square
        return Estimate(value, np.sqrt(variance), len(where), shots)

    def _drawn(self, probabilities: Array, outcomes: Array) -> tuple[Array, Array]:
        """Draw shots from (N, 2^m) and return their mean and the variance of that mean."""
        counts = self.rng.multinomial(self.shots, probabilities)
        mean = counts @ outcomes / self.shots
        spread = np.einsum("nb,nb->n", counts, (outcomes - mean[:, None]) ** 2)
        return mean, spread / (self.shots - 1) / self.shots

    def _misread(self, probabilities: Array) -> Array:
        width = probabilities.shape[1].bit_length() - 1
        flip = np.array([[1 - self.readout, self.readout], [self.readout, 1 - self.readout]])
        confusion = reduce(np.kron, [flip] * width, np.eye(1))
        noisy = np.clip(probabilities @ confusion, 0, None)
        return noisy / noisy.sum(axis=1, keepdims=True)

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
        circuit = with_noise(first.template, self.depolarizing)
        if channels is not None:
            circuit = circuit + channels + with_noise(rest.template, self.depolarizing)
        circuit += basis_change(rest, basis) + cirq.Circuit(cirq.I.on_each(*rest.qubits))
        symbols = [angle_symbol(g) for g in range(exponents.shape[1])]
        resolvers = [cirq.ParamResolver(dict(zip(symbols, row))) for row in exponents.tolist()]
        simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
        results = simulator.simulate_sweep_iter(circuit, resolvers, qubit_order=rest.qubits)
        diagonals = [np.diag(result.final_density_matrix).real for result in results]
        return _marginal(np.array(diagonals).T, measured)


def check_device(shots: int, rng: object, depolarizing: float, readout: float) -> None:
    """Refuse settings that no device has."""
    if not isinstance(shots, int | np.integer) or shots < 2:
        raise ValueError(
            f"shots: expected a whole number of at least 2 (one shot has no spread), found {shots}"
        )
    check_generator(rng)
    for name, found, most in (("depolarizing", depolarizing, 1.0), ("readout", readout, 0.5)):
        if not 0 <= found <= most:
            raise ValueError(f"{name}: expected 0 to {most}, found {found}")


def with_noise(circuit: cirq.Circuit, depolarizing: float) -> cirq.Circuit:
    """Add a depolarising channel on each qubit after each gate."""
    if depolarizing == 0:
        return circuit
    noise = cirq.depolarize(depolarizing)
    return cirq.Circuit(
        part for op in circuit.all_operations() for part in (op, *(noise.on(q) for q in op.qubits))
    )


def measurement_groups(
    strings: Indices, coefficients: Array
) -> list[tuple[Indices, Indices, Array]]:
    """Group terms that can be measured at once: (basis (n,), strings, coefficients) for each.

    Greedy: a term joins the first group whose basis agrees with it on every qubit.
    """
    bases: list[Indices] = []
    members: list[list[int]] = []
    for number, string in enumerate(strings):
        for basis, group in zip(bases, members):
            if not np.any((basis > 0) & (string > 0) & (basis != string)):
                basis[:] = np.maximum(basis, string)
                group.append(number)
                break
        else:
            bases.append(string.copy())
            members.append([number])
    return [(b, strings[g], coefficients[g]) for b, g in zip(bases, members)]


def basis_change(circuit: CompiledCircuit, basis: Indices) -> cirq.Circuit:
    """Turn X and Y into Z on the qubits that are measured in them."""
    return cirq.Circuit(TURNS[p].on(q) for q, p in zip(circuit.qubits, basis) if p in TURNS)


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
