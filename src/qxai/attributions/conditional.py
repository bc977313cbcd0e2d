"""Shapley values of the game in which present features say something about absent ones."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import error_of, estimated
from qxai.attribution import Attribution
from qxai.attributions.semivalues import coalition_weights
from qxai.checks import batches, check_generator
from qxai.coalitions import coalitions
from qxai.conditionals import Conditional
from qxai.core import Array, Estimate, Evaluator
from qxai.question import asked


def conditional_shapley(
    model: Evaluator, X: ArrayLike, given: Conditional, rng: np.random.Generator
) -> Attribution:
    """Explain outputs by Shapley values of ``v(S) = E[f(x) | x_S]``, approximately.

    Other games put absent features at a point or draw them without regard to what is present, so
    that the model is asked at inputs that may never occur. Here absent features follow what is
    known (Frye et al. 2020; Aas et al. 2021): a feature that the model does not read is given a
    share if it tells what others are. That distribution has to be estimated, so the values are
    approximate, whatever the model.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    given : GaussianCopula or NearestRows
        How absent features are distributed.
    rng : numpy.random.Generator
        Draws them; nearest rows draw nothing.

    Returns
    -------
    Attribution
        In units of the output; complete: without features the mean output over the sample counts.
        ``evaluations`` is ``N count (2^d − 2)`` and the ends. ``standard_error`` is that of the
        draws, or of shots: what the estimate of the distribution misses it cannot tell.

    Raises
    ------
    TypeError
        If ``given`` is no such estimate, or ``rng`` is missing.
    ValueError
        If ``X`` has another shape or is not finite, or there are too many coalitions to run.

    Examples
    --------
    The model reads the first feature only; the second is a copy of it.

    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0], num_features=2)
    >>> rows = np.linspace(-1, 1, 51)[:, None] * [1, 1]
    >>> rng = np.random.default_rng(0)
    >>> given = qxai.NearestRows(rows, count=1)
    >>> print(qxai.conditional_shapley(model, [[0.8, 0.8]], given, rng).values.round(3))
    [[0.4 0.4]]
    >>> print(qxai.shapley(model, [[0.8, 0.8]], qxai.Background(rows)).values.round(3))
    [[0.8 0. ]]
    """
    if not hasattr(given, "rows") or not hasattr(given, "background"):
        raise TypeError(
            f"given: expected qxai.GaussianCopula(sample) or qxai.NearestRows(sample), found "
            f"{given!r}"
        )
    question = asked(model, X)
    n, d = question.inputs.shape
    given = given.matched(d, question.players.names)
    check_generator(rng)
    sets = coalitions(d, "explain fewer inputs at once, or fewer draws", model, n * given.count)
    ends = estimated(model, given.background.sample)
    output = estimated(model, question.inputs)
    games, variance = np.empty((n, 1 << d)), np.zeros((n, 1 << d))
    evaluations, shots = ends.evaluations + output.evaluations, ends.shots + output.shots
    games[:, 0], games[:, -1] = ends.values.mean(), output.values
    variance[:, 0] = (ends.standard_error**2).sum() / len(ends.values) ** 2
    variance[:, -1] = output.standard_error**2
    for rows in batches(n, given.count * d):
        for place in range(1, (1 << d) - 1):
            points = given.rows(question.inputs[rows], sets[place], rng)
            found = estimated(model, points.reshape(-1, d))
            games[rows, place], variance[rows, place] = _mean(found, given)
            evaluations, shots = evaluations + found.evaluations, shots + found.shots
    weights = coalition_weights(sets)
    error = np.sqrt(variance @ weights**2)
    answer = Attribution(
        values=games @ weights,
        output=output.values,
        baseline_output=games[:, 0],
        method="conditional Shapley",
        evaluations=evaluations,
        standard_error=error_of(error, shots),
        shots=shots,
        route=f"approximate: {given.name}",
    )
    return replace(question.answer(answer), baseline=given.background)


def _mean(found: Estimate, given: Conditional) -> tuple[Array, Array]:
    """Return the mean over the rows of a conditional distribution (n,), and its variance.

    Rows that were drawn spread with the draws and the shots; those that were chosen, with shots.
    """
    values = found.values.reshape(-1, given.count)
    own = (found.standard_error**2).reshape(values.shape).sum(axis=1) / given.count**2
    spread = values.var(axis=1, ddof=1) / given.count if given.drawn else own
    return values.mean(axis=1), spread
