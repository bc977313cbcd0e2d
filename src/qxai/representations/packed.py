"""Pauli strings packed into numbers: two bits a qubit, thirty-two qubits a number."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from qxai.core import Indices

Codes = NDArray[np.uint64]
QUBITS = 32  # in one number


def packed(strings: Indices) -> Codes:
    """Return strings (S, n) of 0, 1, 2, 3 as numbers, (S, words)."""
    count, n = strings.shape
    words = max(1, -(-n // QUBITS))
    padded = np.zeros((count, words * QUBITS), np.uint64)
    padded[:, :n] = strings
    return cast(
        Codes,
        (padded.reshape(count, words, QUBITS) << _shifts(range(QUBITS))).sum(
            axis=2, dtype=np.uint64
        ),
    )


def letters_of(codes: Codes, n: int) -> Indices:
    """Return the strings (S, n) that numbers stand for."""
    letters = codes[:, :, None] >> _shifts(range(QUBITS)) & np.uint64(3)
    return letters.reshape(len(codes), codes.shape[1] * QUBITS)[:, :n].astype(np.intp)


def digits(codes: Codes, qubits: Sequence[int]) -> Indices:
    """Return the letters on some qubits as one number (S,), the first qubit slowest."""
    result = np.zeros(len(codes), np.intp)
    for qubit in qubits:
        word = codes[:, qubit // QUBITS]
        result = 4 * result + (word >> _shifts([qubit])[0] & np.uint64(3)).astype(np.intp)
    return result


def letters_in(codes: Codes) -> Indices:
    """Return how many letters each string has besides I, (S,)."""
    present = (codes | codes >> np.uint64(1)) & np.uint64(0x5555555555555555)
    return np.bitwise_count(present).sum(axis=1, dtype=np.intp)


def spread(numbers: Indices, qubits: Sequence[int], words: int) -> Codes:
    """Return the codes (S, words) with those letters on some qubits, and none elsewhere."""
    strings = np.zeros((len(numbers), words * QUBITS), np.intp)
    strings[:, list(qubits)] = numbers[:, None] // 4 ** np.arange(len(qubits))[::-1] % 4
    return packed(strings)


def cleared(codes: Codes, qubits: Sequence[int]) -> Codes:
    """Return the strings with no letter on some qubits."""
    return codes & ~spread(np.array([4 ** len(qubits) - 1]), qubits, codes.shape[1])


def ranked(codes: Codes) -> tuple[Codes, Indices]:
    """Return the different codes, and which of them each is."""
    rank = _ranks(codes[:, 0])
    for word in codes.T[1:]:
        behind = _ranks(word)
        rank = _ranks((rank * (behind.max(initial=0) + 1) + behind).astype(np.uint64))
    first = np.zeros(rank.max(initial=-1) + 1, np.intp)
    first[rank] = np.arange(len(rank))  # any of those that are equal
    return codes[first], rank


def _ranks(word: Codes) -> Indices:
    """Return the rank of each number among the different ones; by a table if that is full."""
    largest = int(word.max(initial=0))
    if largest > 16 * len(word):
        return np.unique(word, return_inverse=True)[1].reshape(-1)
    table = np.zeros(largest + 1, np.intp)
    table[word] = 1
    return (np.cumsum(table) - 1)[word]


def _shifts(qubits: Sequence[int]) -> Codes:
    return cast(Codes, 2 * (np.array(qubits, dtype=np.uint64) % np.uint64(QUBITS)))
