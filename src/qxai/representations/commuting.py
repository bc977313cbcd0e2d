"""Parts of one gate that belong to different features, where they commute."""

from collections.abc import Sequence

import numpy as np

from qxai.angles import AngleTable
from qxai.backends.blocks import block_gates, block_matrix
from qxai.backends.fusion import Block
from qxai.compiled import CompiledCircuit, Operation
from qxai.core import Array, ComplexArray, NoClosedFormError
from qxai.separation import separated

COMMUTING = 1e-10  # of the entries of a commutator
POINTS = 3  # random inputs: analytic functions that agree there agree everywhere

Part = tuple[Sequence[Operation], tuple[int, ...]]


def by_feature(
    circuit: CompiledCircuit, operations: Sequence[Operation], parameters: Array | None
) -> list[Part]:
    """Group operations that share qubits by their feature, with the qubits of all of them.

    They share one moment, so they are parts of one gate. Where the groups commute it does not
    matter in which order they stand, nor who takes relevance first. Without ``parameters``
    nothing is to be shared, and they stay together.

    Raises
    ------
    ValueError
        If features meet in one exponent, or groups with several features do not commute.
    """
    qubits = tuple(sorted({q for op in operations for q in op.qubits}))
    groups: dict[tuple[int, ...], list[Operation]] = {}
    for op in operations:
        entering = () if op.angle is None else tuple(circuit.angles.entering(op.angle))
        groups.setdefault(entering, []).append(op)
    several = {i for entering in groups for i in entering}
    if parameters is None or len(several) <= 1:
        return [(operations, qubits)]
    names = ", ".join(str(circuit.angles.features[i]) for i in sorted(several))
    if any(len(entering) > 1 for entering in groups):
        raise ValueError(
            f"qlrp: expected exponents in which features do not meet in a product or a function, "
            f"found {names} in one; shapley, occlusion and taylor explain such a model"
        )
    if not _commute(circuit, operations, list(groups.values()), qubits, parameters):
        raise ValueError(
            f"qlrp: expected at most one feature in each gate of the circuit, found {names} in "
            "one; write its parts as gates: cirq.Circuit(cirq.decompose(circuit))"
        )
    return [(group, qubits) for group in groups.values()]


def _commute(
    circuit: CompiledCircuit,
    operations: Sequence[Operation],
    groups: Sequence[Sequence[Operation]],
    qubits: tuple[int, ...],
    parameters: Array,
) -> bool:
    """Tell whether groups commute, each at inputs of its own, and give the whole together."""
    table = _in_angles(circuit)
    X = np.random.default_rng(0).uniform(-2, 2, (POINTS, len(table.features)))
    exponents = table.values(X, parameters)

    def matrix(part: Sequence[Operation]) -> ComplexArray:
        block = Block(qubits, tuple(part), True)
        found = block_matrix(block, block_gates(block, exponents))
        rows = np.moveaxis(found, -1, 0) if found.ndim == 3 else found
        return np.broadcast_to(rows, (POINTS, *found.shape[:2]))

    parts = [matrix(group) for group in groups]
    whole = parts[0]
    for part in parts[1:]:
        whole = part @ whole
    shifted = [np.roll(part, 1, axis=0) for part in parts]
    differences = [whole - matrix(operations)] + [
        a @ b - b @ a for number, a in enumerate(parts) for b in shifted[:number]
    ]
    return max(float(np.abs(one).max()) for one in differences) < COMMUTING


def _in_angles(circuit: CompiledCircuit) -> AngleTable:
    """Return the exponents as linear in angles, which may be anything where features may not."""
    try:
        return separated(circuit).circuit.angles
    except NoClosedFormError:  # of a product in another gate
        return circuit.angles
