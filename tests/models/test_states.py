"""Readouts of states, against density matrices written out."""

import pickle

import cirq
import numpy as np
import pytest
import sympy

import qxai
from tests import circuits, transcriptions


def random_states(rng, n, count, real=False):
    states = rng.normal(size=(count, 2**n)) + (0 if real else 1j) * rng.normal(size=(count, 2**n))
    return states / np.linalg.norm(states, axis=1, keepdims=True)


def random_model(seed, n=3):
    rng = np.random.default_rng(seed)
    q = cirq.LineQubit.range(n)
    symbols = list(sympy.symbols("t:60"))
    circuit = cirq.Circuit(circuits.trainable_layer(rng, q, symbols) for _ in range(2))
    used = sorted(cirq.parameter_symbols(circuit), key=str)
    parameters = dict(zip(used, rng.uniform(-3, 3, len(used))))
    return qxai.StateModel(circuit, circuits.random_observable(rng, q) + 0.3, parameters, q)


def observable(model):
    """``U† M U`` from Cirq's matrices."""
    unitary = transcriptions.full_unitary(model.circuit, model.parameters, list(model.qubits))
    return unitary.conj().T @ model.observable.matrix(list(model.qubits)) @ unitary


@pytest.mark.parametrize("seed", range(4))
def test_values_are_traces_with_the_observable_carried_back(seed):
    model, rng = random_model(seed), np.random.default_rng(seed)
    states, matrix = random_states(rng, 3, 5), observable(model)
    expected = [np.vdot(s, matrix @ s).real for s in states]
    np.testing.assert_allclose(model.values(states), expected, atol=1e-12)
    np.testing.assert_allclose(model.values(states * 2.5), expected, atol=1e-12)  # any length
    shares = rng.dirichlet(np.ones(5))
    mixed = np.einsum("n,na,nb->ab", shares, states, states.conj())
    np.testing.assert_allclose(model.values(mixed[None]), [shares @ expected], atol=1e-12)


def test_a_circuit_with_features_is_its_preparation_and_a_readout():
    """The same output as a PQC whose encoding prepares the states."""
    pqc = circuits.encoding_first(5, qubits=3)
    encoding = cirq.Circuit(pqc.circuit[:1])
    qubits = sorted(pqc.circuit.all_qubits())
    readout = cirq.Circuit(pqc.circuit[1:])
    model = qxai.StateModel(readout, pqc.observable, pqc.parameters, qubits)
    X = circuits.inputs(5, pqc, 4)
    prepared = model.prepared(
        [cirq.resolve_parameters(encoding, dict(zip(pqc.features, row))) for row in X]
    )
    np.testing.assert_allclose(model.values(prepared), pqc.values(X), atol=1e-12)


def test_the_gradient_by_amplitudes():
    model, rng = random_model(1), np.random.default_rng(0)
    X = rng.normal(size=(3, 8)) * 2
    step = 1e-6
    for i in range(8):
        shift = step * np.eye(8)[i]
        slope = (model.values(X + shift) - model.values(X - shift)) / (2 * step)
        np.testing.assert_allclose(model.gradient(X)[:, i], slope, atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_dividends_by_support_are_those_of_the_depolarised_game(seed):
    """v(S): the sites outside of S replaced by the maximally mixed state; Möbius transform."""
    model, rng = random_model(seed), np.random.default_rng(seed)
    state, matrix = random_states(rng, 3, 1)[0], observable(model)
    rho = np.outer(state, state.conj()).reshape((2,) * 6)

    def game(kept):
        kept_rho = rho
        for site in range(3):
            if not kept[site]:
                traced = np.trace(kept_rho, axis1=site, axis2=3 + site)
                kept_rho = np.tensordot(np.eye(2) / 2, traced, axes=0)
                kept_rho = np.moveaxis(kept_rho, (0, 1), (site, 3 + site))
        return np.trace(kept_rho.reshape(8, 8) @ matrix).real

    found = model.by_support(state[None])[0]
    for number in range(8):
        kept = [bool(number >> (2 - site) & 1) for site in range(3)]
        inside = [m for m in range(8) if m & ~number == 0]
        np.testing.assert_allclose(game(kept), found[inside].sum(), atol=1e-12)


def test_differences_names_and_copies():
    model = random_model(2)
    other = qxai.StateModel(model.circuit, cirq.Z(model.qubits[0]), model.parameters, model.qubits)
    states = random_states(np.random.default_rng(0), 3, 4)
    difference = 2 * model - other
    assert isinstance(difference, qxai.StateModel)
    expected = 2 * model.values(states) - other.values(states)
    np.testing.assert_allclose(difference.values(states), expected, atol=1e-12)
    assert model.feature_names[5] == "|101⟩"
    assert repr(model) == f"<StateModel: 3 qubits, {len(model.parameters)} parameters>"
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.values(states), model.values(states))
    moved = model.with_parameters({next(iter(model.parameters)): 0.1})
    assert not np.allclose(moved.values(states), model.values(states))


