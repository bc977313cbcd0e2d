import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given

import qxai
from qxai.representations import propagation, strings
from tests import circuits


@pytest.mark.parametrize("make", [circuits.encoding_first, circuits.wide_features])
@given(seed=circuits.SEEDS)
def test_strings_pulled_back_one_by_one_are_those_of_the_matrix(make, seed):
    model = make(seed)
    dense = model.pauli_polynomial()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strings, "SMALL", 0)
        sparse = model.with_parameters(model.parameter_values).pauli_polynomial()
    X = circuits.inputs(seed, model)
    np.testing.assert_allclose(sparse.values(X), dense.values(X), atol=1e-12)
    known = {tuple(s): c for s, c in zip(dense.strings, dense.coefficients)}
    for string, coefficient in zip(sparse.strings, sparse.coefficients):
        assert abs(known.get(tuple(string), 0.0) - coefficient) < 1e-13


def test_a_list_that_outgrows_its_limit_falls_back_on_the_matrix(monkeypatch):
    monkeypatch.setattr(strings, "SMALL", 0)
    monkeypatch.setattr(propagation, "LIMIT", 10)
    model = circuits.encoding_first(2, qubits=4)
    X = circuits.inputs(2, model)
    np.testing.assert_allclose(model.pauli_polynomial().values(X), model.values(X), atol=1e-12)


def line(n, seed=0):
    """One layer on a line, read out in the middle: only its neighbourhood matters."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    for _ in range(2):
        circuit += cirq.Circuit(cirq.CZ(*pair) for pair in itertools.pairwise(q))
        angles = 0.3 + np.arange(n) % 5 + 0 * rng.normal(size=n)
        circuit += cirq.Circuit(cirq.ry(a)(b) for a, b in zip(angles.tolist(), q))
    return qxai.PQC(circuit, x, cirq.Z(q[n // 2]))


def test_sixty_qubits_with_a_short_reach():
    """The same window cut out of a longer line gives the same attributions."""
    wide, narrow = line(60), line(20)
    shift = 60 // 2 - 20 // 2  # a multiple of the pattern's period
    assert shift % 5 == 0
    X = np.random.default_rng(1).uniform(-2, 2, (3, 60))
    window = X[:, shift : shift + 20]
    found = qxai.shapley(wide.pauli_polynomial(), X, 0.1)
    expected = qxai.shapley(narrow.pauli_polynomial(), window, 0.1)
    np.testing.assert_allclose(found.values[:, shift : shift + 20], expected.values, atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    near = line(10).pauli_polynomial()
    assert near.polynomial().interaction_order <= 5
    smaller = line(10)
    Y = X[:, 25:35]
    np.testing.assert_allclose(qxai.qlrp(wide, X).output, smaller.values(Y), atol=1e-12)
    sparse = wide.pauli_polynomial()  # the statevector runs each readout's light cone
    np.testing.assert_allclose(wide.values(X), sparse.values(X), atol=1e-12)
    np.testing.assert_allclose(wide.gradient(X), sparse.polynomial().gradient(X), atol=1e-12)


def test_product_polynomials_check_their_shapes():
    good = {"weights": [1.0, 2.0], "factors": [np.ones((3, 2))], "frequencies": [[1.0]]}
    assert qxai.ProductPolynomial(**good).interaction_order == 1
    for change, message in (
        ({"factors": [np.ones((3, 1))]}, r"factors: expected shapes \[\(3, 2\)\]"),
        ({"weights": [1.0, np.nan]}, "expected finite numbers"),
        ({"frequencies": [[-1.0]]}, r"frequencies\[0\]: expected distinct positive"),
    ):
        with pytest.raises(ValueError, match=message):
            qxai.ProductPolynomial(**(good | change))


@given(seed=circuits.SEEDS)
def test_a_product_polynomial_is_its_dense_tensor(seed):
    """Values, derivatives and environments against the tensor that the factors multiply to."""
    rng = np.random.default_rng(seed)
    frequencies = [[1.0], [0.5, 2.0], []]
    factors = [rng.normal(size=(2 * len(w) + 1, 4)) for w in frequencies]
    weights = rng.normal(size=4)
    product = qxai.ProductPolynomial(weights, factors, frequencies)
    dense = qxai.TrigPolynomial(np.einsum("s,as,bs,cs->abc", weights, *factors), frequencies)
    X = rng.normal(size=(5, 3))
    np.testing.assert_allclose(product.values(X), dense.values(X), atol=1e-12)
    np.testing.assert_allclose(product.gradient(X), dense.gradient(X), atol=1e-12)
    vectors = [rng.normal(size=(5, len(f))) for f in factors]
    for one, other in zip(product.partials(vectors)[1], dense.partials(vectors)[1]):
        np.testing.assert_allclose(one, other, atol=1e-11)
    np.testing.assert_allclose(product.partials(vectors)[0], dense.contract(vectors), atol=1e-11)
