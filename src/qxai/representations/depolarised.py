"""The game of a train in which absent features are depolarised qubits: what QLRP shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.core import Array
from qxai.representations.sweeping import Row
from qxai.threads import limited


@dataclass(frozen=True, eq=False)
class DepolarisedTrain:
    """A train whose vectors have one more entry: 1 where the qubit is depolarised, else 0.

    Attributes
    ----------
    train : TensorTrain
        One that knows its tensors with a qubit depolarised.
    """

    train: Any

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return int(self.train.num_features)

    @property
    def interaction_order(self) -> int:
        """Largest number of qubits that can meet in one term."""
        return int(self.train.interaction_order)

    @property
    def operations(self) -> int:
        """How many multiplications one contraction takes, about."""
        return int(self.train.operations)

    @property
    def at_once(self) -> int:
        """How many vectors one sweep takes."""
        return int(self.train.at_once)

    @cached_property
    def row(self) -> Row:
        """The tensors, each with one more slice."""
        assert self.train.depolarised is not None
        pairs = zip(self.train.tensors, self.train.depolarised)
        return Row(tuple(np.concatenate([t, bare[:, None]], axis=1) for t, bare in pairs))

    def vectors(self, X: ArrayLike) -> list[Array]:
        """Return each feature's vector, its qubit as the feature leaves it: d arrays (N, K_i)."""
        return [np.pad(vector, ((0, 0), (0, 1))) for vector in self.train.vectors(X)]

    def absent(self) -> list[Array]:
        """Return each feature's vector, its qubit depolarised: d arrays (1, K_i)."""
        sizes = [2 * len(w) + 2 for w in self.train.frequencies]
        return [np.eye(size)[-1:] for size in sizes]

    @limited()
    def contract(self, vectors: Sequence[Array]) -> Array:
        """Return the value (N,) at one vector per feature, d arrays (N, K_i)."""
        parts = [self.row.contract(part) for (part,) in self.train.pieces(vectors)]
        return np.asarray(np.concatenate(parts) + self.train.constant)

    @limited()
    def slopes(self, vectors: Sequence[Array], directions: Sequence[Array]) -> Array:
        """Return the derivatives (N, d) as each vector alone moves along its direction."""
        parts = [self.row.slopes(*part) for part in self.train.pieces(vectors, directions)]
        return np.asarray(self.train.by_feature(np.concatenate(parts, axis=1)))
