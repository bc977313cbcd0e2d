"""What is handed in is copied, and what is handed out of a cache cannot be changed."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from tests import circuits

X = np.random.default_rng(0).uniform(-2, 2, (3, 2))


def arrays_of(form):
    names = ("coefficients", "weights", "strings", "owners", "parameters", "frequencies", "factors")
    for name in names:
        found = getattr(form, name, ())
        yield from (found if isinstance(found, list | tuple) else [found])


@pytest.mark.parametrize("form", ["polynomial", "pauli_polynomial", "multilinear"])
def test_a_model_cannot_be_changed_through_its_polynomials(form):
    model = circuits.encoding_first(4, qubits=2)
    before = model.polynomial().values(X)
    for array in arrays_of(getattr(model, form)()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 2
    np.testing.assert_array_equal(model.polynomial().values(X), before)


def test_polynomials_do_not_follow_the_arrays_they_were_made_from():
    w, tensor = np.array([1.0]), np.array([0.5, 1.0, 0.0])
    model = qxai.TrigPolynomial(tensor, [w])
    weights, factor = np.array([2.0]), np.array([[0.0], [1.0], [0.0]])
    product = qxai.ProductPolynomial(weights, [factor], [w])
    expected = model.values([[0.3]]), product.values([[0.3]])
    for array in (w, tensor, weights, factor):
        array[...] = 2.0
    np.testing.assert_array_equal(model.values([[0.3]]), expected[0])
    np.testing.assert_array_equal(product.values([[0.3]]), expected[1])


def test_kernel_models_do_not_follow_their_support():
    x, q = sympy.Symbol("x"), cirq.LineQubit(0)
    support, dual = np.array([[0.1], [0.7]]), np.array([1.0, 2.0])
    model = qxai.KernelModel(cirq.Circuit(cirq.ry(x)(q)), [x], support, dual)
    expected = model.values([[0.3]])
    support[...], dual[...] = 9, 9
    np.testing.assert_array_equal(model.values([[0.3]]), expected)


def test_a_circuit_model_does_not_follow_its_observable():
    x, q = sympy.Symbol("x"), cirq.LineQubit(0)
    observable = cirq.PauliSum() + cirq.Z(q)
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], observable)
    observable += 5 * cirq.X(q)
    taken = model.observable
    taken += 7 * cirq.X(q)
    np.testing.assert_allclose(model.values([[0.3]]), np.cos(0.3))
    np.testing.assert_allclose(model.on(qxai.QSim()).values([[0.3]]), np.cos(0.3), atol=1e-6)


def test_nodes_of_the_quadratures_cannot_be_changed():
    from qxai.quadrature import unit_gauss_legendre
    from qxai.representations.basis import inverse_at_nodes, nodes

    frequencies = np.array([1.0, 2.0])
    for array in (*unit_gauss_legendre(3), nodes(frequencies), inverse_at_nodes(frequencies)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 2
