"""Budgets of shots: calibrated, spent as said, and better than equal shots for everything.

The seeds were written down before the first run: 21, 22, 23.
"""

import functools

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.attributions.semivalues import coalition_weights
from qxai.attributions.shapley_shots import _counts, shares
from qxai.coalitions import coalitions
from tests import circuits, kinds
from tests.attributions.test_shots import POINT, ROOT, STEPS, model

SEEDS = (21, 22, 23)
REPEATS = 300
BUDGETS = {
    "Shapley, all coalitions": lambda m, X, rng: qxai.shapley(m, X, _roots(X), shots=600, rng=rng),
    "Shapley, drawn": lambda m, X, rng: qxai.shapley(
        m, X, qxai.Background(ROOT[None]), shots=600, rng=rng
    ),
    "SmoothGrad": lambda m, X, rng: qxai.smooth_grad(m, X, 0.3, shots=1200, rng=rng),
    "LIME": lambda m, X, rng: qxai.lime(m, X, shots=600, rng=rng),
    "integrated gradients": lambda m, X, rng: qxai.integrated_gradients(
        m, X, _roots(X), steps=STEPS, shots=6000
    ),
}
EXACT = {
    "Shapley": lambda m, X: qxai.shapley(m, X, ROOT),
    "SmoothGrad": lambda m, X: qxai.smooth_grad(m, X, 0.3),
    "LIME": lambda m, X: qxai.lime(m, X),
    "integrated gradients": lambda m, X: qxai.integrated_gradients(m, X, ROOT),
}


def _roots(X):
    """Roots that differ by rounding, so that each repetition runs its own."""
    return ROOT + 1e-13 * np.arange(len(X))[:, None]


def exact_of(name, exact, X):
    return EXACT[name.split(",")[0]](exact, X).values


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", BUDGETS)
def test_intervals_cover_what_they_should(name, seed):
    exact = model()
    device = exact.on(qxai.Sampled(512, np.random.default_rng(seed)))
    X = np.tile(POINT, (REPEATS, 1))
    found = BUDGETS[name](device, X, np.random.default_rng([seed, 1]))
    off = found.values - exact_of(name, exact, X[:1])
    covered = np.abs(off) <= 1.96 * found.standard_error
    assert 0.92 <= covered.mean() <= 0.98
    bias = off.mean(axis=0)
    assert np.all(np.abs(bias) < 5 * found.standard_error.mean(axis=0) / np.sqrt(REPEATS))


@pytest.mark.parametrize("name", BUDGETS)
def test_what_is_spent_is_the_budget(name):
    """For each input and setting of the observable, which has two."""
    device = model().on(qxai.Sampled(512, np.random.default_rng(0)))
    X = POINT + 0.01 * np.arange(4)[:, None]
    found = BUDGETS[name](device, X, np.random.default_rng(1))
    wanted = {"SmoothGrad": 1200, "integrated gradients": 6000}.get(name, 600)
    assert found.shots / (2 * len(X)) == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize("p", [0.02, 0.0])
