"""Features that depend on each other: two truths, and which of them a method tells.

*Interventional*: absent features are drawn from the data whatever the present ones are. A feature
that the function does not read is owed nothing. *Conditional*: absent features follow the present
ones, so that a feature that is not read, but tells about one that is, has a share. Both are worked
out for the planted function, with the training data as the sample, and neither is wrong.
"""

from typing import Any

import numpy as np
from declaration import CONDITIONAL_DRAWS, EXPLAINED, SAMPLE_ROWS, Setting
from judging import relative_error
from methods import entrants

import qxai
from data import Data
from qxai.core import Array

SHOWN = ("Shapley, sample", "Shapley, marginals", "Shapley, conditional")


def truths(data: Data, X: Array, seed: int) -> dict[str, Array]:
    """Return the function's Shapley values in both games, (N, d) each."""
    rows, truth = data.train[0], data.truth
    rng = np.random.default_rng([seed, 19])
    given = qxai.GaussianCopula(rows, CONDITIONAL_DRAWS)
    return {
        "interventional": qxai.shapley(truth, X, qxai.Background(rows)).values,
        "conditional": qxai.conditional_shapley(truth, X, given, rng).values,
    }


def dependence(setting: Setting, data: Data, model: Any) -> list[dict[str, Any]]:
    """Return each method's error against both truths, and its share on features not read."""
    X, relevant = data.test[0][:EXPLAINED], data.relevant
    assert relevant is not None
    unread = ~relevant[0]
    found = truths(data, X, setting.seed)
    methods = [m for m in entrants(setting, data.train[0][:SAMPLE_ROWS]) if m.name in SHOWN]
    rows = [
        {
            "method": "the function itself",
            "game": game,
            "error": 0.0,
            "on_copies": on(values, unread),
        }
        for game, values in found.items()
    ]
    for method in methods:
        values = method.explain(model, X, np.pi / 2).values
        for game, expected in found.items():
            error = relative_error(values, expected)
            row = {"method": method.name, "game": game, "error": error}
            rows.append(row | {"on_copies": on(values, unread)})
    return rows


def on(values: Array, unread: Array) -> float:
    """Return the share of all sizes that lies on features that the function does not read."""
    sizes = np.abs(values)
    return float(sizes[:, unread].sum() / sizes.sum())
