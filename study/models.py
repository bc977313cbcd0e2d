"""The models of the study: how they are built, trained and loaded."""

import json
from functools import cache

import cirq
import numpy as np
import sympy
from declaration import ENCODING_FIRST, KERNEL, Setting
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor

import qxai
from data import Data
from qxai import datasets
from qxai.core import Array
from qxai.models.ansatz import angle_encoding, hardware_efficient_layers

NAME = "study_models.json"
# Uploads as (scale, trainable layers after it), and epochs. Two half uploads reach the
# frequencies ½ and 1.
CIRCUITS = {
    ("function", "encoding-first"): (((1.0, 6),), 80),
    ("function", "re-uploading"): (((0.5, 2), (0.5, 4)), 80),
    ("labels", "encoding-first"): (((1.0, 3),), 40),
    ("labels", "re-uploading"): (((0.5, 1), (0.5, 2)), 40),
}
TRAINING = {"batch_size": 32, "learning_rate": 0.05}
START = 0.3  # parameters start uniformly within ± this many radians
WEIGHT = 0.5  # of each Z in the observable: outputs reach beyond the targets ±1
RIDGE = 0.1

Model = qxai.PQC | qxai.KernelModel


def circuit_model(setting: Setting, num_features: int) -> qxai.PQC:
    """Build an untrained circuit: one qubit a feature, read out by ``½ Σ Z``."""
    qubits = cirq.LineQubit.range(num_features)
    features = sympy.symbols(f"x_:{num_features}")
    circuit, symbols = cirq.Circuit(), []
    for number, (scale, layers) in enumerate(CIRCUITS[setting.kind, setting.family][0]):
        trainable, names = hardware_efficient_layers(qubits, layers, f"theta_{number}")
        circuit += angle_encoding(qubits, [scale * x for x in features]) + trainable
        symbols += names
    rng = np.random.default_rng([setting.seed, 3])
    start = dict(zip(symbols, rng.uniform(-START, START, len(symbols))))
    observable = sum((WEIGHT * cirq.Z(q) for q in qubits), cirq.PauliSum())
    return qxai.PQC(circuit, features, observable, start)


def kernel_model(support: Array, dual: Array) -> qxai.KernelModel:
    """Build a model on the fidelity kernel of one rotation a feature."""
    features = sympy.symbols(f"x_:{support.shape[1]}")
    feature_map = angle_encoding(cirq.LineQubit.range(len(features)), features)
    return qxai.KernelModel(feature_map, features, support, dual)


def trained(setting: Setting, data: Data) -> list[float]:
    """Train a model and return its parameters: angles, or dual coefficients."""
    X, y = data.train
    if setting.family == KERNEL:
        kernel = kernel_model(X, np.zeros(len(X))).kernel(X)
        found = KernelRidge(kernel="precomputed", alpha=RIDGE).fit(kernel, y)
        return np.ravel(found.dual_coef_).tolist()
    rng = np.random.default_rng([setting.seed, 4])
    epochs = CIRCUITS[setting.kind, setting.family][1]
    model = circuit_model(setting, X.shape[1])
    return qxai.fit(model, X, y, epochs=epochs, rng=rng, **TRAINING).model.parameter_values.tolist()


def loaded(setting: Setting, data: Data) -> Model:
    """Return the stored model of a setting."""
    parameters = np.array(stored()[setting.key])
    if setting.family == KERNEL:
        return kernel_model(data.train[0], parameters)
    return circuit_model(setting, data.train[0].shape[1]).with_parameters(parameters)


def randomised(model: Model, setting: Setting) -> dict[str, Model]:
    """Return models with weights replaced: those of the last layer, and all.

    A kernel model has one layer of weights, its dual coefficients; they are permuted.
    """
    rng = np.random.default_rng([setting.seed, 5])
    if isinstance(model, qxai.KernelModel):
        dual = rng.permutation(np.asarray(model.dual))
        return {"all": kernel_model(np.asarray(model.support), dual)}
    values = model.parameter_values
    drawn = rng.uniform(-np.pi, np.pi, len(values))
    last = np.arange(len(values)) >= len(values) - 2 * model.num_qubits
    return {
        "last": model.with_parameters(np.where(last, drawn, values)),
        "all": model.with_parameters(drawn),
    }


@cache
def stored() -> dict[str, list[float]]:
    """Return all stored parameters by the settings' keys."""
    return json.loads(datasets.read_data(NAME))["parameters"]


def score(setting: Setting, outputs: Array, targets: Array) -> float:
    """Return R² for a function, accuracy for labels."""
    if setting.kind == "function":
        return float(1 - np.mean((outputs - targets) ** 2) / np.var(targets))
    return float(np.mean(np.where(outputs > 0, 1.0, -1.0) == targets))


def classical_scores(setting: Setting, data: Data) -> dict[str, float]:
    """Return what three classical models reach on the same angles."""
    small = {"hidden_layer_sizes": (16,), "max_iter": 2000, "random_state": setting.seed}
    forest = {"random_state": setting.seed}
    if setting.kind == "function":
        linear, network = LinearRegression(), MLPRegressor(**small)
        trees = RandomForestRegressor(**forest)
    else:
        linear, network = LogisticRegression(), MLPClassifier(**small)
        trees = RandomForestClassifier(**forest)
    found = {}
    for name, model in {"linear": linear, "network": network, "forest": trees}.items():
        outputs = model.fit(*data.train).predict(data.test[0])
        found[name] = score(setting, outputs, data.test[1])
    return found


def is_encoding_first(setting: Setting) -> bool:
    """Return whether the model is a circuit behind a product encoding."""
    return setting.family == ENCODING_FIRST
