"""Several observables of one circuit: values and gradients that share a sweep."""

import cirq
import numpy as np
import pytest
from hypothesis import given

import qxai
from qxai.compiled import compile_circuit
from qxai.observable import Observable
from tests import circuits


def several(model, rng):
    """Three observables on the model's qubits, the first diagonal, and what each gives alone."""
    qubits = model.compiled.qubits
    a, b = qubits[0], qubits[-1]
    sums = [
        cirq.PauliSum() + cirq.Z(a) + 0.5,
        cirq.PauliSum() + rng.normal() * cirq.X(b),
        rng.normal() * cirq.Y(a) - 0.3 * cirq.Z(b) + 0.0,
    ]
    return [Observable.of(found, qubits) for found in sums], [
        qxai.PQC(model.circuit, model.features, found, dict(model.parameters)) for found in sums
    ]


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_one_sweep_gives_what_one_sweep_each_gives(make, seed):
    model = make(seed)
    rng = np.random.default_rng(seed)
    X = circuits.inputs(seed, model)
    observables, singles = several(model, rng)
    weights = rng.normal(size=(len(X), len(singles)))
    theta = model.parameter_values
    values, slope = qxai.Statevector().parameter_gradients(
        model.compiled, observables, X, theta, lambda found, rows: weights[rows]
    )
    expected = np.stack([single.values(X) for single in singles], axis=1)
    np.testing.assert_allclose(values, expected, atol=1e-12)
    found = qxai.Statevector().several_values(model.compiled, observables, X, theta)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    alone = [
        single.backend.parameter_gradient(
            single.compiled, X, theta, lambda found, rows, w=weight: w[rows]
        )[1]
        for single, weight in zip(singles, weights.T)
    ]
    np.testing.assert_allclose(slope, np.sum(alone, axis=0), atol=1e-11)


def test_the_slope_of_a_loss_of_several_outputs_is_that_of_finite_differences():
    """A loss that mixes the outputs of each input, in chunks of two inputs."""
    model = qxai.ansatz.layered_classifier(3, 2, np.random.default_rng(1))
    rng = np.random.default_rng(4)
    X, target = rng.uniform(0, np.pi, (5, 3)), rng.normal(size=(5, 3))
    observables, _ = several(model, rng)
    backend, step = qxai.Statevector(chunk=2 * 8), 1e-5

    def loss(theta):
        found = backend.several_values(model.compiled, observables, X, theta)
        return np.sum(np.sin(found.sum(axis=1)) + np.sum(found * target, axis=1))

    def pullback(values, rows):
        return np.cos(values.sum(axis=1))[:, None] + target[rows]

    theta = model.parameter_values
    slope = backend.parameter_gradients(model.compiled, observables, X, theta, pullback)[1]
    moved = step * np.eye(len(theta))
    expected = [(loss(theta + m) - loss(theta - m)) / (2 * step) for m in moved]
    np.testing.assert_allclose(slope, expected, atol=1e-8)


def test_no_inputs_are_no_values():
    model = qxai.ansatz.layered_classifier(2, 1, np.random.default_rng(0))
    symbols = tuple(model.parameters)
    compiled = compile_circuit(model.circuit, model.features, symbols, cirq.PauliSum())
    observable = Observable.of(cirq.PauliSum() + cirq.Z(compiled.qubits[0]), compiled.qubits)
    found = qxai.Statevector().several_values(
        compiled, [observable] * 3, np.zeros((0, 2)), model.parameter_values
    )
    assert found.shape == (0, 3)
