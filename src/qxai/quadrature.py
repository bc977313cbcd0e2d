"""Gauss–Legendre nodes, and how many of them are enough."""

from functools import lru_cache

import numpy as np

from qxai.core import Array


@lru_cache(maxsize=128)
def unit_gauss_legendre(count: int) -> tuple[Array, Array]:
    """Return nodes and weights on [0, 1], exact for polynomials up to degree 2 count − 1."""
    if count == 0:
        return np.zeros(0), np.zeros(0)
    nodes, weights = np.polynomial.legendre.leggauss(count)  # type: ignore[no-untyped-call]
    nodes, weights = (nodes + 1) / 2, weights / 2
    nodes.flags.writeable = weights.flags.writeable = False  # shared by all who ask
    return nodes, weights


def nodes_for_band(band: float) -> int:
    """Return how many nodes integrate ``exp(iωt)`` over [0, 1] for all ``|ω| ≤ band``.

    The error is at most about ``1e-12 max(1, band / 20)``: beyond ``band / 4`` nodes it falls
    faster than geometrically, with a transition as wide as the cube root of the band.
    """
    return int(np.ceil(band / 4 + 4.5 * np.cbrt(band) + 2))
