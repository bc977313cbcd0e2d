"""Things that are no models are told what to wrap them in, and the advice runs."""

import functools
import re
import types

import cirq
import numpy as np
import pytest
import sympy
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

import qxai
from qxai.wrapping import not_a_model
from tests.models.test_function import WEIGHTS, Tensor, one_by_one


class Classifier:
    """As scikit-learn's, with what it is told to have."""

    def __init__(self, *methods, classes=2):
        self.classes_ = np.arange(classes)
        for name in methods:
            setattr(self, name, getattr(self, "_" + name))

    def _decision_function(self, X):
        return X @ np.outer(WEIGHTS, self.classes_) if len(self.classes_) > 2 else X @ WEIGHTS

    def _predict_proba(self, X):
        right = 1 / (1 + np.exp(-X @ WEIGHTS))
        return np.stack([1 - right, right], axis=1)

    def _predict(self, X):
        return np.sign(X @ WEIGHTS)


class Callable:
    """Named and furnished as the classes of other libraries, of which none is imported here."""

    def __init__(self, function, **furniture):
        self.function = function
        vars(self).update(furniture)

    def __call__(self, x):
        return self.function(x)


def furnished(name, module, function, **furniture):
    return type(name, (Callable,), {"__module__": module})(function, **furniture)


def network(weights):
    """As a network of Qiskit: a column, and weights of its own."""

    def forward(X, bound):
        assert bound is weights
        return (X @ WEIGHTS)[:, None]

    count = 0 if weights is None else len(weights)
    return types.SimpleNamespace(forward=forward, num_inputs=3, num_weights=count)


def module(dtype):
    """As a module of PyTorch; it takes tensors of its own precision, and no arrays."""

    def forward(tensor):
        assert tensor.numbers.dtype == dtype
        return Tensor((tensor.numbers @ WEIGHTS)[:, None])

    parameters = [types.SimpleNamespace(dtype=f"torch.{dtype}")]
    own = {"forward": forward, "parameters": lambda: iter(parameters)}
    return furnished("Linear", "torch.nn", forward, **own)


TORCH = types.SimpleNamespace(
    float32=np.float32,
    float64=np.float64,
    as_tensor=lambda X, dtype: Tensor(X.astype(dtype)),
    no_grad=lambda: lambda function: function,
)
NO_MODELS = {
    "a function": lambda X: X @ WEIGHTS,
    "a partial function": functools.partial(np.dot, b=WEIGHTS),
    "decision_function": Classifier("decision_function", "predict"),
    "decision_function of three classes": Classifier("decision_function", "predict", classes=3),
    "predict_proba": Classifier("predict_proba", "predict"),
    "predict": Classifier("predict"),
    "Keras": furnished("Sequential", "keras", None, predict=lambda X: (X @ WEIGHTS)[:, None]),
    "PennyLane": furnished("QNode", "pennylane.workflow.qnode", one_by_one, device="a device"),
    "Qiskit": network([1.0]),
    "Qiskit without weights": network(None),
    "PyTorch": module("float64"),
    "PyTorch, single precision": module("float32"),
}


@pytest.mark.parametrize("name", NO_MODELS)
def test_what_is_no_model_is_told_what_to_wrap_it_in(name):
    """The advice runs as it is written, and gives a model of the same numbers."""
    thing = NO_MODELS[name]
    made = re.search(r"wrap it: (qxai.Function\(.*\))$", not_a_model(thing))[1]
    weights = [1.0] if name != "Qiskit" else thing.forward.__closure__[0].cell_contents
    scope = {"qxai": qxai, "torch": TORCH, "model": thing, "d": 3, "weights": weights}
    X = np.random.default_rng(0).uniform(-1, 1, (3, 3))
    linear = X @ WEIGHTS
    expected = {
        "predict_proba": 1 / (1 + np.exp(-linear)),
        "predict": np.sign(linear),
        "PennyLane": [one_by_one(x) for x in X],
        "decision_function of three classes": 0 * linear,
    }
    found = eval(made, scope).values(X)
    np.testing.assert_allclose(found, expected.get(name, linear), atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
def test_advice_runs_for_estimators_of_scikit_learn(classes):
    X = np.random.default_rng(0).uniform(-1, 1, (30, 3))
    y = np.digitize(X @ WEIGHTS, [-0.3, 0.3][: classes - 1])
    for made, expected in (
        (LogisticRegression().fit(X, y), lambda m: m.decision_function(X).reshape(30, -1)[:, 0]),
        (GaussianNB().fit(X, y), lambda m: m.predict_proba(X)[:, 1]),
        (LinearRegression().fit(X, y), lambda m: m.predict(X)),
    ):
        advice = re.search(r"wrap it: (qxai.Function\(.*\))$", not_a_model(made))[1]
        found = eval(advice, {"qxai": qxai, "model": made}).values(X)
        np.testing.assert_allclose(found, expected(made), atol=1e-12)


def test_other_things_that_are_no_models_are_told_what_to_do():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    circuit = cirq.Circuit(cirq.ry(x)(q))
    made = re.search(r"qxai.PQC\(.*\)$", not_a_model(circuit))[0]
    advice = re.search(r"observable = cirq.Z\(qubit\)", not_a_model(circuit))[0]
    scope = {"qxai": qxai, "cirq": cirq, "model": circuit, "features": [x], "qubit": q}
    exec(advice, scope)
    np.testing.assert_allclose(eval(made, scope).values([[0.3]]), np.cos(0.3))
    sums = qxai.Function(lambda X: X.sum(axis=1), num_features=2)
    several = {"setosa": sums, "other": qxai.Function(lambda X: X[:, 0], num_features=2)}
    made = re.search(r"by name, (.*), or by difference, (.*)$", not_a_model(several))
    assert eval(made[1], {"outputs": several}) is several["setosa"]
    np.testing.assert_array_equal(eval(made[2], {"outputs": several}).values([[1, 3]]), 3)
    own = types.SimpleNamespace(explain=lambda X: X, predict=None)
    assert eval(re.search(r"column: (.*)$", not_a_model(own))[1], {"model": own, "X": 3}) == 3
    assert "make one of this class: Classifier(...)" in not_a_model(Classifier)
    for swapped in (np.zeros((2, 3)), [[1.0]], None, "model"):
        assert "the model comes first, then X" in not_a_model(swapped)


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        (one_by_one, "found tests.models.test_function.one_by_one;"),
        (Classifier("predict"), "found an object of tests.test_wrapping.Classifier;"),
        (Classifier, "found tests.test_wrapping.Classifier;"),
        (functools.partial(one_by_one), "found an object of functools.partial;"),
        (np.sin, "found an object of numpy.ufunc;"),
    ],
)
def test_what_is_no_model_is_named(thing, found):
    assert found in not_a_model(thing)
