"""Light cones: the part of a circuit that each term of an observable sees.

What acts on no qubit of a term, nor on one that such gates join to it later, cancels in
``U† M U``. So a shallow circuit on many qubits is a sum of small ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cirq

from qxai.compiled import CompiledCircuit, Operation
from qxai.memory import kept_with
from qxai.observable import Observable

FEW = 9  # qubits up to which a whole circuit is simple enough
GAIN = 4  # how many times fewer numbers cones have to take


@dataclass(frozen=True, eq=False)
class Cone:
    """A circuit on the qubits that some terms of the observable see, and what enters it.

    Attributes
    ----------
    circuit : CompiledCircuit
        With these terms as its observable; the constant is left out. Angles are those of the
        whole circuit.
    features : tuple of int
        Ascending.
    """

    circuit: CompiledCircuit
    features: tuple[int, ...]

    @property
    def numbers(self) -> int:
        """How many numbers a run of it goes through."""
        return numbers(self.circuit)


def numbers(circuit: CompiledCircuit) -> int:
    """Return how many numbers a run of a circuit goes through: its states', gate by gate."""
    return (1 + len(circuit.operations)) << circuit.num_qubits


@kept_with
def cones(circuit: CompiledCircuit) -> tuple[Cone, ...] | None:
    """Return the light cones of the observable's terms; None if the whole circuit is no dearer.

    A term whose cone lies within another's qubits is taken together with that.
    """
    if circuit.num_qubits <= FEW or not isinstance(circuit.observable, Observable):
        return None
    reached = [_reached(circuit, term) for term in circuit.observable.pauli_sum]
    groups: dict[frozenset[int], list[Any]] = {}
    order = sorted(zip(reached, circuit.observable.pauli_sum), key=lambda pair: -len(pair[0]))
    for qubits, term in order:
        cover = next((other for other in groups if qubits <= other), qubits)
        groups.setdefault(cover, []).append(term)
    found = tuple(_cone(circuit, qubits, terms) for qubits, terms in groups.items())
    return found if GAIN * sum(cone.numbers for cone in found) < numbers(circuit) else None


@kept_with
def sights(circuit: CompiledCircuit) -> tuple[frozenset[int], ...]:
    """Return the sets of qubits that the observable's terms see, those within others left out."""
    seen = {_reached(circuit, term) for term in circuit.observable.pauli_sum}
    largest: list[frozenset[int]] = []
    for qubits in sorted(seen, key=lambda one: (-len(one), sorted(one))):
        if not any(qubits <= other for other in largest):
            largest.append(qubits)
    return tuple(largest)


def _reached(circuit: CompiledCircuit, term: cirq.PauliString[Any]) -> frozenset[int]:
    """Return the qubits that a term sees."""
    return _seen(circuit, [term])[0]


def _seen(
    circuit: CompiledCircuit, terms: Sequence[cirq.PauliString[Any]]
) -> tuple[frozenset[int], tuple[Operation, ...]]:
    """Return the qubits that some terms see, and the gates that they meet.

    On a qubit read out in Z, or that only diagonal gates have joined, the operator is diagonal
    itself, so a diagonal gate there cancels: a chain of CZ joins neighbours, in whatever order it
    is written.
    """
    position = {q: i for i, q in enumerate(circuit.qubits)}
    letters = [(position[q], pauli) for term in terms for q, pauli in term.items()]
    any_ = {q for q, pauli in letters if pauli != cirq.Z}
    diagonal = {q for q, _ in letters} - any_
    kept: list[Operation] = []
    for op in circuit.operations[::-1]:
        if op.is_diagonal and not any_.isdisjoint(op.qubits):
            kept.append(op)
            diagonal.update(set(op.qubits) - any_)
        elif not op.is_diagonal and not (any_ | diagonal).isdisjoint(op.qubits):
            kept.append(op)
            any_.update(op.qubits)
            diagonal.difference_update(op.qubits)
    return frozenset(any_ | diagonal), tuple(reversed(kept))


def _cone(circuit: CompiledCircuit, reached: frozenset[int], terms: Sequence[Any]) -> Cone:
    """Return the gates that are not cancelled, on the qubits that they join."""
    kept = _seen(circuit, terms)[1]
    place = {q: i for i, q in enumerate(sorted(reached))}
    operations = tuple(replace(op, qubits=tuple(place[q] for q in op.qubits)) for op in kept)
    qubits = tuple(circuit.qubits[q] for q in place)
    observable = Observable.of(sum(terms, cirq.PauliSum()), qubits)
    entering = {i for op in kept if op.angle is not None for i in circuit.angles.entering(op.angle)}
    alone = replace(circuit, qubits=qubits, operations=operations, observable=observable, sites=())
    return Cone(alone, tuple(sorted(entering)))
