import numpy as np
import pytest
from hypothesis import given

import qxai
from qxai.quadrature import unit_gauss_legendre
from tests import circuits, transcriptions


@pytest.mark.parametrize("make", circuits.MAKERS)
@given(seed=circuits.SEEDS)
def test_closed_form_is_the_enumeration(make, seed):
    """Identity I5, on values of the full unitary."""
    model = make(seed)
    x, baseline = circuits.inputs(seed, model, 2)
    found = qxai.shapley(model, x[None], baseline)
    game = transcriptions.feature_game(model, x, baseline)
    expected = transcriptions.shapley_of_game(game, len(x))
    np.testing.assert_allclose(found.values[0], expected, atol=1e-11)
    np.testing.assert_allclose(found.residual, 0, atol=1e-11)


@pytest.mark.parametrize("w", range(1, 7))
def test_half_the_order_in_nodes_is_enough_and_one_fewer_is_not(w, monkeypatch):
    """A product of w sines: Shapley values by enumeration of its game."""
    coefficients = np.zeros((3,) * w)
    coefficients[(2,) * w] = 1
    model = qxai.TrigPolynomial(coefficients, [[1.0]] * w)
    rng = np.random.default_rng(w)
    x, baseline = rng.uniform(0.2, 1.4, (2, w))

    def game(present):
        return np.prod(np.sin([x[i] if i in present else baseline[i] for i in range(w)]))

    expected = transcriptions.shapley_of_game(game, w)
    np.testing.assert_allclose(qxai.shapley(model, x[None], baseline).values[0], expected)
    monkeypatch.setattr(
        "qxai.attributions.shapley.unit_gauss_legendre", lambda n: unit_gauss_legendre(n - 1)
    )
    assert not np.allclose(qxai.shapley(model, x[None], baseline).values[0], expected, rtol=1e-6)


@given(seed=circuits.SEEDS)
def test_axioms(seed):
    rng = np.random.default_rng(seed)
    C = rng.normal(size=(3, 3, 1, 3))
    symmetric = C + C.transpose(1, 0, 2, 3)
    model = qxai.TrigPolynomial(symmetric, [[1.0], [1.0], [], [1.0]])
    x = np.array([[0.7, 0.7, 2.0, rng.normal()]])
    values = qxai.shapley(model, x, [0.1, 0.1, -1.0, 0.3]).values[0]
    np.testing.assert_allclose(values[0], values[1], atol=1e-12)
    assert values[2] == 0  # an unused feature


def test_an_input_at_its_baseline_and_an_empty_batch():
    model = circuits.encoding_first(3, qubits=3)
    X = circuits.inputs(3, model)
    np.testing.assert_array_equal(qxai.shapley(model, X, X).values, 0)
    assert qxai.shapley(model, X[:0]).values.shape == (0, 3)


def test_evaluations_follow_the_stated_formula():
    model = circuits.encoding_first(3, qubits=3)
    X = circuits.inputs(3, model)
    nodes = -(-model.polynomial().interaction_order // 2)
    assert qxai.shapley(model, X).evaluations == 2 * X.size * nodes
