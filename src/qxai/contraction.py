"""Contractions of a dense tensor with one vector per axis, batched over the last axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[Any]


def joined(vectors: Sequence[Batch]) -> Batch:
    """Return vectors, d arrays (N, K_i), as one array (Σ K_i, N), for what is done to all."""
    return np.concatenate([vector.T for vector in vectors])


def split(rows: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Return views (N, K_i) into an array (Σ K_i, N)."""
    return [rows[a:b].T for a, b in pairwise(accumulate(sizes, initial=0))]


@dataclass(frozen=True, eq=False)
class Tree:
    """Vectors (K_i, N) multiplied out by halves, the first index slowest; each product is kept.

    ``parts`` are the two halves; a single vector has none.
    """

    product: Batch
    parts: tuple["Tree", ...] = ()

    @property
    def leaves(self) -> int:
        """Number of vectors."""
        return sum(part.leaves for part in self.parts) or 1


def tree(vectors: Sequence[Batch]) -> Tree:
    """Multiply at least one vector (K_i, N) by halves."""
    if len(vectors) == 1:
        return Tree(vectors[0])
    half = len(vectors) // 2
    left, right = tree(vectors[:half]), tree(vectors[half:])
    return Tree(_times(left.product, right.product), (left, right))


def outer(vectors: Sequence[Batch]) -> Batch:
    """Multiply vectors (K_i, N) out to their product (∏K_i, N), the first index slowest."""
    return tree(vectors).product


def _times(left: Batch, right: Batch) -> Batch:
    product = np.einsum("an,bn->abn", left, right)  # faster than a product of broadcast arrays
    return product.reshape(len(left) * len(right), product.shape[2])


def _without(tensor: Batch, node: Tree) -> tuple[Batch, Batch]:
    """Contract a tensor (∏K_i, N) with all of the right half, and with all of the left."""
    left, right = (part.product for part in node.parts)
    matrix = tensor.reshape(len(left), len(right), tensor.shape[1])
    return np.einsum("abn,bn->an", matrix, right), np.einsum("abn,an->bn", matrix, left)


def environments(tensor: Batch, vectors: Sequence[Batch]) -> list[Batch]:
    """Contract a tensor with all vectors but one, for each of them.

    Halves the axes recursively, so that all of them together cost little more than one.

    Parameters
    ----------
    tensor : ndarray, shape (∏K_i, N)
        One tensor for each batch entry, flattened with the first axis slowest.
    vectors : sequence of ndarrays, shapes (K_i, N)
        At least one.

    Returns
    -------
    list of ndarrays, shapes (K_i, N)
    """
    return _environments(tensor, tree(vectors))


def _environments(tensor: Batch, node: Tree) -> list[Batch]:
    if not node.parts:
        return [tensor]
    halves = zip(_without(tensor, node), node.parts)
    return [found for half, part in halves for found in _environments(half, part)]


def _slopes(tensor: Batch, node: Tree, directions: Sequence[Batch]) -> list[Batch]:
    """Return the derivatives (N,) as each vector alone moves along its direction (K_i, N)."""
    around = _environments(tensor, node)
    return [np.einsum("an,an->n", one, step) for one, step in zip(around, directions)]


def _moved(node: Tree, directions: Sequence[Batch]) -> list[Batch]:
    """Return the product with each vector in turn replaced by its direction: (∏K_i, N) each."""
    if not node.parts:
        return [directions[0]]
    left, right = node.parts
    half = left.leaves
    return [_times(one, right.product) for one in _moved(left, directions[:half])] + [
        _times(left.product, one) for one in _moved(right, directions[half:])
    ]


def _pair_slopes(tensor: Batch, node: Tree, directions: Sequence[Batch], result: Batch) -> None:
    """Write the second derivatives along two directions above the diagonal of (m, m, N)."""
    if not node.parts:
        return
    left, half = node.parts[0], node.parts[0].leaves
    matrix = tensor.reshape(len(left.product), len(node.parts[1].product), tensor.shape[1])
    for i, one in enumerate(_moved(left, directions[:half])):
        around = np.einsum("abn,an->bn", matrix, one)
        result[i, half:] = _slopes(around, node.parts[1], directions[half:])
    places = (slice(None, half), slice(half, None))
    for contracted, part, place in zip(_without(tensor, node), node.parts, places):
        _pair_slopes(contracted, part, directions[place], result[place, place])


def balanced_split(sizes: Sequence[int]) -> int:
    """Return how many leading axes to group so that both groups are as equal as possible."""
    return min(
        range(1, len(sizes) + 1),
        key=lambda k: math.prod(sizes[:k]) + math.prod(sizes[k:]),
    )


@dataclass(frozen=True, eq=False)
class Halves:
    """One tensor (K_1, …, K_d), shared by a batch, as a matrix between two groups of its axes.

    ``right`` is None if one group holds all axes.
    """

    matrix: Batch
    left: Tree
    right: Tree | None

    @property
    def from_right(self) -> Batch:
        """The tensor contracted with the right group's vectors, (A, N)."""
        if self.right is None:
            return np.broadcast_to(self.matrix, self.left.product.shape)
        return self.matrix @ self.right.product

    @property
    def from_left(self) -> Batch:
        """The tensor contracted with the left group's vectors, (B, N)."""
        return self.matrix.T @ self.left.product


