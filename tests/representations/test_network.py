"""Layers of Pauli activations against dense matrices built from their definition."""

import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings

import qxai
from qxai.representations import network as networks
from tests import circuits, transcriptions

RULES = [
    (qxai.Zero(), "zero", 0.0),
    (qxai.Epsilon(0.05), "epsilon", 0.05),
    (qxai.Gamma(0.4), "gamma", 0.4),
]
PAIRS = (cirq.CZ, cirq.CX, cirq.SWAP, cirq.ISWAP)
TURNS = (cirq.XX, cirq.ISWAP, cirq.SWAP, cirq.YY, cirq.CZ)
CLIFFORDS = (cirq.H, cirq.S, cirq.X, cirq.Y, cirq.Z, cirq.X**0.5, cirq.Z**-0.5)


def moments(rng, qubits, count):
    """Moments of Clifford gates, rotations and turns by two qubits, in any order of qubits."""
    for _ in range(count):
        order = [qubits[i] for i in rng.permutation(len(qubits))]
        clifford, gates = rng.random() < 0.6, []
        while order:
            if len(order) > 1 and rng.random() < 0.5:
                kind = PAIRS[rng.integers(len(PAIRS))]
                if not clifford and rng.random() < 0.5:
                    kind = TURNS[rng.integers(len(TURNS))] ** rng.uniform(-1, 1)
                gates.append(kind(order.pop(), order.pop()))
            elif clifford or rng.random() < 0.3:
                gates.append(CLIFFORDS[rng.integers(len(CLIFFORDS))](order.pop()))
            else:
                gates.append(circuits.ROTATIONS[rng.integers(3)](rng.uniform(-3, 3))(order.pop()))
        yield cirq.Moment(gates[: max(1, len(gates) - rng.integers(2))])


def ring(qubits):
    """CZ gates around a ring, the last one between qubits far apart."""
    return [cirq.Moment(cirq.CZ(a, b)) for a, b in zip(qubits, [*qubits[1:], qubits[0]])]


def encoded(seed, n, count=3):
    """A product encoding, a ring and moments of all kinds."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    encoding = cirq.Moment(cirq.ry(a)(b) for a, b in zip(x, q))
    parts = [*ring(q), *moments(rng, q, count), *ring(q)[::-1], *moments(rng, q, 1)]
    circuit = cirq.Circuit([encoding, *parts])
    return qxai.PQC(circuit, x, circuits.random_observable(rng, q))


def uploaded(seed, n=2):
    """Features at the beginning, once more inside, and one on two qubits at a time."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    first = cirq.Moment(circuits.ROTATIONS[rng.integers(3)](a)(b) for a, b in zip(x, q))
    again = cirq.Moment(cirq.rx(2 * x[0])(q[1]), cirq.ry(x[1])(q[0]))
    turned = cirq.Moment((cirq.XX ** (x[1] / sympy.pi))(q[-1], q[0]))
    parts = [first, *ring(q), *moments(rng, q, 1), again, *moments(rng, q, 1), *ring(q), turned]
    circuit = cirq.Circuit([*parts, *moments(rng, q, 1)])
    return qxai.PQC(circuit, x, circuits.random_observable(rng, q))


def dense(moment, qubits, values):
    """``T_PQ = Tr(P U Q U†) / 2^n`` of a moment on all qubits."""
    u = transcriptions.full_unitary(cirq.Circuit(moment), values, qubits)
    letters = itertools.product(range(4), repeat=len(qubits))
    strings = np.array([transcriptions.pauli_matrix(string) for string in letters])
    images = u @ strings @ u.conj().T
    traces = strings.reshape(len(strings), -1) @ images.swapaxes(1, 2).reshape(len(strings), -1).T
    return traces.real / len(u)


def build(model, X, baseline=None):
    parts = (model.compiled, X, model.parameter_values)
    if baseline is None:
        return next(networks.encoded_networks(*parts, 1))[1]
    return next(networks.moment_networks(*parts, baseline, 1))[1]


