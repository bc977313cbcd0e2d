"""Accumulated local effects: a feature's effect from differences between near inputs only."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated
from qxai.attributions.curves import names_of, places_of
from qxai.checks import check_count
from qxai.core import Array, Evaluator
from qxai.dependence import Dependence
from qxai.question import asked


def ale(model: Evaluator, X: ArrayLike, features: Any = None, bins: int = 20) -> Dependence:
    """Return accumulated local effects of features over a sample (Apley and Zhu 2020).

    Rows are sorted into bins of a feature's quantiles; in each, the mean difference of the output
    between the bin's ends, everything else as in the row, is what the feature does there; the
    differences add up, and the curve's mean over the rows is 0. Unlike `partial_dependence` no row
    is moved farther than its bin, so inputs that never occur count for little. It is an estimate,
    whatever the model: it depends on the bins and on the rows in them.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (B, d)
        The sample, in the units of the model's features.
    features : int, str or sequence of them, optional
        Which features, by number or name; all by default.
    bins : int
        Into how many quantiles to cut; equal ones are joined.

    Returns
    -------
    Dependence
        Curves at the ends of the bins. ``evaluations`` is ``2 B`` for each feature.

    Raises
    ------
    ValueError
        If an array has another shape or is not finite, there is no such feature, or one that does
        not vary.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: 3 * X[:, 0] + X[:, 1], num_features=2)
    >>> rows = np.linspace(0, 1, 10)[:, None] * [1, 1]
    >>> print(qxai.ale(model, rows, 0, bins=2).curve("x0").round(3))
    [-1.5  0.   1.5]
    """
    question = asked(model, X)
    chosen = places_of(features, question)
    check_count("bins", bins, 1)
    grids, values, errors, evaluations, shots = [], [], [], 0, 0
    for feature in chosen:
        edges = _edges(question.inputs[:, feature], bins, names_of(question)[feature])
        which, ends = _moved(question.inputs, feature, edges)
        found = estimated(model, ends)
        low, high = np.split(found.values, 2)
        spread = np.add(*np.split(found.standard_error**2, 2))
        grids.append(edges)
        values.append(_accumulated(high - low, which, len(edges) - 1))
        errors.append(_errors(spread, which, len(edges) - 1))
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Dependence(
        names=tuple(names_of(question)[i] for i in chosen),
        grids=grids,
        values=values,
        method="accumulated local effects",
        standard_error=errors if shots else None,
        evaluations=evaluations,
        shots=shots,
        route=f"estimate from {len(question.inputs)} rows",
    )


def _edges(column: Array, bins: int, name: str) -> Array:
    """Return the ends of the bins, different ones only."""
    edges = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1))) if len(column) else column
    if len(edges) < 2:
        raise ValueError(
            f"X: expected rows in which {name} varies, found one value or none; leave it out of "
            "features="
        )
    return edges


def _moved(inputs: Array, feature: int, edges: Array) -> tuple[Any, Array]:
    """Return each row's bin (B,), and all rows at its lower end and at its upper end (2 B, d)."""
    which = np.clip(np.searchsorted(edges, inputs[:, feature], side="left") - 1, 0, None)
    low, high = inputs.copy(), inputs.copy()
    low[:, feature], high[:, feature] = edges[which], edges[which + 1]
    return which, np.concatenate([low, high])


def _accumulated(differences: Array, which: Any, bins: int) -> Array:
    """Add up each bin's mean difference, and take the curve's mean over the rows away."""
    return _centred(_means(differences, which, bins), which)


def _means(differences: Array, which: Any, bins: int) -> Array:
    counts = np.bincount(which, minlength=bins)
    sums = np.bincount(which, differences, minlength=bins)
    return np.divide(sums, counts, out=np.zeros(bins), where=counts > 0)


def _centred(steps: Array, which: Any) -> Array:
    curve = np.concatenate([[0.0], np.cumsum(steps)])
    middle = (curve[:-1] + curve[1:]) / 2
    return np.asarray(curve - np.bincount(which, minlength=len(steps)) @ middle / len(which))


def _errors(variances: Array, which: Any, bins: int) -> Array:
    """Return standard errors (bins + 1,): the curve is linear in the bins' mean differences."""
    counts = np.maximum(np.bincount(which, minlength=bins), 1)
    own = np.bincount(which, variances, minlength=bins) / counts**2
    slopes = np.stack([_centred(step, which) for step in np.eye(bins)])
    return np.asarray(np.sqrt(own @ slopes**2))
