"""Sobol indices, kernel models by example, and the law of concentration."""

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given
from scipy.stats import unitary_group

import qxai
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.routes import from_observable
from tests import circuits, transcriptions


@given(seed=circuits.SEEDS)
def test_indices_are_shares_of_variance_on_a_grid(seed):
    """Unit frequencies: means over equispaced grids are exact integrals over a period."""
    rng = np.random.default_rng(seed)
    model = qxai.TrigPolynomial(rng.normal(size=(5, 3, 3)), [[1.0, 2.0], [1.0], [1.0]])
    axis = 2 * np.pi * np.arange(6) / 6
    X = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    f = model.values(X.reshape(-1, 3)).reshape(6, 6, 6)
    found = qxai.sobol_indices(model)
    np.testing.assert_allclose(found.variance, f.var())
    for i in range(3):
        others = tuple(k for k in range(3) if k != i)
        np.testing.assert_allclose(found.first[i], f.mean(axis=others).var() / f.var(), atol=1e-12)
        np.testing.assert_allclose(found.total[i], f.var(axis=i).mean() / f.var(), atol=1e-12)


@given(seed=circuits.SEEDS)
def test_total_indices_of_single_uploads_are_mean_squared_slopes(seed):
    """``T_i Var f = E[(∂_i f)²]`` where every frequency is 1."""
    model = circuits.encoding_first(seed, qubits=2)
    axis = 2 * np.pi * np.arange(5) / 5
    X = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    try:
        found = qxai.sobol_indices(model)
    except ValueError:
        assert np.ptp(model.values(X)) < 1e-10
        return
    slopes = (model.gradient(X) ** 2).mean(axis=0)
    np.testing.assert_allclose(found.total * found.variance, slopes, atol=1e-12)


def test_a_constant_model_has_no_indices():
    with pytest.raises(ValueError, match="found a constant"):
        qxai.sobol_indices(qxai.TrigPolynomial([2.0, 0, 0], [[1.0]]))


def test_indices_of_a_sum_of_products_are_those_of_its_tensor():
    model = circuits.encoding_first(2, qubits=2)
    found = qxai.sobol_indices(model.pauli_polynomial())
    expected = qxai.sobol_indices(model)
    np.testing.assert_allclose(found.first, expected.first, atol=1e-12)
    np.testing.assert_allclose(found.total, expected.total, atol=1e-12)
    assert found.variance == pytest.approx(expected.variance)


def kernel_model(seed, entangled):
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:2")
    circuit = cirq.Circuit(
        cirq.ry(x[0])(q[0]), cirq.rx(2 * x[1])(q[1]), cirq.ry(0.3)(q[2]), cirq.rx(x[0])(q[2])
    )
    circuit += cirq.Circuit(cirq.rz(sympy.Symbol("t"))(q[1]), cirq.H(q[0]))
    if entangled:
        circuit += cirq.Circuit(cirq.CZ(q[0], q[1]), cirq.rx(x[1])(q[0]))
    support, dual = rng.uniform(-3, 3, (6, 2)), rng.normal(size=6)
    return qxai.KernelModel(circuit, x, support, dual, 0.4, {"t": 0.9})


def overlap(model, x, y):
    qubits = sorted(model.feature_map.all_qubits())

    def state(point):
        values = {**model.parameters, **dict(zip(model.features, map(float, point)))}
        return transcriptions.full_unitary(model.feature_map, values, qubits)[:, 0]

    return abs(state(x).conj() @ state(y)) ** 2


@pytest.mark.parametrize("entangled", [False, True])
@given(seed=circuits.SEEDS)
def test_a_kernel_model_is_an_encoding_first_model(entangled, seed):
    """Identity I1, with overlaps of full states, and the polynomial by either way."""
    model = kernel_model(seed, entangled)
    X = circuits.inputs(seed, model, 3)
    kernel = [[overlap(model, x, s) for s in model.support] for x in X]
    np.testing.assert_allclose(model.kernel(X), kernel, atol=1e-12)
    expected = kernel @ model.dual + 0.4
    for form in (model, model.polynomial()):
        np.testing.assert_allclose(form.values(X), expected, atol=1e-11)
    np.testing.assert_allclose(model.polynomial().gradient(X), model.gradient(X), atol=1e-11)
    step = 1e-6
    for i in range(2):
        shift = step * np.eye(2)[i]
        slope = (model.values(X + shift) - model.values(X - shift)) / (2 * step)
        np.testing.assert_allclose(model.gradient(X)[:, i], slope, atol=1e-8)


