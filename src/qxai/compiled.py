"""A ``cirq.Circuit`` reduced to what numerics need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cirq
import numpy as np
import sympy

from qxai.angles import AngleTable, Scalar
from qxai.core import Array, ComplexArray
from qxai.exponents import exponent, real
from qxai.observable import Observable
from qxai.spectra import components, exponent_of, gate_of, has_spectrum, refusal, with_exponent


@dataclass(frozen=True, eq=False)
class Operation:
    """A gate ``Σ_j exp(iπ h_j e) P_j`` with exponent ``e`` on some qubits.

    A gate without parameters is the one component with ``h = 0`` and ``P`` its unitary.

    Attributes
    ----------
    gate : cirq.Gate
        The gate, its exponent replaced by a symbol of its own where it has one.
    qubits : tuple of int
        Positions of its qubits, most significant first.
    moment : int
        Moment of the circuit that it comes from.
    source : int
        Which of ``circuit.all_operations()`` it is, or is a part of.
    angle : int or None
        Row of the angle table that holds its exponent; None for a gate without parameters.
    half_turns : ndarray, shape (J,)
        Eigenvalues ``h_j`` of the generator, in half turns.
    projectors : ndarray, shape (J, K, K)
        Projectors ``P_j`` on its eigenspaces, ``K = 2**len(qubits)``; of a gate with many controls
        those on its targets alone.
    active : tuple of int or None
        Of a gate with many controls the control states, as numbers, in which it acts; None for a
        gate whose matrix is written out.
    """

    gate: cirq.Gate
    qubits: tuple[int, ...]
    moment: int
    source: int
    angle: int | None
    half_turns: Array
    projectors: ComplexArray
    active: tuple[int, ...] | None = None

    def matrix(self, exponents: Sequence[Scalar]) -> ComplexArray:
        """Return its unitary: (K, K), or (K, K, N) where its exponent differs in a batch.

        Of a gate with many controls it is the unitary on the targets.
        """
        exponent = 0.0 if self.angle is None else np.asarray(exponents[self.angle])
        phases = np.exp(1j * np.pi * np.multiply.outer(self.half_turns, exponent))
        return (self._flat @ phases).reshape(self.projectors.shape[1:] + phases.shape[1:])

    @cached_property
    def _flat(self) -> ComplexArray:
        return np.ascontiguousarray(self.projectors.reshape(len(self.projectors), -1).T)

    @cached_property
    def is_diagonal(self) -> bool:
        """Whether it only turns phases of bit strings."""
        rows = np.arange(self.projectors.shape[1])
        return not np.any(self.projectors[:, rows[:, None] != rows])

    @cached_property
    def generator(self) -> ComplexArray:
        """``H = Σ_j h_j P_j``, so that ``dU/de = iπ H U``."""
        return np.tensordot(self.half_turns, self.projectors, axes=1)

    def frequencies(self, slope: float) -> Array:
        """Return the distinct positive frequencies (per radian of the feature) of the gate."""
        idle = () if self.active is None else (0.0,)  # where the controls are off nothing turns
        return np.pi * abs(slope) * _gaps((*self.half_turns.tolist(), *idle))


@dataclass(frozen=True, eq=False)
class CompiledCircuit:
    """Operations, angles and observable of a parametrised circuit.

    Attributes
    ----------
    qubits : tuple of cirq.Qid
    operations : tuple of Operation
    angles : AngleTable
    observable : Observable
    sites : tuple of (int, int)
        Source and qubit of every place behind a gate of the circuit as it was given, identities
        included: where a noisy device has a channel.
    """

    qubits: tuple[cirq.Qid, ...]
    operations: tuple[Operation, ...]
    angles: AngleTable
    observable: Observable
    sites: tuple[tuple[int, int], ...] = ()

    @property
    def num_qubits(self) -> int:
        """Number of qubits ``n``."""
        return len(self.qubits)

    @cached_property
    def template(self) -> cirq.Circuit:
        """The circuit with the symbol ``angle_g`` as exponent of each parametrised gate."""
        moments: dict[int, list[cirq.Operation]] = {}
        for op in self.operations:
            moments.setdefault(op.moment, []).append(self.placed(op))
        return cirq.Circuit(cirq.Circuit(operations) for operations in moments.values())

    def placed(self, op: Operation) -> cirq.Operation:
        """Return an operation as Cirq has it, on the circuit's qubits."""
        return op.gate.on(*(self.qubits[q] for q in op.qubits))

    def without(self, sources: Collection[int]) -> "CompiledCircuit":
        """Return the circuit with some of its gates taken out, and their noise with them."""
        return replace(
            self,
            operations=tuple(op for op in self.operations if op.source not in sources),
            sites=tuple(site for site in self.sites if site[0] not in sources),
        )

    @cached_property
    def without_features(self) -> "CompiledCircuit":
        """The circuit with exponents that features enter at 0, for parts that have none."""
        return replace(self, angles=self.angles.fixed)

    def reduced(self, exponents: Array) -> Array:
        """Bring exponents (N, G) into one period, so that single precision does not lose them.

        Gates whose eigenvalues are multiples of half a half turn have the period 4.
        """
        result = exponents.copy()
        for op in self.operations:
            if op.angle is not None and np.allclose(2 * op.half_turns, np.rint(2 * op.half_turns)):
                result[:, op.angle] = (exponents[:, op.angle] + 2) % 4 - 2
        return result

    def uses_features(self, operation: Operation) -> bool:
        """Tell whether the gate differs within a batch."""
        return operation.angle is not None and bool(self.angles.entering(operation.angle))


