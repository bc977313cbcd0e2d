"""What was wrong without a word when the library was attacked, and advice that did not work."""

import functools

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai import metrics
from qxai.datasets import AngleScaler

Q = cirq.LineQubit.range(2)
RNG = np.random.default_rng


def circuit_of(names, parameter=None):
    gates = [cirq.ry(sympy.Symbol(n))(q) for n, q in zip(names, Q)]
    mixing = [cirq.CX(*Q), cirq.ry(0.4 if parameter is None else sympy.Symbol(parameter))(Q[1])]
    return cirq.Circuit(gates, mixing)


MODEL = qxai.PQC(circuit_of("ab"), ["a", "b"], cirq.Z(Q[1]) + 0.3 * cirq.Z(Q[0]))
FRAME = pd.DataFrame(RNG(0).uniform(-2, 2, (12, 2)), columns=["a", "b"])
SWAPPED = FRAME[["b", "a"]]


def far_scaler():
    """Limits that take a thousandth of the way from 0."""
    return AngleScaler.fitted(np.array([[10_000.0, 500.0], [10_002.0, 501.0]]))


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_quadratures_do_not_step_over_what_lies_between_the_limits(weight):
    raw = qxai.Scaled(MODEL, far_scaler())
    chances = qxai.Outputs({"yes": weight * raw, "no": -1 * raw}).softmax()
    model = chances["yes"] if weight == 1 else raw - 0.5 * chances["yes"]
    x = np.array([[10_001.5, 500.4]])
    found = qxai.integrated_gradients(model, x)
    assert np.abs(found.values).max() > 0.01
    np.testing.assert_allclose(found.residual, 0, atol=1e-7)
    assert np.abs(found.residual).max() <= found.error
    edge = np.array([[9_999.0, 499.5]])  # behind it nothing is clipped
    places = (np.arange(40_000) + 0.5) / 40_000
    line = edge + places[:, None] * (x - edge)
    inside = (x - edge)[0] * model.gradient(line).mean(axis=0)
    from_edge = qxai.integrated_gradients(model, x, edge).values[0]
    np.testing.assert_allclose(from_edge, inside, atol=1e-6)


def test_a_quadrature_says_what_it_misses():
    function = qxai.Function(lambda X: np.sin(9 * X[:, 0]), lambda X: 9 * np.cos(9 * X), 1)
    found = qxai.integrated_gradients(function, [[1.0]], steps=4)
    assert found.error == pytest.approx(np.abs(found.residual[0]))
    assert found.error > 0.01


def test_training_matches_a_table_by_name():
    untrained = qxai.PQC(circuit_of("ab", "t"), ["a", "b"], cirq.Z(Q[1]), {"t": 0.1})
    y = np.cos(FRAME["a"])
    fits = [qxai.fit(untrained, X, y, epochs=3, rng=RNG(0)).history for X in (FRAME, SWAPPED)]
    np.testing.assert_array_equal(*fits)
    with pytest.raises(ValueError, match="X: expected the names a, b"):
        qxai.fit(untrained, FRAME.rename(columns={"a": "z"}), y, epochs=1, rng=RNG(0))
    with pytest.warns(UserWarning, match="raw units"):
        qxai.fit(untrained, FRAME + 100, y, epochs=1, rng=RNG(0))


def test_a_scaler_in_another_order_is_refused_with_advice_that_works():
    turned = AngleScaler.fitted(SWAPPED)
    with pytest.raises(ValueError, match=r"in the order of the model's features, a, b") as refusal:
        qxai.Scaled(MODEL, turned)
    assert "X[['a', 'b']]" in str(refusal.value)
    qxai.Scaled(MODEL, AngleScaler.fitted(SWAPPED[["a", "b"]]))
    for names in (["u", "u"], ["u"], "uv"):
        with pytest.raises(ValueError, match="feature_names: expected 2 different names"):
            qxai.Scaled(MODEL, AngleScaler.fitted(FRAME.to_numpy()), names)
    with pytest.raises(ValueError, match="scaler: expected one of 2 columns"):
        qxai.Scaled(MODEL, AngleScaler.fitted(RNG(0).normal(size=(5, 3))))


def trained(**columns):
    table = FRAME.assign(**columns)
    y = np.where(FRAME["a"] > 0, "yes", "no")
    return qxai.Classifier(layers=1, epochs=3, random_state=0).fit(table, y), table


def test_what_a_partial_has_given_stays():
    found, table = trained()
    bound = functools.partial(qxai.shapley, baseline=[0.5, 0.5])
    expected = found.explain(table, baseline=[0.5, 0.5]).values
    np.testing.assert_array_equal(found.explain(table, bound).values, expected)
    with pytest.raises(TypeError, match="no baseline or its own"):
        found.explain(table, bound, baseline=0.0)
    handed = found.explain(table, lambda *a, **k: qxai.shapley(*a, **k)).values
    np.testing.assert_array_equal(handed, found.explain(table).values)


