"""What a circuit's evaluation needs that neither inputs nor parameters change."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.backends.blocks import block_gates, block_matrix
from qxai.backends.fusion import Block, Cluster, Plan, plan
from qxai.backends.layers import Layout
from qxai.backends.unitaries import Gates, Preparation
from qxai.compiled import CompiledCircuit
from qxai.core import Array, ComplexArray
from qxai.memory import kept_with


@dataclass(frozen=True, eq=False)
class Shared:
    """What all inputs share: entries of gates, layers of each stack, matrices of blocks."""

    entries: ComplexArray
    layers: tuple[list[ComplexArray], ...]
    matrices: dict[Block, ComplexArray]


@dataclass(frozen=True, eq=False)
class Derivatives:
    """``∂f/∂e``: shared (G + 1,) summed over the batch, a row to spare last; own (H, N)."""

    shared: Array
    own: Array


@dataclass(frozen=True, eq=False)
class Program:
    """A circuit laid out: single-qubit preparations, then blocks.

    Attributes
    ----------
    gates : Gates
    preparation : Preparation
    plan : Plan
    layout : Layout
        Of the blocks that inputs share and that have a parameter.
    constant : dict
        Matrices of the blocks without any.
    varying : tuple of int
        The exponents that differ from input to input.
    count : int
        Number of exponents.
    """

    gates: Gates
    preparation: Preparation
    plan: Plan
    layout: Layout
    constant: dict[Block, ComplexArray]
    varying: tuple[int, ...]
    count: int

    def shared(self, exponents: Array) -> Shared:
        """Compute what all inputs share, for exponents (G,)."""
        entries = self.layout.entries(self.gates.entries(exponents))
        layers = tuple(stack.layers(entries) for stack in self.layout.stacks)
        matrices = dict(self.constant)
        for stack, found in zip(self.layout.stacks, layers):
            matrices |= zip(stack.blocks, stack.matrices(found))
        for block in self._single:
            if not block.batched:
                matrices[block] = self.gates.matrix(block.operations[0], entries)
        return Shared(entries, layers, matrices)

    def matrices(self, shared: Shared, own_entries: ComplexArray) -> dict[Block, ComplexArray]:
        """Return the blocks' matrices, (K, K), or (K, K, N) of one that differs in the batch."""
        return shared.matrices | {
            block: self.gates.matrix(block.operations[0], own_entries)
            for block in self._single
            if block.batched
        }

    def prepares(self, asked: frozenset[int], cluster: Cluster) -> bool:
        """Tell whether an exponent asked for prepares one of a cluster's qubits."""
        return any(not asked.isdisjoint(self.preparation.by_qubit[q]) for q in cluster.qubits)

    @cached_property
    def angles(self) -> dict[Block, frozenset[int]]:
        """The exponents in each block."""
        return {
            block: frozenset(op.angle for op in block.operations if op.angle is not None)
            for block in self.plan.blocks
        }

    def result(self, batch: int) -> Derivatives:
        """Return derivatives that are all 0."""
        return Derivatives(np.zeros(self.count + 1), np.zeros((len(self.varying), batch)))

    def read(
        self, shared: Shared, reduced: Mapping[Block, ComplexArray], result: Derivatives
    ) -> None:
        """Fill in the derivatives that the blocks' ``W`` tell, (K, K) or (K, K, N)."""
        for stack, layers in zip(self.layout.stacks, shared.layers):
            if not reduced.keys().isdisjoint(stack.blocks):
                nothing = np.zeros_like(layers[0][0])
                found = np.array([reduced.get(block, nothing) for block in stack.blocks])
                stack.derivatives(shared.entries, layers, found, result.shared)
        for block in self._single:
            if block in reduced:
                op = block.operations[0]
                traces = np.einsum("ba,ab...->...", op.generator, reduced[block])
                self._set(result, op.angle or 0, -2 * np.pi * traces.imag)

    def read_first(
        self,
        shared: Shared,
        own_entries: ComplexArray,
        reduced: ComplexArray,
        result: Derivatives,
    ) -> None:
        """Fill in the derivatives that the preparation's ``W`` tells, (n, 2, 2, N)."""
        found = self.preparation.derivatives(shared.entries, own_entries, reduced)
        for angle, derivative in found:
            self._set(result, angle, derivative)

    def _set(self, result: Derivatives, angle: int, derivative: Array) -> None:
        if angle in self._place:
            result.own[self._place[angle]] = derivative
        else:
            result.shared[angle] = np.sum(derivative)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {angle: row for row, angle in enumerate(self.varying)}

    @cached_property
    def _single(self) -> list[Block]:
        """Blocks of one gate with an exponent that stands alone."""
        laid = {block for stack in self.layout.stacks for block in stack.blocks}
        return [b for b in self.plan.blocks if b not in laid and b not in self.constant]


@kept_with
def program(circuit: CompiledCircuit) -> Program:
    """Lay a circuit out; once."""
    planned = plan(circuit)
    varying, count = circuit.angles.varying, len(circuit.angles.expressions)
    prepared = [block.operations for block in planned.preparations]
    moving = [block for block in planned.blocks if not _is_constant(block)]
    laid_out = [*prepared, *(block.operations for block in moving)]
    gates = Gates.of([op for operations in laid_out for op in operations], varying)
    layered = [block for block in moving if not block.batched and block.active is None]
    return Program(
        gates,
        Preparation.of(gates, prepared, varying),
        planned,
        Layout.of(gates, layered, count),
        {b: block_matrix(b, block_gates(b, [])) for b in planned.blocks if _is_constant(b)},
        varying,
        count,
    )


def _is_constant(block: Block) -> bool:
    return all(op.angle is None for op in block.operations)
