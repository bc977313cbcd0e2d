"""A model in raw columns against the same model written as a plain function of them."""

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai import metrics
from qxai.datasets.scaling import AngleScaler

NAMES = ("age", "bmi", "chol")
DRAW = np.random.default_rng(2)
TRAIN = DRAW.normal([50, 25, 200], [10, 4, 40], (40, 3))
SCALER = AngleScaler.fitted(TRAIN)
LOW, HIGH = TRAIN.mean(axis=0) - 2 * TRAIN.std(axis=0), TRAIN.mean(axis=0) + 2 * TRAIN.std(axis=0)


def circuit_model():
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    layers, symbols = qxai.ansatz.hardware_efficient_layers(q, 2)
    draw = np.random.default_rng(1).uniform(-1, 1, len(symbols))
    readout = cirq.Z(q[0]) * cirq.Z(q[1]) + 0.5 * cirq.X(q[2])
    circuit = qxai.ansatz.angle_encoding(q, x) + layers
    return qxai.PQC(circuit, x, readout, dict(zip(symbols, draw)))


MODEL = circuit_model()
RAW = qxai.Scaled(MODEL, SCALER, NAMES)
X = DRAW.normal([50, 25, 200], [15, 6, 60], (12, 3))  # some beyond two deviations
BASE = TRAIN.mean(axis=0)


def by_hand(rows):
    """The scaler and the model, transcribed."""
    inside = np.minimum(np.maximum(rows, LOW), HIGH)
    return MODEL.values(np.pi * (inside - LOW) / (HIGH - LOW))


FUNCTION = qxai.Function(by_hand, num_features=3)


def test_values_and_slopes_are_those_of_the_function():
    assert ((X < LOW) | (X > HIGH)).any()
    np.testing.assert_allclose(RAW.values(X), by_hand(X), atol=1e-13)
    h = 1e-5
    steps = h * np.eye(3)
    slopes = [(by_hand(X + e) - by_hand(X - e)) / (2 * h) for e in steps]
    np.testing.assert_allclose(RAW.gradient(X), np.stack(slopes, axis=1), atol=1e-8)
    assert (RAW.gradient(X)[(X < LOW) | (X > HIGH)] == 0).all()


@pytest.mark.parametrize("baseline", [BASE, qxai.Background(TRAIN[:5])])
@pytest.mark.parametrize("method", [qxai.shapley, qxai.occlusion, qxai.taylor])
def test_games_are_closed_in_raw_columns(method, baseline):
    found = method(RAW, X, baseline)
    np.testing.assert_allclose(found.values, method(FUNCTION, X, baseline).values, atol=1e-12)
    assert found.feature_names == NAMES
    assert "enumeration" not in found.route


def test_marginals_and_interactions_are_closed_too():
    inside = SCALER.angles(TRAIN)
    found = qxai.shapley(RAW, X, qxai.Marginals(TRAIN))
    expected = qxai.shapley(MODEL, SCALER.angles(X), qxai.Marginals(inside))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    found = qxai.shapley_interactions(RAW, X, BASE)
    expected = qxai.shapley_interactions(MODEL, SCALER.angles(X), np.pi / 2)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    found = metrics.random_order_curve(RAW, X, BASE)
    np.testing.assert_allclose(found, metrics.random_order_curve(FUNCTION, X, BASE), atol=1e-12)


def test_integrated_gradients_follow_the_bent_path():
    """Against a fine midpoint rule along the straight line in raw columns, corners and all."""
    found = qxai.integrated_gradients(RAW, X, BASE)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    places = (np.arange(20_000) + 0.5) / 20_000
    for row in range(4):
        line = BASE + places[:, None] * (X[row] - BASE)
        expected = (X[row] - BASE) * RAW.gradient(line).mean(axis=0)
        np.testing.assert_allclose(found.values[row], expected, atol=1e-4)


