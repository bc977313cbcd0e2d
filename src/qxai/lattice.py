"""Numbers for all sets of players, by bitmask: player 0 is the least significant bit."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

import numpy as np

from qxai.core import Array, Indices


def moebius(values: Array) -> Array:
    """Return the dividends (N, 2^d) of games (N, 2^d): ``h_T = Σ_{S⊆T} (−1)^{|T|−|S|} v(S)``."""
    return _over_bits(values, -1.0)


def sums_over_subsets(dividends: Array) -> Array:
    """Return the games (N, 2^d) of dividends (N, 2^d): ``v(S) = Σ_{T⊆S} h_T``."""
    return _over_bits(dividends, 1.0)


def _over_bits(values: Array, sign: float) -> Array:
    """Add to every set, bit by bit, the set without that bit."""
    result = np.array(values.T, order="C")
    for bit in range(len(result).bit_length() - 1):
        pairs = result.reshape(-1, 2, 2**bit * result.shape[1])
        pairs[:, 1] += sign * pairs[:, 0]
    return np.ascontiguousarray(result.T)


def transposed_moebius(weights: Array) -> Array:
    """Return what weights of dividends (2^d, S) are as weights of the game: (2^d, S)."""
    result = np.array(weights, order="C")
    for bit in range(len(result).bit_length() - 1):
        pairs = result.reshape(-1, 2, 2**bit * result.shape[1])
        pairs[:, 0] -= pairs[:, 1]
    return result


def bitmasks(sets: Iterable[Iterable[int]]) -> Indices:
    """Return each set's place among all sets."""
    return np.array([sum(1 << int(i) for i in members) for members in sets], np.intp)


def sizes_of(masks: Indices) -> Indices:
    """Return how many players each set has."""
    return np.bitwise_count(masks).astype(np.intp)


def sets_up_to(players: Sequence[int], order: int, least: int = 1) -> list[tuple[int, ...]]:
    """Return all sets of ``least`` to ``order`` players, small ones first, each in their order."""
    sizes = range(least, min(order, len(players)) + 1)
    return list(chain.from_iterable(combinations(players, size) for size in sizes))
