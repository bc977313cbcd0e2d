"""Angles as people write them: sums of features, functions of one, trained scales, products."""

import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.core import NoClosedFormError
from qxai.separation import separated
from tests import circuits, transcriptions

Q, (X0, X1, X2) = cirq.LineQubit.range(3), sympy.symbols("x:3")
W = sympy.Symbol("w")
RULES = (qxai.Zero(), qxai.Epsilon(0.05), qxai.Gamma(0.2))


def enumerated(model, X, baseline=0.0):
    """Shapley values and interactions from the definition, one coalition after the other."""
    games = [transcriptions.feature_game(model, x, np.zeros(len(x)) + baseline) for x in X]
    d = X.shape[1]
    values = [transcriptions.shapley_of_game(game, d) for game in games]
    pairs = [transcriptions.interaction_index(game, d) / 2 for game in games]
    return np.array(values), np.array(pairs)


@st.composite
def sums(draw):
    """A circuit with sums of features in its angles, and the same with a gate for each feature."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    features, symbols = (X0, X1, X2), list(sympy.symbols("t:60"))
    gates = (cirq.X, cirq.Y, cirq.Z, cirq.XX, cirq.ZZ, cirq.CZ, cirq.CX, cirq.ISWAP)
    together, apart = cirq.Circuit(), cirq.Circuit()
    for _ in range(draw(st.integers(1, 2))):
        gate = gates[rng.integers(len(gates))]
        on = [Q[i] for i in rng.permutation(3)[: cirq.num_qubits(gate)]]
        slopes, offset = rng.normal(size=3) * (rng.random(3) < [1, 0.7, 0.5]), float(rng.normal())
        total = sum((a * x for a, x in zip(slopes, features)), sympy.Float(offset))
        together.append((gate**total).on(*on))
        apart.append((gate**offset).on(*on))
        apart.append((gate ** (float(a) * x)).on(*on) for a, x in zip(slopes, features))
        layer = list(circuits.trainable_layer(rng, Q, symbols))
        together.append(layer)
        apart.append(layer)
    used = [x for x in features if x in cirq.parameter_symbols(together)]
    observable = circuits.random_observable(rng, Q)
    rngs = [np.random.default_rng(1) for _ in range(2)]
    pairs = zip(rngs, (together, apart))
    return [circuits.bind(rng, circuit, used, observable) for rng, circuit in pairs]


@given(sums())
@settings(max_examples=10, deadline=None)
def test_sums_of_features_are_gates_of_their_own(models):
    """Every exact method, against the circuit whose gates were split by hand."""
    one, other = models
    X = circuits.inputs(1, one, 2)
    baseline = circuits.inputs(2, one, 1)[0]
    np.testing.assert_allclose(one.values(X), other.values(X), atol=1e-12)
    np.testing.assert_allclose(one.gradient(X), other.gradient(X), atol=1e-12)
    points = circuits.inputs(3, one, 20)
    np.testing.assert_allclose(one.polynomial().values(points), one.values(points), atol=1e-11)
    for method in (qxai.shapley, qxai.integrated_gradients, qxai.shapley_interactions):
        found, expected = (
            np.asarray(getattr(r, "values", r))
            for r in (method(one, X, baseline), method(other, X, baseline))
        )
        np.testing.assert_allclose(found, expected, atol=1e-11)
    values, pairs = enumerated(one, X, baseline)
    np.testing.assert_allclose(qxai.shapley(one, X, baseline).values, values, atol=1e-11)
    off = ~np.eye(X.shape[1], dtype=bool)
    index = qxai.shapley_interactions(one, X, baseline)
    np.testing.assert_allclose(index[:, off], pairs[:, off], atol=1e-11)


def test_a_sum_behind_a_product_encoding_has_all_closed_forms():
    circuit = cirq.Circuit(
        cirq.ry(0.8 * X0 - 0.3 * X1 + 0.2)(Q[0]), cirq.rx(X2 + W * X1)(Q[1]), cirq.CNOT(*Q[:2])
    )
    apart = cirq.Circuit(
        *(cirq.ry(0.8 * X0 + 0.2)(Q[0]), cirq.ry(-0.3 * X1)(Q[0])),
        *(cirq.rx(X2)(Q[1]), cirq.rx(W * X1)(Q[1]), cirq.CNOT(*Q[:2])),
    )
    one, other = (
        qxai.PQC(c, (X0, X1, X2), cirq.Z(Q[1]) + 0.3 * cirq.X(Q[0]), {W: 0.7})
        for c in (circuit, apart)
    )
    X = circuits.inputs(0, one, 4)
    rng = np.random.default_rng(0)
    for method in (
        lambda m: qxai.qlrp(m, X).values,
        lambda m: qxai.qlrp(m, X, qxai.Gamma(0.3)).values,
        lambda m: qxai.smooth_grad(m, X, 0.3).values,
        lambda m: qxai.taylor(m, X, order=3).values,
        lambda m: qxai.taylor(m, X).values,
        lambda m: qxai.lime(m, X).values,
        lambda m: qxai.shapley(m, X, qxai.Marginals(X)).values,
        lambda m: qxai.shapley(m, X, samples=4, rng=np.random.default_rng(0)).values,
        lambda m: m.pauli_polynomial().values(X),
    ):
        np.testing.assert_allclose(method(one), method(other), atol=1e-11)
    del rng


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_method_depends_on_the_order_in_which_a_sum_is_written(rule):
    """In the circuit the parts of a gate share one moment, and its change is shared jointly."""
    terms = [0.8 * X0, -0.5 * X1, 0.3 * X2]
    tail = [cirq.CNOT(*Q[:2]), cirq.rx(X1 + X2)(Q[1]), cirq.CZ(*Q[1:]), cirq.ry(0.4)(Q[1])]
    found = []
    for order in itertools.permutations(range(3)):
        total = sympy.Add(*(terms[i] for i in order), 0.2, evaluate=False)
        circuit = cirq.Circuit(cirq.ry(0.3)(Q[2]), cirq.ry(total)(Q[0]), *tail)
        features = [(X0, X1, X2)[i] for i in order]
        model = qxai.PQC(circuit, features, cirq.Z(Q[1]) + cirq.X(Q[0]))
        X = np.array([[0.7, -1.1, 0.4], [0.2, 0.9, -2.0]])[:, order]
        relevance = qxai.qlrp(model, X, rule, baseline=0.3)
        found.append(relevance.values[:, np.argsort(order)])
        if not isinstance(rule, qxai.Epsilon):
            np.testing.assert_allclose(relevance.residual, 0, atol=1e-12)
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-12)
    in_moments = cirq.Circuit(cirq.ry(0.3)(Q[2]), *(cirq.ry(t)(Q[0]) for t in terms))
    in_moments += cirq.Circuit(cirq.ry(0.2)(Q[0]), *tail)
    separate = qxai.PQC(in_moments, (X0, X1, X2), cirq.Z(Q[1]) + cirq.X(Q[0]))
    X = np.array([[0.7, -1.1, 0.4], [0.2, 0.9, -2.0]])
    assert np.abs(qxai.qlrp(separate, X, rule, baseline=0.3).values - found[0]).max() > 1e-3


def test_one_gate_that_holds_two_features_shares_like_shapley():
    """With one moment and the zero rule, relevance in the circuit *is* the Shapley value."""
    circuit = cirq.Circuit(cirq.rx(0.4)(Q[0]), cirq.ry(X0 + 2 * X1)(Q[0]))
    model = qxai.PQC(circuit, (X0, X1), cirq.Z(Q[0]))
    X = np.array([[0.5, 0.25], [1.0, -0.3]])
    relevance = qxai.qlrp(model, X, baseline=0.1).values
    np.testing.assert_allclose(relevance, qxai.shapley(model, X, 0.1).values, atol=1e-13)
    np.testing.assert_allclose(
        *qxai.qlrp(model, [[0.5, 0.25]], baseline=0.0).values.T, atol=1e-13
    )  # both turn by the same angle


FUNCTIONS = {
    "asin": lambda x: sympy.asin(x),
    "acos of the square": lambda x: sympy.acos(x**2),
    "tanh, scaled and trained": lambda x: 2 * W * sympy.tanh(x) + 0.3,
    "a parameter inside": lambda x: sympy.sin(W * x),
    "a power": lambda x: (x - 1) ** 3 - x**3 + 3 * x**2,
    "the absolute value": lambda x: sympy.Abs(x) / 2,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_function_of_each_feature_is_the_same_game_in_the_angles(name):
    function = FUNCTIONS[name]
    circuit = cirq.Circuit(cirq.ry(function(x))(q) for x, q in zip((X0, X1, X2), Q))
    circuit += cirq.Circuit(cirq.CNOT(*Q[:2]), cirq.CNOT(*Q[1:]), (cirq.rx(0.3)(q) for q in Q))
    parameters = {W: 0.6} if W in cirq.parameter_symbols(circuit) else {}
    model = qxai.PQC(circuit, (X0, X1, X2), 2.0 * cirq.Z(Q[2]) + cirq.Y(Q[0]), parameters)
    X = np.random.default_rng(0).uniform(-0.9, 0.9, (3, 3))
    values, pairs = enumerated(model, X, 0.1)
    found = qxai.shapley(model, X, 0.1)
    assert found.route == "closed form"
    np.testing.assert_allclose(found.values, values, atol=1e-12)
    off = ~np.eye(3, dtype=bool)
    index = qxai.shapley_interactions(model, X, 0.1)
    np.testing.assert_allclose(index[:, off], pairs[:, off], atol=1e-12)
    path = qxai.integrated_gradients(model, X, 0.1)
    np.testing.assert_allclose(path.residual, 0, atol=1e-7)
    sample = np.random.default_rng(1).uniform(-0.9, 0.9, (2, 3))
    marginals = qxai.shapley(model, X, qxai.Marginals(sample))
    rows = np.array(list(itertools.product(*sample.T)))
    np.testing.assert_allclose(
        marginals.values, qxai.shapley(model, X, qxai.Background(rows)).values, atol=1e-12
    )
    curve = qxai.metrics.random_order_curve(model, X, 0.1)
    function = qxai.Function(model.values, num_features=3)
    np.testing.assert_allclose(curve, qxai.metrics.random_order_curve(function, X, 0.1), atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_functions_of_features_share_relevance_in_the_circuit(rule):
    """A function of a feature is a rotation by an angle like any other."""
    circuit = cirq.Circuit(
        cirq.ry(sympy.asin(X0) + X1**2)(Q[0]), cirq.CX(*Q[:2]), cirq.rx(X1)(Q[1])
    )
    model = qxai.PQC(circuit, (X0, X1), cirq.Z(Q[1]) + cirq.X(Q[0]))
    a, b = sympy.symbols("a b")
    plain = qxai.PQC(
        cirq.Circuit(cirq.ry(a + b)(Q[0]), cirq.CX(*Q[:2]), cirq.rx(X1)(Q[1])),
        (a, b, X1),
        cirq.Z(Q[1]) + cirq.X(Q[0]),
    )
    X = np.array([[0.3, -0.8], [-0.7, 0.5]])
    angles = np.column_stack([np.arcsin(X[:, 0]), X[:, 1] ** 2, X[:, 1]])
    found = qxai.qlrp(model, X, rule, baseline=0.0).values
    expected = qxai.qlrp(plain, angles, rule, baseline=0.0).values
    np.testing.assert_allclose(found[:, 0], expected[:, 0], atol=1e-12)
    np.testing.assert_allclose(found[:, 1], expected[:, 1] + expected[:, 2], atol=1e-12)


def test_features_that_have_no_angle_everywhere_share_relevance():
    """√x₁ and log x₁ are angles where x₁ is positive, and only there they are asked for."""
    for function in (sympy.sqrt, sympy.log):
        circuit = cirq.Circuit(cirq.rx(0.4)(Q[0]), cirq.ry(X0 + function(X1))(Q[0]))
        model = qxai.PQC(circuit, (X0, X1), cirq.Z(Q[0]))
        found = qxai.qlrp(model, [[0.3, 1.2]], baseline=[0.1, 0.5])
        expected = qxai.shapley(model, [[0.3, 1.2]], [0.1, 0.5])
        np.testing.assert_allclose(found.values, expected.values, atol=1e-12)


def test_several_functions_of_one_feature_are_one_player():
    """Mitarai's encoding: RY(asin x) RZ(acos x²) of the same x; its angles are no players."""
    circuit = cirq.Circuit(
        *(op(q) for x, q in zip((X0, X1), Q) for op in (cirq.ry(sympy.asin(x)),)),
        *(cirq.rz(sympy.acos(x**2))(q) for x, q in zip((X0, X1), Q)),
        *(cirq.CX(*Q[:2]), cirq.rx(0.3)(Q[0]), cirq.rx(0.7)(Q[1])),
    )
    model = qxai.PQC(circuit, (X0, X1), cirq.Z(Q[1]) + cirq.Y(Q[0]))
    X = np.array([[0.3, -0.6], [0.8, 0.1]])
    values, pairs = enumerated(model, X, 0.2)
    found = qxai.shapley(model, X, 0.2)
    assert found.route == "enumeration of 2^2 coalitions"
    np.testing.assert_allclose(found.values, values, atol=1e-12)
    np.testing.assert_allclose(
        qxai.shapley_interactions(model, X, 0.2)[:, 0, 1], pairs[:, 0, 1], atol=1e-12
    )
    np.testing.assert_allclose(qxai.integrated_gradients(model, X, 0.2).residual, 0, atol=1e-7)


