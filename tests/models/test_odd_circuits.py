"""Circuits that are unusual, and inputs that are wrong, where a silent answer would be worst."""

import itertools
import pickle

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.ansatz import angle_encoding, mean_z
from tests import circuits, transcriptions

Q = cirq.LineQubit.range(4)
x, y, theta = sympy.symbols("x y theta")
POINTS = np.array([[0.3], [-0.7], [0.9]])


def one_qubit(*gates, observable=None, **parameters):
    circuit = cirq.Circuit(gate(Q[0]) for gate in gates)
    return qxai.PQC(circuit, [x], observable or cirq.Z(Q[0]), parameters)


def test_qlrp_where_the_encoding_has_a_limited_domain():
    """⟨Z⟩ = cos(asin x): probing outside the domain must not lose the relevance."""
    found = qxai.qlrp(one_qubit(cirq.ry(sympy.asin(x))), [[0.3]])
    np.testing.assert_allclose(found.values, [[np.sqrt(1 - 0.09)]])
    np.testing.assert_allclose(found.output, found.values[0])


def test_outside_the_domain_is_refused():
    model = one_qubit(cirq.ry(sympy.asin(x)))
    for method in (model.values, model.gradient):
        with pytest.raises(ValueError, match=r"finite and real, found asin\(x\)/pi"):
            method([[1.5]])
    with pytest.raises(ValueError, match="finite and real"):
        one_qubit(cirq.ry(x * sympy.sqrt(theta)), theta=-1.0).values([[1.0]])


def test_a_gradient_where_the_derivative_is_infinite_is_refused():
    model = one_qubit(cirq.ry(sympy.sqrt(x)))
    np.testing.assert_allclose(model.values([[0.0]]), 1.0)
    with pytest.raises(ValueError, match=r"found sqrt\(x\)/pi at an input where it or its"):
        model.gradient([[0.0]])


def test_a_complex_exponent_is_refused():
    with pytest.raises(ValueError, match=r"finite and real, found I\*x"):
        one_qubit(cirq.Y ** (sympy.I * x)).values([[1.0]])


def test_derivatives_in_exponents_are_carried_out():
    points = np.array([[0.4], [1.1]])
    slope = one_qubit(cirq.ry(sympy.Derivative(sympy.sin(x), x)))
    np.testing.assert_allclose(slope.values(points), np.cos(np.cos(points[:, 0])))


def test_a_real_function_that_answers_in_complex_numbers_is_real():
    """Lambert's W solves w exp(w) = x: at x = 1.2 e^1.2 it is 1.2."""
    model = one_qubit(cirq.ry(sympy.LambertW(x)))
    np.testing.assert_allclose(model.values([[1.2 * np.exp(1.2)]]), np.cos(1.2))
    with pytest.raises(ValueError, match="finite and real"):
        model.values([[-1.0]])  # below −1/e there is none


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (2 * sympy.Function("g")(x), r"g\(x\) in 2\*g"),
        (sympy.sin(x) + sympy.DiracDelta(x), "DiracDelta"),
        (sympy.Integral(sympy.log(theta + 2) / (theta**4 + 3), (theta, 0, x)), r"Integral\("),
    ],
)
def test_exponents_without_a_numerical_function_are_named(expression, named):
    with pytest.raises(ValueError, match=f"NumPy or SciPy evaluates, found {named}"):
        one_qubit(cirq.ry(expression))
    part = expression.atoms(sympy.Function("g"), sympy.DiracDelta, sympy.Integral).pop()
    written = expression.subs(part, x**2)
    formula = one_qubit(cirq.ry(written))
    assert np.isfinite(formula.values([[0.2]])).all()


def test_an_exponent_that_is_true_or_false_is_refused_with_what_to_write():
    with pytest.raises(ValueError, match=r"numbers, found x > 1/2, which is") as refusal:
        one_qubit(cirq.YPowGate(exponent=x > sympy.Rational(1, 2)))
    advice = str(refusal.value).split("write ")[1]
    model = one_qubit(cirq.YPowGate(exponent=eval(advice, {"sympy": sympy, "x": x})))
    np.testing.assert_allclose(model.values([[0.2], [0.7]]), [1, -1], atol=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Piecewise((0, x < 0), (x, True)),
        sympy.Piecewise((x, x < 1), (2 * x, True)),
        sympy.Abs(x),
        sympy.floor(x),
        sympy.sin(x),
        x**2,
    ],
)
def test_what_is_affine_only_in_pieces_has_values_but_no_polynomial(expression):
    model = one_qubit(cirq.ry(expression))
    expected = [float(sympy.cos(expression.subs(x, p))) for p in POINTS[:, 0]]
    np.testing.assert_allclose(model.values(POINTS), expected, atol=1e-14)
    with pytest.raises(ValueError, match="linear in the features"):
        model.polynomial()
    found = qxai.shapley(model, POINTS)
    assert found.route == "closed form"  # of the angle, which is a function of the feature
    at_0 = float(sympy.cos(expression.subs(x, 0)))
    np.testing.assert_allclose(found.values[:, 0], np.array(expected) - at_0, atol=1e-14)


