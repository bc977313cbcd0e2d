from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models import ansatz
from qxai.models.ansatz import (
    angle_encoding,
    brickwork_layers,
    dense_angle_encoding,
    graph_layers,
    hardware_efficient_layers,
    iqp_encoding,
    layered_classifier,
    mean_z,
    restored,
    reuploading,
    ring_classifier,
)

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


def test_products_of_features_have_values_and_samples_and_are_enumerated():
    circuit = iqp_encoding(Q, X[:3]) + cirq.Circuit(cirq.H.on_each(*Q))
    model = qxai.PQC(circuit, X[:3], mean_z(Q))
    points = np.random.default_rng(0).normal(size=(2, 3))
    with pytest.raises(ValueError, match=r"functions of one feature, found .*x0\*x1"):
        model.polynomial()
    function = qxai.Function(model.values, model.gradient, 3)
    exact = qxai.shapley(function, points)
    np.testing.assert_array_equal(qxai.shapley(model, points).values, exact.values)
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


@pytest.mark.parametrize(("uploads", "order"), [(1, 2), (2, 3), (3, 4)])
def test_neighbours_of_a_group_meet_in_turn(uploads, order):
    """The last layer joins both pairs, the one before the middle two, the first both pairs."""
    groups = [[3, 1, 0, 2]]
    model = anywhere(ansatz.grouped_classifier(groups, uploads, np.random.default_rng(0)), 1)
    assert model.polynomial().interaction_order == order
    pairs = [op.qubits for op in model.circuit.all_operations() if len(op.qubits) == 2]
    last = {frozenset(q.x for q in pair) for pair in pairs[-2:]}
    assert last == {frozenset({3, 1}), frozenset({0, 2})}


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


# What a family of circuits can represent


