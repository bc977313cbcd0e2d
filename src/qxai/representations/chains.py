"""Qubits in a row: an order in which gates join near ones, and the steps that a circuit takes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import reverse_cuthill_mckee

from qxai.compiled import CompiledCircuit, Operation


@dataclass(frozen=True, eq=False)
class Step:
    """What happens next in a row: a gate on a place and maybe its right neighbour.

    Attributes
    ----------
    place : int
        The left of the two places, or the only one.
    operation : Operation or None
        None for a swap of two neighbours.
    turned : bool
        Whether the gate's first qubit is the right one.
    """

    place: int
    operation: Operation | None
    turned: bool = False

    @property
    def joins(self) -> bool:
        """Whether it acts on two places."""
        return self.operation is None or len(self.operation.qubits) == 2


def ordered(circuit: CompiledCircuit) -> list[int]:
    """Return the qubits in a row in which few gates reach over any cut.

    The order that the circuit has is compared with the one that makes the band of its graph of
    gates narrow (Cuthill and McKee 1969), and kept unless that is better.
    """
    pairs = pairs_of(circuit)
    own = list(range(circuit.num_qubits))
    if not pairs:
        return own
    rows, columns = np.array(list(pairs)).T
    size = (len(own), len(own))
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=size).tocsr()
    narrow = [int(q) for q in reverse_cuthill_mckee(graph + graph.T, symmetric_mode=True)]
    return min((own, narrow), key=lambda order: crowding(order, pairs))


def pairs_of(circuit: CompiledCircuit) -> Counter[tuple[int, ...]]:
    """Count the gates on each pair of qubits."""
    return Counter(op.qubits for op in circuit.operations if len(op.qubits) == 2)


def crowding(order: Sequence[int], pairs: Counter[tuple[int, ...]]) -> tuple[int, int]:
    """Count how many gates reach over the worst cut, and over all cuts."""
    place = {qubit: i for i, qubit in enumerate(order)}
    over = np.zeros(len(order) + 1, np.intp)
    for (one, other), count in pairs.items():
        left, right = sorted((place[one], place[other]))
        over[left + 1 : right + 1] += count
    return int(over.max()), int(over.sum())


def steps(circuit: CompiledCircuit, order: Sequence[int]) -> tuple[list[Step], list[int]]:
    """Return the steps that carry an observable back through a circuit, and the last order.

    Gates that share no qubit are taken from one end of the row to the other and back in turn, so
    that the point at which the row is cut moves little. A gate between distant qubits has them
    swapped together first, and left there.
    """
    row, found, forward = list(order), list[Step](), True
    for layer in _disjoint(circuit.operations[::-1]):
        layer.sort(key=lambda op: min(map(row.index, op.qubits)), reverse=not forward)
        for op in layer:
            found += _met(row, op)
        forward ^= any(len(op.qubits) == 2 for op in layer)
    return found, row


def _disjoint(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """Group neighbours in a list that share no qubit."""
    layer: list[Operation] = []
    taken: set[int] = set()
    for op in operations:
        if not taken.isdisjoint(op.qubits):
            yield layer
            layer, taken = [], set()
        layer.append(op)
        taken.update(op.qubits)
    yield layer


def _met(row: list[int], op: Operation) -> Iterator[Step]:
    """Swap a gate's qubits together; ``row`` follows."""
    places = [row.index(q) for q in op.qubits]
    left, right = min(places), max(places)
    while right - left > 1:
        yield Step(left, None)
        row[left], row[left + 1] = row[left + 1], row[left]
        left += 1
    yield Step(left, op, turned=len(places) == 2 and places[0] > places[1])
