"""What the families of the study can represent, and what they cannot."""

import sys
from pathlib import Path

import cirq
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import declaration  # noqa: E402
import devices  # noqa: E402
import models  # noqa: E402
import readouts  # noqa: E402
import sites  # noqa: E402
from declaration import ENCODING_FIRST, REUPLOADING, Setting  # noqa: E402

import qxai  # noqa: E402
from data import data_of  # noqa: E402
from qxai.models.ansatz import layered_classifier, ring_classifier  # noqa: E402


def at_random(setting, d, seed=0):
    model = models.circuit_model(setting, d)
    rng = np.random.default_rng(seed)
    return model.with_parameters(rng.uniform(-np.pi, np.pi, len(model.parameters)))


def even_share(model):
    """The share of the variance, over uniform angles, in terms of an even number of features."""
    C = model.polynomial().coefficients
    meeting = (np.indices(C.shape) > 0).sum(axis=0)
    power = C**2 / 2.0**meeting * (meeting > 0)
    return power[meeting % 2 == 0].sum() / power.sum()


@pytest.mark.parametrize("d", [4, 5, 9])
def test_no_circuit_of_the_study_hides_a_parity(d):
    """A ring of CZ gates has no even terms at all; bricks have them, whatever the depth."""
    kind = "labels" if d == 9 else "junta"
    task = "lines" if kind == "labels" else kind
    for seed in range(3):
        model = at_random(Setting(task, ENCODING_FIRST, 0), d, seed)
        assert even_share(model) > 0.03
        ring = ring_classifier(d, 2, np.random.default_rng(seed))
        assert even_share(ring) < 1e-20


def test_circuits_have_whole_frequencies_and_reuploading_has_half_ones_too():
    first = at_random(Setting("junta", ENCODING_FIRST, 0), 3).polynomial()
    again = at_random(Setting("junta", REUPLOADING, 0), 3).polynomial()
    for one, two in zip(first.frequencies, again.frequencies):
        np.testing.assert_allclose(one, [1])
        np.testing.assert_allclose(two, [0.5, 1])


def test_a_readout_without_trace_needs_its_trained_offset():
    """Where all qubits are encoded the mean of Z averages to 0: only ``a M + b`` has an offset."""
    model = at_random(Setting("junta", ENCODING_FIRST, 0), 4)
    assert abs(model.polynomial().coefficients[0, 0, 0, 0]) < 1e-12
    data = data_of(Setting("junta", ENCODING_FIRST, 0))
    assert abs(data.truth.dense().coefficients[(0,) * 5]) > 0.01


def test_wide_circuits_see_few_features_at_a_time_and_enough():
    """Two layers of bricks are two matchings: a Z sees four qubits at most, and neighbours."""
    model = at_random(Setting("wide", ENCODING_FIRST, 0), 16)
    qubits = sorted(model.circuit.all_qubits())
    widest = 0
    for qubit in qubits:
        seen = {qubit}
        for moment in reversed(model.circuit):
            for op in moment:
                if len(op.qubits) == 2 and seen & set(op.qubits):
                    seen |= set(op.qubits)
        widest = max(widest, len(seen))
    assert widest == 4
    assert model.multilinear().interaction_order <= 4


@pytest.mark.parametrize("seed", range(3))
def test_frozen_readouts_span_every_product_of_waves(seed):
    """Strings of up to three of five qubits: 375 expectation values of rank 3⁵ − 1."""
    X = np.random.default_rng(1).uniform(0, 2 * np.pi, (400, 5))
    design = readouts.expectations(X, seed)
    centred = design - design.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    assert (sizes > 1e-6 * sizes[0]).sum() == 3**5 - 1


def test_a_frozen_model_is_the_linear_model_on_its_expectation_values():
    rng = np.random.default_rng(0)
    X, y = rng.uniform(0, np.pi, (60, 4)), rng.normal(size=60)
    model = readouts.frozen_model(X, y, 3)
    design = readouts.expectations(X, 3)
    penalty = np.sqrt(readouts.RIDGE * 60 / design.shape[1])
    centred = design - design.mean(axis=0)
    rows = np.vstack([centred, penalty * np.eye(design.shape[1])])
    weights = np.linalg.lstsq(rows, np.append(y - y.mean(), np.zeros(design.shape[1])))[0]
    expected = y.mean() + centred @ weights
    np.testing.assert_allclose(model.values(X), expected, atol=1e-9)


def test_a_kernel_spans_them_too():
    """The product kernel has all 3^d waves in it: a matrix of rank 3³."""
    X = np.random.default_rng(1).uniform(0, 2 * np.pi, (60, 3))
    kernel = models.kernel_model(X, np.zeros(60)).kernel(X)
    sizes = np.linalg.eigvalsh(kernel)
    assert (sizes > 1e-9 * sizes[-1]).sum() == 3**3


