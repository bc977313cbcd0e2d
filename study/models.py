"""The models of the study: how they are built, trained, loaded and randomised."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import cirq
import numpy as np
import sympy
from declaration import (
    CLASSES,
    ENCODING_FIRST,
    FROZEN,
    KERNEL,
    REUPLOADING,
    Setting,
)
from readouts import frozen_model
from sklearn.kernel_ridge import KernelRidge

import qxai
from data import Data
from qxai import datasets
from qxai.core import Array
from qxai.models.ansatz import angle_encoding, brickwork_layers, mean_z, restored

NAME = "study_models.json"
START = 0.3  # parameters start uniformly within ± this many radians
RIDGE = 0.01  # of kernel models
# Layers after each upload, epochs and starts, of which the one with the least training loss is
# kept. Uploads of a re-uploading circuit turn by half angles, so that both give frequency 1.
DEPTH = {
    ENCODING_FIRST: {"function": ((6,), 150, 3), "labels": ((3,), 60, 1), "classes": ((3,), 60, 1)},
    REUPLOADING: {
        "function": ((2, 4), 150, 3),
        "labels": ((1, 2), 60, 1),
        "classes": ((1, 2), 60, 1),
    },
}
WIDE = ((2,), 60, 1)  # sixteen features: each Z sees four of them at most
TRAINING = {"batch_size": 32, "learning_rate": 0.05, "affine": True}


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained model: one output, or one for each of three classes.

    Attributes
    ----------
    parts : tuple of models
        Of several classes the first two are the ones whose difference is explained.
    """

    parts: tuple[Any, ...]

    @property
    def explained(self) -> Any:
        """The model that is explained."""
        return self.parts[0] if len(self.parts) == 1 else self.parts[0] - self.parts[1]

    def outputs(self, X: Array) -> Array:
        """Return the outputs (N,) or, of several classes, (N, C)."""
        found = [part.values(X) for part in self.parts]
        return found[0] if len(found) == 1 else np.stack(found, axis=1)


def depth(setting: Setting) -> tuple[tuple[int, ...], int, int]:
    """Return layers after each upload, epochs and starts of a trained circuit."""
    return WIDE if setting.task == "wide" else DEPTH[setting.family][setting.kind]


def circuit_model(setting: Setting, num_features: int, start: int = 0) -> qxai.PQC:
    """Build an untrained circuit: one qubit a feature, bricks, read out by the mean of all Z."""
    qubits = cirq.LineQubit.range(num_features)
    features = sympy.symbols(f"x_:{num_features}")
    shifts = sympy.symbols(f"shift_:{num_features}")
    layers = depth(setting)[0]
    circuit, symbols = cirq.Circuit(), list(shifts)
    for number, count in enumerate(layers):
        circuit += angle_encoding(qubits, [x / len(layers) for x in features])
        if not number:
            circuit += cirq.Circuit(cirq.ry(a)(q) for a, q in zip(shifts, qubits))
        bricks, names = brickwork_layers(qubits, count, f"theta_{number}")
        circuit, symbols = circuit + bricks, symbols + names
    rng = np.random.default_rng([setting.seed, 3, start])
    values = dict(zip(symbols, rng.uniform(-START, START, len(symbols))))
    return qxai.PQC(circuit, features, mean_z(qubits), values)


def kernel_model(support: Array, dual: Array) -> qxai.KernelModel:
    """Build a model on the fidelity kernel of one rotation a feature."""
    features = sympy.symbols(f"x_:{support.shape[1]}")
    feature_map = angle_encoding(cirq.LineQubit.range(len(features)), features)
    return qxai.KernelModel(feature_map, features, support, dual)


def targets(data: Data) -> list[Array]:
    """Return the training targets of each output."""
    y = data.train[1]
    return [y] if y.ndim == 1 else list(y.T)


def trained(setting: Setting, data: Data) -> list[list[float]]:
    """Train a circuit for each output: its angles, then scale and offset of its readout."""
    return [_circuit(setting, data.train[0], y) for y in targets(data)]


