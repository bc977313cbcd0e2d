"""Layers of a network on Pauli expectation values.

All methods take and return vectors (4^n, N). They are fastest where an input's activations stand
next to one another in memory, as what they return does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qxai.core import Array
from qxai.quadrature import unit_gauss_legendre
from qxai.representations.kronecker import Factor, factor, joined, multiplied

ROUNDING = 1e-14  # of entries of a transfer matrix that are 0 or ±1: a product of a few gates


@dataclass(frozen=True, eq=False)
class TransferBlock:
    """A Pauli transfer matrix on some qubits, and what it becomes where its feature is present.

    Attributes
    ----------
    qubits : tuple of int
        Ascending.
    feature : int or None
        The feature that enters; None if none does.
    matrix : ndarray, shape (4^k, 4^k) or (4^k, 4^k, N)
        With the feature at its baseline.
    present : ndarray, shape (4^k, 4^k, N)
        With the feature at its input; the same as ``matrix`` without a feature.
    """

    qubits: tuple[int, ...]
    feature: int | None
    matrix: Array
    present: Array

    @property
    def permutes(self) -> bool:
        """Whether it only permutes strings and changes signs."""
        if self.feature is not None or self.matrix.ndim > 2:
            return False
        whole = np.rint(self.matrix)
        one_each = (np.abs(whole).sum(axis=1) == 1).all()
        return bool(one_each and np.abs(self.matrix - whole).max() <= ROUNDING)

    def rows(self, rows: slice) -> "TransferBlock":
        """Return the block for some of the inputs."""
        return replace(self, matrix=_rows(self.matrix, rows), present=_rows(self.present, rows))

    def mixed(self, absent: float, present: float) -> Factor:
        """Return ``absent`` times the matrix and ``present`` times that with the feature."""
        return factor(absent * self.matrix + present * self.present, self.qubits)


@dataclass(frozen=True, eq=False)
class PauliLayer:
    """One layer: blocks on disjoint qubits."""

    num_qubits: int
    blocks: tuple[TransferBlock, ...]

    @cached_property
    def features(self) -> tuple[int, ...]:
        """The features that enter this layer."""
        return tuple(sorted({b.feature for b in self.blocks if b.feature is not None}))

    @cached_property
    def permutes(self) -> bool:
        """Whether each output is one input, up to a sign, as behind Clifford gates."""
        return all(block.permutes for block in self.blocks)

    def rows(self, rows: slice) -> "PauliLayer":
        """Return the layer for some of the inputs."""
        if not self._batched:
            return self  # with what it has made of its blocks
        return replace(self, blocks=tuple(block.rows(rows) for block in self.blocks))

    def forward(self, activations: Array) -> Array:
        """Multiply by ``T``, features at their baselines."""
        return multiplied(activations.T, self._factors).T

    def backward(self, coefficients: Array) -> Array:
        """Multiply by ``Tᵀ``."""
        return multiplied(coefficients.T, [one.transposed for one in self._factors]).T

    def forward_absolute(self, activations: Array) -> Array:
        """Multiply by ``|T|``."""
        return multiplied(activations.T, self._absolute).T

    def backward_absolute(self, coefficients: Array) -> Array:
        """Multiply by ``|T|ᵀ``."""
        return multiplied(coefficients.T, [one.transposed for one in self._absolute]).T

    def contributions(self, activations: Array) -> list[Array]:
        """Share what the inputs change, ``T(x) a − T(x̃) a``, among the layer's features.

        Each gets its Shapley value, by the diagonal formula: at a node ``t`` every feature is
        present with probability ``t``, and all gates of a feature share one coin.
        """
        if not self.features:
            return []
        fixed = [factor(b.matrix, b.qubits) for b in self.blocks if b.feature is None]
        start = multiplied(activations.T, self._joined(fixed))
        totals = [np.zeros_like(start) for _ in self.features]
        for t, weight in zip(*unit_gauss_legendre(-(-len(totals) // 2))):
            for total, change in zip(totals, self._changes(self.features, start, t)):
                total += weight * change
        return [total.T for total in totals]

    def _changes(self, features: Sequence[int], rows: Array, t: float) -> list[Array]:
        """Apply all features' mixtures but one, and that one's change, for each; by halves."""
        if len(features) == 1:
            return [self._moved([(features[0], -1.0, 1.0)], rows)]
        left, right = features[: len(features) // 2], features[len(features) // 2 :]
        return self._changes(left, self._mixed(right, rows, t), t) + self._changes(
            right, self._mixed(left, rows, t), t
        )

    def _mixed(self, features: Sequence[int], rows: Array, t: float) -> Array:
        return self._moved([(feature, 1 - t, t) for feature in features], rows)

    def _moved(self, moves: Sequence[tuple[int, float, float]], rows: Array) -> Array:
        """Apply ``absent ⊗T(x̃) + present ⊗T(x)`` of each feature's blocks, of several features."""
        single = []
        for feature, absent, present in moves:
            mine = [b for b in self.blocks if b.feature == feature]
            if len(mine) == 1:
                single.append(mine[0].mixed(absent, present))
            else:  # the sum of two products is no product
                without = multiplied(rows, [b.mixed(1.0, 0.0) for b in mine])
                moved = multiplied(rows, [b.mixed(0.0, 1.0) for b in mine])
                rows = absent * without + present * moved
        return multiplied(rows, self._joined(single))

    @cached_property
    def _batched(self) -> bool:
        return any(b.matrix.ndim > 2 or b.present.ndim > 2 for b in self.blocks)

    @cached_property
    def _factors(self) -> list[Factor]:
        return self._joined([factor(block.matrix, block.qubits) for block in self.blocks])

    @cached_property
    def _absolute(self) -> list[Factor]:
        return [one.absolute for one in self._factors]

    def _joined(self, factors: Sequence[Factor]) -> list[Factor]:
        return joined(factors, self.num_qubits)


