"""Completeness: whether the parts add up to the whole."""

import numpy as np

from qxai.attribution import Attribution
from qxai.core import Array


def completeness(attribution: Attribution) -> Array:
    """Return what the parts miss of the whole: ``|residual|`` relative to the numbers involved.

    ``|f(x) − f(x̃) − Σ R_i| / max(|f(x)|, |f(x̃)|, Σ|R_i|)``, against the method's own reference
    (Sundararajan, Taly and Yan 2017 ask for 0).

    Parameters
    ----------
    attribution : Attribution

    Returns
    -------
    ndarray, shape (N,)
        From 0 (complete) up to 3; smaller is better. 0 where everything is 0, NaN for a method
        without a baseline.

    Notes
    -----
    By hand: output 1, baseline output 0, parts 0.5 and 0.25 miss 0.25 of 1.
    Failure mode: parts that give everything to the wrong feature are complete.

    Examples
    --------
    The parts of occlusion, 1 and 1, miss the whole, 1; Shapley values, ½ and ½, do not.

    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> print(qxai.metrics.completeness(qxai.occlusion(model, [[1, 1]])).round(3))
    [0.5]
    >>> print(qxai.metrics.completeness(qxai.shapley(model, [[1, 1]])).round(3))
    [0.]
    """
    parts = np.abs(attribution.values).sum(axis=1)
    ends = np.maximum(np.abs(attribution.output), np.abs(attribution.baseline_output))
    scale = np.maximum(ends, parts)
    missing = np.abs(attribution.residual)
    return np.divide(missing, scale, out=missing.copy(), where=scale > 0)
