"""What is left of an explanation on an imperfect device, without shots in the way.

Noise behind a product encoding leaves the model what it was, a trigonometric polynomial: the noisy
observable, carried back through every channel, has one coefficient for each Pauli string, and a
circuit's explanations are those of the polynomial. So every method explains the noisy model
exactly, and what differs is noise alone. Mitigation by extrapolation is a sum of such models.
"""

from collections.abc import Callable, Iterable
from typing import Any

import cirq
import numpy as np
from declaration import BASELINES, DEVICE_INPUTS, DEVICE_TASKS, ENCODING_FIRST, Setting
from methods import ANY, PAULI

import qxai
from data import Data
from qxai import metrics
from qxai.core import Array, ComplexArray
from qxai.metrics.relative import in_output_units

Channel = Callable[[int], cirq.Gate | None]  # of how many qubits a gate acts on
LEVELS = (0.001, 0.003, 0.01, 0.03)
SHOWN = ("gradient × input", "integrated gradients", "occlusion", "Shapley", "Taylor-∞")
FOLDS = (1, 3)  # each gate once, and as G G† G


def is_disturbed(setting: Setting) -> bool:
    """Return whether a model is explained on imperfect devices."""
    named = setting.part == "named" and setting.task in DEVICE_TASKS
    return named and setting.family == ENCODING_FIRST


def devices(setting: Setting, model: qxai.PQC, data: Data) -> list[dict[str, Any]]:
    """Return, for each noise and method, what became of the exact attributions."""
    X = data.test[0][:DEVICE_INPUTS]
    assert data.relevant is not None
    rows = []
    exact = _explained(model, X)
    for noise, level, noisy in _disturbed(model):
        for name, found in _explained(noisy, X).items():
            kept, aside = left_of(found, exact[name])
            at = metrics.localisation_auc(found, data.relevant[:DEVICE_INPUTS]).mean()
            row = {"method": name, "noise": noise, "level": level, "kept": kept}
            rows.append(row | {"aside": aside, "localisation": float(at)})
    return rows


def left_of(noisy: Array, true: Array) -> tuple[float, float]:
    """Return the size that is left, and what is turned: no rescaling repairs that."""
    kept = float(np.sum(noisy * true) / np.sum(true**2))
    return kept, float(np.linalg.norm(noisy - kept * true) / np.linalg.norm(true))


def _explained(model: Any, X: Array) -> dict[str, Array]:
    middle = BASELINES["mean"]
    methods = [method for method in ANY if method.name in SHOWN]
    found = {method.name: method.explain(model, X, middle) for method in methods}
    return {name: in_output_units(one, X, np.asarray(middle)) for name, one in found.items()} | (
        {"QLRP-zero": PAULI[0].explain(model, X, middle).values} if _is_circuit(model) else {}
    )


def _is_circuit(model: Any) -> bool:
    return isinstance(model, qxai.PQC)


def _disturbed(model: qxai.PQC) -> Iterable[tuple[str, float, Any]]:
    """Return name, level and model of every kind of noise."""
    for level in LEVELS:
        for name, channel in CHANNELS.items():
            noisy = {fold: with_channel(model, channel(level), fold) for fold in FOLDS}
            yield name, level, noisy[1]
            yield f"{name}, mitigated", level, 1.5 * noisy[1] - 0.5 * noisy[3]
        yield "over-rotation", level, over_rotated(model, level)
        yield "readout", level, misread(model, level)


def _depolarizing(level: float) -> Channel:
    return lambda count: cirq.depolarize(level, count)


def _damping(level: float) -> Channel:
    return lambda count: cirq.amplitude_damp(level) if count == 1 else None


CHANNELS = {"depolarising": _depolarizing, "amplitude damping": _damping}


def misread(model: qxai.PQC, level: float) -> qxai.PQC:
    """Return the model whose bits are read the wrong way with a probability: Z shrinks."""
    terms = [(1 - 2 * level) ** len(term.qubits) * term for term in model.observable]
    return model.with_observable(sum(terms, cirq.PauliSum()))


def over_rotated(model: qxai.PQC, level: float) -> qxai.PQC:
    """Return the model whose rotations all turn too far, by a share of their angles."""
    scaled = {symbol: symbol * (1 + level) for symbol in model.features}
    circuit = cirq.resolve_parameters(model.circuit, scaled, recursive=False)
    angles = {symbol: value * (1 + level) for symbol, value in model.parameters.items()}
    return qxai.PQC(circuit, model.features, model.observable, angles)


def with_channel(model: qxai.PQC, channel: Channel, fold: int) -> qxai.TrigPolynomial:
    """Return a circuit, each of whose gates is followed by noise, as a polynomial.

    Behind RY on |0⟩ the qubit of feature i holds ``(1 + cos x_i Z + sin x_i X)/2``: the coefficient
    of a product of waves is the observable's share of that Pauli string. Trainable gates are
    folded, ``G`` becoming ``G G† G``; encoding gates are not, so that what they suffer is not
    mitigated.
    """
    qubits = sorted(model.circuit.all_qubits())
    circuit = cirq.resolve_parameters(model.circuit, dict(model.parameters))
    count = len(qubits)
    operator = model.observable.matrix(qubits).astype(complex).reshape((2,) * (2 * count))
    for op in reversed(list(circuit.all_operations())):
        places = [qubits.index(q) for q in op.qubits]
        encodes = cirq.is_parameterized(op)
        for step in range(1 if encodes else fold):
            operator = _noisy(operator, channel, places)
            if not encodes:
                gate = cirq.unitary(op if step % 2 == 0 else op**-1)
                operator = _conjugated(operator, gate, places)
    waves = np.array([np.eye(2), np.diag([1, -1]), [[0, 1], [1, 0]]]) / 2
    for left in range(count, 0, -1):
        operator = np.tensordot(operator, waves, axes=([0, left], [2, 1]))
    return qxai.TrigPolynomial(operator.real, [[1.0]] * count)


def _noisy(operator: ComplexArray, channel: Channel, places: list[int]) -> ComplexArray:
    """Carry an operator back through the noise of a gate on some qubits."""
    whole = channel(len(places))
    parts = [(channel(1), [place]) for place in places] if whole is None else [(whole, places)]
    for part, on in parts:
        terms = [_conjugated(operator, kraus, on) for kraus in cirq.kraus(part)]
        operator = np.sum(terms, axis=0)
    return operator


def _conjugated(operator: ComplexArray, matrix: Array, places: list[int]) -> ComplexArray:
    """Return ``K† O K`` for a matrix on some of the qubits, O with an axis for each bit."""
    count, size = operator.ndim // 2, len(places)
    gate = np.asarray(matrix).reshape((2,) * (2 * size))
    rows, columns = list(range(size)), [count + place for place in places]
    found = np.tensordot(gate.conj(), operator, axes=(rows, places))
    found = np.moveaxis(found, rows, places)
    found = np.tensordot(found, gate, axes=(columns, rows))
    return np.moveaxis(found, range(2 * count - size, 2 * count), columns)
