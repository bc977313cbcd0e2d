"""A convolutional circuit: what it shares, what it leaves, what it can learn."""

import cirq
import numpy as np
import pytest

import qxai


def test_all_pairs_of_a_layer_share_their_parameters():
    q = cirq.LineQubit.range(4)
    circuit, symbols = qxai.ansatz.convolutional_layers(q)
    assert len(symbols) == 42
    assert cirq.parameter_symbols(circuit) == set(symbols)
    uses = [
        sum(symbol in cirq.parameter_symbols(op) for op in circuit.all_operations())
        for symbol in symbols
    ]
    assert uses[:15] == [4] * 15  # four pairs on a ring of four
    assert uses[15:21] == [2] * 3 + [4] * 3  # two poolings, which turn back the sink
    assert uses[21:36] == [1] * 15  # one pair is left


def test_only_the_last_qubit_is_left():
    """Nothing acts on a source after its pooling."""
    q = cirq.LineQubit.range(8)
    circuit, _ = qxai.ansatz.convolutional_layers(q)
    last = {a: circuit.prev_moment_operating_on([a]) for a in q}
    assert max(last, key=last.get) == q[-1]
    for operation in list(circuit.all_operations())[-3:]:
        assert operation.qubits == (q[-1],)


@pytest.mark.parametrize("count", [1, 3, 6])
def test_other_numbers_of_qubits_are_refused(count):
    with pytest.raises(ValueError, match="expected 2, 4, 8"):
        qxai.ansatz.convolutional_layers(cirq.LineQubit.range(count))


def test_it_learns_excitations_of_four_sites():
    task = qxai.datasets.excitations(4, 60, np.random.default_rng(0))
    circuit, symbols = qxai.ansatz.convolutional_layers(task.qubits)
    rng = np.random.default_rng(0)
    start = dict(zip(symbols, rng.uniform(-0.5, 0.5, len(symbols))))
    whole = qxai.PQC(task.preparation + circuit, task.features, cirq.Z(task.qubits[-1]), start)
    learnt = qxai.fit(whole, task.X, task.y, epochs=20, rng=rng).model
    assert np.mean(np.sign(learnt.values(task.X)) == task.y) >= 0.9
    readout = qxai.StateModel(circuit, learnt.observable, learnt.parameters, task.qubits)
    np.testing.assert_allclose(readout.values(task.states), learnt.values(task.X), atol=1e-12)
