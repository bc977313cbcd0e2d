"""Time and memory stay bounded, or the size is refused before anything is built."""

import functools
import gc
import itertools
import time
import weakref

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai import memory
from qxai.models.ansatz import mean_z
from qxai.observable import Observable
from qxai.representations import basis, heisenberg, layout, pauli_plan, propagation
from qxai.representations.transfer import PAULIS, pauli_transfer

x = sympy.Symbol("x")


def within(seconds):
    """Measure processor time: generous, for machines that are slow or busy."""

    class Clock:
        def __enter__(self):
            self.start = time.process_time()

        def __exit__(self, *error):
            assert time.process_time() - self.start < seconds

    return Clock()


# Gates on many qubits


@pytest.mark.parametrize("controls", [4, 12])
def test_a_gate_with_many_controls_acts_where_they_are_on(controls):
    """Against Cirq's own simulator, and the derivative against a difference of values."""
    q = cirq.LineQubit.range(controls + 2)
    gates = [
        cirq.ry(0.6).on_each(*q[:-2]),
        (cirq.Y ** (x / sympy.pi)).on(q[-2]).controlled_by(*q[: controls // 2]),
        (cirq.ISWAP ** (x / sympy.pi))
        .on(*q[-2:])
        .controlled_by(*q[:-2], control_values=[1] * (controls - 1) + [0]),
        cirq.rx(0.3).on_each(*q[-3:]),
    ]
    circuit = cirq.Circuit(gates)
    with within(20):
        model = qxai.PQC(circuit, [x], cirq.Z(q[-1]) + cirq.X(q[-2]) * cirq.Y(q[0]))
        found, slope = model.values([[0.4], [1.3]]), model.gradient([[0.4]])[0, 0]
    for value, point in zip(found, (0.4, 1.3)):
        state = cirq.Simulator(dtype=np.complex128).simulate(
            cirq.resolve_parameters(circuit, {"x": point})
        )
        expected = model.observable.expectation_from_state_vector(
            state.final_state_vector, {b: i for i, b in enumerate(q)}
        )
        np.testing.assert_allclose(value, expected.real, atol=1e-10)
    ends = model.values([[0.4 + 1e-4], [0.4 - 1e-4]])
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-4, atol=1e-7)
    spectrum = model.polynomial().frequencies[0]
    np.testing.assert_allclose(spectrum, [0.5, 1.0, 1.5, 2.0])


def test_a_gate_with_several_control_states_acts_in_each_of_them():
    q = cirq.LineQubit.range(6)
    states = cirq.SumOfProducts([(0, 0, 1, 0, 1), (1, 1, 0, 0, 0), (1, 1, 1, 1, 1)])
    gate = cirq.ControlledGate(cirq.X ** (x / sympy.pi), control_values=states)
    circuit = cirq.Circuit(cirq.ry(0.9).on_each(*q), gate(*q))
    model = qxai.PQC(circuit, [x], mean_z(q))
    state = cirq.Simulator(dtype=np.complex128).simulate(
        cirq.resolve_parameters(circuit, {"x": 0.7})
    )
    expected = model.observable.expectation_from_state_vector(
        state.final_state_vector, {b: i for i, b in enumerate(q)}
    )
    np.testing.assert_allclose(model.values([[0.7]])[0], expected.real, atol=1e-12)


def test_a_wide_power_is_taken_apart():
    q = cirq.LineQubit.range(9)
    gate = cirq.PhaseGradientGate(num_qubits=9, exponent=x)
    with within(10):
        model = qxai.PQC(cirq.Circuit(cirq.H.on_each(*q), gate(*q)), [x], cirq.X(q[0]))
        value = model.values([[0.3]])[0]
    np.testing.assert_allclose(value, np.cos(np.pi * 0.3), atol=1e-12)


def test_a_matrix_on_six_qubits_is_asked_at_a_grid_of_inputs():
    """Its Pauli transfer matrix has 16 million entries, the grid 729 points."""
    q, features = cirq.LineQubit.range(6), sympy.symbols("x:6")
    unitary = cirq.testing.random_unitary(64, random_state=0)
    circuit = cirq.Circuit([cirq.ry(a)(b) for a, b in zip(features, q)])
    model = qxai.PQC(circuit + cirq.Circuit(cirq.MatrixGate(unitary)(*q)), features, cirq.Z(q[0]))
    X = np.random.default_rng(0).uniform(-2, 2, (2, 6))
    with within(10):
        found = qxai.shapley(model, X)
    plain = qxai.Function(model.values, num_features=6)
    np.testing.assert_allclose(found.values, qxai.shapley(plain, X).values, atol=1e-12)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_transfer_matrices_are_traces(width):
    unitary = cirq.testing.random_unitary(2**width, random_state=width)
    rng = np.random.default_rng(0)
    found = pauli_transfer(unitary)
    for _ in range(20):
        rows = rng.integers(0, 4, (2, width))
        p, q = (functools.reduce(np.kron, PAULIS[row]) for row in rows)
        expected = np.trace(p @ unitary @ q @ unitary.conj().T).real / 2**width
        place = rows @ 4 ** np.arange(width)[::-1]
        np.testing.assert_allclose(found[tuple(place)], expected, atol=1e-14)


# Observables


def test_an_observable_keeps_few_weights_and_gives_the_same_without(monkeypatch):
    q = cirq.LineQubit.range(4)
    terms = [cirq.X(a) * cirq.Y(b) * cirq.Z(q[3]) for a, b in itertools.combinations(q[:3], 2)]
    observable = Observable.of(sum(terms, cirq.PauliSum() + 0.5), tuple(q))
    state = np.random.default_rng(0).normal(size=(16, 3)) + 0j
    expected = (observable.pauli_sum.matrix(q)) @ state
    np.testing.assert_allclose(observable.apply(state), expected, atol=1e-14)
    monkeypatch.setattr("qxai.observable.KEPT", 0)
    fresh = Observable.of(sum(terms, cirq.PauliSum() + 0.5), tuple(q))
    np.testing.assert_allclose(fresh.apply(state), expected, atol=1e-14)
    assert "_kept" not in fresh.__dict__


def test_many_terms_on_many_qubits_take_no_memory_for_each():
    n = 16
    q, features = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    pairs = itertools.combinations(q, 2)
    observable = sum((cirq.X(a) * cirq.X(b) for a, b in pairs), cirq.PauliSum())
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(features, q))
    with within(30):
        found = qxai.PQC(circuit, features, observable).values(np.full((1, n), 0.4))
    np.testing.assert_allclose(found, n * (n - 1) / 2 * np.sin(0.4) ** 2)


