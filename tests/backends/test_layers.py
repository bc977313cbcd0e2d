"""Blocks laid out as layers: values and derivatives against Cirq's own matrices."""

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from qxai.backends.fusion import Block, layers_of, plan
from qxai.backends.register import Register
from qxai.backends.statevector import final_states
from tests import circuits, transcriptions

FIXED = (cirq.CZ, cirq.CX, cirq.SWAP, cirq.ISWAP, cirq.ISWAP**0.5, cirq.CZ**0.3, cirq.CZPowGate())
POWERS = (cirq.ZZ, cirq.XX, cirq.CZ, cirq.CX, cirq.ISWAP, cirq.YY)
SINGLE = (cirq.X, cirq.Y, cirq.Z, cirq.H)


def any_operation(rng, qubits, symbols):
    """Draw one of what a block can hold: powers, fixed gates, on qubits in any order."""
    count = int(rng.choice([1, 1, 2, 2, 3], p=[0.25, 0.25, 0.2, 0.2, 0.1]))
    chosen = [qubits[i] for i in rng.permutation(len(qubits))[:count]]
    exponent = symbols.pop() if rng.random() < 0.5 else float(rng.uniform(-1, 1))
    if count == 3:
        return (cirq.CCZ, cirq.CCX**exponent, cirq.CSWAP)[rng.integers(3)](*chosen)
    if count == 1:
        return (SINGLE[rng.integers(4)] ** exponent)(*chosen)
    if rng.random() < 0.5:
        return FIXED[rng.integers(len(FIXED))](*chosen)
    return (POWERS[rng.integers(len(POWERS))] ** exponent)(*chosen)


