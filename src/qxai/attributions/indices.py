"""Interaction indices as weights of dividends, in exact fractions: one function an index.

A set ``S`` of ``s`` players gets ``Σ_{T⊇S} g(s, t, k) h_T``, with ``t`` players in ``T`` and ``k``
the order, the size of the largest sets that share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb

import numpy as np
from scipy.special import eval_sh_legendre

from qxai.core import Array
from qxai.lattice import bitmasks, sets_up_to, sizes_of
from qxai.memory import kept_arrays
from qxai.quadrature import unit_gauss_legendre

Weight = Callable[[int, int, int], Fraction]


def shapley_interaction(s: int, t: int, k: int) -> Fraction:
    """Grabisch and Roubens (1999): a dividend is shared by the sets that could have joined last."""
    return Fraction(1, t - s + 1)


def k_shapley_interaction(s: int, t: int, k: int) -> Fraction:
    """Bordt and von Luxburg (2023): Shapley interactions, made to add up at order k."""
    most = min(k - s, t - s)
    return sum(
        (_bernoulli(j) * comb(t - s, j) / (t - s - j + 1) for j in range(most + 1)), Fraction(0)
    )


def banzhaf_interaction(s: int, t: int, k: int) -> Fraction:
    """Grabisch and Roubens (1999): the mean over all sets of the other players."""
    return Fraction(1, 2 ** (t - s))


def shapley_taylor(s: int, t: int, k: int) -> Fraction:
    """Sundararajan, Dhamdhere and Agarwal (2020): what is larger is shared by its k-subsets."""
    return Fraction(int(t == s)) if s < k else Fraction(1, comb(t, k))


def faithful_shapley(s: int, t: int, k: int) -> Fraction:
    """Tsai, Yeh and Ravikumar (2023): the polynomial of degree k that fits best, and adds up."""
    if t <= k:
        return Fraction(int(t == s))
    sign = (-1) ** (k - s)
    above = Fraction(s * comb(k, s) * comb(t - 1, k), (k + s) * comb(t + k - 1, k + s))
    return sign * above


def dividend(s: int, t: int, k: int) -> Fraction:
    """Harsanyi (1963): the dividend itself."""
    return Fraction(int(t == s))


INDICES: dict[str, Weight] = {
    "SII": shapley_interaction,
    "k-SII": k_shapley_interaction,
    "BII": banzhaf_interaction,
    "STII": shapley_taylor,
    "FSII": faithful_shapley,
    "Moebius": dividend,
}


@lru_cache(maxsize=64)
def _bernoulli(n: int) -> Fraction:
    """Return Bernoulli's number ``B_n``, with ``B_1 = −½``."""
    if n == 0:
        return Fraction(1)
    return -sum((comb(n + 1, j) * _bernoulli(j) for j in range(n)), Fraction(0)) / (n + 1)


def weight_table(index: str, order: int, players: int) -> Array:
    """Return an index's weights by sizes of ``S`` and ``T``, (order + 1, players + 1)."""
    table = np.zeros((order + 1, players + 1))
    for s in range(1, order + 1):
        for t in range(s, players + 1):
            table[s, t] = float(INDICES[index](s, t, order))
    return table


@kept_arrays
def weights_of(asked: tuple[str, int, int, int, int]) -> Array:
    """Return the weight of each dividend in the index of some sets, (2^m, S).

    Parameters
    ----------
    asked : tuple
        The index, its order, how many players there are, and from which to below which of their
        sets, small ones first.
    """
    index, order, players, start, stop = asked
    sets = bitmasks(sets_up_to(range(players), order)[start:stop])
    masks = np.arange(1 << players)
    sizes = sizes_of(masks)
    table = weight_table(index, order, players)
    return np.where((masks[:, None] & sets) == sets, table[sizes[sets], sizes[:, None]], 0.0)


@dataclass(frozen=True)
class Rule:
    """A weighted mean of a polynomial over [0, 1]: ``Σ_j weights_j p(nodes_j)``."""

    nodes: Array
    weights: Array


@lru_cache(maxsize=256)
def rule_of(index: str, size: int, order: int, most: int) -> Rule:
    """Return how an index follows from ``∂_S F`` on the diagonal of the multilinear extension.

    ``∂_S F(u, …, u) = Σ_{T⊇S} h_T u^{t−s}`` is a polynomial in ``u`` whose degree is at most
    ``most − size``; an index asks for ``Σ_{T⊇S} h_T g(s, t, k)``, the mean of it with the moments
    ``g``. The weights at Gauss–Legendre nodes follow from those moments, in exact fractions.
    """
    moments = [INDICES[index](size, t, order) for t in range(size, max(most, size) + 1)]
    point = moments[1] / moments[0] if len(moments) > 1 and moments[0] else Fraction(0)
    if all(moment == moments[0] * point**m for m, moment in enumerate(moments)):
        return Rule(np.array([float(point)]), np.array([float(moments[0])]))
    means = [_legendre_mean(moments, degree) for degree in range(len(moments))]
    flat = not any(means[1:])  # an ordinary integral: Gauss's rule needs half as many nodes
    nodes, weights = unit_gauss_legendre(-(-len(moments) // 2) if flat else len(moments))
    if flat:
        return Rule(nodes, weights * float(means[0]))
    shares = sum(
        (2 * degree + 1) * float(mean) * eval_sh_legendre(degree, nodes)
        for degree, mean in enumerate(means)
    )
    return Rule(nodes, weights * shares)


def _legendre_mean(moments: list[Fraction], degree: int) -> Fraction:
    """Return the mean of the shifted Legendre polynomial of a degree, from the moments."""
    terms = (
        (-1) ** (degree + m) * comb(degree, m) * comb(degree + m, m) * moments[m]
        for m in range(degree + 1)
    )
    return sum(terms, Fraction(0))
