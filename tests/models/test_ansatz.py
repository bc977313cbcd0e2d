import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models import ansatz
from qxai.models.ansatz import dense_angle_encoding, iqp_encoding, mean_z, reuploading

Q = cirq.LineQubit.range(3)
X = sympy.symbols("x:5")


def test_two_features_a_qubit():
    """⟨X⟩ = sin x₀ cos x₁ on the first qubit."""
    model = qxai.PQC(dense_angle_encoding(Q, X), X, cirq.X(Q[0]) + cirq.Z(Q[2]))
    points = np.random.default_rng(0).normal(size=(4, 5))
    expected = np.sin(points[:, 0]) * np.cos(points[:, 1]) + np.cos(points[:, 4])
    np.testing.assert_allclose(model.values(points), expected)
    relevance = qxai.qlrp(model, points).values
    np.testing.assert_allclose(relevance[:, 0], relevance[:, 1])  # equal owners of one qubit
    with pytest.raises(ValueError, match="qubits: expected 3 for 5 features, found 2"):
        dense_angle_encoding(Q[:2], X)


def test_products_of_features_have_values_and_samples_but_no_closed_form():
    circuit = iqp_encoding(Q, X[:3]) + cirq.Circuit(cirq.H.on_each(*Q))
    model = qxai.PQC(circuit, X[:3], mean_z(Q))
    points = np.random.default_rng(0).normal(size=(2, 3))
    with pytest.raises(ValueError, match=r"affine in one feature, found .*x0\*x1"):
        qxai.shapley(model, points)
    function = qxai.Function(model.values, model.gradient, 3)
    exact = qxai.shapley(function, points)
    np.testing.assert_allclose(exact.residual, 0, atol=1e-12)
    rng = np.random.default_rng(1)
    sampled = qxai.shapley(model, points, samples=500, rng=rng)
    assert np.all(np.abs(sampled.values - exact.values) < 5 * sampled.standard_error + 1e-12)
    steps = qxai.integrated_gradients(model, points, steps=40)
    np.testing.assert_allclose(steps.residual, 0, atol=1e-9)
    step = 1e-6
    for i in range(3):
        shift = step * np.eye(3)[i]
        slope = (model.values(points + shift) - model.values(points - shift)) / (2 * step)
        np.testing.assert_allclose(model.gradient(points)[:, i], slope, atol=1e-8)
    assert np.isfinite(qxai.occlusion(model, points).values).all()
    assert np.isfinite(qxai.taylor(model, points).values).all()


@pytest.mark.parametrize(("scales", "count"), [((1, 1), 2), ((1, 2), 3), ((1, 0.1), 4)])
def test_scales_decide_the_frequencies(scales, count):
    """{1, 2}, {1, 2, 3} and {0.1, 0.9, 1, 1.1}: sums and differences of the scales."""
    circuit, symbols = reuploading(Q, X[:2], scales)
    rng = np.random.default_rng(0)
    model = qxai.PQC(circuit, X[:2], mean_z(Q), dict(zip(symbols, rng.normal(size=len(symbols)))))
    assert [len(w) for w in model.polynomial().frequencies] == [count, count]
    points = rng.normal(size=(3, 2))
    np.testing.assert_allclose(model.polynomial()(points), model.values(points), atol=1e-11)
    with pytest.raises(ValueError, match="expected at least 5 qubits and one scale, found 3 and 1"):
        reuploading(Q, X, [1.0])


@pytest.mark.parametrize("groups", [[[0], [1], [2], [3]], [[0, 2], [3, 1]], [[1, 0, 3], [2]]])
def test_features_meet_only_within_their_group(groups):
    model = ansatz.grouped_classifier(groups, 2, np.random.default_rng(0))
    model = model.with_parameters(np.random.default_rng(1).uniform(0, 7, len(model.parameters)))
    assert len(model.parameters) == 2 * 4 * 2
    X = np.random.default_rng(2).uniform(-3, 3, (5, 4))
    start = np.full(4, 0.3)
    parts = model(start[None])[0]
    for group in groups:
        moved = np.tile(start, (5, 1))
        moved[:, group] = X[:, group]
        parts = parts + model(moved) - model(start[None])
    np.testing.assert_allclose(parts, model(X), atol=1e-12)
    assert model.polynomial().interaction_order == max(map(len, groups))


@pytest.mark.parametrize(
    ("groups", "uploads", "message"),
    [
        ([[0], [0, 1]], 1, "groups: expected every feature in exactly one group"),
        ([], 1, "groups: expected every feature"),
        ([[0, 2]], 1, "groups: expected every feature"),
        ([[0]], 0, "uploads: expected at least 1, found 0"),
    ],
)
def test_groups_that_are_no_partition_are_refused(groups, uploads, message):
    with pytest.raises(ValueError, match=message):
        ansatz.grouped_classifier(groups, uploads, np.random.default_rng(0))
