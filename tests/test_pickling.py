"""Models go to other processes and come back with the same values."""

import copy
import functools
import pickle

import cirq
import numpy as np
import pytest
import sympy
from joblib import Parallel, delayed

import qxai

Q = cirq.LineQubit.range(2)
X = np.random.default_rng(0).uniform(-3, 3, (4, 2))


def squared_sum(inputs, scale=1.0):
    return scale * inputs.sum(axis=1) ** 2


def its_gradient(inputs):
    return 2 * inputs.sum(axis=1, keepdims=True) + 0 * inputs


def encoding():
    x, y, t = sympy.symbols("x0 x1 t")
    return cirq.Circuit(cirq.ry(x)(Q[0]), cirq.rx(y)(Q[1]), cirq.CX(*Q), cirq.ry(t)(Q[1]))


def kernel_model(encode=encoding, parameters={"t": 0.3}):  # noqa: B006
    return qxai.KernelModel(encode(), ["x0", "x1"], X[:3], [1.0, -2.0, 0.5], 0.25, parameters)


def used(model):
    """The model with all its caches filled."""
    model.values(X)
    model.gradient(X)
    model.polynomial().values(X)
    return model


def pqc():
    return qxai.PQC(encoding(), ["x0", "x1"], cirq.Z(Q[1]) + 0.5 * cirq.X(Q[0]), {"t": 0.3})


def nonlinear():
    """A circuit whose exponents are compiled functions."""
    x, y = sympy.symbols("x0 x1")
    return cirq.Circuit(cirq.ry(x)(Q[0]), (cirq.X ** (y**2))(Q[1]))


MODELS = {
    "kernel": kernel_model,
    "kernel, used": lambda: used(kernel_model()),
    "kernel, compiled exponents": lambda: kernel_model(nonlinear, {}),
    "circuit": lambda: used(pqc()),
    "tensor train": lambda: used(qxai.tensor_train(pqc())),
    "Pauli strings": lambda: pqc().pauli_polynomial(),
    "Pauli strings, used": lambda: used(pqc().pauli_polynomial()),
    "product": lambda: pqc().pauli_polynomial().polynomial(),
    "polynomial": lambda: pqc().polynomial(),
    "function": lambda: qxai.Function(squared_sum, its_gradient, 2),
    "partial function": lambda: qxai.Function(
        functools.partial(squared_sum, scale=3.0), num_features=2
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("copied", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])
def test_a_copy_has_the_same_values(name, copied):
    model = MODELS[name]()
    again = copied(model)
    np.testing.assert_array_equal(again.values(X), model.values(X))
    assert callable(getattr(again, "gradient", None)) == callable(model.gradient)
    if callable(model.gradient) and "compiled" not in name:
        np.testing.assert_array_equal(again.gradient(X), model.gradient(X))
    # A copy can be copied.
    np.testing.assert_array_equal(copied(again).values(X), model.values(X))


def test_a_copy_is_as_frozen_as_the_original():
    again = pickle.loads(pickle.dumps(kernel_model()))
    with pytest.raises(ValueError, match="read-only"):
        again.support[0, 0] = 1.0
    with pytest.raises(TypeError):
        again.parameters["t"] = 1.0
    assert dict(again.parameters) == dict(kernel_model().parameters)


@pytest.mark.parametrize("name", ["kernel", "Pauli strings", "function"])
def test_other_processes_explain_the_same(name):
    model = MODELS[name]()
    method = qxai.gradient if name != "function" else qxai.occlusion
    found = Parallel(n_jobs=2)(delayed(method)(model, rows) for rows in (X[:2], X[2:]))
    np.testing.assert_array_equal(
        np.concatenate([one.values for one in found]), method(model, X).values
    )


def test_a_lambda_raises_what_pickle_raises():
    model = qxai.Function(lambda inputs: inputs[:, 0], num_features=2)
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        pickle.dumps(model)


def test_a_function_of_a_model_is_wrapped_once():
    model = qxai.Function(squared_sum, its_gradient, 2)
    assert model.values.function is squared_sum
    again = qxai.Function(model.values, model.gradient, 3)
    assert again.values([[1.0, 2.0, 3.0]]) == 36
    assert qxai.Function(squared_sum, num_features=2).gradient is None
