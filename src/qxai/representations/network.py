"""A circuit as a linear network on Pauli expectation values, layer by layer.

An activation vector holds ``a_P = Tr(ρP)`` for all ``4^n`` strings, the first qubit slowest. A
layer multiplies it by the real orthogonal matrix ``T_{PQ} = Tr(P U Q U†) / 2^n``, a tensor product
of one small matrix for each group of qubits that its gates join.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from qxai.angles import Scalar
from qxai.backends.blocks import block_gates, block_matrix
from qxai.backends.fusion import Block
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array
from qxai.memory import LIMIT, check_size
from qxai.representations import heisenberg
from qxai.representations.commuting import Part, by_feature
from qxai.representations.layers import PauliLayer, Permutation, TransferBlock
from qxai.representations.transfer import pauli_transfer

Layer = PauliLayer | Permutation
Permutations = dict[tuple[tuple[tuple[int, ...], bytes], ...], Permutation]  # by their blocks
CACHED = 2**19  # bytes of an array of activations; a few of them fit into the cache of a core


@dataclass(frozen=True, eq=False)
class PauliNetwork:
    """Layers with the activations that enter the first and the coefficients read out at the last.

    Attributes
    ----------
    initial : ndarray, shape (4^n, N)
    layers, shortened : tuples of PauliLayer and Permutation
        In the second, neighbouring layers that only permute strings and change signs are taken
        together.
    measured : ndarray, shape (4^n, 1)
        Coefficients ``m_P`` of the observable: the output is ``Σ_P m_P a_P``.
    """

    initial: Array
    layers: tuple[Layer, ...]
    shortened: tuple[Layer, ...]
    measured: Array


def networks(
    circuit: CompiledCircuit,
    X: Array,
    parameters: Array,
    baseline: Array | None,
    groups: Sequence[Sequence[Operation]],
    prepared: Callable[[slice], Array] | None = None,
) -> Iterator[tuple[slice, PauliNetwork]]:
    """Build the network for a few inputs at a time, so that all its activations fit in memory.

    Parameters
    ----------
    circuit : CompiledCircuit
    X : ndarray, shape (N, d)
    baseline : ndarray, shape (N, d), or None
        Where features are while absent; None if they are always at the input and enter nowhere.
    parameters : ndarray, shape (P,)
    groups : sequence of sequences of Operation
        The layers.
    prepared : callable, optional
        The initial activations of some rows; those of |0…0⟩ by default.

    Yields
    ------
    rows : slice
    network : PauliNetwork
    """
    n, size = circuit.num_qubits, 4**circuit.num_qubits
    check_size(16 * size * (len(groups) + 2), f"activations of {len(groups)} layers")
    measured = np.zeros((size, 1))
    strings, coefficients = circuit.observable.strings
    np.add.at(measured[:, 0], strings @ 4 ** np.arange(n)[::-1], coefficients)
    permutations: Permutations = {}
    shared = _shared_layers(circuit, groups, X, parameters, permutations)
    short_parts = _shortened(shared, n, permutations)
    apart = [_parts(circuit, ops, None if baseline is None else parameters) for ops in groups]
    for rows in _slices(len(X), LIMIT // (64 * size * (len(groups) + 2))):
        after = circuit.angles.values(X[rows], parameters)
        before = None if baseline is None else circuit.angles.values(baseline[rows], parameters)
        built = [
            layer or _layer(circuit, parts, before, after) for layer, parts in zip(shared, apart)
        ]
        for few in _slices(len(X[rows]), CACHED // (8 * size)):
            layers = tuple(layer.rows(few) for layer in built)
            short = tuple(layers[part] if isinstance(part, int) else part for part in short_parts)
            here = slice(rows.start + few.start, rows.start + few.stop)
            initial = _ground(n, here.stop - here.start) if prepared is None else prepared(here)
            yield here, PauliNetwork(initial, layers, short, measured)


def moment_networks(
    circuit: CompiledCircuit,
    X: Array,
    parameters: Array,
    baseline: Array,
    moments_per_layer: int,
) -> Iterator[tuple[slice, PauliNetwork]]:
    """Build the whole circuit's networks, with features absent at a baseline."""
    groups = by_moment(circuit, moments_per_layer)
    return networks(circuit, X, parameters, baseline, groups)


def encoded_networks(
    circuit: CompiledCircuit, X: Array, parameters: Array, moments_per_layer: int
) -> Iterator[tuple[slice, PauliNetwork]]:
    """Build the networks behind a product encoding."""
    encoding, rest = heisenberg.split(circuit)
    heisenberg.product_groups(encoding)
    bloch = heisenberg.qubit_activations(encoding, X, parameters)

    def prepared(rows: slice) -> Array:
        return _product([one[rows] for one in bloch])

    return networks(rest, X, parameters, None, by_moment(rest, moments_per_layer), prepared)


def gate_networks(
    circuit: CompiledCircuit, X: Array, parameters: Array
) -> Iterator[tuple[slice, PauliNetwork]]:
    """Build the whole circuit's networks with one gate a layer."""
    return networks(circuit, X, parameters, None, by_source(circuit))


