"""Observables: probabilities of bit strings, Cirq's projectors, weighted sums."""

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any

import cirq

MOST_BITS = 12  # 4,096 Pauli strings
NEGLIGIBLE = 1e-15  # a coefficient of this size beside those that it was added up from is rounding

Observable = cirq.PauliSum | cirq.PauliString[Any] | cirq.ProjectorString | cirq.ProjectorSum


def probability(qubits: Sequence[cirq.Qid], bits: Sequence[int]) -> cirq.PauliSum:
    """Return the observable whose value is the probability that qubits are measured as bits.

    It is the projector ``Π_q (1 ± Z_q)/2``, with a plus for a 0 and a minus for a 1, written out
    as ``2^len(qubits)`` Pauli strings; other qubits are not looked at. A class that is read from
    several bit strings has the sum of their observables.

    Parameters
    ----------
    qubits : sequence of cirq.Qid
        At most 12, all different.
    bits : sequence of int
        0 or 1 for each qubit.

    Returns
    -------
    cirq.PauliSum
        With values between 0 and 1.

    Raises
    ------
    ValueError
        If there are no qubits, more than 12, or one twice; if there are not as many bits as
        qubits, or one is neither 0 nor 1.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, qxai.probability(q, [0, 1]))  # cos² x0/2 · sin² x1/2
    >>> from math import pi
    >>> print(model.values([[0, pi], [pi / 2, pi / 2]]).round(3))
    [1.   0.25]
    """
    wires, wanted = tuple(qubits), tuple(bits)
    if not wires or len(set(wires)) < len(wires):
        raise ValueError(f"qubits: expected different qubits, at least one, found {wires}")
    if len(wanted) != len(wires):
        raise ValueError(f"bits: expected {len(wires)}, one for each qubit, found {wanted}")
    if any(bit not in (0, 1) for bit in wanted):
        raise ValueError(
            f"bits: expected 0 or 1 for each qubit, found {wanted}; of a text of zeros and ones "
            "pass [int(bit) for bit in text]"
        )
    return projector(dict(zip(wires, map(int, wanted))), 1.0)


def projector(bits: Mapping[cirq.Qid, int], coefficient: complex) -> cirq.PauliSum:
    """Return a multiple of the projector on bits as Pauli strings.

    Raises
    ------
    ValueError
        If there are too many qubits.
    """
    if len(bits) > MOST_BITS:
        raise ValueError(
            f"observable: expected a projector on at most {MOST_BITS} qubits, found {len(bits)}, "
            f"which takes 2^{len(bits)} = {2 ** len(bits)} Pauli strings; use the probability of "
            f"at most {MOST_BITS} of the bits"
        )
    strings: list[Any] = []
    for present in product((False, True), repeat=len(bits)):
        turned = {qubit: cirq.Z for qubit, here in zip(bits, present) if here}
        ones = sum(bits[qubit] for qubit in turned)
        weight = coefficient * (-1) ** ones / 2 ** len(bits)
        strings.append(cirq.PauliString(turned, coefficient=weight))
    return cirq.PauliSum.from_pauli_strings(strings)


def as_pauli_sum(observable: Observable) -> cirq.PauliSum:
    """Write an observable as a sum of Pauli strings.

    Raises
    ------
    ValueError
        If a projector acts on too many qubits, or on something but 0 and 1.
    """
    if isinstance(observable, cirq.ProjectorSum):
        return reduce(operator.add, map(as_pauli_sum, observable), cirq.PauliSum())
    if not isinstance(observable, cirq.ProjectorString):
        return cirq.PauliSum() + observable
    bits = dict(observable.projector_dict)
    if wrong := [bit for bit in bits.values() if bit not in (0, 1)]:
        raise ValueError(f"observable: expected projectors on 0 or 1, found one on {wrong[0]}")
    return projector(bits, observable.coefficient)


def weighted_sum(
    weights: Sequence[float], observables: Sequence[Any], constant: float
) -> cirq.PauliSum:
    """Return ``Σ_m w_m M_m + constant``; terms that cancel up to rounding are left out."""
    total: dict[Any, complex] = {frozenset(): complex(constant)}
    sizes: dict[Any, float] = {frozenset(): abs(constant)}
    for weight, observable in zip(weights, observables):
        for string in observable:
            key, part = frozenset(string.items()), weight * complex(string.coefficient)
            total[key] = total.get(key, 0.0) + part
            sizes[key] = sizes.get(key, 0.0) + abs(part)
    kept = {key: value for key, value in total.items() if abs(value) > NEGLIGIBLE * sizes[key]}
    strings: list[Any] = [
        cirq.PauliString(dict(key), coefficient=value) for key, value in kept.items()
    ]
    return cirq.PauliSum.from_pauli_strings(strings) if strings else cirq.PauliSum()