def test_an_expression_that_is_affine_after_expansion_has_a_polynomial():
    model = one_qubit(cirq.ry((x + 1) ** 2 - x**2))
    np.testing.assert_allclose(model.polynomial().values(POINTS), model.values(POINTS))
    np.testing.assert_allclose(model.polynomial().frequencies[0], [2])


def test_a_parameter_is_trained_beside_a_feature_without_derivative():
    model = one_qubit(cirq.ry(sympy.floor(x)), cirq.ry(theta), theta=0.2)
    found = model.backend.parameter_gradient(
        model.compiled, POINTS, model.parameter_values, lambda values, rows: np.ones(len(values))
    )[1]
    np.testing.assert_allclose(found, -np.sum(np.sin(np.floor(POINTS) + 0.2)))


def test_a_model_cannot_be_changed_from_outside():
    circuit = cirq.Circuit(cirq.ry(x)(Q[0]), cirq.ry(theta)(Q[0]))
    model = qxai.PQC(circuit, [x], cirq.Z(Q[0]), {theta: 0.3})
    before = model.values(POINTS)
    circuit.append(cirq.X(Q[0]))
    with pytest.raises(TypeError):
        model.parameters[theta] = 2.0
    np.testing.assert_array_equal(model.values(POINTS), before)
    assert len(list(model.circuit.all_operations())) == 2


def test_a_model_can_be_pickled():
    model = circuits.wide_features(4)
    X = circuits.inputs(4, model)
    model.values(X)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.values(X), model.values(X))


@pytest.mark.parametrize("ratio", [1e-8, 1e-9, 1e-11])
def test_frequencies_that_double_precision_cannot_tell_apart_are_refused(ratio):
    model = one_qubit(cirq.rx(x), cirq.ry(0.4), cirq.rx(ratio * x), cirq.ry(1.1))
    with pytest.raises(ValueError, match=r"expected frequencies .*double precision tells apart"):
        model.polynomial()


@pytest.mark.parametrize("ratio", [1.001e-5, 9e-6, 5e-6, 1e-6])
def test_slow_and_fast_frequencies_together(ratio):
    model = one_qubit(cirq.rx(x), cirq.ry(0.4), cirq.rx(ratio * x), cirq.ry(1.1))
    np.testing.assert_allclose(model.polynomial().values(POINTS), model.values(POINTS), atol=1e-9)


@pytest.mark.parametrize("angle", [1e3 + 0.3, 1e5 + 0.3])
def test_large_angles_do_not_lose_single_precision(needs_qsim, angle):
    model = one_qubit(cirq.ry(x)).on(qxai.QSim())
    np.testing.assert_allclose(model.values([[angle]]), np.cos(angle), atol=2e-6)


def test_an_ancilla_does_not_change_the_route_to_the_polynomial():
    """Re-uploading with an ancilla: the grid, not the states of nine qubits at every node."""
    features = sympy.symbols("x:4")
    q = cirq.LineQubit.range(5)
    circuit = angle_encoding(q[:4], features)
    circuit += cirq.Circuit(cirq.CX(a, b) for a, b in itertools.pairwise(q[:4]))
    circuit += cirq.Circuit(cirq.rx(a)(b) for a, b in zip(features, q))
    circuit += cirq.Circuit(cirq.CX(a, q[4]) for a in q[:4])
    model = qxai.PQC(circuit, features, cirq.Z(q[4]))
    X = circuits.inputs(0, model)
    np.testing.assert_allclose(model.polynomial().values(X), model.values(X), atol=1e-12)


def test_few_features_on_many_qubits_take_the_grid():
    q = cirq.LineQubit.range(15)
    circuit = cirq.Circuit(cirq.ry(x)(q[0]), cirq.ry(y)(q[7]))
    circuit += cirq.Circuit(cirq.CX(a, b) for a, b in itertools.pairwise(q))
    model = qxai.PQC(circuit, [x, y], cirq.Z(q[14]))
    expected = np.zeros((3, 3))
    expected[1, 1] = 1  # the chain carries the parity of both to the last qubit
    np.testing.assert_allclose(model.polynomial().coefficients, expected, atol=1e-12)