def anywhere(model, seed):
    """The model at angles from the whole circle."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(model.parameters))
    return model.with_parameters(angles)


def power(model):
    """Mean squares of the terms, and how many features each has, over uniform angles."""
    C = model.polynomial().coefficients
    meeting = (np.indices(C.shape) > 0).sum(axis=0)
    return C**2 / 2.0**meeting, meeting


def even_share(model):
    """The part of the variance in terms of an even number of features."""
    size, meeting = power(model)
    return size[(meeting % 2 == 0) & (meeting > 0)].sum() / size[meeting > 0].sum()


SIZES = [(n, layers) for n in (3, 4, 5, 8) for layers in (1, 2, 3)]


@pytest.mark.parametrize(("n", "layers"), SIZES)
def test_a_ring_hides_a_parity(n, layers):
    """f(x + π) = −f(x), by values and by the polynomial: no even order, and no constant."""
    model = anywhere(ring_classifier(n, layers, np.random.default_rng(0)), n + layers)
    X = np.random.default_rng(1).uniform(-9, 9, (20, n))
    np.testing.assert_allclose(model.values(X + np.pi), -model.values(X), atol=1e-12)
    size, meeting = power(model)
    assert size[meeting % 2 == 0].max() < 1e-24
    assert size.sum() > 1e-3


@pytest.mark.parametrize(("n", "layers"), SIZES)
def test_brickwork_has_even_and_odd_terms(n, layers):
    """Mean over ten draws of angles; one layer on an even number has one fifth on average."""
    start = layered_classifier(n, layers, np.random.default_rng(0))
    shares = [even_share(anywhere(start, seed)) for seed in range(10)]
    assert 0.04 < np.mean(shares) < 0.6


def test_one_layer_of_brickwork_by_hand():
    """Carried back, Z becomes cos β Z − sin β (cos α X + sin α Y), and CZ gives X its partner's Z.

    The state of a feature has the Bloch vector (sin x, 0, cos x), so Y reads nothing.
    """
    n = 5
    model = anywhere(layered_classifier(n, 1, np.random.default_rng(0)), 3)
    shift, alpha, beta = model.parameter_values.reshape(3, n)
    X = np.random.default_rng(1).uniform(-9, 9, (20, n))
    turned = X + shift
    partner = np.cos(turned[:, [1, 0, 3, 2, 4]])
    partner[:, 4] = 1.0  # nobody is left for the last qubit
    together = np.sin(beta) * np.cos(alpha) * np.sin(turned) * partner
    by_hand = np.cos(beta) * np.cos(turned) - together
    np.testing.assert_allclose(model.values(X), by_hand.mean(axis=1), atol=1e-12)
    pairs = (np.sin(beta) * np.cos(alpha))[:4] ** 2 / 4
    alone = np.append(np.cos(beta) ** 2, (np.sin(beta) * np.cos(alpha))[4] ** 2) / 2
    expected = pairs.sum() / (pairs.sum() + alone.sum())
    assert even_share(model) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_in_the_bulk_only_matchings_with_rotations_between_break_the_parity(layers):
    """A qubit in the middle of a chain, whose light cone (1 + 2 L sites) touches no end."""
    q, x = cirq.LineQubit.range(8), sympy.symbols("x_:8")
    first = ansatz.angle_encoding(q, x)
    cz = cirq.Circuit(cirq.CZ(*pair) for pair in pairwise(q))
    _, names = hardware_efficient_layers(q, layers)
    chain = cirq.Circuit()
    for a, b in np.array(names, dtype=object).reshape(layers, 2, 8):
        turns = [(cirq.rz(s)(p), cirq.ry(t)(p)) for s, t, p in zip(a, b, q)]
        chain += cz + cirq.Circuit(turns)
    bricks, same_names = brickwork_layers(q, layers)
    assert same_names == names
    shares = []
    for seed in range(20):
        drawn = dict(zip(names, np.random.default_rng(seed).uniform(0, 7, len(names))))
        middle = [qxai.PQC(first + c, x, cirq.Z(q[4]), drawn) for c in (chain, bricks)]
        shares.append([even_share(model) for model in middle])
    chained, built = np.array(shares).T
    assert chained.max() < 1e-24
    assert built.mean() > 0.05


@pytest.mark.parametrize(("n", "layers"), [(8, 1), (8, 2), (8, 3), (7, 2), (3, 2), (2, 3), (1, 1)])
def test_how_many_features_meet(n, layers):
    """At most two in each layer more, and no more than there are."""
    model = anywhere(layered_classifier(n, layers, np.random.default_rng(0)), 1)
    assert model.multilinear().interaction_order == min(2 * layers, n)
    assert len(model.parameters) == n + 2 * n * layers


@pytest.mark.parametrize("layers", [1, 2])
def test_without_a_first_turn_two_layers_make_no_term_of_sines_alone(layers):
    """In the first matching each pair holds at most one Pauli, and CZ gives its X the other's Z."""
    q, x = cirq.LineQubit.range(6), sympy.symbols("x_:6")
    bricks, names = brickwork_layers(q, layers)
    drawn = np.random.default_rng(0).uniform(0, 7, len(names))
    bare = qxai.PQC(ansatz.angle_encoding(q, x) + bricks, x, mean_z(q), dict(zip(names, drawn)))
    X = np.pi / 2 + np.pi * np.random.default_rng(1).integers(-3, 3, (20, 6))
    np.testing.assert_allclose(bare.values(X), 0, atol=1e-12)
    turned = anywhere(layered_classifier(6, layers, np.random.default_rng(0)), 1)
    assert np.abs(turned.values(X)).max() > 0.05


@pytest.mark.parametrize("n", [4, 5, 8])
def test_two_layers_hold_each_wave_and_each_product_of_two_neighbours(n):
    """cos and sin of one feature; all four products of the features i and i + 1."""
    C = anywhere(layered_classifier(n, 2, np.random.default_rng(0)), 5).polynomial().coefficients
    for i in range(n - 1):
        rest = tuple(0 if k not in (i, i + 1) else slice(None) for k in range(n))
        held = np.abs(C[rest])
        held[0, 0] = 1.0  # the constant belongs to the readout
        assert held.min() > 1e-6, (i, held)


def test_layers_can_be_numbered_from_any_on():
    q = cirq.LineQubit.range(5)
    both, names = brickwork_layers(q, 2)
    joined = [op.qubits for op in both.all_operations() if len(op.qubits) == 2]
    assert joined == [(q[0], q[1]), (q[2], q[3]), (q[1], q[2]), (q[3], q[4])]
    (one, early), (two, late) = (brickwork_layers(q, 1, f"t{k}", first=k) for k in (0, 1))
    values = np.random.default_rng(0).uniform(0, 7, 20)
    whole = cirq.resolve_parameters(both, dict(zip(names, values)))
    parts = cirq.resolve_parameters(one + two, dict(zip(early + late, values)))
    np.testing.assert_allclose(whole.unitary(), parts.unitary(), atol=1e-7)


def fitted(model, X, y, affine):
    rng = np.random.default_rng(0)
    return qxai.fit(model, X, y, epochs=60, learning_rate=0.1, rng=rng, affine=affine).model


