"""Cost: how many shots an attribution needs."""

import numpy as np

from qxai.attribution import Attribution
from qxai.checks import check_positive


def shots_to_error(attribution: Attribution, error: float) -> float:
    """Return the shots at which the standard error of the values comes down to ``error``.

    Standard errors fall as ``1/√shots``, so the shots that were spent count
    ``mean(standard_error²) / error²`` times. The estimators' other draws (orders, noise,
    neighbours) have to grow with the shots, as they do when all numbers of samples are scaled.

    Parameters
    ----------
    attribution : Attribution
        One that was sampled.
    error : float
        Root mean square of the standard errors that is wanted, in the unit of the values.

    Returns
    -------
    float
        Shots for all N inputs together; smaller is better.

    Raises
    ------
    ValueError
        If ``error`` is not positive, or the attribution is exact.

    Notes
    -----
    By hand: 1000 shots that left an error of 0.2 everywhere are 4000 for an error of 0.1.
    Failure mode: it speaks of noise, not of bias; an estimate of zero with error zero is free.

    Examples
    --------
    >>> import qxai
    >>> found = qxai.Attribution(
    ...     values=[[1, 2]], output=[3], baseline_output=[0], method="sampled", evaluations=4,
    ...     standard_error=[[0.2, 0.2]], shots=1000,
    ... )
    >>> round(qxai.metrics.shots_to_error(found, 0.1))
    4000
    """
    check_positive("error", error)
    if attribution.standard_error is None:
        raise ValueError(
            f"attribution: expected one with standard errors, found {attribution.method}, which is "
            "exact; explain a model on qxai.Sampled"
        )
    return float(attribution.shots * np.mean(attribution.standard_error**2) / error**2)
