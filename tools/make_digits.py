"""Train circuits of 64 qubits on handwritten digits, one pixel a qubit. Run by ``make data``.

No state of 64 qubits is ever held: a readout sees at most six neighbours on the line of qubits, so
values and gradients are sums over small circuits. Writes the angles of one split, and the scores
of these circuits and of classical models on five.
"""

import csv
import io
import json
from typing import Any

import numpy as np
from make_data import fitted
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from qxai import PQC, datasets
from qxai.core import Array, Indices
from qxai.models.ansatz import layered_classifier

NAME, SCORES = "digits_pqc.json", "digits.csv"
SIZE = 8
SETTINGS: dict[str, Any] = {
    "layers": 3,
    "epochs": 40,
    "batch_size": 32,
    "learning_rate": 0.05,
    "affine": True,
    "window": 6,  # pixels in a row that a readout of three layers sees
    "C": 10.0,  # of the support vector machine on windows
    "decimals": 5,  # of the angles
}
EVEN, ODD = (0, 2, 4, 6, 8), (1, 3, 5, 7, 9)
TASKS = {"3 / 8": (3, 8), "1 / 8": (1, 8), "even / odd": (EVEN, ODD)}
FEW = {"even / odd": 15}  # epochs, where there are five times as many images


def curve() -> list[int]:
    """Return the pixels along Hilbert's curve, which stays near itself in both directions."""
    found = []
    for step in range(SIZE * SIZE):
        column, row, rest, side = 0, 0, step, 1
        while side < SIZE:
            right, down = 1 & rest // 2, 1 & (rest ^ (rest // 2))
            if not down:
                if right:
                    column, row = side - 1 - column, side - 1 - row
                column, row = row, column
            column, row = column + side * right, row + side * down
            rest, side = rest // 4, 2 * side
        found.append(SIZE * row + column)
    return found


ORDERS = {"rows": list(range(SIZE * SIZE)), "curve": curve()}


def images(task: str) -> tuple[Array, Array, list[tuple[Indices, Indices]]]:
    """Return angles (black 0, white π), labels ±1, and five splits."""
    data = datasets.digit_images(*TASKS[task])
    return data.X * np.pi / 16, np.asarray(data.y, float), datasets.splits(data)


def windows(X: Array, others: Array, order: list[int]) -> Array:
    """Return the kernel whose functions are all products of 1, cos and sin over a window."""
    each = (1 + np.cos(X[:, None, order] - others[None, :, order])) / 2
    width = SETTINGS["window"]
    sums = [each[:, :, i : i + width].prod(axis=2) for i in range(SIZE * SIZE - width + 1)]
    return np.asarray(sum(sums) / len(sums))


def circuit(task: str, X: Array, y: Array, layers: int, split: int) -> PQC:
    """Train a circuit on pixels in their order on the line."""
    rng = np.random.default_rng(split)
    start = layered_classifier(SIZE * SIZE, layers, rng)
    settings = SETTINGS | {"epochs": FEW.get(task, SETTINGS["epochs"])}
    found = np.round(fitted(start, X, y, settings, rng), SETTINGS["decimals"])
    model = start.with_parameters(found[:-2])
    return model.with_observable(found[-2] * model.observable + found[-1])


def share(outputs: Array, y: Array) -> float:
    """Return the share of inputs whose output has the sign of their label."""
    return float(np.mean(np.sign(outputs) == y))


def main() -> None:
    """Train on all tasks and orders, and write angles and scores."""
    parameters: dict[str, list[list[float]]] = {}
    rows: list[tuple[str, str, str, int, float, float]] = []
    for task in TASKS:
        X, y, splits = images(task)
        for split, (train, test) in enumerate(splits):
            line = LogisticRegression(max_iter=5000).fit(X[train], y[train])
            scores = [("-", "logistic regression", line.predict(X))]
            for order, pixels in ORDERS.items():
                gram = windows(X, X[train], pixels)
                machine = SVC(kernel="precomputed", C=SETTINGS["C"]).fit(gram[train], y[train])
                scores.append((order, "windows of 6", machine.predict(gram)))
                if split and task in FEW:
                    continue  # minutes each
                for layers in (0, SETTINGS["layers"]) if order == "rows" else (SETTINGS["layers"],):
                    model = circuit(task, X[train][:, pixels], y[train], layers, split)
                    name = "circuit" if layers else "circuit without gates"
                    scores.append((order, name, model.values(X[:, pixels])))
                    if split == 0 and layers:
                        observable = model.observable
                        ends = [sum(t.coefficient.real for t in observable if bool(t.qubits) == k)
                                for k in (True, False)]  # fmt: skip
                        row = [*model.parameter_values.tolist(), *ends]
                        parameters[f"{task}, {order}"] = [np.round(row, 5).tolist()]
            for order, name, outputs in scores:
                found = share(outputs[train], y[train]), share(outputs[test], y[test])
                rows.append((task, order, name, split, *found))
                print(*rows[-1], flush=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("task", "order", "model", "split", "train", "test"))
    writer.writerows([*row[:4], *(f"{x:.4f}" for x in row[4:])] for row in rows)
    content = {"settings": SETTINGS, "orders": ORDERS, "parameters": parameters}
    datasets.write_data(NAME, (json.dumps(content) + "\n").encode())
    datasets.write_data(SCORES, text.getvalue().encode())
    print(f"wrote data/{NAME}, data/{SCORES}")


if __name__ == "__main__":
    main()