def by_moment(circuit: CompiledCircuit, moments_per_layer: int) -> list[list[Operation]]:
    """Group operations by moment; neighbouring moments without features are taken together."""
    moments: dict[int, list[Operation]] = {}
    for op in circuit.operations:
        moments.setdefault(op.moment, []).append(op)
    layers: list[list[Operation]] = []
    room = 0
    for operations in moments.values():
        encoding = any(map(circuit.uses_features, operations))
        if encoding or room == 0:
            layers.append([])
            room = 1 if encoding else moments_per_layer
        layers[-1].extend(operations)
        room -= 1
    return layers


def by_source(circuit: CompiledCircuit) -> list[list[Operation]]:
    """Group operations by the gate of the circuit that they are or come from."""
    sources: dict[int, list[Operation]] = {}
    for op in circuit.operations:
        sources.setdefault(op.source, []).append(op)
    return list(sources.values())


def _product(vectors: Sequence[Array]) -> Array:
    """Multiply vectors (N, 4) of all qubits out, (4^n, N), each input's in one piece."""
    product = vectors[-1]
    for vector in vectors[-2::-1]:
        product = (vector[:, :, None] * product[:, None]).reshape(len(vector), -1)
    return product.T


def _ground(n: int, count: int) -> Array:
    return _product([np.tile([1.0, 0.0, 0.0, 1.0], (count, 1))] * n)


def _slices(count: int, step: int) -> Iterator[slice]:
    for start in range(0, count, max(1, step)):
        yield slice(start, min(count, start + max(1, step)))


def _shared_layers(
    circuit: CompiledCircuit,
    groups: Sequence[Sequence[Operation]],
    X: Array,
    parameters: Array,
    known: Permutations,
) -> list[Layer | None]:
    """Return the layers that are the same for all inputs; None where features enter."""
    angles = circuit.angles.values(X, parameters)
    result: list[Layer | None] = []
    for group in groups:
        if any(map(circuit.uses_features, group)):
            result.append(None)
            continue
        layer = _layer(circuit, _parts(circuit, group, None), None, angles)
        # Neighbours are multiplied faster than strings are permuted one by one.
        by_string = layer.permutes and layer.scattered
        result.append(_permutation(layer.blocks, layer.num_qubits, known) if by_string else layer)
    return result


def _shortened(layers: Sequence[Layer | None], n: int, known: Permutations) -> list[int | Layer]:
    """Take neighbouring permutations together; the other layers are left, by position."""

    def permutes(position: int) -> bool:
        layer = layers[position]
        return layer is not None and layer.permutes

    result: list[int | Layer] = []
    for joining, group in groupby(range(len(layers)), key=permutes):
        run = list(group)
        if joining and len(run) > 1:
            found = [layer for layer in layers[run[0] : run[-1] + 1] if layer is not None]
            result.append(_permutation([b for layer in found for b in layer.blocks], n, known))
        else:
            result.extend(run)
    return result


def _permutation(blocks: Sequence[TransferBlock], n: int, known: Permutations) -> Permutation:
    """Return blocks as one permutation; a ring that comes again is laid out once."""
    key = tuple((b.qubits, np.rint(b.matrix).astype(np.int8).tobytes()) for b in blocks)
    return known.setdefault(key, Permutation(n, tuple(blocks)))


def _layer(
    circuit: CompiledCircuit,
    parts: Sequence[Part],
    before: list[Scalar] | None,
    after: list[Scalar],
) -> PauliLayer:
    blocks = [_transfer_block(circuit, *part, before, after) for part in parts]
    return PauliLayer(circuit.num_qubits, tuple(blocks))


def _parts(
    circuit: CompiledCircuit, operations: Sequence[Operation], parameters: Array | None
) -> list[Part]:
    """Cut a layer into groups on disjoint qubits, and where relevance is shared by features."""
    joined = _joined(operations)
    return [part for group in joined for part in by_feature(circuit, group, parameters)]


def _joined(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Group operations that share qubits, in order."""
    groups: list[list[Operation]] = []
    for op in operations:
        touched = [g for g in groups if any(set(op.qubits) & set(o.qubits) for o in g)]
        groups = [g for g in groups if g not in touched]
        groups.append([o for g in touched for o in g] + [op])
    return groups


def _transfer_block(
    circuit: CompiledCircuit,
    operations: Sequence[Operation],
    qubits: tuple[int, ...],
    before: list[Scalar] | None,
    after: list[Scalar],
) -> TransferBlock:
    features = {
        i for op in operations if op.angle is not None for i in circuit.angles.entering(op.angle)
    }
    check_size(16 * 16 ** len(qubits), f"a gate or layer that joins {len(qubits)} qubits")
    block = Block(qubits, tuple(operations), bool(features))
    present = pauli_transfer(block_matrix(block, block_gates(block, after)))
    if before is None or not features:
        return TransferBlock(qubits, None, present, present)
    absent = pauli_transfer(block_matrix(block, block_gates(block, before)))
    return TransferBlock(qubits, features.pop(), absent, present)
