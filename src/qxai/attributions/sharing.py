"""How a Pauli string shares its relevance among qubits, features or groups of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.core import Array, Mask
from qxai.players import Players


@dataclass(frozen=True, eq=False)
class Sharing:
    """How a string that acts on encoded qubits shares its relevance.

    Attributes
    ----------
    owners : ndarray, shape (Q, d)
        The share of each feature in a qubit.
    players : Players or None
        Among whom strings share; None for the qubits, which hand theirs to their features.
    """

    owners: Array
    players: Players | None

    @cached_property
    def _holds(self) -> Mask:
        """Which player has a feature on each qubit, (Q, G)."""
        if ((self.owners > 0).sum(axis=1) > 1).any():
            raise ValueError(
                "players: expected at most one feature on each qubit, found several on one; use "
                "players='qubits' and no groups"
            )
        parts = [] if self.players is None else self.players.members
        return np.stack([(self.owners[:, list(part)] > 0).any(axis=1) for part in parts], axis=1)

    @property
    def width(self) -> int:
        """How many numbers an explanation has."""
        return self.owners.shape[1] if self.players is None else self.players.count

    @property
    def count(self) -> int:
        """How many players are on the circuit."""
        if self.players is None:
            return len(self.owners)
        return int(self._holds.any(axis=0).sum())

    def of(self, acting: Mask) -> Array:
        """Return each string's share for each player (S, G), given where it acts (S, Q)."""
        if self.players is None:
            return np.asarray(equal_shares(acting) @ self.owners)
        return equal_shares((acting @ self._holds) > 0)


def equal_shares(acting: Mask) -> Array:
    """Share each row's one equally among its true entries; a row without any has nothing."""
    return acting / np.maximum(acting.sum(axis=1), 1)[:, None]
