"""The matrices of fused blocks of gates."""

from collections.abc import Sequence

import numpy as np

from qxai.angles import Scalar
from qxai.backends.frame import Frame, parts_of
from qxai.backends.fusion import Block
from qxai.compiled import Operation
from qxai.core import ComplexArray

Exponents = list[Scalar]


def block_matrix(block: Block, gates: Sequence[ComplexArray]) -> ComplexArray:
    """Multiply a block's gates to one matrix (K, K), or (K, K, N) if the block is batched."""
    gates = [written_out(gate, op) for gate, op in zip(gates, block.operations)]
    size = 2 ** len(block.qubits)
    if len(gates) == 1 and block.operations[0].qubits == block.qubits:
        return gates[0]
    if not block.batched:
        shared = np.eye(size, dtype=np.complex128)
        for gate, op in zip(gates, block.operations):
            shared = _embedded(block, gate, op.qubits) @ shared
        return shared
    batch = max([gate.shape[2] for gate in gates if gate.ndim == 3], default=1)
    matrix = np.broadcast_to(np.eye(size, dtype=np.complex128)[..., None], (size, size, batch))
    for gate, op in zip(gates, block.operations):
        matrix = multiplied_left(block, gate, op.qubits, matrix)
    return matrix


def written_out(gate: ComplexArray, op: Operation) -> ComplexArray:
    """Return a gate's matrix on all of its qubits, also if it has many controls."""
    if op.active is None:
        return gate
    size = 2 ** len(op.qubits)
    matrix = np.zeros((size, size, *gate.shape[2:]), np.complex128)
    matrix[range(size), range(size)] = 1
    for part in parts_of(len(gate), op.active):
        matrix[part, part] = gate
    return matrix


def _embedded(block: Block, gate: ComplexArray, qubits: tuple[int, ...]) -> ComplexArray:
    """Return a gate on some of a block's qubits as a matrix on all of them."""
    first, width = block.qubits.index(qubits[0]), len(qubits)
    if block.qubits[first : first + width] != qubits:
        identity = np.eye(2 ** len(block.qubits), dtype=np.complex128)[..., None]
        return multiplied_left(block, gate, qubits, identity)[..., 0]
    before, after = np.eye(2**first), np.eye(2 ** (len(block.qubits) - first - width))
    product = before[:, None, None, :, None, None] * gate[:, None, None, :, None]
    product = product * after[:, None, None, :]
    return product.reshape(2 ** len(block.qubits), -1)


def block_gates(block: Block, exponents: Exponents) -> list[ComplexArray]:
    """Return the unitaries of a block's operations."""
    return [op.matrix(exponents) for op in block.operations]


def multiplied_left(
    block: Block, gate: ComplexArray, qubits: tuple[int, ...], matrix: ComplexArray
) -> ComplexArray:
    """Multiply (K, K, B) from the left by a gate on some of the block's qubits."""
    size, _, batch = matrix.shape
    frame = Frame(matrix.reshape((2,) * len(block.qubits) + (size * batch,)))
    per_column = np.tile(gate, (1, 1, size)) if gate.ndim == 3 else gate
    frame.multiply(per_column, tuple(block.qubits.index(q) for q in qubits))
    return frame.canonical().reshape(size, size, batch)
