"""Counterfactuals: held to dense grids, to known angles, and to what the model then says."""

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.crossings import first_below, least
from qxai.waves import Waves, period_of, product, weighted_sum
from tests import circuits, kinds

WAVES = [k for k in kinds.MODELS if k not in ("softmax", "function", "functions in exponents")]
FINE = 20_001


def rng(seed=0):
    return np.random.default_rng(seed)


def random_waves(seed, frequencies):
    count = len(frequencies)
    draw = rng(seed).normal(size=(2, 5, count))
    return Waves(np.array(frequencies, float), rng([seed, 1]).normal(size=5) / 2, *draw)


def on_grid(waves, places):
    angle = np.multiply.outer(places, waves.frequencies)
    return waves.constant[:, None] + (
        waves.cosines @ np.cos(angle).T + waves.sines @ np.sin(angle).T
    )


class TestWaves:
    @settings(max_examples=40)
    @given(
        seed=circuits.SEEDS,
        frequencies=st.sampled_from([[1], [1, 2], [0.5, 1, 3], [1, 2**0.5, 2.7], [1, 2, 3, 4, 5]]),
    )
    def test_crossings_and_minima_are_those_of_a_fine_grid(self, seed, frequencies):
        waves = random_waves(seed, frequencies)
        length = rng(seed).uniform(0.5, 7, 5)
        start = np.array([0, 0.3, -1, 2, 5.0])
        side = np.sign(waves.at(np.arange(5), start))
        moved = waves.moved(start, 1.0, 0.0, side)
        crossed, lowest = first_below([moved], length), least(moved, length)
        for row in range(5):
            places = np.linspace(0, length[row], FINE)
            heights = on_grid(moved, places)[row]
            below = places[heights < 0]
            assert lowest[row] <= heights.min() + 1e-12
            assert lowest[row] >= heights.min() - waves.bend[row] * (places[1]) ** 2
            if len(below):
                assert below[0] - places[1] <= crossed[row] <= below[0] + 1e-9
            elif np.isfinite(crossed[row]):  # between two points of the grid
                assert lowest[row] < 0

    def test_products_and_sums_are_pointwise(self):
        one, other = random_waves(1, [1, 2, 3]), random_waves(2, [0.5, 2])
        places = rng().uniform(-9, 9, 30)
        np.testing.assert_allclose(on_grid(product(one), places), on_grid(one, places) ** 2)
        found = weighted_sum([(2.0, one), (-0.5, other)])
        expected = 2 * on_grid(one, places) - on_grid(other, places) / 2
        np.testing.assert_allclose(on_grid(found, places), expected, atol=1e-12)
        np.testing.assert_allclose(found.frequencies, [0.5, 1, 2, 3])

    def test_touching_is_no_crossing(self):
        """1 + cos u, whose double root on the unit circle would split and move off it; a triple
        root, which crosses; a wave that stays a hair above."""
        touching = Waves(np.array([1.0]), np.ones(1), np.ones((1, 1)), np.zeros((1, 1)))
        assert np.isnan(first_below([touching], np.array([6.0]))[0])
        assert abs(least(touching, np.array([6.0]))[0]) < 1e-12
        cube = Waves(
            np.array([1.0, 3]), np.zeros(1), np.zeros((1, 2)), np.array([[0.75, -0.25]])
        )  # sin³ u
        crossed = first_below([cube], np.array([6.0]))[0]
        assert abs(crossed - np.pi) < 2e-4  # where it is below the rounding of 1e-12
        above = Waves(np.array([1.0]), np.array([1 + 1e-9]), np.ones((1, 1)), np.zeros((1, 1)))
        assert np.isnan(first_below([above], np.array([6.0]))[0])
        below = Waves(np.array([1.0]), np.array([1 - 1e-9]), np.ones((1, 1)), np.zeros((1, 1)))
        assert abs(first_below([below], np.array([6.0]))[0] - np.arccos(1e-9 - 1)) < 1e-7

    def test_several_conditions_hold_together(self):
        """cos u below 0 and sin u below 0: in the third quarter first."""
        cos = Waves(np.array([1.0]), np.zeros(1), np.ones((1, 1)), np.zeros((1, 1)))
        sin = Waves(np.array([1.0]), np.zeros(1), np.zeros((1, 1)), np.ones((1, 1)))
        found = first_below([cos, sin], np.array([6.0]))
        assert abs(found[0] - np.pi) < 1e-9
        assert np.isnan(first_below([cos, sin], np.array([3.0]))[0])

    def test_periods(self):
        assert period_of(np.array([1.0, 2, 5])) == pytest.approx(2 * np.pi)
        assert period_of(np.array([2.0, 3])) == pytest.approx(2 * np.pi)
        assert period_of(np.array([0.5])) == pytest.approx(4 * np.pi)
        assert period_of(np.array([1.0, np.sqrt(2)])) is None
        assert period_of(np.zeros(0)) == 0