def any_model(seed, qubits, gates=24):
    rng = np.random.default_rng(seed)
    line, x = cirq.LineQubit.range(qubits), sympy.symbols("x:2")
    symbols = list(sympy.symbols("t:100"))
    operations = [any_operation(rng, line, symbols) for _ in range(gates)]
    operations[gates // 2 : gates // 2] = [cirq.ry(x[0])(line[0]), (cirq.ZZ ** x[1])(*line[-2:])]
    circuit = cirq.Circuit(cirq.H.on_each(*line), operations)
    return circuits.bind(rng, circuit, x, circuits.random_observable(rng, line))


def slope(function, step=0.01):
    """Central difference of sixth order."""
    weights = ((45, 1), (-9, 2), (1, 3))
    return sum(w * (function(k * step) - function(-k * step)) for w, k in weights) / (60 * step)


@pytest.mark.parametrize("qubits", [3, 5])
@given(seed=circuits.SEEDS)
def test_any_gates_in_any_order_have_cirqs_values(seed, qubits):
    model = any_model(seed, qubits)
    X = circuits.inputs(seed, model)
    expected = [transcriptions.model_output(model, x) for x in X]
    np.testing.assert_allclose(model.values(X), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_derivatives_of_any_gates_are_difference_quotients_of_cirqs_values(seed):
    model = any_model(seed, qubits=3, gates=16)
    (x,) = circuits.inputs(seed, model, 1)
    theta, names = model.parameter_values, list(model.parameters)
    found = model.backend.parameter_gradient(
        model.compiled, x[None], theta, lambda values, rows: np.ones(len(values))
    )[1]
    assert len(names) > 2
    for number, name in enumerate(names):

        def moved(step, name=name, number=number):
            return transcriptions.model_output(
                model.with_parameters({name: theta[number] + step}), x
            )

        np.testing.assert_allclose(found[number], slope(moved), atol=1e-8)
    by_feature = [
        slope(lambda step, e=e: transcriptions.model_output(model, x + step * e)) for e in np.eye(2)
    ]
    np.testing.assert_allclose(model.gradient(x[None])[0], by_feature, atol=1e-8)


@given(seed=circuits.SEEDS)
def test_layers_hold_each_gate_once_and_in_order_on_each_qubit(seed):
    for block in plan(any_model(seed, qubits=4).compiled).blocks:
        layers = layers_of(block)
        laid_out = [
            op
            for layer in layers
            for op in [*layer.fixed, *(op for run in layer.runs.values() for op in run)]
        ]
        assert len(laid_out) == len(block.operations)
        for qubit in block.qubits:
            given_order = [op for op in block.operations if qubit in op.qubits]
            assert [op for op in laid_out if qubit in op.qubits] == given_order
        for layer in layers:
            met = [q for qubits in layer.runs for q in qubits]
            assert len(met) == len(set(met))


def test_a_layered_circuit_has_one_layer_a_layer():
    model = qxai.ansatz.ring_classifier(4, 3, np.random.default_rng(0))
    (block,) = plan(model.compiled).blocks
    layers = layers_of(block)
    assert [len(layer.fixed) for layer in layers] == [4, 4, 4]
    assert all([len(run) for run in layer.runs.values()] == [2] * 4 for layer in layers)


def test_a_block_without_layers_is_an_identity():
    assert layers_of(Block((0, 1), (), False)) == []


@pytest.mark.parametrize("batch", [1, 5, 40])
@pytest.mark.parametrize("qubits", [(0, 1), (2, 3), (3, 1), (1, 2, 4), (4,)])
@pytest.mark.parametrize("own", [False, True])
def test_a_register_multiplies_as_einsum_does(batch, qubits, own):
    rng = np.random.default_rng(1)
    states = rng.normal(size=(2, 32, batch)) + 1j * rng.normal(size=(2, 32, batch))
    size = 2 ** len(qubits)
    matrix = rng.normal(size=(size, size, batch)[: 3 if own else 2]) * (1 + 2j)
    register = Register(states)
    register.multiply(rng.permutation(np.eye(4)), (1, 4), None)  # leaves the qubits out of order
    before = register.canonical().copy()
    register.multiply(matrix, qubits, None)
    tensor = np.moveaxis(
        before.reshape(2, *(2,) * 5, batch), [1 + q for q in qubits], range(len(qubits))
    )
    flat = tensor.reshape(size, -1, batch)
    product = np.einsum("abn,bcn->acn" if own else "ab,bcn->acn", matrix, flat)
    back = np.moveaxis(product.reshape(tensor.shape), range(len(qubits)), [1 + q for q in qubits])
    np.testing.assert_allclose(register.canonical(), back.reshape(states.shape), atol=1e-12)


@pytest.mark.parametrize("letters", ["ZIIZ", "XIII", "IYZI"])
@pytest.mark.parametrize("batch", [1, 50])
def test_observables_with_and_without_a_diagonal_are_read_alike(letters, batch):
    """Qubits are left out of order by a block that joins the first and the last."""
    q, x = cirq.LineQubit.range(4), sympy.Symbol("x")
    circuit = cirq.Circuit(
        cirq.ry(x)(q[0]), cirq.CX(q[0], q[3]), cirq.ry(2 * x)(q[3]), cirq.CX(q[1], q[3])
    )
    string = cirq.PauliString({a: letter for a, letter in zip(q, letters) if letter != "I"})
    model = qxai.PQC(circuit, [x], 0.7 * string + 0.2 * cirq.Z(q[1]))
    assert (model.compiled.observable.diagonal is None) == (letters != "ZIIZ")
    X = np.linspace(-2, 2, batch)[:, None]
    expected = [transcriptions.model_output(model, point) for point in X]
    np.testing.assert_allclose(model.values(X), expected, atol=1e-13)


def test_exponents_apart_are_exponents_together():
    """Sums of features, constants, products with parameters: a dense and a symbolic table."""
    q, (x, y, t) = cirq.LineQubit(0), sympy.symbols("x y t")
    linear = [x + 2 * y + t, 3 * t + 1, sympy.Integer(0) + y / 3]
    for expressions in (linear, [*linear, x * t, sympy.sin(t)]):
        circuit = cirq.Circuit((cirq.X**e)(q) for e in expressions)
        table = qxai.PQC(circuit, [x, y], cirq.Z(q), {t: 0.3}).compiled.angles
        X = np.random.default_rng(0).normal(size=(4, 2))
        shared, own = table.split(X, np.array([0.3]))
        assert table.varying == tuple(k for k, e in enumerate(expressions) if e.has(x, y))
        together = np.tile(shared[:, None], 4)
        together[list(table.varying)] = own
        expected = [[float(e.subs({x: a, y: b, t: 0.3})) for a, b in X] for e in expressions]
        np.testing.assert_allclose(together, expected, atol=1e-14)


def test_exponents_that_are_not_finite_are_named():
    q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    model = qxai.PQC(cirq.Circuit((cirq.X ** (1e300 * x))(q)), [x], cirq.Z(q))
    with pytest.raises(ValueError, match=r"finite and real, found 1.0e\+300\*x"):
        model.values([[1e100]])
    model = qxai.PQC(
        cirq.Circuit((cirq.X ** (1e300 * t))(q), cirq.rx(x)(q)), [x], cirq.Z(q), {t: 9}
    )
    with pytest.raises(ValueError, match=r"finite and real, found 1.0e\+300\*t"):
        model.values([[1.0]])


@pytest.mark.parametrize("exponent", ["x / pi + 2 * t / pi", "(x + 2 * t) / pi"])
def test_parameters_that_are_added_to_features_have_their_gradient(exponent):
    """``⟨Z⟩ = cos(x + 2t)``, before and behind an entangling gate; one is not a plain sum."""
    q, (x, t) = cirq.LineQubit.range(2), sympy.symbols("x t")
    turn = (cirq.Y ** sympy.sympify(exponent, {"x": x, "t": t}))(q[0])
    X, weights = np.array([[0.1], [0.9], [2.0]]), np.array([1.0, -2.0, 0.5])
    for circuit in (cirq.Circuit(turn), cirq.Circuit(cirq.CZ(*q), turn)):
        model = qxai.PQC(circuit, [x], cirq.Z(q[0]), {t: 0.3})
        found = model.backend.parameter_gradient(
            model.compiled, X, np.array([0.3]), lambda values, rows: weights[rows]
        )[1]
        np.testing.assert_allclose(found, [-2 * weights @ np.sin(X[:, 0] + 0.6)], atol=1e-14)


def state_in(order, model, x):
    """Cirq's final state when the operations come in a certain order."""
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    exponents = model.compiled.angles.table(x[None], model.parameter_values)[0]
    names = {f"angle_{g}": exponent for g, exponent in enumerate(exponents)}
    circuit = cirq.Circuit(cirq.I.on_each(*model.compiled.qubits))
    for op in order:
        circuit.append(model.compiled.placed(op), strategy=cirq.InsertStrategy.NEW)
    resolved = cirq.resolve_parameters(circuit, values | names)
    return cirq.final_state_vector(resolved, dtype=np.complex128)


def rings(seed):
    return qxai.ansatz.ring_classifier(6 + seed % 4, 3, np.random.default_rng(seed))


@pytest.mark.parametrize("make", [rings, lambda seed: any_model(seed, 6, gates=40)])
@pytest.mark.parametrize("seed", range(8))
def test_a_plan_only_exchanges_what_commutes(make, seed):
    model = make(seed)
    planned = plan(model.compiled)
    first = [op for block in planned.preparations for op in block.operations]
    joined = [op for c in planned.clusters for block in c.blocks for op in block.operations]
    rest = [op for block in planned.rest for op in block.operations]
    assert len({*first, *joined, *rest}) == len(model.compiled.operations)
    assert all(len(cluster.qubits) <= 4 for cluster in planned.clusters)
    (x,) = circuits.inputs(seed, model, 1)
    expected = state_in(model.compiled.operations, model, x)
    np.testing.assert_allclose(state_in([*first, *joined, *rest], model, x), expected, atol=1e-12)
    found = final_states(model.compiled, x[None], model.parameter_values)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-12)


def test_a_ring_of_eight_qubits_takes_three_blocks_behind_two_clusters():
    planned = plan(qxai.ansatz.ring_classifier(8, 3, np.random.default_rng(0)).compiled)
    assert [cluster.qubits for cluster in planned.clusters] == [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert len(planned.rest) == 3


@pytest.mark.parametrize("make", [rings, lambda seed: any_model(seed, 6, gates=40)])
@pytest.mark.parametrize("seed", range(3))
def test_derivatives_through_clusters_along_a_direction(make, seed):
    """All gradients at once, by a difference quotient of Cirq's states."""
    model, rng = make(seed), np.random.default_rng(seed)
    X, weights = circuits.inputs(seed, model, 3), np.array([1.0, -0.5, 2.0])
    theta = model.parameter_values
    along, along_x = rng.normal(size=theta.shape), rng.normal(size=X.shape)
    observable = model.observable
    place = {q: k for k, q in enumerate(model.compiled.qubits)}

    def output(moved, x):
        state = state_in(moved.compiled.operations, moved, x)
        return observable.expectation_from_state_vector(
            state.astype(np.complex128), place, check_preconditions=False
        ).real

    def loss(step):
        moved = model.with_parameters(theta + step * along)
        return sum(w * output(moved, x) for w, x in zip(weights, X))

    found = model.backend.parameter_gradient(
        model.compiled, X, theta, lambda values, rows: weights[rows]
    )[1]
    np.testing.assert_allclose(found @ along, slope(loss), atol=1e-7)
    by_feature = slope(lambda step: output(model, X[0] + step * along_x[0]))
    np.testing.assert_allclose(model.gradient(X)[0] @ along_x[0], by_feature, atol=1e-7)


@pytest.mark.parametrize("axis", [cirq.X, cirq.Y, cirq.Z])
@pytest.mark.parametrize("batch", [1, 3])
def test_gates_with_many_controls_turn_by_features(axis, batch):
    """One that is real, one that is not, one that is diagonal; for one input and for several."""
    q, x = cirq.LineQubit.range(6), sympy.symbols("x:2")
    turn = (
        (axis ** x[1]).on(q[2]).controlled_by(q[4], q[0], q[5], q[1], control_values=[1, 0, 1, 1])
    )
    circuit = cirq.Circuit(cirq.H.on_each(*q), cirq.ry(x[0])(q[2]), turn, cirq.rx(x[0])(q[4]))
    model = qxai.PQC(circuit, x, cirq.X(q[2]) * cirq.Y(q[4]) + 0.5 * cirq.Z(q[2]))
    X = np.random.default_rng(0).normal(size=(batch, 2))
    expected = [transcriptions.model_output(model, point) for point in X]
    np.testing.assert_allclose(model.values(X), expected, atol=1e-13)
    for point, found in zip(X, model.gradient(X)):
        slopes = [
            slope(lambda step, e=e, p=point: transcriptions.model_output(model, p + step * e))
            for e in np.eye(2)
        ]
        np.testing.assert_allclose(found, slopes, atol=1e-8)
