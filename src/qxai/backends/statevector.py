"""Dense, batched simulation in double precision: values and adjoint gradients.

The gradient is the adjoint method (Jones and Gacon, arXiv:2009.02823) over fused blocks: where a
gate ``U = exp(iπeH)`` has just acted, ``∂f/∂e = −2π Im Tr(H W)`` with ``W = ψ λ†`` reduced to
the gate's qubits and ``λ = M ψ`` carried back alongside ``ψ``. Within a block ``W`` is a small
matrix, so the state is touched once a block and not once a gate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.backends.fusion import WIDTH, Block, Cluster
from qxai.backends.program import Program, Shared, program
from qxai.backends.register import Register
from qxai.compiled import CompiledCircuit
from qxai.contraction import environments, outer
from qxai.core import Array, ComplexArray, Mask, Pullback
from qxai.memory import check_size
from qxai.threads import limited, limited_by


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
        result = np.empty(len(X))
        for rows, sweep in self._sweeps(circuit, X, parameters):
            result[rows] = _expectation(circuit, sweep.final())
        return result

    @limited_by(_product)
    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the gradient by the features, per radian, shape (N, d)."""
        result = np.zeros(X.shape)
        asked = frozenset(circuit.angles.varying)
        for rows, sweep in self._sweeps(circuit, X, parameters):
            state = sweep.final()
            own = sweep.back(state, _applied(circuit, state), asked)[1]
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
        values, result = np.empty(len(X)), np.zeros(len(parameters))
        for rows, sweep in self._sweeps(circuit, X, parameters):
            state = sweep.final()
            adjoint = _applied(circuit, state)
            values[rows] = _inner(state.array[0], adjoint) + circuit.observable.constant
            adjoint *= pullback(values[rows], rows)
            by_angle = sweep.back(state, adjoint, circuit.angles.trained)
            result += circuit.angles.parameter_gradient(X[rows], parameters, *by_angle)
        return values, result

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
            result[rows] = _expectation(circuit, state)
        return result + circuit.observable.constant

    def _chunks(self, circuit: CompiledCircuit, X: Array) -> Iterator[slice]:
        check_size(16 << circuit.num_qubits, f"the state of {circuit.num_qubits} qubits")
        step = max(1, self.chunk >> circuit.num_qubits)
        return (slice(start, start + step) for start in range(0, len(X), step))

    def _sweeps(
        self, circuit: CompiledCircuit, X: Array, parameters: Array
    ) -> Iterator[tuple[slice, "_Sweep"]]:
        """Yield slices of the inputs; what the inputs share is computed once."""
        chunks = self._chunks(circuit, X)
        if not len(X):
            return
        exponents, own = circuit.angles.split(X, parameters)
        shared = program(circuit).shared(exponents)
        for rows in chunks:
            yield rows, _Sweep(program(circuit), shared, own[:, rows], len(X[rows]))


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
    return _Sweep(program(circuit), shared, own, len(exponents)).final().canonical()[0]


def _sweep(circuit: CompiledCircuit, X: Array, parameters: Array) -> "_Sweep":
    exponents, own = circuit.angles.split(X, parameters)
    return _Sweep(program(circuit), program(circuit).shared(exponents), own, len(X))


def _inner(left: ComplexArray, right: ComplexArray) -> Array:
    return np.einsum("an,an->n", left.real, right.real) + np.einsum(
        "an,an->n", left.imag, right.imag
    )


def _expectation(circuit: CompiledCircuit, state: Register) -> Array:
    """Return ``⟨ψ|M|ψ⟩`` (N,); of a diagonal observable without a second state."""
    diagonal = circuit.observable.diagonal
    if diagonal is None:
        return _inner(state.canonical()[0], circuit.observable.apply(state.array[0]))
    parts = np.ascontiguousarray(state.array[0]).view(np.float64)
    squares = (state.reordered(diagonal) @ np.square(parts)).reshape(-1, 2)
    return np.asarray(squares[:, 0] + squares[:, 1])


def _applied(circuit: CompiledCircuit, state: Register) -> ComplexArray:
    """Return ``M ψ`` (2^n, N), its qubits in the order that the state is left in."""
    diagonal = circuit.observable.diagonal
    if diagonal is None:
        return circuit.observable.apply(state.canonical()[0])
    return state.reordered(diagonal)[:, None] * state.array[0]


