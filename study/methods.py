"""The entrants: methods of the library and of shap, and controls that know nothing of the model."""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from declaration import (
    BASELINES,
    CLASSES,
    CONDITIONAL_FEATURES,
    EPSILON,
    GAMMA,
    KERNEL_SHAP_RUNS,
    LAYERED_QUBITS,
    LIME_SCALE,
    REUPLOADING,
    SMOOTHING,
    Setting,
)
from models import is_encoding_first

import qxai
from qxai.attribution import Attribution
from qxai.core import Array

Explain = Callable[[Any, Array, Any], Attribution]
CONTROLS = ("random", "constant", "input")


@dataclass(frozen=True)
class Method:
    """One method with its settings.

    Attributes
    ----------
    name : str
    explain : callable
        Maps a model, inputs and a baseline to an attribution.
    moves : bool
        Whether it depends on the baseline.
    amounts : bool
        Whether its values say how much; a ranking is judged as one only.
    transfers : bool
        Whether it can explain the planted function, which is no circuit.
    """

    name: str
    explain: Explain
    moves: bool = True
    amounts: bool = True
    transfers: bool = True


def entrants(setting: Setting, sample: Array) -> tuple[Method, ...]:
    """Return the methods that can explain a setting's model, and the controls.

    ``sample`` are rows of the training data, for methods that have absent features follow them.
    """
    found = [*ANY, *_from(sample)]
    if sample.shape[1] <= CONDITIONAL_FEATURES:
        found.append(_conditional(sample))
    if is_encoding_first(setting):
        found += PAULI
        if sample.shape[1] <= LAYERED_QUBITS:
            found += LAYERED
    if setting.family == REUPLOADING and setting.task != CLASSES:
        found.append(IN_CIRCUIT)
    return (*found, *RANDOM)


def able(method: Method, model: Any, X: Array) -> bool:
    """Tell by a trial whether a method can explain a model that somebody entered."""
    try:
        method.explain(model, X[:2].copy(), BASELINES["mean"])
    except (TypeError, ValueError, AttributeError):
        return False
    return True


def _from(sample: Array) -> list[Method]:
    """Return methods whose absent features come from the training data, whatever the baseline."""
    rows, independent = qxai.Background(sample), qxai.Marginals(sample)
    return [
        Method("Shapley, sample", lambda m, X, b: qxai.shapley(m, X, rows), moves=False),
        Method("Shapley, marginals", lambda m, X, b: qxai.shapley(m, X, independent), moves=False),
        Method(
            "expected gradients",
            lambda m, X, b: qxai.integrated_gradients(m, X, rows),
            moves=False,
        ),
    ]


def _conditional(sample: Array) -> Method:
    def explain(model: Any, X: Array, baseline: Any) -> Attribution:
        given = qxai.GaussianCopula(sample, 32)
        return qxai.conditional_shapley(model, X, given, np.random.default_rng(13))

    return Method("Shapley, conditional", explain, moves=False)


def distance(model: Any, X: Array, baseline: Any) -> Attribution:
    """Rank features by how far each alone has to go to change the decision: the nearest first."""
    change = qxai.counterfactual(model, X).changes
    near = np.divide(1.0, np.abs(change), out=np.zeros_like(change), where=np.isfinite(change))
    return as_attribution("counterfactual distance", near, model, X, baseline)


def kernel_shap(model: Any, X: Array, baseline: Any) -> Attribution:
    """Run shap's KernelExplainer with few coalitions, the same draws for the same inputs."""
    import shap

    rows = _rows(baseline, X.shape[1])
    explainer = shap.KernelExplainer(model.values, rows)
    np.random.seed(zlib.crc32(np.round(X, 9).tobytes()))  # noqa: NPY002 - shap draws from it
    runs = KERNEL_SHAP_RUNS * X.shape[1]
    values = explainer.shap_values(X, nsamples=runs, l1_reg=False, silent=True)
    return as_attribution("KernelSHAP", np.asarray(values), model, X, baseline)


def random(model: Any, X: Array, baseline: Any) -> Attribution:
    """Draw attributions without looking at the model; other inputs, other draws.

    Only their size is that of the output's change, on which units depend.
    """
    seeds = [zlib.crc32(np.round(row, 9).tobytes()) for row in X]
    drawn = np.array([np.random.default_rng(seed).normal(size=X.shape[1]) for seed in seeds])
    size = np.abs(constant(model, X, baseline).values)
    return as_attribution("random", drawn * size, model, X, baseline)


