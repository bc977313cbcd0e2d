"""Tensor trains against tensors, circuits, lists of strings, qsim, and models known by hand."""

import functools
import itertools
import math
import pickle
import warnings

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.memory import TooLargeError
from qxai.models import forms
from qxai.representations.by_train import train_of
from qxai.representations.chains import Step, ordered, steps
from qxai.representations.operators import Ledger, pulled, strings_in_a_row, sweeps, turned
from qxai.representations.transfer import pauli_transfer
from tests import circuits


def line(n, layers, seed=0, readout=None, gate=cirq.CZ):
    """RY of every feature, then layers of RZ, RY and a gate between all neighbours."""
    rng = np.random.default_rng(seed)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    for _ in range(layers):
        circuit += cirq.Circuit(cirq.rz(rng.uniform(-3, 3))(b) for b in q)
        circuit += cirq.Circuit(cirq.ry(rng.uniform(-3, 3))(b) for b in q)
        circuit += cirq.Circuit(gate(a, b) for a, b in itertools.pairwise(q))
    return qxai.PQC(circuit, x, qxai.ansatz.mean_z(q) if readout is None else readout(q))


def points(model, count=3, seed=1, size=np.pi):
    return np.random.default_rng(seed).uniform(-size, size, (count, model.num_features))


def single_features(seed):
    """A random circuit with each feature on a qubit of its own, idle qubits, distant gates."""
    rng = np.random.default_rng(seed)
    d, extra = int(rng.integers(1, 6)), int(rng.integers(0, 3))
    q, x = cirq.LineQubit.range(d + extra), sympy.symbols(f"x:{d}")
    at = rng.permutation(d + extra)[:d]
    circuit = cirq.Circuit(cirq.rx(float(rng.normal()))(b) for b in q)
    circuit += cirq.Circuit(
        circuits.ROTATIONS[rng.integers(3)](float(rng.choice([1, 2, 0.5])) * a)(q[i])
        for a, i in zip(x, at)
    )
    symbols = list(sympy.symbols("t:100"))
    for _ in range(2):
        circuit += cirq.Circuit(circuits.trainable_layer(rng, q, symbols))
        if len(q) > 2:
            a, b = rng.choice(len(q), 2, replace=False)
            circuit += cirq.Circuit(cirq.CX(q[a], q[b]) ** float(rng.uniform(0.2, 1)))
    observable = circuits.random_observable(rng, q) + float(rng.normal())
    return circuits.bind(rng, circuit, x, observable)


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_train_is_the_circuit_and_its_tensor(seed):
    model = single_features(seed)
    train, dense = qxai.tensor_train(model), model.polynomial()
    X = points(model)
    scale = 1 + np.abs(dense.coefficients).sum()
    np.testing.assert_allclose(train.values(X), model.values(X), rtol=0, atol=1e-13 * scale)
    np.testing.assert_allclose(
        train.dense().coefficients, dense.coefficients, rtol=0, atol=1e-13 * scale
    )
    np.testing.assert_allclose(train.gradient(X), dense.gradient(X), rtol=0, atol=1e-12 * scale)
    assert train.error < 1e-12 * scale
    assert train.feature_names == model.feature_names
    assert train.interaction_order >= dense.interaction_order


@pytest.mark.parametrize("gate", [cirq.CZ, cirq.CX**0.3, cirq.ISWAP**0.5])
def test_pulling_back_a_gate(gate):
    """The transpose of what carries a state forward; and the same for the other order of qubits."""
    matrix = pulled(cirq.unitary(gate))
    np.testing.assert_allclose(matrix, pauli_transfer(cirq.unitary(gate)).T, atol=1e-14)
    other = pulled(cirq.unitary(cirq.Circuit(gate(*cirq.LineQubit.range(2)[::-1]))))
    np.testing.assert_allclose(turned(matrix), other, atol=1e-14)


