"""What each method costs on a device: the best estimator that we know, at equal total shots.

Every estimator is simulated with the same total of shots for an input, and its error is that
against the *exact* attribution; errors fall as 1/√shots, so one total gives the shots for any
error. Part of an estimator may serve all inputs: runs at a baseline that they share. Its cost is
kept apart, so that the shots for N inputs are ``fixed + N · each``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from declaration import (
    BASELINES,
    COST_INPUTS,
    COST_REPEATS,
    COST_SEEDS,
    COST_SHOTS,
    COST_TASKS,
    ENCODING_FIRST,
    LIME_SCALE,
    SMOOTHING,
    TARGET_ERROR,
    Setting,
)

import qxai
from qxai.core import Array

STEPS = 6  # nodes of integrated gradients
ANGLES = 2 * np.pi * np.arange(1, 3) / 3  # with the baseline, three places of a feature's wave

Estimate = Callable[[Any, Array, float, int, np.random.Generator], Array]


@dataclass(frozen=True)
class Costed:
    """A method with its exact values and its estimators.

    Attributes
    ----------
    exact : callable
        Of a model, inputs and a baseline.
    each : callable or None
        Of a model, inputs, a baseline, shots for an input and a generator: estimated values.
    shared : callable or None
        The same with runs that serve all inputs, the shots being those of all together.
    """

    exact: Callable[[Any, Array, float], Array]
    each: Estimate | None = None
    shared: Estimate | None = None


def is_costed(setting: Setting) -> bool:
    """Return whether the cost of explanations is measured on a model."""
    seeds = setting.task in COST_TASKS and setting.seed in COST_SEEDS
    return seeds and setting.family == ENCODING_FIRST and setting.part == "named"


def cost(setting: Setting, model: qxai.PQC, X: Array) -> list[dict[str, Any]]:
    """Return the shots that leave a tenth of the attributions' size as error, for both baselines.

    ``fixed`` are shots that serve all inputs, ``each`` those of every input.
    """
    rows = []
    for name, costed in COSTED.items():
        for side, baseline in BASELINES.items():
            if name in STILL and side != "mean":
                continue
            exact = costed.exact(model, X[:COST_INPUTS], baseline)
            target = TARGET_ERROR * float(np.sqrt(np.mean(exact**2)))
            for kind, estimate in (("each", costed.each), ("fixed", costed.shared)):
                if estimate is None or target < 1e-12:
                    continue
                error = _error(estimate, model, X[:COST_INPUTS], baseline, exact, setting.seed)
                needed = COST_SHOTS * (error / target) ** 2
                rows.append({"method": name, "baseline": side, "kind": kind, "shots": needed})
    return rows


def _error(
    estimate: Estimate, model: qxai.PQC, X: Array, baseline: float, exact: Array, seed: int
) -> float:
    """Return the root mean square of the error over repetitions, inputs and features."""
    rng, wrong = np.random.default_rng([seed, 7]), []
    for _ in range(COST_REPEATS):
        wrong.append(estimate(model, X, baseline, COST_SHOTS, rng) - exact)
    return float(np.sqrt(np.mean(np.square(wrong))))


def on(model: qxai.PQC, shots: int, rng: np.random.Generator) -> Any:
    """Return the model on a device that takes so many shots a run."""
    return model.on(qxai.Sampled(max(1, int(shots)), rng))


def _gradient(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return qxai.gradient(on(m, shots // (2 * X.shape[1]), rng), X).values


def _gradient_x_input(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return _gradient(m, X, b, shots, rng) * (X - b)


def _smooth_grad(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return qxai.smooth_grad(on(m, 1, rng), X, SMOOTHING, shots=shots, rng=rng).values


def _lime(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return qxai.lime(on(m, 1, rng), X, LIME_SCALE, shots=shots, rng=rng).values


def _integrated(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return qxai.integrated_gradients(on(m, 1, rng), X, b, steps=STEPS, shots=shots).values


def _shapley(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return qxai.shapley(on(m, 1, rng), X, b, shots=shots, rng=rng).values


def _coalitions(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    """Return Banzhaf values from all coalitions: each weighs the same, so all share alike."""
    return qxai.banzhaf(on(m, shots >> X.shape[1], rng), X, b).values


def _occlusion(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    """Spend √d times as much on the intact run, which all d differences share."""
    d = X.shape[1]
    one = shots / (d + np.sqrt(d))
    intact = on(m, round(one * np.sqrt(d)), rng).values(X)
    return np.asarray(intact[:, None] - _one_by_one(on(m, round(one), rng), X, X, b))


def _taylor(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    """Spend √d times as much on the run at the baseline, in which every input has its share."""
    d = X.shape[1]
    one = shots / (d + np.sqrt(d))
    start = on(m, round(one * np.sqrt(d)), rng).values(np.full_like(X, b))
    alone = np.full((len(X), d, d), float(b))
    alone[:, np.arange(d), np.arange(d)] = X
    moved = on(m, round(one), rng).values(alone.reshape(-1, d)).reshape(len(X), d)
    return np.asarray(moved - start[:, None])


def _one_by_one(device: Any, X: Array, start: Array, b: float) -> Array:
    """Return outputs (N, d) with one feature at the baseline, the others at the input."""
    d = X.shape[1]
    gone = np.repeat(start[:, None], d, axis=1)
    gone[:, np.arange(d), np.arange(d)] = b
    return np.asarray(device.values(gone.reshape(-1, d)).reshape(len(X), d))


def _taylor_shared(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    """Return every feature's whole wave from two shifted runs and one at the baseline, for all."""
    d = X.shape[1]
    one = shots / (2 * d + np.sqrt(d))
    start = on(m, round(one * np.sqrt(d)), rng).values(np.full((1, d), b))[0]
    places = np.full((d, 2, d), float(b))
    places[np.arange(d), :, np.arange(d)] += ANGLES
    moved = on(m, round(one), rng).values(places.reshape(-1, d)).reshape(d, 2) - start
    waves = np.stack([np.cos(ANGLES) - 1, np.sin(ANGLES)])
    amplitudes = np.linalg.solve(waves.T, moved.T)  # of cos − 1 and of sin, (2, d)
    away = X - b
    return np.asarray(amplitudes[0] * (np.cos(away) - 1) + amplitudes[1] * np.sin(away))


