"""A circuit as a linear network on Pauli expectation values, layer by layer.

An activation vector holds ``a_P = Tr(ρP)`` for all ``4^n`` strings, the first qubit slowest. A
layer multiplies it by the real orthogonal matrix ``T_{PQ} = Tr(P U Q U†) / 2^n``, a tensor product
of one small matrix for each group of qubits that its gates join.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qxai.angles import Scalar
from qxai.backends.blocks import block_gates, block_matrix
from qxai.backends.frame import Frame
from qxai.backends.fusion import Block
from qxai.compiled import CompiledCircuit, Operation
from qxai.contraction import outer
from qxai.core import Array
from qxai.memory import LIMIT, check_size
from qxai.quadrature import unit_gauss_legendre
from qxai.representations import heisenberg
from qxai.representations.transfer import pauli_transfer


@dataclass(frozen=True, eq=False)
class TransferBlock:
    """A Pauli transfer matrix on some qubits, and what it becomes where its feature is present.

    Attributes
    ----------
    qubits : tuple of int
    feature : int or None
        The feature that enters; None if none does.
    matrix : ndarray, shape (4^k, 4^k) or (4^k, 4^k, N)
        With the feature at its baseline.
    present : ndarray, shape (4^k, 4^k, N)
        With the feature at its input; the same as ``matrix`` without a feature.
    """

    qubits: tuple[int, ...]
    feature: int | None
    matrix: Array
    present: Array


@dataclass(frozen=True, eq=False)
class PauliLayer:
    """One layer: blocks on disjoint qubits. All methods take and return vectors (4^n, N)."""

    blocks: tuple[TransferBlock, ...]

    @property
    def features(self) -> tuple[int, ...]:
        """The features that enter this layer."""
        return tuple(sorted({b.feature for b in self.blocks if b.feature is not None}))

    def forward(self, activations: Array) -> Array:
        """Multiply by ``T``, features at their baselines."""
        return _applied(activations, [(b.matrix, b.qubits) for b in self.blocks])

    def backward(self, coefficients: Array) -> Array:
        """Multiply by ``Tᵀ``."""
        return _applied(coefficients, [(b.matrix.swapaxes(0, 1), b.qubits) for b in self.blocks])

    def forward_absolute(self, activations: Array) -> Array:
        """Multiply by ``|T|``: the absolute value of a tensor product is that of its factors."""
        return _applied(activations, [(np.abs(b.matrix), b.qubits) for b in self.blocks])

    def backward_absolute(self, coefficients: Array) -> Array:
        """Multiply by ``|T|ᵀ``."""
        matrices = [(np.abs(b.matrix).swapaxes(0, 1), b.qubits) for b in self.blocks]
        return _applied(coefficients, matrices)

    def contributions(self, activations: Array) -> list[Array]:
        """Share what the inputs change, ``T(x) a − T(x̃) a``, among the layer's features.

        Each gets its Shapley value, by the diagonal formula: at a node ``t`` every feature is
        present with probability ``t``, and all gates of a feature share one coin.
        """
        features = self.features
        fixed = [(b.matrix, b.qubits) for b in self.blocks if b.feature is None]
        start = _applied(activations, fixed)
        totals = [np.zeros_like(activations) for _ in features]
        for t, weight in zip(*unit_gauss_legendre(-(-len(features) // 2))):
            for total, change in zip(totals, self._changes(features, start, t)):
                total += weight * change
        return totals

    def _changes(self, features: Sequence[int], vector: Array, t: float) -> list[Array]:
        """Apply all features' mixtures but one, and that one's change, for each; by halves."""
        if len(features) == 1:
            return [self._moved(features[0], vector, -1.0, 1.0)]
        left, right = features[: len(features) // 2], features[len(features) // 2 :]
        return self._changes(left, self._mixed(right, vector, t), t) + self._changes(
            right, self._mixed(left, vector, t), t
        )

    def _mixed(self, features: Sequence[int], vector: Array, t: float) -> Array:
        for feature in features:
            vector = self._moved(feature, vector, 1 - t, t)
        return vector

    def _moved(self, feature: int, vector: Array, absent: float, present: float) -> Array:
        mine = [b for b in self.blocks if b.feature == feature]
        without = _applied(vector, [(b.matrix, b.qubits) for b in mine])
        return absent * without + present * _applied(vector, [(b.present, b.qubits) for b in mine])


@dataclass(frozen=True, eq=False)
class PauliNetwork:
    """Layers with the activations that enter the first and the coefficients read out at the last.

    Attributes
    ----------
    initial : ndarray, shape (4^n, N)
    layers : tuple of PauliLayer
    measured : ndarray, shape (4^n, 1)
        Coefficients ``m_P`` of the observable: the output is ``Σ_P m_P a_P``.
    """

    initial: Array
    layers: tuple[PauliLayer, ...]
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
    size = 4**circuit.num_qubits
    check_size(16 * size * (len(groups) + 2), f"activations of {len(groups)} layers")
    measured = np.zeros((size, 1))
    places = 4 ** np.arange(circuit.num_qubits)[::-1]
    strings, coefficients = circuit.observable.strings
    np.add.at(measured[:, 0], strings @ places, coefficients)
    step = max(1, LIMIT // (64 * size * (len(groups) + 2)))
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        after = circuit.angles.values(X[rows], parameters)
        before = None if baseline is None else circuit.angles.values(baseline[rows], parameters)
        layers = tuple(_layer(circuit, group, before, after) for group in groups)
        count = len(X[rows])
        initial = _ground(circuit.num_qubits, count) if prepared is None else prepared(rows)
        yield rows, PauliNetwork(initial, layers, measured)


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

    def prepared(rows: slice) -> Array:
        return product_activations(encoding, X[rows], parameters)

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


def product_activations(encoding: CompiledCircuit, X: Array, parameters: Array) -> Array:
    """Return the activations (4^n, N) of an encoding that entangles no qubits."""
    parts = heisenberg.groups(encoding)
    bloch = [heisenberg.group_activations(encoding, part, X, parameters) for part in parts]
    return outer([one.T for one in bloch])


def _ground(n: int, count: int) -> Array:
    return outer([np.tile([[1.0], [0.0], [0.0], [1.0]], count)] * n)


def _applied(vector: Array, matrices: Sequence[tuple[Array, tuple[int, ...]]]) -> Array:
    """Multiply a vector (4^n, N) by matrices on some qubits."""
    n = (len(vector).bit_length() - 1) // 2
    frame = Frame(vector.reshape((4,) * n + (-1,)))
    for matrix, qubits in matrices:
        frame.multiply(matrix, qubits)
    return frame.canonical()


def _layer(
    circuit: CompiledCircuit,
    operations: Sequence[Operation],
    before: list[Scalar] | None,
    after: list[Scalar],
) -> PauliLayer:
    return PauliLayer(
        tuple(_transfer_block(circuit, joined, before, after) for joined in _joined(operations))
    )


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
    before: list[Scalar] | None,
    after: list[Scalar],
) -> TransferBlock:
    features = {
        i for op in operations if op.angle is not None for i in circuit.angles.entering(op.angle)
    }
    if before is not None and len(features) > 1:
        names = ", ".join(str(circuit.angles.features[i]) for i in sorted(features))
        raise ValueError(
            f"qlrp: expected at most one feature in each gate of the circuit, found {names} in "
            "one; put their gates into moments of their own"
        )
    qubits = tuple(sorted({q for op in operations for q in op.qubits}))
    check_size(16 * 16 ** len(qubits), f"a gate or layer that joins {len(qubits)} qubits")
    block = Block(qubits, tuple(operations), bool(features))
    present = pauli_transfer(block_matrix(block, block_gates(block, after)))
    if before is None or not features:
        return TransferBlock(qubits, None, present, present)
    absent = pauli_transfer(block_matrix(block, block_gates(block, before)))
    return TransferBlock(qubits, features.pop(), absent, present)