def test_integrated_gradients_start_beyond_the_limits_too():
    start = np.tile(LOW - 10, (len(X), 1))
    found = qxai.integrated_gradients(RAW, X, start)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    still = qxai.integrated_gradients(RAW, start - 1, start)
    np.testing.assert_array_equal(still.values, 0)
    np.testing.assert_allclose(still.output, by_hand(start), atol=1e-13)


def test_inside_the_limits_a_line_has_one_leg():
    inside = np.clip(X, LOW, HIGH)
    legs = RAW.legs(np.broadcast_to(BASE, inside.shape), inside)
    assert len(legs) == 1
    found = qxai.integrated_gradients(RAW, inside, BASE).values
    expected = qxai.integrated_gradients(MODEL, SCALER.angles(inside), np.pi / 2).values
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_corners_lie_where_columns_reach_their_limits():
    start, end = np.array([[50.0, 25.0, 200.0]]), np.array([[50.0, 60.0, 900.0]])
    legs = RAW.legs(start, end)
    assert len(legs) == 3  # two columns are clipped on the way
    at = [leg[1][0] for leg in legs]
    assert at[0][2] == pytest.approx(np.pi)  # chol reaches its limit first
    assert at[1][1] == pytest.approx(np.pi)
    np.testing.assert_array_equal(at[1], at[2])


def test_tables_are_matched_by_name_and_not_taken_for_angles():
    frame = pd.DataFrame(X, columns=NAMES)[["chol", "age", "bmi"]]
    found = qxai.shapley(RAW, frame, dict(zip(NAMES, BASE)))
    np.testing.assert_array_equal(found.values, qxai.shapley(RAW, X, BASE).values)


def test_a_named_scaler_gives_its_names():
    scaler = AngleScaler.fitted(pd.DataFrame(TRAIN, columns=NAMES))
    assert qxai.Scaled(MODEL, scaler).feature_names == NAMES


def test_what_the_model_has_not_is_missing():
    function = qxai.Scaled(qxai.Function(MODEL.values, num_features=3), SCALER, NAMES)
    np.testing.assert_allclose(
        qxai.shapley(function, X, BASE).values, qxai.shapley(RAW, X, BASE).values, atol=1e-12
    )
    assert qxai.shapley(function, X[:1], BASE).route == "enumeration of 2^3 coalitions"
    with pytest.raises(TypeError, match=r"needs a model with a method gradient\(\)"):
        qxai.gradient(function, X)
    sloped = qxai.Scaled(qxai.Function(MODEL.values, MODEL.gradient, 3), SCALER, NAMES)
    found = qxai.integrated_gradients(sloped, X, BASE)
    np.testing.assert_allclose(
        found.values, qxai.integrated_gradients(RAW, X, BASE).values, atol=1e-2
    )
    assert np.abs(found.residual).max() < 3 * len(NAMES) * max(found.error, 1e-12)


def test_shots_keep_their_errors():
    device = qxai.Scaled(MODEL.on(qxai.Sampled(200, np.random.default_rng(0))), SCALER, NAMES)
    many = np.repeat(X[:1], 300, axis=0)
    found = qxai.occlusion(device, many, BASE)
    off = found.values - qxai.occlusion(RAW, X[:1], BASE).values
    assert np.var(off / found.standard_error) == pytest.approx(1, abs=0.25)


def test_slopes_are_per_unit_of_the_column_and_widths_are_not_mixed():
    assert qxai.gradient(RAW, X).unit == "output per unit of the column"
    rng = np.random.default_rng(0)
    angles = SCALER.angles(X)
    for method in (
        lambda model, rows: qxai.smooth_grad(model, rows, 0.1),
        lambda model, rows: qxai.lime(model, rows),
        lambda model, rows: qxai.lime(model, rows, samples=30, rng=rng),
    ):
        with pytest.raises(TypeError, match=r"or \.model of a qxai\.Scaled or Affine"):
            method(RAW, X)
        assert np.isfinite(method(RAW.model, angles).values).all()
