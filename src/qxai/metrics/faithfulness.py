"""Faithfulness as a correlation: whether sums of attributions rank what deletions change."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import chosen
from qxai.checks import batches, check_count, check_samples
from qxai.coalitions import coalitions
from qxai.core import Array, Evaluator, Mask
from qxai.metrics.infidelity import amounts, changes
from qxai.question import asked

ROUNDING = 1e-12  # spread, relative to the size, that counts as none


def faithfulness_correlation(
    model: Evaluator,
    X: ArrayLike,
    values: ArrayLike,
    baseline: Any = 0.0,
    size: int | None = None,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Array:
    """Return the correlation between sums of attributions and what the output loses without them.

    Over sets ``S`` of one size, Pearson's correlation of ``Σ_{i∈S} R_i`` with
    ``f(x) − f(x with S at the baseline)``: the faithfulness correlation (Bhatt et al. 2020), and
    for each size one point of sensitivity-n (Ancona et al. 2018).

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    values : array_like, shape (N, d), or Attribution
        Attributions in units of the output: a slope has to be multiplied by ``x − x̃`` first.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What a deleted feature is set to; of a sample, its mean output over the rows counts.
    size : int, optional
        Features in a set, from 1 to ``d − 1``; half of them, rounded down, by default.
    samples : int, optional
        Sets that are drawn, at least 2; None for all of that size, up to 20 features.
    rng : numpy.random.Generator, optional
        Draws the sets; needed with ``samples``.

    Returns
    -------
    ndarray, shape (N,)
        From −1 to 1, larger is better; 0 where the sums, or the changes, are all the same.

    Raises
    ------
    ValueError
        If a shape does not fit, or a number is out of range.
    TypeError
        If ``rng`` is missing.

    Notes
    -----
    By hand: ``f = 2 x_1 + x_2`` at (1, 1), baseline 0, sets of one feature: the output loses 2 and
    1; attributions (2, 1) correlate by 1 with that, (1, 2) by −1.
    Failure mode: a correlation forgets the scale, and whatever is added to all attributions: among
    sets of one size both change nothing. It plays the game of the baseline, as `infidelity` does.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: 2 * X[:, 0] + X[:, 1], num_features=2)
    >>> print(qxai.metrics.faithfulness_correlation(model, [[1, 1]], [[5, 3]]).round(3))
    [1.]
    """
    question = asked(model, X, baseline)
    inputs, absent = question.inputs, question.absent
    assert absent is not None
    given = amounts(values)
    n, d = inputs.shape
    if given.shape != inputs.shape:
        raise ValueError(f"values: expected the shape of X, {inputs.shape}, found {given.shape}")
    if d < 2:
        raise ValueError("X: expected at least two features, found one; it has no sets to compare")
    deleted = _sets(
        d, check_count("size", d // 2 if size is None else size, 1, d - 1), samples, rng
    )
    result = np.empty(n)
    for rows in batches(n, deleted.size):
        change = changes(model, inputs[rows], chosen(absent, rows), deleted)
        result[rows] = correlation(given[rows] @ deleted.T, change)
    return result


def _sets(d: int, size: int, samples: int | None, rng: np.random.Generator | None) -> Mask:
    if samples is None:
        everything = coalitions(d, "pass samples= and rng=")
        return np.asarray(everything[everything.sum(axis=1) == size])
    ranks = check_samples(samples, rng).random((samples, d)).argsort(axis=1).argsort(axis=1)
    return np.asarray(ranks < size)


def correlation(first: Array, second: Array) -> Array:
    """Return Pearson's correlation of each row, (N,); 0 where one of the two is constant."""
    first, second = (rows / _largest(rows) for rows in (first, second))
    a, b = (rows - rows.mean(axis=1, keepdims=True) for rows in (first, second))
    sizes = [np.linalg.norm(part, axis=1) for part in (a, b)]
    least = [ROUNDING * np.linalg.norm(rows, axis=1) for rows in (first, second)]
    there = (sizes[0] > least[0]) & (sizes[1] > least[1])
    product = (a * b).sum(axis=1)
    return np.divide(product, sizes[0] * sizes[1], out=np.zeros(len(a)), where=there)


def _largest(rows: Array) -> Array:
    """Return the largest size of each row, (N, 1); 1 for a row of zeros."""
    sizes = np.abs(rows).max(axis=1, keepdims=True)
    return np.where(sizes > 0, sizes, 1.0)