@pytest.mark.parametrize("entangled", [False, True])
def test_the_observable_of_a_kernel_model_is_its_projectors(entangled):
    """Identity I1 again, through the Pauli coefficients of ``Σ α |ψ⟩⟨ψ|``; b stands apart."""
    model = kernel_model(3, entangled)
    parameters = np.array(list(model.parameters.values()))
    frequencies = feature_frequencies(model.compiled, parameters)
    evolved = from_observable(model.compiled, parameters, frequencies)
    X = circuits.inputs(3, model, 3)
    expected = model.values(X) - model.intercept
    np.testing.assert_allclose(evolved.values(X), expected, atol=1e-11)


@pytest.mark.parametrize("entangled", [False, True])
def test_a_kernel_model_is_explained_by_features_and_by_examples(entangled):
    model = kernel_model(5, entangled)
    x, baseline = circuits.inputs(5, model, 2)

    def game(present):
        point = [x[i] if i in present else baseline[i] for i in range(2)]
        return model.values([point])[0]

    found = qxai.shapley(model, x[None], baseline)
    np.testing.assert_allclose(found.values[0], transcriptions.shapley_of_game(game, 2), atol=1e-11)
    examples = qxai.example_attribution(model, x[None])
    np.testing.assert_allclose(examples.residual, 0, atol=1e-12)
    np.testing.assert_allclose(
        examples.values[0], [a * overlap(model, x, s) for a, s in zip(model.dual, model.support)]
    )
    assert examples.evaluations == 6


def test_a_product_kernel_needs_no_exponential_tensor():
    """Thirty features: a dense tensor would have 3^30 entries."""
    d, rng = 30, np.random.default_rng(0)
    q, x = cirq.LineQubit.range(d), sympy.symbols(f"x:{d}")
    support, dual = rng.normal(size=(20, d)), rng.normal(size=20)
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    small = qxai.KernelModel(circuit[:, q[:3]], x[:3], support[:, :3], dual)
    assert isinstance(small.polynomial(), qxai.ProductPolynomial)
    # One qubit a feature: κ = ∏ cos²((x_i − s_i)/2), and a game of products.
    model = qxai.KernelModel(circuit, x, support, dual)
    X = rng.normal(size=(2, d)) / 4
    found = qxai.shapley(model.polynomial(), X, support[0] / 4)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    kernel = np.prod(np.cos((X[:, None] - support) / 2) ** 2, axis=2)
    np.testing.assert_allclose(found.output, kernel @ dual)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dual": [1.0]}, "dual: expected 2 finite numbers, one for each row of support"),
        ({"dual": [1.0, np.nan]}, "dual: expected 2 finite numbers"),
        ({"support": np.zeros((2, 3))}, "X: expected real numbers of shape"),
        ({"intercept": np.inf}, "intercept: expected a finite number"),
        ({"features": ["x", "y"]}, "features: expected symbols of the circuit, found y"),
    ],
)
def test_bad_kernel_models_are_refused(change, message):
    circuit = cirq.Circuit(cirq.ry(sympy.Symbol("x"))(cirq.LineQubit(0)))
    good = {"features": ["x"], "support": np.zeros((2, 1)), "dual": [1.0, 2.0]}
    with pytest.raises(ValueError, match=message):
        qxai.KernelModel(circuit, **(good | change))


def test_a_model_without_support_points_is_refused():
    with pytest.raises(TypeError, match=r"only a qxai.KernelModel has support points"):
        qxai.example_attribution(circuits.encoding_first(3, qubits=2), np.zeros((1, 2)))


def test_attributions_concentrate_as_the_law_says():
    """Random U (a 2-design): ``Var R = Tr M̂² Tr Â² / (D² − 1)`` for ``R = Tr(A O)``.

    The gradient at a point is such an R, with ``A = ∂ρ``.
    """
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    point, D, draws = np.array([0.4, 1.1]), 4, 3000
    observable = cirq.Z(q[0]) + 0.5 * cirq.X(q[1])
    unitaries = unitary_group.rvs(D, size=draws, random_state=7)
    encoding = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    found = []
    for unitary in unitaries:
        model = qxai.PQC(encoding + cirq.MatrixGate(unitary)(*q), x, observable)
        found.append(qxai.gradient(model, point[None]).values[0, 0])
    bloch = [np.array([[1 + np.cos(t), np.sin(t)], [np.sin(t), 1 - np.cos(t)]]) / 2 for t in point]
    slope = np.array([[-np.sin(0.4), np.cos(0.4)], [np.cos(0.4), np.sin(0.4)]]) / 2
    A = np.kron(slope, bloch[1])
    M = observable.matrix(q)
    law = np.trace(M @ M).real * np.trace(A @ A) / (D**2 - 1)  # both are traceless
    spread = np.std(np.square(found)) / np.sqrt(draws)
    assert abs(np.mean(np.square(found)) - law) < 4 * spread