def nearest_on_a_grid(model, x, feature, threshold, low, high):
    """The smallest change of one feature that flips the decision, and the extreme output."""
    places = np.linspace(low, high, FINE)
    points = np.repeat(x[None], FINE, axis=0)
    points[:, feature] = places
    outputs = np.asarray(model.values(points))
    above = model.values(x[None])[0] >= threshold
    flipped = (outputs >= threshold) != above
    extreme = outputs.min() if above else outputs.max()
    if not flipped.any():
        return None, extreme, places[1] - places[0]
    changes = places[flipped] - x[feature]
    return changes[np.argmin(np.abs(changes))], extreme, places[1] - places[0]


@pytest.mark.parametrize("kind", WAVES)
def test_changes_are_the_nearest_of_a_fine_grid(kind):
    model, X = kinds.MODELS[kind], kinds.inputs(kind, 4)
    width = 12.0 if kind == "scaled columns" else 4.0
    ranges = np.stack([X.min(axis=0) - width, X.max(axis=0) + width], axis=1)
    threshold = float(np.mean(model.values(X)))
    found = qxai.counterfactual(model, X, threshold, ranges=ranges)
    flips = 0
    for row, x in enumerate(X):
        for feature in range(len(x)):
            change, extreme, step = nearest_on_a_grid(
                model, x, feature, threshold, *ranges[feature]
            )
            reach = found.reach[row, feature]
            assert abs(reach - extreme) < 1e-5
            if change is None:
                # The grid may miss what is less than a step wide.
                assert not found.flips[row, feature] or abs(reach - threshold) < 1e-5
            else:
                flips += 1
                assert abs(abs(found.changes[row, feature]) - abs(change)) < 1.01 * step
    assert flips > 3
    # What is said to flip does, and half of the way does not.
    names = found.feature_names
    above = model.values(X) >= threshold
    for feature, name in enumerate(names):
        moved = found.points(name)
        rows = found.flips[:, feature]
        if rows.any():
            there = np.asarray(model.values(moved[rows])) - threshold
            assert (np.where(above[rows], -there, there) > -1e-11).all()
            half = (X[rows] + moved[rows]) / 2
            assert ((np.asarray(model.values(half)) >= threshold) == above[rows]).all()


