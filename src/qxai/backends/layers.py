"""Blocks of gates that a batch shares, as layers: all of their matrices in a few calls.

A layer is a product of gates on different qubits, behind a fixed gate that only permutes basis
states and turns their phases (CZ, CX, SWAP …). Its entry ``(a, b)`` is a product with one entry
of each gate, so positions are known once the circuit is; a block is the product of its layers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from qxai.backends.fusion import Block, Layer, layers_of
from qxai.backends.unitaries import ONE, ZERO, Gates
from qxai.compiled import Operation
from qxai.core import Array, ComplexArray, Indices

Qubits = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Runs:
    """R runs of as many gates T on as many qubits: ``index`` (T, R, K, K) of their entries."""

    index: Indices

    def entries(self, entries: ComplexArray) -> ComplexArray:
        """Multiply each run to one matrix, and return the entries."""
        product = entries[self.index[0]]
        for index in self.index[1:]:
            product = entries[index] @ product
        return product.ravel()


@dataclass(frozen=True, eq=False)
class Readings:
    """Where derivatives of R runs are read off: T gates each.

    ``places`` (R, K, K, rest) in the flattened ``W`` of all layers, to be summed over the rest;
    ``index`` (T, R, K, K) of the gates' entries, ``generators`` (T, R, K, K), transposed, and
    ``angles`` (T, R), of a gate without one that of the last row.
    """

    places: Indices
    index: Indices
    generators: ComplexArray
    angles: Indices

    def read(self, entries: ComplexArray, reduced: ComplexArray, result: Array) -> None:
        """Fill in ``∂f/∂e``, undoing the runs' gates from the last to the first."""
        local = reduced.ravel()[self.places].sum(axis=3)
        for step in range(len(self.index) - 1, -1, -1):
            traces = np.einsum("rab,rab->r", self.generators[step], local)
            result[self.angles[step]] = -2 * np.pi * traces.imag
            if step:
                local = _undone(entries[self.index[step]], local)


@dataclass(frozen=True, eq=False)
class Stack:
    """Blocks of one size K, those with most layers first.

    Attributes
    ----------
    blocks : tuple of Block
    counts : tuple of int
        How many of the blocks have a first, a second, … layer.
    index : ndarray, shape (F, L, K, K)
        Positions of the F factors of each entry; layers in the order first, second, ….
    phases : ndarray, shape (L, 1, K)
        Of the fixed gates in front of each layer.
    gates : Gates
    placed : list of (Block, Layer)
        The layers, each with its block.
    dump : int
        Number of exponents: where derivatives go that nobody asks for.
    """

    blocks: tuple[Block, ...]
    counts: tuple[int, ...]
    index: Indices
    phases: ComplexArray
    gates: Gates
    placed: list[tuple[Block, Layer]]
    dump: int

    @cached_property
    def readings(self) -> tuple[Readings, ...]:
        """Where derivatives are read off."""
        return _readings(self.gates, self.placed, self.dump)

    def layers(self, entries: ComplexArray) -> list[ComplexArray]:
        """Return the matrices of the first, the second, … layers: (blocks, K, K) each."""
        product = entries[self.index[0]]
        for index in self.index[1:]:
            product *= entries[index]
        product *= self.phases
        ends = np.cumsum(self.counts).tolist()
        return [product[end - count : end] for count, end in zip(self.counts, ends)]

    def matrices(self, layers: Sequence[ComplexArray]) -> ComplexArray:
        """Multiply the layers to blocks, (blocks, K, K)."""
        product = layers[0]
        for layer in layers[1:]:
            deeper = layer @ product[: len(layer)]
            product = np.concatenate([deeper, product[len(layer) :]])
        return product

    def derivatives(
        self,
        entries: ComplexArray,
        layers: Sequence[ComplexArray],
        reduced: ComplexArray,
        result: Array,
    ) -> None:
        """Fill in ``∂f/∂e``, given ``W`` behind each block, (blocks, K, K)."""
        behind = [reduced[: len(layers[-1])]]
        for layer, before in zip(layers[:0:-1], layers[-2::-1]):
            inner = _undone(layer, behind[0])
            behind.insert(0, np.concatenate([inner, reduced[len(layer) : len(before)]]))
        together = np.concatenate(behind)
        for readings in self.readings:
            readings.read(entries, together, result)


def _undone(gates: ComplexArray, reduced: ComplexArray) -> ComplexArray:
    """Return ``U† W U`` for each of a stack."""
    return gates.conj().swapaxes(1, 2) @ reduced @ gates


@dataclass(frozen=True, eq=False)
class Layout:
    """All blocks that a batch shares and that have a parameter."""

    runs: tuple[Runs, ...]
    stacks: tuple[Stack, ...]

    @classmethod
    def of(cls, gates: Gates, blocks: Sequence[Block], count: int) -> "Layout":
        """Lay blocks out; there are ``count`` exponents."""
        layers = {block: layers_of(block) for block in blocks}
        merged = [run for found in layers.values() for run in _runs(found) if len(run) > 1]
        starts, runs = _run_starts(gates, merged)
        sizes = sorted({len(block.qubits) for block in blocks})
        same = [[block for block in blocks if len(block.qubits) == size] for size in sizes]
        stacks = (_stack(gates, starts, {b: layers[b] for b in group}, count) for group in same)
        return cls(runs, tuple(stacks))

    def entries(self, entries: ComplexArray) -> ComplexArray:
        """Add what runs of gates multiply to."""
        return np.concatenate([entries, *(run.entries(entries) for run in self.runs)])


