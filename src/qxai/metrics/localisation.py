"""Localisation: whether an attribution points at the features that are known to matter."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from qxai.checks import as_table
from qxai.core import Array, Mask


def localisation_auc(values: ArrayLike, relevant: ArrayLike) -> Array:
    """Return how often a relevant feature gets a larger ``|R|`` than an irrelevant one.

    The area under the ROC curve that sizes ``|R_i|`` have against the mask; ties count half.

    Parameters
    ----------
    values : array_like, shape (N, d)
    relevant : array_like of bool, shape (d,) or (N, d)
        Which features are known to matter.

    Returns
    -------
    ndarray, shape (N,)
        From 0 to 1, larger is better, ½ by chance; NaN where all features matter, or none.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Notes
    -----
    By hand: sizes 3, 2, 1 with the first and the last relevant: one of two pairs is right, ½.
    Failure mode: it judges the model as much as the explanation; a model that has learnt something
    else than the mask says is explained rightly by features outside the mask.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.localisation_auc([[3, 2, 1]], [True, False, True]).round(3))
    [0.5]
    """
    sizes, mask = np.abs(as_table("values", values)), _as_mask(relevant, values)
    inside = mask.sum(axis=1)
    pairs = inside * (mask.shape[1] - inside)
    ranks = np.where(mask, rankdata(sizes, axis=1), 0).sum(axis=1) - inside * (inside + 1) / 2
    return np.divide(ranks, pairs, out=np.full(len(mask), np.nan), where=pairs > 0)


def relevance_mass(values: ArrayLike, relevant: ArrayLike) -> Array:
    """Return the share of ``Σ|R_i|`` that lies on features known to matter (Arras et al. 2022).

    Parameters
    ----------
    values : array_like, shape (N, d)
    relevant : array_like of bool, shape (d,) or (N, d)
        Which features are known to matter.

    Returns
    -------
    ndarray, shape (N,)
        From 0 to 1, larger is better; NaN where all features matter, or none. An attribution of
        zeros tells nothing and gets the share of features that matter, as a constant one does.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Notes
    -----
    By hand: sizes 3, 2, 1 with the first and the last relevant: 4/6.
    Failure mode: one relevant feature that takes everything scores 1, however many are missed.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.relevance_mass([[3, 2, 1]], [True, False, True]).round(3))
    [0.667]
    """
    sizes, mask = np.abs(as_table("values", values)), _as_mask(relevant, values)
    total = sizes.sum(axis=1)
    inside = np.where(mask, sizes, 0).sum(axis=1)
    share = np.divide(inside, total, out=mask.mean(axis=1), where=total > 0)
    return np.where(mask.all(axis=1) | ~mask.any(axis=1), np.nan, share)


def _as_mask(relevant: ArrayLike, values: ArrayLike) -> Mask:
    mask, shape = np.asarray(relevant), np.shape(values)
    if mask.dtype != bool or mask.shape not in (shape, shape[1:]):
        raise ValueError(
            f"relevant: expected booleans of shape {shape[1:]} or {shape}, found {mask.dtype} of "
            f"shape {mask.shape}"
        )
    return np.broadcast_to(mask, shape)
