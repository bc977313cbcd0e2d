"""Trainable layers of gates, and what is read out behind them."""

from collections.abc import Sequence

import cirq
import numpy as np
import sympy
from numpy.typing import ArrayLike

from qxai.checks import real_array
from qxai.models.circuit import PQC


def hardware_efficient_layers(
    qubits: Sequence[cirq.Qid], layers: int, prefix: str = "theta"
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Build trainable layers: a ring of CZ gates, then RZ and RY on every qubit.

    The rotations come last, and RY last of all, so that no gate commutes with a readout in Z and
    is lost on it. On three qubits or more every qubit has two gates, and that hides a parity:
    with single Z's read out and each feature encoded once by RY, the output changes its sign if
    all features move by π, ``f(x + π) = −f(x)``, whatever the angles. No constant and no term of
    an even number of features can be represented; `brickwork_layers` have no such law.

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
    ring = [(qubits[i], qubits[(i + 1) % n]) for i in range(n if n > 2 else n - 1)]
    return graph_layers(qubits, ring, layers, prefix)


def brickwork_layers(
    qubits: Sequence[cirq.Qid], layers: int, prefix: str = "theta", first: int = 0
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Build trainable layers in which neighbours of an open chain meet in turn.

    Layers with an even number join the qubits 0 and 1, 2 and 3, …, those with an odd number
    1 and 2, 3 and 4, …, by CZ gates; RZ and RY on every qubit follow each. A qubit has one
    neighbour in a layer, so a CZ can turn a string of Paulis on one qubit into one on two: terms
    of an even and of an odd number of features both occur, from one layer on. Read out in Z, after
    ``L`` layers a term has at most ``2 L`` features (two, four, six, …), all near each other.
    Behind an encoding by RY, let a trainable RY come first: without it two layers make no term
    of sines alone, so that where all cosines vanish the output is the same for all angles.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length n
        In the order of the chain. Two qubits meet in every layer.
    layers : int
        Number of layers.
    prefix : str
        Symbols are called ``prefix_0``, ``prefix_1``, …
    first : int
        Number of the first layer.

    Returns
    -------
    circuit : cirq.Circuit
        The layers.
    symbols : list of sympy.Symbol, length 2 n layers
        Their angles: layer by layer those of RZ, then those of RY.

    Examples
    --------
    >>> import cirq, qxai
    >>> circuit, symbols = qxai.ansatz.brickwork_layers(cirq.LineQubit.range(4), 2)
    >>> [op.qubits for op in circuit.all_operations() if len(op.qubits) == 2]
    [(cirq.LineQubit(0), cirq.LineQubit(1)), (cirq.LineQubit(2), cirq.LineQubit(3)), \
(cirq.LineQubit(1), cirq.LineQubit(2))]
    """
    n = len(qubits)
    symbols = list(sympy.symbols(f"{prefix}_:{2 * n * layers}"))
    starts = [number % 2 if n > 2 else 0 for number in range(first, first + layers)]
    matchings = [list(zip(qubits[k::2], qubits[k + 1 :: 2])) for k in starts]
    return _layers(qubits, matchings, symbols), symbols


def graph_layers(
    qubits: Sequence[cirq.Qid],
    pairs: Sequence[tuple[cirq.Qid, cirq.Qid]],
    layers: int,
    prefix: str = "theta",
    power: float = 1.0,
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Build trainable layers on any graph: CZ to a power on each pair, then RZ and RY on all.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length n
    pairs : sequence of pairs of cirq.Qid
        The edges of the graph: a line, a ring, a square array.
    layers : int
        Number of layers.
    prefix : str
        Symbols are called ``prefix_0``, ``prefix_1``, …
    power : float
        Exponent of every CZ: 1 entangles most, 0 not at all.

    Returns
    -------
    circuit : cirq.Circuit
        The layers.
    symbols : list of sympy.Symbol, length 2 n layers
        Their angles: layer by layer those of RZ, then those of RY.

    Raises
    ------
    ValueError
        If a pair holds another qubit, or one twice.

    Examples
    --------
    >>> import cirq, qxai
    >>> square = cirq.GridQubit.square(3)
    >>> edges = [(a, b) for a in square for b in square if a < b and a.is_adjacent(b)]
    >>> circuit, symbols = qxai.ansatz.graph_layers(square, edges, layers=2)
    >>> len(edges), len(symbols)
    (12, 36)
    """
    known = set(qubits)
    for pair in pairs:
        if len(set(pair)) != 2 or not set(pair) <= known:
            raise ValueError(f"pairs: expected two different qubits in each, found {pair}")
    symbols = list(sympy.symbols(f"{prefix}_:{2 * len(qubits) * layers}"))
    return _layers(qubits, [pairs] * layers, symbols, power), symbols


def _layers(
    qubits: Sequence[cirq.Qid],
    joined: Sequence[Sequence[tuple[cirq.Qid, cirq.Qid]]],
    symbols: Sequence[sympy.Symbol],
    power: float = 1.0,
) -> cirq.Circuit:
    """Return layers of CZ gates on the pairs of each, then RZ and RY on every qubit."""
    circuit = cirq.Circuit()
    angles = np.array(symbols, dtype=object).reshape(len(joined), 2, len(qubits))
    for pairs, (around_z, around_y) in zip(joined, angles):
        circuit += cirq.Circuit(cirq.CZ(*pair) ** power for pair in pairs)
        circuit += cirq.Circuit(cirq.rz(a)(q) for a, q in zip(around_z, qubits))
        circuit += cirq.Circuit(cirq.ry(a)(q) for a, q in zip(around_y, qubits))
    return circuit


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


def restored(model: PQC, numbers: ArrayLike) -> PQC:
    """Return a model with stored numbers: its angles, then scale and offset of its readout.

    An observable without trace, such as a mean of Z's, cannot represent an offset: with every
    qubit encoded by RY the mean output over all inputs is zero. `qxai.fit` with ``affine=True``
    trains a readout ``a M + b``; this puts its ``a`` and ``b`` back, with the angles.

    Parameters
    ----------
    model : PQC
        With ``P`` parameters.
    numbers : array_like, shape (P + 2,)
        Angles in the order of `PQC.parameters`, scale, offset.

    Returns
    -------
    PQC
        Whose observable is ``a M + b``.

    Raises
    ------
    ValueError
        If there are not ``P + 2`` numbers.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q)), [x], cirq.Z(q), {t: 0})
    >>> print(qxai.ansatz.restored(model, [np.pi, 2, 1]).values([[0]]))  # 1 + 2 cos π
    [-1.]
    """
    expected = (len(model.parameters) + 2,)
    message = f"numbers: expected shape {expected}, angles, scale and offset"
    found = real_array(numbers, message)
    if found.shape != expected:
        raise ValueError(f"{message}, found {found.shape}")
    *angles, scale, offset = found.tolist()
    return scale * model.with_parameters(angles) + offset