def test_levels_are_the_groups_where_columns_hold_categories():
    found, table = trained(kind=["x", "y", "z"] * 4)
    for bound in ({"groups": [[0, 1]]}, {"baseline": 0.0}):
        with pytest.raises(TypeError, match=r"pass explain\(X, method, baseline=X\[:50\]\)"):
            found.explain(table, functools.partial(qxai.shapley, **bound))
    assert found.explain(table, qxai.shapley, baseline=table[:50]).values.shape == (12, 3)
    with pytest.raises(TypeError, match=r"use qxai\.shapley or qxai\.occlusion"):
        found.explain(table, qxai.qlrp)


@pytest.mark.parametrize("names", [["output", "residual"], ["input", "mean size"]])
def test_features_may_be_called_as_a_table_calls_its_own_columns(names):
    model = qxai.Function(lambda X: X @ [2.0, -3.0], num_features=2, feature_names=names)
    found = qxai.occlusion(model, [[1, 2], [3, 4]])
    columns = found.table().columns
    assert [name for name, _ in columns] == ["input", *names, "output", "residual"]
    assert columns[1][1][:2] == [2.0, 6.0]
    assert columns[2][1][:2] == [-6.0, -12.0]
    assert list(found.table().to_frame().columns) == ["input", *names, "output", "residual"]


def test_a_group_cannot_have_the_name_of_another_player():
    model = qxai.Function(lambda X: X.sum(axis=1), num_features=3, feature_names=list("abc"))
    with pytest.raises(ValueError, match="found c for several players"):
        qxai.occlusion(model, np.ones((1, 3)), groups={"c": ["a", "b"]})
    assert qxai.occlusion(model, np.ones((1, 3)), groups={"d": ["a", "b"]}).names == ("d", "c")


def test_support_points_are_matched_by_name():
    encoding = cirq.Circuit(cirq.ry(sympy.Symbol(n))(q) for n, q in zip("ab", Q))
    one, two = (
        qxai.KernelModel(encoding, ["a", "b"], support, np.ones(12)) for support in (FRAME, SWAPPED)
    )
    np.testing.assert_array_equal(one.values(FRAME), two.values(FRAME))


def test_polynomials_keep_the_names_of_their_circuit():
    encoding = cirq.Circuit(cirq.ry(sympy.Symbol(n))(q) for n, q in zip("ab", Q))
    kernel = qxai.KernelModel(encoding, ["a", "b"], FRAME, np.ones(12))
    forms = [MODEL.polynomial(), MODEL.pauli_polynomial(), MODEL.multilinear(), kernel.polynomial()]
    for form in forms:
        np.testing.assert_array_equal(form.values(SWAPPED), form.values(FRAME))
        found, expected = (qxai.shapley(form, X) for X in (SWAPPED, FRAME))
        np.testing.assert_array_equal(found.values, expected.values)
        assert found.feature_names == ("a", "b")


def test_masks_of_groups():
    by_mask = qxai.occlusion(MODEL, FRAME, groups=np.array([[0, 1]]))  # as captum has it
    np.testing.assert_array_equal(by_mask.values, qxai.occlusion(MODEL, FRAME).values)
    for wrong in ([[True, False]], [True, False]):
        with pytest.raises(ValueError, match="groups: expected"):
            qxai.occlusion(MODEL, FRAME, groups=wrong)
    with pytest.raises(ValueError, match="one number a feature as a flat list"):
        qxai.occlusion(MODEL, FRAME, groups=[[0, 0]])
    qxai.occlusion(MODEL, FRAME, groups=[0, 0])


def test_rows_held_out_have_to_count():
    y = np.where(FRAME["a"] > 0, 1, 0)
    settings = {"layers": 1, "epochs": 2, "random_state": 0}
    told = []
    for weights in np.eye(12):  # a third of the rows is held out: four
        watching = qxai.Classifier(validation_fraction=1 / 3, patience=2, **settings)
        try:
            watching.fit(FRAME, y, sample_weight=weights)
        except ValueError as error:
            told.append(str(error))
            watching.set_params(validation_fraction=0.0, patience=None)
        fitted = watching.fit(FRAME, y, sample_weight=weights)
        assert np.isfinite(fitted.history_["loss"]).all()
    assert len(told) == 8
    assert all("set validation_fraction=0 and patience=None" in text for text in told)


