import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.backends.sampled import measurement_groups
from tests import circuits, transcriptions


def sampled(shots, seed=0, **noise):
    return qxai.Sampled(shots, np.random.default_rng(seed), **noise)


@pytest.mark.parametrize("make", circuits.MAKERS)
@pytest.mark.parametrize("seed", range(4))
def test_many_shots_reach_the_exact_value_and_gradient(make, seed):
    model = make(seed)
    X = circuits.inputs(seed, model, 2)
    device = model.on(sampled(200_000))
    for found, exact in (
        (device.estimate(X), model.values(X)),
        (device.estimate_gradient(X), model.gradient(X)),
    ):
        assert np.all(np.abs(found.values - exact) < 5 * found.standard_error + 1e-9)


def test_errors_shrink_as_one_over_the_square_root_of_shots():
    model = circuits.encoding_first(3, qubits=3)
    X = np.repeat(circuits.inputs(3, model, 1), 400, axis=0)
    exact = model.values(X)
    errors = [
        np.sqrt(np.mean((model.on(sampled(shots)).values(X) - exact) ** 2)) for shots in (50, 800)
    ]
    assert 3.4 < errors[0] / errors[1] < 4.6


def test_the_standard_error_is_that_of_a_binomial():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], 3.0 * cirq.Z(q))
    found = model.on(sampled(10**6)).estimate([[1.0]])
    np.testing.assert_allclose(found.standard_error, 3 * np.sin(1.0) / 1e3, rtol=1e-2)
    assert (found.evaluations, found.shots) == (1, 10**6)


def test_terms_that_share_a_basis_are_measured_together():
    strings = np.array([[3, 3, 0], [0, 3, 3], [1, 0, 0], [0, 0, 1], [0, 0, 0]])
    groups = measurement_groups(strings, np.arange(5.0))
    assert [basis.tolist() for basis, _, _ in groups] == [[3, 3, 3], [1, 0, 1]]
    assert [c.tolist() for _, _, c in groups] == [[0.0, 1.0, 4.0], [2.0, 3.0]]


def test_shots_are_spent_on_each_group():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.PQC(circuit, x, cirq.Z(q[0]) + cirq.X(q[0]) + cirq.Z(q[1]) + 2.0)
    found = model.on(sampled(100)).estimate(np.ones((7, 2)))
    assert (found.evaluations, found.shots) == (7, 7 * 100 * 2)


@pytest.mark.parametrize("seed", range(3))
def test_depolarising_noise_is_that_of_the_definition(seed):
    """Density matrices written out: after each gate, each of its qubits is mixed."""
    model = circuits.encoding_first(seed, qubits=2, layers=1)
    (x,) = circuits.inputs(seed, model, 1)
    p = 0.1
    qubits = transcriptions.all_qubits(model.circuit, model.observable)
    values = {**model.parameters, **dict(zip(model.features, map(float, x)))}
    rho = np.zeros((2 ** len(qubits),) * 2)
    rho[0, 0] = 1
    for op in cirq.resolve_parameters(model.circuit, values).all_operations():
        unitary = transcriptions.full_unitary(cirq.Circuit(op), {}, qubits)
        rho = unitary @ rho @ unitary.conj().T
        for qubit in op.qubits:
            mixed = transcriptions.depolarise(rho, qubits.index(qubit), len(qubits))
            rho = (1 - 4 * p / 3) * rho + 4 * p / 3 * mixed
    exact = np.trace(rho @ transcriptions.observable_matrix(model.observable, qubits)).real
    found = model.on(sampled(400_000, depolarizing=p)).estimate(x[None])
    assert abs(found.values[0] - exact) < 5 * found.standard_error[0] + 1e-9
    assert abs(model.values(x[None])[0] - exact) > 10 * found.standard_error[0]


