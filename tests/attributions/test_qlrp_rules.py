"""Zero, epsilon and gamma, behind a product encoding and inside a circuit, against definitions."""

import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings

import qxai
from tests import circuits, transcriptions

RULES = [
    (qxai.Zero(), "zero", 0.0),
    (qxai.Epsilon(0.05), "epsilon", 0.05),
    (qxai.Gamma(0.4), "gamma", 0.4),
]


def shared_by_support(relevance, features):
    """Share each string's relevance among the encoded qubits on which it acts."""
    result, bias = np.zeros(features), 0.0
    for string in np.ndindex(*relevance.shape):
        support = [q for q in range(features) if string[q]]
        for q in support:
            result[q] += relevance[string] / len(support)
        bias += relevance[string] if not support else 0.0
    return result, bias


@pytest.mark.parametrize(("rule", "kind", "strength"), RULES)
@pytest.mark.parametrize("per_layer", [1, 2, 9])
@settings(max_examples=6)
@given(seed=circuits.SEEDS)
def test_rules_behind_a_product_encoding(rule, kind, strength, per_layer, seed):
    """Every contribution written out, with one, two and all moments a layer."""
    model = circuits.encoding_first(seed, qubits=2, layers=1)
    (x,) = circuits.inputs(seed, model, 1)
    rest = range(1, len(model.circuit))
    groups = [list(rest[i : i + per_layer]) for i in range(0, len(rest), per_layer)]
    strings = transcriptions.qlrp_by_shares(model, x, 1, groups, kind, strength)
    expected, bias = shared_by_support(strings, 2)
    found = qxai.qlrp(model, x[None], rule, moments_per_layer=per_layer)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-9)
    np.testing.assert_allclose(found.baseline_output[0], bias, atol=1e-9)


@pytest.mark.parametrize(("rule", "kind", "strength"), RULES)
@pytest.mark.parametrize("make", [circuits.encoding_first, circuits.reuploading])
@settings(max_examples=6)
@given(seed=circuits.SEEDS)
def test_rules_inside_a_circuit(rule, kind, strength, make, seed):
    model = make(seed, qubits=2, layers=1) if make is circuits.encoding_first else make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    expected, left = transcriptions.qlrp_in_circuit(model, x, baseline, kind, strength)
    found = qxai.qlrp(model, x[None], rule, baseline=baseline)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-9)
    np.testing.assert_allclose(found.baseline_output[0], left, atol=1e-9)


@given(seed=circuits.SEEDS)
def test_one_encoding_moment_under_the_zero_rule_is_baseline_shapley(seed):
    model = circuits.encoding_first(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    found = qxai.qlrp(model, x[None], baseline=baseline)
    expected = qxai.shapley(model, x[None], baseline)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-11)


@given(seed=circuits.SEEDS)
def test_a_feature_on_two_qubits_of_one_moment_flips_one_coin(seed):
    """In `wide_features` a feature rotates two qubits at once; its coin is one coin."""
    model = circuits.wide_features(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    moved = x.copy()
    moved[2:] = baseline[2:]  # only the first moment's features move
    found = qxai.qlrp(model, moved[None], baseline=baseline)
    np.testing.assert_allclose(
        found.values, qxai.shapley(model, moved[None], baseline).values, atol=1e-11
    )


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_a_moments_total_is_what_the_output_changes_when_it_moves(make, seed):
    """Identity I13: features up to a moment at the input, later gates at the baseline."""
    model = make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    groups = np.zeros(len(x))
    ends = [moment_game(model, x, baseline, count) for count in range(len(model.circuit) + 1)]
    found = qxai.qlrp(model, x[None], baseline=baseline)
    for moment, (before, after) in zip(model.circuit, itertools.pairwise(ends)):
        present = cirq.parameter_symbols(moment) & set(model.features)
        if len(present) == 1:
            groups[model.features.index(present.pop())] += after - before
        elif present:
            return  # the total of several features is checked by the sum below
    np.testing.assert_allclose(found.values[0], groups, atol=1e-10)


def moment_game(model, x, baseline, count):
    """Output with the gates of the first moments at the input, the others at the baseline."""
    at_input = dict(zip(model.features, map(float, x)))
    at_baseline = dict(zip(model.features, map(float, baseline)))
    parts = cirq.resolve_parameters(model.circuit[:count], at_input)
    rest = cirq.resolve_parameters(model.circuit[count:], at_baseline)
    qubits = transcriptions.all_qubits(model.circuit, model.observable)
    whole = cirq.Circuit(*parts, *rest, cirq.I.on_each(*qubits))
    state = transcriptions.full_unitary(whole, model.parameters, qubits)[:, 0]
    measured = transcriptions.observable_matrix(model.observable, qubits)
    return (state.conj() @ measured @ state).real


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_relevance_that_reaches_the_initial_state_is_the_baseline_output(make, seed):
    """The other half of I13, and conservation by zero and gamma."""
    model = make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    zero = qxai.qlrp(model, x[None], baseline=baseline)
    np.testing.assert_allclose(zero.baseline_output, model.values(baseline[None]), atol=1e-11)
    for found in (zero, qxai.qlrp(model, x[None], qxai.Gamma(0.3), baseline=baseline)):
        np.testing.assert_allclose(found.residual, 0, atol=1e-10)


def test_an_early_gate_can_be_blamed_for_what_a_later_one_undoes():
    """``cos x₀`` written as RY(x₁) RY(x₀) RY(−x₁): no dummy axiom inside a circuit."""
    q, (x0, x1) = cirq.LineQubit(0), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(x1)(q), cirq.ry(x0)(q), cirq.ry(-x1)(q))
    model = qxai.PQC(circuit, [x0, x1], cirq.Z(q))
    X = np.array([[0.6, 1.1]])
    found = qxai.qlrp(model, X, baseline=0.0)
    first = np.cos(1.1) - 1  # x₁ enters, nothing has undone it yet
    second = np.cos(1.7) - np.cos(1.1)
    np.testing.assert_allclose(found.values, [[second, first + np.cos(0.6) - np.cos(1.7)]])
    np.testing.assert_allclose(found.residual, 0, atol=1e-15)
    assert abs(found.values[0, 1]) > 0.3
    np.testing.assert_allclose(qxai.shapley(model, X).values[0, 1], 0, atol=1e-15)