def _circuit(setting: Setting, X: Array, y: Array) -> list[float]:
    _, epochs, starts = depth(setting)
    found = []
    for start in range(starts):
        model = circuit_model(setting, X.shape[1], start)
        rng = np.random.default_rng([setting.seed, 4, start])
        fitted = qxai.fit(model, X, y, epochs=epochs, rng=rng, **TRAINING)
        found.append((float(np.mean((fitted.model.values(X) - y) ** 2)), fitted.model))
    best = min(found, key=lambda pair: pair[0])[1]
    ends = _scale_and_offset(best)
    return [round(float(v), 6) for v in [*best.parameter_values, *ends]]


def _scale_and_offset(model: qxai.PQC) -> tuple[float, float]:
    """Return a and b of a readout ``a mean(Z) + b``."""
    coefficients = [(len(term.qubits), float(term.coefficient.real)) for term in model.observable]
    scale = sum(c for size, c in coefficients if size)
    return scale, sum(c for size, c in coefficients if not size)


def loaded(setting: Setting, data: Data) -> Fitted:
    """Return the model of a setting: a stored circuit, or one linear solve."""
    X = data.train[0]
    if setting.family in (ENCODING_FIRST, REUPLOADING):
        rows = stored()[setting.key]
        return Fitted(tuple(restored(circuit_model(setting, X.shape[1]), row) for row in rows))
    return Fitted(tuple(solved(setting.family, X, y, setting.seed) for y in targets(data)))


def solved(family: str, X: Array, y: Array, seed: int) -> Any:
    """Train a model that is one linear solve: a kernel's, or a frozen circuit's readout."""
    if family == FROZEN:
        return frozen_model(X, y, seed)
    kernel = kernel_model(X, np.zeros(len(X))).kernel(X)
    found = KernelRidge(kernel="precomputed", alpha=RIDGE).fit(kernel, y)
    return kernel_model(X, np.ravel(found.dual_coef_))


def randomised(fitted: Fitted, setting: Setting, data: Data) -> dict[str, Any]:
    """Return models with weights replaced: those of the last layer, and all.

    A kernel model has one layer of weights, its dual coefficients, which are permuted; the last
    layer of a frozen circuit is its readout, whose weights are trained on permuted targets.
    """
    rng = np.random.default_rng([setting.seed, 5])
    made = [
        _randomised(part, setting, data, y, rng) for part, y in zip(fitted.parts, targets(data))
    ]
    return {name: Fitted(tuple(one[name] for one in made)).explained for name in made[0]}


def _randomised(
    model: Any, setting: Setting, data: Data, y: Array, rng: np.random.Generator
) -> dict[str, Any]:
    X = data.train[0]
    if setting.family == KERNEL:
        return {"all": kernel_model(X, rng.permutation(np.asarray(model.dual)))}
    if setting.family == FROZEN:
        shuffled = rng.permutation(y)
        return {
            "last": frozen_model(X, shuffled, setting.seed),
            "all": frozen_model(X, shuffled, setting.seed + 1000),
        }
    values = model.parameter_values
    drawn = rng.uniform(-np.pi, np.pi, len(values))
    last = np.arange(len(values)) >= len(values) - 2 * model.num_qubits
    return {
        "last": model.with_parameters(np.where(last, drawn, values)),
        "all": model.with_parameters(drawn),
    }


@cache
def stored() -> dict[str, list[list[float]]]:
    """Return all stored parameters by the settings' keys."""
    return json.loads(datasets.read_data(NAME))["parameters"]


def score(setting: Setting, outputs: Array, expected: Array) -> float:
    """Return R² for a function, accuracy for labels and classes."""
    if setting.kind == "function":
        return float(1 - np.mean((outputs - expected) ** 2) / np.var(expected))
    if setting.kind == "classes":
        return float(np.mean(outputs.argmax(axis=1) == expected.argmax(axis=1)))
    return float(np.mean(np.where(outputs > 0, 1.0, -1.0) == expected))


def is_encoding_first(setting: Setting) -> bool:
    """Return whether the model is one circuit behind a product encoding."""
    return setting.family in (ENCODING_FIRST, FROZEN) and setting.task != CLASSES