def test_strings_in_a_row():
    """The tensors multiply up to the coefficients; a sum of single letters needs two states."""
    rng = np.random.default_rng(0)
    strings = rng.integers(0, 4, (9, 4))
    strings = np.unique(strings, axis=0)
    weights = rng.normal(size=len(strings))
    tensors = strings_in_a_row(strings, weights)
    whole = functools.reduce(lambda a, b: np.tensordot(a, b, axes=1), tensors)[0, ..., 0]
    expected = np.zeros((4,) * 4)
    expected[tuple(strings.T)] = weights
    np.testing.assert_allclose(whole, expected, atol=1e-14)
    assert max(t.shape[2] for t in strings_in_a_row(3 * np.eye(20, dtype=int), np.ones(20))) == 2


def test_bonds_double_with_each_layer():
    """On a line, sums of single Z's: 2^L states behind L layers."""
    bonds = [max(qxai.tensor_train(line(24, layers)).bonds) for layers in (1, 2, 3, 4)]
    assert bonds == [2, 4, 8, 16]


def test_the_order_of_qubits_follows_the_gates():
    """A line whose qubits have their names in disorder is a line; its own order takes swaps."""
    n = 12
    names = np.random.default_rng(0).permutation(n)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    chain = [(q[a], q[b]) for a, b in itertools.pairwise(names)]
    circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(cirq.ISWAP(*p) ** 0.5 for p in chain)
    model = qxai.PQC(circuit, x, qxai.ansatz.mean_z(q))
    order = ordered(model.compiled)
    assert order in (names.tolist(), names[::-1].tolist())
    assert any(step.operation is None for step in steps(model.compiled, range(n))[0])
    train, X = qxai.tensor_train(model), points(model)
    assert train.swaps == 0
    assert list(train.order) == order
    np.testing.assert_allclose(train.values(X), model.values(X), atol=1e-13)


def test_a_distant_gate_is_swapped_for():
    q, x = cirq.LineQubit.range(4), sympy.symbols("x:4")
    circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(
        cirq.CX(*q[:2]), cirq.CX(*q[1:3]), cirq.CX(*q[2:]), cirq.CZ(q[0], q[3]) ** 0.3
    )
    model = qxai.PQC(circuit, x, cirq.X(q[3]))
    found, last = steps(model.compiled, [0, 1, 2, 3])
    assert sum(step.operation is None for step in found) >= 2
    assert sorted(last) == [0, 1, 2, 3]
    X = points(model)
    np.testing.assert_allclose(qxai.tensor_train(model).values(X), model.values(X), atol=1e-13)


def test_errors_add_in_quadrature_within_a_sweep_and_linearly_across():
    one_way, back = Ledger(), Ledger()
    for bond in (0, 1, 5):
        one_way.note(bond, 1.0)
    assert one_way.distance == pytest.approx(math.sqrt(3))
    for bond in (0, 1, 1, 0):  # a sweep ends where the bond comes again
        back.note(bond, 1.0)
    assert back.distance == pytest.approx(2 * math.sqrt(2))
    assert (one_way.sweeps, back.sweeps) == (1, 2)
    gate = line(2, 1).compiled.operations[-1]
    there = [Step(place, gate) for place in (0, 1, 5, 4, 4)]
    assert sweeps([*there, Step(9, line(2, 1).compiled.operations[0])]) == 3


def rms(polynomial):
    """The root mean square over all angles, from the coefficients."""
    power = polynomial.coefficients**2
    for axis in range(power.ndim):
        weights = np.where(np.arange(power.shape[axis]) > 0, 0.5, 1.0)
        power = np.moveaxis(np.moveaxis(power, axis, -1) * weights, -1, axis)
    return math.sqrt(power.sum())


