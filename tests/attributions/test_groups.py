"""Groups as players: one coin decides about all features of a group."""

import itertools
import math

import cirq
import numpy as np
import pytest
import sympy

import qxai
from tests import circuits

D = 5
GROUPS = {"pair": [3, 1], "rest": [0, 4]}  # and feature 2 by itself
PARTS = [[0, 4], [1, 3], [2]]
DRAW = np.random.default_rng(3)
INPUTS, POINT, SAMPLE = (DRAW.uniform(-2, 2, shape) for shape in ((3, D), (D,), (4, D)))


def model():
    q, x = cirq.LineQubit.range(D), sympy.symbols(f"x:{D}")
    layers, symbols = qxai.ansatz.hardware_efficient_layers(q, 2)
    circuit = qxai.ansatz.angle_encoding(q, x) + layers + qxai.ansatz.angle_encoding(q[:2], x[:2])
    draw = np.random.default_rng(0).uniform(-1, 1, len(symbols))
    readout = cirq.Z(q[0]) * cirq.Z(q[1]) + 0.5 * cirq.X(q[3])
    return qxai.PQC(circuit, x, readout, dict(zip(symbols, draw)))


MODEL = model()
FUNCTION = qxai.Function(MODEL.values, num_features=D)


def transcribed(x, absent):
    """Shapley values of groups from the definition, over all orders in which they come."""

    def v(present):
        there = [i for g in present for i in PARTS[g]]
        rows = np.array([np.where(np.isin(range(D), there), x, row) for row in absent])
        return MODEL.values(rows).mean()

    values = np.zeros(len(PARTS))
    for order in itertools.permutations(range(len(PARTS))):
        for k, g in enumerate(order):
            values[g] += (v(order[: k + 1]) - v(order[:k])) / math.factorial(len(PARTS))
    return values


@pytest.mark.parametrize("who", [MODEL, FUNCTION], ids=["contracted", "enumerated"])
@pytest.mark.parametrize("absent", [POINT, SAMPLE], ids=["point", "rows"])
def test_shapley_values_of_groups_are_those_of_the_definition(who, absent):
    baseline = POINT if absent is POINT else qxai.Background(SAMPLE)
    found = qxai.shapley(who, INPUTS, baseline, groups=GROUPS)
    expected = [transcribed(x, np.atleast_2d(absent)) for x in INPUTS]
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.feature_names == ("rest", "pair", "x2")
    assert found.groups == tuple(map(tuple, PARTS))