@pytest.mark.parametrize("values", [[0], [1], [(0, 1)]])
def test_control_values_are_respected(values):
    gate = cirq.ControlledGate(cirq.ry(x), control_values=values)
    circuit = cirq.Circuit(cirq.ry(0.7)(Q[0]), gate(Q[0], Q[1]))
    model = qxai.PQC(circuit, [x], cirq.Z(Q[1]) + cirq.X(Q[0]))
    for point in POINTS:
        expected = transcriptions.model_output(model, point)
        np.testing.assert_allclose(model.values(point[None]), expected, atol=1e-12)
        np.testing.assert_allclose(model.polynomial()(point[None]), expected, atol=1e-12)


def test_sub_circuits_are_taken_apart():
    inner = cirq.FrozenCircuit(cirq.H.on_each(*Q), cirq.CZ(Q[0], Q[1]))
    circuit = cirq.Circuit(
        cirq.ry(x)(Q[0]),
        cirq.CircuitOperation(inner, use_repetition_ids=False),
        cirq.IdentityGate(4)(*Q),
    )
    model = qxai.PQC(circuit, [x], cirq.X(Q[0]))
    assert max(len(op.qubits) for op in model.compiled.operations) == 2
    expected = [transcriptions.model_output(model, point) for point in POINTS]
    np.testing.assert_allclose(model.values(POINTS), expected, atol=1e-12)


def test_symbols_with_assumptions_are_known_by_name():
    real = sympy.Symbol("x", real=True)
    model = qxai.PQC(cirq.Circuit(cirq.ry(real)(Q[0])), [real], cirq.Z(Q[0]))
    np.testing.assert_allclose(model.values(POINTS), np.cos(POINTS[:, 0]))


def test_rounding_errors_are_no_interactions():
    """Additive for Z readouts: CZ and RZ commute with them, so no two features meet."""
    q, features = cirq.LineQubit.range(6), sympy.symbols("x:6")
    circuit = angle_encoding(q, features)
    circuit += cirq.Circuit(cirq.CZ(a, b) for a, b in itertools.pairwise(q))
    circuit += cirq.Circuit(cirq.rz(a)(b) for a, b in zip(features, q))
    model = qxai.PQC(circuit, features, mean_z(q))
    assert model.polynomial().interaction_order == 1
    assert qxai.shapley(model, np.ones((1, 6))).evaluations == 2 * 6


