"""A linear layer or a PCA before a circuit: exact in the raw columns."""

import itertools
import pickle

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from sklearn.decomposition import PCA

import qxai
from tests import circuits, transcriptions


def behind(inner, seed, d):
    rng = np.random.default_rng(seed)
    u = inner.num_features
    model = qxai.Affine(
        inner, rng.normal(size=(u, d)) * (rng.random((u, d)) < 0.8), rng.normal(size=u)
    )
    return model, rng.normal(size=(3, d)), rng.normal(size=d)


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
@settings(max_examples=5, deadline=None)
def test_columns_have_the_shapley_values_of_their_game(make, seed):
    """Enumeration of the raw columns' coalitions, of values alone."""
    model, X, baseline = behind(make(seed), seed, 4)
    np.testing.assert_allclose(model.multilinear().values(X), model.values(X), atol=1e-11)
    np.testing.assert_allclose(model.multilinear().gradient(X), model.gradient(X), atol=1e-10)
    found = qxai.shapley(model, X, baseline)
    assert found.route == "closed form"
    pairs = qxai.shapley_interactions(model, X, baseline)
    for x, row, index in zip(X, found.values, pairs):
        game = lambda s, x=x: model.values([np.where([i in s for i in range(4)], x, baseline)])[0]  # noqa: E731
        np.testing.assert_allclose(row, transcriptions.shapley_of_game(game, 4), atol=1e-11)
        off = ~np.eye(4, dtype=bool)
        expected = transcriptions.interaction_index(game, 4) / 2
        np.testing.assert_allclose(index[off], expected[off], atol=1e-11)
    path = qxai.integrated_gradients(model, X, baseline)
    assert path.route == "closed form"
    by_steps = qxai.integrated_gradients(model, X, baseline, steps=200)
    np.testing.assert_allclose(path.values, by_steps.values, atol=1e-9)
    np.testing.assert_allclose(path.residual, 0, atol=1e-11)


def test_absent_columns_may_be_rows_or_independent():
    """Marginals against all combinations of the sample's columns, one after the other."""
    model, X, _ = behind(circuits.encoding_first(5, qubits=3), 1, 3)
    sample = np.random.default_rng(0).normal(size=(3, 3))
    rows = qxai.Background(np.array(list(itertools.product(*sample.T))))
    function = qxai.Function(model.values, model.gradient, 3)
    for method in (qxai.shapley, qxai.integrated_gradients):
        independent = method(model, X, qxai.Marginals(sample)).values
        np.testing.assert_allclose(independent, method(model, X, rows).values, atol=1e-11)
        by_rows = method(model, X, qxai.Background(sample)).values
        np.testing.assert_allclose(
            by_rows, method(function, X, qxai.Background(sample)).values, atol=1e-9
        )
    curve = qxai.metrics.random_order_curve(model, X, 0.2)
    expected = qxai.metrics.random_order_curve(function, X, 0.2)
    np.testing.assert_allclose(curve, expected, atol=1e-12)
    groups = qxai.shapley(model, X, 0.1, groups=[[0, 2], [1]]).values
    expected = qxai.shapley(function, X, 0.1, groups=[[0, 2], [1]]).values
    np.testing.assert_allclose(groups, expected, atol=1e-12)


def test_a_pca_of_thirty_columns():
    """Eight components of thirty columns; complete, and linear where the model is."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(60, 30)) @ rng.normal(size=(30, 30))
    pca = PCA(8).fit(table)
    scale = np.sqrt(pca.explained_variance_)[:, None]
    matrix = pca.components_ / scale
    inner = qxai.ansatz.layered_classifier(8, 2, rng)
    inner = inner.with_parameters(rng.uniform(-3, 3, len(inner.parameters)))
    model = qxai.Affine(inner, matrix, -matrix @ pca.mean_)
    X = table[:2]
    np.testing.assert_allclose(
        model.values(X), inner.values(pca.transform(X) / scale.T), atol=1e-12
    )
    for method in (qxai.shapley, qxai.integrated_gradients):
        np.testing.assert_allclose(method(model, X, pca.mean_).residual, 0, atol=1e-12)
    sampled = qxai.shapley(model, X, pca.mean_, samples=300, rng=rng)
    gap = np.abs(sampled.values - qxai.shapley(model, X, pca.mean_).values)
    assert (gap < 5 * sampled.standard_error + 1e-12).all()


def test_one_map_behind_another_is_one_map():
    inner, rng = circuits.encoding_first(3, qubits=2), np.random.default_rng(0)
    first, second = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    twice = qxai.Affine(qxai.Affine(inner, first, [0.1, 0.2]), second, [0.3, 0.4, 0.5])
    once = qxai.Affine(inner, first @ second, first @ [0.3, 0.4, 0.5] + [0.1, 0.2])
    X = rng.normal(size=(3, 4))
    np.testing.assert_allclose(
        qxai.shapley(twice, X).values, qxai.shapley(once, X).values, atol=1e-12
    )


def test_differences_units_names_and_copies():
    inner = circuits.encoding_first(3, qubits=2)
    matrix = [[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]
    model = qxai.Affine(inner, matrix, feature_names=["a", "b", "c"])
    other = qxai.Affine(
        inner.with_observable(cirq.Z(inner.compiled.qubits[0])),
        matrix,
        feature_names=["a", "b", "c"],
    )
    X = np.random.default_rng(0).normal(size=(2, 3))
    difference = model - other
    assert isinstance(difference, qxai.Affine)
    np.testing.assert_allclose(difference.values(X), model.values(X) - other.values(X), atol=1e-12)
    found = qxai.gradient(model, X)
    assert found.names == ("a", "b", "c")
    assert found.unit == "output per unit of the column"
    np.testing.assert_allclose(found.values, inner.gradient(X @ np.array(matrix).T) @ matrix)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.values(X), model.values(X))
    assert repr(model).startswith("<Affine: 3 raw columns, <PQC")
    for wave in (model.multilinear(),):
        assert repr(wave) == f"<ExponentialSum: 3 columns, {wave.waves} waves>"


def test_what_has_no_waves_is_enumerated():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(x[0] * x[1])(q[0]), cirq.CX(*q))
    model = qxai.Affine(qxai.PQC(circuit, x, cirq.Z(q[1])), np.eye(2, 3))
    found = qxai.shapley(model, [[0.3, 0.4, 0.5]])
    assert found.route == "enumeration of 2^3 coalitions"
    half = (np.cos(0.12) - 1) / 2
    np.testing.assert_allclose(found.values, [[half, half, 0]], atol=1e-12)
    function = qxai.Affine(qxai.Function(lambda U: U[:, 0], num_features=1), [[2.0, 1.0]])
    np.testing.assert_allclose(qxai.shapley(function, [[1.0, 3.0]]).values, [[2, 3]])


INNER = circuits.encoding_first(3, qubits=2)


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match=r"expected a model, found ufunc; .* qxai\.Function"):
        qxai.Affine(np.sin, [[1.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0, 3.0]],), r"matrix: expected 2 rows, .* found shape \(1, 3\)"),
        ((np.ones((3, 2)),), r"found shape \(3, 2\), its transpose fits"),
        ((np.ones((2, 3)), [1.0]), r"offset: expected shape \(2,\), found \(1,\)"),
        ((np.full((2, 3), np.nan),), "matrix: expected finite numbers"),
        ((np.ones((2, 3)), None, ["a", "b"]), "feature_names: expected 3 different names"),
        ((np.ones((2, 3)), None, "abc"), "feature_names: expected 3 different names"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        qxai.Affine(INNER, *arguments)
