"""The same circuits on qsim, in single precision."""

from dataclasses import dataclass
from typing import Any

import cirq
import numpy as np

from qxai.backends.shift_rule import shifted_gradient
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, Estimate


@dataclass(frozen=True)
class QSim:
    """Schrödinger simulation by qsim (Isakov et al., arXiv:2111.02396).

    qsim computes in single precision, so results are good to about 1e-6. The gradient is the
    parameter-shift rule, gate by gate.

    Attributes
    ----------
    threads : int
        CPU threads of one circuit run.

    Raises
    ------
    ImportError
        When it runs, if qsim is not installed.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q))
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), backend=qxai.QSim())
    >>> print(model.values([[1]]).round(3))  # cos 1
    [0.54]
    """

    threads: int = 1

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return expectation values for inputs (N, d), shape (N,)."""
        return self.at_exponents(circuit, circuit.angles.table(X, parameters))

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the gradient by the features, per radian, shape (N, d)."""
        return shifted_gradient(self._exact, circuit, X, parameters).values

    def at_exponents(self, circuit: CompiledCircuit, exponents: Array) -> Array:
        """Return expectation values for given exponents (N, G) of the gates, shape (N,)."""
        constant = circuit.observable.constant
        if not len(exponents) or not len(circuit.observable.pauli_sum):
            return np.full(len(exponents), constant)
        symbols = [angle_symbol(g) for g in range(exponents.shape[1])]
        rows = circuit.reduced(exponents).tolist()
        resolvers = [cirq.ParamResolver(dict(zip(symbols, row))) for row in rows]
        results = simulator(self.threads).simulate_expectation_values_sweep(
            on_all_qubits(circuit),
            circuit.observable.pauli_sum,
            params=resolvers,
            qubit_order=circuit.qubits,
        )
        return np.array([row[0].real for row in results]) + constant

    def _exact(self, circuit: CompiledCircuit, exponents: Array) -> Estimate:
        values = self.at_exponents(circuit, exponents)
        return Estimate(values, np.zeros(len(values)), len(values), 0)


def simulator(threads: int, seed: int | None = None) -> Any:
    """Return a qsim simulator, or say how to install qsim."""
    try:
        import qsimcirq
    except ImportError as error:
        raise ImportError(
            "qsim is not installed: run pip install qsimcirq (it has wheels for Linux on "
            f"x86-64 and macOS on Apple silicon), or use the statevector backend ({error})"
        ) from error
    options = qsimcirq.QSimOptions(cpu_threads=threads, max_fused_gate_size=4)  # type: ignore[attr-defined]
    return qsimcirq.QSimSimulator(options, seed=seed)  # type: ignore[attr-defined]


def on_all_qubits(circuit: CompiledCircuit) -> cirq.Circuit:
    """Add an identity where no gate acts: qsim knows only the qubits of the circuit."""
    idle = set(circuit.qubits) - circuit.template.all_qubits()
    return circuit.template + cirq.Circuit(cirq.I.on_each(*idle))