@dataclass(frozen=True, eq=False)
class Permutation:
    """Several layers that only permute strings and change signs, as one.

    Attributes
    ----------
    num_qubits : int
    blocks : tuple of TransferBlock
        One after the other; they may share qubits.
    """

    num_qubits: int
    blocks: tuple[TransferBlock, ...]

    @property
    def features(self) -> tuple[int, ...]:
        """No feature enters."""
        return ()

    @property
    def permutes(self) -> bool:
        """Each output is one input, up to a sign."""
        return True

    def forward(self, activations: Array) -> Array:
        """Multiply by ``T``: entry ``P`` is that of ``sources[P]``, times a sign."""
        return (activations.T.take(self._sources, axis=1) * self._signs).T

    def backward(self, coefficients: Array) -> Array:
        """Multiply by ``Tᵀ``."""
        return self._returned(coefficients.T * self._signs)

    def forward_absolute(self, activations: Array) -> Array:
        """Multiply by ``|T|``."""
        return activations.T.take(self._sources, axis=1).T

    def backward_absolute(self, coefficients: Array) -> Array:
        """Multiply by ``|T|ᵀ``."""
        return self._returned(coefficients.T)

    def contributions(self, activations: Array) -> list[Array]:
        """Return nothing: no feature enters."""
        return []

    def _returned(self, rows: Array) -> Array:
        result = np.empty(rows.shape)
        result[:, self._sources] = rows
        return result.T

    @property
    def _sources(self) -> NDArray[np.intp]:
        return self._sources_and_signs[0]

    @property
    def _signs(self) -> Array:
        return self._sources_and_signs[1]

    @cached_property
    def _sources_and_signs(self) -> tuple[NDArray[np.intp], Array]:
        sources, signs = np.arange(4**self.num_qubits), np.ones(4**self.num_qubits)
        for block in self.blocks:
            origin, sign = _origins(block, self.num_qubits)
            sources, signs = sources[origin], sign * signs[origin]
        return sources, signs


def _origins(block: TransferBlock, num_qubits: int) -> tuple[NDArray[np.intp], Array]:
    """Return where each string's entry comes from, and its sign, (4^n,) each."""
    whole = np.rint(block.matrix)
    source = np.abs(whole).argmax(axis=1)
    letters = 4 ** np.arange(len(block.qubits))[::-1]
    places = 4 ** (num_qubits - 1 - np.array(block.qubits))
    strings = np.arange(4**num_qubits)
    local = sum(
        (strings // place % 4 * letter for place, letter in zip(places, letters)),
        np.zeros_like(strings),
    )
    # How far a string moves depends on its letters on these qubits only.
    offset = (np.arange(len(whole))[:, None] // letters % 4) @ places
    return strings + (offset[source] - offset)[local], whole.sum(axis=1)[local]


def _rows(matrix: Array, rows: slice) -> Array:
    return matrix if matrix.ndim == 2 else matrix[..., rows]
