"""Time qxai beside its peers: one circuit, one set of points, one run.

Run by ``make bench``, with the number of threads that each program takes by default. Before
anything is timed the peers' results are compared with ours. Every repetition builds a new model
object, and the time to build the polynomial is part of ours; what a circuit costs once, before any
of it, has a row of its own. Prints medians and ratios, and writes them to ``data/benchmarks.csv``.
"""

import csv
import io
import resource
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

import captum.attr
import numpy as np
import shap
import torch
from machine import described
from peers import Peers, peers
from training import jax_step, our_step

import qxai
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier

FEATURES, POINTS, STEPS, REPETITIONS = 8, 256, 50, 5
INNER, LONG = 25, 0.1  # calls in a repetition, and the seconds from which it is one
BATCH, TRAINED = 32, (4, 6, 8, 10)
BASELINE = 0.0


@dataclass(frozen=True)
class Row:
    """One measurement.

    ``seconds`` is the median, ``ratio`` that to ours on the same task, ``error`` the largest
    difference from the reference, ``peak_mb`` what Python and NumPy allocated at most.
    """

    task: str
    tool: str
    features: int
    points: int
    repetitions: int
    seconds: float
    ratio: float
    error: float
    peak_mb: float


def timed(run: Callable[[], object]) -> list[float]:
    """Return the times of a call: of one that takes long, of several that do not.

    What runs before leaves threads that look for work for a while; a call that is not counted
    lets them go to sleep.
    """
    times = []
    for number in range(1 + INNER):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
        if number == 0 and times[0] > LONG:
            return times
    return times[1:]


def side_by_side(
    runs: dict[str, Callable[[], np.ndarray]], repetitions: int
) -> dict[str, tuple[float, np.ndarray]]:
    """Return each tool's median time and its result; all take turns: a machine's speed varies."""
    results = {tool: run() for tool, run in runs.items()}
    times: dict[str, list[float]] = {tool: [] for tool in runs}
    for _ in range(repetitions):
        for tool, run in runs.items():
            times[tool] += timed(run)
    return {tool: (statistics.median(times[tool]), results[tool]) for tool in runs}


def measured(run: Callable[[], np.ndarray], repetitions: int) -> tuple[float, np.ndarray]:
    """Return the median time of some repetitions after one that is not counted, and the result."""
    return side_by_side({"": run}, repetitions)[""]


