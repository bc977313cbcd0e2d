"""Agreement of two attributions about which features matter most."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from qxai.checks import as_table, check_count
from qxai.core import Array


def agreement(first: ArrayLike, second: ArrayLike) -> Array:
    """Return Spearman's rank correlation of the sizes ``|R_i|`` for each input.

    Parameters
    ----------
    first, second : array_like, shape (N, d)

    Returns
    -------
    ndarray, shape (N,)
        From −1 to 1, 0 by chance. 0 where one of them gives all features the same size: it ranks
        nothing.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    By hand: sizes 1, 2, 3 and 2, 1, 3 have ranks that differ by 1, 1, 0, so
    ``1 − 6·2/(3·8) = ½``.
    Failure mode: features that do not matter have ranks too, which noise decides; and methods that
    agree can be wrong together.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.agreement([[1, 2, 3]], [[2, 1, 3]]).round(3))
    [0.5]
    """
    ranks = [rankdata(sizes, axis=1) for sizes in _sizes(first, second)]
    a, b = (r - r.mean(axis=1, keepdims=True) for r in ranks)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.divide((a * b).sum(axis=1), scale, out=np.zeros(len(a)), where=scale > 0)


def top_k_overlap(first: ArrayLike, second: ArrayLike, k: int) -> Array:
    """Return the share of the ``k`` largest ``|R_i|`` that two attributions have in common.

    Parameters
    ----------
    first, second : array_like, shape (N, d)
    k : int
        From 1 to d. Of equal sizes the earlier feature goes first.

    Returns
    -------
    ndarray, shape (N,)
        From 0 to 1, ``k/d`` by chance.

    Raises
    ------
    ValueError
        If the shapes differ or ``k`` is out of range.

    Notes
    -----
    By hand: sizes 1, 2, 3 and 2, 1, 3 share one of their two largest: ½.
    Failure mode: it does not see what happens below the ``k``-th place, nor which order within.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.top_k_overlap([[1, 2, 3]], [[2, 1, 3]], k=2).round(3))
    [0.5]
    """
    a, b = _sizes(first, second)
    if check_count("k", k, 1) > a.shape[1]:
        raise ValueError(f"k: expected at most {a.shape[1]}, the number of features, found {k}")
    tops = [np.argsort(-sizes, axis=1, kind="stable")[:, :k] for sizes in (a, b)]
    return (tops[0][:, :, None] == tops[1][:, None]).any(axis=2).mean(axis=1)


def _sizes(first: ArrayLike, second: ArrayLike) -> tuple[Array, Array]:
    a, b = np.abs(as_table("first", first)), np.abs(as_table("second", second))
    if a.shape != b.shape:
        raise ValueError(f"second: expected the shape of first, {a.shape}, found {b.shape}")
    return a, b
