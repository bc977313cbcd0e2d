"""One pass over a batch of states: forward through the blocks, and back for the gradient."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from qxai.backends.fusion import Block, Cluster
from qxai.backends.program import Program, Shared
from qxai.backends.register import Register
from qxai.contraction import environments, outer
from qxai.core import Array, ComplexArray


class Sweep:
    """One forward pass and one backward pass over a batch that fits in memory."""

    def __init__(self, circuit: Program, shared: Shared, own: Array, batch: int) -> None:
        self.program = circuit
        self.shared = shared
        self.own_entries = circuit.gates.own_entries(own)
        self.matrices = circuit.matrices(shared, self.own_entries)
        self.batch = batch
        columns = circuit.preparation.columns(shared.entries, self.own_entries)
        everyone = np.broadcast_to(columns, (*columns.shape[:2], batch))
        self.columns = np.ascontiguousarray(everyone)

    def final(self) -> Register:
        """Return the final states."""
        states = [register.canonical()[0] for register in self.clusters]
        return self._forward(Register(outer(states)[None], self._order), self.program.plan.rest)

    @property
    def _order(self) -> tuple[int, ...]:
        return tuple(q for cluster in self.program.plan.clusters for q in cluster.qubits)

    @cached_property
    def clusters(self) -> list[Register]:
        """The states of the clusters, behind their blocks."""
        return [
            self._forward(self._prepared(cluster), cluster.blocks)
            for cluster in self.program.plan.clusters
        ]

    def _prepared(self, cluster: Cluster) -> Register:
        return Register(outer([self.columns[q] for q in cluster.qubits])[None], cluster.qubits)

    def _forward(self, register: Register, blocks: Sequence[Block]) -> Register:
        for block in blocks:
            register.multiply(self.matrices[block], block.qubits, block.active)
        return register

    def back(
        self, state: Register, adjoint: ComplexArray, asked: frozenset[int]
    ) -> tuple[Array, Array]:
        """Return ``∂f/∂e`` of the exponents asked for: (G,) summed over the batch, (H, N) not.

        The second are those that features enter, the first the others.
        """
        result, clusters = self.program.result(self.batch), self.program.plan.clusters
        asking = [self._asks(asked, cluster) for cluster in clusters]
        pair = state.with_copy(adjoint)
        reduced = self._backward(pair, self.program.plan.rest, asked, any(asking))
        prepared = np.zeros((len(self.columns), 2, 2, self.batch), np.complex128)
        if any(asking):
            states = [register.canonical()[0] for register in self.clusters]
            around = environments(pair.ordered(self._order)[1].conj(), states)
            for cluster, psi, environment, asks in zip(clusters, self.clusters, around, asking):
                if asks:
                    inner = psi.with_copy(environment.conj())
                    reduced |= self._into(cluster, inner, asked, prepared)
            self.program.read_first(self.shared, self.own_entries, prepared, result)
        self.program.read(self.shared, reduced, result)
        return result.shared[:-1], result.own

    def _into(
        self, cluster: Cluster, pair: Register, asked: frozenset[int], prepared: ComplexArray
    ) -> dict[Block, ComplexArray]:
        """Carry two states back through a cluster, and fill in its qubits' ``W`` (n, 2, 2, N)."""
        whole = self.program.prepares(asked, cluster)
        reduced = self._backward(pair, cluster.blocks, asked, whole)
        if whole:
            columns = [self.columns[q] for q in cluster.qubits]
            around = environments(pair.canonical()[1].conj(), columns)
            for q, environment in zip(cluster.qubits, around):
                prepared[q] = self.columns[q][:, None] * environment
        return reduced

    def _asks(self, asked: frozenset[int], cluster: Cluster) -> bool:
        inside = (self.program.angles[block] for block in cluster.blocks)
        prepares = self.program.prepares(asked, cluster)
        return prepares or any(not asked.isdisjoint(angles) for angles in inside)

    def _backward(
        self, pair: Register, blocks: Sequence[Block], asked: frozenset[int], whole: bool
    ) -> dict[Block, ComplexArray]:
        """Undo all blocks, or back to the first that is asked for, and return their ``W``."""
        angles = [self.program.angles[block] for block in blocks]
        asking = [not asked.isdisjoint(found) for found in angles]
        first = 0 if whole else (asking.index(True) if any(asking) else len(blocks))
        reduced = {}
        for block, asks in list(zip(blocks, asking))[: first - len(blocks) - 1 : -1]:
            matrix = self.matrices[block]
            if asks:
                reduced[block] = pair.reduced(len(matrix), block)
            pair.multiply(matrix.conj().swapaxes(0, 1), block.qubits, block.active)
        return reduced
