"""Circuits that put features into the angles of gates."""

import itertools
from collections.abc import Sequence

import cirq
import sympy


def angle_encoding(
    qubits: Sequence[cirq.Qid], features: Sequence[sympy.Symbol], gate: cirq.Gate = cirq.Y
) -> cirq.Circuit:
    """Rotate one qubit for each feature by that many radians.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length d
    features : sequence of sympy.Symbol, length d
    gate : cirq.X, cirq.Y or cirq.Z
        Axis of the rotation.

    Returns
    -------
    cirq.Circuit
        Of unitary gates whose symbols are the features.

    Raises
    ------
    ValueError
        If the numbers of qubits and features differ.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, qxai.ansatz.mean_z(q))
    >>> print(model.values([[1, 2]]).round(3))  # (cos 1 + cos 2) / 2
    [0.062]
    """
    if len(qubits) != len(features):
        raise ValueError(
            f"qubits: expected one for each of {len(features)} features, found {len(qubits)}"
        )
    return cirq.Circuit((gate ** (x / sympy.pi))(q) for q, x in zip(qubits, features))


def dense_angle_encoding(
    qubits: Sequence[cirq.Qid], features: Sequence[sympy.Symbol]
) -> cirq.Circuit:
    """Put two features on each qubit: one turns it about Y, the next about Z.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length ⌈d/2⌉
    features : sequence of sympy.Symbol, length d
        With an odd number the last qubit holds one feature.

    Returns
    -------
    cirq.Circuit
        Of unitary gates whose symbols are the features.

    Raises
    ------
    ValueError
        If there are too few or too many qubits.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(1), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.dense_angle_encoding(q, x)
    >>> print(qxai.PQC(circuit, x, cirq.X(q[0])).values([[1, 2]]).round(3))  # sin 1 cos 2
    [-0.35]
    """
    needed = -(-len(features) // 2)
    if len(qubits) != needed:
        raise ValueError(
            f"qubits: expected {needed} for {len(features)} features, found {len(qubits)}"
        )
    circuit = cirq.Circuit(cirq.ry(x)(q) for q, x in zip(qubits, features[::2]))
    return circuit + cirq.Circuit(cirq.rz(x)(q) for q, x in zip(qubits, features[1::2]))


def iqp_encoding(qubits: Sequence[cirq.Qid], features: Sequence[sympy.Symbol]) -> cirq.Circuit:
    """Encode features and products of neighbours: H, RZ by ``x_i``, ZZ by ``x_i x_j``.

    The products make it no polynomial (Havlíček et al. 2019, one layer): values, gradient,
    occlusion, Taylor-∞ and everything with ``samples=`` or ``steps=`` work, Shapley values and
    interactions by running all coalitions.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length d
    features : sequence of sympy.Symbol, length d

    Returns
    -------
    cirq.Circuit
        Of unitary gates whose symbols are the features.

    Raises
    ------
    ValueError
        If the numbers of qubits and features differ.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.iqp_encoding(q, x)
    >>> print(qxai.PQC(circuit, x, cirq.X(q[0])).values([[1, 2]]).round(3))  # cos 1 cos (1·2)
    [-0.225]
    """
    circuit = cirq.Circuit(cirq.H.on_each(*qubits)) + angle_encoding(qubits, features, cirq.Z)
    pairs = zip(itertools.pairwise(qubits), itertools.pairwise(features))
    return circuit + cirq.Circuit((cirq.ZZ ** (x * y / sympy.pi))(*on) for on, (x, y) in pairs)