def test_readout_errors_shrink_a_string_by_its_length():
    """A flip of each bit with probability r multiplies ``⟨ZZ⟩`` by (1 − 2r)²."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))
    X = np.array([[0.3, 0.5]])
    found = model.on(sampled(10**6, readout=0.1)).estimate(X)
    assert abs(found.values[0] - 0.8**2 * np.cos(0.3) * np.cos(0.5)) < 5 * found.standard_error[0]


def test_outcomes_have_the_distribution_that_cirq_samples():
    """Histograms of a two-bit outcome from Cirq's own sampler, with the same noise."""
    q, x = cirq.LineQubit.range(2), sympy.Symbol("x")
    circuit = cirq.Circuit(cirq.ry(x)(q[0]), cirq.CX(*q))
    observable = cirq.Z(q[0]) + 2.0 * cirq.Z(q[1])  # four different outcomes
    model = qxai.PQC(circuit, [x], observable)
    runs = 4000
    device = model.on(sampled(2, depolarizing=0.05))
    ours = device.values(np.full((runs, 1), 0.9)) * 2
    noisy = cirq.Circuit(
        part
        for op in cirq.resolve_parameters(circuit, {"x": 0.9}).all_operations()
        for part in (op, *(cirq.depolarize(0.05)(a) for a in op.qubits))
    )
    noisy += cirq.measure(*q, key="m")
    bits = cirq.DensityMatrixSimulator(seed=1).run(noisy, repetitions=2 * runs).measurements["m"]
    theirs = ((1 - 2 * bits) @ [1, 2]).reshape(runs, 2).sum(axis=1)
    for outcome in np.unique(theirs):
        share = np.mean(theirs == outcome)
        assert abs(np.mean(np.isclose(ours, outcome)) - share) < 5 * np.sqrt(2 * share / runs)


def test_a_sampled_model_has_no_polynomial_and_says_what_would_do():
    model = circuits.encoding_first(3, qubits=2).on(sampled(10))
    counted = qxai.shapley(model, np.zeros((1, 2)))
    assert counted.evaluations == 4
    assert counted.shots == 4 * 10 * 2  # two groups of terms
    assert counted.standard_error is not None
    for method in (qxai.integrated_gradients, qxai.qlrp, qxai.sobol_indices):
        with pytest.raises(TypeError, match=r"found Sampled.* samples= or steps="):
            method(model, np.zeros((1, 2))) if method != qxai.sobol_indices else method(model)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"shots": 0}, ValueError, "shots: expected a whole number of at least 1"),
        ({"shots": 10.5}, ValueError, "shots: expected a whole number"),
        ({"rng": 3}, TypeError, r"rng: expected numpy.random.default_rng\(seed\)"),
        ({"depolarizing": 1.5}, ValueError, "depolarizing: expected 0 to 1"),
        ({"readout": 0.6}, ValueError, "readout: expected 0 to 0.5"),
        ({"readout": np.nan}, ValueError, "readout: expected 0 to 0.5"),
    ],
)
def test_bad_settings_are_refused(change, kind, message):
    with pytest.raises(kind, match=message):
        qxai.Sampled(**({"shots": 10, "rng": np.random.default_rng(0)} | change))


def test_an_empty_batch_and_a_zero_observable():
    model = circuits.encoding_first(3, qubits=2)
    assert model.on(sampled(10)).values(np.zeros((0, 2))).shape == (0,)
    zero = qxai.PQC(model.circuit, model.features, cirq.PauliSum(), model.parameters)
    found = zero.on(sampled(10)).estimate(np.ones((3, 2)))
    np.testing.assert_array_equal(found.values, 0)
    assert found.shots == 0
    for rows in (0, 3):
        constant = qxai.PQC(model.circuit, model.features, zero.observable + 3.0, model.parameters)
        found = constant.on(sampled(10)).estimate(np.ones((rows, 2)))
        np.testing.assert_array_equal(found.values, np.full(rows, 3.0))
        assert found.shots == 0
