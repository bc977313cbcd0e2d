"""Parts of one gate that belong to different features, where they commute."""

from collections.abc import Sequence

import numpy as np

from qxai.backends.blocks import block_matrix
from qxai.backends.fusion import Block
from qxai.compiled import CompiledCircuit, Operation

COMMUTING = 1e-12  # of the entries of a commutator


def by_feature(
    circuit: CompiledCircuit, operations: Sequence[Operation], shared: bool
) -> list[tuple[list[Operation], tuple[int, ...]]]:
    """Group operations that share qubits by their feature, with the qubits of all of them.

    They share one moment, so they are parts of one gate. Where all of them commute it does not
    matter in which order they stand, nor who takes relevance first.

    Raises
    ------
    ValueError
        If relevance is shared and parts with several features do not commute.
    """
    qubits = tuple(sorted({q for op in operations for q in op.qubits}))
    groups: dict[tuple[int, ...], list[Operation]] = {}
    for op in operations:
        entering = () if op.angle is None else tuple(circuit.angles.entering(op.angle))
        groups.setdefault(entering, []).append(op)
    several = {i for entering in groups for i in entering}
    if not shared or len(several) <= 1:
        return [(list(operations), qubits)]
    names = ", ".join(str(circuit.angles.features[i]) for i in sorted(several))
    if any(len(entering) > 1 for entering in groups):
        raise ValueError(
            f"qlrp: expected exponents in which features do not meet in a product or a function, "
            f"found {names} in one; shapley, occlusion and taylor explain such a model"
        )
    if not _commute(operations, qubits):
        raise ValueError(
            f"qlrp: expected at most one feature in each gate of the circuit, found {names} in "
            "one; write its parts as gates: cirq.Circuit(cirq.decompose(circuit))"
        )
    return [(group, qubits) for group in groups.values()]


def _commute(operations: Sequence[Operation], qubits: tuple[int, ...]) -> bool:
    """Tell whether gates commute at any exponents."""
    generators = []
    for op in operations:
        matrix = op.generator if op.angle is not None else op.projectors[0]
        block = Block(qubits, (op,), False)
        generators.append(block_matrix(block, [matrix]))
    return all(
        np.abs(a @ b - b @ a).max() < COMMUTING
        for number, a in enumerate(generators)
        for b in generators[:number]
    )