def merged(values: Array, tolerance: float = 1e-12) -> Array:
    """Sort positive numbers and keep one of those that are equal up to a relative tolerance.

    The tolerance is that of sums in double precision, no more: what is merged is taken as equal.
    """
    ordered = np.sort(np.asarray(values, float))
    if not ordered.size:
        return ordered
    new = np.diff(ordered, prepend=-np.inf) > tolerance * ordered[-1]
    return ordered[new]


@lru_cache(maxsize=256)
def _gaps(half_turns: tuple[float, ...]) -> Array:
    """Return the distinct positive differences of a generator's eigenvalues."""
    gaps = np.abs(np.subtract.outer(half_turns, half_turns))
    return merged(gaps[gaps > 1e-9])


def angle_symbol(index: int) -> sympy.Symbol:
    """Return the symbol that stands for exponent ``index`` in a template circuit."""
    return sympy.Symbol(f"angle_{index}")


def compile_circuit(
    circuit: cirq.AbstractCircuit,
    features: tuple[sympy.Symbol, ...],
    parameters: tuple[sympy.Symbol, ...],
    observable: cirq.PauliSum,
) -> CompiledCircuit:
    """Reduce a circuit and an observable to operations, angles and masks.

    Raises
    ------
    ValueError
        If an operation is not unitary, or a parametrised gate has no spectrum to be found, or a
        qudit is no qubit.
    """
    qubits = tuple(sorted(circuit.all_qubits() | set(observable.qubits)))
    if wrong := [q for q in qubits if q.dimension != 2]:
        raise ValueError(f"circuit: expected qubits, found {wrong[0]!r} of another dimension")
    position = {q: i for i, q in enumerate(qubits)}
    expressions: list[sympy.Expr] = []
    operations = []
    for moment, source, op in _elementary(circuit):
        gate, angle = gate_of(op), None
        if cirq.is_parameterized(op):
            angle = len(expressions)
            expressions.append(exponent(sympy.sympify(exponent_of(gate))))
            gate = with_exponent(gate, angle_symbol(angle))
        on = tuple(position[q] for q in op.qubits)
        operations.append(Operation(gate, on, moment, source, angle, *components(gate)))
    table = AngleTable(tuple(expressions), tuple(map(real, features)), tuple(map(real, parameters)))
    sites = tuple(
        (source, position[q])
        for source, op in enumerate(circuit.all_operations())
        for q in op.qubits
    )
    return CompiledCircuit(
        qubits, tuple(operations), table, Observable.of(observable, qubits), sites
    )


def _elementary(circuit: cirq.AbstractCircuit) -> list[tuple[int, int, cirq.Operation]]:
    """Decompose what has no spectrum of its own; each part with its moment and its source."""
    placed = [(number, op) for number, moment in enumerate(circuit) for op in moment]
    return [
        (number, source, part)
        for source, (number, op) in enumerate(placed)
        for part in cirq.decompose(op, keep=has_spectrum, on_stuck_raise=refusal)
        if part.qubits and not isinstance(part.untagged.gate, cirq.IdentityGate)
    ]