# Caches


def test_nothing_of_a_model_stays_when_it_goes():
    q = cirq.LineQubit.range(2)
    caches = (heisenberg.split, propagation._blocks, pauli_plan.pauli_plan, layout._kept)
    seen, before = [], [cache.cache_info() for cache in caches]
    for number in range(4):
        circuit = cirq.Circuit(cirq.ry(x)(q[0]), cirq.CX(*q), cirq.ry(0.1 * number)(q[1]))
        model = qxai.PQC(circuit, [x], cirq.Z(q[1]))
        qxai.shapley(model, [[0.3]])
        model.gradient([[0.3]])
        model.pauli_polynomial()
        seen.append(weakref.ref(model.compiled))
    del model
    gc.collect()
    assert [alive() for alive in seen] == [None] * 4
    assert [cache.cache_info() for cache in caches] == before


def test_a_cache_of_arrays_is_bounded_in_bytes(monkeypatch):
    made = []

    @memory.kept_arrays
    def zeros(size):
        made.append(size)
        return np.zeros(size)

    monkeypatch.setattr(memory, "KEPT", 8 * 100)
    for size in (40, 50, 40, 30, 40, 50):
        assert len(zeros(size)) == size
        assert zeros.cache_info() <= 8 * 100
    assert made == [40, 50, 30, 50]  # 50 was the one not asked for lately
    assert len(zeros(1000)) == 1000
    assert zeros.cache_info() == 0
    for cache in (basis._nodes, basis._inverse):
        assert cache.cache_info() <= 2**26  # whatever other tests have asked for


# Refused, with the size


