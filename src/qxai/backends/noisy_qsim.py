"""A noisy device on qsim: every shot is a trajectory of its own."""

from dataclasses import dataclass, field

import cirq
import numpy as np

from qxai.backends.device import (
    basis_change,
    check_device,
    error_of_mean,
    measurement_groups,
    with_noise,
)
from qxai.backends.qsim import simulator
from qxai.backends.shift_rule import shifted_gradient
from qxai.checks import batches
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, Estimate, Indices


@dataclass(frozen=True)
class NoisyQSim:
    """The device of `Sampled`, simulated by qsim (Isakov et al., arXiv:2111.02396).

    Each shot runs the circuit once with noise drawn at random and measures once, so memory grows
    as ``2^n`` where density matrices grow as ``4^n``, and time as the number of shots.

    Attributes
    ----------
    shots : int
        Shots for each circuit run and each group of terms; of one shot the error is that of the
        whole range.
    rng : numpy.random.Generator
        Seeds qsim; every call goes on where the last one stopped.
    depolarizing : float
        Probability that a gate leaves one of X, Y, Z on each of its qubits; what counts as a gate
        and how the standard error is made, as for `Sampled`.
    readout : float
        Probability that a measured bit is read the wrong way.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.
    ImportError
        When it runs, if qsim is not installed.

    Examples
    --------
    A bit that is always 0 is read wrongly once in ten times: 0.9 − 0.1.

    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> device = qxai.NoisyQSim(shots=1000, rng=np.random.default_rng(0), readout=0.1)
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
        count, shots = len(exponents), 0
        value, variance = np.full(count, circuit.observable.constant), np.zeros(count)
        for basis, strings, coefficients in measurement_groups(*circuit.observable.strings):
            measured = np.flatnonzero(basis)
            masks = (strings[:, measured] > 0).T.astype(np.int16)
            shots += count * self.shots
            for part in batches(count, self.shots * (len(measured) + 2 * len(strings))):
                bits = self._bits(circuit, exponents[part], basis)
                found = (1 - 2.0 * (bits @ masks % 2)) @ coefficients
                mean = found.mean(axis=1)
                value[part] += mean
                squares = ((found - mean[:, None]) ** 2).sum(axis=1)
                most = float(np.abs(coefficients).sum())
                variance[part] += error_of_mean(squares, mean, self.shots, most)
        return Estimate(value, np.sqrt(variance), count, shots)

    def _bits(self, circuit: CompiledCircuit, exponents: Array, basis: Indices) -> Indices:
        """Return measured bits (N, shots, m)."""
        qubits = [q for q, p in zip(circuit.qubits, basis) if p]
        if not len(exponents):
            return np.zeros((0, self.shots, len(qubits)), dtype=np.intp)
        program = with_noise(circuit, self.depolarizing) + basis_change(circuit, basis)
        if self.readout:
            program += cirq.Circuit(cirq.bit_flip(self.readout).on_each(*qubits))
        program += cirq.Circuit(cirq.measure(*qubits, key="bits"))
        symbols = [angle_symbol(g) for g in range(exponents.shape[1])]
        rows = circuit.reduced(exponents).tolist()
        resolvers = [cirq.ParamResolver(dict(zip(symbols, row))) for row in rows]
        device = simulator(1, seed=int(self.rng.integers(2**31)))
        results = device.run_sweep(program, resolvers, repetitions=self.shots)
        return np.array([result.measurements["bits"] for result in results], dtype=np.intp)
