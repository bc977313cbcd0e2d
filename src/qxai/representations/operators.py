"""An observable as a row of small tensors, carried back through a circuit gate by gate.

The coefficients of Pauli strings, 4^n of them, are a product of one tensor ``(χ, 4, χ')`` for each
qubit: a matrix product operator. A gate on two neighbours multiplies their product, which is split
again by singular values. To the left and right of the place in hand the tensors are orthogonal, so
singular values left out there are a distance between all coefficients.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.linalg

from qxai.core import Array, ComplexArray, Indices
from qxai.memory import TooLargeError
from qxai.representations.chains import Step

ROUNDING = 1e-14  # singular values below this share of all are rounding errors
ENOUGH = 1e100  # more than any coefficient
PAULI = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [0, -1j, 1j, 0], [1, 0, 0, -1]])  # row by row
PAIRS = np.einsum("pac,qbd->pqabcd", PAULI.reshape(4, 2, 2), PAULI.reshape(4, 2, 2))
ROWS = {2: PAULI, 4: PAIRS.reshape(16, 16)}
EXCHANGE = np.eye(16).reshape(4, 4, 16).transpose(1, 0, 2).reshape(16, 16)  # of two letters


@dataclass
class Ledger:
    """What is left out, as a distance: a sweep's parts are orthogonal, different sweeps' are not.

    Attributes
    ----------
    total : float
        Of all sweeps that are over, added up.
    sweeps : int
        How many sweeps there are, the one under way included.
    """

    total: float = 0.0
    sweeps: int = 1
    _square: float = 0.0
    _bond: int = -1
    _direction: int = 0

    def note(self, bond: int, square: float) -> None:
        """Take down the squares left out at a bond."""
        direction = int(np.sign(bond - self._bond))
        if not direction or (self._direction and direction != self._direction):
            self.total += math.sqrt(self._square)
            self._square, direction = 0.0, 0
            self.sweeps += 1
        self._bond, self._direction = bond, direction
        self._square += square

    @property
    def distance(self) -> float:
        """A bound on the distance from what it would be with nothing left out."""
        return self.total + math.sqrt(self._square)


@dataclass
class Operator:
    """A row of tensors with everything beside the place in hand orthogonal.

    Attributes
    ----------
    tensors : list of ndarrays, shapes (χ, K, χ')
    bond : int
        Most that a bond may have.
    cut : bool
        Whether a bond that would have more is cut; it is refused otherwise.
    allowed : float
        Largest distance that one cut may add.
    """

    tensors: list[Array]
    bond: int
    cut: bool
    allowed: float = 0.0
    place: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    def apply(self, step: Step, matrix: Array) -> None:
        """Multiply by a gate's matrix: of one place, or of two neighbours, the left one slowest."""
        if not step.joins:
            self.tensors[step.place] = np.einsum("pq,aqb->apb", matrix, self.tensors[step.place])
            return
        self.move(step.place if self.place <= step.place else step.place + 1)
        left, right = self.tensors[step.place : step.place + 2]
        pair = np.tensordot(left, right, axes=1)
        a, p, q, b = pair.shape
        flat = pair.transpose(1, 2, 0, 3).reshape(p * q, a * b)
        turned = (matrix @ flat).reshape(p, q, a, b).transpose(2, 0, 1, 3)
        self._split(step.place, turned, rightwards=self.place == step.place)

    def move(self, place: int) -> None:
        """Make another place the one in hand."""
        while self.place < place:
            tensor = self.tensors[self.place]
            rest, factor = np.linalg.qr(tensor.reshape(-1, tensor.shape[2]))
            self.tensors[self.place] = rest.reshape(*tensor.shape[:2], -1)
            self.place += 1
            self.tensors[self.place] = np.tensordot(factor, self.tensors[self.place], axes=1)
        while self.place > place:
            tensor = self.tensors[self.place]
            rest, factor = np.linalg.qr(tensor.reshape(len(tensor), -1).T)
            self.tensors[self.place] = rest.T.reshape(-1, *tensor.shape[1:])
            self.place -= 1
            self.tensors[self.place] = np.tensordot(self.tensors[self.place], factor.T, axes=1)

    def compress(self) -> None:
        """Cut every bond once, from the place in hand, the last, to the first."""
        self.move(len(self.tensors) - 1)
        for place in range(len(self.tensors) - 2, -1, -1):
            pair = np.tensordot(self.tensors[place], self.tensors[place + 1], axes=1)
            self._split(place, pair, rightwards=False)

    def _split(self, place: int, pair: Array, rightwards: bool) -> None:
        """Write a tensor of two places as two, without the smallest singular values."""
        a, p, q, b = pair.shape
        left, sizes, right = decomposed(pair.reshape(a * p, q * b))
        kept = self._kept(place, sizes)
        left, sizes, right = left[:, :kept], sizes[:kept], right[:kept]
        if rightwards:
            right = sizes[:, None] * right
        else:
            left = left * sizes
        self.tensors[place : place + 2] = left.reshape(a, p, kept), right.reshape(kept, q, b)
        self.place = place + 1 if rightwards else place

    def _kept(self, place: int, sizes: Array) -> int:
        """Return how many singular values to keep, and note what goes with the others."""
        behind = np.append(np.cumsum(sizes[::-1] ** 2)[::-1], 0.0)  # squares from each one on
        least = max(min(self.allowed, ENOUGH) ** 2, (ROUNDING**2) * behind[0])
        kept = max(1, int(np.argmax(behind <= least)))
        if kept > self.bond and not self.cut:
            raise TooLargeError(f"{kept} behind place {place}")
        kept = min(kept, self.bond)
        self.ledger.note(place, float(behind[kept]))
        return kept


def decomposed(matrix: Array) -> tuple[Array, Array, Array]:
    """Return singular vectors and values; by the slower way where the faster one fails."""
    try:
        return np.linalg.svd(matrix, full_matrices=False)
    except np.linalg.LinAlgError:
        return scipy.linalg.svd(matrix, full_matrices=False, lapack_driver="gesvd")


def strings_in_a_row(strings: Indices, coefficients: Array) -> list[Array]:
    """Return a sum of strings (S, n) as tensors, all but the last orthogonal.

    Qubit by qubit the strings that go on alike are taken together, so a bond counts what has to
    be remembered of the left and no more.
    """
    if not len(strings):
        strings, coefficients = np.zeros((1, strings.shape[1]), np.intp), np.zeros(1)
    table, rest, found = coefficients[None], strings, list[Array]()
    for _ in range(strings.shape[1] - 1):
        following, where = np.unique(rest[:, 1:], axis=0, return_inverse=True)
        grown = np.zeros((len(table), 4, len(following)))
        np.add.at(grown, _at(rest[:, 0], where.reshape(-1)), table)
        left, sizes, right = decomposed(grown.reshape(-1, len(following)))
        kept = max(1, int((sizes > ROUNDING * np.linalg.norm(sizes)).sum()))
        found.append(left[:, :kept].reshape(-1, 4, kept))
        table, rest = sizes[:kept, None] * right[:kept], following
    last = np.zeros((len(table), 4, 1))
    np.add.at(last[..., 0], _at(rest[:, 0]), table)
    return [*found, last]


def _at(*indices: Indices) -> Any:
    """Return the places with those indices, behind all of the first axis."""
    return slice(None), *indices


def pulled(unitary: ComplexArray) -> Array:
    """Return what a gate does to Pauli coefficients on the way back: ``Tr(P U† Q U) / K``."""
    strings = ROWS[len(unitary)]
    back = np.kron(unitary.conj().T, unitary.T)  # of matrices written row by row
    return np.asarray((strings.conj() @ back @ strings.T).real / len(unitary))


def turned(matrix: Array) -> Array:
    """Return a matrix of two neighbours for the other order of them."""
    return matrix.reshape(4, 4, 4, 4).transpose(1, 0, 3, 2).reshape(16, 16)


def sweeps(steps: Sequence[Step]) -> int:
    """Return how many sweeps the cuts of some steps form."""
    ledger = Ledger()
    for step in steps:
        if step.joins:
            ledger.note(step.place, 0.0)
    return ledger.sweeps