@pytest.mark.parametrize("background", [False, True])
def test_honest_where_outputs_are_almost_certain(p, background):
    """Outputs near 1: few outcomes disagree, or none; intervals still hold the truth."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    exact = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]) * cirq.Z(q[1]))
    X = np.tile([0.1 + p, 0.05], (200, 1))
    device = exact.on(qxai.Sampled(1, np.random.default_rng(21)))
    baseline = np.zeros((200, 2)) + 1e-13 * np.arange(200)[:, None]
    start = qxai.Background(np.zeros((1, 2))) if background else baseline
    found = qxai.shapley(device, X, start, shots=64, rng=np.random.default_rng(22))
    expected = qxai.shapley(exact, X[:1]).values
    assert (np.abs(found.values - expected) <= 1.96 * found.standard_error).mean() > 0.92
    assert (found.standard_error > 0).all()


@pytest.mark.parametrize(("d", "shots"), [(3, 18), (5, 100), (8, 1024), (8, 2500), (10, 4096)])
def test_coalitions_share_a_budget_only_if_each_has_a_spread(d, shots):
    """One shot has none: an error bar that counted it as certain would be too short."""
    least = int(_counts(coalition_weights(coalitions(d, "")), shots).min())
    device = circuits.encoding_first(5, qubits=d).on(qxai.Sampled(1, np.random.default_rng(0)))
    x = np.full((1, d), 0.4)
    found = qxai.shapley(device, x, shots=shots, rng=np.random.default_rng(1))
    assert found.route.endswith("shared by all coalitions" if least >= 2 else "drawn")
    assert _counts(coalition_weights(coalitions(d, "")), shots).sum() == shots


def test_the_law_of_sampling_is_where_the_variance_is_least():
    """Proportional to the root of the sum of squared weights, which another q cannot beat."""
    for d in (2, 5, 8):
        sets = coalitions(d, "")
        weights, sizes = coalition_weights(sets), sets.sum(axis=1)
        root = np.sqrt((weights**2).sum(axis=1))
        law = shares(d)[sizes] / np.bincount(sizes)[sizes]
        np.testing.assert_allclose(law, root / root.sum(), atol=1e-14)
        best = ((weights**2).sum(axis=1) / law).sum()
        rng = np.random.default_rng(d)
        for _ in range(20):
            other = law * np.exp(rng.normal(0, 0.3, len(law)))
            assert ((weights**2).sum(axis=1) / (other / other.sum())).sum() > best
    # Five features, outcomes ±1: variance times budget, a feature; equal shots for all sets.
    sets = coalitions(5, "")
    squares = (coalition_weights(sets) ** 2).sum(axis=1)
    assert np.sqrt(squares).sum() ** 2 / 5 == pytest.approx(4.91, abs=0.01)
    assert (squares * 32).sum() / 5 == pytest.approx(6.83, abs=0.01)


def rms(found, exact):
    return np.sqrt(np.mean((found.values - exact) ** 2))


def test_budgets_beat_the_same_shots_spent_otherwise():
    """Equal totals: equal shots for all coalitions, orders of one shot a run, 512 shots a draw."""
    exact = circuits.encoding_first(3, qubits=5)
    x = circuits.inputs(3, exact, 1)
    X = np.tile(x, (40, 1)) + 1e-13 * np.arange(40)[:, None]
    start = X - x
    values = qxai.shapley(exact, x, np.zeros((1, 5))).values
    groups = exact.on(qxai.Sampled(1, np.random.default_rng(0))).estimate(x).shots

    def on(shots, seed):
        return exact.on(qxai.Sampled(shots, np.random.default_rng(seed)))

    ours = qxai.shapley(on(1, 1), X, start, shots=3200, rng=np.random.default_rng(2))
    equal = qxai.shapley(on(100, 3), X, start)
    orders = qxai.shapley(on(1, 4), X, start, samples=532, rng=np.random.default_rng(5))
    for found in (ours, equal, orders):
        assert found.shots / (len(X) * groups) == pytest.approx(3200, rel=0.01)
    assert rms(ours, values) < rms(equal, values) < rms(orders, values)

    smooth = qxai.smooth_grad(exact, x, 0.4).values
    many = qxai.smooth_grad(on(512, 6), X, 0.4, shots=20_480, rng=np.random.default_rng(7))
    few = qxai.smooth_grad(on(512, 8), X, 0.4, samples=4, rng=np.random.default_rng(9))
    assert few.shots == pytest.approx(many.shots, rel=0.02)
    assert rms(many, smooth) < rms(few, smooth) / 2


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_drawn_coalitions_do_not_feel_an_offset(offset):
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    observable = cirq.Z(q[0]) * cirq.Z(q[1]) + offset
    device = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, observable).on(
        qxai.Sampled(1, np.random.default_rng(21))
    )
    X = np.tile([0.7, 1.1, 0.4], (200, 1))
    rows = qxai.Background(np.full((1, 3), 0.2))
    found = qxai.shapley(device, X, rows, shots=60, rng=np.random.default_rng(22))
    assert found.values.std(axis=0).max() < 0.4
    assert (found.standard_error < 0.6).all()


def test_many_shots_are_taken_in_one_run_for_each_coalition():
    exact = model()
    X = np.tile(POINT, (200, 1))
    device = exact.on(qxai.Sampled(1, np.random.default_rng(23)))
    found = qxai.shapley(device, X, _roots(X), shots=50_000, rng=np.random.default_rng(1))
    off = found.values - qxai.shapley(exact, X[:1], ROOT).values
    assert 0.92 <= (np.abs(off) <= 1.96 * found.standard_error).mean() <= 0.98
    assert found.shots == pytest.approx(200 * 2 * 50_000, rel=1e-3)


def test_outputs_are_not_measured_with_a_single_shot():
    exact = model()
    device = exact.on(qxai.Sampled(4000, np.random.default_rng(0)))
    for found in (
        qxai.lime(device, POINT[None], shots=200, rng=np.random.default_rng(1)),
        qxai.smooth_grad(device, POINT[None], 0.3, shots=200, rng=np.random.default_rng(1)),
    ):
        assert abs(found.output[0] - exact.values(POINT[None])[0]) < 0.1


def test_a_budget_reaches_a_device_behind_other_models():
    inner = circuits.encoding_first(7, qubits=4)
    device = inner.on(qxai.Sampled(100, np.random.default_rng(0)))
    scaled = qxai.Scaled(device, kinds.MODELS["scaled columns"].scaler)
    X = kinds.inputs("scaled columns", 1)
    found = qxai.shapley(scaled, X, 20.0, shots=400, rng=np.random.default_rng(1))
    off = found.values - qxai.shapley(kinds.MODELS["scaled columns"], X, 20.0).values
    assert (np.abs(off) < 4 * found.standard_error).all()
    both = device - circuits.reuploading(9, d=4).on(qxai.Sampled(9, np.random.default_rng(2)))
    found = qxai.lime(both, np.zeros((1, 4)), shots=200, rng=np.random.default_rng(1))
    assert found.shots > 0


def test_what_is_refused():
    exact, device = model(), model().on(qxai.Sampled(10, np.random.default_rng(0)))
    X, rng = POINT[None], np.random.default_rng(0)
    for explain in (
        lambda m, **more: qxai.shapley(m, X, **more),
        lambda m, **more: qxai.smooth_grad(m, X, 0.3, **more),
        lambda m, **more: qxai.lime(m, X, **more),
    ):
        with pytest.raises(TypeError, match="on a device that counts shots"):
            explain(exact, shots=1000, rng=rng)
        with pytest.raises(ValueError, match="expected None with samples="):
            explain(device, shots=1000, samples=10, rng=rng)
        with pytest.raises(TypeError, match="rng: expected"):
            explain(device, shots=1000)
    with pytest.raises(ValueError, match="take fewer steps= or more shots="):
        qxai.integrated_gradients(device, X, steps=50, shots=100)
    with pytest.raises(ValueError, match="steps: expected a whole number"):
        qxai.integrated_gradients(device, X, shots=1000)
    with pytest.raises(ValueError, match="at least 12, two gradients of 6 runs, found 5"):
        qxai.smooth_grad(device, X, 0.3, shots=5, rng=rng)
    assert qxai.smooth_grad(device, X, 0.3, shots=12, rng=rng).shots > 0


COSTED = {
    "gradient": qxai.gradient,
    "occlusion": functools.partial(qxai.occlusion, baseline=ROOT),
    "Shapley": functools.partial(qxai.shapley, baseline=ROOT, shots=1000),
    "enumeration": functools.partial(qxai.shapley, baseline=ROOT),
    "LIME": functools.partial(qxai.lime, shots=1000),
    "SmoothGrad": functools.partial(qxai.smooth_grad, sigma=0.3, shots=1000),
    "integrated gradients": functools.partial(
        qxai.integrated_gradients, baseline=ROOT, steps=STEPS, shots=1000
    ),
}


class TestCost:
    @pytest.mark.parametrize("name", COSTED)
    def test_the_stated_shots_leave_at_most_the_error(self, name):
        """Spent on a real circuit, the error over repetitions is below what was asked for."""
        exact, method, wanted = model(), COSTED[name], 0.05
        X = np.tile(POINT, (200, 1)) + 1e-13 * np.arange(200)[:, None]
        cost = qxai.shots_needed(method, exact, X[:20], wanted, np.random.default_rng(1))
        assert cost.standard_error <= wanted * 1.001
        one_shot = 1 if cost.sets == "method" else cost.shots
        device = exact.on(qxai.Sampled(one_shot, np.random.default_rng(21)))
        if cost.sets == "method":
            method = functools.partial(method, shots=cost.shots)
        rng = {"rng": np.random.default_rng(2)} if name in ("Shapley", "LIME", "SmoothGrad") else {}
        found = method(device, X, **rng)
        truth = exact_of("Shapley" if name == "enumeration" else name, exact, X[:1]) if (
            name not in ("gradient", "occlusion")
        ) else method(exact, X[:1]).values  # fmt: skip
        spread = np.sqrt(((found.values - truth) ** 2).mean(axis=0))
        assert spread.max() < wanted * 1.1
        assert spread.max() > wanted / 4  # and the bound is not idle
        assert found.shots * 20 / len(X) == pytest.approx(cost.total, rel=0.1)

    def test_numbers_belong_together_however_few_are_needed(self):
        for name, wanted in (("Shapley", 0.5), ("LIME", 3.0), ("SmoothGrad", 2.0)):
            rng = np.random.default_rng(2)
            cost = qxai.shots_needed(COSTED[name], model(), POINT[None], wanted, rng)
            assert cost.standard_error <= wanted
            assert abs(cost.total - 2 * cost.shots) <= 2  # two settings; pairs of shots

    def test_by_hand(self):
        """½ (f₊ − f₋) with n shots each of ±1: a variance of 1/2n."""
        q, x = cirq.LineQubit(0), sympy.Symbol("x")
        one = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
        cost = qxai.shots_needed(qxai.gradient, one, [[0.3]], 0.02, np.random.default_rng(0))
        assert cost.shots == 1250
        assert (cost.total, cost.evaluations, cost.sets) == (2500, 2, "device")
        assert "shots of the device" in repr(cost)

    def test_what_is_refused(self):
        rng = np.random.default_rng(0)
        with pytest.raises(ValueError, match="error: expected a positive number"):
            qxai.shots_needed(qxai.gradient, model(), POINT[None], 0.0, rng)
        with pytest.raises(ValueError, match="ask for a larger one"):
            qxai.shots_needed(qxai.gradient, model(), POINT[None], 1e-7, rng)
        drawing = functools.partial(qxai.smooth_grad, sigma=0.3, samples=4)
        with pytest.raises(TypeError, match=r"found samples=: .* pass shots=1000 instead"):
            qxai.shots_needed(drawing, model(), POINT[None], 0.1, rng)
        with pytest.raises(TypeError, match="model: expected a circuit to run"):
            qxai.shots_needed(qxai.gradient, model().polynomial(), POINT[None], 0.1, rng)
        with pytest.raises(TypeError, match="rng: expected"):
            qxai.shots_needed(qxai.gradient, model(), POINT[None], 0.1, None)
