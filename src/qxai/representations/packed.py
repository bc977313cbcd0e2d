"""Pauli strings packed into numbers, two bits a qubit."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from qxai.core import Indices

Codes = NDArray[np.uint64]
MOST_QUBITS = 31


def packed(strings: Indices) -> Codes:
    """Return strings (S, n) of 0, 1, 2, 3 as numbers: two bits a qubit."""
    shifts = 2 * np.arange(strings.shape[1], dtype=np.uint64)
    return cast(Codes, (strings.astype(np.uint64) << shifts).sum(axis=1, dtype=np.uint64))


def letters_of(codes: Codes, n: int) -> Indices:
    """Return the strings (S, n) that numbers stand for."""
    shifts = 2 * np.arange(n, dtype=np.uint64)
    return (codes[:, None] >> shifts & np.uint64(3)).astype(np.intp)


def digits(codes: Codes, qubits: Sequence[int]) -> Indices:
    """Return the letters on some qubits as one number, the first qubit slowest."""
    result = np.zeros(len(codes), np.intp)
    for qubit in qubits:
        result = 4 * result + (codes >> np.uint64(2 * qubit) & np.uint64(3)).astype(np.intp)
    return result


def spread(numbers: Indices, qubits: Sequence[int]) -> Codes:
    """Return the codes with those letters on some qubits, and none elsewhere."""
    places = 4 ** np.arange(len(qubits))[::-1]
    letters = (numbers[:, None] // places % 4).astype(np.uint64)
    shifts = 2 * np.array(qubits, dtype=np.uint64)
    return cast(Codes, (letters << shifts).sum(axis=1, dtype=np.uint64))


def cleared(codes: Codes, qubits: Sequence[int]) -> Codes:
    """Return the strings with no letter on some qubits."""
    return codes & np.uint64(~sum(3 << 2 * q for q in qubits) % 2**64)


def ranked(codes: Codes) -> tuple[Codes, Indices]:
    """Return the different codes in order, and which of them each is; by a table if it is full."""
    largest = int(codes.max(initial=0))
    if largest > 16 * len(codes):
        found, rank = np.unique(codes, return_inverse=True)
        return found, rank.reshape(-1)
    table = np.zeros(largest + 1, np.intp)
    table[codes] = 1
    found = np.flatnonzero(table).astype(np.uint64)
    return found, (np.cumsum(table) - 1)[codes]
