import cirq
import numpy as np
import pytest
import sympy

import qxai
from tests import circuits

pytest.importorskip("qsimcirq")


def device(shots, seed=0, **noise):
    return qxai.NoisyQSim(shots, np.random.default_rng(seed), **noise)


def normalised(found, expected, error):
    return np.abs(found - expected) / np.where(error > 0, error, 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_without_noise_it_reaches_values_and_gradient(seed):
    model = circuits.encoding_first(seed)
    X = circuits.inputs(seed, model, 2)
    sampled = model.on(device(20_000))
    for found, exact in (
        (sampled.estimate(X), model.values(X)),
        (sampled.estimate_gradient(X), model.gradient(X)),
    ):
        assert normalised(found.values, exact, found.standard_error + 1e-5).max() < 5


def test_trajectories_and_density_matrices_agree():
    model = circuits.reuploading(2)
    X = circuits.inputs(2, model, 4)
    noise = {"depolarizing": 0.05, "readout": 0.1}
    found = model.on(device(5000, **noise)).estimate(X)
    exact = model.on(qxai.Sampled(10**7, np.random.default_rng(1), **noise)).values(X)
    assert normalised(found.values, exact, found.standard_error).max() < 4
    assert np.abs(exact - model.values(X)).max() > 20 * found.standard_error.max()


def test_readout_errors_shrink_a_z_by_their_closed_form():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
    found = model.on(device(40_000, readout=0.1)).estimate([[0.4]])
    assert normalised(found.values, 0.8 * np.cos(0.4), found.standard_error)[0] < 4


def test_it_counts_runs_and_shots_and_knows_constants():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.PQC(circuit, x, cirq.Z(q[0]) + cirq.X(q[0]) + 2.0)
    found = model.on(device(100)).estimate(np.ones((3, 2)))
    assert (found.evaluations, found.shots) == (3, 3 * 100 * 2)
    assert len(model.on(device(100)).estimate(np.ones((0, 2))).values) == 0
    constant = qxai.PQC(circuit, x, cirq.PauliSum() + 2.0).on(device(100)).estimate([[1.0, 2.0]])
    assert (constant.values.tolist(), constant.shots) == ([2.0], 0)


def test_the_same_seed_gives_the_same_shots():
    model = circuits.encoding_first(1, qubits=3)
    X = circuits.inputs(1, model, 3)
    first, second = (model.on(device(50, 7, depolarizing=0.1)).values(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_settings_that_no_device_has_are_refused():
    with pytest.raises(ValueError, match="shots: expected a whole number of at least 1"):
        device(0)
    with pytest.raises(ValueError, match=r"readout: expected 0 to 0\.5"):
        device(10, readout=0.7)