@given(seed=circuits.SEEDS)
def test_players_can_be_features_that_hold_several_qubits(seed):
    """Shapley values of the depolarising game whose players take all their qubits with them."""
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:2")
    rng = np.random.default_rng(seed)
    symbols = list(sympy.symbols("t:100"))
    circuit = cirq.Circuit(
        cirq.Moment(cirq.ry(x[0])(q[0]), cirq.rx(x[0])(q[1]), cirq.ry(x[1])(q[2]))
    )
    for _ in range(2):
        circuit += cirq.Circuit(circuits.trainable_layer(rng, q, symbols))
    model = circuits.bind(rng, circuit, x, circuits.random_observable(rng, q))
    point = rng.uniform(-3, 3, 2)
    game = transcriptions.depolarised_game(model, point, 1, q)
    qubits_of = {0: {0, 1}, 1: {2}}

    def value(features):
        return game(set().union(*(qubits_of[i] for i in features)))

    expected = transcriptions.shapley_of_game(value, 2)
    found = qxai.qlrp(model, point[None], players="features")
    np.testing.assert_allclose(found.values[0], expected, atol=1e-11)
    layered = qxai.qlrp(model, point[None], qxai.Gamma(1e-9), players="features")
    np.testing.assert_allclose(layered.values[0], expected, atol=1e-5)


def test_features_that_share_a_qubit_cannot_be_players():
    with pytest.raises(ValueError, match=r"players: expected at most one feature on each qubit"):
        qxai.qlrp(circuits.wide_features(1), np.zeros((1, 4)), players="features")


def test_gamma_leaves_clifford_layers_alone_and_the_limits_are_the_zero_rule():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    encoding = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    clifford = encoding + cirq.Circuit(cirq.H(q[0]), cirq.CZ(*q), cirq.X(q[1]) ** 0.5)
    model = qxai.PQC(clifford, x, cirq.X(q[0]) + 0.4 * cirq.Z(q[1]) * cirq.X(q[0]))
    X = np.array([[0.4, 1.2]])
    zero = qxai.qlrp(model, X)
    np.testing.assert_allclose(qxai.qlrp(model, X, qxai.Gamma(3.0)).values, zero.values)
    general = circuits.encoding_first(5, qubits=2)
    zero = qxai.qlrp(general, X)
    for rule in (qxai.Gamma(1e-10), qxai.Epsilon(1e-13)):
        np.testing.assert_allclose(qxai.qlrp(general, X, rule).values, zero.values, atol=1e-6)
    wider = circuits.encoding_first(2, qubits=3)
    X = circuits.inputs(2, wider, 2)
    assert (
        np.abs(qxai.qlrp(wider, X, qxai.Gamma(1.0)).values - qxai.qlrp(wider, X).values).max()
        > 1e-3
    )


