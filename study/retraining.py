"""Remove and retrain (Hooker et al. 2019), where retraining is one linear solve.

The features that an explanation calls most relevant are set to the middle of the range, in training
and in test inputs, the model is trained again, and what it can still tell is compared with what it
can after features were removed at random. No baseline's game is played: the model that is asked
after a removal was trained for it.
"""

from typing import Any

import numpy as np
from declaration import BASELINES, FROZEN, FUNCTIONS, RETRAINED, RETRAINED_FEATURES, Setting
from methods import CONTROLS, Method
from models import score, solved
from readouts import expectations, solve

from data import Data
from qxai.core import Array
from qxai.metrics.relative import in_output_units

SLOW = ("KernelSHAP", "Shapley, conditional")  # not run on all training inputs
ORDERS = 3  # random ones


def is_retrained(setting: Setting) -> bool:
    """Return whether a model's explanations are judged by retraining."""
    small = FUNCTIONS.get(setting.task, ("", {}))[1].get("num_features") == RETRAINED_FEATURES
    return setting.family in RETRAINED and small


def retraining(
    setting: Setting, data: Data, model: Any, methods: tuple[Method, ...]
) -> list[dict[str, Any]]:
    """Return, for each method, the mean score that is left, and what it lost beyond random."""
    middle = BASELINES["mean"]
    train, test = data.train[0], data.test[0]
    rng = np.random.default_rng([setting.seed, 15])
    drawn = [(rng.random(train.shape), rng.random(test.shape)) for _ in range(ORDERS)]
    by_chance = float(np.mean([left_after(setting, data, *pair) for pair in drawn]))
    rows = []
    for method in methods:
        if method.name in (*SLOW, *CONTROLS):
            continue
        sizes = [
            np.abs(in_output_units(method.explain(model, X, middle), X, np.asarray(middle)))
            for X in (train, test)
        ]
        left = left_after(setting, data, *sizes)
        rows.append({"method": method.name, "left": left, "gain": by_chance - left})
    return rows


def left_after(setting: Setting, data: Data, train: Array, test: Array) -> float:
    """Return the mean score over 1 … d − 1 removed features, those of the largest sizes first."""
    scores = []
    for count in range(1, train.shape[1]):
        X = _without(data.train[0], train, count)
        outputs = predicted(setting, X, data.train[1], _without(data.test[0], test, count))
        scores.append(score(setting, outputs, data.test[1]))
    return float(np.mean(scores))


def predicted(setting: Setting, X: Array, y: Array, inputs: Array) -> Array:
    """Return the outputs of a model that was trained anew."""
    if setting.family == FROZEN:  # as `frozen_model`, without making it a circuit
        weights, offset = solve(expectations(X, setting.seed), y)
        return expectations(inputs, setting.seed) @ weights + offset
    return np.asarray(solved(setting.family, X, y, setting.seed).values(inputs))


def _without(X: Array, sizes: Array, count: int) -> Array:
    """Set the features of the largest sizes to the middle, in each row its own."""
    first = np.argsort(-sizes, axis=1, kind="stable")[:, :count]
    left = X.copy()
    np.put_along_axis(left, first, BASELINES["mean"], axis=1)
    return left
