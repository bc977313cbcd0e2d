"""Time interaction indices beside shapiq, which is given the game for nothing: a table of outputs.

Run by ``make bench``. One circuit of 8 features, 256 inputs, all indices at order 2. Ours goes from
the parameters of the circuit to the indices; shapiq starts from all 2^d outputs, which it looks up,
and, in one more row, from PennyLane. Before anything is timed both are compared; faithful
interactions also with a constrained least-squares fit, because shapiq's solve loses digits. Writes
``data/game.csv``.
"""

import csv
import io
import statistics
import sys
import time
from collections.abc import Callable
from itertools import chain, combinations
from math import comb

import numpy as np
from machine import described
from peers import Peers, peers
from shapiq.game_theory.exact import ExactComputer

import qxai
from qxai.datasets import write_data

FEATURES, POINTS, ORDER, REPETITIONS, BASELINE = 8, 256, 2, 3, 0.0
INDICES = ("SII", "k-SII", "BII", "STII", "FSII", "Moebius")
AGREE = {"FSII": 1e-5}  # shapiq's own error there; others 1e-10


def in_table(outputs: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return a game that looks its values up."""
    places = 1 << np.arange(FEATURES)
    return lambda coalitions: outputs[coalitions @ places]


def on_pennylane(p: Peers, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return a game that runs the PennyLane circuit."""
    values = p.qnode_values()
    return lambda coalitions: values(np.where(coalitions, x, BASELINE))


def by_shapiq(game: Callable[[np.ndarray], np.ndarray], index: str, order: int) -> np.ndarray:
    """Return shapiq's exact values of all sets up to an order, small ones first."""
    found = ExactComputer(game, n_players=FEATURES)(index, order)
    sets = chain.from_iterable(combinations(range(FEATURES), s) for s in range(1, order + 1))
    return np.array([found[members] for members in sets])


def by_constrained_fit(outputs: np.ndarray, order: int) -> np.ndarray:
    """Fit a polynomial of an order with Shapley's weights, exact at both ends."""
    masks = np.arange(1 << FEATURES)
    sets = [0] + [
        sum(1 << i for i in members)
        for size in range(1, order + 1)
        for members in combinations(range(FEATURES), size)
    ]
    design = (masks[:, None] & sets) == sets
    sizes = np.array([int(m).bit_count() for m in masks])
    inside = (sizes > 0) & (sizes < FEATURES)
    weights = [1 / (comb(FEATURES, s) * s * (FEATURES - s)) for s in sizes[inside].tolist()]
    root = np.sqrt(weights)[:, None]
    # Both ends are met exactly: what they leave free is fitted.
    ends = design[[0, -1]].astype(float)
    fixed = np.linalg.lstsq(ends, outputs[[0, -1]], rcond=None)[0]
    free = np.linalg.svd(ends)[2][2:].T
    left = outputs[inside] - design[inside] @ fixed
    return (fixed + free @ np.linalg.lstsq(root * (design[inside] @ free), root[:, 0] * left)[0])[
        1:
    ]


def check(p: Peers) -> dict[str, tuple[float, float]]:
    """Return the largest differences: of ours from shapiq, and of both from the fit."""
    outputs = qxai.game(p.model(), p.X[:8], BASELINE).values
    found = {}
    for index in INDICES:
        for order in (1, 2, 3):
            ours = qxai.interactions(p.model(), p.X[:8], BASELINE, index, order).values
            theirs = np.array([by_shapiq(in_table(row), index, order) for row in outputs])
            error = float(np.abs(ours - theirs).max())
            if error > AGREE.get(index, 1e-10):
                sys.exit(f"error: {index} of order {order} differs from shapiq's by {error:.1e}")
            if index == "FSII":
                fit = np.array([by_constrained_fit(row, order) for row in outputs])
                own = float(np.abs(ours - fit).max())
                if own > 1e-6:
                    sys.exit(f"error: FSII differs from a constrained fit by {own:.1e}")
                print(f"FSII, order {order}: ours {own:.0e} from the fit, shapiq's {error:.0e}")
            if order == ORDER:
                found[index] = error
    return found


def drawn(p: Peers) -> None:
    """Hand a result to shapiq's own class, and read it there."""
    ours = qxai.interactions(p.model(), p.X[:2], BASELINE, "STII", ORDER)
    theirs = ours.to_shapiq(1)
    for members in ours.sets:
        if abs(theirs[members] - ours.of(*members)[1]) > 1e-15:
            sys.exit(f"error: shapiq reads another value of {members}")
    print(f"shapiq reads our result as {type(theirs).__name__} of {theirs.n_players} players")


def timed(run: Callable[[], object]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Compare, take turns, write."""
    p = peers(FEATURES, POINTS)
    errors = check(p)
    drawn(p)
    tables = [in_table(row) for row in qxai.game(p.model(), p.X, BASELINE).values]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    about = described()
    writer.writerow(("index", "tool", "features", "inputs", "seconds", "ratio", "error", *about))
    for index in INDICES:
        runs = {
            "qxai": lambda index=index: (
                qxai.interactions(p.model(), p.X, BASELINE, index, ORDER).values
            ),
            "shapiq on a table": lambda index=index: [
                by_shapiq(game, index, ORDER) for game in tables
            ],
        }
        if index == "SII":
            runs["shapiq on PennyLane"] = lambda: [
                by_shapiq(on_pennylane(p, x), "SII", ORDER) for x in p.X
            ]
        times: dict[str, list[float]] = {tool: [] for tool in runs}
        for _ in range(REPETITIONS):
            for tool, run in runs.items():
                times[tool] += [timed(run) for _ in range(25 if tool == "qxai" else 1)]
        seconds = {tool: statistics.median(found) for tool, found in times.items()}
        for tool, median in seconds.items():
            ratio = median / seconds["qxai"]
            error = errors[index] if tool == "shapiq on a table" else float("nan")
            cells = [f"{c:.4g}" for c in (median, ratio, error)]
            writer.writerow((index, tool, FEATURES, POINTS, *cells, *about.values()))
            print(f"{index:10}{tool:24}{1e3 * median:12.2f} ms{ratio:10.1f}", flush=True)
    write_data("game.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
