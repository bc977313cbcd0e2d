import sys

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.backends.shift_rule import shift_rule
from tests import circuits


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", circuits.MAKERS)
def test_qsim_agrees_to_single_precision(needs_qsim, make, seed):
    model = make(seed)
    X = circuits.inputs(seed, model, 2)
    other = model.on(qxai.QSim())
    np.testing.assert_allclose(other.values(X), model.values(X), atol=2e-6)
    np.testing.assert_allclose(other.gradient(X), model.gradient(X), atol=2e-5)


def test_the_shift_is_per_gate_when_a_feature_enters_twice(needs_qsim):
    """``⟨Z⟩ = cos 2x``: one shift of π/2 in x, common to both gates, would give zero."""
    q = cirq.LineQubit(0)
    x = sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.ry(x)(q)), [x], cirq.Z(q))
    X = np.array([[0.3]])
    found = model.on(qxai.QSim()).gradient(X)
    np.testing.assert_allclose(found, -2 * np.sin(2 * X), atol=1e-5)


@pytest.mark.parametrize("frequencies", [[1.0], [2.5], [0.5, 1.0], [1, 2, 3], [0.1, 0.9, 1.0]])
def test_the_shift_rule_differentiates_every_function_of_its_frequencies(frequencies):
    frequencies = np.array(frequencies, float)
    rng = np.random.default_rng(0)
    cosines, sines = rng.normal(size=(2, len(frequencies)))

    def g(t):
        return np.cos(frequencies * t) @ cosines + np.sin(frequencies * t) @ sines

    found = sum(w * (g(s) - g(-s)) for s, w in zip(*shift_rule(frequencies)))
    np.testing.assert_allclose(found, frequencies @ sines, rtol=1e-10)


def test_one_frequency_has_the_textbook_rule():
    shifts, weights = shift_rule(np.array([2.0]))
    np.testing.assert_allclose([shifts[0], weights[0]], [np.pi / 4, 1.0])


def test_qsim_handles_nothing_to_do(needs_qsim):
    model = circuits.encoding_first(1, qubits=2)
    assert model.on(qxai.QSim()).values(np.zeros((0, 2))).shape == (0,)
    zero = qxai.PQC(model.circuit, model.features, cirq.PauliSum(), model.parameters)
    np.testing.assert_array_equal(zero.on(qxai.QSim()).values(np.ones((2, 2))), 0)


def test_without_qsim_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "qsimcirq", None)
    model = circuits.encoding_first(1, qubits=2).on(qxai.QSim())
    with pytest.raises(ImportError, match=r"pip install qsimcirq .* statevector backend"):
        model.values(np.ones((1, 2)))