def test_angles_that_are_known():
    """cos x0 + cos x1: acos of what is left, and no flip where the other feature is too large."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]) + cirq.Z(q[1]))
    found = qxai.counterfactual(model, [[0.5, 0.2], [0.0, 0.0]], threshold=0.3)
    expected = np.arccos(0.3 - np.cos(0.2)) - 0.5
    assert found.changes[0, 0] == pytest.approx(expected, abs=1e-10)
    never = qxai.counterfactual(model, [[0.0, 0.0]], threshold=0.0)  # touches 0, at π
    assert not never.flips.any()
    np.testing.assert_allclose(never.reach, 0, atol=1e-11)
    near = qxai.counterfactual(model, [[0.0, 0.0]], threshold=1e-7)
    assert near.flips.all()
    np.testing.assert_allclose(np.abs(near.changes), np.arccos(1e-7 - 1), atol=1e-6)
    barred = qxai.counterfactual(model, [[0.5, 0.2]], 0.3, ranges={"x0": (0, 1)})
    assert np.isnan(barred.changes[0, 0])
    assert barred.reach[0, 0] == pytest.approx(np.cos(1) + np.cos(0.2))
    only = qxai.counterfactual(model, [[0.5, 0.2]], 0.3, features="x1")
    assert np.isnan(only.changes[0, 0])
    assert np.isnan(only.reach[0, 0])
    assert only.nearest()[0] == 1
    assert never.nearest()[0] == -1


def test_beyond_a_scalers_limits_nothing_changes():
    """Raw columns: a change ends where the column is clipped, and starts there from further out."""
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))  # cos of 0 to π
    scaler = qxai.datasets.AngleScaler.fitted(np.array([[10.0], [30.0]]))  # 0 to 40
    raw = qxai.Scaled(model, scaler, ["dose"])
    found = qxai.counterfactual(raw, [[5.0], [50.0]], threshold=0.0)
    np.testing.assert_allclose(found.changes, [[15], [-30]], atol=1e-9)  # to the mean, 20
    assert not qxai.counterfactual(raw, [[5.0]], threshold=-1.0).flips.any()
    table = pd.DataFrame({"dose": [5.0]})
    assert "dose" in repr(qxai.counterfactual(raw, table))
    np.testing.assert_allclose(
        qxai.counterfactual(raw, table, ranges={"dose": (0, 19)}).reach, [[np.cos(19 * np.pi / 40)]]
    )


def test_a_trained_estimator_is_asked_in_raw_columns():
    data = qxai.datasets.iris()
    X = pd.DataFrame(data.X, columns=data.feature_names)
    estimator = qxai.Classifier(epochs=20, random_state=0).fit(X, data.y)
    first, second = estimator.classes_[:2]
    rows = X[data.y == first][:6]
    found = estimator.explain(rows, qxai.counterfactual, target=second, against=first)
    assert found.feature_names == tuple(X.columns)
    contrast = qxai.Scaled(estimator.model_for(second, first), estimator.scaler_)
    np.testing.assert_allclose(found.output, contrast.values(rows))
    assert found.flips.any()
    for feature in range(X.shape[1]):
        there = found.flips[:, feature]
        if there.any():
            moved = contrast.values(pd.DataFrame(found.points(feature)[there], columns=X.columns))
            assert (np.sign(moved) != np.sign(found.output[there])).all()


def test_what_a_feature_does_not_do_is_no_flip():
    """An output exactly at the threshold, a feature that is not read, one that meets a zero."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    encoding = qxai.ansatz.angle_encoding(q, x)
    first = qxai.PQC(encoding, x, cirq.Z(q[0]))
    for point in rng().uniform(-3, 3, (30, 2)):
        level = float(first.values([point])[0])
        assert not qxai.counterfactual(first, [point], level).flips[0, 1]
    both = qxai.PQC(encoding, x, cirq.Z(q[0]) * cirq.Z(q[1]) + 0.5)
    assert not qxai.counterfactual(both, [[np.pi / 2, 1.0]], 0.5).flips[0, 1]


def test_scales_are_matched_by_name():
    model, X = kinds.MODELS["scaled columns"], kinds.inputs("scaled columns", 1)
    by_name = {"dose": 50.0, "size": 1.0, "mass": 2.0, "age": 3.0}
    found = [
        qxai.counterfactual_search(model, X, 0.3, rng(), scale=scale).points
        for scale in (by_name, pd.Series(by_name), [3.0, 2.0, 1.0, 50.0])
    ]
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], found[2])


def test_small_outputs_are_searched_as_large_ones_are():
    model = qxai.Function(lambda X: 1e-12 * X.sum(axis=1), num_features=2)
    found = qxai.counterfactual_search(model, [[-1.0, -1.0]], 0.0, rng())
    np.testing.assert_allclose(found.distance, np.sqrt(2), rtol=1e-3)


