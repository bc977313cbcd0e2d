"""Ready circuits: encodings and trainable layers to put together."""

from collections.abc import Sequence

import cirq
import numpy as np
import sympy

from qxai.models.circuit import PQC
from qxai.models.encodings import angle_encoding, dense_angle_encoding, iqp_encoding

__all__ = [
    "angle_encoding",
    "dense_angle_encoding",
    "grouped_classifier",
    "hardware_efficient_layers",
    "iqp_encoding",
    "layered_classifier",
    "mean_z",
    "reuploading",
]


def reuploading(
    qubits: Sequence[cirq.Qid], features: Sequence[sympy.Symbol], scales: Sequence[float]
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Upload all features once for each scale, with a trainable layer after each upload.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length n ≥ d
        Feature ``i`` is uploaded to qubit ``i``; qubits beyond the features are ancillas.
    features : sequence of sympy.Symbol, length d
    scales : sequence of float
        Upload ``l`` turns by ``scales[l] x_i`` radians. Equal scales give whole frequencies,
        others sums and differences of them (Pérez-Salinas et al. 2020; Schuld et al. 2021).

    Returns
    -------
    circuit : cirq.Circuit
        Uploads and layers in turn.
    symbols : list of sympy.Symbol, length 2 n len(scales)
        The layers' angles.

    Raises
    ------
    ValueError
        If there are more features than qubits, or no scale.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(1), sympy.symbols("x:1")
    >>> circuit, symbols = qxai.ansatz.reuploading(q, x, scales=[1, 2])
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]), dict.fromkeys(symbols, 0))
    >>> print(model.values([[1]]).round(3))  # cos (1 + 2)
    [-0.99]
    """
    if len(features) > len(qubits) or not len(scales):
        raise ValueError(
            f"qubits, scales: expected at least {len(features)} qubits and one scale, found "
            f"{len(qubits)} and {len(scales)}"
        )
    circuit = cirq.Circuit()
    symbols: list[sympy.Symbol] = []
    for number, scale in enumerate(scales):
        scaled = [scale * x for x in features]
        circuit += angle_encoding(qubits[: len(features)], scaled)
        layer, names = hardware_efficient_layers(qubits, 1, f"theta_{number}")
        circuit, symbols = circuit + layer, symbols + names
    return circuit, symbols


def hardware_efficient_layers(
    qubits: Sequence[cirq.Qid], layers: int, prefix: str = "theta"
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Build trainable layers: a ring of CZ gates, then RZ and RY on every qubit.

    The rotations come last, and RY last of all, so that no gate commutes with a readout in Z and
    is lost on it.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length n
    layers : int
        Number of layers.
    prefix : str
        Symbols are called ``prefix_0``, ``prefix_1``, …

    Returns
    -------
    circuit : cirq.Circuit
        The layers.
    symbols : list of sympy.Symbol, length 2 n layers
        Their angles: layer by layer those of RZ, then those of RY.

    Examples
    --------
    >>> import cirq, qxai
    >>> circuit, symbols = qxai.ansatz.hardware_efficient_layers(cirq.LineQubit.range(2), 1)
    >>> symbols
    [theta_0, theta_1, theta_2, theta_3]
    """
    n = len(qubits)
    symbols = list(sympy.symbols(f"{prefix}_:{2 * n * layers}"))
    pairs = [(qubits[i], qubits[(i + 1) % n]) for i in range(n if n > 2 else n - 1)]
    circuit = cirq.Circuit()
    for angles in np.array(symbols, dtype=object).reshape(layers, 2, n):
        circuit += cirq.Circuit(cirq.CZ(*pair) for pair in pairs)
        circuit += cirq.Circuit(cirq.rz(a)(q) for a, q in zip(angles[0], qubits))
        circuit += cirq.Circuit(cirq.ry(a)(q) for a, q in zip(angles[1], qubits))
    return circuit, symbols


def mean_z(qubits: Sequence[cirq.Qid]) -> cirq.PauliSum:
    """Return the mean of the Z operators of some qubits: an observable between −1 and 1.

    Parameters
    ----------
    qubits : sequence of cirq.Qid

    Returns
    -------
    cirq.PauliSum
        ``Σ Z_q / n``.

    Examples
    --------
    >>> import cirq, qxai
    >>> qxai.ansatz.mean_z(cirq.LineQubit.range(2)).matrix().diagonal().real.tolist()
    [1.0, 0.0, 0.0, -1.0]
    """
    return sum((cirq.Z(q) / len(qubits) for q in qubits), cirq.PauliSum())


def layered_classifier(num_features: int, layers: int, rng: np.random.Generator) -> PQC:
    """Build an untrained classifier with one qubit a feature, read out by the mean of all Z.

    Parameters
    ----------
    num_features : int
        ``d``; features are the symbols ``x_0`` …, encoded by RY.
    layers : int
        Number of `hardware_efficient_layers`.
    rng : numpy.random.Generator
        Draws the parameters uniformly from ±0.3 radians: a start near the identity, where
        gradients do not vanish.

    Returns
    -------
    PQC
        With ``2 d layers`` parameters; its output lies between −1 and 1.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> qxai.ansatz.layered_classifier(3, 2, np.random.default_rng(0))
    <PQC: 3 features, 3 qubits, 12 parameters, on Statevector>
    """
    qubits = cirq.LineQubit.range(num_features)
    features = sympy.symbols(f"x_:{num_features}")
    trainable, symbols = hardware_efficient_layers(qubits, layers)
    start = dict(zip(symbols, rng.uniform(-0.3, 0.3, len(symbols))))
    circuit = angle_encoding(qubits, features) + trainable
    return PQC(circuit, features, mean_z(qubits), start)


def grouped_classifier(
    groups: Sequence[Sequence[int]], uploads: int, rng: np.random.Generator
) -> PQC:
    """Build an untrained classifier in which features meet only within groups.

    Each feature has a qubit; uploads alternate with `hardware_efficient_layers` on each group.
    The output, a mean of all Z, is then a sum of one function for each group: with groups of one
    the model is additive, and no term has more features than the largest group.

    Parameters
    ----------
    groups : sequence of sequences of int
        Every feature ``0 … d − 1`` in exactly one group.
    uploads : int
        How many times every feature is encoded, by RY.
    rng : numpy.random.Generator
        Draws the parameters uniformly from ±0.3 radians.

    Returns
    -------
    PQC
        With ``2 d uploads`` parameters; its output lies between −1 and 1.

    Raises
    ------
    ValueError
        If the groups are no partition of the features, or there is no upload.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.ansatz.grouped_classifier([[0, 1], [2]], 2, np.random.default_rng(0))
    >>> model.polynomial().interaction_order
    2
    """
    members = [i for group in groups for i in group]
    if not members or sorted(members) != list(range(len(members))):
        raise ValueError(f"groups: expected every feature in exactly one group, found {groups}")
    if uploads < 1:
        raise ValueError(f"uploads: expected at least 1, found {uploads}")
    qubits = cirq.LineQubit.range(len(members))
    features = sympy.symbols(f"x_:{len(members)}")
    circuit = cirq.Circuit()
    symbols: list[sympy.Symbol] = []
    for number in range(uploads):
        circuit += angle_encoding(qubits, features)
        for name, group in enumerate(groups):
            wires = [qubits[i] for i in group]
            layer, new = hardware_efficient_layers(wires, 1, f"theta_{number}_{name}")
            circuit, symbols = circuit + layer, symbols + new
    start = dict(zip(symbols, rng.uniform(-0.3, 0.3, len(symbols))))
    return PQC(circuit, features, mean_z(qubits), start)
