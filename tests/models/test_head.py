"""Linear and softmax heads: closed forms where they are, and axioms where they end."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.combination import Combination
from qxai.models.head import Probability
from qxai.models.outputs import Outputs
from tests import transcriptions

Q, FEATURES, ANGLE = cirq.LineQubit.range(3), sympy.symbols("x:3"), sympy.Symbol("t")
CIRCUIT = qxai.ansatz.angle_encoding(Q, FEATURES) + cirq.Circuit(
    cirq.CZ(Q[0], Q[1]), cirq.ISWAP(Q[1], Q[2]) ** 0.4, cirq.ry(ANGLE)(Q[0])
)
OBSERVABLES = {"a": 2 * cirq.Z(Q[0]), "b": cirq.X(Q[1]) - cirq.Z(Q[2]), "c": 3 * cirq.Z(Q[1])}
X, ROOT = np.random.default_rng(0).uniform(-3, 3, (4, 3)), np.array([0.2, -0.4, 0.9])
WEIGHTS, BIAS = np.random.default_rng(1).normal(size=(2, 3)), np.array([0.7, -1.2])


def scores(angle=0.3):
    return Outputs.of(CIRCUIT, FEATURES, OBSERVABLES, {ANGLE: angle})


def mixed_scores():
    """Scores of three kinds, which no circuit has together."""
    one, other = scores(), scores(1.9)
    tensor = qxai.TrigPolynomial(np.random.default_rng(2).normal(size=(3, 3, 3)), [[1.0]] * 3)
    return Outputs({"a": one["a"], "b": other["b"], "c": tensor})


def chances(values):
    """The softmax as it is written down."""
    return np.array([[np.exp(s) / sum(np.exp(row)) for s in row] for row in values])


def slopes(function, points, step=1e-5):
    """Central differences of a function of inputs, with the features last."""
    moves = step * np.eye(points.shape[1])
    found = [(function(points + m) - function(points - m)) / (2 * step) for m in moves]
    return np.stack(found, axis=-1)


# Linear


def test_a_linear_head_is_the_matrix_on_the_outputs_and_stays_a_circuit():
    found = scores().linear(WEIGHTS, BIAS, ["u", "v"])
    assert list(found) == ["u", "v"]
    assert all(isinstance(model, qxai.PQC) for model in found.models.values())
    expected = scores().values(X) @ WEIGHTS.T + BIAS
    np.testing.assert_allclose(found.values(X), expected, atol=1e-13)
    slope = np.einsum("kc,ncd->nkd", WEIGHTS, scores().gradient(X))
    np.testing.assert_allclose(found.gradient(X), slope, atol=1e-12)


def test_a_linear_head_on_other_models_has_the_exact_polynomial():
    before = mixed_scores()
    found = before.linear(WEIGHTS, BIAS, ["u", "v"])
    assert all(isinstance(model, Combination) for model in found.models.values())
    expected = before.values(X) @ WEIGHTS.T + BIAS
    np.testing.assert_allclose(found.values(X), expected, atol=1e-12)
    for name, row, column in zip(found, WEIGHTS, expected.T):
        np.testing.assert_allclose(found[name].polynomial().values(X), column, atol=1e-12)
        for method in (qxai.shapley, qxai.integrated_gradients):
            parts = [method(model, X, ROOT).values for model in before.models.values()]
            explained = method(found[name], X, ROOT).values
            np.testing.assert_allclose(explained, np.tensordot(row, parts, 1), atol=1e-11)


def test_a_square_head_keeps_the_names_and_a_scalar_bias_is_for_all():
    found = scores().linear(np.eye(3), 0.5)
    assert list(found) == ["a", "b", "c"]
    np.testing.assert_allclose(found.values(X), scores().values(X) + 0.5, atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2]], 0, ["u"]), r"weights: expected shape \(C', 3\), a column for each of a, b, c"),
        (([1, 2, 3], 0, ["u"]), "weights: expected shape"),
        ((np.zeros((0, 3)), 0, []), "weights: expected shape"),
        ((WEIGHTS, [1, 2, 3], ["u", "v"]), r"bias: expected shape \(2,\), found \(3,\)"),
        ((WEIGHTS, BIAS, ["u"]), "names: expected 2 different ones"),
        ((WEIGHTS, BIAS, ["u", "u"]), "names: expected 2 different ones"),
        ((WEIGHTS, BIAS), r"names: expected 2 different ones.*'c'\]; pass names="),
        ((WEIGHTS * np.nan, BIAS, ["u", "v"]), "weights, bias: expected finite numbers"),
        ((WEIGHTS, [np.inf, 0], ["u", "v"]), "weights, bias: expected finite numbers"),
    ],
)
def test_heads_of_other_shapes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        scores().linear(*arguments)


# Softmax


@pytest.mark.parametrize("make", [scores, mixed_scores])
def test_a_softmax_is_what_is_written_down_with_its_derivative(make):
    before = make()
    found = before.softmax()
    np.testing.assert_allclose(found.values(X), chances(before.values(X)), atol=1e-14)
    gradient = found.gradient(X)
    assert gradient.shape == (4, 3, 3)
    np.testing.assert_allclose(gradient, slopes(found.values, X), atol=1e-8)
    for name, column, slope in zip(found, found.values(X).T, gradient.swapaxes(0, 1)):
        model = found[name]
        assert isinstance(model, Probability)
        np.testing.assert_allclose(model.values(X), column, atol=1e-15)
        np.testing.assert_allclose(model.gradient(X), slope, atol=1e-15)
    some = Outputs({"c": found["c"], "a": found["a"]})
    np.testing.assert_array_equal(some.values(X), found.values(X)[:, [2, 0]])
    np.testing.assert_array_equal(some.gradient(X), gradient[:, [2, 0]])


def test_scores_far_from_zero_do_not_overflow():
    found = scores().linear(1e4 * np.eye(3)).softmax()
    values = found.values(X)
    np.testing.assert_allclose(values.sum(axis=1), 1)
    assert (values.argmax(axis=1) == scores().values(X).argmax(axis=1)).all()


def test_a_softmax_has_no_polynomial_and_is_enumerated_as_the_definition_says():
    found = scores().softmax()["b"]
    assert not hasattr(found, "polynomial")
    explained = qxai.shapley(found, X[:2], ROOT)

    for x, values in zip(X, explained.values):

        def game(present, x=x):
            point = [x[i] if i in present else ROOT[i] for i in range(3)]
            outputs = [transcriptions.model_output(m, point) for m in scores().models.values()]
            return chances([outputs])[0, 1]

        np.testing.assert_allclose(values, transcriptions.shapley_of_game(game, 3), atol=1e-12)


def test_attributions_of_all_probabilities_sum_to_nothing():
    """Probabilities sum to 1: what a feature adds to one class it takes from the others."""
    found = scores().softmax()
    for method, options in (
        (qxai.shapley, {}),
        (qxai.occlusion, {}),
        (qxai.gradient_x_input, {}),
        (qxai.integrated_gradients, {"steps": 5}),
    ):
        each = [method(found[name], X, ROOT, **options).values for name in found]
        assert np.abs(each).max() > 0.01
        np.testing.assert_allclose(sum(each), 0, atol=1e-14)


def test_integrated_gradients_of_a_probability_are_complete():
    """An analytic integrand: the residual falls to rounding with the nodes."""
    found = scores().softmax()["c"]
    few, many = (
        np.abs(qxai.integrated_gradients(found, X, ROOT, steps=steps).residual).max()
        for steps in (4, 60)
    )
    assert many < 1e-12 < few


def test_the_logarithm_of_a_ratio_of_probabilities_is_a_difference_of_scores():
    before = scores()
    found = before.softmax()
    odds = np.log(found["a"].values(X)) - np.log(found["c"].values(X))
    contrast = before["a"] - before["c"]
    np.testing.assert_allclose(contrast.values(X), odds, atol=1e-13)
    root_odds = np.log(found["a"].values([ROOT])) - np.log(found["c"].values([ROOT]))
    explained = qxai.shapley(contrast, X, ROOT)
    np.testing.assert_allclose(explained.values.sum(axis=1), odds - root_odds, atol=1e-12)


def test_a_contrast_of_probabilities_is_a_model_without_a_polynomial():
    found = scores().softmax()
    contrast = found["a"] - found["b"]
    assert not hasattr(contrast, "polynomial")
    expected = found.values(X)[:, 0] - found.values(X)[:, 1]
    np.testing.assert_allclose(contrast.values(X), expected, atol=1e-15)
    parts = [qxai.shapley(found[name], X, ROOT).values for name in ("a", "b")]
    explained = qxai.shapley(contrast, X, ROOT)
    np.testing.assert_allclose(explained.values, parts[0] - parts[1], atol=1e-14)
    np.testing.assert_allclose(explained.residual, 0, atol=1e-14)
    np.testing.assert_allclose(contrast.gradient(X), slopes(contrast.values, X), atol=1e-8)


def test_a_score_without_a_gradient_leaves_probabilities_without_one():
    function = qxai.Function(lambda v: v[:, 0], num_features=3)
    found = Outputs({"a": scores()["a"], "f": function}).softmax()
    assert not hasattr(found["a"], "gradient")
    with pytest.raises(AttributeError, match="found none in 'f', Function"):
        found["a"].gradient(X)
    np.testing.assert_allclose(qxai.shapley(found["a"], X).residual, 0, atol=1e-14)


def test_errors_of_sampled_scores_go_through_the_softmax():
    """The spread of many estimates, each of scores that are measured on their own."""
    device = scores().on(qxai.Sampled(2000, np.random.default_rng(0))).softmax()
    found = device.estimate(X)
    many = np.array([device.values(X) for _ in range(300)])
    np.testing.assert_allclose(many.std(axis=0), found.standard_error, rtol=0.2)
    bias = np.abs(many.mean(axis=0) - scores().softmax().values(X))
    assert (bias < 5 * found.standard_error / np.sqrt(300) + 1e-3).all()
    one = device["b"].estimate(X)
    assert one.shots == found.shots > 0
    np.testing.assert_allclose(one.standard_error, found.standard_error[:, 1], rtol=0.2)
    assert qxai.shapley(device["b"], X[:1]).values.shape == (1, 3)
    assert not scores().softmax().estimate(X).standard_error.any()


def test_probabilities_say_what_they_are():
    found = scores().softmax()
    assert repr(found["b"]) == "<Probability of 'b' among 3>"
    assert repr(found) == "<Outputs: 3 (a, b, c), 3 features>"
    assert found.feature_names == found["a"].feature_names == ("x0", "x1", "x2")
    np.testing.assert_array_equal(found["a"](X), found["a"].values(X))
