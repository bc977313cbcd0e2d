"""What each method costs on a device, in shots."""

from collections.abc import Callable

import numpy as np
from declaration import (
    LIME_SCALE,
    PILOT_INPUTS,
    PILOT_SAMPLES,
    PILOT_SHOTS,
    SMOOTHING,
    SYNTHETIC_FEATURES,
    TARGET_ERROR,
    Setting,
)
from methods import METHODS
from models import is_encoding_first

import qxai
from qxai import metrics
from qxai.attribution import Attribution
from qxai.core import Array

PILOTS: dict[str, Callable[..., Attribution]] = {
    "gradient": lambda m, X, b, rng: qxai.gradient(m, X),
    "gradient × input": lambda m, X, b, rng: qxai.gradient_x_input(m, X, b),
    "SmoothGrad": lambda m, X, b, rng: qxai.smooth_grad(m, X, SMOOTHING, PILOT_SAMPLES, rng),
    "integrated gradients": lambda m, X, b, rng: qxai.integrated_gradients(m, X, b, steps=6),
    "occlusion": lambda m, X, b, rng: qxai.occlusion(m, X, b),
    "Shapley": lambda m, X, b, rng: qxai.shapley(m, X, b, PILOT_SAMPLES, rng),
    "LIME": lambda m, X, b, rng: qxai.lime(m, X, LIME_SCALE, samples=PILOT_SAMPLES, rng=rng),
    "Taylor-1": lambda m, X, b, rng: qxai.taylor(m, X, b, order=1),
    "Taylor-∞": lambda m, X, b, rng: qxai.taylor(m, X, b),
    "QLRP-zero": lambda m, X, b, rng: qxai.qlrp_from_noise(m, X),
}


def shots(setting: Setting, model: qxai.PQC, X: Array) -> list[dict[str, object]]:
    """Return the shots for each input that leave a standard error of a tenth of the values.

    A pilot with few shots gives the standard errors; the law 1/√shots does the rest. Only small
    circuits behind a product encoding, where every method has an estimator.
    """
    main = setting.sweep == "main" and is_encoding_first(setting)
    if not main or X.shape[1] != SYNTHETIC_FEATURES:
        return []
    inputs, middle, rows = X[:PILOT_INPUTS], np.pi / 2, []
    for name, explain in PILOTS.items():
        rng = np.random.default_rng([setting.seed, 7])
        found = explain(model.on(qxai.Sampled(PILOT_SHOTS, rng)), inputs, middle, rng)
        size = np.sqrt(np.mean(_exact(name, model, inputs, middle) ** 2))
        needed = metrics.shots_to_error(found, TARGET_ERROR * float(size)) / len(inputs)
        rows.append({"method": name, "shots": needed})
    return rows


def _exact(name: str, model: qxai.PQC, X: Array, baseline: float) -> Array:
    method = next(method for method in METHODS if method.name == name)
    return method.explain(model, X, baseline).values
