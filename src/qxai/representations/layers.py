"""Layers of a network on Pauli expectation values.

All methods take and return vectors (4^n, N). They are fastest where an input's activations stand
next to one another in memory, as what they return does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qxai.core import Array
from qxai.quadrature import unit_gauss_legendre
from qxai.representations.kronecker import Factor, factor, joined, multiplied

Places = NDArray[np.intp]  # of strings
Sums = Mapping[int, list[list[Factor]]]  # of each feature: a sum of products of factors
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

    @property
    def scattered(self) -> bool:
        """Whether a block joins qubits that are no neighbours."""
        return any(len(b.qubits) <= b.qubits[-1] - b.qubits[0] for b in self.blocks)

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
            mixtures = {feature: self._sum(feature, 1 - t, t) for feature in self.features}
            changes = {feature: self._sum(feature, -weight, weight) for feature in self.features}
            for total, change in zip(
                totals, self._changes(self.features, start, mixtures, changes)
            ):
                total += change
        return [total.T for total in totals]

    def _changes(
        self, features: Sequence[int], rows: Array, mixtures: Sums, changes: Sums
    ) -> Iterator[Array]:
        """Apply all features' mixtures but one, and that one's change, for each; by halves."""
        if len(features) <= 2:
            for mine in features:
                both = [(changes if f == mine else mixtures)[f] for f in features]
                yield self._moved(both, rows)
            return
        left, right = features[: len(features) // 2], features[len(features) // 2 :]
        for these, others in ((left, right), (right, left)):
            beside = self._moved([mixtures[f] for f in others], rows)
            yield from self._changes(these, beside, mixtures, changes)

    def _sum(self, feature: int, absent: float, present: float) -> list[list[Factor]]:
        """Return ``absent ⊗T(x̃) + present ⊗T(x)`` of a feature's blocks, a sum of products."""
        first, *others = [b for b in self.blocks if b.feature == feature]
        if not others:
            return [[first.mixed(absent, present)]]
        return [
            [first.mixed(absent, 0.0), *(b.mixed(1.0, 0.0) for b in others)],
            [first.mixed(0.0, present), *(b.mixed(0.0, 1.0) for b in others)],
        ]

    def _moved(self, sums: Sequence[list[list[Factor]]], rows: Array) -> Array:
        """Multiply by several such sums; those of one product are multiplied out together."""
        single = [one for products in sums if len(products) == 1 for one in products[0]]
        rows = multiplied(rows, self._joined(single))
        for products in sums:
            if len(products) > 1:
                absent, present = (multiplied(rows, self._joined(each)) for each in products)
                rows = absent + present
        return rows

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

    def rows(self, rows: slice) -> "Permutation":
        """Return the layer for some of the inputs: the same for all."""
        return self

    def forward(self, activations: Array) -> Array:
        """Multiply by ``T``: entry ``P`` is that of ``sources[P]``, times a sign."""
        return (activations.T.take(self._sources, axis=1) * self._signs).T

    def backward(self, coefficients: Array) -> Array:
        """Multiply by ``Tᵀ``."""
        return (coefficients.T * self._signs).take(self._targets, axis=1).T

    def forward_absolute(self, activations: Array) -> Array:
        """Multiply by ``|T|``."""
        return activations.T.take(self._sources, axis=1).T

    def backward_absolute(self, coefficients: Array) -> Array:
        """Multiply by ``|T|ᵀ``."""
        return coefficients.T.take(self._targets, axis=1).T

    def contributions(self, activations: Array) -> list[Array]:
        """Return nothing: no feature enters."""
        return []

    @property
    def _sources(self) -> Places:
        return self._sources_and_signs[0]

    @property
    def _signs(self) -> Array:
        return self._sources_and_signs[1]

    @cached_property
    def _targets(self) -> Places:
        if np.array_equal(self._sources[self._sources], np.arange(len(self._sources))):
            return self._sources  # as behind CZ, CX and SWAP
        targets = np.empty_like(self._sources)
        targets[self._sources] = np.arange(len(targets))
        return targets

    @cached_property
    def _sources_and_signs(self) -> tuple[Places, Array]:
        sources, signs = np.arange(4**self.num_qubits), np.ones(4**self.num_qubits)
        for block in self.blocks:
            origin, sign = _origins(block, self.num_qubits)
            sources, signs = sources[origin], sign * signs[origin]
        return sources, signs


def _origins(block: TransferBlock, num_qubits: int) -> tuple[Places, Array]:
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
