"""Classical shadows: unbiased, calibrated, and within their bound."""

import cirq
import numpy as np
import pytest

import qxai
from tests import circuits

Q = cirq.LineQubit.range(3)
PREPARED = cirq.Circuit(
    cirq.ry(0.7)(Q[0]), cirq.CNOT(Q[0], Q[1]), cirq.rx(1.1)(Q[2]), cirq.CZ(Q[1], Q[2]),
    cirq.ry(-0.4)(Q[1]),
)  # fmt: skip
OBSERVABLES = [
    cirq.Z(Q[0]),
    cirq.X(Q[0]) * cirq.X(Q[1]),
    0.5 * cirq.Y(Q[2]) - cirq.Z(Q[1]) * cirq.Z(Q[2]) + 0.3,
    cirq.PauliSum() + 2.0,
]


def rng(seed=0):
    return np.random.default_rng(seed)


def exact(observable):
    state = PREPARED.final_state_vector(qubit_order=Q, dtype=np.complex128)
    total = cirq.PauliSum() + observable
    return (state.conj() @ total.matrix(Q) @ state).real


def test_a_record_serves_several_observables():
    """All from the same shots, each within its stated error."""
    truth = np.array([exact(o) for o in OBSERVABLES])
    z = []
    for seed in range(60):
        found = qxai.shadow(PREPARED, 400, rng(seed), Q).expectations(OBSERVABLES)
        z.append((found.values - truth)[:3] / found.standard_error[:3])
        assert found.values[3] == pytest.approx(2)
    z = np.array(z)
    assert 0.92 <= (np.abs(z) <= 1.96).mean() <= 0.98
    assert np.all(np.abs(z.mean(axis=0)) < 4 / np.sqrt(60))


def test_the_mean_over_all_records_is_exact():
    """All 27 bases and 8 outcomes of each, with their chances: no sampling is left."""
    state = PREPARED.final_state_vector(qubit_order=Q, dtype=np.complex128)
    turns = {1: cirq.unitary(cirq.H), 2: cirq.unitary(cirq.X**0.5), 3: np.eye(2)}
    bases, outcomes, chances = [], [], []
    for setting in np.ndindex(3, 3, 3):
        turn = np.eye(1)
        for letter in setting:
            turn = np.kron(turn, turns[letter + 1])
        for bits, chance in enumerate(np.abs(turn @ state) ** 2):
            bases.append([letter + 1 for letter in setting])
            outcomes.append([1 - 2 * (bits >> k & 1) for k in (2, 1, 0)])
            chances.append(chance / 27)
    record = qxai.Shadow(bases, outcomes, tuple(Q))
    for observable in OBSERVABLES:
        each = record.snapshots(observable)
        assert each @ chances == pytest.approx(exact(observable), abs=1e-12)
        spread = ((each - exact(observable)) ** 2) @ chances
        assert spread <= record.bound(observable) * (1 + 1e-12)
    string = OBSERVABLES[1]
    assert (record.snapshots(string) ** 2) @ chances == pytest.approx(record.bound(string))  # 3²


def test_density_matrices_and_amplitudes_give_the_same_record():
    state = PREPARED.final_state_vector(qubit_order=Q, dtype=np.complex128)
    from_circuit = qxai.shadow(PREPARED, 50, rng(3), Q)
    for given in (state, np.outer(state, state.conj())):
        record = qxai.shadow(given, 50, rng(3), Q)
        np.testing.assert_array_equal(record.bases, from_circuit.bases)
        np.testing.assert_array_equal(record.outcomes, from_circuit.outcomes)


class TestSites:
    def model(self):
        readout = cirq.Circuit(cirq.ry(0.5).on_each(*Q), cirq.CZ(Q[0], Q[1]), cirq.CX(Q[1], Q[2]))
        return qxai.StateModel(readout, circuits.random_observable(rng(4), Q) + 0.3, qubits=Q)

    def test_relevance_of_sites_is_calibrated(self):
        model = self.model()
        truth = qxai.site_relevance(model, model.prepared([PREPARED]))
        z, outputs = [], []
        for seed in range(60):
            found = qxai.site_relevance(model, qxai.shadow(PREPARED, 600, rng(seed), Q))
            z.append((found.values - truth.values)[0] / found.standard_error[0])
            outputs.append(found.output[0])
            assert found.residual == pytest.approx(0, abs=1e-12)
            assert found.shots == 600
        assert 0.92 <= (np.abs(z) <= 1.96).mean() <= 0.98
        error = np.std(outputs, ddof=1) / np.sqrt(60)
        assert np.mean(outputs) == pytest.approx(truth.output[0], abs=4 * error)

    def test_snapshots_are_those_of_the_strings(self):
        """By hand, string by string: 3^k where bases agree, 0 elsewhere."""
        model = self.model()
        record = qxai.shadow(PREPARED, 5, rng(1), Q)
        found = model.snapshots_by_support(record.bases, record.outcomes)
        pauli = [np.eye(2), *(cirq.unitary(p) for p in (cirq.X, cirq.Y, cirq.Z))]
        for shot in range(5):
            expected = np.zeros(8)
            for letters in np.ndindex(4, 4, 4):
                matrix = np.kron(np.kron(pauli[letters[0]], pauli[letters[1]]), pauli[letters[2]])
                weight = np.trace(matrix @ model.matrix).real / 8
                value = 1.0
                for letter, basis, outcome in zip(
                    letters, record.bases[shot], record.outcomes[shot]
                ):
                    value *= 1.0 if letter == 0 else 3.0 * outcome * (letter == basis)
                place = sum((letter > 0) << (2 - k) for k, letter in enumerate(letters))
                expected[place] += weight * value
            np.testing.assert_allclose(found[shot], expected, atol=1e-12)

    def test_other_sites_are_refused_with_advice_that_works(self):
        model = self.model()
        record = qxai.shadow(PREPARED, 20, rng(), Q[::-1])
        with pytest.raises(ValueError, match=r"pass qubits=model\.sites to qxai\.shadow"):
            qxai.site_relevance(model, record)
        found = qxai.site_relevance(model, qxai.shadow(PREPARED, 20, rng(), model.sites))
        assert found.values.shape == (1, 3)


