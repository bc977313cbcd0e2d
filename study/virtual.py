"""Explanations on Cirq's virtual devices: measured noise of processors, gate by gate.

Run by hand (``python study/virtual.py``); needs cirq-google, which comes with TensorFlow Quantum.
Circuits are compiled to the processor's gates on a line of its qubits; the noise model, from the
calibration that Cirq ships, adds decoherence, gate and readout errors, and Cirq's density matrix
gives expectation values without shots. All coalitions of a few inputs are run, which is what
Shapley values, occlusion and Taylor-∞ are made of. Writes ``data/results/virtual.csv``.
"""

import csv
import io
import os
from concurrent.futures import ProcessPoolExecutor
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import cirq  # noqa: E402 - after the threads are set
import numpy as np  # noqa: E402
from declaration import DEVICE_TASKS, ENCODING_FIRST, Setting  # noqa: E402
from devices import left_of  # noqa: E402
from models import loaded  # noqa: E402

import qxai  # noqa: E402
from data import data_of  # noqa: E402
from qxai import datasets, metrics  # noqa: E402
from qxai.core import Array  # noqa: E402

PROCESSORS = ("rainbow", "weber")
LINE = [cirq.GridQubit(5, column) for column in range(5)]  # a row of either
INPUTS, SEEDS = 3, (0, 1)
COLUMNS = ("processor", "task", "seed", "method", "inputs", "kept", "aside", "localisation")


def noisy_values(processor: str, model: qxai.PQC, X: Array) -> Array:
    """Return expectation values (N,) of a circuit on a virtual device."""
    import cirq_google

    calibration = cirq_google.engine.load_median_device_calibration(processor)
    zphase = cirq_google.engine.load_sample_device_zphase(processor)
    properties = cirq_google.noise_properties_from_calibration(calibration, zphase)
    noise = cirq_google.NoiseModelFromGoogleNoiseProperties(properties)
    simulator = cirq.DensityMatrixSimulator()
    places = dict(zip(sorted(model.circuit.all_qubits()), LINE))
    moved = model.circuit.unfreeze().transform_qubits(places)
    terms = [term.transform_qubits(places) if term.qubits else term for term in model.observable]
    operator = cirq.PauliSum.from_pauli_strings(terms).matrix(LINE)
    found = []
    for x in X:
        values = dict(model.parameters) | dict(zip(model.features, x))
        circuit = cirq.optimize_for_target_gateset(
            cirq.resolve_parameters(moved, values), gateset=cirq.SqrtIswapTargetGateset()
        )
        circuit = cirq.Circuit(circuit, cirq.measure(*LINE, key="m"))
        # Measurements bring in the errors of reading; after that they are left out.
        noisy = cirq.drop_terminal_measurements(circuit.with_noise(noise))
        rho = simulator.simulate(noisy, qubit_order=LINE).final_density_matrix
        found.append(np.trace(rho @ operator).real)
    return np.array(found)


def rows(job: tuple[str, str, int]) -> list[dict[str, Any]]:
    """Explain one model on one device."""
    processor, task, seed = job
    setting = Setting(task, ENCODING_FIRST, seed)
    data = data_of(setting)
    model, X = loaded(setting, data).explained, data.test[0][:INPUTS]
    assert data.relevant is not None
    device = qxai.Function(
        lambda X: noisy_values(processor, model, X), num_features=model.num_features
    )
    found = []
    for name, method in {
        "Shapley": qxai.shapley,
        "occlusion": qxai.occlusion,
        "Taylor-∞": qxai.taylor,
    }.items():
        noisy, true = (method(m, X, np.pi / 2).values for m in (device, model))
        kept, aside = left_of(noisy, true)
        at = float(metrics.localisation_auc(noisy, data.relevant[:INPUTS]).mean())
        values = (processor, task, seed, name, INPUTS, f"{kept:.4g}", f"{aside:.4g}", f"{at:.4g}")
        found.append(dict(zip(COLUMNS, values)))
    return found


def main() -> None:
    """Run all models on all devices, and write the table."""
    jobs = [(p, task, seed) for p in PROCESSORS for task in DEVICE_TASKS for seed in SEEDS]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(rows, jobs):
            writer.writerows(found)
            print(found[0], flush=True)
    datasets.write_data("results/virtual.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
