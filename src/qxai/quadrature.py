"""Gauss–Legendre nodes, and how many of them are enough."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import roots_legendre

from qxai.core import Array, Indices

PANEL = 400.0  # widest band that one rule integrates


@lru_cache(maxsize=128)
def unit_gauss_legendre(count: int) -> tuple[Array, Array]:
    """Return nodes and weights on [0, 1], exact for polynomials up to degree 2 count − 1."""
    if count == 0:
        return np.zeros(0), np.zeros(0)
    nodes, weights = roots_legendre(count)  # NumPy's takes the cube of the count
    nodes, weights = (nodes + 1) / 2, weights / 2
    nodes.flags.writeable = weights.flags.writeable = False  # shared by all who ask
    return nodes, weights


def nodes_for_band(band: ArrayLike) -> Indices:
    """Return how many nodes integrate ``exp(iωt)`` over [0, 1] for all ``|ω| ≤ band``.

    The error is at most about ``1e-13 max(1, band / 20)``: beyond ``band / 4`` nodes it falls
    faster than geometrically, with a transition as wide as the cube root of the band.
    """
    band = np.asarray(band, float)
    return np.ceil(band / 4 + 3.3 * np.cbrt(band) + 3).astype(np.intp)


def panels_for_band(band: ArrayLike) -> tuple[Indices, Indices]:
    """Return into how many panels to cut [0, 1], and how many nodes each of them needs.

    Nodes of one rule take time and memory that grow with the cube and the square of their number;
    those of panels with a band of at most 400 do not.
    """
    panels = np.maximum(1, np.ceil(np.asarray(band, float) / PANEL))
    return panels.astype(np.intp), nodes_for_band(band / panels)
