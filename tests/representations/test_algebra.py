"""Sums, differences and multiples of polynomials: exact, whatever is added to whatever."""

import itertools
import pickle

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.representations.sums import SumPolynomial, combined
from tests import circuits

D = 3
RNG = np.random.default_rng(0)
X, ROOT = RNG.uniform(-3, 3, (5, D)), RNG.uniform(-1, 1, D)
FREQUENCIES = ([[1.0], [1.0, 2.0], [0.5]], [[1.0], [1.5], [0.5, 3.0]])


def tensor(which):
    rng, lists = np.random.default_rng(which), FREQUENCIES[which]
    return qxai.TrigPolynomial(rng.normal(size=[2 * len(w) + 1 for w in lists]), lists)


def products(which, terms=4):
    rng, lists = np.random.default_rng([which, 1]), FREQUENCIES[which]
    factors = [rng.normal(size=(2 * len(w) + 1, terms)) for w in lists]
    return qxai.ProductPolynomial(rng.normal(size=terms), factors, lists)


def cones(which):
    rng, lists = np.random.default_rng([which, 2]), FREQUENCIES[which]
    places = [(0, 1), (1, 2)] if which else [(0, 1), (2,)]
    sizes = [[2 * len(lists[i]) + 1 for i in place] for place in places]
    parts = [
        qxai.TrigPolynomial(rng.normal(size=size), [lists[i] for i in place])
        for size, place in zip(sizes, places)
    ]
    return qxai.LocalPolynomial(parts, places, lists)


def strings(which):
    return circuits.encoding_first(7 + which, qubits=D).pauli_polynomial()


def apart(which):
    return tensor(which) - 2 * products(which) + 0.7


KINDS = (tensor, products, cones, strings, apart)
PAIRS = list(itertools.combinations_with_replacement(KINDS, 2))


def names(pair):
    return " and ".join(kind.__name__ for kind in pair)


@pytest.mark.parametrize("pair", PAIRS, ids=names)
def test_a_combination_has_the_values_and_the_gradient_of_the_weighted_sum(pair):
    one, other = (kind(which) for which, kind in enumerate(pair))
    for found, parts in (
        (one - other, (1.0, -1.0, 0.0)),
        (other - one, (-1.0, 1.0, 0.0)),
        (3 * one + other / 4 - 0.5, (3.0, 0.25, -0.5)),
        (0.5 - (-one) - other * np.float64(2), (1.0, -2.0, 0.5)),
    ):
        a, b, constant = parts
        expected = a * one.values(X) + b * other.values(X) + constant
        np.testing.assert_allclose(found.values(X), expected, atol=1e-12)
        slopes = a * one.gradient(X) + b * other.gradient(X)
        np.testing.assert_allclose(found.gradient(X), slopes, atol=1e-11)
        np.testing.assert_allclose(found.polynomial().dense().values(X), expected, atol=1e-12)


@pytest.mark.parametrize("pair", PAIRS, ids=names)
def test_explanations_of_a_difference_are_differences_of_explanations(pair):
    one, other = (kind(which) for which, kind in enumerate(pair))
    difference = one - other + 2

    def check(method, *arguments, atol=1e-11, **options):
        found = [method(m, X, *arguments, **options) for m in (difference, one, other)]
        whole, a, b = [getattr(each, "values", each) for each in found]
        np.testing.assert_allclose(whole, a - b, atol=atol)

    check(qxai.shapley, ROOT)
    check(qxai.shapley_interactions, ROOT)
    check(qxai.integrated_gradients, ROOT)
    check(qxai.integrated_gradients, ROOT + 200)  # wave by wave
    check(qxai.taylor, ROOT, order=3)
    check(qxai.taylor, ROOT)
    check(qxai.smooth_grad, 0.4)
    check(qxai.lime)
    assert np.abs(qxai.shapley(difference, X, ROOT).residual).max() < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_every_contraction_is_linear_in_the_parts(kind):
    """The whole protocol, at vectors that are no functions of an input: against the tensor."""
    found = kind(0).polynomial() - products(1) + 0.4
    dense, rng = found.dense(), np.random.default_rng(3)
    assert [w.tolist() for w in found.frequencies] == [w.tolist() for w in dense.frequencies]
    shapes = [2 * len(w) + 1 for w in found.frequencies]
    vectors, others = ([rng.normal(size=(4, k)) for k in shapes] for _ in range(2))
    for v in (*vectors, *others):
        v[:, 0] = 1  # as all that is mixed of inputs has it
    steps = [b - a for a, b in zip(vectors, others)]
    for name, arguments in (
        ("contract", (vectors,)),
        ("slopes", (vectors, steps)),
        ("pair_slopes", (vectors, steps)),
        ("size_means", (vectors, others)),
    ):
        expected = getattr(dense, name)(*arguments)
        np.testing.assert_allclose(getattr(found, name)(*arguments), expected, atol=1e-11)
    value, partials = found.partials(vectors)
    np.testing.assert_allclose(value, dense.contract(vectors), atol=1e-11)
    for own, step, slope in zip(partials, steps, dense.slopes(vectors, steps).T):
        np.testing.assert_allclose(np.sum(own * step, axis=1), slope, atol=1e-11)
    lines = [ROOT + 0 * X, X]
    np.testing.assert_allclose(found.mean_gradient(*lines), dense.mean_gradient(*lines), atol=1e-11)
    assert (found.bands(np.abs(X)) <= dense.bands(np.abs(X)) + 1e-12).all()
    assert found.interaction_order == dense.interaction_order


