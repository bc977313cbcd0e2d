"""Time methods with several numbers of BLAS threads offered, on a quiet machine and a busy one.

Run by ``make bench``; needs nothing but the library itself. Each setting has a process of its own,
since BLAS reads it when it is loaded; rounds go through all settings in turn. *Busy* means that
another process keeps a core at work. Beside the library as it is, the same calls run with its
limit switched off. Writes ``data/threads.csv``.
"""

import csv
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from machine import described

import qxai
from qxai import threads
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier

OFFERED, ROUNDS, REPETITIONS = ("default", "1", "2", "8"), 3, 11
HEAD = ("task", "features", "inputs", "busy", "offered", "limited", "seconds", "ratio_to_best")
NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
CALLS: dict[tuple[str, int, int], Callable[[qxai.PQC, np.ndarray], object]] = {
    ("values", 8, 256): lambda model, X: model.values(X),
    ("Shapley values", 8, 256): qxai.shapley,
    ("Shapley values", 10, 256): qxai.shapley,
    ("integrated gradients", 8, 256): qxai.integrated_gradients,
}


def _nothing(most: int | None) -> None:
    """Stand in for what sets a limit."""


@contextmanager
def unlimited() -> Iterator[None]:
    """Let BLAS use all that it is offered, as if the library did not care."""
    kept, threads._set = threads._set, _nothing
    try:
        yield
    finally:
        threads._set = kept


def measured(call: Callable[[], object]) -> float:
    """Return the median time of a call."""
    call()
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def here() -> list[tuple[str, int, int, bool, float]]:
    """Measure all calls in this process, with the limit and without."""
    rows = []
    for (task, features, inputs), method in CALLS.items():
        model = ring_classifier(features, 3, np.random.default_rng(features))
        X = np.random.default_rng(1).uniform(0, np.pi, (inputs, features))

        def call(model: qxai.PQC = model, X: np.ndarray = X, method: object = method) -> object:
            return method(model.with_parameters(model.parameter_values), X)

        rows.append((task, features, inputs, True, measured(call)))
        with unlimited():
            rows.append((task, features, inputs, False, measured(call)))
    return rows


def elsewhere(offered: str, busy: bool) -> list[tuple[str, int, int, bool, float]]:
    """Measure in a process that is offered so many threads, beside a busy one if asked for."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    if offered != "default":
        environment |= dict.fromkeys(NAMES, offered)
    other = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    try:
        command = [sys.executable, __file__, "--here"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    finally:
        for process in other:
            process.kill()
            process.wait()
    return [tuple(row) for row in json.loads(done.stdout)]


def main() -> None:
    """Measure all settings and write one row for each of them and each call."""
    if sys.argv[1:] == ["--here"]:
        print(json.dumps(here()))
        return
    found: dict[tuple[object, ...], list[float]] = {}
    for _ in range(ROUNDS):
        for busy in (False, True):
            for offered in OFFERED:
                for *call, limited, seconds in elsewhere(offered, busy):
                    found.setdefault((*call, busy, offered, limited), []).append(seconds)
    times = {key: statistics.median(values) for key, values in found.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HEAD, *(name for name in described() if name != "threads")])
    about = [value for name, value in described().items() if name != "threads"]
    for key, seconds in sorted(times.items(), key=lambda item: (item[0][:4], item[1])):
        best = min(value for other, value in times.items() if other[:4] == key[:4])
        row = [*key, f"{seconds:.4g}", f"{seconds / best:.3g}"]
        writer.writerow([*row, *about])
        print(*row, flush=True)
    write_data("threads.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