class _Sweep:
    """One forward pass and one backward pass over a batch that fits in memory."""

    def __init__(self, circuit: Program, shared: Shared, own: Array, batch: int) -> None:
        self.program = circuit
        self.shared = shared
        self.own_entries = circuit.gates.own_entries(own)
        self.matrices = circuit.matrices(shared, self.own_entries)
        self.batch = batch
        columns = circuit.preparation.columns(shared.entries, self.own_entries)
        everyone = np.broadcast_to(columns, (*columns.shape[:2], batch))
        self.columns = np.ascontiguousarray(everyone)

    def final(self) -> Register:
        """Return the final states."""
        states = [register.canonical()[0] for register in self.clusters]
        return self._forward(Register(outer(states)[None], self._order), self.program.plan.rest)

    @property
    def _order(self) -> tuple[int, ...]:
        return tuple(q for cluster in self.program.plan.clusters for q in cluster.qubits)

    @cached_property
    def clusters(self) -> list[Register]:
        """The states of the clusters, behind their blocks."""
        return [
            self._forward(self._prepared(cluster), cluster.blocks)
            for cluster in self.program.plan.clusters
        ]

    def _prepared(self, cluster: Cluster) -> Register:
        return Register(outer([self.columns[q] for q in cluster.qubits])[None], cluster.qubits)

    def _forward(self, register: Register, blocks: Sequence[Block]) -> Register:
        for block in blocks:
            register.multiply(self.matrices[block], block.qubits, block.active)
        return register

    def back(
        self, state: Register, adjoint: ComplexArray, asked: frozenset[int]
    ) -> tuple[Array, Array]:
        """Return ``∂f/∂e`` of the exponents asked for: (G,) summed over the batch, (H, N) not.

        The second are those that features enter, the first the others.
        """
        result, clusters = self.program.result(self.batch), self.program.plan.clusters
        asking = [self._asks(asked, cluster) for cluster in clusters]
        pair = state.with_copy(adjoint)
        reduced = self._backward(pair, self.program.plan.rest, asked, any(asking))
        prepared = np.zeros((len(self.columns), 2, 2, self.batch), np.complex128)
        if any(asking):
            states = [register.canonical()[0] for register in self.clusters]
            around = environments(pair.ordered(self._order)[1].conj(), states)
            for cluster, psi, environment, asks in zip(clusters, self.clusters, around, asking):
                if asks:
                    inner = psi.with_copy(environment.conj())
                    reduced |= self._into(cluster, inner, asked, prepared)
            self.program.read_first(self.shared, self.own_entries, prepared, result)
        self.program.read(self.shared, reduced, result)
        return result.shared[:-1], result.own

    def _into(
        self, cluster: Cluster, pair: Register, asked: frozenset[int], prepared: ComplexArray
    ) -> dict[Block, ComplexArray]:
        """Carry two states back through a cluster, and fill in its qubits' ``W`` (n, 2, 2, N)."""
        whole = self.program.prepares(asked, cluster)
        reduced = self._backward(pair, cluster.blocks, asked, whole)
        if whole:
            columns = [self.columns[q] for q in cluster.qubits]
            around = environments(pair.canonical()[1].conj(), columns)
            for q, environment in zip(cluster.qubits, around):
                prepared[q] = self.columns[q][:, None] * environment
        return reduced

    def _asks(self, asked: frozenset[int], cluster: Cluster) -> bool:
        inside = (self.program.angles[block] for block in cluster.blocks)
        prepares = self.program.prepares(asked, cluster)
        return prepares or any(not asked.isdisjoint(angles) for angles in inside)

    def _backward(
        self, pair: Register, blocks: Sequence[Block], asked: frozenset[int], whole: bool
    ) -> dict[Block, ComplexArray]:
        """Undo all blocks, or back to the first that is asked for, and return their ``W``."""
        angles = [self.program.angles[block] for block in blocks]
        asking = [not asked.isdisjoint(found) for found in angles]
        first = 0 if whole else (asking.index(True) if any(asking) else len(blocks))
        reduced = {}
        for block, asks in list(zip(blocks, asking))[: first - len(blocks) - 1 : -1]:
            matrix = self.matrices[block]
            if asks:
                reduced[block] = pair.reduced(len(matrix), block)
            pair.multiply(matrix.conj().swapaxes(0, 1), block.qubits, block.active)
        return reduced