def test_a_sum_of_different_kinds_keeps_its_parts_and_their_cost():
    one, other = cones(0), products(1)
    found = one - other
    assert isinstance(found, SumPolynomial)
    assert found.operations == one.operations + other.operations < found.dense().operations
    assert found.waves == one.waves + other.waves
    partials = (found + 3).partials(found.vectors(X))[1]
    for vector, own in zip(found.vectors(X), partials):  # f is linear in each vector
        np.testing.assert_allclose((own * vector).sum(axis=1), found.values(X) + 3, atol=1e-12)
    again = (found + one) - one + tensor(0) + cones(1)
    assert {type(part) for part in again.parts} == {
        qxai.LocalPolynomial,
        qxai.ProductPolynomial,
        qxai.TrigPolynomial,
    }
    assert len(again.parts) == 3


@pytest.mark.parametrize("kind", [tensor, products, cones])
def test_polynomials_of_one_kind_stay_of_it_with_the_frequencies_of_both(kind):
    found = kind(0) - kind(1)
    assert type(found) is type(kind(0))
    assert [w.tolist() for w in found.frequencies] == [[1.0], [1.0, 1.5, 2.0], [0.5, 3.0]]


def test_frequencies_that_differ_by_rounding_are_one():
    one = qxai.TrigPolynomial([0, 1, 0], [[0.3]])
    other = qxai.TrigPolynomial([0, 1, 0], [[0.1 + 0.2]])
    assert 0.1 + 0.2 != 0.3
    assert (one - other).coefficients.tolist() == [0, 0, 0]
    both = qxai.TrigPolynomial([0, 1, 0, 5, 0], [[0.3, 1.0]])
    assert (both - other).coefficients.tolist() == [0, 0, 0, 5, 0]


def test_cones_of_the_same_features_are_added():
    one = cones(0)
    assert len((one + one).parts) == len((one + 2 * cones(0)).parts) == len(one.parts)
    assert (one - cones(0)).interaction_order == 0


def test_strings_behind_one_encoding_stay_strings():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(cirq.CX(*q))
    first = qxai.PQC(circuit, x, cirq.Z(q[0]) + 0.3)
    second = first.with_observable(cirq.Z(q[1]))
    found = first.pauli_polynomial() - 2 * second.pauli_polynomial() + 1
    assert isinstance(found, qxai.PauliPolynomial)
    points = X[:, :2]
    expected = first.values(points) - 2 * second.values(points) + 1
    np.testing.assert_allclose(found.values(points), expected, atol=1e-12)
    direct = qxai.qlrp(first - 2 * second + 1, points)
    np.testing.assert_allclose(qxai.qlrp(found, points).values, direct.values, atol=1e-12)


def test_a_polynomial_minus_itself_is_zero_and_a_multiple_of_nothing_too():
    for kind in KINDS:
        one = kind(0)
        np.testing.assert_array_equal((0 * one).values(X), 0)
        np.testing.assert_array_equal((one - one).values(X), 0)


def test_sums_begin_with_zero_as_python_begins_them():
    found = sum([tensor(0), tensor(1), products(0)])
    expected = tensor(0).values(X) + tensor(1).values(X) + products(0).values(X)
    np.testing.assert_allclose(found.values(X), expected, atol=1e-12)


def test_tensors_whose_sum_would_not_fit_are_kept_apart():
    rng = np.random.default_rng(0)
    lists = [[[1.0, 2.0]] * 9, [[0.7, 1.3]] * 9]  # 5^9 numbers each, 9^9 with both
    one, other = (qxai.TrigPolynomial(rng.normal(size=(5,) * 9), w) for w in lists)
    found = one - other
    assert isinstance(found, SumPolynomial)
    points = rng.uniform(-1, 1, (2, 9))
    np.testing.assert_allclose(found.values(points), one.values(points) - other.values(points))


def test_sums_go_to_other_processes():
    found = apart(0) + 1
    copy = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(copy.values(X), found.values(X))


def test_what_cannot_be_added_is_refused():
    one = tensor(0)
    for wrong in ("1", None, 1j, True, [1.0]):
        with pytest.raises(TypeError, match="unsupported operand"):
            one + wrong
    with pytest.raises(TypeError, match="unsupported operand"):
        one * one
    with pytest.raises(ValueError, match="weight: expected a finite number, found nan"):
        one * float("nan")
    with pytest.raises(ZeroDivisionError):
        one / 0


def test_other_features_are_refused_and_the_advice_works():
    model, d, columns = qxai.TrigPolynomial([0, 1, 0], [[1]]), 3, [1]
    with pytest.raises(ValueError, match="same features in all, found 3, 1 features; ") as caught:
        tensor(0) - model
    advice = str(caught.value).partition(" is ")[2]
    wrapped = eval(advice, {"qxai": qxai, "model": model, "columns": columns, "d": d})
    np.testing.assert_allclose(wrapped.values(X), np.cos(X[:, 1]))
    with pytest.raises(ValueError, match="same features"):
        combined([1.0, 1.0], [model, tensor(0)])
