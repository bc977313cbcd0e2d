"""A circuit split into an encoding and the observable that the rest of it evolves to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qxai.backends.statevector import evolved_observable, final_states
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, ComplexArray
from qxai.memory import check_size


@dataclass(frozen=True, eq=False)
class Group:
    """Qubits that the encoding leaves in a state of their own, and the features it depends on."""

    qubits: tuple[int, ...]
    features: tuple[int, ...]


def split(circuit: CompiledCircuit) -> tuple[CompiledCircuit, CompiledCircuit]:
    """Split into an encoding, as short as possible, and a part that no feature enters."""
    blocked: set[int] = set()
    encoding, rest = [], []
    for op in circuit.operations[::-1]:
        if circuit.uses_features(op) or not blocked.isdisjoint(op.qubits):
            blocked.update(op.qubits)
            encoding.append(op)
        else:
            rest.append(op)
    return (
        replace(circuit, operations=tuple(encoding[::-1])),
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


def product_groups(encoding: CompiledCircuit) -> list[Group]:
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
            raise ValueError(
                "qlrp, pauli_polynomial: expected a product encoding followed by a circuit without "
                f"features, found qubits {names} joined by a gate before the last feature enters; "
                "shapley and taylor work for such a model, and qlrp with a baseline"
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


def group_states(
    encoding: CompiledCircuit, group: Group, X: Array, parameters: Array
) -> ComplexArray:
    """Return the density matrices of a group's qubits, shape (N, 4^s), row index slowest."""
    check_size(16 * len(X) * 4 ** len(group.qubits), "the states of the encoding")
    states = group_vectors(encoding, group, X, parameters)
    return np.einsum("an,bn->nab", states, states.conj()).reshape(len(X), len(states) ** 2)


def group_vectors(
    encoding: CompiledCircuit, group: Group, X: Array, parameters: Array
) -> ComplexArray:
    """Return the state vectors of a group's qubits, shape (2^s, N)."""
    place = {q: i for i, q in enumerate(group.qubits)}

    def moved(op: Operation) -> Operation:
        return replace(op, qubits=tuple(place[q] for q in op.qubits))

    operations = tuple(moved(op) for op in encoding.operations if op.qubits[0] in place)
    qubits = tuple(encoding.qubits[q] for q in group.qubits)
    alone = replace(encoding, qubits=qubits, operations=operations)
    return final_states(alone, X, parameters)


def project(
    rest: CompiledCircuit,
    parameters: Array,
    parts: Sequence[Group],
    bases: Sequence[ComplexArray],
) -> Array:
    """Expand ``Tr(ρO)``, ``O = U† M U``, in a basis of each group's density matrices.

    Parameters
    ----------
    rest : CompiledCircuit
        The circuit ``U`` with its observable ``M``.
    parameters : ndarray, shape (P,)
    parts : sequence of Group
        Together all qubits.
    bases : sequence of ndarrays, shapes (K, 4^s)
        For each group, matrices ``B_k`` such that ``ρ = Σ_k φ_k B_k``.

    Returns
    -------
    ndarray, shape (K_1, …)
        One axis for each group.

    Raises
    ------
    ValueError
        If the observable or the result would not fit in memory.
    """
    n = rest.num_qubits
    check_size(16 * 4**n, f"the evolved observable of {n} qubits")
    check_size(16 * math.prod(len(basis) for basis in bases), "the expansion")
    tensor = evolved_observable(rest, parameters).reshape((2,) * (2 * n))
    # Tr(ρO) pairs the row index of ρ with the column index of O.
    tensor = tensor.transpose(
        [axis for part in parts for axis in (*(n + q for q in part.qubits), *part.qubits)]
    )
    # Each step takes one group off the front and appends its new axis at the end.
    for basis in bases:
        tensor = tensor.reshape(basis.shape[1], -1).T @ basis.T
    return np.ascontiguousarray(tensor.real).reshape([len(basis) for basis in bases])
