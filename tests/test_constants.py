"""A constant changes no explanation: it stands in no threshold and rounds nothing away."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.ansatz import ring_classifier
from tests import circuits

X = np.random.default_rng(1).uniform(0, 3, (4, 5))
FIRST = ring_classifier(5, 2, np.random.default_rng(0))
AGAIN = circuits.reuploading(3, (1.0, 0.5), d=5)
METHODS = {
    "gradient": lambda m: qxai.gradient(m, X).values,
    "SmoothGrad": lambda m: qxai.smooth_grad(m, X, 0.3).values,
    "integrated gradients": lambda m: qxai.integrated_gradients(m, X).values,
    "Shapley": lambda m: qxai.shapley(m, X).values,
    "interactions": lambda m: qxai.shapley_interactions(m, X),
    "LIME": lambda m: qxai.lime(m, X).values,
    "Taylor-2": lambda m: qxai.taylor(m, X, order=2).values,
    "in-circuit QLRP": lambda m: qxai.qlrp(m, X, baseline=0.2).values,
    "gates": lambda m: qxai.gate_shapley(m, X[:2], gates=[0, 7, 9]).values,
    "Sobol": lambda m: np.stack([qxai.sobol_indices(m).first, qxai.sobol_indices(m).total]),
}
FIRST_ONLY = {
    "QLRP-zero": lambda m: qxai.qlrp(m, X).values,
    "QLRP-γ": lambda m: qxai.qlrp(m, X, qxai.Gamma(0.2)).values,
    "QLRP-ε": lambda m: qxai.qlrp(m, X, qxai.Epsilon(0.1)).values,
    "layers": lambda m: qxai.qlrp_layers(m, X, qxai.Gamma(0.2)),
}


def shifted(model, constant):
    observable = model.observable + constant
    return qxai.PQC(model.circuit, model.features, observable, model.parameters)


@pytest.mark.parametrize("constant", [1e3, -1e8])
@pytest.mark.parametrize("name", [*METHODS, *FIRST_ONLY])
def test_an_offset_leaves_every_attribution_as_it_was(name, constant):
    models = [FIRST] if name in FIRST_ONLY else [FIRST, AGAIN]
    for model in models:
        expected = (METHODS | FIRST_ONLY)[name](model)
        found = (METHODS | FIRST_ONLY)[name](shifted(model, constant))
        np.testing.assert_allclose(found, expected, atol=1e-13 * np.abs(expected).max())


@pytest.mark.parametrize("method", [qxai.shapley, qxai.qlrp])
def test_an_offset_is_in_output_and_baseline_output(method):
    plain, moved = method(FIRST, X), method(shifted(FIRST, 1e3), X)
    np.testing.assert_allclose(moved.output - plain.output, 1e3)
    np.testing.assert_allclose(moved.baseline_output - plain.baseline_output, 1e3)
    for rule in (qxai.Gamma(0.2), qxai.Epsilon(0.1)):
        plain, moved = qxai.qlrp(FIRST, X, rule), qxai.qlrp(shifted(FIRST, 1e3), X, rule)
        np.testing.assert_allclose(moved.residual, plain.residual, atol=1e-9)


def test_all_forms_and_backends_add_the_constant_once(needs_qsim):
    model = shifted(FIRST, 2.5)
    expected = FIRST.values(X) + 2.5
    forms = [model.polynomial(), model.pauli_polynomial(), model.pauli_polynomial().polynomial()]
    for form in (model, *forms, model.multilinear()):
        np.testing.assert_allclose(form.values(X), expected, atol=1e-12)
    np.testing.assert_allclose(model.on(qxai.QSim()).values(X), expected, atol=1e-5)
    for device in (qxai.Sampled, qxai.NoisyQSim):
        found = model.on(device(400, np.random.default_rng(0))).estimate(X)
        assert np.all(np.abs(found.values - expected) < 6 * found.standard_error)
    constant = qxai.PQC(FIRST.circuit, FIRST.features, cirq.PauliSum() + 2.5, FIRST.parameters)
    for backend in (qxai.Statevector(), qxai.QSim(), qxai.Sampled(5, np.random.default_rng(0))):
        np.testing.assert_allclose(constant.on(backend).values(X), 2.5)


def test_tensorflow_quantum_adds_the_constant_once(needs_tfq):
    model = shifted(FIRST, 2.5).on(qxai.TFQ())
    np.testing.assert_allclose(model.values(X), FIRST.values(X) + 2.5, atol=1e-5)
    expected = FIRST.on(qxai.TFQ()).gradient(X)
    np.testing.assert_array_equal(model.gradient(X), expected)


@pytest.mark.parametrize("constant", [1e2, 1e7])
@pytest.mark.parametrize(
    ("turn", "read", "reach", "form"),
    [
        (0.4, (4,), 1, qxai.LocalPolynomial),
        (0.0, range(10), 1, qxai.TensorTrain),
        (0.0, range(10), 9, qxai.ProductPolynomial),
    ],
)
def test_sparse_forms_carry_the_constant_beside_the_others(constant, turn, read, reach, form):
    """Ten qubits take a sparse form; the identity stands apart in a cone, or is a string."""
    qubits, features = cirq.LineQubit.range(10), sympy.symbols("x:10")
    circuit = cirq.Circuit(cirq.ry(a)(q) for a, q in zip(features, qubits))
    near = [(i, j) for i in range(10) for j in range(i + 1, min(i + reach, 9) + 1)]
    circuit += cirq.Circuit(cirq.CZ(qubits[i], qubits[j]) for i, j in near)
    circuit += cirq.Circuit(cirq.ry(turn)(q) for q in qubits)
    plain = qxai.PQC(circuit, features, cirq.PauliString(cirq.Z(qubits[i]) for i in read))
    assert isinstance(plain.multilinear(), form)
    points = np.random.default_rng(0).uniform(0, 2, (3, 10))
    moved = shifted(plain, constant)
    found = qxai.shapley(moved, points)
    np.testing.assert_allclose(found.values, qxai.shapley(plain, points).values, atol=1e-14)
    np.testing.assert_allclose(moved.multilinear().values(points), plain.values(points) + constant)


def test_a_kernels_intercept_changes_no_attribution():
    x = sympy.symbols("x:2")
    q = cirq.LineQubit.range(2)
    for joined in (False, True):
        circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
        if joined:
            circuit += cirq.Circuit(cirq.CX(*q), cirq.rx(x[0])(q[1]))
        support, dual = X[:, :2], [1.0, -0.5, 0.3, 0.2]
        plain = qxai.KernelModel(circuit, x, support, dual)
        moved = qxai.KernelModel(circuit, x, support, dual, 1e8)
        for method in (qxai.shapley, qxai.integrated_gradients, qxai.gradient):
            found, expected = method(moved, X[:, :2]).values, method(plain, X[:, :2]).values
            np.testing.assert_allclose(found, expected, atol=1e-13)
        np.testing.assert_allclose(moved.values(X[:, :2]), plain.values(X[:, :2]) + 1e8)


@pytest.mark.parametrize("mean", [0.7, 123456.7, 3.3333e7, 1e8 + 0.3, -1e12])
def test_sobol_indices_stand_beside_any_mean(mean):
    """``0.3 cos x₀ + 0.7 cos x₁``: shares 9/58 and 49/58 of the variance 0.29."""
    x, q = sympy.symbols("x:2"), cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.PQC(circuit, x, mean + 0.3 * cirq.Z(q[0]) + 0.7 * cirq.Z(q[1]))
    found = qxai.sobol_indices(model)
    np.testing.assert_allclose(found.first, [9 / 58, 49 / 58], rtol=1e-12)
    np.testing.assert_allclose(found.total, found.first, rtol=1e-12)
    assert found.variance == pytest.approx(0.29)
    alone = qxai.PQC(circuit, x, cirq.PauliSum() + mean)
    with pytest.raises(ValueError, match="found a constant"):
        qxai.sobol_indices(alone)


def test_the_interaction_order_is_measured_without_the_constant():
    tensor = np.zeros((3, 3))
    tensor[0, 0], tensor[1, 0], tensor[1, 2] = 1e12, 1.0, 1e-3
    assert qxai.TrigPolynomial(tensor, [[1.0], [1.0]]).interaction_order == 2
    tensor[1, 2] = 1e-15  # a rounding error of the varying part
    assert qxai.TrigPolynomial(tensor, [[1.0], [1.0]]).interaction_order == 1
    tensor[1, 0] = 0.0
    assert qxai.TrigPolynomial(tensor, [[1.0], [1.0]]).interaction_order == 2
    tensor[1, 2] = 0.0
    assert qxai.TrigPolynomial(tensor, [[1.0], [1.0]]).interaction_order == 0
