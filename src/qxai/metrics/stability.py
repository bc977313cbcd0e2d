"""Stability: what an attribution should not depend on, and what it should."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_table, check_count, check_generator, check_positive
from qxai.core import Array
from qxai.metrics.ranks import agreement


def max_sensitivity(
    explain: Callable[[Array], ArrayLike],
    X: ArrayLike,
    radius: float,
    samples: int,
    rng: np.random.Generator,
) -> Array:
    """Return the largest relative change of an attribution under small changes of the input.

    The largest ``‖R(x + u) − R(x)‖ / ‖R(x)‖`` over ``samples`` draws of ``u``, uniform in the
    cube ``|u_i| ≤ radius`` (Yeh et al. 2019).

    Parameters
    ----------
    explain : callable
        Maps inputs (N, d) to attributions (N, d).
    X : array_like, shape (N, d)
        Inputs, in radians.
    radius : float
        Half the edge of the cube, in radians.
    samples : int
        Draws for each input.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N,)
        From 0 upwards; smaller is better. Infinite where ``R(x)`` is 0 and moves, 0 where it stays.

    Raises
    ------
    ValueError
        If an argument is out of range.
    TypeError
        If ``rng`` is no generator.

    Notes
    -----
    By hand: the gradient of a linear function does not move, 0; for ``R(x) = x`` at ``x = 1`` in
    one dimension it is at most ``radius``.
    Failure mode: a constant attribution is the most stable one.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> rng = np.random.default_rng(0)
    >>> change = qxai.metrics.max_sensitivity(lambda X: X, [[1]], radius=0.1, samples=20, rng=rng)
    >>> bool(0 < change[0] <= 0.1)
    True
    """
    inputs = as_table("X", X)
    check_positive("radius", radius)
    check_count("samples", samples, 1)
    source = check_generator(rng)
    here = as_table("explain(X)", explain(inputs))
    size, worst = np.linalg.norm(here, axis=1), np.zeros(len(inputs))
    for _ in range(samples):
        moved = inputs + source.uniform(-radius, radius, inputs.shape)
        change = np.linalg.norm(as_table("explain(X)", explain(moved)) - here, axis=1)
        lost = np.where(change > 0, np.inf, 0.0)
        worst = np.maximum(worst, np.divide(change, size, out=lost, where=size > 0))
    return worst


def randomisation(
    explain: Callable[[Any, Array], ArrayLike], models: Iterable[Any], X: ArrayLike
) -> Array:
    """Return how alike the explanations of a model and of randomised ones are.

    Spearman's rank correlation of the sizes ``|R_i|`` between the first model and each other one
    (Adebayo et al. 2018, who replace weights layer by layer, or train on permuted labels).

    Parameters
    ----------
    explain : callable
        Maps a model and inputs (N, d) to attributions (N, d).
    models : iterable of models
        The model first, then the randomised ones.
    X : array_like, shape (N, d)
        Inputs, in radians.

    Returns
    -------
    ndarray, shape (number of models − 1, N)
        From −1 to 1; near 0 is better: an explanation that survives has not looked at what was
        learnt.

    Raises
    ------
    ValueError
        If there are fewer than two models.

    Notes
    -----
    By hand: attributions that ignore the model score 1.
    Failure mode: an attribution drawn at random scores 0, the best value; and gates that fix
    which features can matter keep a correct explanation alike.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X @ [3, 2, 1], num_features=3)
    >>> randomised = qxai.Function(lambda X: X @ [1, 2, 3], num_features=3)
    >>> explain = lambda model, X: qxai.occlusion(model, X).values
    >>> print(qxai.metrics.randomisation(explain, [model, randomised], [[1, 1, 1]]).round(3))
    [[-1.]]
    """
    inputs = as_table("X", X)
    found = [as_table("explain(model, X)", explain(model, inputs)) for model in models]
    if len(found) < 2:
        raise ValueError(f"models: expected a model and randomised ones, found {len(found)}")
    return np.array([agreement(found[0], other) for other in found[1:]])