@pytest.mark.parametrize(
    "function", [lambda X: None, lambda X: {}, lambda X: "no", lambda X: X[:, 0] * 1j]
)
def test_no_numbers_are_not_put_down_to_one_input_at_a_time(function):
    with pytest.raises(ValueError, match="values: expected real numbers") as refusal:
        qxai.Function(function, num_features=2).values(np.ones((2, 2)))
    assert "each_row" not in str(refusal.value)


def test_masked_answers_are_refused():
    masked = qxai.Function(lambda X: np.ma.masked_less(X[:, 0], 0), num_features=2)
    with pytest.raises(ValueError, match="masked entries: fill or drop them"):
        masked.values([[-1, 0], [1, 0]])


def test_raw_columns_and_radians_do_not_mix():
    raw = qxai.Scaled(MODEL, AngleScaler.fitted(FRAME))
    with pytest.raises(ValueError, match="put the same scaler in front of each"):
        _ = raw - MODEL
    both = raw - qxai.Scaled(2 * MODEL, raw.scaler)
    np.testing.assert_allclose(both.values(FRAME), -raw.values(FRAME), atol=1e-12)


def test_orders_draw_from_marginals_on_a_device_too():
    device = MODEL.on(qxai.Sampled(200, RNG(0)))
    marginals = qxai.Marginals(FRAME)
    many = np.repeat(FRAME.to_numpy()[:1], 60, axis=0)
    found = qxai.shapley(device, many, marginals, samples=100, rng=RNG(1))
    exact = qxai.shapley(MODEL, FRAME[:1], marginals)
    off = (found.values - exact.values) / found.standard_error
    assert np.var(off) == pytest.approx(1, abs=0.4)
    assert found.baseline_output.mean() == pytest.approx(exact.baseline_output[0], abs=0.01)
    with pytest.raises(TypeError, match=r"marginals\.drawn\(100, rng\) draws a Background"):
        qxai.occlusion(device, many, marginals)
    assert np.isfinite(qxai.occlusion(device, many[:1], marginals.drawn(100, RNG(2))).values).all()


def test_settings_of_another_kind_are_named():
    with pytest.raises(TypeError, match="scale: expected a positive number, found Background"):
        qxai.lime(MODEL, FRAME, qxai.Background(FRAME))


def test_metrics_take_an_attribution_as_it_is():
    found = qxai.shapley(MODEL, FRAME)
    for metric in (metrics.deletion_curve, metrics.insertion_curve, metrics.infidelity):
        expected = metric(MODEL, FRAME, found.values)
        np.testing.assert_array_equal(metric(MODEL, FRAME, found), expected)


def test_what_draws_itself_with_a_script_stays_out_of_a_page(tmp_path):
    with pytest.raises(TypeError, match="without scripts, found Classifier"):
        qxai.write_page(tmp_path / "page.html", "t", [qxai.Classifier()])
    qxai.write_page(tmp_path / "page.html", "t", [str(qxai.Classifier())])
    with pytest.raises(TypeError, match="title: expected a text"):
        qxai.write_page(tmp_path / "page.html", 3, [])


@pytest.mark.parametrize("index", [True, np.True_, None, "a"])
def test_what_is_no_index_is_refused(index):
    with pytest.raises(IndexError, match="expected a number, a slice, a list or a mask"):
        qxai.shapley(MODEL, FRAME)[index]


def test_an_index_may_be_an_array_without_axes():
    found = qxai.shapley(MODEL, FRAME)
    np.testing.assert_array_equal(found[np.array(2)].values, found.values[2:3])


def test_large_samples_are_gone_through_piece_by_piece(monkeypatch):
    monkeypatch.setattr("qxai.checks.BATCH", 64)
    function = qxai.Function(MODEL.values, num_features=2)
    found = qxai.shapley(function, FRAME, qxai.Background(FRAME))
    expected = qxai.shapley(MODEL, FRAME, qxai.Background(FRAME))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)


def test_a_sample_keeps_its_names_in_a_file(tmp_path):
    found = qxai.shapley(MODEL, FRAME, qxai.Background(SWAPPED))
    qxai.save(found, tmp_path / "kept.npz")
    assert qxai.load(tmp_path / "kept.npz").baseline.feature_names == ("a", "b")


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
def test_a_missing_category_is_not_advised_to_become_an_unknown_one(gap):
    found, table = trained(kind=["x", "y", "z"] * 4)
    X = table[:3].assign(kind=["x", gap, "z"])
    with pytest.raises(ValueError, match="column 'kind', row 1") as refusal:
        found.predict(X)
    assert "X[X['kind'].isin(['x', 'y', 'z'])]" in str(refusal.value)
    assert len(found.predict(X[X["kind"].isin(["x", "y", "z"])])) == 2
