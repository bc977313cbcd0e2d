"""Matrices on a few qubits each, multiplied onto vectors over all Pauli strings.

Vectors stand in rows, (N, 4^n), the first qubit slowest. A matrix on neighbouring qubits then
multiplies the middle axis of (N, before, K, after): no axis has to move, whatever N is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qxai.core import Array

JOINED = 2  # neighbouring qubits whose matrices are multiplied out: (16, 16) runs fastest


@dataclass(frozen=True, eq=False)
class Factor:
    """A matrix on some qubits.

    Attributes
    ----------
    qubits : tuple of int
        Ascending.
    matrix : ndarray, shape (4^k, 4^k) or (N, 4^k, 4^k)
    """

    qubits: tuple[int, ...]
    matrix: Array

    @property
    def neighbouring(self) -> bool:
        """Whether no other qubit lies between."""
        return self.qubits[-1] - self.qubits[0] < len(self.qubits)

    @property
    def transposed(self) -> "Factor":
        """The same with ``matrixᵀ``."""
        return Factor(self.qubits, self.matrix.swapaxes(-1, -2))

    @property
    def absolute(self) -> "Factor":
        """The same with the entries' absolute values; ``|A ⊗ B| = |A| ⊗ |B|``."""
        return Factor(self.qubits, np.abs(self.matrix))


def factor(matrix: Array, qubits: tuple[int, ...]) -> Factor:
    """Return a factor with the batch of its matrix (4^k, 4^k) or (4^k, 4^k, N) in front."""
    return Factor(qubits, matrix if matrix.ndim == 2 else np.moveaxis(matrix, -1, 0))


def joined(factors: Sequence[Factor], num_qubits: int) -> list[Factor]:
    """Multiply out small matrices on neighbouring qubits.

    Those on the same qubits have to commute; otherwise all qubits are different.
    """
    # From the last qubit on: products are slow where few entries follow, so a pair stands there.
    groups: list[Factor] = []
    for one in sorted(_one_each(factors), key=lambda one: -one.qubits[0]):
        if groups and _fits(one, groups[-1]):
            groups[-1] = _product(one, groups[-1])
        else:
            groups.append(one)
    return [_to_the_end(group, num_qubits) for group in groups]


def _one_each(factors: Sequence[Factor]) -> list[Factor]:
    """Multiply factors on the same qubits."""
    found: dict[tuple[int, ...], Factor] = {}
    for one in factors:
        other = found.get(one.qubits)
        found[one.qubits] = one if other is None else Factor(one.qubits, one.matrix @ other.matrix)
    return list(found.values())


def multiplied(rows: Array, factors: Sequence[Factor]) -> Array:
    """Multiply vectors (N, 4^n) by all factors."""
    for one in factors:
        rows = _multiplied(rows, one)
    return rows


def _fits(left: Factor, right: Factor) -> bool:
    return (
        left.neighbouring
        and right.neighbouring
        and left.qubits[-1] + 1 == right.qubits[0]
        and len(left.qubits) + len(right.qubits) <= JOINED
    )


def _product(left: Factor, right: Factor) -> Factor:
    a, b = left.matrix, right.matrix
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    size = a.shape[-1] * b.shape[-1]
    return Factor(left.qubits + right.qubits, product.reshape(*product.shape[:-4], size, size))


def _to_the_end(one: Factor, num_qubits: int) -> Factor:
    """Take in the last qubit where it alone follows: a product with four columns is slow."""
    last = num_qubits - 1
    if one.neighbouring and one.qubits[-1] + 1 == last and len(one.qubits) <= JOINED:
        return _product(one, Factor((last,), np.eye(4)))
    return one


def _multiplied(rows: Array, one: Factor) -> Array:
    if not one.neighbouring:
        return _scattered(rows, one)
    matrix, size = one.matrix, one.matrix.shape[-1]
    after = 4 ** (_num_qubits(rows) - one.qubits[-1] - 1)
    if after == 1:
        return _on_last(rows, matrix).reshape(rows.shape)
    wide = matrix if matrix.ndim == 2 else matrix[:, None]
    return np.matmul(wide, rows.reshape(len(rows), -1, size, after)).reshape(rows.shape)


def _on_last(rows: Array, matrix: Array) -> Array:
    """Multiply the last axis: one product for all rows, unless each has a matrix of its own."""
    size = matrix.shape[-1]
    if matrix.ndim == 2:
        return rows.reshape(-1, size) @ matrix.T
    return rows.reshape(len(rows), -1, size) @ matrix.swapaxes(1, 2)


def _scattered(rows: Array, one: Factor) -> Array:
    """Move qubits that are no neighbours to the end, and back."""
    tensor = rows.reshape(len(rows), *(4,) * _num_qubits(rows))
    here, there = [q + 1 for q in one.qubits], range(-len(one.qubits), 0)
    moved = np.moveaxis(tensor, here, there)
    product = _on_last(moved.reshape(rows.shape), one.matrix).reshape(moved.shape)
    return np.moveaxis(product, there, here).reshape(rows.shape)


def _num_qubits(rows: Array) -> int:
    return (rows.shape[1].bit_length() - 1) // 2
