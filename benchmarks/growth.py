"""Time every explanation against the number of features and of inputs.

Run by ``make bench``; needs nothing but the library itself. One thread, medians of five on new
model objects; a method whose last size took more than a second is not asked for the next.
Writes ``data/growth.csv``.
"""

import csv
import io
import statistics
import time
from collections.abc import Callable

import numpy as np

import qxai
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier

FEATURES, INPUTS, REPETITIONS, LIMIT = (2, 4, 6, 8, 10), (1, 16, 256, 4096), 5, 1.0
MOST_PLAYERS = 16  # gates of the part of the circuit that plays

METHODS: dict[str, Callable[[qxai.PQC, np.ndarray], object]] = {
    "values": lambda model, X: model(X),
    "gradient": qxai.gradient,
    "SmoothGrad": lambda model, X: qxai.smooth_grad(model, X, 0.5),
    "integrated gradients": lambda model, X: qxai.integrated_gradients(model, X, 0.3),
    "occlusion": lambda model, X: qxai.occlusion(model, X, 0.3),
    "Shapley": lambda model, X: qxai.shapley(model, X, 0.3),
    "interactions": lambda model, X: qxai.shapley_interactions(model, X, 0.3),
    "Taylor-∞": lambda model, X: qxai.taylor(model, X, 0.3),
    "LIME": qxai.lime,
    "QLRP-zero": qxai.qlrp,
    "QLRP-γ": lambda model, X: qxai.qlrp(model, X, qxai.Gamma(0.25)),
    "QLRP in the circuit": lambda model, X: qxai.qlrp(model, X, baseline=0.3),
    "gate Shapley": lambda model, X: qxai.gate_shapley(model, X, range(MOST_PLAYERS)),
}


def median_time(method: str, features: int, inputs: int) -> float:
    """Return the median time in seconds; every repetition builds its polynomial anew."""
    model = ring_classifier(features, layers=2, rng=np.random.default_rng(features))
    model(np.zeros((1, features)))  # compile
    X = np.random.default_rng(inputs).uniform(0, np.pi, (inputs, features))
    times = []
    for _ in range(REPETITIONS):
        fresh = model.with_parameters(model.parameter_values)
        start = time.perf_counter()
        METHODS[method](fresh, X)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure all methods along both axes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("method", "features", "inputs", "seconds"))
    for method in METHODS:
        axes = ([(d, 16) for d in FEATURES], [(6, n) for n in INPUTS if n != 16])
        for axis in axes:
            for features, inputs in axis:
                if method == "gate Shapley" and features < 4:
                    continue  # fewer gates than players
                seconds = median_time(method, features, inputs)
                writer.writerow((method, features, inputs, f"{seconds:.6f}"))
                print(f"{method:22}{features:4}{inputs:6}{seconds:10.4f}", flush=True)
                if seconds > LIMIT:
                    break
    write_data("growth.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
