"""Explain small neural networks on the study's planted tasks by captum's own methods.

Run by ``make bench``: it needs PyTorch. The networks are scikit-learn's, trained on the data that
the circuits had, and copied into PyTorch; the baseline is the middle of the range, the inputs are
those of the study. Writes ``data/classical.csv``.
"""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from captum.attr import DeepLift, FeatureAblation, IntegratedGradients, ShapleyValues

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "study"))

from declaration import ENCODING_FIRST, EXPLAINED, FUNCTIONS, SEEDS, Setting  # noqa: E402
from judging import known_terms  # noqa: E402
from models import score  # noqa: E402
from sklearn.neural_network import MLPRegressor  # noqa: E402

from data import data_of  # noqa: E402
from qxai import metrics  # noqa: E402
from qxai.datasets import write_data  # noqa: E402

MIDDLE, TASKS = np.pi / 2, tuple(task for task in FUNCTIONS if task != "wide")
HIDDEN = (32, 32)
COLUMNS = ("task", "seed", "score", "method", "localisation", "known_terms", "gap_to_shapley")


def copied(network: MLPRegressor) -> torch.nn.Module:
    """Return scikit-learn's network in PyTorch."""
    layers: list[torch.nn.Module] = []
    for weights, offset in zip(network.coefs_, network.intercepts_):
        layer = torch.nn.Linear(*weights.shape, dtype=torch.float64)
        layer.weight.data = torch.tensor(weights.T)
        layer.bias.data = torch.tensor(offset)
        layers += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1], torch.nn.Flatten(0))


def methods(module: torch.nn.Module) -> dict[str, Callable[..., torch.Tensor]]:
    """Return captum's methods, each of inputs and a baseline."""
    gradients = IntegratedGradients(module)
    return {
        "captum.IntegratedGradients": lambda x, b: gradients.attribute(x, b, n_steps=64),
        "captum.DeepLift": lambda x, b: DeepLift(module).attribute(x, b),
        "captum.FeatureAblation": lambda x, b: FeatureAblation(module).attribute(x, b),
        "captum.ShapleyValues": lambda x, b: ShapleyValues(module).attribute(x, b),
    }


def main() -> None:
    """Train, explain, write."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for task in TASKS:
        for seed in range(SEEDS):
            setting = Setting(task, ENCODING_FIRST, seed)
            data = data_of(setting)
            network = MLPRegressor(
                hidden_layer_sizes=HIDDEN,
                activation="tanh",
                solver="lbfgs",
                alpha=1e-3,
                max_iter=1000,
                random_state=seed,
            ).fit(*data.train)
            reached = score(setting, network.predict(data.test[0]), data.test[1])
            X, relevant = data.test[0][:EXPLAINED], data.relevant[:EXPLAINED]
            module = copied(network).eval()
            inputs = torch.tensor(X)
            np.testing.assert_allclose(module(inputs).detach(), network.predict(X))
            found = {
                name: method(inputs, torch.full_like(inputs, MIDDLE)).detach().numpy()
                for name, method in methods(module).items()
            }
            exact = found["captum.ShapleyValues"]
            for name, values in found.items():
                at = np.nan if relevant.all() else metrics.localisation_auc(values, relevant).mean()
                terms = known_terms(values, data.truth, X, MIDDLE)
                gap = np.linalg.norm(values - exact) / np.linalg.norm(exact)
                numbers = [f"{v:.4g}" if np.isfinite(v) else "" for v in (at, terms, gap)]
                writer.writerow((task, seed, f"{reached:.4g}", name, *numbers))
            print(task, seed, round(reached, 3), flush=True)
    write_data("classical.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
