"""From a method to a table of runs, through a device, and back."""

import functools

import cirq
import numpy as np
import pytest
import sympy

import qxai
from tests import circuits

RNG = functools.partial(np.random.default_rng, 5)
METHODS = {
    "occlusion": qxai.occlusion,
    "Taylor-∞": functools.partial(qxai.taylor, baseline=0.2),
    "gradient": qxai.gradient,
    "gradient × input": qxai.gradient_x_input,
    "Shapley, enumerated": functools.partial(qxai.shapley, baseline=0.1),
    "Shapley, orders": functools.partial(qxai.shapley, samples=4, rng=RNG()),
    "integrated gradients": functools.partial(qxai.integrated_gradients, steps=3),
    "SmoothGrad": functools.partial(qxai.smooth_grad, sigma=0.2, samples=4),
    "LIME": functools.partial(qxai.lime, samples=12),
    "gates as players": functools.partial(qxai.gate_shapley, samples=3),
    "a background": functools.partial(
        qxai.shapley, baseline=qxai.Background([[0.1, 0.2], [0.3, -0.4]])
    ),
}


def model(seed=3):
    """Two features, three qubits, two uploads; one basis measures the observable."""
    made = circuits.reuploading(seed)
    q = made.compiled.qubits
    return made.with_observable(cirq.Z(q[0]) + 0.5 * cirq.Z(q[0]) * cirq.Z(q[1]) + 0.25)


@pytest.mark.parametrize("name", METHODS)
def test_a_simulated_device_gives_the_estimators_own_numbers(name):
    """The same shots, drawn row by row, lead to the same attribution, bit by bit."""
    method, exact = METHODS[name], model()
    X = np.array([[0.4, -0.9], [1.1, 0.3]])
    device = qxai.Sampled(50, np.random.default_rng(1))
    bound = {"rng": RNG()} if name in ("SmoothGrad", "LIME", "gates as players") else {}
    keywords = getattr(method, "keywords", {})
    function = getattr(method, "func", method)
    fresh = {k: RNG() if k == "rng" else v for k, v in keywords.items()}
    expected = function(exact.on(device), X, **fresh, **bound)

    plan = qxai.plan(method, exact, X, shots=50, rng=RNG())
    again = qxai.Sampled(50, np.random.default_rng(1))
    results = [run(plan, row, again) for row in range(len(plan))]
    values, errors = (np.array(column) for column in zip(*results))
    found = plan.from_results(values, errors)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_allclose(found.standard_error, expected.standard_error, atol=1e-12)
    np.testing.assert_allclose(found.output, expected.output, atol=1e-12)
    assert (found.evaluations, found.shots, found.method) == (
        expected.evaluations,
        expected.shots,
        expected.method,
    )
    assert plan.total_shots == 50 * len(plan)
    assert np.abs(found.values).max() > 0.01


def run(plan, row, device):
    """Run one row: any circuit of symbols is a model without features."""
    circuit = plan.circuits[plan.which[row]]
    symbols = sorted(cirq.parameter_symbols(circuit), key=str)
    angles = {s: plan.angles[row, int(str(s).removeprefix("angle_"))] for s in symbols}
    fixed = cirq.resolve_parameters(circuit, angles)
    q = model().compiled.qubits
    x = sympy.Symbol("nothing")
    one = qxai.PQC(fixed + cirq.Circuit(cirq.rz(x)(q[0])), [x], model().observable, backend=device)
    found = one.estimate([[0.0]])
    return found.values[0], found.standard_error[0]


def test_bits_are_read_as_the_observable_says():
    """Two bases, bits from Cirq's simulator; means and errors by hand."""
    made = circuits.encoding_first(5, qubits=2)
    q = made.compiled.qubits
    made = made.with_observable(cirq.X(q[0]) * cirq.Z(q[1]) - 2 * cirq.Z(q[0]) + 0.5)
    plan = qxai.plan(qxai.occlusion, made, [[0.4, 1.2]], shots=400)
    assert len(plan.settings) == 2
    simulator = cirq.Simulator(seed=0)
    bits = [
        np.array(
            [
                simulator.run(plan.bound(row, number), repetitions=400).measurements["m"]
                for row in range(len(plan))
            ]
        )
        for number in range(2)
    ]
    found = plan.from_bits(bits)
    exact = qxai.occlusion(made, [[0.4, 1.2]])
    assert (np.abs(found.values - exact.values) < 5 * found.standard_error).all()
    assert found.shots == 2 * 400 * 3  # the run of the baseline is no cost of the values
    by_qubits = {setting.qubits: 1 - 2 * b.astype(float) for setting, b in zip(plan.settings, bits)}
    product = next(s for qubits, s in by_qubits.items() if len(qubits) == 2).prod(axis=2)
    single = next(s for qubits, s in by_qubits.items() if len(qubits) == 1)[:, :, 0]
    means = product.mean(axis=1) - 2 * single.mean(axis=1) + 0.5
    np.testing.assert_allclose(plan.from_results(means).values, found.values, atol=1e-12)


