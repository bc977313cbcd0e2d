"""Individual conditional expectation: each input's output as one of its features moves."""

from typing import Any

from numpy.typing import ArrayLike

from qxai.attributions.curves import curves, grid_of, names_of, places_of
from qxai.core import Evaluator
from qxai.dependence import Dependence
from qxai.question import asked


def ice(
    model: Evaluator, X: ArrayLike, features: Any = None, grid: int | ArrayLike = 50
) -> Dependence:
    """Return each input's output with each feature moved along a grid (Goldstein et al. 2015).

    Their mean is `partial_dependence`; where they are not parallel, the feature interacts.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in the units of the model's features.
    features : int, str or sequence of them, optional
        Which features, by number or name; all by default.
    grid : int or array_like, shape (G,)
        How many points between a feature's 5th and 95th percentile, or where they are.

    Returns
    -------
    Dependence
        With curves (N, G). ``evaluations`` is ``N G`` for each feature.

    Raises
    ------
    ValueError
        If an array has another shape or is not finite, or there is no such feature.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> print(qxai.ice(model, [[0, 1], [0, -1]], 0, [1, 2]).curve("x0"))  # they cross
    [[ 1.  2.]
     [-1. -2.]]
    """
    question = asked(model, X)
    chosen = places_of(features, question)
    if not len(question.inputs):
        raise ValueError("X: expected at least one row, found none")
    grids = [grid_of(grid, question.inputs[:, i]) for i in chosen]
    found = curves(model, question.inputs, chosen, grids)
    sampled = any(one.shots for one in found)
    return Dependence(
        names=tuple(names_of(question)[i] for i in chosen),
        grids=grids,
        values=[one.values for one in found],
        method="individual conditional expectation",
        standard_error=[one.standard_error for one in found] if sampled else None,
        evaluations=sum(one.evaluations for one in found),
        shots=sum(one.shots for one in found),
        route=found[0].route if found else "",
    )
