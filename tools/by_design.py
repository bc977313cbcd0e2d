"""Train the circuits of *Interpretable by design*. Run by ``make data``.

Three circuits that differ only in which qubits their gates join, with equally many parameters,
on two real tables. Settings stand here and are written into the file.
"""

import json

import numpy as np
from make_data import fitted

from qxai import datasets
from qxai.models.ansatz import grouped_classifier

NAME = "by_design.json"
SETTINGS = {"uploads": 2, "epochs": 60, "batch_size": 32, "learning_rate": 0.05, "affine": True}
TABLES = {"breast cancer": datasets.breast_cancer, "wine": datasets.wine}


def groupings(d: int) -> dict[str, list[list[int]]]:
    """Return which features may meet in each design, for ``d`` features, an even number."""
    return {
        "additive": [[i] for i in range(d)],
        "pairs": [[i, i + 1] for i in range(0, d, 2)],
        "unconstrained": [list(range(d))],
    }


def train(data: datasets.Dataset, groups: list[list[int]], split: int) -> list[float]:
    """Train one design on one split and return its angles, scale and offset."""
    rows = datasets.splits(data)[split][0]
    angles = datasets.AngleScaler.fitted(data.X[rows]).angles(data.X[rows])
    rng = np.random.default_rng(split)
    model = grouped_classifier(groups, SETTINGS["uploads"], rng)
    return fitted(model, angles, data.y[rows], SETTINGS, rng)


def main() -> None:
    """Train all designs on all splits of both tables and write them as one file."""
    parameters = {}
    for table, load in TABLES.items():
        data = load()
        for design, groups in groupings(data.X.shape[1]).items():
            print(f"{table}, {design}", flush=True)
            key = f"{table}, {design}"
            parameters[key] = [train(data, groups, split) for split in range(5)]
    content = json.dumps({"settings": SETTINGS, "parameters": parameters}, indent=1) + "\n"
    datasets.write_data(NAME, content.encode())
    print(f"wrote data/{NAME}")


if __name__ == "__main__":
    main()
