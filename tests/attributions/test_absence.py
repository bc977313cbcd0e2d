"""What absent features are: a point, the rows of a sample, independent features."""

import itertools

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai import checks, metrics

Q, X = cirq.LineQubit.range(3), sympy.symbols("x:3")
UPLOAD = [cirq.ry(x)(q) for x, q in zip(X, Q)]
MIX = [cirq.CZ(Q[0], Q[1]), cirq.rx(0.7)(Q[1]), cirq.CX(Q[1], Q[2]), cirq.ry(0.4)(Q[2])]


def circuit(twice):
    return cirq.Circuit(UPLOAD, MIX, UPLOAD if twice else [], cirq.CZ(Q[0], Q[2]))


READOUT = cirq.X(Q[2]) + 0.5 * cirq.Z(Q[0]) * cirq.Z(Q[1]) + 0.3
ONCE = qxai.PQC(circuit(twice=False), X, READOUT)
KERNEL = qxai.KernelModel(cirq.Circuit(UPLOAD), X, [[0, 1, 2], [1, 0.5, -1]], [1, -0.7], 0.2)
MODELS = {
    "encoding first": ONCE,
    "uploads twice": qxai.PQC(circuit(twice=True), X, READOUT),
    "pauli strings": ONCE.pauli_polynomial(),
    "kernel": KERNEL,
}
DRAW = np.random.default_rng(5)
INPUTS, SAMPLE = DRAW.uniform(-2, 2, (4, 3)), DRAW.uniform(-2, 2, (3, 3))
# Independent features, each with the sample's three values: all 27 rows, equally likely.
COMBINED = np.array(list(itertools.product(*SAMPLE.T)))

COMPLETE = {
    "shapley": qxai.shapley,
    "integrated gradients": qxai.integrated_gradients,
}
METHODS = {
    **COMPLETE,
    "gradient × input": qxai.gradient_x_input,
    "occlusion": qxai.occlusion,
    "taylor 1": lambda model, x, b: qxai.taylor(model, x, b, order=1),
    "taylor 3": lambda model, x, b: qxai.taylor(model, x, b, order=3),
    "taylor": qxai.taylor,
}
NUMBERS = {
    "interactions": qxai.shapley_interactions,
    "infidelity": lambda m, x, b: metrics.infidelity(m, x, x / 2, b),
    "deletion": lambda m, x, b: metrics.deletion_curve(m, x, x, b),
    "insertion": lambda m, x, b: metrics.insertion_curve(m, x, np.zeros_like(x), b),
    "random order": metrics.random_order_curve,
}


def by_rows(method, model, sample):
    """The loop that a user writes."""
    found = [method(model, INPUTS, row) for row in sample]
    return {
        "values": np.mean([one.values for one in found], axis=0),
        "baseline_output": np.mean([one.baseline_output for one in found], axis=0),
    }


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_background_is_the_mean_over_its_rows(method, model):
    found = method(model, INPUTS, qxai.Background(SAMPLE))
    for name, expected in by_rows(method, model, SAMPLE).items():
        np.testing.assert_allclose(getattr(found, name), expected, atol=1e-12)
    np.testing.assert_allclose(found.output, model.values(INPUTS), atol=1e-12)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_marginals_are_the_background_of_all_combinations(method, model):
    found = method(model, INPUTS, qxai.Marginals(SAMPLE))
    expected = method(model, INPUTS, qxai.Background(COMBINED))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, expected.baseline_output, atol=1e-12)
    apart = method(model, INPUTS, qxai.Background(SAMPLE)).values
    # One absent feature alone has nothing to depend on.
    alone = method in (qxai.gradient_x_input, qxai.occlusion)
    assert (np.abs(found.values - apart).max() > 1e-3) != alone