@pytest.mark.parametrize(
    ("build", "size"),
    [
        (lambda: deep(31).values(np.zeros((1, 31))), "the state of 31 qubits with 32 GiB"),
        (lambda: deep(31).gradient(np.zeros((1, 31))), "the state of 31 qubits with 32 GiB"),
        (
            lambda: qxai.qlrp(wide(16), np.zeros((1, 16)), baseline=0.0),
            "activations of .* layers with .* GiB",
        ),
        (
            lambda: (
                wide(31).on(qxai.Sampled(2, np.random.default_rng(0))).values(np.zeros((1, 31)))
            ),
            "the state of 31 qubits",
        ),
        (
            lambda: (
                wide(15)
                .on(qxai.Sampled(2, np.random.default_rng(0), 0.1))
                .values(np.zeros((1, 15)))
            ),
            "the density matrix of 15 qubits with 16 GiB",
        ),
        (
            lambda: (
                qxai.PQC(wide(34).circuit, wide(34).features, mean_z(cirq.LineQubit.range(34)))
                .on(qxai.Sampled(2, np.random.default_rng(0)))
                .values(np.zeros((1, 34)))
            ),
            "the outcomes of 34 measured qubits with 256 GiB",
        ),
        (lambda: qxai.sobol_indices(product(40)), "a tensor of 40 features"),
        (
            lambda: kernel().kernel(np.zeros((2**26, 1))),
            "67108864 times 4 overlaps with 2 GiB",
        ),
    ],
)
def test_what_grows_as_a_power_is_refused_with_its_size(build, size):
    with pytest.raises(ValueError, match=f"expected arrays of at most 1 GiB, found {size}"):
        build()


def wide(n):
    q, features = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(features, q))
    return qxai.PQC(circuit, features, cirq.Z(q[0]))


def deep(n):
    """Its readout sees every qubit, and all features enter twice."""
    q, features = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit()
    for _ in range(2):
        circuit += cirq.Circuit(cirq.ry(a)(b) for a, b in zip(features, q))
        circuit += cirq.Circuit(cirq.CX(a, b) for a, b in itertools.pairwise(q))
    return qxai.PQC(circuit, features, cirq.Z(q[-1]))


def test_what_the_refusal_of_a_state_advises_works():
    model, X = wide(31), np.full((1, 31), 0.4)
    np.testing.assert_allclose(model.pauli_polynomial().values(X), np.cos(0.4))
    rng = np.random.default_rng(0)
    fewer = wide(5).on(qxai.Sampled(50, rng))
    assert np.isfinite(qxai.shapley(fewer, X[:, :5], samples=3, rng=rng).values).all()


def product(d):
    return qxai.ProductPolynomial([1.0], [np.ones((3, 1))] * d, [[1.0]] * d)


def kernel():
    circuit = cirq.Circuit(cirq.ry(x)(cirq.LineQubit(0)))
    return qxai.KernelModel(circuit, [x], np.zeros((4, 1)), np.ones(4))


def test_sizes_beyond_any_float_are_told():
    with pytest.raises(ValueError, match=r"found it with 2\^3970 GiB; do that"):
        memory.check_size(2**4000, "it", "do that")


# Uneven frequencies


def test_too_many_uneven_functions_of_a_feature_are_refused_at_once():
    scales = np.sqrt([2, 3, 5, 7, 11, 13, 17])
    q = cirq.LineQubit(0)
    rotations = [[cirq.ry(float(s) * x)(q), cirq.rx(0.4)(q)] for s in scales]
    model = qxai.PQC(cirq.Circuit(rotations), [x], cirq.Z(q))
    with (
        within(10),
        pytest.raises(ValueError, match=r"at most 300 functions of a feature .* found 2187"),
    ):
        model.polynomial()
    # What the message advises works for this very model.
    X = [[0.3], [2.0]]
    assert qxai.taylor(model, X).values.shape == (2, 1)
    np.testing.assert_allclose(qxai.integrated_gradients(model, X, steps=60).residual, 0, atol=1e-9)
    assert qxai.gradient(model, X).values.shape == qxai.occlusion(model, X).values.shape
    qxai.lime(model, X, samples=20, rng=np.random.default_rng(0))


