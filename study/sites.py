"""The task on states: one site of a cluster state was turned, and an explanation has to find it.

A convolutional circuit is trained on the states (Broughton et al. 2020; Cong et al. 2019); what is
explained are sites, so the entrants are those whose players are sites, and two controls.
"""

from typing import Any

import cirq
import numpy as np
from declaration import SITES, TESTED_ON, TRAINED_ON, Setting

import qxai
from qxai import datasets, metrics
from qxai.contraction import support
from qxai.core import Array
from qxai.models.ansatz import convolutional_layers

EPOCHS = 30
SPREAD = 0.5  # radians, of the parameters at the start


def task_of(setting: Setting) -> datasets.StateTask:
    """Return the states of a setting."""
    rng = np.random.default_rng([setting.seed, 16])
    return datasets.excitations(SITES, TRAINED_ON + TESTED_ON, rng)


def trained(setting: Setting) -> list[list[float]]:
    """Train the circuit, and return its angles."""
    task, rng = task_of(setting), np.random.default_rng([setting.seed, 17])
    layers, symbols = convolutional_layers(task.qubits)
    start = dict(zip(symbols, rng.uniform(-SPREAD, SPREAD, len(symbols))))
    whole = qxai.PQC(task.preparation + layers, task.features, cirq.Z(task.qubits[-1]), start)
    some = slice(TRAINED_ON)
    fitted = qxai.fit(whole, task.X[some], task.y[some], epochs=EPOCHS, rng=rng)
    return [[round(float(fitted.model.parameters[symbol]), 6) for symbol in symbols]]


def model_of(setting: Setting, numbers: list[float]) -> qxai.StateModel:
    """Return the readout that was trained, of states that anyone may have prepared."""
    task = task_of(setting)
    layers, symbols = convolutional_layers(task.qubits)
    last = cirq.Z(task.qubits[-1])
    return qxai.StateModel(layers, last, dict(zip(symbols, numbers)), task.qubits)


def site_rows(setting: Setting, model: Any) -> tuple[float, list[dict[str, Any]]]:
    """Return the accuracy on new states, and how well each entrant finds the site."""
    task = task_of(setting)
    states, y = task.states[TRAINED_ON:], task.y[TRAINED_ON:]
    accuracy = float(np.mean(np.where(model.values(states) > 0, 1.0, -1.0) == y))
    excited = np.flatnonzero(y > 0)
    relevant = task.relevant[TRAINED_ON:][excited]
    rng = np.random.default_rng([setting.seed, 18])
    found = {
        "site relevance": qxai.site_relevance(model, states[excited]).values,
        "site occlusion": site_occlusion(model, states[excited]),
        "random": rng.normal(size=relevant.shape),
        "constant": np.ones(relevant.shape),
    }
    rows = [
        {"method": name, "states": len(excited), "localisation": _mean(values, relevant)}
        for name, values in found.items()
    ]
    return accuracy, rows


def _mean(values: Array, relevant: Array) -> float:
    return float(metrics.localisation_auc(values, relevant).mean())


def site_occlusion(model: qxai.StateModel, states: Array) -> Array:
    """Return what the output loses when one site is depolarised: all strings that act there."""
    strings = model.by_support(states)
    return np.asarray(strings @ support(strings.shape[1]))