def constant(model: Any, X: Array, baseline: Any) -> Attribution:
    """Give every feature the same share of the difference: complete, and empty."""
    change = model.values(X) - before(model, X, baseline)
    values = np.repeat(change[:, None] / X.shape[1], X.shape[1], axis=1)
    return as_attribution("constant", values, model, X, baseline)


def distance_from_baseline(model: Any, X: Array, baseline: Any) -> Attribution:
    """Give every feature its distance from the baseline: a mask that follows the input is found."""
    size = np.abs(constant(model, X, baseline).values)
    middle = _rows(baseline, X.shape[1]).mean(axis=0)
    return as_attribution("input", (X - middle) * size, model, X, baseline)


def before(model: Any, X: Array, baseline: Any) -> Array:
    """Return the output at the baseline, of a sample its mean, for each input."""
    return np.full(len(X), model.values(_rows(baseline, X.shape[1])).mean())


def _rows(baseline: Any, num_features: int) -> Array:
    """Return the rows of a sample, or a point as the only one."""
    if isinstance(baseline, qxai.Background):
        return np.asarray(baseline.sample)
    return np.full((1, num_features), float(baseline))


def as_attribution(name: str, values: Array, model: Any, X: Array, baseline: Any) -> Attribution:
    """Return values (N, d) as an attribution that counts from the baseline's output."""
    return Attribution(
        values=values,
        output=model.values(X),
        baseline_output=before(model, X, baseline),
        method=name,
        evaluations=0,
    )


def lime(model: Any, X: Array, baseline: Any, scale: float = LIME_SCALE) -> Attribution:
    """Explain by LIME's limit; it has no baseline."""
    return qxai.lime(model, X, scale=scale)


def smooth_grad(model: Any, X: Array, baseline: Any, sigma: float = SMOOTHING) -> Attribution:
    """Explain by the mean gradient; it has no baseline."""
    return qxai.smooth_grad(model, X, sigma=sigma)


def qlrp(model: Any, X: Array, baseline: Any, rule: Any = None) -> Attribution:
    """Explain from the product encoding, whatever the baseline."""
    return qxai.qlrp(model, X) if rule is None else qxai.qlrp(model, X, rule)


ANY = (
    Method("gradient", lambda m, X, b: qxai.gradient(m, X), moves=False),
    Method("gradient × input", lambda m, X, b: qxai.gradient_x_input(m, X, b)),
    Method("SmoothGrad", smooth_grad, moves=False),
    Method("integrated gradients", lambda m, X, b: qxai.integrated_gradients(m, X, b)),
    Method("occlusion", lambda m, X, b: qxai.occlusion(m, X, b)),
    Method("Shapley", lambda m, X, b: qxai.shapley(m, X, b)),
    Method("Banzhaf", lambda m, X, b: qxai.banzhaf(m, X, b)),
    Method("least infidelity", lambda m, X, b: qxai.least_infidelity(m, X, b)),
    Method("KernelSHAP", kernel_shap),
    Method("LIME", lime, moves=False),
    Method("Taylor-1", lambda m, X, b: qxai.taylor(m, X, b, order=1)),
    Method("Taylor-2", lambda m, X, b: qxai.taylor(m, X, b, order=2)),
    Method("Taylor-∞", lambda m, X, b: qxai.taylor(m, X, b, order=math.inf)),
    Method("counterfactual distance", distance, moves=False, amounts=False),
)
PAULI = (Method("QLRP-zero", qlrp, moves=False, transfers=False),)
LAYERED = (
    Method("QLRP-ε", partial(qlrp, rule=qxai.Epsilon(EPSILON)), moves=False, transfers=False),
    Method("QLRP-γ", partial(qlrp, rule=qxai.Gamma(GAMMA)), moves=False, transfers=False),
)
IN_CIRCUIT = Method("QLRP in-circuit", lambda m, X, b: qxai.qlrp(m, X, baseline=b), transfers=False)
RANDOM = (
    Method("random", random, transfers=False),
    Method("constant", constant, transfers=False),
    Method("input", distance_from_baseline, transfers=False),
)


def baselines(sample: Array, all_three: bool) -> dict[str, Any]:
    """Return what absent features are set to, by name."""
    rows = {"sample": qxai.Background(sample)} if all_three else {}
    return {**BASELINES, **rows}