def _runs(layers: Sequence[Layer]) -> Iterator[list[Operation]]:
    return (run for layer in layers for run in layer.runs.values())


def _grouped(runs: Sequence[list[Operation]]) -> list[list[list[Operation]]]:
    groups: dict[tuple[int, int], list[list[Operation]]] = {}
    for run in runs:
        groups.setdefault((len(run[0].qubits), len(run)), []).append(run)
    return list(groups.values())


def _gate_index(gates: Gates, runs: Sequence[list[Operation]]) -> Indices:
    return np.array([[gates.index(op) for op in step] for step in zip(*runs)])


def _run_starts(
    gates: Gates, runs: Sequence[list[Operation]]
) -> tuple[dict[Operation, int], tuple[Runs, ...]]:
    """Return where the product of each run begins, by the run's first gate."""
    start = gates.size
    starts, found = {}, []
    for group in _grouped(runs):
        for run in group:
            starts[run[0]] = start
            start += run[0].projectors[0].size
        found.append(Runs(_gate_index(gates, group)))
    return starts, tuple(found)


def _stack(
    gates: Gates, starts: dict[Operation, int], layers: dict[Block, list[Layer]], count: int
) -> Stack:
    blocks = sorted(layers, key=lambda block: -len(layers[block]))
    deepest = len(layers[blocks[0]])
    placed = [(b, layers[b][k]) for k in range(deepest) for b in blocks if k < len(layers[b])]
    factors = [_factors(gates, starts, block, layer) for block, layer in placed]
    most = max(map(len, factors))
    size = 2 ** len(blocks[0].qubits)
    index = np.full((most, len(placed), size, size), ONE)
    phases = np.ones((len(placed), 1, size), np.complex128)
    for number, (block, layer) in enumerate(placed):
        images, phases[number, 0] = _monomial(block, layer.fixed)
        for k, factor in enumerate(factors[number]):
            index[k, number] = factor[:, images]
    counts = tuple(sum(k < len(layers[b]) for b in blocks) for k in range(deepest))
    return Stack(tuple(blocks), counts, index, phases, gates, placed, count)


def _factors(
    gates: Gates, starts: dict[Operation, int], block: Block, layer: Layer
) -> list[Indices]:
    """Return positions (K, K) of each run's entries, and of a delta for the idle qubits."""
    found = []
    for qubits, run in layer.runs.items():
        part = _part(block, qubits)
        start = starts.get(run[0], gates.starts[run[0]])
        found.append(start + part[:, None] * 2 ** len(qubits) + part)
    idle = tuple(q for q in block.qubits if not any(q in qubits for qubits in layer.runs))
    if idle:
        part = _part(block, idle)
        found.append(np.where(part[:, None] == part, ONE, ZERO))
    return found


def _part(block: Block, qubits: Qubits) -> Indices:
    """Return what each basis state of a block is on some of its qubits, (K,)."""
    return _bits(len(block.qubits), tuple(_shift(block, q) for q in qubits))


@lru_cache(maxsize=256)
def _bits(width: int, shifts: tuple[int, ...]) -> Indices:
    states = np.arange(2**width)
    part = np.zeros_like(states)
    for shift in shifts:
        part = 2 * part + (states >> shift & 1)
    return part


def _shift(block: Block, qubit: int) -> int:
    return len(block.qubits) - 1 - block.qubits.index(qubit)


def _monomial(block: Block, operations: Sequence[Operation]) -> tuple[Indices, ComplexArray]:
    """Return where fixed gates send each basis state, and with which phase."""
    images = np.arange(2 ** len(block.qubits))
    phases = np.ones(len(images), np.complex128)
    for op in operations:
        matrix = op.projectors[0]
        column = _part(block, op.qubits)[images]
        row = np.argmax(matrix != 0, axis=0)[column]
        phases = phases * matrix[row, column]
        for place, q in enumerate(op.qubits[::-1]):
            bit, shift = row >> place & 1, _shift(block, q)
            images = images & ~(1 << shift) | bit << shift
    return images, phases


def _readings(
    gates: Gates, placed: Sequence[tuple[Block, Layer]], count: int
) -> tuple[Readings, ...]:
    where = {
        id(run): (n, block) for n, (block, layer) in enumerate(placed) for run in _runs([layer])
    }
    runs = [run for _, layer in placed for run in _runs([layer])]
    learning = [run for run in runs if any(op.angle is not None for op in run)]
    return tuple(
        Readings(
            np.array([_places(*where[id(run)], run[0].qubits) for run in group]),
            _gate_index(gates, group),
            np.array([[_generator(op) for op in step] for step in zip(*group)]),
            np.array([[count if op.angle is None else op.angle for op in s] for s in zip(*group)]),
        )
        for group in _grouped(learning)
    )


def _generator(op: Operation) -> ComplexArray:
    return op.generator.T if op.angle is not None else np.zeros_like(op.projectors[0])


def _places(number: int, block: Block, qubits: Qubits) -> Indices:
    """Return the positions that the trace over a block's other qubits sums up, (K, K, rest)."""
    size = 2 ** len(block.qubits)
    rest = tuple(q for q in block.qubits if q not in qubits)
    states = np.lexsort((_part(block, rest), _part(block, qubits)))
    states = states.reshape(2 ** len(qubits), -1)
    return number * size**2 + states[:, None] * size + states
