"""Neighbouring gates grouped into blocks that act on the state at once."""

from dataclasses import dataclass, field

import numpy as np

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
    if _is_alone(circuit, first, width):
        return Block(first.qubits, (first,), circuit.uses_features(first)), operations[1:]
    qubits, taken, left = set(first.qubits), [], []
    blocked: set[int] = set()
    for op in operations:
        grown = qubits.union(op.qubits)
        fits = len(grown) <= max(width, len(first.qubits)) and not _is_alone(circuit, op, width)
        if fits and blocked.isdisjoint(op.qubits):
            taken.append(op)
            qubits = grown
        else:
            left.append(op)
            blocked.update(op.qubits)
    return Block(tuple(sorted(qubits)), tuple(taken), False), left


def _is_alone(circuit: CompiledCircuit, op: Operation, width: int) -> bool:
    """Tell whether an operation is a block by itself."""
    wide = len(op.qubits) > max(width, WIDTH)
    return wide or op.active is not None or circuit.uses_features(op)


@dataclass(eq=False)
class Layer:
    """Fixed gates, then gates on different qubits; those on the same ones follow each other."""

    fixed: list[Operation] = field(default_factory=list)
    runs: dict[tuple[int, ...], list[Operation]] = field(default_factory=dict)


def layers_of(block: Block) -> list[Layer]:
    """Put each gate into the earliest layer that it can be in."""
    layers: list[Layer] = []
    free = dict.fromkeys(block.qubits, 0)  # the first layer that is still open for a fixed gate
    last: dict[int, list[Operation]] = {}  # the run that a qubit was last met by
    for op in block.operations:
        number = max(free[q] for q in op.qubits)
        run = last.get(op.qubits[0], [])
        if _is_monomial(op):
            _grown(layers, number).fixed.append(op)
            free |= dict.fromkeys(op.qubits, number)
            last |= {q: [] for q in op.qubits}
        elif run and run[0].qubits == op.qubits and all(last.get(q) is run for q in op.qubits):
            run.append(op)
        else:
            _grown(layers, number).runs[op.qubits] = run = [op]
            free |= dict.fromkeys(op.qubits, number + 1)
            last |= dict.fromkeys(op.qubits, run)
    return layers


def _grown(layers: list[Layer], number: int) -> Layer:
    if number == len(layers):
        layers.append(Layer())
    return layers[number]


def _is_monomial(op: Operation) -> bool:
    """Tell whether a fixed gate on several qubits has one entry in each column."""
    if op.angle is not None or len(op.qubits) == 1:
        return False
    return bool((np.count_nonzero(op.projectors[0], axis=0) == 1).all())