def test_one_coin_is_not_the_sum_of_its_features_coins():
    found = qxai.shapley(MODEL, INPUTS, POINT, groups=GROUPS).values
    alone = qxai.shapley(MODEL, INPUTS, POINT).values
    summed = np.stack([alone[:, part].sum(axis=1) for part in PARTS], axis=1)
    assert np.abs(found - summed).max() > 0.01
    np.testing.assert_allclose(found.sum(axis=1), summed.sum(axis=1), atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_contracted_and_enumerated_groups_agree(seed):
    some = circuits.encoding_first(seed, qubits=4)
    rng = np.random.default_rng(seed)
    marks = rng.integers(0, 3, some.num_features)
    X = rng.uniform(-3, 3, (2, some.num_features))
    exact = qxai.shapley(some, X, 0.3, groups=marks)
    counted = qxai.shapley(
        qxai.Function(some.values, num_features=some.num_features), X, 0.3, groups=marks
    )
    np.testing.assert_allclose(exact.values, counted.values, atol=1e-12)


def test_every_form_of_a_model_knows_groups():
    once = circuits.encoding_first(3, qubits=4)
    X = np.random.default_rng(0).uniform(-2, 2, (2, 4))
    groups = [[0, 2]]
    expected = qxai.shapley(once.polynomial(), X, groups=groups).values
    for form in (once, once.pauli_polynomial(), once.multilinear()):
        np.testing.assert_allclose(
            qxai.shapley(form, X, groups=groups).values, expected, atol=1e-12
        )
    marginals = qxai.Marginals(X)
    rows = np.array(list(itertools.product(*X.T)))
    found = qxai.shapley(once, X, marginals, groups=groups).values
    expected = qxai.shapley(once, X, qxai.Background(rows), groups=groups).values
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_groups_of_one_are_the_features():
    found = qxai.shapley(MODEL, INPUTS, POINT, groups=[[i] for i in range(D)])
    np.testing.assert_array_equal(found.values, qxai.shapley(MODEL, INPUTS, POINT).values)
    assert found.groups is None


def test_one_group_of_all_gets_everything():
    for method in (qxai.shapley, qxai.occlusion, qxai.taylor):
        found = method(MODEL, INPUTS, POINT, groups=[range(D)])
        change = MODEL.values(INPUTS) - MODEL.values(POINT[None])
        np.testing.assert_allclose(found.values[:, 0], change, atol=1e-12)


def test_occlusion_and_taylor_move_a_group_at_once():
    without, alone = INPUTS[:1].repeat(3, axis=0), POINT[None].repeat(3, axis=0)
    for g, part in enumerate(PARTS):
        without[g, part], alone[g, part] = POINT[part], INPUTS[0, part]
    lost = MODEL.values(INPUTS[:1]) - MODEL.values(without)
    won = MODEL.values(alone) - MODEL.values(POINT[None])
    found = qxai.occlusion(MODEL, INPUTS[:1], POINT, groups=GROUPS).values[0]
    np.testing.assert_allclose(found, lost, atol=1e-13)
    found = qxai.taylor(MODEL, INPUTS[:1], POINT, groups=GROUPS).values[0]
    np.testing.assert_allclose(found, won, atol=1e-13)


def test_lime_moves_a_group_by_one_step():
    """The slope of a linear function along a common step is the sum of its slopes."""
    weights = np.array([3.0, -1.0, 2.0, 0.5, 1.0])
    linear = qxai.Function(lambda X: X @ weights, num_features=D)
    found = qxai.lime(linear, INPUTS, ridge=0, samples=30, rng=DRAW, groups=GROUPS)
    expected = [weights[part].sum() for part in PARTS]
    np.testing.assert_allclose(found.values, np.broadcast_to(expected, (3, 3)), atol=1e-9)


def test_limits_of_lime_and_finite_orders_of_taylor_refuse_groups_with_advice_that_works():
    with pytest.raises(ValueError, match="pass samples= and rng="):
        qxai.lime(MODEL, INPUTS, groups=GROUPS)
    qxai.lime(MODEL, INPUTS, samples=50, rng=DRAW, groups=GROUPS)
    with pytest.raises(ValueError, match=r"order=math.inf takes groups"):
        qxai.taylor(MODEL, INPUTS, order=2, groups=GROUPS)
    qxai.taylor(MODEL, INPUTS, order=math.inf, groups=GROUPS)


def test_qlrp_depolarises_a_group_at_once():
    """Against Shapley values of the game in which a group's Bloch vectors vanish together."""
    some = circuits.encoding_first(7, qubits=4)
    pauli = some.pauli_polynomial()
    X = np.random.default_rng(1).uniform(-2, 2, (2, 4))
    parts = [[0, 2], [1], [3]]
    found = qxai.qlrp(some, X, groups=[[2, 0]])
    terms = transcribed_terms(pauli, X, parts)
    np.testing.assert_allclose(found.values, terms, atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    gamma = qxai.qlrp(some, X, qxai.Gamma(1e-9), groups=[[2, 0]])
    np.testing.assert_allclose(gamma.values, found.values, atol=1e-6)


def transcribed_terms(pauli, X, parts):
    """Each string's relevance in equal shares to the groups on whose qubits it acts."""
    values = np.zeros((len(X), len(parts)))
    relevance = pauli.weighted(X, np.eye(len(pauli.strings)))
    owner = [int(np.argmax(row)) for row in pauli.owners]
    for string, one in zip(pauli.strings, relevance.T):
        acting = {owner[q] for q in np.flatnonzero(string)}
        here = [g for g, part in enumerate(parts) if acting & set(part)]
        for g in here:
            values[:, g] += one / len(here)
    return values


def test_qlrp_in_the_circuit_refuses_groups_with_advice_that_works():
    with pytest.raises(ValueError, match="leave out baseline= or groups="):
        qxai.qlrp(MODEL, INPUTS, baseline=0.0, groups=GROUPS)
    qxai.qlrp(MODEL, INPUTS, baseline=0.0)
    once = circuits.encoding_first(7, qubits=4)
    qxai.qlrp(once, INPUTS[:, :4], groups=[[0, 1]])


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ({"a": ["x1", "x3"]}, ("x0", "a", "x2", "x4")),
        ([["x1", "x3"]], ("x0", "x1 + x3", "x2", "x4")),
        ([0, 1, 0, 2, 1], ("x0 + x2", "x1 + x4", "x3")),
        (np.array([7, 7, 7, 7, 7]), ("x0 + x1 + x2 + x3 + x4",)),
    ],
)
def test_groups_are_written_as_people_have_them(groups, names):
    assert qxai.occlusion(MODEL, INPUTS, groups=groups).feature_names == names


def test_features_without_names_give_groups_without():
    plain = qxai.Function(MODEL.values, num_features=D)
    assert qxai.occlusion(plain, INPUTS, groups=[[0, 1]]).feature_names is None
    assert qxai.occlusion(plain, INPUTS, groups={"a": [0, 1]}).feature_names == (
        "a",
        "x2",
        "x3",
        "x4",
    )


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ({"a": [0, 1], "b": [1]}, ValueError, "found x1 in several; leave it in one"),
        ([[0, 9]], ValueError, "expected features among 0 to 4, or x0, .* found 9"),
        ([["age"]], ValueError, "found 'age'"),
        ([0, 1], ValueError, "found 2 numbers for 5 features"),
        ({"a": []}, ValueError, "write a list of features"),
        ({"a": "x1"}, ValueError, "write a list of features"),
        ("x1", TypeError, "groups: expected a mapping"),
        (3, TypeError, "groups: expected a mapping"),
    ],
)
def test_what_are_no_groups_is_refused(groups, error, message):
    with pytest.raises(error, match=message):
        qxai.shapley(MODEL, INPUTS, groups=groups)


def test_more_groups_than_can_be_gone_through_are_refused_with_advice_that_works():
    q, x = cirq.LineQubit.range(26), sympy.symbols("x:26")
    wide = qxai.PQC(cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q)), x, cirq.Z(q[0]))
    pairs = [[2 * g, 2 * g + 1] for g in range(13)]
    X = np.ones((1, 26))
    with pytest.raises(ValueError, match=r"at most 12 of several .* found 13; pass samples="):
        qxai.shapley(wide.pauli_polynomial(), X, groups=pairs)
    found = qxai.shapley(
        wide.pauli_polynomial(), X, samples=4, rng=np.random.default_rng(0), groups=pairs
    )
    assert found.values[0, 0] == pytest.approx(np.cos(1) - 1)