def assert_multiplies(layer, matrix, vectors):
    """All four products with a layer; dense matrices (N, S, S), vectors (S, N)."""
    matrix = np.broadcast_to(matrix, (vectors.shape[1], *matrix.shape[1:]))
    for found, expected in (
        (layer.forward(vectors), matrix),
        (layer.backward(vectors), matrix.swapaxes(1, 2)),
        (layer.forward_absolute(vectors), np.abs(matrix)),
        (layer.backward_absolute(vectors), np.abs(matrix).swapaxes(1, 2)),
    ):
        np.testing.assert_allclose(found, np.einsum("nij,jn->in", expected, vectors), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@settings(max_examples=6, deadline=None)
@given(seed=circuits.SEEDS)
def test_layers_are_the_moments_transfer_matrices(n, seed):
    model = encoded(seed, n) if n > 1 else circuits.encoding_first(seed, qubits=1)
    network = build(model, circuits.inputs(seed, model, 2))
    qubits = transcriptions.all_qubits(model.circuit, model.observable)
    vectors = np.random.default_rng(seed).normal(size=(4 ** len(qubits), 2))
    _, rest = transcriptions.split_at(model, 1)
    assert len(network.layers) == len(rest)
    for layer, moment in zip(network.layers, rest):
        matrix = dense(moment, qubits, model.parameters)
        assert_multiplies(layer, matrix[None], vectors)
        whole = np.isclose(np.abs(matrix), 0) | np.isclose(np.abs(matrix), 1)
        assert layer.permutes == whole.all()


def test_gates_on_qubits_far_apart_and_the_last_but_one():
    """Five qubits: pairs with one, two and three qubits between, and products at either end."""
    q, x = cirq.LineQubit.range(5), sympy.symbols("x:5")
    pairs = [(0, 4), (3, 1), (3, 0), (2, 3), (4, 3), (1, 0)]
    parts = [cirq.Moment((cirq.XX**0.3)(q[a], q[b]), cirq.ry(0.4)(q[2])) for a, b in pairs[:2]]
    parts += [cirq.Moment((cirq.ISWAP**0.3)(q[a], q[b])) for a, b in pairs[2:]]
    parts += [cirq.Moment(cirq.rx(0.3)(one), cirq.CX(*two)) for one, two in ((q[3], q[1::-1]),)]
    parts += [cirq.Moment(cirq.rz(0.3 + i)(one) for i, one in enumerate(q))]
    encoding = cirq.Moment(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.PQC(cirq.Circuit([encoding, *parts]), x, cirq.Z(q[0]))
    vectors = np.random.default_rng(1).normal(size=(4**5, 3))
    network = build(model, np.zeros((3, 5)))
    for layer, moment in zip(network.layers, parts, strict=True):
        assert_multiplies(layer, dense(moment, q, {})[None], vectors)


@settings(max_examples=8, deadline=None)
@given(seed=circuits.SEEDS)
def test_layers_with_features_inside_differ_for_each_input(seed):
    model = uploaded(seed, 3)
    X, baseline = circuits.inputs(seed, model, 3), circuits.inputs(seed + 1, model, 3)
    network = build(model, X, baseline)
    qubits = transcriptions.all_qubits(model.circuit, model.observable)
    vectors = np.random.default_rng(seed).normal(size=(64, 3))
    for layer, moment in zip(network.layers, model.circuit, strict=True):
        absent, present = (
            np.stack([dense(moment, qubits, dict(zip(model.features, map(float, x)))) for x in at])
            for at in (baseline, X)
        )
        assert_multiplies(layer, absent, vectors)
        change = np.einsum("nij,jn->in", present - absent, vectors)
        np.testing.assert_allclose(
            sum(layer.contributions(vectors), 0 * change), change, atol=1e-12
        )


@settings(max_examples=8, deadline=None)
@given(seed=circuits.SEEDS)
def test_neighbouring_permutations_are_one(seed):
    """The shortened network is the same map; its joined layers multiply as all of theirs do."""
    model = encoded(seed, 3)
    X = circuits.inputs(seed, model, 2)
    network = build(model, X)
    runs = [layer for layer in network.shortened if layer not in network.layers]
    assert len(runs) == len([r for r in runs_of(network.layers) if len(r) > 1]) > 0
    vectors = np.random.default_rng(seed).normal(size=(64, 2))
    for layer, run in zip(runs, (r for r in runs_of(network.layers) if len(r) > 1)):
        matrix = np.linalg.multi_dot([np.eye(64), *(m.forward(np.eye(64)) for m in run[::-1])])
        assert_multiplies(layer, matrix[None], vectors)
        assert (np.rint(np.abs(matrix)).sum(axis=1) == 1).all()
        assert layer.permutes
        assert not layer.features
        assert not layer.contributions(vectors)


def test_a_ring_that_comes_again_is_laid_out_once():
    """Each ring costs several numbers for every string; layers with many rings keep one."""
    model = qxai.ansatz.ring_classifier(4, 3, np.random.default_rng(0))
    found = build(model, np.zeros((1, 4)))
    joined = [layer for layer in found.shortened if layer not in found.layers]
    assert len(joined) == 3
    assert joined[0] is joined[1] is joined[2]
    parts = networks.encoded_networks(
        model.compiled, np.zeros((5000, 4)), model.parameter_values, 1
    )
    assert all(a.shortened[0] is b.shortened[0] for (_, a), (_, b) in itertools.pairwise(parts))


def runs_of(layers):
    runs = [[]]
    for layer in layers:
        if layer.permutes:
            runs[-1].append(layer)
        else:
            runs.append([])
    return runs


@pytest.mark.parametrize(("rule", "kind", "strength"), RULES)
@settings(max_examples=2, deadline=None)
@given(seed=circuits.SEEDS)
def test_rules_through_rings_and_gates_of_all_kinds(rule, kind, strength, seed):
    """Contribution by contribution and moment by moment, though permutations are joined."""
    model = encoded(seed, 3, count=2)
    (x,) = circuits.inputs(seed, model, 1)
    groups = [[moment] for moment in range(1, len(model.circuit))]
    strings = transcriptions.qlrp_by_shares(model, x, 1, groups, kind, strength)
    expected = np.zeros(3)
    for string in np.ndindex(*strings.shape):
        acting = [q for q in range(3) if string[q]]
        for qubit in acting:
            expected[qubit] += strings[string] / len(acting)
    found = qxai.qlrp(model, x[None], rule)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-10)
    flow = qxai.qlrp_layers(model, x[None], rule)
    assert flow.shape[1] == len(model.circuit)
    if kind != "zero":  # layers of the circuit count, whether or not they are joined
        assert found.evaluations == len(model.circuit) * 3**3
    np.testing.assert_allclose(flow[0, 0], expected, atol=1e-10)


@pytest.mark.parametrize(("rule", "kind", "strength"), RULES)
@settings(max_examples=4, deadline=None)
@given(seed=circuits.SEEDS)
def test_rules_through_rings_with_features_inside(rule, kind, strength, seed):
    model = uploaded(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    expected, left = transcriptions.qlrp_in_circuit(model, x, baseline, kind, strength)
    found = qxai.qlrp(model, x[None], rule, baseline=baseline)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-10)
    np.testing.assert_allclose(found.baseline_output[0], left, atol=1e-10)


def test_a_turn_by_almost_nothing_is_no_permutation():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    for angle, permutes in ((1e-3, False), (1e-9, False), (0.0, True), (np.pi / 2, True)):
        encoding = cirq.Moment(cirq.ry(a)(b) for a, b in zip(x, q))
        circuit = cirq.Circuit([encoding, cirq.Moment(cirq.CZ(*q))])
        circuit.append(cirq.Moment(cirq.rx(angle)(q[0])))
        model = qxai.PQC(circuit, x, cirq.Z(q[0]))
        assert build(model, np.zeros((1, 2))).layers[-1].permutes == permutes


@pytest.mark.parametrize("rule", [rule for rule, _, _ in RULES])
def test_the_number_of_inputs_does_not_matter(monkeypatch, rule):
    """Alone, in pieces of 7 and 300 at once: the same to rounding."""
    model = uploaded(5, 3)
    first = encoded(5, 3)
    X = circuits.inputs(5, model, 300)
    explanations = (
        lambda X, start: qxai.qlrp(model, X, rule, baseline=start).values,
        lambda X, start: qxai.qlrp(first, X, rule).values,
        lambda X, start: qxai.qlrp_layers(first, X, rule),
        lambda X, start: qxai.gate_shapley(first, X).values,
    )
    for explain in explanations:
        whole = explain(X, X[::-1] / 2)
        assert len(whole) == 300
        for i in (0, 150, 299):
            alone = explain(X[i : i + 1], X[::-1][i : i + 1] / 2)
            np.testing.assert_allclose(alone[0], whole[i], rtol=0, atol=1e-13)
        with monkeypatch.context() as patch:
            patch.setattr(networks, "CACHED", 8 * 4**3 * 7)
            patch.setattr(networks, "LIMIT", 64 * 4**3 * 40 * 20)
            pieces = explain(X, X[::-1] / 2)
        np.testing.assert_allclose(pieces, whole, rtol=0, atol=1e-13)


def test_activations_stay_in_the_cache():
    """However many inputs there are, few are taken at a time, and one if it is large."""
    X = np.zeros((2000, 5))
    model = encoded(1, 5)
    found = [
        (rows, net.initial.nbytes)
        for rows, net in networks.encoded_networks(model.compiled, X, model.parameter_values, 1)
    ]
    assert max(size for _, size in found) == networks.CACHED
    assert np.concatenate([np.arange(2000)[rows] for rows, _ in found]).tolist() == list(
        range(2000)
    )