def test_taylor_orders_that_overflow_are_refused_and_those_that_vanish_are_not():
    model = one_qubit(cirq.Y**x)
    limit = qxai.taylor(model, POINTS).values
    np.testing.assert_allclose(qxai.taylor(model, POINTS, order=1000).values, limit, atol=1e-12)
    far = one_qubit(cirq.ry(100 * x))
    with pytest.raises(ValueError, match=r"found an overflow; use order=math.inf"):
        qxai.taylor(far, [[20.0]], order=1990)
    assert np.isfinite(qxai.taylor(far, [[20.0]]).values).all()


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"circuit": [cirq.rx(x)(Q[0])]}, TypeError, "circuit: expected"),
        ({"features": x}, TypeError, "features: expected"),
        ({"features": "x"}, TypeError, "features: expected"),
        ({"observable": cirq.Z}, TypeError, "observable: expected"),
        ({"parameters": cirq.ParamResolver({})}, TypeError, "parameters: expected"),
        ({"backend": qxai.QSim}, TypeError, "backend: expected one such as"),
        ({"observable": float("nan") * cirq.Z(Q[0])}, ValueError, "real, finite coefficients"),
        ({"parameters": {theta: 1.0, "theta": 2.0}}, ValueError, "expected different names"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(change, kind, message):
    circuit = cirq.Circuit(cirq.ry(x)(Q[0]), cirq.ry(theta)(Q[0]))
    good = {"features": [x], "observable": cirq.Z(Q[0]), "parameters": {theta: 1.0}}
    with pytest.raises(kind, match=message):
        qxai.PQC(**({"circuit": circuit} | good | change))


def test_a_backend_is_checked_when_it_is_set():
    with pytest.raises(TypeError, match=r"backend: expected one such as qxai.QSim\(\)"):
        one_qubit(cirq.ry(x)).on("qsim")


def test_qudits_are_refused():
    q = cirq.LineQid(0, 3)
    with pytest.raises(ValueError, match="expected qubits, found"):
        qxai.PQC(cirq.Circuit(cirq.XPowGate(dimension=3)(q), cirq.ry(x)(Q[1])), [x], cirq.Z(Q[1]))


def test_rounding_errors_have_no_sobol_indices():
    """Identically zero, but not for double precision: gates that undo each other."""
    rng = np.random.default_rng(0)
    undone = [cirq.rx(rng.normal())(Q[0]), cirq.ry(rng.normal())(Q[0]), cirq.rx(rng.normal())(Q[1])]
    pair = [cirq.CZ(*Q[:2]), cirq.CZ(*Q[:2])]
    upload = [cirq.ry(x)(Q[0]), cirq.rx(y)(Q[1])]
    circuit = cirq.Circuit(upload, undone, pair, cirq.inverse(undone), cirq.rz(x)(Q[1]))
    with pytest.raises(ValueError, match="found a constant"):
        qxai.sobol_indices(qxai.PQC(circuit, [x, y], cirq.Y(Q[0])))


@pytest.mark.parametrize(
    ("expression", "point"),
    [(sympy.Max(x - 20, 0), 21.0), (sympy.exp(x - 40), 41.0), (1e-14 * x, 1e14)],
)
def test_letters_that_are_reached_far_away_are_kept(expression, point):
    model = one_qubit(cirq.ry(expression), observable=cirq.X(Q[0]) + cirq.Z(Q[0]))
    for found in (qxai.qlrp(model, [[point]]).output, model.pauli_polynomial().values([[point]])):
        np.testing.assert_allclose(found, model.values([[point]]), atol=1e-12)


@pytest.mark.parametrize("expression", [sympy.log(x), 1 / x])
def test_exponents_that_are_not_defined_at_zero(expression):
    model = one_qubit(cirq.ry(expression), cirq.ry(theta), theta=0.4)
    found = qxai.qlrp(model, [[0.3], [2.0]])
    np.testing.assert_allclose(found.output, model.values([[0.3], [2.0]]))
    np.testing.assert_allclose(found.residual, 0, atol=1e-14)


def test_polynomials_by_hand_are_copied_and_real():
    coefficients = np.array([1.0, 0.5, 0.0])
    model = qxai.TrigPolynomial(coefficients, [[1.0]])
    coefficients[1] = 7.0
    np.testing.assert_allclose(model.values([[0.0]]), 1.5)
    for make in (
        lambda bad: qxai.TrigPolynomial(bad, [[1.0]]),
        lambda bad: qxai.ProductPolynomial([1.0], [bad[:, None]], [[1.0]]),
    ):
        with pytest.raises(ValueError, match="expected real numbers, found dtype complex128"):
            make(np.array([1, 1j, 0]))


def test_an_observable_on_many_qubits_is_refused_before_it_is_built():
    q, features = cirq.LineQubit.range(16), sympy.symbols("x:16")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(features, q))
    model = qxai.PQC(circuit, features, mean_z(q) + cirq.X(q[0]) * cirq.Y(q[15]))
    np.testing.assert_allclose(qxai.shapley(model, np.ones((1, 16))).residual, 0, atol=1e-12)
    with pytest.raises(ValueError, match=r"at most 1 GiB, found .* GiB"):
        qxai.shapley(model.polynomial(), np.ones((1, 16)))
    with pytest.raises(ValueError, match=r"at most 1 GiB, found .* GiB"):
        qxai.qlrp(model, np.ones((1, 16)), qxai.Epsilon(0.1))


def test_a_rule_that_needs_the_circuit_says_so():
    pauli = circuits.encoding_first(3, qubits=2).pauli_polynomial()
    with pytest.raises(TypeError, match=r"qlrp with QLRP-ε .* needs a model with a method view"):
        qxai.qlrp(pauli, np.ones((1, 2)), qxai.Epsilon(0.1))


@pytest.mark.parametrize("value", [1e307, -1.7e308])
def test_angles_beyond_the_range_of_floats_are_refused_and_not_nan(value):
    model = one_qubit(cirq.rx(100 * x))
    for method in (model.values, model.gradient, model.estimate):
        with pytest.raises(ValueError, match=r"exponents that are finite and real, found .*x"):
            method([[value]])
    assert np.isfinite(model.values([[1e298]])).all()
    bound = qxai.PQC(cirq.Circuit(cirq.ry(x + theta)(Q[0])), [x], cirq.Z(Q[0]), {theta: 1.7e308})
    with pytest.raises(ValueError, match=r"exponents that are finite and real, found .*theta"):
        bound.values([[0.3]])
