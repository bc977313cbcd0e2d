"""Complexity: how many features an attribution spreads over."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_table
from qxai.core import Array


def gini(values: ArrayLike) -> Array:
    """Return the Gini index of the sizes ``|R_i|``: how unequal they are.

    With sizes sorted upwards, ``Σ_i (2i − d − 1) |R_i| / (d Σ|R_i|)`` (Chalasani et al. 2020 use
    it to measure sparseness).

    Parameters
    ----------
    values : array_like, shape (N, d)

    Returns
    -------
    ndarray, shape (N,)
        From 0 (all sizes equal) to ``1 − 1/d`` (one feature has everything); larger is sparser.
        0 where all are 0.

    Raises
    ------
    ValueError
        If ``values`` is no table of finite numbers.

    Notes
    -----
    By hand: sizes 0, 0, 3 give ``(−2·0 + 0·0 + 2·3) / (3·3) = 2/3``.
    Failure mode: it knows nothing of the model; one feature picked at random is as sparse as any.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.gini([[0, 0, 3], [1, 1, -1]]).round(3))
    [0.667 0.   ]
    """
    sizes = np.sort(np.abs(as_table("values", values)), axis=1)
    d = sizes.shape[1]
    total = d * sizes.sum(axis=1)
    weighted = sizes @ (2 * np.arange(1, d + 1) - d - 1.0)
    return np.divide(weighted, total, out=np.zeros(len(sizes)), where=total > 0)
