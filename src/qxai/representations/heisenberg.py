"""A circuit split into an encoding and the observable that the rest of it evolves to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qxai.backends.statevector import final_states, qubit_states
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, ComplexArray
from qxai.memory import check_size, kept_with
from qxai.representations.propagation import evolved_observable
from qxai.representations.transfer import pauli_activations
from qxai.separation import is_separable


@dataclass(frozen=True, eq=False)
class Group:
    """Qubits that the encoding leaves in a state of their own, and the features it depends on."""

    qubits: tuple[int, ...]
    features: tuple[int, ...]


@kept_with
def split(circuit: CompiledCircuit) -> tuple[CompiledCircuit, CompiledCircuit]:
    """Split into an encoding, as short as possible, and a part that no feature enters.

    The second keeps the places of noise. They matter where encoded qubits are depolarised on
    purpose; such an encoding has gates on one qubit only, with which the channels commute.
    """
    blocked: set[int] = set()
    encoding: list[Operation] = []
    rest: list[Operation] = []
    for op in circuit.operations[::-1]:
        if circuit.uses_features(op) or not blocked.isdisjoint(op.qubits):
            blocked.update(op.qubits)
            encoding.append(op)
        else:
            rest.append(op)
    return (
        replace(circuit, operations=tuple(encoding[::-1]), sites=()),
        replace(circuit, operations=tuple(rest[::-1])),
    )


def groups(encoding: CompiledCircuit) -> list[Group]:
    """Return the sets of qubits that the encoding's gates connect."""
    connected = [{q} for q in range(encoding.num_qubits)]
    for op in encoding.operations:
        touched = [qubits for qubits in connected if not qubits.isdisjoint(op.qubits)]
        connected = [qubits for qubits in connected if qubits not in touched]
        connected.append(set().union(*touched))
    return [_group(encoding, qubits) for qubits in sorted(connected, key=min)]


def product_groups(encoding: CompiledCircuit, user: str = "qlrp, pauli_polynomial") -> list[Group]:
    """Return the groups of an encoding that entangles nothing: one qubit each.

    Raises
    ------
    ValueError
        If a gate joins qubits.
    """
    parts = groups(encoding)
    for part in parts:
        if len(part.qubits) > 1:
            names = ", ".join(str(encoding.qubits[q]) for q in part.qubits)
            works = "shapley, occlusion and taylor explain such a model"
            if is_separable(encoding):
                works = "shapley and taylor work for such a model, and qlrp with a baseline"
            raise ValueError(
                f"{user}: expected a product encoding followed by a circuit without "
                f"features, found qubits {names} joined by a gate before the last feature enters; "
                f"{works}"
            )
    return parts


def owners(encoding: CompiledCircuit) -> Array:
    """Return the share of each feature in each encoded qubit, (Q, d): equal among its features."""
    encoded = [part for part in product_groups(encoding) if part.features]
    result = np.zeros((len(encoded), len(encoding.angles.features)))
    for row, part in zip(result, encoded):
        row[list(part.features)] = 1 / len(part.features)
    return result


def _group(encoding: CompiledCircuit, qubits: set[int]) -> Group:
    entering: set[int] = set()
    for op in encoding.operations:
        if op.angle is not None and op.qubits[0] in qubits:
            entering.update(encoding.angles.entering(op.angle))
    return Group(tuple(sorted(qubits)), tuple(sorted(entering)))


def joined_by_features(parts: Sequence[Group]) -> list[Group]:
    """Join groups until no feature is in two of them."""
    joined: list[Group] = []
    for part in parts:
        same = [other for other in joined if set(other.features) & set(part.features)]
        joined = [other for other in joined if other not in same]
        members = [part, *same]
        qubits = sorted(q for member in members for q in member.qubits)
        features = sorted({i for member in members for i in member.features})
        joined.append(Group(tuple(qubits), tuple(features)))
    return joined


def group_activations(
    encoding: CompiledCircuit, group: Group, X: Array, parameters: Array
) -> Array:
    """Return the Pauli expectation values of a group's qubits, shape (N, 4^s)."""
    check_size(16 * len(X) * 4 ** len(group.qubits), "the states of the encoding")
    return pauli_activations(group_vectors(encoding, group, X, parameters))


def qubit_activations(encoding: CompiledCircuit, X: Array, parameters: Array) -> Array:
    """Return the Bloch vectors of all qubits of an encoding without joint gates, (n, N, 4)."""
    columns = qubit_states(encoding, X, parameters)
    return pauli_activations(np.concatenate(columns, axis=1)).reshape(len(columns), len(X), 4)


def group_vectors(
    encoding: CompiledCircuit, group: Group, X: Array, parameters: Array
) -> ComplexArray:
    """Return the state vectors of a group's qubits, shape (2^s, N)."""
    place = {q: i for i, q in enumerate(group.qubits)}

    def moved(op: Operation) -> Operation:
        return replace(op, qubits=tuple(place[q] for q in op.qubits))

    operations = tuple(moved(op) for op in encoding.operations if op.qubits[0] in place)
    qubits = tuple(encoding.qubits[q] for q in group.qubits)
    alone = replace(encoding, qubits=qubits, operations=operations, sites=())
    return final_states(alone, X, parameters)


def project(
    rest: CompiledCircuit,
    parameters: Array,
    parts: Sequence[Group],
    bases: Sequence[Array],
) -> Array:
    """Expand ``Tr(ρO)``, ``O = U† M U``, in functions of each group's state.

    Parameters
    ----------
    rest : CompiledCircuit
        The circuit ``U`` with its observable ``M``.
    parameters : ndarray, shape (P,)
    parts : sequence of Group
        Together all qubits.
    bases : sequence of ndarrays, shapes (K, 4^s)
        For each group: its Pauli expectation values are ``Σ_k φ_k B_k``.

    Returns
    -------
    ndarray, shape (K_1, …)
        One axis for each group.

    Raises
    ------
    ValueError
        If the observable or the result would not fit in memory.
    """
    check_size(16 * math.prod(len(basis) for basis in bases), "the expansion")
    support, tensor = evolved_observable(rest, parameters)
    order = [support.index(q) for part in parts for q in part.qubits if q in support]
    tensor = tensor.transpose(order)
    # Each step takes one group off the front and appends its new axis at the end.
    for part, basis in zip(parts, bases):
        letters = basis.reshape(len(basis), *(4,) * len(part.qubits))
        # Where the observable acts as the identity, only that letter counts.
        letters = letters[(slice(None), *(slice(None) if q in support else 0 for q in part.qubits))]
        flat = letters.reshape(len(basis), -1)
        tensor = tensor.reshape(flat.shape[1], -1).T @ flat.T
    return np.ascontiguousarray(tensor).reshape([len(basis) for basis in bases])
