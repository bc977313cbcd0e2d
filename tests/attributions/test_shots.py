"""Calibration under finite shots: 95 % intervals that cover what they should, and exact counts.

The seeds were written down before the first run: 11, 12, 13. Each run explains one input 400
times over; the intervals of all features are pooled. Methods that draw samples draw a hundred:
1.96 is the normal quantile, and with thirty the true coverage is 94 %, not 95 %.
"""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.quadrature import nodes_for_band

SEEDS = (11, 12, 13)
REPEATS = 400
POINT = np.array([0.7, -1.1, 0.4])
ROOT = np.array([0.2, 0.3, -0.2])
STEPS = nodes_for_band(np.abs(POINT - ROOT).sum())


def model():
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    circuit = cirq.Circuit(
        [cirq.ry(a)(b) for a, b in zip(x, q)],
        [cirq.CZ(q[0], q[1]), cirq.CZ(q[1], q[2])],
        [cirq.ry(t)(b) for t, b in zip((0.5, -0.8, 1.2), q)],
        [cirq.CX(q[0], q[1])],
    )
    observable = 0.6 * cirq.Z(q[1]) + 0.5 * cirq.X(q[1]) * cirq.Z(q[2])
    return qxai.PQC(circuit, x, observable)


METHODS = {
    "gradient": lambda m, X, rng: qxai.gradient(m, X),
    "gradient × input": lambda m, X, rng: qxai.gradient_x_input(m, X, ROOT),
    "SmoothGrad": lambda m, X, rng: qxai.smooth_grad(m, X, 0.3, samples=100, rng=rng),
    "integrated gradients": lambda m, X, rng: qxai.integrated_gradients(m, X, ROOT, steps=STEPS),
    "occlusion": lambda m, X, rng: qxai.occlusion(m, X, ROOT),
    "Taylor-1": lambda m, X, rng: qxai.taylor(m, X, per_row(ROOT, X), order=1),
    "Taylor-∞": lambda m, X, rng: qxai.taylor(m, X, per_row(ROOT, X)),
    "Shapley": lambda m, X, rng: qxai.shapley(m, X, ROOT, samples=100, rng=rng),
    "LIME": lambda m, X, rng: qxai.lime(m, X, samples=150, rng=rng),
    "QLRP": lambda m, X, rng: qxai.qlrp_from_noise(m, X),
    "gate Shapley": lambda m, X, rng: qxai.gate_shapley(m, X, range(3, 9), samples=100, rng=rng),
}
EXACT = {
    "SmoothGrad": lambda m, X: qxai.smooth_grad(m, X, 0.3),
    "integrated gradients": lambda m, X: qxai.integrated_gradients(m, X, ROOT),
    "Shapley": lambda m, X: qxai.shapley(m, X, ROOT),
    "LIME": lambda m, X: qxai.lime(m, X),
    "QLRP": lambda m, X: qxai.qlrp(m, X),
    "gate Shapley": lambda m, X: qxai.gate_shapley(m, X, range(3, 9)),
}


def per_row(root, X):
    """Roots that differ by nothing but rounding, so that each repetition runs its own."""
    return root + 1e-13 * np.arange(len(X))[:, None]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", METHODS)
def test_intervals_cover_what_they_should(name, seed):
    exact_model = model()
    rng = np.random.default_rng(seed)
    device = exact_model.on(qxai.Sampled(200, rng))
    X = np.tile(POINT, (REPEATS, 1))
    found = METHODS[name](device, X, np.random.default_rng([seed, 1]))
    exact = EXACT.get(name, lambda m, X: METHODS[name](m, X, None))(exact_model, X[:1]).values
    varying = found.standard_error.max(axis=0) > 0
    covered = np.abs(found.values - exact) <= 1.96 * found.standard_error
    assert 0.92 <= covered[:, varying].mean() <= 0.98
    assert varying.sum() >= 3
    bias = (found.values - exact).mean(axis=0)
    assert np.all(np.abs(bias) < 5 * found.standard_error.mean(axis=0) / np.sqrt(REPEATS) + 1e-12)


class Counting:
    """A backend that counts what it is asked for."""

    def __init__(self, inner):
        self.inner, self.runs, self.shots = inner, 0, 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def _count(self, found):
        self.runs += found.evaluations
        self.shots += found.shots
        return found

    def values(self, *arguments):
        return self.estimate(*arguments).values

    def gradient(self, *arguments):
        return self.estimate_gradient(*arguments).values

    def estimate(self, circuit, X, parameters):
        found = self._count(self.inner.estimate(circuit, X, parameters))
        assert found.evaluations == len(X)
        return found

    def estimate_gradient(self, *arguments):
        return self._count(self.inner.estimate_gradient(*arguments))

    def depolarised(self, *arguments):
        return self._count(self.inner.depolarised(*arguments))


