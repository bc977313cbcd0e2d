"""States of a register of qubits, which stand in any order, that matrices multiply."""

import numpy as np

from qxai.backends.frame import parts_of
from qxai.backends.fusion import Block
from qxai.core import Array, ComplexArray, Mask

FEW = 32  # columns: fewer are multiplied faster once all groups of them stand side by side


class Register:
    """C states for each of N inputs, (C, 2^n, N), with the qubits in any order.

    Qubits that stand side by side are multiplied where they are; others are moved to the front.
    """

    def __init__(self, array: ComplexArray, order: tuple[int, ...] | None = None) -> None:
        self.array = array
        self.order = tuple(range(len(array[0]).bit_length() - 1)) if order is None else order

    @classmethod
    def zero(cls, num_qubits: int, batch: int) -> "Register":
        """Return all qubits at 0, one copy."""
        array = np.zeros((1, 1 << num_qubits, batch), np.complex128)
        array[:, 0] = 1
        return cls(array)

    def grouped(self, qubits: tuple[int, ...]) -> ComplexArray:
        """Return the states with some qubits as one axis: (C, before, K, after, N)."""
        copies, size, batch = self.array.shape
        first = self.order.index(qubits[0])
        after = size >> (first + len(qubits))
        beside = self.order[first : first + len(qubits)] == qubits
        if not beside or (first and after * batch < FEW):
            self._move((*qubits, *(q for q in self.order if q not in qubits)))
            first, after = 0, size >> len(qubits)
        return self.array.reshape(copies, 1 << first, 1 << len(qubits), after, batch)

    def multiply(
        self, matrix: ComplexArray, qubits: tuple[int, ...], active: tuple[int, ...] | None
    ) -> None:
        """Apply a matrix (K, K), or one for each input (K, K, N).

        Of a gate with many controls it is applied to the last qubits, where the others are in
        one of the ``active`` states.
        """
        states = self.grouped(qubits)
        if active is None:
            product = _multiplied(matrix, states)
        else:
            product = states.copy()
            for part in parts_of(len(matrix), active):
                product[:, :, part] = _multiplied(matrix, states[:, :, part])
        self.array = product.reshape(self.array.shape)

    def multiply_unless(
        self,
        gone: Mask,
        matrix: ComplexArray,
        qubits: tuple[int, ...],
        active: tuple[int, ...] | None,
    ) -> None:
        """Do the same, but leave the states of the inputs (N,) alone for which a gate is gone."""
        self.grouped(qubits)
        before = self.array
        self.multiply(matrix, qubits, active)
        self.array = np.where(gone, before, self.array)

    def canonical(self) -> ComplexArray:
        """Return the states with their qubits in order."""
        return self.ordered(tuple(sorted(self.order)))

    def ordered(self, order: tuple[int, ...]) -> ComplexArray:
        """Return the states with their qubits in another order."""
        self._move(order)
        return self.array

    def reordered(self, diagonal: Array) -> Array:
        """Return one number for each basis state in the order that the qubits stand in."""
        if self.order == tuple(range(len(self.order))):
            return diagonal
        return diagonal.reshape((2,) * len(self.order)).transpose(self.order).ravel()

    def with_copy(self, other: ComplexArray) -> "Register":
        """Return the one state and another, whose qubits stand in the same order."""
        return Register(np.stack([self.array[0], other]), self.order)

    def reduced(self, size: int, block: Block) -> ComplexArray:
        """Return ``W = ψ λ†`` of two copies on a block's qubits, (K, K), or (K, K, N).

        Of a gate with many controls it is reduced to its targets, of ``size``, where it acts.
        """
        states = self.grouped(block.qubits)
        if block.active is not None:
            parts = [states[:, :, part] for part in parts_of(size, block.active)]
            states = np.concatenate(parts, axis=1)
        psi, lam = states[0], states[1].conj()
        if block.batched:
            return np.asarray(np.einsum("parn,pbrn->abn", psi, lam, optimize=False))
        flat = (len(psi), len(psi[0]), -1)
        products = psi.reshape(flat) @ lam.reshape(flat).swapaxes(1, 2)
        return np.asarray(products.sum(axis=0))

    def _move(self, order: tuple[int, ...]) -> None:
        if order == self.order:
            return
        copies, size, batch = self.array.shape
        axes = [1 + self.order.index(q) for q in order]
        tensor = self.array.reshape(copies, *(2,) * len(order), batch)
        moved = tensor.transpose(0, *axes, len(order) + 1)
        self.array, self.order = moved.reshape(copies, size, batch), order


def _multiplied(matrix: ComplexArray, states: ComplexArray) -> ComplexArray:
    """Return a matrix (K, K), or one for each input (K, K, N), times (C, before, K, after, N)."""
    copies, before, size, after, batch = states.shape
    if matrix.ndim == 2:
        flat = states.reshape(copies, before, size, after * batch)
        return (matrix @ flat).reshape(states.shape)
    return _batched(matrix, states)


def _batched(matrix: ComplexArray, states: ComplexArray) -> ComplexArray:
    result = np.zeros_like(states)
    factors, source, target = matrix, states, result
    if not matrix.imag.any():  # real factors need a third of the arithmetic
        factors = np.repeat(matrix.real, 2, axis=2)
        source, target = states.view(np.float64), result.view(np.float64)
    for row, column in zip(*np.nonzero(factors.any(axis=2))):
        target[:, :, row] += factors[row, column] * source[:, :, column]
    return result
