import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.ansatz import (
    angle_encoding,
    hardware_efficient_layers,
    layered_classifier,
    mean_z,
    ring_classifier,
)
from tests import circuits

Q = cirq.LineQubit.range(2)
CIRCUIT = cirq.Circuit(cirq.ry(sympy.Symbol("x"))(Q[0]), cirq.rz(sympy.Symbol("t"))(Q[1]))


@pytest.mark.parametrize(
    ("features", "parameters", "message"),
    [
        ([], {"t": 1, "x": 1}, "features: expected at least one symbol"),
        (["x", "x"], {"t": 1}, "features: expected different symbols"),
        (["x", "z"], {"t": 1}, "features: expected symbols of the circuit, found z; .* has t, x"),
        (["x"], {}, "parameters: expected a value for every symbol, found none for t"),
        (["x"], {"t": 1, "u": 2}, "parameters: expected symbols of the circuit, found u"),
        (["x"], {"t": 1, "x": 2}, "parameters: expected no features, found x"),
        (["x"], {"t": np.nan}, "parameters: expected finite values, found others for t"),
    ],
)
def test_bad_symbols_are_refused(features, parameters, message):
    with pytest.raises(ValueError, match=message):
        qxai.PQC(CIRCUIT, features, cirq.Z(Q[0]), parameters)


def test_an_observable_that_is_not_hermitian_is_refused():
    with pytest.raises(ValueError, match="observable: expected a Hermitian sum"):
        qxai.PQC(CIRCUIT, ["x"], 1j * cirq.Z(Q[0]), {"t": 1})


def test_inputs_of_the_wrong_width_are_refused():
    model = circuits.encoding_first(2, qubits=3)
    for method in (model.values, model.gradient):
        with pytest.raises(ValueError, match=r"X: expected real numbers of shape \(N, 3\)"):
            method(np.zeros((2, 4)))


def test_a_model_is_not_changed_but_copied():
    model = qxai.PQC(CIRCUIT, ["x"], cirq.X(Q[1]) + cirq.Z(Q[0]), {"t": 0.3})
    before = model.polynomial()
    other = model.with_parameters({"t": 1.0})
    assert other.compiled is model.compiled  # nothing is compiled twice
    assert model.parameters == {sympy.Symbol("t"): 0.3}
    assert model.polynomial() is before
    assert other.polynomial() is not before
    assert other.with_parameters([2.0]).parameters == {sympy.Symbol("t"): 2.0}
    assert isinstance(model.on(qxai.QSim()).backend, qxai.QSim)
    with pytest.raises(AttributeError):
        model.parameters = {}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"u": 1}, "values: expected parameters of the model, found u"),
        ([1.0, 2.0], r"values: expected shape \(1,\), found \(2,\)"),
        ([np.inf], "parameters: expected finite"),
    ],
)
def test_bad_parameter_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        qxai.PQC(CIRCUIT, ["x"], cirq.Z(Q[0]), {"t": 1}).with_parameters(values)


def test_an_idle_qubit_may_be_observed(needs_qsim):
    q = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(cirq.ry(sympy.Symbol("x"))(q[0]))
    model = qxai.PQC(circuit, ["x"], cirq.Z(q[0]) * cirq.Z(q[2]))
    np.testing.assert_allclose(model([[0.4]]), np.cos(0.4))
    np.testing.assert_allclose(model.on(qxai.QSim())([[0.4]]), np.cos(0.4), atol=1e-6)


def test_exponents_and_radians_are_not_confused():
    x = sympy.Symbol("x")
    half_turns = qxai.PQC(cirq.Circuit(cirq.Y(Q[0]) ** x), [x], cirq.Z(Q[0]))
    np.testing.assert_allclose(half_turns([[0.25]]), np.cos(np.pi / 4))
    np.testing.assert_allclose(half_turns.polynomial().frequencies[0], [np.pi])


def test_encoding_refuses_another_number_of_qubits():
    with pytest.raises(ValueError, match="qubits: expected one for each of 3 features, found 2"):
        angle_encoding(Q, sympy.symbols("x:3"))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_layers_have_the_stated_size(n):
    qubits = cirq.LineQubit.range(n)
    circuit, symbols = hardware_efficient_layers(qubits, 2)
    assert len(symbols) == 4 * n == len(cirq.parameter_symbols(circuit))
    entangling = [op for op in circuit.all_operations() if len(op.qubits) == 2]
    assert len(entangling) == 2 * {1: 0, 2: 1}.get(n, n)


def test_every_parameter_of_the_classifier_matters():
    model = layered_classifier(4, 2, np.random.default_rng(0))
    X = np.random.default_rng(1).uniform(0, 3, (20, 4))
    for symbol, value in model.parameters.items():
        moved = model.with_parameters({symbol: value + 1.0})
        assert np.abs(moved(X) - model(X)).max() > 1e-3, symbol


def test_the_classifier_is_bounded_and_reproducible():
    model = layered_classifier(3, 2, np.random.default_rng(0))
    again = layered_classifier(3, 2, np.random.default_rng(0))
    assert model.parameters == again.parameters
    assert np.abs(model(np.random.default_rng(1).normal(size=(50, 3)))).max() <= 1
    assert mean_z(Q) == (cirq.Z(Q[0]) + cirq.Z(Q[1])) / 2


def test_reprs_are_short_and_tell_the_size():
    model = ring_classifier(8, 3, np.random.default_rng(0))
    assert repr(model) == "<PQC: 8 features, 8 qubits, 48 parameters, on Statevector>"
    x, q = sympy.Symbol("x"), cirq.LineQubit(0)
    kernel = qxai.KernelModel(cirq.Circuit(cirq.ry(x)(q)), [x], np.zeros((500, 1)), np.ones(500))
    assert repr(kernel) == "<KernelModel: 1 features, 1 qubits, 500 support points>"


def test_a_text_is_no_list_of_features():
    circuit = cirq.Circuit(cirq.ry(sympy.Symbol("x0"))(cirq.LineQubit(0)))
    for build in (
        lambda features: qxai.KernelModel(circuit, features, [[0.1]], [1.0]),
        lambda features: qxai.PQC(circuit, features, cirq.Z(cirq.LineQubit(0))),
    ):
        with pytest.raises(TypeError, match=r"features: expected several, .*'x0'"):
            build("x0")
        assert build(["x0"]).num_features == 1
