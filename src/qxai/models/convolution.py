"""A convolutional circuit for states on a ring of qubits."""

from collections.abc import Iterator, Sequence

import cirq
import sympy


def convolutional_layers(
    qubits: Sequence[cirq.Qid], prefix: str = "theta"
) -> tuple[cirq.Circuit, list[sympy.Symbol]]:
    """Alternate convolutions and poolings until one qubit is left (Cong, Choi and Lukin 2019).

    A convolution applies one two-qubit unitary, with the same parameters everywhere, to all pairs
    of neighbours on the ring, even pairs first. A pooling applies CNOT between turned bases to each
    pair and leaves one of its qubits behind, where the original measures it and turns the other.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length a power of 2, at least 2
    prefix : str
        Name of the parameters, which are numbered.

    Returns
    -------
    circuit : cirq.Circuit
        The last of the ``qubits`` is left to be read out.
    symbols : list of sympy.Symbol
        21 for each halving.

    Raises
    ------
    ValueError
        If the number of qubits is no power of 2.

    Examples
    --------
    >>> import cirq, qxai
    >>> circuit, symbols = qxai.ansatz.convolutional_layers(cirq.LineQubit.range(8))
    >>> len(symbols), len(circuit.all_qubits())
    (63, 8)
    """
    count = len(qubits)
    if count < 2 or count & (count - 1):
        raise ValueError(f"qubits: expected 2, 4, 8, …, found {count}")
    circuit, symbols, active = cirq.Circuit(), list[sympy.Symbol](), list(qubits)
    while len(active) > 1:
        first = len(symbols)
        new = list(sympy.symbols(f"{prefix}_{first}:{first + 21}"))
        circuit.append(_convolution(active, new[:15]))
        circuit.append(_pooling(active, new[15:]))
        symbols, active = symbols + new, active[1::2]
    return circuit, symbols


def _convolution(qubits: Sequence[cirq.Qid], symbols: list[sympy.Symbol]) -> Iterator[cirq.OP_TREE]:
    """Yield a general two-qubit unitary on even pairs, then on odd ones, the ring closed."""
    pairs = list(zip(qubits[::2], qubits[1::2]))
    if len(qubits) > 2:
        pairs += list(zip(qubits[1::2], [*qubits[2::2], qubits[0]]))
    for a, b in pairs:
        yield [_turned(a, symbols[:3]), _turned(b, symbols[3:6])]
        for gate, symbol in zip((cirq.ZZ, cirq.YY, cirq.XX), symbols[6:9]):
            yield (gate ** (symbol / sympy.pi))(a, b)
        yield [_turned(a, symbols[9:12]), _turned(b, symbols[12:15])]


def _pooling(qubits: Sequence[cirq.Qid], symbols: list[sympy.Symbol]) -> Iterator[cirq.OP_TREE]:
    """Yield CNOTs onto every second qubit, between bases of their own."""
    for source, sink in zip(qubits[::2], qubits[1::2]):
        basis = list(_turned(sink, symbols[3:]))
        yield [_turned(source, symbols[:3]), basis, cirq.CNOT(source, sink)]
        yield cirq.inverse(basis)


def _turned(qubit: cirq.Qid, symbols: Sequence[sympy.Symbol]) -> list[cirq.Operation]:
    """Turn a qubit by three angles."""
    return [gate(s)(qubit) for gate, s in zip((cirq.rx, cirq.ry, cirq.rz), symbols)]