@pytest.mark.parametrize("method", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_metrics_and_interactions_know_marginals(method, model):
    found = method(model, INPUTS, qxai.Marginals(SAMPLE))
    np.testing.assert_allclose(found, method(model, INPUTS, qxai.Background(COMBINED)), atol=1e-12)


@pytest.mark.parametrize("method", NUMBERS.values(), ids=NUMBERS)
def test_metrics_play_the_game_that_is_averaged_over_rows(method):
    """Against a function whose absent features are averaged by hand."""
    found = method(ONCE, INPUTS, qxai.Background(SAMPLE))
    function = qxai.Function(ONCE.values, num_features=3)
    if method is qxai.shapley_interactions:
        expected = np.mean([method(ONCE, INPUTS, row) for row in SAMPLE], axis=0)
    else:
        expected = method(function, INPUTS, qxai.Background(SAMPLE))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    game = averaged_game(INPUTS[0])
    if method is metrics.random_order_curve:
        sizes = [np.mean([v for s, v in game.items() if len(s) == k]) for k in range(4)]
        np.testing.assert_allclose(found[0], np.sign(sizes[-1] - sizes[0]) * np.array(sizes))


def averaged_game(x):
    """``v(S)`` as a mean over the sample's rows, by definition."""
    subsets = [s for k in range(4) for s in itertools.combinations(range(3), k)]
    rows = {
        s: np.array([[x[i] if i in s else row[i] for i in range(3)] for row in SAMPLE])
        for s in subsets
    }
    return {s: ONCE.values(r).mean() for s, r in rows.items()}


def test_enumeration_plays_the_averaged_game():
    found = qxai.shapley(
        qxai.Function(ONCE.values, num_features=3), INPUTS, qxai.Background(SAMPLE)
    )
    exact = qxai.shapley(ONCE, INPUTS, qxai.Background(SAMPLE))
    np.testing.assert_allclose(found.values, exact.values, atol=1e-12)
    game = averaged_game(INPUTS[0])
    assert found.output[0] == pytest.approx(game[0, 1, 2])
    assert found.baseline_output[0] == pytest.approx(game[()])
    assert found.evaluations == len(INPUTS) * 2**3 * len(SAMPLE)


@pytest.mark.parametrize("absent", [qxai.Background(SAMPLE), qxai.Marginals(SAMPLE)])
@pytest.mark.parametrize("method", COMPLETE.values(), ids=COMPLETE)
def test_they_stay_complete(method, absent):
    np.testing.assert_allclose(method(ONCE, INPUTS, absent).residual, 0, atol=1e-12)


@pytest.mark.parametrize("absent", [qxai.Background(SAMPLE), qxai.Marginals(SAMPLE)])
def test_orders_draw_a_row_each_and_tell_their_error(absent):
    many = np.repeat(INPUTS[:1], 200, axis=0)
    found = qxai.shapley(ONCE, many, absent, 300, np.random.default_rng(1))
    off = found.values - qxai.shapley(ONCE, INPUTS[:1], absent).values
    assert np.var(off / found.standard_error) == pytest.approx(1, abs=0.3)
    assert found.evaluations == 200 * 300 * 4


def test_a_background_of_one_row_is_a_point():
    found = qxai.shapley(ONCE, INPUTS, qxai.Background(SAMPLE[:1]))
    np.testing.assert_array_equal(found.values, qxai.shapley(ONCE, INPUTS, SAMPLE[0]).values)


def test_in_circuit_qlrp_takes_rows_and_refuses_marginals_with_advice_that_works():
    model = MODELS["uploads twice"]
    found = qxai.qlrp(model, INPUTS, qxai.Gamma(0.2), qxai.Background(SAMPLE))
    each = [qxai.qlrp(model, INPUTS, qxai.Gamma(0.2), row).values for row in SAMPLE]
    np.testing.assert_allclose(found.values, np.mean(each, axis=0), atol=1e-12)
    marginals = qxai.Marginals(SAMPLE)
    with pytest.raises(ValueError, match=r"Background .*marginals.drawn\(100, rng\)"):
        qxai.qlrp(model, INPUTS, baseline=marginals)
    advised = marginals.drawn(100, np.random.default_rng(0))
    assert np.isfinite(qxai.qlrp(model, INPUTS, baseline=advised).values).all()


def test_a_function_is_told_to_draw_from_marginals():
    function, marginals = qxai.Function(ONCE.values, num_features=3), qxai.Marginals(SAMPLE)
    with pytest.raises(TypeError, match=r"marginals.drawn\(100, rng\) draws a Background"):
        qxai.shapley(function, INPUTS, marginals)
    drawn = marginals.drawn(4000, np.random.default_rng(0))
    found = qxai.shapley(function, INPUTS[:1], drawn).values
    np.testing.assert_allclose(found, qxai.shapley(ONCE, INPUTS[:1], marginals).values, atol=0.03)


def test_samples_keep_names_and_are_matched():
    names = ("a", "b", "c")
    model = qxai.Function(ONCE.values, num_features=3, feature_names=names)
    turned = qxai.Background(SAMPLE[:, [2, 0, 1]], ["c", "a", "b"])
    found, expected = (qxai.shapley(model, INPUTS, b) for b in (turned, qxai.Background(SAMPLE)))
    np.testing.assert_array_equal(found.values, expected.values)
    with pytest.raises(ValueError, match="baseline: expected the names a, b, c"):
        qxai.shapley(model, INPUTS, qxai.Background(SAMPLE, ["a", "b", "d"]))


@pytest.mark.parametrize("kind", [qxai.Background, qxai.Marginals])
@pytest.mark.parametrize(
    ("sample", "names", "message"),
    [
        (np.empty((0, 3)), None, "sample: expected at least one row"),
        ([1, 2, 3], None, r"sample: expected finite real numbers of shape \(N, d\)"),
        ([[1, np.nan]], None, "sample: expected finite"),
        (SAMPLE, ["a"], "feature_names: expected 3 names, found 1"),
    ],
)
def test_what_is_no_sample_is_refused(kind, sample, names, message):
    with pytest.raises(ValueError, match=message):
        kind(sample, names)


def test_a_sample_of_another_width_is_refused():
    with pytest.raises(ValueError, match="baseline: expected a sample of 3 columns, found 2"):
        qxai.occlusion(ONCE, INPUTS, qxai.Background([[1, 2]]))


def test_a_sample_cannot_change_under_its_background():
    sample = SAMPLE.copy()
    background = qxai.Background(sample)
    sample[0] = 9
    np.testing.assert_array_equal(background.sample, SAMPLE)
    with pytest.raises(ValueError, match="read-only"):
        background.sample[0] = 9


def test_several_rows_without_a_word_are_not_guessed():
    with pytest.raises(ValueError, match=r"qxai.Background\(sample\)"):
        qxai.shapley(ONCE, INPUTS, SAMPLE)


@pytest.mark.parametrize(
    "method",
    [
        qxai.integrated_gradients,
        lambda m, x, b: qxai.integrated_gradients(m, x, b, 9 if m is not ONCE else None),
        lambda m, x, b: qxai.taylor(m, x, b, order=1),
    ],
    ids=["settled", "steps", "taylor 1"],
)
def test_methods_without_a_closed_form_are_told_to_draw_from_marginals(method):
    function, marginals = qxai.Function(ONCE.values, ONCE.gradient, 3), qxai.Marginals(SAMPLE)
    with pytest.raises(TypeError, match=r"marginals\.drawn\(100, rng\) draws a Background"):
        method(function, INPUTS, marginals)
    drawn = marginals.drawn(3000, np.random.default_rng(0))
    found = method(function, INPUTS[:1], drawn).values
    np.testing.assert_allclose(found, method(ONCE, INPUTS[:1], marginals).values, atol=0.05)


def test_the_error_of_a_quadrature_is_the_largest_of_all_batches(monkeypatch):
    def exponential(Z):
        return np.exp(Z.sum(axis=1))

    def slope(Z):
        return np.repeat(exponential(Z)[:, None], 3, axis=1)

    model = qxai.Function(exponential, slope, num_features=3)
    points = np.array([[0.1, 0.2, 0.3], [2.0, 1.0, 0.5], [0.3, 0.1, 0.0]])
    background = qxai.Background(SAMPLE)
    whole = qxai.integrated_gradients(model, points, background, steps=4)
    monkeypatch.setattr(checks, "BATCH", 1)
    pieces = qxai.integrated_gradients(model, points, background, steps=4)
    np.testing.assert_allclose(pieces.values, whole.values, rtol=1e-12)
    np.testing.assert_allclose(pieces.error, whole.error, rtol=1e-9)
    alone = [qxai.integrated_gradients(model, [p], background, steps=4).error for p in points]
    assert pieces.error == max(alone) > alone[0] > 0
