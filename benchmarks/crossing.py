"""Find the number of qubits from which qsim is faster than the statevector in NumPy.

Run by ``make bench``; needs nothing but the library itself. One input and a batch of sixteen, one
thread each, medians; writes ``data/qsim_crossing.csv``.
"""

import csv
import io
import statistics
import time

import numpy as np

import qxai
from qxai.core import Backend
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier

QUBITS, INPUTS, REPETITIONS = range(2, 23, 2), (1, 16), 5
MOST_AMPLITUDES = 2**23  # of all inputs together: larger batches only repeat what is seen


def measured(model: qxai.PQC, backend: Backend, X: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the median time of evaluating a batch, after one run that is not counted."""
    here = model.on(backend)
    values = here.values(X)
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        here.values(X)
        times.append(time.perf_counter() - start)
    return statistics.median(times), values


def main() -> None:
    """Measure both backends side by side and write one row for each size."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ("qubits", "inputs", "statevector_seconds", "qsim_seconds", "difference")
    writer.writerow(header)
    for n in QUBITS:
        model = ring_classifier(n, layers=2, rng=np.random.default_rng(n))
        for inputs in INPUTS:
            if inputs << n > MOST_AMPLITUDES:
                continue
            X = np.random.default_rng(inputs).uniform(0, np.pi, (inputs, n))
            ours, exact = measured(model, qxai.Statevector(), X)
            theirs, single = measured(model, qxai.QSim(), X)
            difference = float(np.abs(exact - single).max())
            row = (n, inputs, f"{ours:.6f}", f"{theirs:.6f}", f"{difference:.1e}")
            writer.writerow(row)
            print(*row, flush=True)
    write_data("qsim_crossing.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