# Runs for ``output`` and ``baseline_output`` that the method itself does not need, for N inputs.
EXTRA = {
    "gradient": lambda n: n,
    "gradient × input": lambda n: n + 1,
    "SmoothGrad": lambda n: n,
    "integrated gradients": lambda n: n + 1,
    "occlusion": lambda n: 1,
    "Taylor-1": lambda n: 2 * n,
    "Taylor-∞": lambda n: n,
    "Shapley": lambda n: n + 1,
    "LIME": lambda n: n,
    "QLRP": lambda n: 2 * n,
    "gate Shapley": lambda n: 2 * n,
}


@pytest.mark.parametrize("name", METHODS)
def test_evaluations_and_shots_are_counted_exactly(name):
    n, shots, groups = 3, 40, 2
    backend = Counting(qxai.Sampled(shots, np.random.default_rng(0)))
    X = POINT + 0.01 * np.arange(n)[:, None]
    found = METHODS[name](model().on(backend), X, np.random.default_rng(1))
    assert backend.runs == found.evaluations + EXTRA[name](n)
    assert found.shots == found.evaluations * shots * groups
    assert backend.shots == backend.runs * shots * groups


@pytest.mark.parametrize("name", METHODS)
def test_exact_backends_have_no_shots(name):
    if name == "QLRP":
        with pytest.raises(TypeError, match=r"use qxai\.Sampled"):
            qxai.qlrp_from_noise(model(), POINT[None])
        return
    found = METHODS[name](model(), POINT[None], np.random.default_rng(1))
    assert found.shots == 0
    exact = name in ("gradient", "gradient × input", "integrated gradients", "occlusion")
    assert (found.standard_error is None) == (exact or name.startswith("Taylor"))


def test_errors_of_features_that_share_a_qubit_are_those_of_their_share():
    """Two features own one qubit in halves: the spread over repetitions is what is stated."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:3")
    circuit = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.rz(x[1])(q[0]), cirq.ry(x[2])(q[1]))
    circuit += cirq.Circuit(cirq.CZ(*q), cirq.ry(0.4).on_each(*q))
    device = qxai.PQC(circuit, x, cirq.Z(q[0]) + 0.5 * cirq.X(q[1])).on(
        qxai.Sampled(100, np.random.default_rng(0))
    )
    found = qxai.qlrp_from_noise(device, np.tile(POINT, (REPEATS, 1)))
    np.testing.assert_array_equal(found.values[:, 0], found.values[:, 1])
    stated = np.sqrt((found.standard_error**2).mean(axis=0))
    np.testing.assert_allclose(found.values.std(axis=0, ddof=1), stated, rtol=0.12)


REFUSED = {
    "SmoothGrad": lambda m, X: qxai.smooth_grad(m, X, 0.3),
    "integrated gradients": lambda m, X: qxai.integrated_gradients(m, X, ROOT),
    "interactions": lambda m, X: qxai.shapley_interactions(m, X, ROOT),
    "LIME": lambda m, X: qxai.lime(m, X),
    "Taylor-2": lambda m, X: qxai.taylor(m, X, order=2),
    "gate Shapley": lambda m, X: qxai.gate_shapley(m, X),
    "QLRP": lambda m, X: qxai.qlrp(m, X),
    "QLRP-γ": lambda m, X: qxai.qlrp(m, X, qxai.Gamma(0.2)),
    "QLRP in the circuit": lambda m, X: qxai.qlrp(m, X, baseline=ROOT),
    "QLRP by layers": lambda m, X: qxai.qlrp_layers(m, X),
    "Sobol": lambda m, X: qxai.sobol_indices(m),
    "SmoothGrad without a generator": lambda m, X: qxai.smooth_grad(m, X, 0.3, samples=10),
    "LIME with few samples": lambda m, X: qxai.lime(m, X, samples=4, rng=np.random.default_rng(0)),
    "gate Shapley without a generator": lambda m, X: qxai.gate_shapley(m, X, samples=10),
    "gates that are none": lambda m, X: qxai.gate_shapley(
        m, X, [0.9], samples=10, rng=np.random.default_rng(0)
    ),
    "a gate twice": lambda m, X: qxai.gate_shapley(
        m, X, [0, 0], samples=10, rng=np.random.default_rng(0)
    ),
    "Shapley without a generator": lambda m, X: qxai.shapley(m, X, ROOT, samples=10),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_method_refuses_before_it_spends_a_shot(name):
    backend = Counting(qxai.Sampled(40, np.random.default_rng(0)))
    with pytest.raises((TypeError, ValueError)):
        REFUSED[name](model().on(backend), POINT[None])
    assert backend.runs == backend.shots == 0
