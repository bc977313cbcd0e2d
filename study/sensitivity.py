"""How much the study's choices matter: settings of methods, and a grid of baselines."""

from functools import partial
from typing import Any

import numpy as np
from declaration import (
    BASELINES,
    ENCODING_FIRST,
    EPSILONS,
    GAMMAS,
    GRID,
    GRID_TASKS,
    LIME_SCALES,
    SMOOTHINGS,
    Setting,
)
from judging import case_of, judged
from methods import ANY, Method, lime, qlrp, smooth_grad

import qxai
from data import Data
from qxai.core import Array

SHOWN = ("localisation", "known_terms", "infidelity")
MOVED = ("gradient × input", "integrated gradients", "occlusion", "Shapley", "Taylor-∞")


def is_varied(setting: Setting) -> bool:
    """Return whether settings and baselines are varied on a model."""
    return setting.family == ENCODING_FIRST and setting.task in GRID_TASKS


def varied() -> list[tuple[str, float, Method, float]]:
    """Return name and value of what is varied, the method, and the baseline it is judged from."""
    middle = BASELINES["mean"]
    named: list[tuple[str, float, Method, float]] = []
    for sigma in SMOOTHINGS:
        named.append(("σ", sigma, Method("SmoothGrad", partial(smooth_grad, sigma=sigma)), middle))
    for scale in LIME_SCALES:
        named.append(("scale", scale, Method("LIME", partial(lime, scale=scale)), middle))
    for epsilon in EPSILONS:
        rule: Any = qxai.Epsilon(epsilon)
        named.append(
            ("ε", epsilon, Method("QLRP-ε", partial(qlrp, rule=rule), transfers=False), middle)
        )
    for gamma in GAMMAS:
        rule = qxai.Gamma(gamma)
        named.append(
            ("γ", gamma, Method("QLRP-γ", partial(qlrp, rule=rule), transfers=False), middle)
        )
    moved = [method for method in ANY if method.name in MOVED]
    return named + [("baseline", point, method, point) for point in GRID for method in moved]


def sensitivity(setting: Setting, data: Data, model: Any, X: Array) -> list[dict[str, Any]]:
    """Return metrics for every setting and baseline."""
    rows = []
    cases = {point: case_of(model, {}, X, point, setting.seed) for point in GRID}
    for name, value, method, point in varied():
        case = cases[point]
        found = method.explain(model, X, point)
        numbers = judged(method, found, case, data, slice(len(X)))
        shown = {metric: numbers.get(metric, np.nan) for metric in SHOWN}
        rows.append({"method": method.name, "varied": name, "value": value, **shown})
    return rows
