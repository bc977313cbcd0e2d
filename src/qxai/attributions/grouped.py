"""Shapley values of groups: one coin decides about all features of a group."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from qxai.core import Array, Multilinear
from qxai.players import Players

MOST_GROUPS = 12


def grouped_values(
    polynomial: Multilinear,
    players: Players,
    before: Sequence[Array],
    after: Sequence[Array],
    nodes: Array,
    weights: Array,
) -> Array:
    """Integrate along the diagonal of the players' multilinear extension, (N, G).

    A model is linear in the vector of each feature, and so in the coin of a player that is one
    feature; the coin of a group moves several vectors at once. All states ``T`` of the groups are
    gone through, each with its probability, while the other features' vectors are mixed:
    ``F(t) = Σ_T t^|T| (1−t)^{b−|T|} F_T(t)`` with ``b`` groups.

    Parameters
    ----------
    polynomial : Multilinear
    players : Players
    before, after : sequences of d ndarrays, shape (N or 1, K_i) and (N, K_i)
        The features' vectors while absent and while present.
    nodes, weights : ndarrays, shape (P,)
        A quadrature on [0, 1] that is exact for the degree of the players' extension less one.
    """
    groups = [g for g, part in enumerate(players.members) if len(part) > 1]
    if len(groups) > MOST_GROUPS:
        raise ValueError(
            f"groups: expected at most {MOST_GROUPS} of several features, whose states can be "
            f"gone through, found {len(groups)}; pass samples= and rng="
        )
    alone = [part[0] for part in players.members if len(part) == 1]
    singles = [g for g, part in enumerate(players.members) if len(part) == 1]
    grouped = {i: groups.index(g) for g in groups for i in players.members[g]}
    count = len(after[0])
    values = np.zeros((count, players.count))
    for t, weight in zip(nodes, weights):
        for state in product((0, 1), repeat=len(groups)):
            share = [float(state[grouped[i]]) if i in grouped else t for i in range(len(after))]
            mixed = [(1 - s) * b + s * a for s, b, a in zip(share, before, after)]
            moved = [np.broadcast_to(a - b, m.shape) for b, a, m in zip(before, after, mixed)]
            present, absent = sum(state), len(state) - sum(state)
            slopes = polynomial.slopes(mixed, moved)
            values[:, singles] += weight * t**present * (1 - t) ** absent * slopes[:, alone]
            output = polynomial.contract(mixed)
            for there, g in zip(state, groups):
                # The chance of the other groups' state, given that of this one.
                chance = t ** (present - there) * (1 - t) ** (absent - 1 + there)
                values[:, g] += weight * (chance if there else -chance) * output
    return values
