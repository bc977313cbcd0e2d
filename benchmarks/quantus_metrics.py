"""Check metrics against those of Quantus, number by number.

Run by ``make bench``. Quantus judges classifiers of images in PyTorch; here its model is a module
that asks ours. It draws sets of features where we take all, so that the correlation is compared
with its own draws. Writes ``data/quantus.csv``, and fails where a number differs.
"""

import csv
import io
import os
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import quantus
import torch

import qxai
from qxai import metrics
from qxai.datasets import write_data
from qxai.models.ansatz import layered_classifier

D, INPUTS, RUNS = 6, 12, 4000


class Asking(torch.nn.Module):
    """A PyTorch module whose one output is a model's."""

    def __init__(self, model: qxai.PQC) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return outputs (N, 1) of inputs (N, 1, 1, d)."""
        values = self.model.values(x.detach().numpy().reshape(len(x), -1))
        return torch.tensor(values)[:, None]


def asked(metric: quantus.Metric, model: qxai.PQC, X: np.ndarray, values: np.ndarray, **more):
    """Ask one of Quantus's metrics."""
    images = (len(X), 1, 1, D)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.array(
            metric(
                model=Asking(model).eval(),
                x_batch=X.reshape(images),
                y_batch=np.zeros(len(X), dtype=int),
                a_batch=values.reshape(images),
                softmax=False,
                channel_first=True,
                **more,
            )
        )


def main() -> None:
    """Compare and write."""
    rng = np.random.default_rng(0)
    model = layered_classifier(D, 4, rng)
    model = model.with_parameters(rng.uniform(-np.pi, np.pi, len(model.parameters)))
    X = rng.uniform(0, np.pi, (INPUTS, D))
    values = qxai.shapley(model, X).values
    plain = {"abs": False, "normalise": False, "disable_warnings": True}
    np.random.seed(0)  # noqa: NPY002 - Quantus draws from it
    rows = []

    def compare(name: str, theirs: np.ndarray, ours: np.ndarray, within: float) -> None:
        apart = float(np.abs(theirs - ours).max())
        rows.append((name, INPUTS, f"{apart:.2g}", f"{within:g}"))
        print(f"{name:32} {apart:.1e}")
        assert apart < within, name

    found = asked(quantus.PixelFlipping(perturb_baseline=0.0, **plain), model, X, values)
    signs = np.sign(model.values(X) - model.values(0 * X))
    rising = signs > 0
    curve = metrics.deletion_curve(model, X, values)
    compare("pixel flipping, deletion curve", found[rising], curve[rising, 1:], 1e-6)
    drawn = quantus.FaithfulnessCorrelation(
        nr_runs=RUNS, subset_size=D // 2, perturb_baseline=0.0, **plain
    )
    found = asked(drawn, model, X, values)
    exact = metrics.faithfulness_correlation(model, X, values)
    compare("faithfulness correlation", found, exact, 0.05)
    found = asked(quantus.Sparseness(**(plain | {"abs": True})), model, X, values)
    compare("sparseness, Gini index", found, metrics.gini(values), 1e-6)
    mask = rng.random((INPUTS, D)) < 0.5
    mask[:, 0], mask[:, 1] = True, False
    mass = quantus.RelevanceMassAccuracy(**(plain | {"abs": True}))
    found = asked(mass, model, X, values, s_batch=mask.reshape(INPUTS, 1, 1, D))
    compare("relevance mass", found, metrics.relevance_mass(values, mask), 1e-6)
    auc = quantus.AUC(**(plain | {"abs": True}))
    found = asked(auc, model, X, values, s_batch=mask.reshape(INPUTS, 1, 1, D))
    compare("AUC, localisation", found, metrics.localisation_auc(values, mask), 1e-6)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("metric", "inputs", "largest_difference", "allowed"))
    writer.writerows(rows)
    write_data("quantus.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