def test_scales_too_far_apart_to_be_told_are_refused():
    """Merging frequencies up to rounding would take 1 for nothing beside 1e13."""
    q = cirq.LineQubit(0)
    rotations = [cirq.rx(x)(q), cirq.ry(0.3)(q), cirq.rx(1e13 * x)(q)]
    model = qxai.PQC(cirq.Circuit(rotations), [x], cirq.Z(q))
    with pytest.raises(ValueError, match=r"tells apart, found 1 beside 1e\+13"):
        model.polynomial()
    assert np.isfinite(qxai.taylor(model, [[0.3]]).values).all()
    apart = qxai.PQC(cirq.Circuit(rotations[:2], cirq.rx(1e4 * x)(q)), [x], cirq.Z(q))
    X = np.linspace(-1, 1, 5)[:, None]
    np.testing.assert_allclose(apart.polynomial().values(X), apart.values(X), atol=1e-8)


# Routes


@pytest.mark.parametrize("n", [9, 13])
def test_a_circuit_with_small_light_cones_is_explained_by_them(n):
    q, features = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(features, q))
    circuit += cirq.Circuit([cirq.CZ(q[i], q[(i + 1) % n]) for i in range(n)])
    circuit += cirq.Circuit([cirq.ry(0.3)(b) for b in q])
    model = qxai.PQC(circuit, features, mean_z(q))
    X = np.random.default_rng(0).uniform(0, 3, (3, n))
    with within(10):
        found = qxai.shapley(model, X, 0.2)
    assert isinstance(model.multilinear(), qxai.LocalPolynomial)
    np.testing.assert_allclose(found.residual, 0, atol=1e-13)
    if n == 9:
        dense = qxai.shapley(model.polynomial(), X, 0.2)
        np.testing.assert_allclose(found.values, dense.values, atol=1e-13)
        for method in (qxai.integrated_gradients, qxai.taylor):
            one, other = method(model, X, 0.2), method(model.polynomial(), X, 0.2)
            np.testing.assert_allclose(one.values, other.values, atol=1e-11)


def test_a_circuit_in_which_all_strings_matter_is_explained_by_its_tensor():
    rng = np.random.default_rng(0)
    model = qxai.ansatz.ring_classifier(9, 6, rng)
    deep = model.with_parameters(rng.uniform(-3, 3, len(model.parameters)))
    assert isinstance(deep.multilinear(), qxai.TrigPolynomial)


# Many inputs


@pytest.mark.parametrize(
    "explain",
    [
        lambda m, X: qxai.occlusion(m, X, 0.1).values,
        lambda m, X: qxai.taylor(m, X, 0.1).values,
        lambda m, X: qxai.shapley(qxai.Function(m.values, num_features=3), X).values,
        lambda m, X: qxai.metrics.deletion_curve(m, X, np.ones_like(X) * [3.0, 2.0, 1.0]),
        lambda m, X: qxai.metrics.random_order_curve(
            qxai.Function(m.values, num_features=3), X, 0.1
        ),
        lambda m, X: qxai.metrics.infidelity(m, X, np.ones_like(X)),
        lambda m, X: qxai.metrics.faithfulness_correlation(m, X, X, size=1),
        lambda m, X: qxai.integrated_gradients(m, 30 * X).values,
    ],
)
def test_inputs_are_taken_a_few_at_a_time(monkeypatch, explain):
    """With room for two inputs at once the numbers are the same, and no call gets more."""
    model = qxai.ansatz.ring_classifier(3, 2, np.random.default_rng(0))
    X = np.random.default_rng(1).uniform(-2, 2, (23, 3))
    whole = explain(model, X)
    monkeypatch.setattr("qxai.checks.BATCH", 50)
    largest = []
    values = qxai.Statevector.values

    def watched(self, circuit, inputs, parameters):
        largest.append(inputs.size)
        return values(self, circuit, inputs, parameters)

    monkeypatch.setattr(qxai.Statevector, "values", watched)
    np.testing.assert_allclose(explain(model, X), whole, atol=1e-12)
    assert max(largest, default=0) <= 72  # the batch of inputs itself, or 50 and a row


def test_a_kernel_model_with_many_support_points_sums_them_piece_by_piece(monkeypatch):
    model = kernel()
    X = np.linspace(-2, 2, 11)[:, None]
    whole = model.values(X)
    np.testing.assert_allclose(whole, model.support_terms(X).sum(axis=1))
    monkeypatch.setattr("qxai.checks.BATCH", 8)
    np.testing.assert_array_equal(model.values(X), whole)
