"""What is measured of one method on one model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from declaration import SENSITIVITY_DRAWS, SENSITIVITY_RADIUS, STEADY_INPUTS, Setting
from methods import Method, able

import qxai
from data import Data
from qxai import metrics
from qxai.attribution import Attribution
from qxai.core import Array, Mask
from qxai.metrics.cases import Case as Asked
from qxai.metrics.cases import as_case
from qxai.metrics.faithfulness import correlation
from qxai.metrics.infidelity import prediction_error
from qxai.metrics.relative import deletion_gain, in_output_units, ratio

# Columns of results.csv: which way is better, and the methods that are made from the very outputs
# that the metric asks about, coalitions of one baseline. Of such a pair a number is weak evidence;
# tables mark it.
SHARED = ("Shapley", "Banzhaf", "least infidelity", "KernelSHAP", "occlusion", "Taylor-∞")
COMPLETE = ("Shapley", "KernelSHAP", "integrated gradients", "QLRP-zero", "QLRP-γ", "constant")
METRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "localisation": ("larger", ()),
    "relevance_mass": ("larger", ()),
    "known_terms": ("smaller", ()),
    "completeness": ("smaller", COMPLETE),
    "deletion": ("larger", SHARED),
    "insertion": ("larger", SHARED),
    "infidelity": ("smaller", SHARED),
    "faithfulness": ("larger", SHARED),
    "transfer": ("smaller", ()),
    "gini": ("neither", ()),
    "max_sensitivity": ("smaller", ()),
    "randomised_last": ("near 0", ()),
    "randomised_all": ("near 0", ()),
    "permuted": ("near 0", ()),
}


@dataclass(frozen=True, eq=False)
class Case:
    """A model with its inputs, at one baseline, and what all methods are compared with.

    Attributes
    ----------
    model : Evaluator
    others : dict from str to Evaluator
        Randomised versions of the model.
    X : ndarray, shape (N, d)
    baseline : float or Background
    asked : Asked
        Sets of deleted features, what the output loses with them, curves of random order.
    """

    model: Any
    others: dict[str, Any]
    X: Array
    baseline: Any
    asked: Asked


def case_of(model: Any, others: dict[str, Any], X: Array, baseline: Any, seed: int) -> Case:
    """Evaluate what all methods share."""
    rng = np.random.default_rng([seed, 14])
    return Case(model, others, X, baseline, as_case(model, X, [baseline], [], len(X), rng))


def judged(
    method: Method, found: Attribution, case: Case, data: Data, explained_rows: slice
) -> dict[str, float]:
    """Return the metrics that look at one attribution."""
    values = in_output_units(found, case.X, _absent(case))
    relevant = None if data.relevant is None else data.relevant[explained_rows]
    numbers = _predicting(values, case)
    numbers["completeness"] = _rounded(float(np.median(metrics.completeness(found))))
    numbers["gini"] = float(metrics.gini(values).mean())
    if not method.amounts:
        numbers = {name: numbers[name] for name in ("deletion", "insertion", "gini")}
    if relevant is not None and not relevant.all():
        numbers["localisation"] = float(metrics.localisation_auc(values, relevant).mean())
        numbers["relevance_mass"] = float(metrics.relevance_mass(values, relevant).mean())
    if data.truth is not None and method.amounts:
        numbers["known_terms"] = known_terms(values, data.truth, case.X, case.baseline)
        if method.transfers and able(method, data.truth, case.X):
            same = method.explain(data.truth, case.X, case.baseline)
            exact = in_output_units(same, case.X, _absent(case))
            numbers["transfer"] = relative_error(values, exact)
    return numbers


def _absent(case: Case) -> Any:
    return case.asked.absent[0]


def _rounded(value: float) -> float:
    return 0.0 if value < 1e-12 else value


def _predicting(values: Array, case: Case) -> dict[str, float]:
    """Return gains over random order relative to the mean change, infidelity, correlation."""
    asked = case.asked
    change = np.abs(asked.random[:, -1] - asked.random[:, 0])
    absent = _absent(case)
    fallen = deletion_gain(case.model, case.X, values, absent, asked.random)
    ordered = (values != values[:, :1]).any(axis=1)
    risen = np.zeros(len(values))
    if ordered.any():
        curve = metrics.insertion_curve(case.model, case.X[ordered], values[ordered], case.baseline)
        # of random orders insertion's mean curve is deletion's, backwards, with the same sign
        risen[ordered] = metrics.area(curve) - metrics.area(asked.random[ordered, ::-1])
    wrong = prediction_error(values, asked.deleted, asked.losses)
    nothing = prediction_error(np.zeros_like(values), asked.deleted, asked.losses)
    return {
        "deletion": ratio(fallen, change),
        "insertion": ratio(risen, change),
        "infidelity": ratio(wrong, nothing),
        "faithfulness": float(_faithfulness(values, asked).mean()),
    }


def _faithfulness(values: Array, asked: Asked) -> Array:
    """Return the correlation over sets of half of the features."""
    size = values.shape[1] // 2
    some = asked.deleted.sum(axis=1) == size
    if not asked.enumerated:  # few drawn sets have just that size
        some = np.ones(len(asked.deleted), bool)
    return correlation(values @ asked.deleted[some].T, asked.losses[:, some])


def steadiness(method: Method, case: Case, setting: Setting) -> dict[str, float]:
    """Return how much explanations change with the input, and with what was learnt."""

    def explain(model: Any, X: Array) -> Array:
        return method.explain(model, X, case.baseline).values

    X = case.X[:STEADY_INPUTS]
    rng = np.random.default_rng([setting.seed, 6])  # the same moves for all methods
    moved = metrics.max_sensitivity(
        lambda X: explain(case.model, X), X, SENSITIVITY_RADIUS, SENSITIVITY_DRAWS, rng
    )
    found = {"max_sensitivity": float(np.median(moved))}
    if not case.others:
        return found
    alike = metrics.randomisation(explain, [case.model, *case.others.values()], X)
    return found | {name: float(row.mean()) for name, row in zip(case.others, alike)}


def known_terms(values: Array, truth: Any, X: Array, baseline: Any) -> float:
    """Return the error on features whose term is known, relative to the output's change.

    A feature that is in no product of the function is owed its own term, one that is in no term 0:
    by every method that compares outputs, in every game.
    """
    alone = ~interacting(truth)
    owed = qxai.shapley(truth, X, baseline)
    size = np.sqrt(np.mean((owed.output - owed.baseline_output) ** 2))
    wrong = ((values - owed.values)[:, alone] ** 2).sum(axis=1)
    return float(np.sqrt(wrong.mean()) / size)


def interacting(truth: Any) -> Mask:
    """Return which features are in a product with another, (d,)."""
    active = np.array([(np.abs(factor[1:]) > 0).any(axis=0) for factor in truth.factors])
    together = (active.sum(axis=0) > 1) & (truth.weights != 0)
    return np.asarray((active & together).any(axis=1))


def relative_error(found: Array, expected: Array) -> float:
    """Return the norm of a difference relative to that of what was expected, NaN if that is 0."""
    size = np.linalg.norm(expected)
    return float(np.linalg.norm(found - expected) / size) if size > 1e-9 else float("nan")
