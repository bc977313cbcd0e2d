"""Time the statevector backend beside TensorFlow Quantum and qsim, on one circuit and one batch.

Run by ``make bench``. Prints medians of repetitions, each with a new model object, and the ratio to
our own time. Results of the backends are compared before anything is timed.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

import qxai
from qxai.models.ansatz import layered_classifier

FEATURES, LAYERS, POINTS, REPETITIONS = 8, 2, 256, 7


def median_ms(run: Callable[[qxai.PQC], object], model: qxai.PQC) -> float:
    """Return the median time of a run in milliseconds, on a fresh copy of the model each time."""
    times = []
    for _ in range(REPETITIONS + 1):
        fresh = model.with_parameters(model.parameter_values)
        start = time.perf_counter()
        run(fresh)
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])  # the first one compiles


def main() -> None:
    """Print one table."""
    model = layered_classifier(FEATURES, LAYERS, np.random.default_rng(0))
    X = np.random.default_rng(1).uniform(0, np.pi, (POINTS, FEATURES))
    backends = {
        "statevector": qxai.Statevector(),
        "TensorFlow Quantum": qxai.TFQ(),
        "qsim": qxai.QSim(),
    }
    for backend in backends.values():
        np.testing.assert_allclose(model.on(backend).values(X[:9]), model.values(X[:9]), atol=1e-5)

    def parameter_gradient(one: qxai.PQC) -> object:
        arguments = (one.compiled, X, one.parameter_values, lambda values, rows: 0 * values + 1)
        return one.backend.parameter_gradient(*arguments)

    tasks = {
        "values": lambda one: one.values(X),
        "input gradient": lambda one: one.gradient(X),
        "parameter gradient": parameter_gradient,
    }
    print(f"{FEATURES} features, {LAYERS} layers, {POINTS} points, medians of {REPETITIONS}\n")
    print(f"{'task':24}{'backend':22}{'time (ms)':>10}{'ratio':>8}")
    for task, run in tasks.items():
        ours = median_ms(run, model)
        for name, backend in backends.items():
            if name == "qsim" and task != "values":
                continue  # shift rule: many runs, and no gradient by parameters
            took = ours if name == "statevector" else median_ms(run, model.on(backend))
            print(f"{task:24}{name:22}{took:10.1f}{took / ours:8.1f}")
    exact = {
        "polynomial": lambda one: one.polynomial(),
        "polynomial and Shapley": lambda one: qxai.shapley(one, X),
    }
    for task, run in exact.items():
        print(f"{task:24}{'statevector':22}{median_ms(run, model):10.1f}{'':>8}")


if __name__ == "__main__":
    main()