def peak_mb(run: Callable[[], object]) -> float:
    """Return the most memory that Python and NumPy held at once, in MB."""
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def tasks(p: Peers) -> dict[str, dict[str, Callable[[], np.ndarray]]]:
    """Return for each task what every tool does, ours first."""
    parameters = p.angles.ravel()

    def parameter_gradient(backend: object) -> np.ndarray:
        model = p.model().on(backend)
        arguments = (model.compiled, p.X, parameters, lambda values, rows: np.ones(len(values)))
        return model.backend.parameter_gradient(*arguments)[1]

    def line(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nodes, weights = np.polynomial.legendre.leggauss(STEPS)
        points = (nodes[:, None, None] + 1) / 2 * X
        return points.reshape(-1, X.shape[1]), weights / 2

    def tfq_integrated_gradients() -> np.ndarray:
        points, weights = line(p.X)
        slopes = p.model().on(qxai.TFQ()).gradient(points).reshape(STEPS, *p.X.shape)
        return p.X * np.tensordot(weights, slopes, axes=1)

    def captum_integrated_gradients() -> np.ndarray:
        method = captum.attr.IntegratedGradients(p.qnode())
        inputs = torch.as_tensor(p.X)
        found = method.attribute(inputs, n_steps=STEPS, internal_batch_size=2560)
        return found.detach().numpy()

    def shap_exact() -> np.ndarray:
        masker = shap.maskers.Independent(np.full((1, p.num_features), BASELINE), max_samples=1)
        explainer = shap.explainers.Exact(p.qnode_values(), masker)
        return explainer(p.X, silent=True).values

    def compiled() -> np.ndarray:
        return p.fresh().values(p.X[:1])

    return {
        "compiling the circuit, one value": {"qxai": compiled},
        "values": {
            "qxai": lambda: p.model().values(p.X),
            "PennyLane (broadcast)": lambda: p.qnode_values()(p.X),
            "TensorFlow Quantum": lambda: p.model().on(qxai.TFQ()).values(p.X),
            "qsim": lambda: p.model().on(qxai.QSim()).values(p.X),
        },
        "input gradient": {
            "qxai": lambda: p.model().gradient(p.X),
            "PennyLane (PyTorch)": lambda: p.qnode_function().gradient(p.X),
            "TensorFlow Quantum (adjoint)": lambda: p.model().on(qxai.TFQ()).gradient(p.X),
        },
        "parameter gradient": {
            "qxai": lambda: parameter_gradient(qxai.Statevector()),
            "TensorFlow Quantum (adjoint)": lambda: parameter_gradient(qxai.TFQ()),
        },
        "integrated gradients": {
            "qxai": lambda: qxai.integrated_gradients(p.model(), p.X).values,
            f"captum on PennyLane ({STEPS} steps)": captum_integrated_gradients,
            f"TensorFlow Quantum ({STEPS} steps)": tfq_integrated_gradients,
        },
        "Shapley values": {
            "qxai": lambda: qxai.shapley(p.model(), p.X, BASELINE).values,
            "shap Exact on PennyLane": shap_exact,
        },
    }


def references(p: Peers) -> dict[str, np.ndarray]:
    """Return results by a route that none of the tools takes."""
    model = p.model()
    function = qxai.Function(model.values, model.gradient, p.num_features)
    step = 1e-5
    slopes = []
    for k in range(p.angles.size):
        shift = np.eye(p.angles.size)[k] * np.pi / 2
        up = model.with_parameters(model.parameter_values + shift).values(p.X)
        down = model.with_parameters(model.parameter_values - shift).values(p.X)
        slopes.append(((up - down) / 2).sum())
    central = [
        (model.values(p.X + step * e) - model.values(p.X - step * e)) / (2 * step)
        for e in np.eye(p.num_features)
    ]
    return {
        "compiling the circuit, one value": model.polynomial().values(p.X[:1]),
        "values": model.polynomial().values(p.X),
        "input gradient": np.stack(central, axis=1),
        "parameter gradient": np.array(slopes),
        "integrated gradients": qxai.integrated_gradients(function, p.X, steps=80).values,
        "Shapley values": qxai.shapley(function, p.X, BASELINE).values,
    }


def compare(p: Peers) -> list[Row]:
    """Time all tools on all tasks; a result that is far from the reference stops the run.

    TensorFlow comes last: once it has run, its threads keep the cores busy for everyone.
    """
    rows, expected = [], references(p)
    for slow in (False, True):
        for task, tools in tasks(p).items():
            chosen = {
                tool: run
                for tool, run in tools.items()
                if tool == "qxai" or ("TensorFlow" in tool) == slow
            }
            if slow and len(chosen) == 1:
                continue
            found = side_by_side(chosen, REPETITIONS)
            rows += [
                row_of(p, task, tool, found, expected[task])
                for tool in chosen
                if not (slow and tool == "qxai")
            ]
    return sorted(rows, key=lambda row: list(tasks(p)).index(row.task))


def row_of(
    p: Peers,
    task: str,
    tool: str,
    found: dict[str, tuple[float, np.ndarray]],
    expected: np.ndarray,
) -> Row:
    """Return what was measured of a tool; a result far from the reference ends the run."""
    seconds, result = found[tool]
    error = float(np.abs(result - expected).max())
    if error > 1e-3:
        sys.exit(f"error: {tool} differs from the reference for {task} by {error:.1e}")
    sizes, nan = (p.num_features, len(p.X), REPETITIONS), float("nan")
    row = Row(task, tool, *sizes, seconds, seconds / found["qxai"][0], error, nan)
    show(row)
    return row


def train() -> list[Row]:
    """Time a step of training, ours and a jitted one; both must end at the same parameters."""
    rows = []
    for n in TRAINED:
        p = peers(n, BATCH)
        steps = {"qxai": our_step(p), "JAX (jitted)": jax_step(p)}
        found = side_by_side(steps, REPETITIONS)
        rows += [row_of(p, "training step", tool, found, found["qxai"][1]) for tool in steps]
    return rows


def alone() -> list[Row]:
    """Time what no peer has, or what has a bound of its own: ours only."""
    calls = {
        ("one value", 4, 1): lambda model, X: model.values(X),
        ("QLRP-γ", 8, 256): lambda model, X: qxai.qlrp(model, X, qxai.Gamma(0.25)),
        ("gate Shapley, 50 orders", 4, 1): lambda model, X: qxai.gate_shapley(
            model, X, samples=50, rng=np.random.default_rng(0)
        ),
    }
    rows = []
    for (task, n, points), call in calls.items():
        model = ring_classifier(n, 3, np.random.default_rng(n))
        X = np.random.default_rng(1).uniform(0, np.pi, (points, n))
        seconds, _ = measured(lambda: call(model, X), REPETITIONS)  # noqa: B023
        nan = float("nan")
        rows.append(Row(task, "qxai", n, points, REPETITIONS, seconds, nan, nan, nan))
        show(rows[-1])
    return rows


def grow() -> list[Row]:
    """Measure ours for more features and for more points."""
    methods = {
        "values": lambda model, X: model.values(X),
        "polynomial": lambda model, X: model.polynomial(),
        "Shapley values": lambda model, X: qxai.shapley(model, X),
        "integrated gradients": lambda model, X: qxai.integrated_gradients(model, X),
    }
    sizes = [(n, POINTS) for n in range(2, 13)] + [(6, 10**k) for k in range(6)]
    rows = []
    for n, points in sizes:
        p = peers(n, points)
        for task, method in methods.items():
            repetitions = REPETITIONS if n <= 10 and points <= 10**4 else 1
            seconds, _ = measured(lambda: method(p.model(), p.X), repetitions)  # noqa: B023
            peak = peak_mb(lambda: method(p.model(), p.X))  # noqa: B023
            nan = float("nan")
            rows.append(Row(task, "qxai", n, points, repetitions, seconds, nan, nan, peak))
            show(rows[-1])
    return rows


def show(row: Row) -> None:
    """Print one line."""
    print(
        f"{row.task:34}{row.tool:32}{row.features:3}{row.points:8}{1e3 * row.seconds:12.2f} ms"
        f"{row.ratio:9.1f}{row.error:10.1e}{row.peak_mb:9.1f}",
        flush=True,
    )


def round_trip(p: Peers) -> None:
    """Explain the PennyLane circuit itself, and compare with the exact explanation of ours."""
    few = p.X[:4]
    wrapped, model = p.qnode_function(), p.model()
    pairs = {
        "values": (wrapped.values(few), model.values(few)),
        "gradient": (wrapped.gradient(few), model.gradient(few)),
        "Shapley values": (qxai.shapley(wrapped, few).values, qxai.shapley(model, few).values),
        "integrated gradients": (
            qxai.integrated_gradients(wrapped, few, steps=40).values,
            qxai.integrated_gradients(model, few).values,
        ),
    }
    for name, (theirs, ours) in pairs.items():
        np.testing.assert_allclose(theirs, ours, atol=1e-10, err_msg=name)
    print("qxai.Function on a PennyLane QNode agrees with qxai.PQC to 1e-10")


def main() -> None:
    """Compare, grow, write; with the threads that every program takes by default."""
    p = peers(FEATURES, POINTS)
    round_trip(p)
    rows = compare(p) + train() + alone() + grow()
    about = described() | {"torch_threads": str(torch.get_num_threads())}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(field.name for field in fields(Row)), *about])
    for row in rows:
        cells = [f"{c:.4g}" if isinstance(c, float) else c for c in astuple(row)]
        writer.writerow([*cells, *about.values()])
    write_data("benchmarks.csv", text.getvalue().encode())
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"written to data/benchmarks.csv; this process used {used:.1f} GB at most")
    print("the page shows the new numbers after: make notebooks book")


if __name__ == "__main__":
    main()