@pytest.mark.parametrize("asked", [{"error": 0.1}, {"error": 1e-3}, {"bond": 4}, {"bond": 9}])
def test_what_is_left_out_is_told(asked):
    """The error bounds the root mean square, taken exactly; and what is asked is kept."""
    model = line(8, 4, seed=3, gate=cirq.ISWAP**0.3, readout=lambda q: cirq.Z(q[4]))
    train = qxai.tensor_train(model, **asked)
    distance = rms(train.dense() - model.polynomial())
    assert 0 < distance <= train.error
    assert f"error {train.error:.2g}" in repr(train)
    assert train.windows is None  # what is cut does not know of light cones
    if "error" in asked:
        assert train.error <= asked["error"]
    else:
        assert max(train.bonds) <= asked["bond"]
        assert train.error > distance  # of many sweeps
    X = points(model)
    found = qxai.shapley(train, X, 0.3)
    np.testing.assert_allclose(found.residual, 0, atol=1e-13)


def test_idle_qubits_count_twice_in_the_error():
    """A qubit in |0⟩ makes of coefficients c_I and c_Z the output c_I + c_Z, not its parts."""
    q, x = cirq.LineQubit.range(3), sympy.symbols("x:1")
    circuit = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.CX(*q[:2]) ** 0.2, cirq.CX(*q[1:]) ** 0.3)
    model = qxai.PQC(circuit, x, cirq.Z(q[2]) + cirq.Z(q[1]))
    cut = train_of(model.compiled, model.parameter_values, bond=1)
    assert rms(cut.dense() - model.polynomial()) <= cut.error