def _taylor_1(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    return _gradient(m, np.full((1, X.shape[1]), b), b, shots, rng) * (X - b)


def _qlrp(m: Any, X: Array, b: float, shots: int, rng: np.random.Generator) -> Array:
    d = X.shape[1]
    runs = 2 * d * -(-d // 2)
    return qxai.qlrp_from_noise(on(m, shots // runs, rng), X).values


STILL = ("gradient", "SmoothGrad", "LIME", "QLRP-zero")  # no baseline
COSTED = {
    "gradient": Costed(lambda m, X, b: qxai.gradient(m, X).values, _gradient),
    "gradient × input": Costed(
        lambda m, X, b: qxai.gradient_x_input(m, X, b).values, _gradient_x_input
    ),
    "SmoothGrad": Costed(lambda m, X, b: qxai.smooth_grad(m, X, SMOOTHING).values, _smooth_grad),
    "LIME": Costed(lambda m, X, b: qxai.lime(m, X, LIME_SCALE).values, _lime),
    "integrated gradients": Costed(
        lambda m, X, b: qxai.integrated_gradients(m, X, b).values, _integrated
    ),
    "occlusion": Costed(lambda m, X, b: qxai.occlusion(m, X, b).values, _occlusion),
    "Shapley": Costed(lambda m, X, b: qxai.shapley(m, X, b).values, _shapley),
    "Banzhaf": Costed(lambda m, X, b: qxai.banzhaf(m, X, b).values, _coalitions),
    "Taylor-1": Costed(lambda m, X, b: qxai.taylor(m, X, b, order=1).values, None, _taylor_1),
    "Taylor-∞": Costed(lambda m, X, b: qxai.taylor(m, X, b).values, _taylor, _taylor_shared),
    "QLRP-zero": Costed(lambda m, X, b: qxai.qlrp(m, X).values, _qlrp),
}