class TestShots:
    @pytest.mark.parametrize("offset", [0.0, 10.0, 1e8])
    def test_a_constant_of_the_observable_changes_nothing(self, offset):
        q, x = cirq.LineQubit(0), sympy.Symbol("x")
        model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q) + offset)
        found = qxai.counterfactual(model, [[1.0]], offset, shots=100)
        # cos² u · 100 = 4 (1 − cos² u)
        expected = np.arccos(-np.sqrt(4 / 104)) - 1
        assert found.changes[0, 0] == pytest.approx(expected, abs=1e-6)

    def test_the_flip_is_as_clear_as_asked_for(self):
        """At the place found the mean of the shots is so many standard errors beyond, exactly."""
        model = circuits.reuploading(3, d=2)
        X = circuits.inputs(3, model, 6)
        square = model.with_observable(model.observable * model.observable)
        threshold = float(np.median(model.values(X)))
        plain = qxai.counterfactual(model, X, threshold)
        found = qxai.counterfactual(model, X, threshold, shots=400, confidence=2.0)
        assert found.flips.sum() >= 4
        assert (~found.flips | plain.flips).all()  # what is seen with shots is a flip
        both = found.flips
        assert (np.abs(found.changes[both]) > np.abs(plain.changes[both])).all()
        for feature in range(2):
            rows = found.flips[:, feature]
            moved = found.points(feature)[rows]
            f, m2 = model.values(moved), square.values(moved)
            error = np.sqrt(np.maximum(m2 - f**2, 0) / 400)
            np.testing.assert_allclose(np.abs(f - threshold), 2 * error, atol=1e-8)
        assert "by 2 standard errors of 400 shots" in repr(found)

    def test_more_shots_need_less_change(self):
        model = circuits.encoding_first(7, qubits=3)
        X = circuits.inputs(7, model, 4)
        sizes = [
            np.abs(qxai.counterfactual(model, X, 0.0, shots=m).changes)
            for m in (100, 10_000, 10**14)
        ]
        exact = np.abs(qxai.counterfactual(model, X, 0.0).changes)
        for few, many in zip([*sizes], [*sizes[1:], exact]):
            there = np.isfinite(few)
            assert (few[there] >= many[there] - 1e-9).all()
        np.testing.assert_allclose(sizes[-1], exact, atol=1e-3)

    def test_a_model_without_an_observable_is_refused(self):
        polynomial = circuits.encoding_first(7, qubits=3).polynomial()
        with pytest.raises(TypeError, match="shots: expected a model with an observable"):
            qxai.counterfactual(polynomial, np.zeros((1, 3)), shots=100)
        scaled = kinds.MODELS["scaled columns"]
        X = kinds.inputs("scaled columns", 3)
        assert qxai.counterfactual(scaled, X, shots=100).changes.shape == (3, 4)


class TestSearch:
    @pytest.mark.parametrize("kind", ["encoding first", "softmax", "function", "scaled columns"])
    def test_what_is_found_is_decided_otherwise(self, kind):
        model, X = kinds.MODELS[kind], kinds.inputs(kind, 3)
        threshold = float(np.median(model.values(X))) + 0.01
        scale = 5.0 if kind == "scaled columns" else 1.0
        found = qxai.counterfactual_search(model, X, threshold, rng(), scale=scale, starts=4)
        rows = found.found
        assert rows.any()
        there = np.asarray(model.values(found.points[rows]))
        before = np.asarray(model.values(X[rows]))
        assert ((there >= threshold) != (before >= threshold)).all()
        np.testing.assert_allclose(found.output_there[rows], there)
        lengths = np.sqrt(((found.changes[rows] / scale) ** 2).sum(axis=1))
        np.testing.assert_allclose(found.distance[rows], lengths)

    def test_it_is_no_farther_than_one_feature_alone(self):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first", 4)
        alone = qxai.counterfactual(model, X, 0.1)
        found = qxai.counterfactual_search(model, X, 0.1, rng(), starts=12)
        nearest = np.nanmin(np.where(alone.flips, np.abs(alone.changes), np.inf), axis=1)
        assert (found.distance <= nearest + 1e-6).all()

    def test_of_a_plane_it_is_the_perpendicular(self):
        slopes = np.array([1.0, -2.0, 0.5])
        model = qxai.Function(lambda X: X @ slopes, num_features=3)
        found = qxai.counterfactual_search(model, [[1.0, 1, 1]], 2.0, rng())
        expected = slopes * (2.0 - slopes.sum()) / (slopes @ slopes)
        np.testing.assert_allclose(found.changes[0], expected, atol=1e-5)

    def test_features_and_ranges_bind(self):
        slopes = np.array([1.0, -2.0, 0.5])
        model = qxai.Function(lambda X: X @ slopes, num_features=3)
        found = qxai.counterfactual_search(
            model, [[1.0, 1, 1]], 2.0, rng(), features=[0, 2], ranges={"x2": (0, 2)}
        )
        assert found.changes[0, 1] == 0
        assert found.points[0, 2] <= 2
        none = qxai.counterfactual_search(
            model, [[1.0, 1, 1]], 50.0, rng(), features=[0], ranges={"x0": (0, 2)}
        )
        assert not none.found.any()
        assert np.isnan(none.points).all()