def test_all_encoded_models_are_what_chapters_use():
    """The encoding-first circuit is the library's layered classifier with a trained readout."""
    model = models.circuit_model(Setting("junta", ENCODING_FIRST, 0), 4)
    library = layered_classifier(4, 6, np.random.default_rng(0))
    assert len(model.parameters) == len(library.parameters)
    rng = np.random.default_rng(5)
    values = rng.uniform(-1, 1, len(model.parameters))
    X = rng.uniform(0, np.pi, (5, 4))
    np.testing.assert_allclose(
        model.with_parameters(values).values(X), library.with_parameters(values).values(X)
    )


# Noise: the polynomial is that of the noisy circuit


@pytest.mark.parametrize("fold", [1, 3])
@pytest.mark.parametrize("name", devices.CHANNELS)
def test_a_noisy_polynomial_is_what_cirq_simulates(name, fold):
    channel = devices.CHANNELS[name](0.02)
    model = 2 * at_random(Setting("iris", ENCODING_FIRST, 0), 3) + 0.3
    X = np.random.default_rng(1).uniform(0, np.pi, (3, 3))
    found = devices.with_channel(model, channel, fold).values(X)
    qubits = sorted(model.circuit.all_qubits())
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    for x, value in zip(X, found):
        noisy = cirq.Circuit()
        for op in cirq.resolve_parameters(model.circuit, model.parameters).all_operations():
            here = cirq.resolve_parameters(op, dict(zip(model.features, x)))
            folded = [here] if cirq.is_parameterized(op) or fold == 1 else [here, here**-1, here]
            for gate in folded:
                whole = channel(len(gate.qubits))
                each = [channel(1).on(q) for q in gate.qubits]
                noisy.append([gate, each if whole is None else whole.on(*gate.qubits)])
        rho = simulator.simulate(noisy, qubit_order=qubits).final_density_matrix
        expected = np.trace(rho @ model.observable.matrix(qubits)).real
        np.testing.assert_allclose(value, expected, atol=1e-12)


def test_without_noise_the_polynomial_is_the_models():
    model = at_random(Setting("iris", ENCODING_FIRST, 0), 4)
    quiet = devices.with_channel(model, lambda count: cirq.depolarize(0.0, count), 3)
    np.testing.assert_allclose(quiet.coefficients, model.polynomial().coefficients, atol=1e-12)


def test_misread_bits_shrink_attributions_and_over_rotation_scales_angles():
    model = at_random(Setting("iris", ENCODING_FIRST, 0), 3)
    X = np.random.default_rng(1).uniform(0, np.pi, (4, 3))
    full, dim = (qxai.shapley(m, X, 0.5).values for m in (model, devices.misread(model, 0.05)))
    np.testing.assert_allclose(dim, 0.9 * full, atol=1e-12)
    turned = devices.over_rotated(model, 0.1)
    same = model.with_parameters(1.1 * model.parameter_values)
    np.testing.assert_allclose(turned.values(X), same.values(1.1 * X), atol=1e-12)


def test_every_trained_circuit_is_stored_with_all_its_numbers():
    trained = [s for s in declaration.settings() if s.family in (ENCODING_FIRST, REUPLOADING)]
    states = [s for s in declaration.settings() if s.family == declaration.CONVOLUTIONAL]
    assert {s.key for s in trained + states} == models.stored().keys()
    for setting in trained:
        rows = models.stored()[setting.key]
        d = data_of(setting).train[0].shape[1] if setting.seed == 0 else None
        assert len(rows) == (3 if setting.kind == "classes" else 1)
        if d is not None:  # angles, then scale and offset of the readout
            assert len(rows[0]) == len(models.circuit_model(setting, d).parameters) + 2


def test_depolarised_sites_lose_what_the_study_says():
    """One site traced out and replaced by noise, on density matrices."""
    rng = np.random.default_rng(5)
    q = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(cirq.CX(q[0], q[1]), cirq.ry(0.3)(q[1]), cirq.CZ(q[1], q[2]))
    model = qxai.StateModel(circuit, cirq.X(q[1]) + cirq.Z(q[0]) * cirq.Z(q[2]), {}, q)
    psi = rng.normal(size=8) + 1j * rng.normal(size=8)
    rho = np.outer(psi, psi.conj()).reshape((2,) * 6) / np.vdot(psi, psi).real
    whole = model.values(rho.reshape(1, 8, 8))[0]
    found = sites.site_occlusion(model, psi[None])[0]
    for site in range(3):
        rest = np.trace(rho, axis1=site, axis2=3 + site)
        noisy = np.moveaxis(np.tensordot(np.eye(2) / 2, rest, axes=0), (0, 1), (site, 3 + site))
        lost = whole - model.values(noisy.reshape(1, 8, 8))[0]
        np.testing.assert_allclose(found[site], lost, atol=1e-12)