def test_a_trained_scale_for_every_gate_is_explained_by_whatever_is_less_work():
    """Pérez-Salinas' re-uploading: (3^L − 1)/2 frequencies a feature, 2^d coalitions."""
    L, x = 7, (X0, X1)
    w, b = sympy.symbols(f"w:{2 * L}"), sympy.symbols(f"b:{2 * L}")
    circuit = cirq.Circuit()
    for layer in range(L):
        pairs = zip(x, Q, w[2 * layer :], b[2 * layer :])
        circuit.append(cirq.ry(weight * u + bias)(q) for u, q, weight, bias in pairs)
        circuit.append(cirq.CZ(*Q[:2]))
    rng = np.random.default_rng(4)
    parameters = dict(zip((*w, *b), rng.normal(size=4 * L)))
    model = qxai.PQC(circuit, x, cirq.Z(Q[0]), parameters)
    X = rng.uniform(-1, 1, (2, 2))
    found = qxai.shapley(model, X)
    assert found.route == "enumeration of 2^2 coalitions"
    np.testing.assert_allclose(found.values, enumerated(model, X)[0], atol=1e-12)
    with pytest.raises(NoClosedFormError, match=r"at most 1.3e\+08 operations"):
        model.multilinear()


@pytest.mark.parametrize(
    ("expression", "met"),
    [(X0 * X1, "x0\\*x1"), (sympy.sin(X0 + X1), "sin"), ((sympy.pi - X0) * (sympy.pi - X1), "x0")],
)
def test_features_that_meet_in_a_product_are_enumerated(expression, met):
    """ZZFeatureMap and its kin: values, gradients, Shapley, interactions, a quadrature."""
    circuit = cirq.Circuit(
        *(cirq.H.on_each(*Q[:2]), cirq.rz(2 * X0)(Q[0]), cirq.rz(2 * X1)(Q[1])),
        *((cirq.ZZ ** (expression / sympy.pi))(*Q[:2]), cirq.ry(0.4)(Q[0]), cirq.CX(*Q[:2])),
    )
    model = qxai.PQC(circuit, (X0, X1), cirq.X(Q[1]) + cirq.Z(Q[0]))
    X = np.array([[0.3, -0.8], [1.2, 0.5]])
    values, pairs = enumerated(model, X, 0.1)
    np.testing.assert_allclose(qxai.shapley(model, X, 0.1).values, values, atol=1e-12)
    index = qxai.shapley_interactions(model, X, 0.1)
    np.testing.assert_allclose(index[:, 0, 1], pairs[:, 0, 1], atol=1e-12)
    np.testing.assert_allclose(index.sum(axis=2), values, atol=1e-12)
    np.testing.assert_allclose(qxai.integrated_gradients(model, X, 0.1).residual, 0, atol=1e-7)
    with pytest.raises(NoClosedFormError, match=met):
        model.polynomial()
    with pytest.raises(ValueError, match="Marginals needs an exact model with a polynomial"):
        qxai.shapley(model, X, qxai.Marginals(X))
    with pytest.raises(ValueError, match="shapley, occlusion and taylor explain such a model"):
        qxai.qlrp(model, X, baseline=0.0)