def halves(tensor: Batch, vectors: Sequence[Batch]) -> Halves:
    """Multiply the vectors (K_i, N) of two groups of axes out."""
    split = balanced_split(tensor.shape)
    matrix = tensor.reshape(math.prod(tensor.shape[:split]), -1)
    right = tree(vectors[split:]) if split < len(vectors) else None
    return Halves(matrix, tree(vectors[:split]), right)


def shared_value(tensor: Batch, vectors: Sequence[Batch]) -> Batch:
    """Contract one tensor (K_1, …, K_d) with the vectors (K_i, N) of each batch entry: (N,)."""
    both = halves(tensor, vectors)
    if both.right is None:
        return both.matrix[:, 0] @ both.left.product
    return np.einsum("bn,bn->n", both.from_left, both.right.product)


def shared_partials(tensor: Batch, vectors: Sequence[Batch]) -> tuple[Batch, list[Batch]]:
    """Contract one tensor, shared by the whole batch, with the vectors of each batch entry.

    Parameters
    ----------
    tensor : ndarray, shape (K_1, …, K_d)
    vectors : sequence of ndarrays, shapes (K_i, N)

    Returns
    -------
    value : ndarray, shape (N,)
    derivatives : list of ndarrays, shapes (K_i, N)
        Derivative of the value by each vector.
    """
    both = halves(tensor, vectors)
    from_right = both.from_right
    value = np.einsum("an,an->n", from_right, both.left.product)
    around = _environments(from_right, both.left)
    if both.right is not None:
        around += _environments(both.from_left, both.right)
    return value, around


def shared_slopes(tensor: Batch, vectors: Sequence[Batch], directions: Sequence[Batch]) -> Batch:
    """Return the derivatives (d, N) as each vector (K_i, N) alone moves along its direction."""
    both = halves(tensor, vectors)
    first = both.left.leaves
    found = _slopes(both.from_right, both.left, directions[:first])
    if both.right is not None:
        found += _slopes(both.from_left, both.right, directions[first:])
    return np.stack(found)


def shared_pair_slopes(
    tensor: Batch, vectors: Sequence[Batch], directions: Sequence[Batch]
) -> Batch:
    """Return the second derivatives (d, d, N) along two directions, above the diagonal.

    A pair with one feature in each half needs the left half's product with that feature moved
    along, carried over by the matrix: one product for each feature of the left half.
    """
    both = halves(tensor, vectors)
    first, count = both.left.leaves, both.left.product.shape[1]
    result = np.zeros((len(vectors), len(vectors), count))
    _pair_slopes(both.from_right, both.left, directions[:first], result[:first, :first])
    if both.right is not None:
        _pair_slopes(both.from_left, both.right, directions[first:], result[first:, first:])
        for i, one in enumerate(_moved(both.left, directions[:first])):
            around = both.matrix.T @ one
            result[i, first:] = _slopes(around, both.right, directions[first:])
    return result


def sized_outer(before: Sequence[Batch], after: Sequence[Batch]) -> Batch:
    """Average `outer` over the sets of a size in which vectors come from ``after``.

    Returns
    -------
    ndarray, shape (m + 1, ∏K_i, N)
        Row ``k``: the mean over all sets of ``k`` of the m vectors. Built up vector by vector as
        means of means, so that nothing cancels, however many vectors there are.
    """
    means = np.ones((1, 1, before[0].shape[1])) if before else np.ones((1, 1, 1))
    for count, (absent, present) in enumerate(zip(before, after), start=1):
        share = (np.arange(count + 1) / count)[:, None, None]  # that the newest is among the k
        grown = np.zeros((count + 1, means.shape[1] * len(absent), means.shape[2]))
        grown[:-1] += (1 - share[:-1]) * _stacked(means, absent)
        grown[1:] += share[1:] * _stacked(means, present)
        means = grown
    return means


def _stacked(means: Batch, vector: Batch) -> Batch:
    product = means[:, :, None] * vector
    return product.reshape(len(means), means.shape[1] * len(vector), product.shape[-1])


def shared_size_means(tensor: Batch, before: Sequence[Batch], after: Sequence[Batch]) -> Batch:
    """Contract one tensor with vectors of which ``k`` come from ``after``, averaged: (d + 1, N)."""
    d, split = tensor.ndim, balanced_split(tensor.shape)
    matrix = tensor.reshape(math.prod(tensor.shape[:split]), -1)
    left = sized_outer(before[:split], after[:split])
    right = [matrix @ product for product in sized_outer(before[split:], after[split:])]
    curve = np.zeros((d + 1, left.shape[2]))
    for i, first in enumerate(left):
        for j, second in enumerate(right):
            share = math.comb(split, i) * math.comb(d - split, j) / math.comb(d, i + j)
            curve[i + j] += share * (first * second).sum(axis=0)
    return curve


def by_support(relevance: Batch) -> Batch:
    """Sum the relevance (4^n, N) of all strings that act on the same qubits: (N, 2^n)."""
    count = relevance.shape[1]
    rows = relevance.T.reshape(count, 1, -1)
    while rows.shape[2] > 1:
        letters = rows.reshape(count, rows.shape[1], 4, -1)
        both = np.stack([letters[:, :, 0], letters[:, :, 1:].sum(axis=2)], axis=2)
        rows = both.reshape(count, 2 * rows.shape[1], -1)
    return rows[:, :, 0]


def support(count: int) -> Batch:
    """Tell on which qubits the strings of each of ``count = 2^n`` groups act, (2^n, n)."""
    n = count.bit_length() - 1
    return (np.arange(count)[:, None] >> np.arange(n)[::-1]) & 1 > 0
