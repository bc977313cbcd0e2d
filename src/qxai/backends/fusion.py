"""Neighbouring gates grouped into blocks that act on the state at once."""

from dataclasses import dataclass

from qxai.compiled import CompiledCircuit, Operation
from qxai.memory import kept_with

WIDTH = 4  # qubits of a block: 16 × 16 matrices keep the arithmetic unit busy


@dataclass(frozen=True, eq=False)
class Block:
    """Operations on a few qubits, in circuit order.

    ``batched`` tells that its matrix differs from one input to the next.
    """

    qubits: tuple[int, ...]
    operations: tuple[Operation, ...]
    batched: bool

    @property
    def active(self) -> tuple[int, ...] | None:
        """The control states in which a gate with many controls acts; it is a block by itself."""
        return self.operations[0].active if self.operations else None


@dataclass(frozen=True, eq=False)
class Plan:
    """A circuit as single-qubit preparations, one for each qubit, followed by blocks."""

    preparations: tuple[Block, ...]
    blocks: tuple[Block, ...]


@kept_with
def plan(circuit: CompiledCircuit) -> Plan:
    """Group the operations; a circuit is grouped once."""
    prepared, rest = _preparations(circuit)
    return Plan(prepared, fuse(circuit, rest))


def _preparations(circuit: CompiledCircuit) -> tuple[tuple[Block, ...], list[Operation]]:
    """Split off the single-qubit gates that precede any entangling gate on their qubit."""
    first: dict[int, list[Operation]] = {q: [] for q in range(circuit.num_qubits)}
    entangled: set[int] = set()
    rest = []
    for op in circuit.operations:
        if len(op.qubits) == 1 and op.qubits[0] not in entangled:
            first[op.qubits[0]].append(op)
        else:
            entangled.update(op.qubits)
            rest.append(op)
    blocks = (
        Block((q,), tuple(ops), any(map(circuit.uses_features, ops))) for q, ops in first.items()
    )
    return tuple(blocks), rest


def fuse(
    circuit: CompiledCircuit, operations: list[Operation], width: int = WIDTH
) -> tuple[Block, ...]:
    """Group operations greedily: each block takes what can be moved forward to it.

    A gate that depends on the features is applied by itself: its matrix is another one for
    each input, so a wider block would only multiply the work.
    """
    blocks = []
    while operations:
        block, operations = _next_block(circuit, operations, width)
        blocks.append(block)
    return tuple(blocks)


def _next_block(
    circuit: CompiledCircuit, operations: list[Operation], width: int
) -> tuple[Block, list[Operation]]:
    first = operations[0]
    if circuit.uses_features(first) or first.active is not None:
        return Block(first.qubits, (first,), circuit.uses_features(first)), operations[1:]
    qubits, taken, left = set(first.qubits), [], []
    blocked: set[int] = set()
    for op in operations:
        grown = qubits.union(op.qubits)
        alone = circuit.uses_features(op) or op.active is not None
        fits = len(grown) <= max(width, len(first.qubits)) and not alone
        if fits and blocked.isdisjoint(op.qubits):
            taken.append(op)
            qubits = grown
        else:
            left.append(op)
            blocked.update(op.qubits)
    return Block(tuple(sorted(qubits)), tuple(taken), False), left
