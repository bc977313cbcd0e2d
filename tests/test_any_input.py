"""Every method on every kind of input: right, or refused by a message that names the argument."""

import re

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from tests import circuits


def rng():
    return np.random.default_rng(0)


METHODS = {
    "gradient": lambda m, X, b: qxai.gradient(m, X),
    "gradient_x_input": lambda m, X, b: qxai.gradient_x_input(m, X, b),
    "smooth_grad": lambda m, X, b: qxai.smooth_grad(m, X, 0.2),
    "smooth_grad sampled": lambda m, X, b: qxai.smooth_grad(m, X, 0.2, samples=3, rng=rng()),
    "integrated_gradients": lambda m, X, b: qxai.integrated_gradients(m, X, b),
    "integrated_gradients steps": lambda m, X, b: qxai.integrated_gradients(m, X, b, steps=40),
    "occlusion": lambda m, X, b: qxai.occlusion(m, X, b),
    "shapley": lambda m, X, b: qxai.shapley(m, X, b),
    "shapley sampled": lambda m, X, b: qxai.shapley(m, X, b, samples=3, rng=rng()),
    "lime": lambda m, X, b: qxai.lime(m, X),
    "lime sampled": lambda m, X, b: qxai.lime(m, X, samples=20, rng=rng()),
    "taylor": lambda m, X, b: qxai.taylor(m, X, b),
    "taylor 1": lambda m, X, b: qxai.taylor(m, X, b, order=1),
    "taylor 3": lambda m, X, b: qxai.taylor(m, X, b, order=3),
    "qlrp in circuit": lambda m, X, b: qxai.qlrp(m, X, baseline=b),
    "qlrp": lambda m, X, b: qxai.qlrp(m, X),
    "qlrp gamma": lambda m, X, b: qxai.qlrp(m, X, qxai.Gamma(0.2)),
    "gate_shapley": lambda m, X, b: qxai.gate_shapley(m, X),
}
COMPLETE = {"integrated_gradients", "shapley", "shapley sampled", "qlrp in circuit"}


def single_feature():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    return qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.rx(0.3)(q)), [x], cirq.Z(q))


def unused_feature():
    """The second feature's qubit is not read out."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    return qxai.PQC(circuit, x, cirq.Z(q[0]))


def zero_observable():
    model = circuits.encoding_first(3, qubits=2)
    return qxai.PQC(model.circuit, model.features, cirq.PauliSum(), model.parameters)


def constant():
    """Only the identity is measured."""
    model = circuits.encoding_first(3, qubits=2)
    observable = cirq.PauliSum() + 2.5
    return qxai.PQC(model.circuit, model.features, observable, model.parameters)


MODELS = {
    "one feature": single_feature,
    "an unused feature": unused_feature,
    "zero observable": zero_observable,
    "constant": constant,
    "three features": lambda: circuits.encoding_first(7, qubits=3),
}
CACHE = {name: make() for name, make in MODELS.items()}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", MODELS)
def test_edges(name, kind):
    """Few features, none that matter, no inputs, the input at its baseline."""
    model = CACHE[kind]
    d = model.num_features
    explain = METHODS[name]
    X = np.random.default_rng(1).uniform(-2, 2, (3, d))
    found = explain(model, X, 0.4)
    columns = len(model.view().gate_positions()) if name == "gate_shapley" else d
    assert found.values.shape == (3, columns)
    assert np.isfinite(found.values).all()
    np.testing.assert_allclose(found.output, model.values(X), atol=1e-12)
    if name in COMPLETE:
        np.testing.assert_allclose(found.residual, 0, atol=1e-11)
    if kind == "an unused feature" and "gate" not in name:
        np.testing.assert_allclose(found.values[:, 1], 0, atol=1e-9 if "lime" not in name else 1)
    if kind in ("zero observable", "constant"):
        np.testing.assert_allclose(found.values, 0, atol=1e-12)
    empty = explain(model, np.zeros((0, d)), 0.4)
    assert empty.values.shape == (0, columns)
    if "sampled" not in name:
        # A batch is explained row by row: nothing leaks from one input to another.
        alone = explain(model, X[1:2], 0.4).values
        np.testing.assert_allclose(found.values[1:2], alone, atol=1e-11)


@pytest.mark.parametrize("name", METHODS)
def test_an_input_at_its_baseline_has_nothing_to_explain(name):
    if name.split()[0] in ("gradient", "smooth_grad", "lime", "gate_shapley") or name in (
        "qlrp",
        "qlrp gamma",
    ):
        return  # these have no baseline
    model = CACHE["three features"]
    X = np.random.default_rng(1).uniform(-2, 2, (2, 3))
    np.testing.assert_allclose(METHODS[name](model, X, X).values, 0, atol=1e-14)


BAD = [np.nan, np.inf, -np.inf, None, "1", 1j]


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=12)
@given(
    shape=st.sampled_from([(3,), (2, 2), (2, 4), (1, 1, 3), ()]),
    bad=st.sampled_from(BAD),
    place=st.integers(0, 5),
)
def test_wrong_shapes_and_entries_are_refused_by_name(name, shape, bad, place):
    model = CACHE["three features"]
    with pytest.raises(ValueError, match=r"X: expected real numbers of shape \(N, 3\)"):
        METHODS[name](model, np.zeros(shape), 0.0)
    X = np.zeros((2, 3), dtype=object)
    X.flat[place] = bad
    with pytest.raises(ValueError, match=r"X: expected real numbers"):
        METHODS[name](model, X, 0.0)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=10)
@given(
    kind=st.sampled_from(["float32", "int64", "int8", "list", "pandas", "object", "fortran"]),
    rows=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_any_kind_of_number_gives_what_float64_gives(name, kind, rows, seed):
    model = CACHE["three features"]
    X = np.random.default_rng(seed).integers(-3, 4, (rows, 3)).astype(float)
    given = {
        "list": lambda: X.tolist(),
        "pandas": lambda: pd.DataFrame(X, columns=model.feature_names),
        "fortran": lambda: np.asfortranarray(X),
    }.get(kind, lambda: X.astype(kind))()
    before = np.array(given, dtype=float)
    found = METHODS[name](model, given, 0.25)
    np.testing.assert_array_equal(found.values, METHODS[name](model, X, 0.25).values)
    np.testing.assert_array_equal(np.array(given, dtype=float), before)  # nothing was changed


@settings(max_examples=30)
@given(data=st.data())
def test_baselines_of_wrong_shapes_are_refused(data):
    name = data.draw(st.sampled_from(["shapley", "occlusion", "taylor", "qlrp in circuit"]))
    shape = data.draw(st.sampled_from([(2,), (4,), (2, 2), (3, 3), (1, 2, 3)]))
    with pytest.raises(
        ValueError, match=re.escape("baseline: expected a scalar, shape (3,) or (2,")
    ):
        METHODS[name](CACHE["three features"], np.zeros((2, 3)), np.zeros(shape))
