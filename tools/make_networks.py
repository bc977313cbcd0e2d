"""Train the small classical networks of chapter 2, whose weights ``data/`` keeps.

Run by ``make data``. The training stops where the loss falls by less than its tolerance, and that
is at slightly other weights on another processor; kept weights give the same numbers everywhere.
"""

import json
import sys
from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from qxai import datasets

NAME = "small_networks.json"
SETTINGS: dict[str, Any] = {
    "hidden_layer_sizes": 6,
    "alpha": 3.0,
    "random_state": 0,
    "solver": "lbfgs",
    "max_iter": 2000,
}


def trained(activation: str, X: Any, y: Any) -> dict[str, list[list[float]]]:
    """Return the weights and offsets of a network with one hidden layer, as tables."""
    network = MLPClassifier(activation=activation, **SETTINGS).fit(X, y)
    (W, u), (b, c) = network.coefs_, network.intercepts_
    tables = {"W": W, "u": u, "b": b[None], "c": c[None]}
    return {f"{activation} {name}": np.asarray(table).tolist() for name, table in tables.items()}


def main() -> None:
    """Train both and write them with their settings."""
    data = datasets.breast_cancer()
    rows = datasets.splits(data)[0][0]
    X = datasets.AngleScaler.fitted(data.X[rows]).angles(data.X[rows])
    y = data.y[rows] > 0
    tables = trained("tanh", X, y) | trained("relu", X, y)
    content = {"settings": SETTINGS, "scikit-learn": sklearn.__version__, "parameters": tables}
    datasets.write_data(NAME, (json.dumps(content, indent=1) + "\n").encode())
    print(f"wrote {NAME}", file=sys.stderr)


if __name__ == "__main__":
    main()