def test_epsilon_absorbs_and_says_so():
    model = circuits.encoding_first(3, qubits=3)
    X = circuits.inputs(3, model)
    assert np.abs(qxai.qlrp(model, X, qxai.Epsilon(0.1)).residual).min() > 1e-4


def test_a_constant_in_the_observable_is_bias_under_every_rule():
    """The identity string is 1 in every state; epsilon must not take it for a strong activation."""
    model = circuits.encoding_first(3, qubits=3)
    X = circuits.inputs(3, model)
    shifted = qxai.PQC(model.circuit, model.features, model.observable + 2.5, model.parameters)
    for rule, _, _ in RULES:
        for baseline in (None, 0.3):
            before = qxai.qlrp(model, X, rule, baseline)
            after = qxai.qlrp(shifted, X, rule, baseline)
            np.testing.assert_allclose(after.values, before.values, atol=1e-12)
            np.testing.assert_allclose(after.baseline_output, before.baseline_output + 2.5)


@given(seed=circuits.SEEDS)
def test_the_first_effect_of_noise_is_relevance_times_support(seed):
    """``dF/dp(0) = −Σ_P |supp P| R_P`` under local depolarising noise ``p`` after the encoding."""
    model = circuits.encoding_first(seed)
    X = circuits.inputs(seed, model, 2)
    pauli = model.pauli_polynomial()
    support = (pauli.strings > 0).sum(axis=1).astype(float)
    expected = -pauli.weighted(X, support[:, None])[:, 0]
    step = 1e-6

    def under_noise(p):
        return pauli.weighted(X, ((1 - p) ** support)[:, None])[:, 0]

    slope = (under_noise(step) - under_noise(-step)) / (2 * step)
    np.testing.assert_allclose(slope, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"rule": qxai.Zero}, TypeError, r"rule: expected qxai.Zero\(\)"),
        ({"players": "gates"}, ValueError, "players: expected"),
        ({"moments_per_layer": 0}, ValueError, "moments_per_layer: expected"),
        ({"baseline": [1.0]}, ValueError, "baseline: expected"),
    ],
)
def test_bad_arguments_are_refused(change, kind, message):
    with pytest.raises(kind, match=message):
        qxai.qlrp(circuits.encoding_first(3, qubits=2), np.zeros((1, 2)), **change)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_bad_strengths_are_refused(value):
    with pytest.raises(ValueError, match=r"epsilon: expected a positive number"):
        qxai.Epsilon(value)
    with pytest.raises(ValueError, match=r"gamma: expected a positive number"):
        qxai.Gamma(value)


def test_a_gate_with_two_features_is_refused_by_name():
    q, x = cirq.LineQubit(0), sympy.symbols("x:2")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x[0] * x[1])(q)), x, cirq.Z(q))
    with pytest.raises(ValueError, match=r"do not meet in a product .* found x0, x1 in one"):
        qxai.qlrp(model, [[1.0, 2.0]], baseline=0.0)


def test_evaluations_of_rules():
    model = circuits.reuploading(3)
    X = circuits.inputs(3, model)
    moments = len(model.circuit)
    zero = qxai.qlrp(model, X, baseline=0.0)
    assert zero.evaluations == len(X) * 2 * (2 * 2 * 1)  # two uploads of two features each
    n = model.num_qubits
    gamma = qxai.qlrp(model, X, qxai.Gamma(0.1), baseline=0.0)
    assert gamma.evaluations == len(X) * (moments + 1) * 3**n


@pytest.mark.parametrize("rule", [qxai.Zero(), qxai.Gamma(0.3)])
def test_relevance_between_layers_starts_at_the_data_and_ends_at_the_readout(rule):
    model = circuits.encoding_first(7, qubits=3)
    X = circuits.inputs(7, model, 2)
    flow = qxai.qlrp_layers(model, X, rule)
    end = qxai.qlrp(model, X, rule)
    encoded = model.pauli_polynomial().encoded_qubits
    if model.num_qubits == 3:
        np.testing.assert_allclose(flow[:, 0, encoded], end.values, atol=1e-11)
    qubits = transcriptions.all_qubits(model.circuit, model.observable)
    identity = sum(s.coefficient.real for s in model.observable if not s.qubits)
    total = np.repeat((end.output - identity)[:, None], flow.shape[1], axis=1)
    np.testing.assert_allclose(flow.sum(axis=2), total, atol=1e-10)
    value = np.zeros((2, model.num_qubits))
    for string in model.observable:
        part = qxai.PQC(model.circuit, model.features, string, model.parameters).values(X)
        for qubit in string.qubits:
            value[:, qubits.index(qubit)] += part / len(string.qubits)
    np.testing.assert_allclose(flow[:, -1], value, atol=1e-11)
