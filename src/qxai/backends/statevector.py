"""Dense, batched simulation in double precision: values and adjoint gradients.

A state is an array (2, …, 2, N): one axis a qubit, the batch last. The gradient is the adjoint
method (Jones and Gacon, arXiv:2009.02823) over fused blocks: where a gate ``U = exp(iπeH)`` has
just acted, ``∂f/∂e = −2π Im Tr(H W)`` with ``W = ψ λ†`` reduced to the gate's qubits and
``λ = M ψ`` carried back alongside ``ψ``. Within a block ``W`` is a small matrix, so the state is
touched once a block and not once a gate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qxai.angles import Scalar
from qxai.backends.blocks import Exponents, block_gates, block_matrix, multiplied_left
from qxai.backends.frame import Frame, dagger, parts_of
from qxai.backends.fusion import Block, Plan, plan
from qxai.compiled import CompiledCircuit, Operation
from qxai.contraction import environments, outer
from qxai.core import Array, ComplexArray, Pullback
from qxai.memory import check_size


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

    chunk: int = 2**17

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return ``⟨ψ(x)|M|ψ(x)⟩`` for inputs (N, d), shape (N,)."""
        return self.deviations(circuit, X, parameters) + circuit.observable.constant

    def deviations(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the values less the observable's constant, which would round them: (N,)."""
        result = np.empty(len(X))
        for rows in self._chunks(circuit, X):
            state = _sweep(circuit, X[rows], parameters).final()
            result[rows] = _inner(state, circuit.observable.apply(state))
        return result

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the gradient by the features, per radian, shape (N, d)."""
        result = np.zeros(X.shape)
        for rows in self._chunks(circuit, X):
            sweep = _sweep(circuit, X[rows], parameters)
            state = sweep.final()
            by_angle = sweep.back(state, circuit.observable.apply(state), features=True)
            jacobian = circuit.angles.feature_jacobian(X[rows], parameters)
            for angle, feature, derivative in jacobian:
                result[rows, feature] += by_angle[angle] * derivative
        return result

    def parameter_gradient(
        self, circuit: CompiledCircuit, X: Array, parameters: Array, pullback: Pullback
    ) -> tuple[Array, Array]:
        """Return values (N,) and ``Σ_n w_n ∂f(x_n)/∂θ``, shape (P,), in one adjoint sweep.

        ``pullback(values, rows)`` gives the weights ``w`` of the rows (a slice of the batch) from
        their values: the derivative of a loss by each output.
        """
        values, result = np.empty(len(X)), np.zeros(len(parameters))
        for rows in self._chunks(circuit, X):
            sweep = _sweep(circuit, X[rows], parameters)
            state = sweep.final()
            adjoint = circuit.observable.apply(state)
            values[rows] = _inner(state, adjoint) + circuit.observable.constant
            adjoint *= pullback(values[rows], rows)
            by_angle = sweep.back(state, adjoint, features=False)
            jacobian = circuit.angles.parameter_jacobian(X[rows], parameters)
            for angle, parameter, derivative in jacobian:
                result[parameter] += np.sum(by_angle[angle] * derivative)
        return values, result

    def _chunks(self, circuit: CompiledCircuit, X: Array) -> Iterator[slice]:
        check_size(16 << circuit.num_qubits, f"the state of {circuit.num_qubits} qubits")
        step = max(1, self.chunk >> circuit.num_qubits)
        return (slice(start, start + step) for start in range(0, len(X), step))


def final_states(circuit: CompiledCircuit, X: Array, parameters: Array) -> ComplexArray:
    """Return the final states for inputs (N, d), shape (2^n, N)."""
    check_size(16 * len(X) << circuit.num_qubits, f"{len(X)} states of {circuit.num_qubits} qubits")
    return _sweep(circuit, X, parameters).final()


def qubit_states(circuit: CompiledCircuit, X: Array, parameters: Array) -> list[ComplexArray]:
    """Return each qubit's state after the gates that act on it alone, n arrays (2, N)."""
    return _sweep(circuit, X, parameters).prepared()


def states_at(circuit: CompiledCircuit, exponents: Array) -> ComplexArray:
    """Return the final states for exponents (N, G) of the gates, shape (2^n, N).

    Only exponents that features enter may differ from row to row.
    """
    columns = enumerate(exponents.T)
    scalars = [column if circuit.angles.entering(g) else column[0] for g, column in columns]
    return _Sweep(circuit, scalars, len(exponents)).final()


def _inner(left: ComplexArray, right: ComplexArray) -> Array:
    return np.einsum("an,an->n", left.real, right.real) + np.einsum(
        "an,an->n", left.imag, right.imag
    )


def _sweep(circuit: CompiledCircuit, X: Array, parameters: Array) -> "_Sweep":
    return _Sweep(circuit, circuit.angles.values(X, parameters), len(X))


class _Sweep:
    """One forward pass and one backward pass over a batch that fits in memory."""

    def __init__(self, circuit: CompiledCircuit, exponents: Exponents, batch: int) -> None:
        self.circuit = circuit
        self.batch = batch
        self.plan: Plan = plan(circuit)
        self.exponents = exponents
        self.gates = [block_gates(block, self.exponents) for block in self.plan.blocks]
        self.matrices = [
            block_matrix(block, gates) if block.active is None else gates[0]
            for block, gates in zip(self.plan.blocks, self.gates)
        ]
        self.first = [block_gates(block, self.exponents) for block in self.plan.preparations]

    def prepared(self) -> list[ComplexArray]:
        """Return each qubit's state before any gate on several qubits: n arrays (2, N)."""
        columns = []
        for block, gates in zip(self.plan.preparations, self.first):
            column = block_matrix(block, gates)[:, 0]
            columns.append(np.broadcast_to(column.reshape(2, -1), (2, self.batch)))
        return columns

    def final(self) -> ComplexArray:
        """Return the final states, (2^n, N)."""
        n = self.circuit.num_qubits
        frame = Frame(outer(self.prepared()).reshape((2,) * n + (self.batch,)))
        for block, matrix in zip(self.plan.blocks, self.matrices):
            _multiply(frame, matrix, block)
        return frame.canonical()

    def back(self, state: ComplexArray, adjoint: ComplexArray, features: bool) -> dict[int, Scalar]:
        """Return ``Σ ∂f/∂e`` for each exponent that is asked for.

        ``features`` asks for those that features enter, each of shape (N,); otherwise for those
        that parameters enter, summed over the batch where all inputs share the exponent.
        """
        shape = (2,) * self.circuit.num_qubits + (self.batch,)
        psi, lam = Frame(state.reshape(shape)), Frame(adjoint.reshape(shape))
        found: dict[int, Scalar] = {}
        layers = list(zip(self.plan.blocks, self.matrices, self.gates))
        for block, matrix, gates in layers[::-1]:
            if self._asked(block, features):
                reduced = _reduced_on(block, len(matrix), psi, lam)
                found |= _derivatives(block, gates, reduced)
            _multiply(psi, dagger(matrix), block)
            _multiply(lam, dagger(matrix), block)
        columns = self.prepared()
        around = environments(lam.canonical().conj(), columns)
        for block, gates, column, environment in zip(
            self.plan.preparations, self.first, columns, around
        ):
            if self._asked(block, features):
                reduced = column[:, None] * environment[None]
                summed = reduced if block.batched else reduced.sum(axis=2, keepdims=True)
                found |= _derivatives(block, gates, summed)
        return found

    def _asked(self, block: Block, features: bool) -> bool:
        if features:
            return block.batched
        return any(op.angle is not None for op in block.operations)


def _multiply(frame: Frame, matrix: ComplexArray, block: Block) -> None:
    """Apply a block's matrix, or where its controls are on that of its targets."""
    if block.active is None:
        frame.multiply(matrix, block.qubits)
    else:
        frame.multiply_where(matrix, block.qubits, block.active)


def _reduced_on(block: Block, size: int, psi: Frame, lam: Frame) -> ComplexArray:
    """Return ``W = ψ λ†`` reduced to a block's qubits, or to its targets where it acts."""
    left, right = psi.front(block.qubits), lam.front(block.qubits)
    if block.active is None:
        return _reduced(left, right, block.batched)
    parts = parts_of(size, block.active)
    return sum(
        (_reduced(left[part], right[part], block.batched) for part in parts[1:]),
        _reduced(left[parts[0]], right[parts[0]], block.batched),
    )


def _derivatives(
    block: Block, gates: Sequence[ComplexArray], reduced: ComplexArray
) -> dict[int, Array]:
    """Read the derivatives off ``W`` (K, K, B) while undoing the block's gates one by one."""
    found = {}
    for op, gate in zip(block.operations[::-1], gates[::-1]):
        if op.angle is not None:
            trace = np.einsum("ba,abn->n", op.generator, _local(block, op, reduced))
            found[op.angle] = -2 * np.pi * trace.imag
        if op is not block.operations[0]:
            # U† W U is (U† (U† W)†)†.
            half = dagger(multiplied_left(block, dagger(gate), op.qubits, reduced))
            reduced = dagger(multiplied_left(block, dagger(gate), op.qubits, half))
    return found


def _reduced(psi: ComplexArray, lam: ComplexArray, batched: bool) -> ComplexArray:
    """Return ``W = ψ λ†`` on the leading axis, (K, K, N), or summed over the batch (K, K, 1)."""
    if batched:
        return np.einsum("arn,brn->abn", psi, lam.conj(), optimize=False)
    size = len(psi)
    return (psi.reshape(size, -1) @ lam.reshape(size, -1).conj().T)[..., None]


def _local(block: Block, op: Operation, reduced: ComplexArray) -> ComplexArray:
    """Trace ``W`` (K, K, B) over the block's qubits that the gate does not touch."""
    if op.qubits == block.qubits:  # as it is for a gate with many controls, a block by itself
        return reduced
    width = len(block.qubits)
    kept = [block.qubits.index(q) for q in op.qubits]
    traced = [k for k in range(width) if k not in kept]
    order = [*kept, *(width + k for k in kept), *traced, *(width + k for k in traced)]
    tensor = reduced.reshape((2,) * (2 * width) + (-1,)).transpose([*order, 2 * width])
    size, rest = 2 ** len(kept), 2 ** len(traced)
    return np.einsum("abrrn->abn", tensor.reshape(size, size, rest, rest, -1))