def test_sixty_four_features_by_two_routes():
    """Beyond any statevector the train and the list of strings agree, and both with cones."""
    model = line(64, 2, seed=5)
    train, strings = qxai.tensor_train(model), qxai.pauli_propagation(model)
    X = points(model, 4)
    np.testing.assert_allclose(train.values(X), strings.values(X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(train.values(X), model.values(X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(train.gradient(X), strings.gradient(X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        qxai.qlrp(train, X).values, qxai.qlrp(strings, X).values, rtol=0, atol=1e-12
    )


def test_twenty_qubits_and_more_against_qsim():
    """Point by point, in qsim's single precision; the readout sees all qubits."""
    pytest.importorskip("qsimcirq")
    for n in (20, 23):
        model = line(n, 3, seed=n, readout=lambda q: cirq.Z(q[0]) * cirq.X(q[-1]) + cirq.Y(q[9]))
        X = points(model, 1)
        other = model.on(qxai.QSim()).values(X)
        np.testing.assert_allclose(qxai.tensor_train(model).values(X), other, atol=2e-5)


def test_products_known_by_hand():
    """``Π cos x_i`` at 100 features: gradient, Shapley values and the sine that follows."""
    cosine = [[[0], [1], [0]]]
    train = qxai.TensorTrain([cosine] * 100, [[1]] * 100)
    x = np.full((1, 100), 0.1)
    assert train.values(x)[0] == pytest.approx(math.cos(0.1) ** 100)
    np.testing.assert_allclose(train.gradient(x), -math.sin(0.1) * math.cos(0.1) ** 99)
    # By symmetry each feature has the hundredth part of what all change.
    expected = (math.cos(0.1) ** 100 - 1) / 100
    np.testing.assert_allclose(qxai.shapley(train, x).values, expected, atol=1e-15)
    pairs = qxai.shapley_interactions(train, x, 0.0)[0]
    assert pairs[0, 1] == pytest.approx(pairs[40, 99])


def test_a_product_of_many_waves_is_no_rounding_error():
    """Its mean square is 2^-100, its value 1 where all angles are 0."""
    q, x = cirq.LineQubit.range(100), sympy.symbols("x:100")
    product = cirq.PauliString(cirq.Z(b) for b in q)
    train = qxai.tensor_train(qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, product))
    points = np.full((1, 100), 0.1)
    assert train.values(points)[0] == pytest.approx(math.cos(0.1) ** 100)
    assert qxai.sobol_indices(train).variance == pytest.approx(0.5**100)


def additive(n):
    """Single qubits: ``f(x) = Σ_i w_i cos(x_i + t_i)``, a train of two states."""
    rng = np.random.default_rng(2)
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    turns, weights = rng.uniform(-3, 3, n), rng.normal(size=n)
    circuit = cirq.Circuit([cirq.ry(a)(b) for a, b in zip(x, q)])
    circuit += cirq.Circuit(cirq.ry(t)(b) for t, b in zip(turns, q))
    observable = sum(float(w) * cirq.Z(b) for w, b in zip(weights, q))
    return qxai.PQC(circuit, x, observable), lambda X: weights * np.cos(X + turns)


def test_all_methods_agree_on_a_sum_of_one_feature_each():
    model, parts = additive(64)
    train = qxai.tensor_train(model)
    assert train.interaction_order == 1
    X = points(model)
    expected = parts(X) - parts(np.full(64, 0.4))
    for method in (
        qxai.shapley,
        qxai.banzhaf,
        qxai.integrated_gradients,
        qxai.occlusion,
        qxai.taylor,
    ):
        found = method(train, X, 0.4)
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(qxai.qlrp(train, X).values, parts(X), rtol=0, atol=1e-12)
    pairs = qxai.shapley_interactions(train, X, 0.4)
    assert not pairs[:, ~np.eye(64, dtype=bool)].any()  # exactly
    damped = qxai.smooth_grad(train, X, sigma=0.3).values
    np.testing.assert_allclose(damped, np.exp(-0.045) * train.gradient(X), rtol=0, atol=1e-12)
    curve = qxai.partial_dependence(train, X, features=["x5"], grid=[0.0, 1.0])
    step = parts(np.eye(64)[5]) - parts(np.zeros(64))
    assert np.diff(curve.curve("x5"))[0] == pytest.approx(step[5], abs=1e-12)


METHODS = (
    qxai.shapley,
    qxai.banzhaf,
    qxai.integrated_gradients,
    qxai.occlusion,
    functools.partial(qxai.taylor, order=np.inf),
    qxai.gradient,
    functools.partial(qxai.smooth_grad, sigma=0.2),
    qxai.qlrp,
)


def test_outside_of_a_light_cone_everything_is_exactly_zero():
    """One readout in the middle of 64: two layers see three qubits of the line."""
    model = line(64, 2, seed=4, readout=lambda q: cirq.Z(q[30]))
    train = qxai.tensor_train(model)
    assert train.windows == ((29, 30, 31),)
    X, outside = points(model), np.setdiff1d(np.arange(64), [29, 30, 31])
    for method in METHODS:
        values = method(train, X).values
        assert np.abs(values[:, 29:32]).min() > 0
        assert not values[:, outside].any()
    pairs = qxai.shapley_interactions(train, X, 0.0)
    assert not pairs[:, outside].any()
    assert not pairs[:, :, outside].any()


def test_every_method_is_complete_at_sixty_four_features():
    train, X = qxai.tensor_train(line(64, 4, seed=6)), np.zeros((3, 64))
    X[:] = np.random.default_rng(0).uniform(-3, 3, X.shape)
    for method in (qxai.shapley, qxai.integrated_gradients):
        np.testing.assert_allclose(method(train, X, 0.2).residual, 0, atol=1e-13)
    np.testing.assert_allclose(qxai.qlrp(train, X).residual, 0, atol=1e-13)
    pairs = qxai.shapley_interactions(train, X, 0.2)
    change = train.values(X) - train.values(np.full((1, 64), 0.2))
    np.testing.assert_allclose(pairs.sum(axis=(1, 2)), change, atol=1e-13)
    found = qxai.counterfactual(train, X[:1])
    flips = np.flatnonzero(np.isfinite(found.changes[0])) if hasattr(found, "changes") else []
    for i in flips[:3]:
        moved = X[0].copy()
        moved[i] += found.changes[0, i]
        assert train.values([moved])[0] == pytest.approx(0, abs=1e-9)


def test_batches_do_not_matter():
    """Sweeps take a few hundred vectors; an input alone gives what it gives among many."""
    train, rng = qxai.tensor_train(line(20, 3)), np.random.default_rng(0)
    X = rng.uniform(-2, 2, (2500, 20))
    whole = train.values(X)
    np.testing.assert_allclose(whole[[0, 1024, 2499]], train.values(X[[0, 1024, 2499]]), atol=1e-14)
    many = qxai.shapley(train, X, 0.1).values[[3, 2222]]
    np.testing.assert_allclose(many, qxai.shapley(train, X[[3, 2222]], 0.1).values, atol=1e-14)


def test_what_belongs_to_no_window_is_not_in_the_windows():
    """A train taken apart is the same function, each term once."""
    model = line(9, 3, seed=2)
    train, dense = qxai.tensor_train(model), model.polynomial()
    local, X = train.local(), points(model)
    np.testing.assert_allclose(local.dense().coefficients, dense.coefficients, atol=1e-15)
    for one, other in itertools.combinations(range(len(local.parts)), 2):
        both = [
            qxai.LocalPolynomial([p], [w], local.frequencies).dense().coefficients != 0
            for p, w in ((local.parts[i], local.places[i]) for i in (one, other))
        ]
        both[0].flat[0] = False
        assert not (both[0] & both[1]).any()
    np.testing.assert_allclose(
        qxai.game(train, X, 0.3).dividends, qxai.game(dense, X, 0.3).dividends, atol=1e-14
    )
    for index in ("k-SII", "FSII"):
        one = qxai.interactions(train, X, 0.3, index=index, order=3)
        other = qxai.interactions(dense, X, 0.3, index=index, order=3)
        np.testing.assert_allclose(one.values, other.values, atol=1e-12)
    shares, expected = qxai.sobol_indices(train), qxai.sobol_indices(dense)
    np.testing.assert_allclose(shares.first, expected.first, atol=1e-13)
    np.testing.assert_allclose(shares.total, expected.total, atol=1e-13)
    far = qxai.integrated_gradients(train, 400 * X, 0.1).values
    near = qxai.integrated_gradients(dense, 400 * X, 0.1).values
    np.testing.assert_allclose(far, near, atol=1e-9)


def test_trains_add_up_and_can_be_kept():
    one, other = (qxai.tensor_train(line(12, 2, seed=s)) for s in (0, 1))
    both, X = 0.5 * one - other + 2, points(one)
    expected = 0.5 * one.values(X) - other.values(X) + 2
    np.testing.assert_allclose(both.values(X), expected, atol=1e-14)
    np.testing.assert_allclose(qxai.shapley(both, X, 0.1).residual, 0, atol=1e-13)
    qxai.shapley(one, X)
    copy = pickle.loads(pickle.dumps(one))
    assert "row" not in copy.__dict__
    assert copy.feature_names == one.feature_names
    np.testing.assert_array_equal(copy.values(X), one.values(X))


def test_circuits_of_many_qubits_find_their_train():
    """Without being asked, where it takes fewer operations than tensors of light cones."""
    deep, shallow = line(40, 4), line(12, 2)
    assert isinstance(deep.multilinear(), qxai.TensorTrain)
    assert not isinstance(shallow.multilinear(), qxai.TensorTrain)
    X = points(deep, 2)
    found = qxai.shapley(deep, X, 0.1)
    assert found.route == "closed form"
    np.testing.assert_allclose(found.residual, 0, atol=1e-13)
    assert found.feature_names[:2] == ("x0", "x1")


def test_no_inputs_are_no_answers():
    for model in (qxai.tensor_train(line(5, 2)), line(24, 4)):
        nothing = np.zeros((0, model.num_features))
        assert model.values(nothing).shape == (0,)
        for method in (qxai.shapley, qxai.gradient, qxai.occlusion, qxai.integrated_gradients):
            assert method(model, nothing).values.shape == nothing.shape


def test_readouts_of_what_no_feature_turns():
    """An idle qubit, or a constant, is worth the same for all inputs."""
    q, x = cirq.LineQubit.range(14), sympy.symbols("x:11")
    idle = cirq.Z(q[12])
    circuit = qxai.ansatz.angle_encoding(q[:11], x)
    circuit += cirq.Circuit(cirq.CX(*pair) for pair in itertools.pairwise(q[:11]))
    for observable, flat in ((cirq.Z(q[5]) + 2 * idle, False), (2 * idle, True)):
        model = qxai.PQC(circuit, x, observable)
        X = points(model)
        for form in (model, qxai.tensor_train(model)):
            np.testing.assert_allclose(form.values(X), model.values(X), atol=1e-13)
            found = qxai.shapley(form, X, 0.1)
            np.testing.assert_allclose(found.residual, 0, atol=1e-13)
            assert found.values.any() != flat
            pairs = qxai.interactions(form, X, 0.1, order=1)
            np.testing.assert_allclose(pairs.values, found.values, atol=1e-13)
            if not flat:
                assert qxai.sobol_indices(form).variance > 0.01
    number = qxai.PQC(circuit, x, cirq.PauliSum() + 1.5)
    np.testing.assert_allclose(qxai.tensor_train(number).values(X), 1.5)
    assert not qxai.shapley(qxai.tensor_train(number), X).values.any()


def test_variance_is_found_without_windows_and_none_is_none():
    """A chain in which each term has many features; a readout that is zero everywhere."""
    n = 40
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    chain = cirq.Circuit(cirq.CX(*pair) for pair in itertools.pairwise(q))
    model = qxai.PQC(qxai.ansatz.angle_encoding(q, x) + chain, x, cirq.Z(q[-1]) + 3.0)
    train = qxai.tensor_train(model)  # 3 + Π cos x_i
    found = qxai.sobol_indices(train)
    assert found.variance == pytest.approx(0.5**n, rel=1e-9)
    np.testing.assert_allclose(found.total, 1, atol=1e-9)
    assert not found.first.any()
    silent = qxai.tensor_train(model.with_observable(cirq.Y(q[-1])))
    with pytest.raises(ValueError, match="found a constant"):
        qxai.sobol_indices(silent)
    moved = qxai.sobol_indices(-2 * train + 1)
    assert moved.variance == pytest.approx(4 * 0.5**n, rel=1e-9)


def test_a_multiple_of_a_train_is_a_train():
    train = qxai.tensor_train(line(20, 3), bond=4)
    twice, X = 2 * train - 1, points(train)
    assert isinstance(twice, qxai.TensorTrain)
    assert twice.error == pytest.approx(2 * train.error)
    np.testing.assert_allclose(twice.values(X), 2 * train.values(X) - 1, atol=1e-13)
    relevance = qxai.qlrp(twice, X).values
    np.testing.assert_allclose(relevance, 2 * qxai.qlrp(train, X).values, atol=1e-13)


def test_outputs_of_a_long_chain_come_from_its_train(monkeypatch):
    """A readout that sees all of 24 qubits: the state would take minutes for a few inputs."""
    n = 24
    q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
    chain = cirq.Circuit(cirq.CX(*pair) for pair in itertools.pairwise(q))
    model = qxai.PQC(qxai.ansatz.angle_encoding(q, x) + chain, x, cirq.Z(q[-1]))
    monkeypatch.setattr(qxai.Statevector, "deviations", lambda *_: pytest.fail("a state was run"))
    X = points(model, 20)
    np.testing.assert_allclose(model.values(X), np.cos(X).prod(axis=1), atol=1e-13)
    slope = -np.tan(X) * np.cos(X).prod(axis=1, keepdims=True)
    np.testing.assert_allclose(model.gradient(X), slope, atol=1e-13)


def test_outputs_of_other_wide_circuits_make_no_form(monkeypatch):
    """Few features on many qubits that all meet: to find no train is all that is done."""
    q, x = cirq.LineQubit.range(22), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    rng = np.random.default_rng(0)
    for _ in range(3):
        circuit += cirq.Circuit(cirq.ry(rng.normal())(b) for b in q)
        circuit += cirq.Circuit(cirq.CX(*pair) for pair in itertools.pairwise(q[::-1]))
        circuit += cirq.Circuit(cirq.CX(*pair) for pair in itertools.combinations(q[::4], 2))
    model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.X(q[21]))
    asked = []
    monkeypatch.setattr(qxai.PQC, "multilinear", lambda *_: asked.append("form"))
    monkeypatch.setattr(qxai.Statevector, "values", lambda *_: np.zeros(1))
    monkeypatch.setattr(forms, "likely_train", lambda *_: asked.append("train"))
    for _ in range(2):
        assert model.values([[0.1, 0.2]]) == [0.0]
    assert asked == ["train"]


def test_windows_are_kept_however_small_the_mean_square():
    """Two products of twenty waves each: nothing is cut, so what does not meet is exactly 0."""
    q, x = cirq.LineQubit.range(40), sympy.symbols("x:40")
    halves = [cirq.PauliString(cirq.Z(b) for b in part) for part in (q[:20], q[20:])]
    model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, halves[0] + halves[1])
    train = qxai.tensor_train(model)
    assert train.windows == (tuple(range(20)), tuple(range(20, 40)))
    pairs = qxai.shapley_interactions(train, points(train), 0.0)
    assert not pairs[:, :20, 20:].any()
    assert qxai.tensor_train(line(8, 3), bond=2).windows is None


def test_deep_circuits_of_a_dozen_qubits_find_their_train():
    """Where the tensor would be made from all strings, a train takes less by far."""
    rng = np.random.default_rng(0)
    q, x = cirq.LineQubit.range(12), sympy.symbols("x:12")
    circuit = qxai.ansatz.angle_encoding(q, x)
    for layer in range(4):
        circuit += cirq.Circuit(cirq.ry(rng.normal())(b) for b in q)
        circuit += cirq.Circuit(cirq.rz(rng.normal())(b) for b in q)
        circuit += cirq.Circuit(cirq.CX(*q[i : i + 2]) for i in range(layer % 2, 11, 2))
    model = qxai.PQC(circuit, x, qxai.ansatz.mean_z(q))
    assert isinstance(model.multilinear(), qxai.TensorTrain)
    X = points(model)
    np.testing.assert_allclose(model.multilinear().values(X), model.values(X), atol=1e-13)


def refused(model, kind=ValueError, **asked):
    with pytest.raises(kind) as caught:
        qxai.tensor_train(model, **asked)
    return str(caught.value)


def test_features_that_come_late_are_refused():
    model = circuits.reuploading(1)
    message = refused(model)
    assert "product encoding" in message
    assert "shapley and taylor work for such a model, and qlrp with a baseline" in message
    for method in (qxai.shapley, qxai.taylor, functools.partial(qxai.qlrp, baseline=0.0)):
        method(model, points(model))


def test_features_that_share_qubits_are_refused():
    q, (x, y) = cirq.LineQubit.range(2), sympy.symbols("x y")
    twice = cirq.Circuit(cirq.ry(x)(q[0]), cirq.ry(x)(q[1]), cirq.CX(*q), cirq.ry(1)(q[1]))
    shared = cirq.Circuit(cirq.ry(x)(q[0]), cirq.rz(y)(q[0]), cirq.CX(*q), cirq.ry(1)(q[1]))
    for circuit, features, named in ((twice, [x], "x on q(0), q(1)"), (shared, [x, y], "x, y on")):
        model = qxai.PQC(circuit, features, cirq.Z(q[1]))
        message = refused(model)
        assert named in message
        assert "qxai.pauli_propagation(model) takes such an encoding" in message
        strings, X = qxai.pauli_propagation(model), points(model)
        np.testing.assert_allclose(strings.values(X), model.values(X), atol=1e-14)
        np.testing.assert_allclose(qxai.shapley(strings, X).residual, 0, atol=1e-14)


def test_a_gate_on_three_qubits_is_refused_and_can_be_rewritten():
    """Both remedies of the message are run; the second is named where Cirq knows it."""
    q, x = cirq.LineQubit.range(4), sympy.symbols("x:4")
    large = (cirq.MatrixGate(cirq.testing.random_unitary(k, random_state=0)) for k in (8, 16))
    for gate in (cirq.CCX, cirq.CCZ**0.3, *large):
        circuit = qxai.ansatz.angle_encoding(q, x)
        circuit += cirq.Circuit(gate(*q[: cirq.num_qubits(gate)]), cirq.ry(1)(q[2]))
        model = qxai.PQC(circuit, x, cirq.Z(q[2]))
        message, X = refused(model), points(model)
        assert "expected gates on one or two qubits" in message
        assert "qxai.pauli_propagation(model) takes gates of any size" in message
        found = qxai.pauli_propagation(model).values(X)
        np.testing.assert_allclose(found, model.values(X), atol=1e-12)
        assert ("a model: " in message) == (cirq.num_qubits(gate) < 4)
        if "a model: " in message:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # Cirq's, of its own call
                remedy = message.split("a model: ")[1]
                written = eval(remedy, {"cirq": cirq, "circuit": circuit})
            train = qxai.tensor_train(qxai.PQC(written, x, cirq.Z(q[2])))
            np.testing.assert_allclose(train.values(X), model.values(X), atol=1e-7)


def test_bonds_beyond_the_limit_are_refused_with_what_works():
    """The remedy that the message names is run; its error is in the result."""
    model = line(12, 6, seed=1, gate=cirq.ISWAP**0.5)
    with pytest.raises(
        TooLargeError, match=r"bonds of at most 20, found \d+ behind place"
    ) as found:
        train_of(model.compiled, model.parameter_values, most=20)
    remedy = str(found.value).split("; ")[1].split(" cuts")[0]
    assert remedy == "qxai.tensor_train(model, bond=64)"
    train = qxai.tensor_train(model, bond=16)
    assert train.error > 0.01
    assert max(train.bonds) == 16


def test_other_arguments_are_refused():
    model = line(4, 1)
    assert "error: expected a number" in refused(model, error=-1)
    assert "error: expected a number" in refused(model, TypeError, error="a")
    assert qxai.tensor_train(model, error=1e300).error < 10  # everything may go
    assert "bond: expected" in refused(model, bond=0)
    assert "tensor_train needs a model with a method view()" in refused(
        qxai.TrigPolynomial([0, 1, 0], [[1]]), TypeError
    )
    device = model.on(qxai.Sampled(10, np.random.default_rng(0)))
    assert "tensor_train" in refused(device, TypeError)
    with pytest.raises(ValueError, match="begin with"):
        qxai.TensorTrain([np.zeros((1, 3, 2)), np.zeros((3, 3, 1))], [[1], [1]])
    with pytest.raises(ValueError, match="finite"):
        qxai.TensorTrain([np.full((1, 3, 1), np.nan)], [[1]])
    one, two = [np.ones((1, 3, 1))], [[1]]
    for wrong in ([[0, 1]], [], [[]], [[0, 0]], [0], [["a"]]):
        with pytest.raises(ValueError, match=r"windows: expected sets of features"):
            qxai.TensorTrain(one, two, windows=wrong)
    with pytest.raises(ValueError, match="windows: expected every feature that varies"):
        qxai.TensorTrain(2 * one, 2 * two, windows=[[0]])
    for name, wrong in (("constant", np.nan), ("constant", "a"), ("error", -1.0)):
        with pytest.raises(ValueError, match=f"{name}: expected a finite number"):
            qxai.TensorTrain(one, two, **{name: wrong})
    with pytest.raises(ValueError, match="depolarised: expected finite matrices"):
        qxai.TensorTrain(one, two, depolarised=[np.zeros((2, 2))])
    with pytest.raises(ValueError, match="order: expected whole numbers"):
        qxai.TensorTrain(one, two, order=[0.5])
    with pytest.raises(ValueError, match="in the order"):
        qxai.TensorTrain([np.zeros((1, 3, 1))], [[1]], order=[1])


def test_relevance_without_depolarised_tensors_is_refused():
    train = qxai.TensorTrain([np.ones((1, 3, 1))], [[1]])
    with pytest.raises(TypeError, match="pauli_polynomial"):
        qxai.qlrp(train, [[0.1]])
