"""Classical models on the same angles: how well they do, and what their own explanations find.

Forests and linear models are explained by shap's own methods. Networks and captum are in
benchmarks/classical.py, which needs PyTorch.
"""

from typing import Any

import numpy as np
from declaration import EXPLAINED, FUNCTIONS, LABELLED, SAMPLE_ROWS, Setting
from judging import known_terms
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor

import qxai
from data import Data
from qxai import metrics
from qxai.core import Array


def classical_models(setting: Setting) -> dict[str, Any]:
    """Return untrained models of the kind that a setting's targets want."""
    small = {"hidden_layer_sizes": (16,), "max_iter": 2000, "random_state": setting.seed}
    forest = {"random_state": setting.seed}
    if setting.kind == "function":
        return {
            "linear": LinearRegression(),
            "network": MLPRegressor(**small),
            "forest": RandomForestRegressor(**forest),
        }
    return {
        "linear": LogisticRegression(max_iter=1000),
        "network": MLPClassifier(**small),
        "forest": RandomForestClassifier(**forest),
    }


def classical_scores(setting: Setting, data: Data) -> dict[str, float]:
    """Return what three classical models reach on the same angles."""
    train, test = (_as_labels(*part) for part in (data.train, data.test))
    found = {}
    for name, model in classical_models(setting).items():
        outputs = model.fit(*train).predict(test[0])
        right = np.mean(outputs == test[1])
        error = np.mean((outputs - test[1]) ** 2) / np.var(test[1])
        found[name] = float(1 - error if setting.kind == "function" else right)
    return found


def _as_labels(X: Array, y: Array) -> tuple[Array, Array]:
    return X, y.argmax(axis=1) if y.ndim == 2 else y


def peer_rows(setting: Setting, data: Data) -> list[dict[str, Any]]:
    """Return how well shap's own methods find what was planted, on forests and linear models."""
    if setting.task not in (*FUNCTIONS, *LABELLED) or data.relevant is None:
        return []
    import shap

    X, rows = data.test[0][:EXPLAINED], data.train[0][:SAMPLE_ROWS]
    makers = {"forest": shap.TreeExplainer, "linear": shap.LinearExplainer}
    found = []
    for name, explainer in makers.items():
        model = classical_models(setting)[name].fit(*data.train)
        values = _of_class(np.asarray(explainer(model, rows).shap_values(X)), X)
        row = {"model": name, "method": f"shap.{explainer.__name__}"}
        found.append(row | located(values, data, rows))
    return found


def _of_class(values: Array, X: Array) -> Array:
    """Return the values of the class +1 (N, d), whatever axis classes are on."""
    return values if values.shape == X.shape else values[..., -1]


def located(values: Array, data: Data, rows: Array) -> dict[str, float]:
    """Return localisation and the error of the known terms against a sample of baselines."""
    X, relevant = data.test[0][: len(values)], data.relevant
    assert relevant is not None
    found = {}
    if not relevant.all():
        at = metrics.localisation_auc(values, relevant[: len(values)])
        found["localisation"] = float(at.mean())
    if data.truth is not None:
        found["known_terms"] = known_terms(values, data.truth, X, qxai.Background(rows))
    return found