def unexplained(model, X, y):
    """1 − R²."""
    return np.mean((model.values(X) - y) ** 2) / np.var(y)


@pytest.mark.parametrize(
    "planted",
    [
        lambda X: np.cos(X[:, 0]) * np.cos(X[:, 1]),
        lambda X: np.cos(X[:, 1] - 0.4) * np.cos(X[:, 2] + 0.9),
    ],
)
def test_brickwork_fits_a_product_of_two_cosines_and_a_ring_cannot(planted):
    """For x and x + π together, an odd f and an even y: E(f − y)² = E f² + E y² ≥ Var y."""
    half = np.random.default_rng(1).uniform(-np.pi, np.pi, (80, 3))
    X = np.concatenate([half, half + np.pi])
    y = planted(X)
    rng = np.random.default_rng(2)
    ring = fitted(ring_classifier(3, 3, rng), X, y, affine=False)
    assert unexplained(ring, X, y) >= 1
    moved = fitted(ring_classifier(3, 3, rng), X, y, affine=True)  # a constant, and no more
    assert unexplained(moved, X, y) >= 1
    bricks = fitted(layered_classifier(3, 3, rng), X, y, affine=True)
    fresh = np.random.default_rng(3).uniform(-np.pi, np.pi, (200, 3))
    assert unexplained(bricks, fresh, planted(fresh)) < 0.02


@pytest.mark.parametrize("build", [layered_classifier, ring_classifier])
def test_an_offset_needs_the_affine_readout(build):
    """Tr M = 0 and all qubits encoded: the mean over all inputs is the observable's constant."""
    X = np.stack(np.meshgrid(*[np.arange(4) * np.pi / 2] * 3), axis=-1).reshape(-1, 3)
    y = np.cos(X[:, 0]) / 4 + 0.6
    plain = fitted(build(3, 2, np.random.default_rng(2)), X, y, affine=False)
    assert abs(plain.values(X).mean()) < 1e-12
    assert np.mean((plain.values(X) - y) ** 2) >= 0.6**2
    moved = fitted(build(3, 2, np.random.default_rng(2)), X, y, affine=True)
    constant = sum(term.coefficient.real for term in moved.observable if not term.qubits)
    assert moved.values(X).mean() == pytest.approx(constant, abs=1e-12)
    assert unexplained(moved, X, y) < 0.02


def test_stored_numbers_are_angles_scale_and_offset():
    model = layered_classifier(3, 2, np.random.default_rng(0)).on(qxai.Statevector())
    numbers = np.random.default_rng(1).normal(size=17)
    again = restored(model, numbers)
    X = np.random.default_rng(2).normal(size=(5, 3))
    raw = model.with_parameters(numbers[:15]).values(X)
    np.testing.assert_allclose(again.values(X), numbers[15] * raw + numbers[16], atol=1e-12)
    assert isinstance(again, qxai.PQC)
    np.testing.assert_array_equal(again.parameter_values, numbers[:15])
    message = r"numbers: expected shape \(17,\), angles, scale and offset, found \(15,\)"
    with pytest.raises(ValueError, match=message):
        restored(model, numbers[:15])
    restored(model, [*numbers[:15], 1.0, 0.0])  # as the message says


def test_layers_on_a_graph_are_those_of_a_ring_where_it_is_one():
    q = cirq.LineQubit.range(4)
    ring = [(q[i], q[(i + 1) % 4]) for i in range(4)]
    found, symbols = graph_layers(q, ring, 2)
    assert (found, symbols) == hardware_efficient_layers(q, 2)


def test_layers_without_power_join_nothing():
    """CZ to the 0 is nothing: terms of one feature. To the 1, a qubit meets its neighbours."""
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    orders = []
    for power in (0.0, 0.2, 1.0):
        layers, symbols = graph_layers(q, [(q[0], q[1]), (q[1], q[2])], 1, power=power)
        angles = np.random.default_rng(0).uniform(-3, 3, len(symbols))
        circuit = angle_encoding(q, x) + layers
        model = qxai.PQC(circuit, x, cirq.Z(q[1]), dict(zip(symbols, angles)))
        orders.append(model.polynomial().interaction_order)
    assert orders == [1, 3, 3]


def test_pairs_that_are_no_edges_are_refused():
    q = cirq.LineQubit.range(3)
    for pair in ((q[0], q[0]), (q[0], cirq.LineQubit(7))):
        with pytest.raises(ValueError, match="pairs: expected two different qubits in each"):
            graph_layers(q, [pair], 1)