def test_a_plain_circuit_is_left_as_it_is():
    model = circuits.reuploading(3)
    assert separated(model.compiled).circuit is model.compiled


def test_names_of_angles_do_not_collide():
    """A feature may be called what a function of another is written as."""
    odd = sympy.Symbol("asin(x0)")
    circuit = cirq.Circuit(cirq.ry(sympy.asin(X0))(Q[0]), cirq.ry(odd)(Q[1]), cirq.CX(*Q[:2]))
    model = qxai.PQC(circuit, (X0, odd), cirq.Z(Q[1]))  # cos asin x0 · cos y
    X = np.array([[0.6, 0.5]])
    np.testing.assert_allclose(
        qxai.shapley(model, X).values.sum(axis=1), 0.8 * np.cos(0.5) - 1, atol=1e-12
    )


KERNELS = {
    "ZZFeatureMap": [cirq.H.on_each(*Q[:2]), cirq.rz(2 * X0)(Q[0]), (cirq.ZZ ** (X0 * X1))(*Q[:2])],
    "sums": [cirq.ry(X0 + 0.3 * X1)(Q[0]), cirq.CX(*Q[:2]), cirq.ry(X1)(Q[1])],
    "functions": [cirq.ry(sympy.asin(X0))(Q[0]), cirq.ry(sympy.asin(X1))(Q[1])],
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_models_are_explained_whatever_their_feature_map(name):
    rng = np.random.default_rng(0)
    support, dual = rng.uniform(-0.9, 0.9, (4, 2)), rng.normal(size=4)
    model = qxai.KernelModel(cirq.Circuit(KERNELS[name]), (X0, X1), support, dual, 0.2)
    X = rng.uniform(-0.9, 0.9, (3, 2))
    game = [
        lambda s, x=x: model.values([np.where([i in s for i in range(2)], x, 0.1)])[0] for x in X
    ]
    expected = [transcriptions.shapley_of_game(g, 2) for g in game]
    np.testing.assert_allclose(qxai.shapley(model, X, 0.1).values, expected, atol=1e-12)
    pair = [transcriptions.interaction_index(g, 2)[0, 1] / 2 for g in game]
    index = qxai.shapley_interactions(model, X, 0.1)[:, 0, 1]
    np.testing.assert_allclose(index, pair, atol=1e-12)
    np.testing.assert_allclose(qxai.integrated_gradients(model, X, 0.1).residual, 0, atol=1e-7)
    assert qxai.shapley(model, X).route.startswith("closed" if name == "sums" else "enum")