def test_sites_are_the_given_ones_in_their_order():
    q = cirq.LineQubit.range(3)
    model = qxai.StateModel(cirq.Circuit(), cirq.Z(q[0]), qubits=(q[2], q[1], q[0]))
    np.testing.assert_allclose(model.values(np.eye(8)), [1, -1] * 4)  # the last bit is q(0)
    found = qxai.site_relevance(model, np.eye(8)[:1])
    assert found.names == ("q(2)", "q(1)", "q(0)")
    np.testing.assert_allclose(found.values, [[0, 0, 1]], atol=1e-15)


Q = cirq.LineQubit.range(2)
PLAIN = qxai.StateModel(cirq.Circuit(cirq.CX(*Q)), cirq.Z(Q[1]))


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ([[1, 0, 0]], r"expected shape \(N, 4\), .* found \(1, 3\)"),
        ([1, 0, 0, 0], r"expected shape \(N, 4\)"),
        ([[0, 0, 0, 0]], "found only zeros in row 0; .* baseline=1.0"),
        ([[np.nan, 0, 0, 1]], "expected finite numbers"),
        (np.eye(4)[None], "Hermitian matrices of trace 1"),
        (1j * np.eye(4)[None] / 4, "Hermitian matrices of trace 1"),
        (np.diag([2.0, -1, 0, 0])[None], "without negative eigenvalues"),
    ],
)
def test_what_is_no_state_is_refused(states, message):
    with pytest.raises(ValueError, match=message):
        PLAIN.values(states)


@pytest.mark.parametrize("size", [1e200, 1e-200, 1e-163])
def test_states_of_any_length_are_states(size):
    """Squares of the numbers are no numbers; a quarter of nine sixteenths is."""
    one = qxai.StateModel(cirq.Circuit(), cirq.Z(Q[0]))
    X = np.array([[3.0, 4.0]])
    np.testing.assert_allclose(one.values(size * X), [-0.28])
    found = qxai.amplitude_relevance(one, size * X).values
    np.testing.assert_allclose(found, [[0.36, -0.64]], atol=1e-12)


def test_the_remedies_work():
    assert PLAIN.values((np.eye(4) / np.trace(np.eye(4)))[None]).shape == (1,)
    with pytest.raises(ValueError, match="only zeros"):
        qxai.occlusion(PLAIN, [[1, 2, 3, 4]])  # with everything absent there is no state
    assert np.isfinite(qxai.occlusion(PLAIN, [[1, 2, 3, 4]], baseline=1.0).values).all()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((cirq.Circuit(), cirq.Z(Q[0]), [0.4]), TypeError, "parameters: expected"),
        ((3, cirq.Z(Q[0])), TypeError, "circuit: expected a cirq.Circuit, found int"),
        ((cirq.Circuit(cirq.rx(sympy.Symbol("x"))(Q[0])), cirq.Z(Q[0])), ValueError, "in x; a"),
        ((cirq.Circuit(cirq.X(Q[0])), cirq.Z(Q[0]), {"x": 1}), ValueError, "difference in x"),
        ((cirq.Circuit(cirq.X(Q[0])), cirq.Z(Q[0]), {}, Q[1:]), ValueError, r"q\(0\) is missing"),
        ((cirq.Circuit(), cirq.Z(Q[0]), {}, [Q[0], Q[0]]), ValueError, "all different"),
        ((cirq.Circuit(cirq.reset(Q[0])), cirq.Z(Q[0])), ValueError, "expected unitary operations"),
        ((cirq.Circuit(), 1j * cirq.Z(Q[0])), ValueError, "expected a Hermitian sum"),
    ],
)
def test_what_is_no_readout_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=message):
        qxai.StateModel(*arguments)


def test_circuits_that_prepare_are_on_the_sites_and_without_symbols():
    x = sympy.Symbol("x")
    for circuit in (cirq.Circuit(cirq.rx(x)(Q[0])), cirq.Circuit(cirq.X(cirq.LineQubit(7)))):
        with pytest.raises(ValueError, match=r"circuits\[0\]: expected one without symbols"):
            PLAIN.prepared([circuit])
    measured = cirq.Circuit(cirq.X(Q[0]), cirq.measure(*Q))
    np.testing.assert_allclose(PLAIN.prepared([measured]), [[0, 0, 1, 0]])
