"""Which methods are judged if none are named, beside controls that know next to nothing."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from qxai.absence import Absent, ends
from qxai.asking import game_form
from qxai.attribution import Attribution
from qxai.attributions.gradient import gradient_x_input
from qxai.attributions.integrated_gradients import integrated_gradients
from qxai.attributions.lime import lime
from qxai.attributions.occlusion import occlusion
from qxai.attributions.qlrp import qlrp
from qxai.attributions.shapley import shapley
from qxai.attributions.smooth_grad import smooth_grad
from qxai.attributions.taylor import taylor
from qxai.core import PER_RADIAN, Array, Evaluator
from qxai.metrics.relative import centre

Method = Callable[..., Attribution]

ORDERS, NEIGHBOURS, NOISE = 64, 20, 64  # draws; neighbours for each feature
SMOOTHING = 0.3  # radians
MOST_OUTPUTS = 2**16  # of an enumeration over all inputs

# The metrics that ask what a method answers by construction, by how `Attribution.method` begins.
CIRCULAR = {
    "Shapley": ("completeness", "deletion", "infidelity"),
    "Banzhaf": ("deletion", "infidelity"),
    "occlusion": ("deletion",),
    "integrated gradients": ("completeness",),
    "QLRP": ("completeness",),
    "|x − baseline|": ("completeness",),
}


def circular(name: str) -> tuple[str, ...]:
    """Return the metrics that play the game that a method plays itself."""
    return next((found for start, found in CIRCULAR.items() if name.startswith(start)), ())


MOST_PLAYERS = 16  # features whose coalitions are all run without asking


def enumerable(rows: int, d: int) -> bool:
    """Tell whether all sets of d features are few enough, for so many inputs."""
    return d <= MOST_PLAYERS and rows * 2**d <= MOST_OUTPUTS


def explained(
    method: Method, model: Evaluator, X: Array, absent: Absent, rng: np.random.Generator
) -> Attribution:
    """Return what a method finds, with a generator if it has an argument for one.

    Raises
    ------
    TypeError
        If it returns anything but an attribution.
    ValueError
        If there is not one finite number for each input and feature.
    """
    more = {"rng": rng} if draws(method) else {}
    found = method(model, X, absent, **more)
    if not isinstance(found, Attribution):
        raise TypeError(
            f"methods: expected a qxai.Attribution from each, found {type(found).__name__}; return "
            "qxai.Attribution(values=values, output=model.values(X), baseline_output="
            "np.full(len(X), np.nan), method='mine', evaluations=0)"
        )
    if found.values.shape != X.shape or not np.isfinite(found.values).all():
        raise ValueError(
            f"methods: expected finite values of the shape of X, {X.shape}, found "
            f"{found.values.shape} from {found.method}; judge features one by one, without groups="
        )
    return found


def draws(method: Method) -> bool:
    """Tell whether a method takes a generator."""
    return "rng" in inspect.signature(method).parameters


def supported(
    model: Evaluator, X: Array, absent: Absent
) -> tuple[dict[str, Method], dict[str, str]]:
    """Return the library's methods that can explain a model, and why the others cannot."""
    chosen, left_out = {}, {}
    for name, alternatives in _library(model, len(X)).items():
        for method in alternatives:
            try:
                explained(method, model, X, absent, np.random.default_rng(0))
            except (TypeError, ValueError) as error:  # what a method refuses it says so
                left_out[name] = str(error)
            else:
                chosen[name] = method
                break
    return chosen, {name: why for name, why in left_out.items() if name not in chosen}


def _library(model: Evaluator, rows: int) -> Mapping[str, Sequence[Method]]:
    """Return the library's methods, each of them exact and then sampled."""
    exact = game_form(model) is not None or enumerable(rows, model.num_features)
    neighbours = NEIGHBOURS * (model.num_features + 2)
    return {
        "Shapley": [shapley] * exact + [partial(shapley, samples=ORDERS)],
        "integrated gradients": [integrated_gradients],
        "occlusion": [occlusion],
        "Taylor-∞": [taylor],
        "gradient × input": [gradient_x_input],
        "LIME × step": [_lime, partial(_lime, samples=neighbours)],
        "SmoothGrad × step": [_smooth_grad, partial(_smooth_grad, samples=NOISE)],
        "QLRP-zero": [_qlrp],
    }


def _lime(
    model: Evaluator,
    X: Array,
    baseline: Absent,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Attribution:
    return lime(model, X, samples=samples, rng=rng)


def _smooth_grad(
    model: Evaluator,
    X: Array,
    baseline: Absent,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Attribution:
    return smooth_grad(model, X, SMOOTHING, samples, rng)


def _qlrp(model: Evaluator, X: Array, baseline: Absent) -> Attribution:
    return qlrp(model, X)


def random_control(
    model: Evaluator, X: Array, baseline: Absent, rng: np.random.Generator
) -> Attribution:
    """Draw attributions as large as the output's change without looking at anything else."""
    output, before = ends(model, X, baseline)
    share = (output - before)[:, None] / X.shape[1]
    return _control("random", rng.normal(size=X.shape) * share, output, before)


def distance_control(model: Evaluator, X: Array, baseline: Absent) -> Attribution:
    """Share the output's change in proportion to how far each feature is from the baseline.

    Raw columns have units of their own: there it counts in standard deviations.
    """
    output, before = ends(model, X, baseline)
    unit = X.std(axis=0) if takes_columns(model) else np.ones(X.shape[1])
    steps = np.abs(X - centre(baseline))
    distance = np.divide(steps, unit, out=np.zeros(X.shape), where=unit > 0)
    total = distance.sum(axis=1, keepdims=True)
    share = np.divide(distance, total, out=np.full(X.shape, 1 / X.shape[1]), where=total > 0)
    return _control("|x − baseline|", share * (output - before)[:, None], output, before)


CONTROLS: Mapping[str, Method] = {
    "random": random_control,
    "|x − baseline|": distance_control,
}


def _control(name: str, values: Array, output: Array, before: Array) -> Attribution:
    return Attribution(
        values=values, output=output, baseline_output=before, method=name, evaluations=0
    )


def takes_columns(model: Any) -> bool:
    """Tell whether a model takes raw columns, not radians."""
    return getattr(model, "slope_unit", PER_RADIAN) != PER_RADIAN


def redrawn(model: Any, count: int, rng: np.random.Generator) -> list[Any]:
    """Return a model with its parameters drawn uniformly from −π to π; none if it has none."""
    inner = getattr(model, "model", None) if takes_columns(model) else None
    if inner is not None:  # behind functions of the columns, which stay
        return [replace(model, model=one) for one in redrawn(inner, count, rng)]
    parameters = getattr(model, "parameter_values", np.empty(0))
    if not len(parameters) or not callable(getattr(model, "with_parameters", None)):
        return []
    draws = rng.uniform(-np.pi, np.pi, (count, len(parameters)))
    return [model.with_parameters(one) for one in draws]
