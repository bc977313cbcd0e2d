"""Planned Pauli propagation against propagation gate by gate, and the plan's own bookkeeping."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.compiled import compile_circuit
from qxai.models.ansatz import ring_classifier
from qxai.representations import heisenberg, pauli_plan
from qxai.representations.packed import cleared, digits, letters_of, packed, ranked, spread
from qxai.representations.propagation import propagate

T = sympy.symbols("t:6")
Q = cirq.LineQubit.range(4)
GATES = [
    lambda: [cirq.ry(T[0])(Q[0]), cirq.rz(T[1])(Q[0]), cirq.rx(T[2])(Q[3])],
    lambda: [cirq.CX(Q[3], Q[0]), cirq.CZ(Q[1], Q[2]), cirq.H(Q[1]), cirq.S(Q[2]) ** -1],
    lambda: [cirq.XX(Q[0], Q[2]) ** T[3], cirq.ISWAP(Q[3], Q[1]) ** T[4]],
    lambda: [cirq.T(Q[1]), cirq.SQRT_ISWAP(Q[2], Q[0]), cirq.CCX(Q[0], Q[1], Q[2])],
    lambda: [cirq.Y(Q[2]) ** T[5], cirq.CZPowGate(exponent=T[0])(Q[1], Q[3])],
    lambda: [cirq.SWAP(Q[0], Q[3]), cirq.X(Q[1]), cirq.Y(Q[0])],
]
OBSERVABLE = 0.7 * cirq.Z(Q[0]) + 0.2 * cirq.X(Q[1]) * cirq.Y(Q[3]) - 1.5 * cirq.Z(Q[2])


def mixed_circuit(seed):
    """Gates of all kinds in an order that the seed draws."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.repeat(np.arange(len(GATES)), 2))
    circuit = cirq.Circuit(gate() for number in order for gate in [GATES[number]])
    values = dict(zip(T, rng.uniform(-3, 3, len(T))))
    return circuit, {t: v for t, v in values.items() if t in cirq.parameter_symbols(circuit)}


def as_dictionary(strings, coefficients):
    return dict(zip(map(tuple, strings.tolist()), coefficients.tolist()))


def difference(one, other):
    return max(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other})


@pytest.mark.parametrize("seed", range(6))
def test_planned_coefficients_are_traces_with_the_evolved_observable(seed):
    """``c_P = Tr(P U† M U) / 2^n``, with Cirq's unitary and NumPy's Kronecker products."""
    circuit, values = mixed_circuit(seed)
    plan = pauli_plan.pauli_plan(compile_circuit(circuit, (), tuple(values), OBSERVABLE))
    found = as_dictionary(plan.strings, plan.coefficients(np.array(list(values.values()))))
    unitary = cirq.resolve_parameters(circuit, values).unitary(qubit_order=Q)
    evolved = unitary.conj().T @ OBSERVABLE.matrix(Q) @ unitary
    paulis = [cirq.unitary(p) for p in (cirq.I, cirq.X, cirq.Y, cirq.Z)]
    for letters in np.ndindex(4, 4, 4, 4):
        matrix = cirq.kron(*(paulis[letter] for letter in letters))
        expected = np.trace(matrix @ evolved).real / 16
        assert abs(found.get(letters, 0.0) - expected) < 1e-14


@pytest.mark.parametrize("n", [5, 9, 12])
def test_a_plan_serves_all_parameters(n):
    model = ring_classifier(n, 3, np.random.default_rng(n))
    _, rest = heisenberg.split(model.compiled)
    plan = pauli_plan.pauli_plan(rest)
    for seed in range(3):
        values = np.random.default_rng(seed).uniform(-3, 3, len(model.parameters))
        values[seed::5] = np.pi / 2 * seed  # some gates are Clifford gates, or not there
        expected = as_dictionary(*propagate(rest, values)[:2])
        found = as_dictionary(plan.strings, plan.coefficients(values))
        assert difference(found, expected) < 1e-14
    assert pauli_plan.pauli_plan(rest) is plan


def test_gates_outside_the_light_cone_are_left_out():
    n = 12
    model = ring_classifier(n, 2, np.random.default_rng(0))
    one = qxai.PQC(model.circuit, model.features, cirq.Z(cirq.LineQubit(6)), dict(model.parameters))
    plan = pauli_plan.pauli_plan(heisenberg.split(one.compiled)[1])
    touched = np.flatnonzero(plan.strings.any(axis=0))
    assert touched.tolist() == [4, 5, 6, 7, 8]
    assert len(plan.moves) < len(pauli_plan.pauli_plan(heisenberg.split(model.compiled)[1]).moves)


def test_what_cannot_be_planned_is_left_to_other_routes(monkeypatch):
    q = cirq.LineQubit.range(4)
    wide = cirq.MatrixGate(cirq.testing.random_unitary(16, random_state=0))
    x = sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q[0]), wide(*q)), [x], cirq.Z(q[1]))
    assert pauli_plan.pauli_plan(heisenberg.split(model.compiled)[1]) is None
    X = np.linspace(-2, 2, 5)[:, None]
    np.testing.assert_allclose(model.polynomial().values(X), model.values(X), atol=1e-14)
    small = ring_classifier(4, 2, np.random.default_rng(0))
    monkeypatch.setattr(pauli_plan, "LIMIT", 100)
    assert pauli_plan.pauli_plan(heisenberg.split(small.compiled)[1]) is None
    X = np.random.default_rng(1).uniform(0, 3, (5, 4))
    np.testing.assert_allclose(small.polynomial().values(X), small.values(X), atol=1e-14)


@pytest.mark.parametrize("n", [31, 32, 33, 70])
def test_packed_strings_and_their_ranks(n):
    strings = np.random.default_rng(0).integers(0, 4, (50, n))
    codes = packed(strings)
    some = (7, n - 1, 2)
    expected = 16 * strings[:, 7] + 4 * strings[:, n - 1] + strings[:, 2]
    np.testing.assert_array_equal(letters_of(codes, n), strings)
    np.testing.assert_array_equal(digits(codes, some), expected)
    np.testing.assert_array_equal(
        digits(spread(np.arange(64), some, codes.shape[1]), some), range(64)
    )
    assert not digits(cleared(codes, some), some).any()
    others = [q for q in range(n) if q not in some]
    np.testing.assert_array_equal(
        letters_of(cleared(codes, some), n)[:, others], strings[:, others]
    )
    few = np.zeros_like(codes)
    few[:, -1] = codes[:, -1] % np.uint64(20)
    for each in (codes[:7], few):  # by sorting, and by a table
        again = np.concatenate([each, each[::-1]])
        found, rank = ranked(again)
        np.testing.assert_array_equal(found[rank], again)
        assert len(np.unique(found, axis=0)) == len(found) == len(np.unique(each, axis=0))