def test_a_plan_shows_what_it_asks_for():
    plan = qxai.plan(qxai.occlusion, model(), [[0.4, -0.9]], shots=10)
    assert repr(plan) == "<Plan: 4 runs of 1 circuit, 1 setting, 40 shots>"
    table = plan.table()
    assert table["run"] == [0, 1, 2, 3]
    np.testing.assert_array_equal(table["angle_0"], plan.angles[:, 0])
    frame = plan.to_frame()
    assert list(frame.columns) == ["circuit", *plan.names]
    gates = qxai.plan(METHODS["gates as players"], model(), [[0.4, -0.9]], shots=10, rng=RNG())
    assert len(gates.circuits) > 1
    assert "circuit" in dict(gates.table().columns)


def test_a_model_in_raw_columns_is_planned_as_its_circuit():
    outer = qxai.Affine(model(), [[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
    X = np.array([[0.2, 0.1, 0.4]])
    plan = qxai.plan(qxai.occlusion, outer, X, shots=10)
    inner = outer.model
    points = outer.angles([X[0], [0, 0.1, 0.4]])  # the input, and its first column absent
    rows = inner.compiled.angles.table(points, inner.parameter_values)
    np.testing.assert_allclose(plan.angles[0], rows[0])
    assert any(np.allclose(row, rows[1]) for row in plan.angles)
    exact = [simulated(plan, row) for row in range(len(plan))]
    found = plan.from_results(exact)
    np.testing.assert_allclose(found.values, qxai.occlusion(outer, X).values, atol=1e-6)
    assert found.shots == 0


def simulated(plan, row):
    """The expectation value of a row from Cirq's simulator."""
    symbols = dict(zip(plan.names, plan.angles[row]))
    circuit = cirq.resolve_parameters(plan.circuits[plan.which[row]], symbols)
    simulator = cirq.Simulator(dtype=np.complex128)
    return simulator.simulate_expectation_values(circuit, [model().observable])[0].real


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda p: p.from_results([1.0]), ValueError, "values: expected 4 finite numbers"),
        (lambda p: p.from_results([np.nan] * 4), ValueError, "found NaN or infinity"),
        (lambda p: p.bound(4), ValueError, "row: expected 0 to 3, found 4"),
        (lambda p: p.bound(0, 1), ValueError, "setting: expected 0 to 0, found 1"),
        (lambda p: p.from_bits(None), ValueError, "for each of 1 settings, found NoneType"),
        (lambda p: p.from_bits([[[0], [0, 1]]]), ValueError, "found rows of different lengths"),
        (lambda p: p.from_results([0.0] * 4, [-1.0] * 4), ValueError, "standard_error: expected"),
        (lambda p: p.from_bits([]), ValueError, "bits: expected an array for each of 1 settings"),
        (lambda p: p.from_bits([np.zeros((4, 3, 2))]), ValueError, r"bits\[0\]: expected 0 and 1"),
        (lambda p: p.from_bits([np.full((4, 10, 2), 2)]), ValueError, "found np.int64.2"),
    ],
)
def test_results_that_do_not_fit_are_refused(call, kind, message):
    plan = qxai.plan(qxai.occlusion, model(), [[0.4, -0.9]], shots=10)
    with pytest.raises(kind, match=message):
        call(plan)


def test_what_cannot_be_planned_is_refused():
    X = [[0.4, -0.9]]
    with pytest.raises(ValueError, match="shots: expected"):
        qxai.plan(qxai.occlusion, model(), X, shots=1)
    with pytest.raises(TypeError, match=r"expected a circuit to run, found Function; .* qxai\.PQC"):
        qxai.plan(qxai.occlusion, qxai.Function(np.sum, num_features=2), X, shots=10)
    with pytest.raises(TypeError, match="steps="):
        qxai.plan(qxai.integrated_gradients, model(), X, shots=10)
    with pytest.raises(TypeError, match="one that needs the circuit itself"):
        qxai.plan(functools.partial(qxai.qlrp, baseline=0.1), model(), X, shots=10)

    def two(m, X):
        qxai.occlusion(m.with_observable(cirq.X(m.compiled.qubits[0])), X)
        return qxai.occlusion(m, X)

    with pytest.raises(ValueError, match="expected one observable in all runs"):
        qxai.plan(two, model(), X, shots=10)
    with pytest.raises(ValueError, match="found none that does"):
        qxai.plan(lambda m, X: None, model(), X, shots=10)

    def adaptive(m, X):
        first = m.estimate(X).values[0]
        return m.estimate(np.array(X) + first)

    plan = qxai.plan(adaptive, model(), X, shots=10)
    with pytest.raises(ValueError, match="asks for the same runs whatever the answers"):
        plan.from_results([0.5, 0.5])
