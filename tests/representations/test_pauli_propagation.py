"""Lists of Pauli strings with some left out: what that costs, and what is refused."""

import math

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.representations.packed import letters_in, packed
from qxai.representations.propagation import Left
from qxai.representations.spread import spread_of
from tests import circuits
from tests.representations.test_tensor_train import line, points, rms, single_features


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_nothing_left_out_is_the_circuit(seed):
    model = single_features(seed)
    strings, X = qxai.pauli_propagation(model), points(model)
    np.testing.assert_allclose(strings.values(X), model.values(X), atol=1e-12)
    assert strings.error == strings.most_error == 0


@pytest.mark.parametrize("asked", [{"smallest": 0.02}, {"weight": 2}])
def test_what_is_left_out_is_told(asked):
    """Both bounds hold: in the mean square over all angles, and at each of many inputs."""
    model = line(7, 3, seed=3, readout=lambda q: cirq.Z(q[3]))
    strings, dense = qxai.pauli_propagation(model, **asked), model.polynomial()
    whole = qxai.pauli_propagation(model)
    assert len(strings.strings) < len(whole.strings)
    distance = rms(strings.polynomial().dense() - dense)
    assert 0 < distance <= strings.error
    X = points(model, 2000)
    furthest = np.abs(strings.values(X) - dense.values(X)).max()
    assert distance < furthest <= strings.most_error
    both = strings - 2 * strings
    assert both.error == pytest.approx(3 * strings.error)
    if "weight" in asked:
        assert (strings.strings > 0).sum(axis=1).max() <= 2
    assert "error" in repr(strings)


def test_what_is_left_out_adds_up():
    left = Left().and_(np.array([3.0, -4.0])).and_(np.array([1.0]))
    assert left.distance == pytest.approx(6)  # 5 from one gate, 1 from another
    assert left.size == pytest.approx(8)


def test_letters_are_counted_across_words():
    strings = np.random.default_rng(0).integers(0, 4, (20, 70))
    np.testing.assert_array_equal(letters_in(packed(strings)), (strings > 0).sum(axis=1))


def test_spread_of_known_qubits():
    """RY on |0⟩ has E[r rᵀ] = diag(1, ½, 0, ½); |0⟩ has the eigenvalue 2."""
    turned = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]])
    assert spread_of(turned) == pytest.approx(1)
    assert spread_of(np.array([[1, 0, 0, 1]])) == pytest.approx(2)


def test_shared_qubits_keep_their_bound():
    """A feature on two qubits, two on one: the bound is coarser, and holds."""
    model = circuits.wide_features(5)
    strings = qxai.pauli_propagation(model, smallest=0.1)
    X = points(model, 4000)
    off = strings.values(X) - model.values(X)
    assert 0 < math.sqrt(np.mean(off**2)) <= strings.error
    assert np.abs(off).max() <= strings.most_error


def test_too_many_strings_are_refused_with_what_works():
    model = line(10, 3, seed=1)
    with pytest.raises(ValueError, match="at most 50 strings") as found:
        qxai.pauli_propagation(model, most=50)
    remedy = str(found.value).split("with ")[1].split(", or")[0]
    shorter = eval(remedy, {"qxai": qxai, "model": model})
    assert shorter.error > 0


def test_other_arguments_are_refused():
    model = line(3, 1)
    for asked, message in (
        ({"smallest": np.nan}, "smallest: expected"),
        ({"weight": -1}, "weight: expected"),
        ({"most": 0}, "most: expected"),
    ):
        with pytest.raises(ValueError, match=message):
            qxai.pauli_propagation(model, **asked)
    late = circuits.reuploading(1)
    with pytest.raises(ValueError, match="pauli_propagation: expected a product encoding"):
        qxai.pauli_propagation(late)
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    curved = qxai.PQC(cirq.Circuit(cirq.ry(x**2)(q)), [x], cirq.Z(q))
    with pytest.raises(ValueError, match="linear in the features"):
        qxai.pauli_propagation(curved)
