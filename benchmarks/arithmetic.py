"""Time the closed forms beside their own arithmetic: matrix products of as many operations.

Run by ``make bench``; needs nothing but the library itself, at the settings that a user has. For
every method the operations are counted from its definition: a sweep at a node multiplies the
tensor, as a matrix between its two halves, from both sides. In turns with it, plain products of
matrices of that shape are timed, with the same number of threads. The time of a method holds the
building of its polynomial. Writes ``data/arithmetic.csv``.
"""

import csv
import io
import math
import statistics
import time
from collections.abc import Callable

import numpy as np
from machine import described

import qxai
from qxai.contraction import balanced_split
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier
from qxai.quadrature import panels_for_band
from qxai.representations import heisenberg
from qxai.representations.local import LocalPolynomial
from qxai.representations.pauli_plan import pauli_plan
from qxai.threads import limited

FEATURES, INPUTS, LAYERS, REPETITIONS = (4, 6, 8, 10, 12), (256, 10**5), 3, 7
LONG = 2.0  # seconds from which a method is timed once
HEAD = ("task", "form", "features", "inputs", "seconds", "operations", "product_seconds", "ratio")
COLUMNS = 2**16  # numbers in one factor of the plain product: it stays in the cache


def product_of(rows: int, inner: int) -> tuple[Callable[[], object], float]:
    """Return a product of matrices (rows, inner) and (inner, many), and its operations."""
    columns = max(1, COLUMNS // max(rows, inner))
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    result = np.empty((rows, columns))
    return lambda: np.matmul(left, right, out=result), 2.0 * rows * inner * columns


def timed(run: Callable[[], object]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def side_by_side(run: Callable[[], object], shape: tuple[int, int]) -> tuple[float, float]:
    """Return the median time of a method, and the operations a second of the product beside it.

    They take turns, because the speed of a machine varies; the product has the one BLAS thread
    that the library takes.
    """
    product, count = product_of(*shape)
    times, rates = [], []
    for number in range(REPETITIONS + 1):
        with limited():
            rates += [count / timed(product) for _ in range(50)]
        times.append(timed(run))
        if number == 0 and times[0] > LONG:
            return times[0], statistics.median(rates)
    return statistics.median(times[1:]), statistics.median(rates)


def tensors(polynomial: qxai.TrigPolynomial | LocalPolynomial) -> list[tuple[int, ...]]:
    """Return the shapes of all tensors that one contraction meets."""
    parts = polynomial.parts if isinstance(polynomial, LocalPolynomial) else [polynomial]
    return [part.coefficients.shape for part in parts]


def sweep(polynomial: qxai.TrigPolynomial | LocalPolynomial) -> float:
    """Return the operations of one input's sweep at one node: two products with each tensor."""
    return sum(4.0 * math.prod(shape) for shape in tensors(polynomial))


def operations(model: qxai.PQC, X: np.ndarray) -> dict[str, float]:
    """Count each method's operations, the polynomial not yet built."""
    polynomial, (n, d) = model.multilinear(), X.shape
    one, order = sweep(polynomial), polynomial.interaction_order
    nodes = np.prod(panels_for_band(polynomial.bands(np.abs(X))), axis=0).sum()
    return {
        "Shapley values": n * one * (-(-order // 2) + 0.5),
        "integrated gradients": one * (nodes + 0.5 * n),
        "interactions": n * one * (order // 2) * (d / 2 + 1) + n * one * -(-order // 2),
    }


def building(model: qxai.PQC) -> float:
    """Count the operations of pulling the observable back: rows times transfer matrices."""
    plan = pauli_plan(heisenberg.split(model.compiled)[1])
    matrices = plan.transfers.at(np.zeros(len(model.compiled.angles.expressions)))
    return sum(2.0 * move.rows * len(m) ** 2 for move, m in zip(plan.moves, matrices))


METHODS: dict[str, Callable[[qxai.PQC, np.ndarray], object]] = {
    "Shapley values": qxai.shapley,
    "integrated gradients": qxai.integrated_gradients,
    "interactions": qxai.shapley_interactions,
}


def measure(features: int) -> list[tuple[object, ...]]:
    """Time building and all methods at one size."""
    model = ring_classifier(features, LAYERS, rng=np.random.default_rng(features))

    def fresh() -> qxai.PQC:
        return model.with_parameters(model.parameter_values)

    polynomial = fresh().multilinear()
    shape = max(tensors(polynomial), key=math.prod)
    split = balanced_split(shape)
    halves = math.prod(shape[:split]), math.prod(shape[split:])
    form = "cones" if isinstance(polynomial, LocalPolynomial) else "tensor"
    found = side_by_side(lambda: fresh().multilinear(), (16, 16))
    rows = [("polynomial", 0, building(model), *found)]
    for inputs in INPUTS:
        X = np.random.default_rng(1).uniform(0, np.pi, (inputs, features))
        counts = operations(fresh(), X)
        for name, method in METHODS.items():
            if name == "interactions" and inputs > 256 and features > 8:
                continue  # minutes that show nothing new
            found = side_by_side(lambda: method(fresh(), X), halves)  # noqa: B023
            rows.append((name, inputs, counts[name], *found))
    return [
        (task, form, features, inputs, seconds, count, count / rate, seconds * rate / count)
        for task, inputs, count, seconds, rate in rows
    ]


def main() -> None:
    """Measure all sizes and write one row for each method."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HEAD, *described()])
    for features in FEATURES:
        for task, form, *numbers in measure(features):
            cells = [f"{x:.4g}" if isinstance(x, float) else x for x in numbers]
            writer.writerow([task, form, *cells, *described().values()])
            print(f"{task:22}{form:8}", *(f"{cell:>12}" for cell in cells), flush=True)
    write_data("arithmetic.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