def test_what_is_refused_and_what_does_instead():
    model, X = kinds.MODELS["softmax"], kinds.inputs("softmax", 1)
    with pytest.raises(TypeError, match="counterfactual_search needs values only"):
        qxai.counterfactual(model, X)
    with pytest.raises(ValueError, match="counterfactual_search needs values only"):
        qxai.counterfactual(kinds.MODELS["functions in exponents"], np.zeros((1, 4)))
    uneven = qxai.TrigPolynomial([0, 1, 0, 1, 0], [[1, 2**0.5]])
    with pytest.raises(ValueError, match=r"pass ranges=\{'x0': \(low, high\)\}"):
        qxai.counterfactual(uneven, [[0.3]])
    assert qxai.counterfactual(uneven, [[0.3]], ranges={"x0": (-9, 9)}).flips.all()
    plain = kinds.MODELS["encoding first"]
    x = np.zeros((1, 4))
    for ranges, message in (
        ({"x1": (1, 0)}, "a lower and a higher number"),
        ({"x1": (1, 2)}, "expected inputs within them, found 0.0 for x1 in row 0"),
        ({"age": (1, 2)}, "ranges: expected .* among x0, x1, x2, x3, found 'age'"),
        (3, r"or an array of shape \(4, 2\), found 3"),
        ([(0, 1)], r"or an array of shape \(4, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            qxai.counterfactual(plain, x, ranges=ranges)
    assert qxai.counterfactual(plain, x, features=[0], ranges={"x1": (1, 2)}).changes.shape == (
        1,
        4,
    )
    for wrong in (np.nan, [0.1], None, "a"):
        with pytest.raises(ValueError, match="threshold: expected a finite number"):
            qxai.counterfactual(plain, x, wrong)
        with pytest.raises(ValueError, match="threshold: expected a finite number"):
            qxai.counterfactual_search(plain, x, wrong, rng())
    with pytest.raises(ValueError, match="features: expected at least one that may change"):
        qxai.counterfactual_search(plain, x, 0.0, rng(), features=[])
    with pytest.raises(ValueError, match=r"scale: expected .* found none for x3"):
        qxai.counterfactual_search(plain, x, 0.0, rng(), scale={"x0": 1, "x1": 1, "x2": 1})
    with pytest.raises(TypeError, match="a flip there could be one of its shots"):
        qxai.counterfactual_search(plain.on(qxai.Sampled(10, rng())), x, 0.0, rng())
    with pytest.raises(ValueError, match="scale: expected positive"):
        qxai.counterfactual_search(plain, x, 0.0, rng(), scale=0)
    with pytest.raises(TypeError, match=r"pass model\.on\(qxai\.Statevector\(\)\)"):
        qxai.counterfactual(plain.on(qxai.Sampled(10, rng())), x)
    with pytest.raises(ValueError, match="feature: expected 0 to 3 or one of"):
        qxai.counterfactual(plain, x).points("age")
    assert qxai.counterfactual(plain, np.zeros((0, 4))).changes.shape == (0, 4)
