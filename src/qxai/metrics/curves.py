"""Deletion and insertion: what the output does as features go, or come, in order of relevance."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import trapezoid

from qxai.absence import Absent, chosen, mean_vectors, outputs_with, over_points
from qxai.asking import game_form
from qxai.background import Marginals
from qxai.checks import as_table, batches
from qxai.coalitions import coalitions
from qxai.core import Array, Evaluator, Indices, Mask, Multilinear
from qxai.question import asked

ROUNDING = 1e-12  # change of an output, relative to its size on the way, that counts as none


def deletion_curve(model: Evaluator, X: ArrayLike, values: ArrayLike, baseline: Any = 0.0) -> Array:
    """Return the output as features are set to the baseline, most relevant first.

    Most relevant is what speaks most for the way the output went: the largest ``s R_i`` with
    ``s = sign(f(x) − f(x̃))`` (pixel flipping, Bach et al. 2015; Samek et al. 2017). Curves are
    multiplied by ``s``, so that they all start at their higher end; where the output only differs
    by rounding errors ``s`` is 1.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    values : array_like, shape (N, d), or Attribution
        Attributions in units of the output: a slope has to be multiplied by ``x − x̃`` first. Of
        equal values the earlier feature goes first; a row of equal values has no order and gets
        the mean over all, `random_order_curve`.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What a deleted feature is set to.

    Returns
    -------
    ndarray, shape (N, d + 1)
        ``s f`` with 0, 1, …, d features deleted. The faster it falls the better: see `area`.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Notes
    -----
    By hand: ``f = 2 x_1 + x_2`` at (1, 1) with baseline 0 and attributions (2, 1): 3, 1, 0.
    Failure mode: half-deleted inputs can be unlike all data, and the model may do anything there;
    and deletion rewards the explanation for the baseline that it was made with.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: 2 * X[:, 0] + X[:, 1], num_features=2)
    >>> print(qxai.metrics.deletion_curve(model, [[1, 1]], [[2, 1]]).round(3))
    [[3. 1. 0.]]
    """
    return _curve(model, X, values, baseline, deleted=True)


def insertion_curve(
    model: Evaluator, X: ArrayLike, values: ArrayLike, baseline: Any = 0.0
) -> Array:
    """Return the output as features are put into the baseline, most relevant first.

    As `deletion_curve`, from the other end.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    values : array_like, shape (N, d), or Attribution
        Attributions in units of the output.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        Where features are put into.

    Returns
    -------
    ndarray, shape (N, d + 1)
        ``s f`` with 0, 1, …, d features put in. The faster it rises the better.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Notes
    -----
    By hand: ``f = 2 x_1 + x_2`` at (1, 1) with baseline 0 and attributions (2, 1): 0, 2, 3.
    Failure mode: that of `deletion_curve`.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: 2 * X[:, 0] + X[:, 1], num_features=2)
    >>> print(qxai.metrics.insertion_curve(model, [[1, 1]], [[2, 1]]).round(3))
    [[0. 2. 3.]]
    """
    return _curve(model, X, values, baseline, deleted=False)


def random_order_curve(model: Evaluator, X: ArrayLike, baseline: Any = 0.0) -> Array:
    """Return the mean `insertion_curve` over all orders; reversed, the mean deletion curve.

    Its point ``k`` is the mean output with ``k`` features present, over all sets of that size. A
    polynomial gives all of them at once: its terms are built up feature by feature, as means over
    sets; a model without polynomial is enumerated.

    Parameters
    ----------
    model : Evaluator
        With a method ``polynomial``, or of at most 16 features.
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to.

    Returns
    -------
    ndarray, shape (N, d + 1)
        ``s f`` with ``s`` as in `deletion_curve`: what an explanation that knows nothing gets.

    Raises
    ------
    ValueError
        If a shape does not fit, or there are more than 16 features to enumerate.

    Notes
    -----
    By hand: ``f = x_1 x_2`` at (1, 1) with baseline 0: 0, 0, 1.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> print(qxai.metrics.random_order_curve(model, [[1, 1]]).round(3))
    [[0. 0. 1.]]
    """
    question = asked(model, X, baseline)
    assert question.absent is not None
    return _random(model, question.inputs, question.absent)


def area(curve: ArrayLike) -> Array:
    """Return the area under curves, with a width of 1 for all their features together.

    Parameters
    ----------
    curve : array_like, shape (N, d + 1)

    Returns
    -------
    ndarray, shape (N,)
        By trapezia, in units of the output.

    Raises
    ------
    ValueError
        If ``curve`` is no table of finite numbers.

    Notes
    -----
    By hand: 0, 2, 3 gives ``(0/2 + 2 + 3/2) / 2 = 7/4``.

    Examples
    --------
    >>> import qxai
    >>> print(qxai.metrics.area([[0, 2, 3]]).round(3))
    [1.75]
    """
    table = as_table("curve", curve)
    return trapezoid(table, dx=1 / (table.shape[1] - 1), axis=1)


def _random(model: Evaluator, inputs: Array, absent: Absent) -> Array:
    polynomial = game_form(model)
    if polynomial is not None:
        curve = over_points(lambda x, start: _means(polynomial, x, start), inputs, absent)
    else:
        curve = _by_size(model, inputs, absent)
    return curve * direction(curve, deleted=False)[:, None]


def _means(polynomial: Multilinear, inputs: Array, absent: Array | Marginals) -> Array:
    vectors = polynomial.vectors(inputs)
    if not isinstance(absent, Marginals):
        return polynomial.size_means(polynomial.vectors(absent), vectors)
    mean = mean_vectors(polynomial, absent)
    return polynomial.size_means([np.repeat(m, len(inputs), axis=0) for m in mean], vectors)


def _curve(
    model: Evaluator, X: ArrayLike, values: ArrayLike, baseline: Any, deleted: bool
) -> Array:
    question = asked(model, X, baseline)
    inputs, absent = question.inputs, question.absent
    assert absent is not None
    given = as_table("values", getattr(values, "values", values))
    if given.shape != inputs.shape:
        raise ValueError(f"values: expected the shape of X, {inputs.shape}, found {given.shape}")
    curve = np.empty((len(inputs), inputs.shape[1] + 1))
    for rows in batches(len(inputs), curve.shape[1] * inputs.shape[1]):
        numbers = np.arange(len(inputs))[rows]
        curve[rows] = _in_order(model, inputs, absent, given, deleted, numbers, 1.0)
        falls = numbers[direction(curve[rows], deleted) < 0]
        curve[falls] = _in_order(model, inputs, absent, given, deleted, falls, -1.0)
    unordered = (given == given[:, :1]).all(axis=1)
    if unordered.any():
        mean = _random(model, inputs[unordered], chosen(absent, unordered))
        curve[unordered] = mean[:, ::-1] if deleted else mean
    return curve


def _in_order(
    model: Evaluator,
    inputs: Array,
    absent: Absent,
    given: Array,
    deleted: bool,
    rows: Indices,
    sign: float,
) -> Array:
    """Move features one after the other, the largest ``sign R_i`` first: ``sign f`` (N, d + 1)."""
    d = inputs.shape[1]
    order = np.argsort(-given[rows] * sign, axis=1, kind="stable")
    rank = np.argsort(order, axis=1)
    moved = rank[:, None] < np.arange(d + 1)[:, None]
    found = outputs_with(model, inputs[rows], chosen(absent, rows), moved != deleted)
    return found.values * sign


def direction(curve: Array, deleted: bool) -> Array:
    """Tell which way the output goes from baseline to input; one that stays counts as rising."""
    change = curve[:, 0] - curve[:, -1] if deleted else curve[:, -1] - curve[:, 0]
    rounding = ROUNDING * np.abs(curve).max(axis=1)
    return np.where(change < -rounding, -1.0, 1.0)


def _by_size(model: Evaluator, inputs: Array, absent: Absent) -> Array:
    depth = len(getattr(absent, "sample", (None,)))
    remedy = "ask for fewer inputs at once, or use a model with a polynomial"
    present = coalitions(inputs.shape[1], remedy, model, len(inputs) * depth)
    mean = mean_by_size(present)
    curve = np.empty((len(inputs), mean.shape[1]))
    for rows in batches(len(inputs), present.size):
        found = outputs_with(model, inputs[rows], chosen(absent, rows), present)
        curve[rows] = found.values @ mean
    return curve


def mean_by_size(sets: Mask) -> Array:
    """Return the weights (S, d + 1) that average outputs over sets of 0, 1, …, d features."""
    sizes = sets.sum(axis=1)
    return np.asarray(np.equal.outer(sizes, np.arange(sets.shape[1] + 1)) / np.bincount(sizes))
