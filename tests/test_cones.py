"""Light cones against the whole circuit."""

import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.backends import statevector
from qxai.cones import cones


def shallow(seed, n=14):
    """Random gates between neighbours, features uploaded twice with different scales."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    gates = (cirq.CZ, cirq.CX, cirq.ISWAP**0.5, cirq.ZZ**0.3, cirq.SWAP)
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    chain = list(itertools.pairwise(q))
    if rng.random() < 0.5:
        circuit.append(cirq.CZ(a, b) for a, b in chain)  # one after the other: they commute
    else:
        circuit.append(gates[rng.integers(5)](a, b) for a, b in chain[rng.integers(2) :: 2])
    scale = float(rng.choice([1.0, 2.0, 0.7]))
    circuit.append(cirq.rx(scale * a)(b) for a, b in zip(x, q))
    circuit.append(gates[rng.integers(5)](a, b) for a, b in chain[:: int(rng.integers(2, 4))])
    circuit.append(cirq.ry(float(rng.normal()))(b) for b in q)
    sites = rng.choice(n - 1, 2, replace=False)
    observable = cirq.Z(q[sites[0]]) * cirq.X(q[sites[0] + 1]) + 0.5 * cirq.Y(q[sites[1]]) + 0.25
    return qxai.PQC(circuit, x, observable)


def simulated(model, x):
    """The output from Cirq's simulator."""
    circuit = cirq.resolve_parameters(model.circuit, dict(zip(model.features, x)))
    simulator = cirq.Simulator(dtype=np.complex128)
    return simulator.simulate_expectation_values(circuit, [model.observable])[0].real


@given(st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_cones_add_up_to_the_circuit(seed):
    model = shallow(seed)
    found = cones(model.compiled)
    assert found is not None
    X = np.random.default_rng(seed).uniform(-2, 2, (2, model.num_features))
    values, gradient = model.values(X), model.gradient(X)
    np.testing.assert_allclose(values, [simulated(model, x) for x in X], atol=1e-11)
    whole = pytest.MonkeyPatch()
    whole.setattr(statevector, "_cones", lambda circuit: None)
    np.testing.assert_allclose(values, model.values(X), atol=1e-12)
    np.testing.assert_allclose(gradient, model.gradient(X), atol=1e-12)
    whole.undo()
    form = model.multilinear()
    np.testing.assert_allclose(form.values(X), values, atol=1e-11)
    seen = {i for cone in found for i in cone.features}
    shapley = qxai.shapley(model, X)
    np.testing.assert_allclose(shapley.residual, 0, atol=1e-11)
    beyond = [i for i in range(model.num_features) if i not in seen]
    assert (shapley.values[:, beyond] == 0).all()


def test_a_chain_of_commuting_gates_joins_neighbours_in_any_order():
    """CZ gates cancel where the operator is diagonal; written one after another they look deep."""
    q, x = cirq.LineQubit.range(12), sympy.symbols("x:12")
    chain = list(itertools.pairwise(q))
    for order in (chain, chain[::-1], chain[::2] + chain[1::2]):
        circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
        circuit += cirq.Circuit(cirq.CZ(a, b) for a, b in order)
        circuit += cirq.Circuit(cirq.rx(0.3)(b) for b in q)
        (cone,) = cones(qxai.PQC(circuit, x, cirq.Z(q[5])).compiled)
        assert cone.features == (4, 5, 6)


def test_few_qubits_and_readouts_that_see_all_are_run_as_they_are():
    assert cones(shallow(0, n=6).compiled) is None
    q, x = cirq.LineQubit.range(11), sympy.symbols("x:11")
    ladder = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    ladder += cirq.Circuit(cirq.CX(a, b) for a, b in itertools.pairwise(q))
    assert cones(qxai.PQC(ladder, x, cirq.Z(q[-1])).compiled) is None


@pytest.mark.parametrize("n", [20, 30])
def test_twenty_and_thirty_qubits_have_a_closed_form(n):
    """Two uploads, so that it is no product encoding; the same cut out of ten qubits."""

    def model(n):
        q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
        circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
        circuit += cirq.Circuit(cirq.CZ(a, b) for a, b in itertools.pairwise(q))
        circuit += cirq.Circuit(cirq.rx(2 * a)(b) for a, b in zip(x, q))
        circuit += cirq.Circuit(cirq.CX(a, b) for a, b in zip(q[::2], q[1::2]))
        return qxai.PQC(circuit, x, cirq.X(q[4]) * cirq.Y(q[5]) + 1)

    large, small = model(n), model(10)
    X = np.random.default_rng(0).uniform(-1, 1, (2, n))
    for method in (qxai.shapley, qxai.integrated_gradients, qxai.occlusion, qxai.taylor):
        found, expected = method(large, X), method(small, X[:, :10])
        np.testing.assert_allclose(found.values[:, :10], expected.values, atol=1e-11)
        assert np.abs(found.values[:, 10:]).max() < 1e-15
    assert qxai.shapley(large, X).route == "closed form"


def test_a_ladder_beyond_any_statevector_is_evaluated_from_its_form():
    """Its readout sees all thirty qubits, but few Pauli strings matter."""
    n = 30
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    circuit += cirq.Circuit(cirq.CX(a, b) for a, b in itertools.pairwise(q))
    model = qxai.PQC(circuit, x, cirq.Z(q[-1]))  # the product of all cosines
    X = np.random.default_rng(0).uniform(-0.5, 0.5, (3, n))
    np.testing.assert_allclose(model.values(X), np.cos(X).prod(axis=1), atol=1e-12)
    gradient = -np.tan(X) * np.cos(X).prod(axis=1, keepdims=True)
    np.testing.assert_allclose(model.gradient(X), gradient, atol=1e-12)
    np.testing.assert_allclose(model.estimate(X).values, model.values(X))


def test_cones_add_up_to_the_gradient_by_parameters(monkeypatch):
    """Of a loss whose weights depend on the whole output; beside the whole circuit, and steps."""
    n = 14
    model = qxai.ansatz.layered_classifier(n, 2, np.random.default_rng(0))
    assert statevector._cones(model.compiled) is not None
    X, y = np.random.default_rng(1).uniform(-2, 2, (5, n)), np.arange(5.0)
    start = model.parameter_values

    def slope():
        return qxai.Statevector().parameter_gradient(
            model.compiled, X, start, lambda found, rows: 2 * (found - y[rows])
        )

    values, found = slope()
    np.testing.assert_allclose(values, model.values(X), atol=1e-13)
    for place in (0, n, len(start) - 1):
        moved = np.repeat(start[None], 2, axis=0)
        moved[:, place] += 1e-5, -1e-5
        losses = [np.sum((model.with_parameters(p).values(X) - y) ** 2) for p in moved]
        assert found[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-7)
    monkeypatch.setattr(statevector, "_cones", lambda circuit: None)
    np.testing.assert_allclose(found, slope()[1], atol=1e-12)


def test_training_at_forty_qubits_lowers_the_loss():
    """No state of the whole is held: each readout's cone is run by itself."""
    model = qxai.ansatz.layered_classifier(40, 2, np.random.default_rng(0))
    X = np.random.default_rng(1).uniform(0, np.pi, (24, 40))
    result = qxai.fit(
        model, X, np.sign(X[:, 3] - 1.5), epochs=6, affine=True, rng=np.random.default_rng(2)
    )
    assert result.history[-1] < 0.9 * result.history[0]
