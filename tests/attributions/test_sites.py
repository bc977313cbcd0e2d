"""Relevance of the sites of a state, and of the amplitudes that hold an input."""

import cirq
import numpy as np
import pytest

import qxai
from tests import transcriptions
from tests.models.test_states import observable, random_model, random_states


@pytest.mark.parametrize("seed", range(3))
def test_sites_have_the_shapley_values_of_the_depolarised_game(seed):
    """Partial traces and the definition, site by site."""
    model, rng = random_model(seed), np.random.default_rng(seed)
    states, matrix = random_states(rng, 3, 2), observable(model)
    found = qxai.site_relevance(model, states)
    for state, row in zip(states, found.values):
        rho = np.outer(state, state.conj()).reshape((2,) * 6)

        def game(present, rho=rho):
            kept = rho
            for site in set(range(3)) - set(present):
                traced = np.trace(kept, axis1=site, axis2=3 + site)
                kept = np.moveaxis(
                    np.tensordot(np.eye(2) / 2, traced, axes=0), (0, 1), (site, 3 + site)
                )
            return np.trace(kept.reshape(8, 8) @ matrix).real

        np.testing.assert_allclose(row, transcriptions.shapley_of_game(game, 3), atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, np.trace(matrix).real / 8, atol=1e-12)
    assert found.evaluations == 2 * 2 * 3 * 2
    assert found.names == ("q(0)", "q(1)", "q(2)")


def test_a_mixed_state_has_the_mean_of_its_parts():
    model, rng = random_model(4), np.random.default_rng(0)
    states, shares = random_states(rng, 3, 4), rng.dirichlet(np.ones(4))
    mixed = np.einsum("n,na,nb->ab", shares, states, states.conj())[None]
    found = qxai.site_relevance(model, mixed).values
    np.testing.assert_allclose(found[0], shares @ qxai.site_relevance(model, states).values)


def test_a_product_encoding_has_the_relevance_of_its_features():
    """QLRP of a circuit is the site relevance of the states that its encoding prepares."""
    q = cirq.LineQubit.range(3)
    x = [f"x{i}" for i in range(3)]
    rest = cirq.Circuit(cirq.CX(q[0], q[1]), cirq.ry(0.4)(q[1]), cirq.CZ(q[1], q[2]))
    encoding = cirq.Circuit(cirq.ry(qxai.models.refusals.as_symbol(n))(a) for n, a in zip(x, q))
    measured = cirq.Z(q[0]) * cirq.Z(q[1]) + 0.5 * cirq.X(q[2])
    pqc = qxai.PQC(encoding + rest, x, measured)
    model = qxai.StateModel(rest, measured, {}, q)
    X = np.random.default_rng(0).normal(size=(3, 3))
    states = model.prepared([cirq.resolve_parameters(encoding, dict(zip(x, row))) for row in X])
    expected = qxai.qlrp(pqc, X)
    found = qxai.site_relevance(model, states)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, expected.baseline_output, atol=1e-12)


def test_an_excited_cluster_state_tells_its_site():
    """Every stabiliser of the two neighbours falls by 1 − cos θ, and shares it by thirds."""
    n = 6
    task = qxai.datasets.excitations(n, 8, np.random.default_rng(0))
    q = task.qubits
    strings = [cirq.Z(q[i - 1]) * cirq.X(q[i]) * cirq.Z(q[(i + 1) % n]) / n for i in range(n)]
    model = qxai.StateModel(cirq.Circuit(), sum(strings, cirq.PauliSum()), {}, q)
    found = qxai.site_relevance(model, task.states)
    missing = 1 - np.cos(task.X.sum(axis=1))
    np.testing.assert_allclose(found.output, 1 - 2 * missing / n, atol=1e-12)
    steps = np.abs(np.arange(n) - np.argmax(task.relevant, axis=1)[:, None])
    steps = np.minimum(steps, n - steps)
    share = np.select([steps == 0, steps <= 2], [2.0, 1.0])
    np.testing.assert_allclose(found.values, 1 / n - share * missing[:, None] / (3 * n), atol=1e-12)


def test_amplitudes_take_part_in_the_output():
    """``x_i (Ax)_i / |x|²``, with the observable's matrix; gradient × input sums to zero."""
    model, rng = random_model(3), np.random.default_rng(0)
    X = rng.normal(size=(4, 8)) * 3
    found = qxai.amplitude_relevance(model, X)
    expected = X * (X @ observable(model).real.T) / np.sum(X**2, axis=1, keepdims=True)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    np.testing.assert_allclose((X * model.gradient(X)).sum(axis=1), 0, atol=1e-12)
    assert found.names[:2] == ("|000⟩", "|001⟩")


def test_models_of_another_kind_are_refused_with_what_would_do():
    other = qxai.TrigPolynomial([0, 1, 0], frequencies=[[1]])
    with pytest.raises(ValueError, match=r"length of the input.* qxai\.gradient_x_input"):
        qxai.amplitude_relevance(other, [[0.5]])
    assert qxai.gradient_x_input(other, [[0.5]]).values.shape == (1, 1)
    with pytest.raises(TypeError, match=r"wrap the readout in qxai\.StateModel"):
        qxai.site_relevance(other, [[0.5]])
