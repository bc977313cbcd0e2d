"""Ready circuits: encodings and trainable layers to put together."""

from collections.abc import Sequence

import cirq
import numpy as np
import sympy

from qxai.models.circuit import PQC
from qxai.models.convolution import convolutional_layers
from qxai.models.encodings import angle_encoding, dense_angle_encoding, iqp_encoding
from qxai.models.layers import (
    brickwork_layers,
    graph_layers,
    hardware_efficient_layers,
    mean_z,
    restored,
)

__all__ = [
    "angle_encoding",
    "brickwork_layers",
    "convolutional_layers",
    "dense_angle_encoding",
    "graph_layers",
    "grouped_classifier",
    "hardware_efficient_layers",
    "iqp_encoding",
    "layered_classifier",
    "mean_z",
    "restored",
    "reuploading",
    "ring_classifier",
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


def layered_classifier(num_features: int, layers: int, rng: np.random.Generator) -> PQC:
    """Build an untrained classifier with one qubit a feature, read out by the mean of all Z.

    A trainable RY on every qubit comes first, `brickwork_layers` follow. Train it with
    ``qxai.fit(…, affine=True)``: the mean of Z's cannot represent an offset and seldom comes
    near ±1.

    Parameters
    ----------
    num_features : int
        ``d``; features are the symbols ``x_0`` …, encoded by RY.
    layers : int
        Number of `brickwork_layers`.
    rng : numpy.random.Generator
        Draws the parameters uniformly from ±0.3 radians: a start near the identity, where
        gradients do not vanish.

    Returns
    -------
    PQC
        With ``d + 2 d layers`` parameters; its output lies between −1 and 1.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> qxai.ansatz.layered_classifier(3, 2, np.random.default_rng(0))
    <PQC: 3 features, 3 qubits, 15 parameters, on Statevector>
    """
    qubits = cirq.LineQubit.range(num_features)
    shifts = sympy.symbols(f"shift_:{num_features}")
    turns = cirq.Circuit(cirq.ry(a)(q) for a, q in zip(shifts, qubits))
    bricks, symbols = brickwork_layers(qubits, layers)
    return _classifier(qubits, turns + bricks, [*shifts, *symbols], rng)


def ring_classifier(num_features: int, layers: int, rng: np.random.Generator) -> PQC:
    """Build an untrained classifier on a ring, which hides a parity.

    For three features or more ``f(x + π) = −f(x)``, whatever the parameters: no constant, and no
    term of an even number of features (see `hardware_efficient_layers`).

    Parameters
    ----------
    num_features : int
        ``d``; features are the symbols ``x_0`` …, encoded by RY.
    layers : int
        Number of `hardware_efficient_layers`.
    rng : numpy.random.Generator
        Draws the parameters uniformly from ±0.3 radians.

    Returns
    -------
    PQC
        With ``2 d layers`` parameters; its output, the mean of all Z, lies between −1 and 1.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> ring = qxai.ansatz.ring_classifier(3, 2, np.random.default_rng(0))
    >>> x = np.array([1, 2, 3])
    >>> print(np.allclose(ring.values([x + np.pi]), -ring.values([x])))
    True
    """
    qubits = cirq.LineQubit.range(num_features)
    return _classifier(qubits, *hardware_efficient_layers(qubits, layers), rng)


def _classifier(
    qubits: Sequence[cirq.Qid],
    trainable: cirq.Circuit,
    symbols: Sequence[sympy.Symbol],
    rng: np.random.Generator,
) -> PQC:
    features = sympy.symbols(f"x_:{len(qubits)}")
    start = dict(zip(symbols, rng.uniform(-0.3, 0.3, len(symbols))))
    circuit = angle_encoding(qubits, features) + trainable
    return PQC(circuit, features, mean_z(qubits), start)


def grouped_classifier(
    groups: Sequence[Sequence[int]], uploads: int, rng: np.random.Generator
) -> PQC:
    """Build an untrained classifier in which features meet only within groups.

    Each feature has a qubit. After each upload comes one of the `brickwork_layers` of each group,
    in turn; the last joins the first two of a group, the next two, and so on. The output, a mean
    of all Z, is a sum of one function for each group: with groups of one the model is additive,
    and no term has more features than the largest group.

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
            turn = uploads - 1 - number  # every qubit of an even group has a partner in the last
            layer, new = brickwork_layers(wires, 1, f"theta_{number}_{name}", first=turn)
            circuit, symbols = circuit + layer, symbols + new
    start = dict(zip(symbols, rng.uniform(-0.3, 0.3, len(symbols))))
    return PQC(circuit, features, mean_z(qubits), start)
