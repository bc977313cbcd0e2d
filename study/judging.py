"""What is measured of one method on one model."""

from dataclasses import dataclass

import numpy as np
from declaration import (
    BASELINES,
    EXPLAINED,
    SENSITIVITY_DRAWS,
    SENSITIVITY_RADIUS,
    STEADY_INPUTS,
    STEADY_LAYERED_QUBITS,
    Setting,
)
from methods import METHODS, Method

import qxai
from data import Data
from qxai import metrics
from qxai.attribution import Attribution
from qxai.core import Array, Evaluator, Multilinear
from qxai.metrics.relative import deletion_gain, in_output_units, ratio

# Columns of results.csv, and which way is better.
METRICS = {
    "localisation_auc": "larger",
    "relevance_mass": "larger",
    "completeness": "smaller",
    "deletion": "larger",
    "insertion": "larger",
    "infidelity": "smaller",
    "max_sensitivity": "smaller",
    "randomised_last": "near 0",
    "randomised_all": "near 0",
    "permuted_labels": "near 0",
    "gini": "neither",
    "truth_error": "smaller",
    "transfer_error": "smaller",
    "evaluations": "smaller",
}


@dataclass(frozen=True, eq=False)
class Case:
    """A model with its inputs, at one baseline, and what all methods are compared with.

    Attributes
    ----------
    model : Evaluator
    fast : Multilinear
        The same function, for metrics that evaluate it often.
    others : dict from str to Evaluator
        Randomised versions of the model.
    X : ndarray, shape (N, d)
    baseline : float
    random : ndarray, shape (N, d + 1)
        The mean insertion curve of random orders.
    nothing : float
        Mean infidelity of zero attributions.
    """

    model: Evaluator
    fast: Multilinear
    others: dict[str, Evaluator]
    X: Array
    baseline: float
    random: Array
    nothing: float


def cases(model: Evaluator, others: dict[str, Evaluator], X: Array) -> dict[str, Case]:
    """Return one case for each baseline."""
    fast, found = model.polynomial(), {}
    for name, baseline in BASELINES.items():
        random = metrics.random_order_curve(fast, X, baseline)
        nothing = metrics.infidelity(fast, X, np.zeros_like(X), baseline).mean()
        found[name] = Case(model, fast, others, X, baseline, random, float(nothing))
    return found


def judged(
    method: Method, found: Attribution, case: Case, data: Data, setting: Setting
) -> dict[str, float]:
    """Return the metrics of one method on one case, each a mean over the inputs."""
    relevant = None if data.relevant is None else data.relevant[:EXPLAINED]
    return {
        **_pointing(found.values, relevant),
        "completeness": float(metrics.completeness(found).mean()),
        **_predicting(in_output_units(found, case.X, case.baseline), case),
        "gini": float(metrics.gini(found.values).mean()),
        **_against_truth(method, found, case, data, setting),
        "evaluations": found.evaluations / len(case.X),
    }


def steadiness(method: Method, case: Case, setting: Setting) -> dict[str, float]:
    """Return how much explanations change with the input, and with what was learnt."""

    def explain(model: Evaluator, X: Array) -> Array:
        return method.explain(model, X, case.baseline).values

    if method.layered and case.X.shape[1] > STEADY_LAYERED_QUBITS:
        return {}
    X = case.X[:STEADY_INPUTS]
    rng = np.random.default_rng([setting.seed, 6])  # the same moves for all methods
    moved = metrics.max_sensitivity(
        lambda X: explain(case.model, X), X, SENSITIVITY_RADIUS, SENSITIVITY_DRAWS, rng
    )
    alike = metrics.randomisation(explain, [case.model, *case.others.values()], X)
    found = {"max_sensitivity": float(np.median(moved))}
    return found | {name: float(row.mean()) for name, row in zip(case.others, alike)}


def _pointing(values: Array, relevant: Array | None) -> dict[str, float]:
    if relevant is None:
        return {}
    return {
        "localisation_auc": float(metrics.localisation_auc(values, relevant).mean()),
        "relevance_mass": float(metrics.relevance_mass(values, relevant).mean()),
    }


def _predicting(values: Array, case: Case) -> dict[str, float]:
    """Return gains over random order, relative to the mean change, and relative infidelity."""
    ends = case.random
    change = np.abs(ends[:, -1] - ends[:, 0])
    given = case.fast, case.X, values, case.baseline
    fallen = deletion_gain(*given, ends[:, ::-1])
    risen = metrics.area(metrics.insertion_curve(*given)) - metrics.area(ends)
    return {
        "deletion": ratio(fallen, change),
        "insertion": ratio(risen, change),
        "infidelity": ratio(metrics.infidelity(*given), case.nothing),
    }


def _against_truth(
    method: Method, own: Attribution, case: Case, data: Data, setting: Setting
) -> dict[str, float]:
    """Compare with the target function's explanation, by the same method and by its terms."""
    if data.truth is None:
        return {}
    found = {}
    if not method.name.startswith(
        ("QLRP", "random", "constant", "input")
    ):  # they need a circuit, or nothing
        same = method.explain(data.truth, case.X, case.baseline).values
        found["transfer_error"] = relative_error(own.values, same)
    if setting.task == "additive":  # here the terms of the function are its explanation
        terms = qxai.shapley(data.truth, case.X, case.baseline).values
        values = in_output_units(own, case.X, case.baseline)
        found["truth_error"] = relative_error(values, terms)
    return found


def relative_error(found: Array, expected: Array) -> float:
    """Return the norm of a difference relative to that of what was expected, NaN if that is 0."""
    size = np.linalg.norm(expected)
    return float(np.linalg.norm(found - expected) / size) if size > 1e-9 else float("nan")


def methods_for(setting: Setting) -> list[Method]:
    """Return the methods that can explain a setting's model."""
    return [method for method in METHODS if setting.family in method.families]