def test_what_is_refused():
    import sympy

    open_ = cirq.Circuit(cirq.ry(sympy.Symbol("x"))(Q[0]))
    with pytest.raises(ValueError, match="state: expected a circuit without symbols"):
        qxai.shadow(open_, 10, rng())
    closed = cirq.resolve_parameters(open_, {"x": 0.3})
    assert len(qxai.shadow(closed, 10, rng())) == 10
    with pytest.raises(ValueError, match="state: expected a circuit, or with qubits="):
        qxai.shadow(np.ones(4) / 2, 10, rng())
    assert len(qxai.shadow(np.ones(4) / 2, 10, rng(), Q[:2])) == 10
    with pytest.raises(ValueError, match="expected a norm or trace of 1"):
        qxai.shadow(np.ones(4), 10, rng(), Q[:2])
    with pytest.raises(ValueError, match="negative eigenvalues"):
        qxai.shadow(np.diag([2.0, -1.0]), 10, rng(), Q[:1])
    with pytest.raises(ValueError, match="state: expected finite numbers"):
        qxai.shadow([np.nan, 0.0], 10, rng(), Q[:1])
    with pytest.raises(TypeError, match="rng: expected"):
        qxai.shadow(closed, 10, None)
    record = qxai.shadow(closed, 10, rng())
    with pytest.raises(ValueError, match=r"expected one of the measured qubits, q\(1\) is not"):
        record.expectations([cirq.Z(Q[1])])
    for wrong in ([], cirq.Z(Q[0]), "Z"):
        with pytest.raises(ValueError, match="observables: expected a list of at least one"):
            record.expectations(wrong)
    with pytest.raises(TypeError, match=r"observable: expected a cirq\.PauliSum"):
        record.bound("Z")
    with pytest.raises(ValueError, match="expected 1, 2, 3 for X, Y, Z"):
        qxai.Shadow([[1.9]], [[1.2]], (Q[0],))
    with pytest.raises(ValueError, match="expected 1, 2, 3 for X, Y, Z"):
        qxai.Shadow([[0]], [[1]], (Q[0],))
    with pytest.raises(ValueError, match=r"expected shape \(T, 1\)"):
        qxai.Shadow([[1, 2]], [[1, 1]], (Q[0],))


def test_a_string_that_no_shot_fits_has_the_largest_error_and_not_none():
    qubits = cirq.LineQubit.range(9)
    record = qxai.shadow(cirq.Circuit(cirq.I.on_each(*qubits)), 50, rng(0), qubits)
    string = cirq.PauliString({qubit: cirq.Z for qubit in qubits})
    assert not record.snapshots(string).any()
    found = record.expectations([string, cirq.PauliSum() + 0.5, cirq.Z(qubits[0])])
    assert found.standard_error[0] == pytest.approx(np.sqrt(3**9 / 50), rel=1e-12)
    assert found.values[1] == 0.5
    assert found.standard_error[1] == 0  # a constant needs no shot
    assert 0 < found.standard_error[2] < np.sqrt(3 / 50)


def test_relevance_of_sites_that_no_shot_speaks_of_has_the_largest_error():
    """Site 0 is in Z, which shots fit; all sites are in half of a string that none fits."""
    qubits = cirq.LineQubit.range(7)
    string = cirq.PauliString({qubit: cirq.Z for qubit in qubits}, coefficient=0.5)
    model = qxai.StateModel(cirq.Circuit(), string + cirq.Z(qubits[0]), qubits=qubits)
    record = qxai.shadow(cirq.Circuit(cirq.I.on_each(*qubits)), 30, rng(0), qubits)
    assert not record.snapshots(string).any()
    found = qxai.site_relevance(model, record)
    np.testing.assert_allclose(
        found.standard_error[0, 1:], 0.5 / 7 * np.sqrt(3**7 / 30), rtol=1e-12
    )
    assert 0 < found.standard_error[0, 0] < np.sqrt(3 / 30)
    idle = qxai.StateModel(cirq.Circuit(), 1.0 * cirq.Z(qubits[0]), qubits=qubits)
    assert not qxai.site_relevance(idle, record).standard_error[0, 1:].any()  # it is exactly 0
