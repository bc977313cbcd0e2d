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
class Cluster:
    """Qubits that blocks join before any block joins them to others."""

    qubits: tuple[int, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A circuit as single-qubit preparations, one for each qubit, then clusters, then the rest.

    ``blocks`` are all blocks, ``rest`` those in no cluster; each in order.
    """

    preparations: tuple[Block, ...]
    clusters: tuple[Cluster, ...]
    rest: tuple[Block, ...]
    blocks: tuple[Block, ...]


@kept_with
def plan(circuit: CompiledCircuit) -> Plan:
    """Group the operations; a circuit is grouped once, in the way that costs least."""
    prepared, operations = _preparations(circuit)
    greedy = _clustered(circuit, prepared, fuse(circuit, operations))
    if not greedy.rest:
        return greedy
    diagonal = {op for op in operations if _is_diagonal(op)}
    tiled = [_tiled(circuit, operations, diagonal, width) for width in (WIDTH, WIDTH - 1)]
    ways = [*tiled, *map(_merged, [greedy.blocks, *tiled])]
    return min([greedy, *(_clustered(circuit, prepared, blocks) for blocks in ways)], key=_cost)


def _cost(planned: Plan) -> int:
    """Count what the blocks cost that act on all qubits: each passes over the states once."""
    return sum(24 + 2 ** len(block.qubits) for block in planned.rest)


def _clustered(
    circuit: CompiledCircuit, prepared: tuple[Block, ...], blocks: tuple[Block, ...]
) -> Plan:
    """Join qubits to clusters for as long as these are small."""
    cluster: dict[int, tuple[int, ...]] = {q: (q,) for q in range(circuit.num_qubits)}
    inner: dict[int, list[Block]] = {q: [] for q in cluster}
    rest: list[Block] = []
    met: set[int] = set()
    for block in blocks:
        joined = tuple(sorted({member for q in block.qubits for member in cluster[q]}))
        if len(joined) > WIDTH or not met.isdisjoint(block.qubits):
            rest.append(block)
            met.update(block.qubits)
            continue
        cluster |= dict.fromkeys(joined, joined)
        inner[block.qubits[0]].append(block)
    members = sorted(set(cluster.values()))
    place = {block: number for number, block in enumerate(blocks)}
    clusters = (
        Cluster(qubits, tuple(sorted((b for q in qubits for b in inner[q]), key=place.__getitem__)))
        for qubits in members
    )
    return Plan(prepared, tuple(clusters), tuple(rest), blocks)


def _tiled(
    circuit: CompiledCircuit, operations: list[Operation], diagonal: set[Operation], width: int
) -> tuple[Block, ...]:
    """Group operations on neighbouring qubits, on a ring, in tiles that are shifted by a half."""
    count = circuit.num_qubits
    tiles = [
        [{q % count for q in range(k, min(k + width, shift + count))} for k in starts]
        for shift in (0, width // 2)
        for starts in [range(shift, shift + count, width)]
    ]
    blocks: list[Block] = []
    while operations:
        before = len(operations)
        for tile in (tile for row in tiles for tile in row):
            taken, operations = _taken(circuit, operations, tile, diagonal)
            if taken:
                qubits = tuple(sorted({q for op in taken for q in op.qubits}))
                blocks.append(Block(qubits, tuple(taken), False))
        if len(operations) == before:
            block, operations = _next_block(circuit, operations, width)
            blocks.append(block)
    return tuple(blocks)


def _merged(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Make one block of two in turn that are small together."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else block
        joined = tuple(sorted({*last.qubits, *block.qubits}))
        alone = any(b.batched or b.active is not None for b in (last, block))
        if found and len(joined) <= WIDTH and not alone:
            found[-1] = Block(joined, last.operations + block.operations, False)
        else:
            found.append(block)
    return tuple(found)


def _taken(
    circuit: CompiledCircuit,
    operations: list[Operation],
    qubits: set[int],
    diagonal: set[Operation],
) -> tuple[list[Operation], list[Operation]]:
    """Split off the operations on some qubits that can come first: diagonal ones commute."""
    taken: list[Operation] = []
    left: list[Operation] = []
    blocked: set[int] = set()
    blocked_by_any: set[int] = set()
    for number, op in enumerate(operations):
        if blocked.issuperset(qubits):
            return taken, left + operations[number:]
        behind = blocked if op in diagonal else blocked_by_any
        fits = qubits.issuperset(op.qubits) and not _is_alone(circuit, op, WIDTH)
        if fits and behind.isdisjoint(op.qubits):
            taken.append(op)
        else:
            left.append(op)
            blocked_by_any.update(op.qubits)
            blocked.update(() if op in diagonal else op.qubits)
    return taken, left


def _is_diagonal(op: Operation) -> bool:
    return op.active is None and op.is_diagonal


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
