"""Dense, batched simulation in double precision: values and adjoint gradients.

The gradient is the adjoint method (Jones and Gacon, arXiv:2009.02823) over fused blocks: where a
gate ``U = exp(iπeH)`` has just acted, ``∂f/∂e = −2π Im Tr(H W)`` with ``W = ψ λ†`` reduced to
the gate's qubits and ``λ = M ψ`` carried back alongside ``ψ``. Within a block ``W`` is a small
matrix, so the state is touched once a block and not once a gate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qxai.backends.fusion import WIDTH
from qxai.backends.program import program
from qxai.backends.register import Register
from qxai.backends.sweep import Sweep
from qxai.compiled import CompiledCircuit
from qxai.cones import Cone, cones
from qxai.core import Array, ComplexArray, Mask, Pullback
from qxai.memory import check_size
from qxai.observable import Observable
from qxai.threads import limited, limited_by

WIDE = 13  # qubits up to which one run of the whole takes less than the calls for its cones


def _cones(circuit: CompiledCircuit) -> tuple[Cone, ...] | None:
    return cones(circuit) if circuit.num_qubits > WIDE else None


def _product(backend: "Statevector", circuit: CompiledCircuit, *_: object) -> float:
    """Count the operations of a product with a block of gates."""
    return 8.0 * 2**WIDTH * max(backend.chunk, 2**circuit.num_qubits)


@dataclass(frozen=True)
class Statevector:
    """The reference backend.

    Attributes
    ----------
    chunk : int
        Most complex numbers in one batch of states; N inputs are taken in groups of
        ``max(1, chunk // 2**n)``, so memory does not grow with N.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q))
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), backend=qxai.Statevector())
    >>> print(model.values([[1]]).round(3))  # cos 1
    [0.54]
    """

    chunk: int = 2**15

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return ``⟨ψ(x)|M|ψ(x)⟩`` for inputs (N, d), shape (N,)."""
        return self.deviations(circuit, X, parameters) + circuit.observable.constant

    @limited_by(_product)
    def deviations(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the values less the observable's constant, which would round them: (N,)."""
        if (found := _cones(circuit)) is not None:
            parts = [self.deviations(cone.circuit, X, parameters) for cone in found]
            return np.sum(parts, axis=0)
        result = np.empty(len(X))
        for rows, sweep in self._sweeps(circuit, X, parameters):
            result[rows] = _expectation(circuit.observable, sweep.final())
        return result

    @limited_by(_product)
    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the gradient by the features, per radian, shape (N, d)."""
        result = np.zeros(X.shape)
        if (found := _cones(circuit)) is not None:
            for cone in found:
                result += self.gradient(cone.circuit, X, parameters)
            return result
        asked = frozenset(circuit.angles.varying)
        for rows, sweep in self._sweeps(circuit, X, parameters):
            state = sweep.final()
            own = sweep.back(state, _applied(circuit.observable, state), asked)[1]
            result[rows] = circuit.angles.feature_gradient(X[rows], parameters, own)
        return result

    @limited_by(_product)
    def parameter_gradient(
        self, circuit: CompiledCircuit, X: Array, parameters: Array, pullback: Pullback
    ) -> tuple[Array, Array]:
        """Return values (N,) and ``Σ_n w_n ∂f(x_n)/∂θ``, shape (P,), in one adjoint sweep.

        ``pullback(values, rows)`` gives the weights ``w`` of the rows (a slice of the batch) from
        their values: the derivative of a loss by each output.
        """
        if (found := _cones(circuit)) is not None:
            return self._cone_gradient(found, circuit, X, parameters, pullback)
        values, slope = self.parameter_gradients(
            circuit,
            [circuit.observable],
            X,
            parameters,
            lambda found, rows: pullback(found[:, 0], rows)[:, None],
        )
        return values[:, 0], slope

    def _cone_gradient(
        self,
        found: Sequence[Cone],
        circuit: CompiledCircuit,
        X: Array,
        parameters: Array,
        pullback: Pullback,
    ) -> tuple[Array, Array]:
        """Add up light cones: once for the values, and once more when their weights are known."""
        values = self.values(circuit, X, parameters)
        weights, result = pullback(values, slice(None)), np.zeros(len(parameters))
        for cone in found:
            result += self.parameter_gradient(
                cone.circuit, X, parameters, lambda _, rows: weights[rows]
            )[1]
        return values, result

    @limited_by(_product)
    def parameter_gradients(
        self,
        circuit: CompiledCircuit,
        observables: Sequence[Observable],
        X: Array,
        parameters: Array,
        pullback: Pullback,
    ) -> tuple[Array, Array]:
        """Return several values (N, C) and ``Σ_nc w_nc ∂f_c(x_n)/∂θ``, (P,), in one sweep.

        The circuit's own observable is not asked, but its qubits must be those of all. What is
        carried back is ``λ_n = Σ_c w_nc M_c ψ_n``; ``pullback`` gives weights (N, C).
        """
        values, result = np.empty((len(X), len(observables))), np.zeros(len(parameters))
        for rows, sweep in self._sweeps(circuit, X, parameters):
            state = sweep.final()
            applied = _all_applied(observables, state)
            for column, (observable, adjoint) in enumerate(zip(observables, applied)):
                values[rows, column] = _inner(state.array[0], adjoint) + observable.constant
            weights = pullback(values[rows], rows)
            for adjoint, weight in zip(applied, weights.T):
                adjoint *= weight
            by_angle = sweep.back(state, sum(applied[1:], applied[0]), circuit.angles.trained)
            result += circuit.angles.parameter_gradient(X[rows], parameters, *by_angle)
        return values, result

    @limited_by(_product)
    def several_values(
        self,
        circuit: CompiledCircuit,
        observables: Sequence[Observable],
        X: Array,
        parameters: Array,
    ) -> Array:
        """Return the values (N, C) of several observables from one run of the circuit."""
        values = np.empty((len(X), len(observables)))
        for rows, sweep in self._sweeps(circuit, X, parameters):
            state = sweep.final()
            for column, observable in enumerate(observables):
                values[rows, column] = _expectation(observable, state) + observable.constant
        return values

    @limited_by(_product)
    def values_without(
        self, circuit: CompiledCircuit, X: Array, parameters: Array, gone: Mapping[int, Mask]
    ) -> Array:
        """Return the values (N,) with other gates taken out for each input, in one batch.

        ``gone`` tells for some of ``circuit.all_operations()``, by position, from which inputs'
        circuits they are missing (N,).
        """
        result = np.empty(len(X))
        for rows in self._chunks(circuit, X):
            exponents = circuit.angles.values(X[rows], parameters)
            state = Register.zero(circuit.num_qubits, len(X[rows]))
            for op in circuit.operations:
                placed = op.matrix(exponents), op.qubits, op.active
                if op.source in gone:
                    state.multiply_unless(gone[op.source][rows], *placed)
                else:
                    state.multiply(*placed)
            result[rows] = _expectation(circuit.observable, state)
        return result + circuit.observable.constant

    def _chunks(self, circuit: CompiledCircuit, X: Array) -> Iterator[slice]:
        check_size(16 << circuit.num_qubits, f"the state of {circuit.num_qubits} qubits")
        step = max(1, self.chunk >> circuit.num_qubits)
        return (slice(start, start + step) for start in range(0, len(X), step))

    def _sweeps(
        self, circuit: CompiledCircuit, X: Array, parameters: Array
    ) -> Iterator[tuple[slice, Sweep]]:
        """Yield slices of the inputs; what the inputs share is computed once."""
        chunks = self._chunks(circuit, X)
        if not len(X):
            return
        exponents, own = circuit.angles.split(X, parameters)
        shared = program(circuit).shared(exponents)
        for rows in chunks:
            yield rows, Sweep(program(circuit), shared, own[:, rows], len(X[rows]))


@limited()
def final_states(circuit: CompiledCircuit, X: Array, parameters: Array) -> ComplexArray:
    """Return the final states for inputs (N, d), shape (2^n, N)."""
    check_size(16 * len(X) << circuit.num_qubits, f"{len(X)} states of {circuit.num_qubits} qubits")
    return _sweep(circuit, X, parameters).final().canonical()[0]


@limited()
def qubit_states(circuit: CompiledCircuit, X: Array, parameters: Array) -> list[ComplexArray]:
    """Return each qubit's state after the gates that act on it alone, n arrays (2, N)."""
    return list(_sweep(circuit, X, parameters).columns)


@limited()
def states_at(circuit: CompiledCircuit, exponents: Array) -> ComplexArray:
    """Return the final states for exponents (N, G) of the gates, shape (2^n, N).

    Only exponents that features enter may differ from row to row.
    """
    own = exponents[:, list(circuit.angles.varying)].T
    shared = program(circuit).shared(exponents[0])
    return Sweep(program(circuit), shared, own, len(exponents)).final().canonical()[0]


def _sweep(circuit: CompiledCircuit, X: Array, parameters: Array) -> Sweep:
    exponents, own = circuit.angles.split(X, parameters)
    return Sweep(program(circuit), program(circuit).shared(exponents), own, len(X))


def _inner(left: ComplexArray, right: ComplexArray) -> Array:
    return np.einsum("an,an->n", left.real, right.real) + np.einsum(
        "an,an->n", left.imag, right.imag
    )


def _expectation(observable: Observable, state: Register) -> Array:
    """Return ``⟨ψ|M|ψ⟩`` (N,); of a diagonal observable without a second state."""
    diagonal = observable.diagonal
    if diagonal is None:
        return _inner(state.canonical()[0], observable.apply(state.array[0]))
    parts = np.ascontiguousarray(state.array[0]).view(np.float64)
    squares = (state.reordered(diagonal) @ np.square(parts)).reshape(-1, 2)
    return np.asarray(squares[:, 0] + squares[:, 1])


def _applied(observable: Observable, state: Register) -> ComplexArray:
    """Return ``M ψ`` (2^n, N), its qubits in the order that the state is left in."""
    diagonal = observable.diagonal
    if diagonal is None:
        return observable.apply(state.canonical()[0])
    return state.reordered(diagonal)[:, None] * state.array[0]


def _all_applied(observables: Sequence[Observable], state: Register) -> list[ComplexArray]:
    """Return ``M_c ψ`` of several observables, all in the order that the state is left in."""
    if any(observable.diagonal is None for observable in observables):
        state.canonical()
    return [_applied(observable, state) for observable in observables]
