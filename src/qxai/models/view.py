"""What single methods need of a circuit beyond its outputs, in one place."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated
from qxai.backends.statevector import Statevector
from qxai.checks import as_inputs, batches
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Backend, Estimate, Indices, Mask
from qxai.models.noise import estimate_depolarised
from qxai.models.refusals import refuse_sampled
from qxai.representations.heisenberg import owners, split
from qxai.representations.network import (
    PauliNetwork,
    encoded_networks,
    gate_networks,
    moment_networks,
)
from qxai.separation import in_parts


@dataclass(frozen=True, eq=False)
class CircuitView:
    """A circuit with its parameters and its backend, as seen by methods made for circuits.

    Attributes
    ----------
    circuit : CompiledCircuit
    parameters : ndarray, shape (P,)
    backend : Backend
    """

    circuit: CompiledCircuit
    parameters: Array
    backend: Backend

    @property
    def constant(self) -> float:
        """What the observable has of the identity; networks leave it out."""
        return self.circuit.observable.constant

    def networks(
        self, X: Array, baseline: Array, moments_per_layer: int
    ) -> Iterator[tuple[slice, PauliNetwork]]:
        """Yield the circuit as a network of Pauli activations, for a few inputs at a time."""
        refuse_sampled(self.backend, "networks")
        circuit = in_parts(self.circuit)
        return moment_networks(circuit, X, self.parameters, baseline, moments_per_layer)

    def encoded_networks(
        self, X: Array, moments_per_layer: int
    ) -> Iterator[tuple[slice, PauliNetwork]]:
        """Yield the network behind a product encoding, for a few inputs at a time."""
        refuse_sampled(self.backend, "encoded_networks")
        return encoded_networks(self.circuit, X, self.parameters, moments_per_layer)

    def gate_networks(self, X: Array) -> Iterator[tuple[slice, PauliNetwork]]:
        """Yield the circuit as a network with one gate a layer, for a few inputs at a time."""
        refuse_sampled(self.backend, "gate_networks")
        return gate_networks(self.circuit, X, self.parameters)

    def gate_positions(self) -> list[int]:
        """Return which of ``circuit.all_operations()`` do something: all but identities."""
        return sorted({op.source for op in self.circuit.operations})

    def without(self, X: ArrayLike, gates: Collection[int]) -> Estimate:
        """Return the outputs (N,) with some gates, by position, taken out of the circuit."""
        inputs = as_inputs(X, len(self.circuit.angles.features))
        return estimated(self.backend, self.circuit.without(gates), inputs, self.parameters)

    def without_each(
        self, X: ArrayLike, rows: Indices, gates: Sequence[int], missing: Mask, which: Indices
    ) -> tuple[Array, int]:
        """Return outputs of many inputs, each with its own gates taken out, and their shots.

        Parameters
        ----------
        X : array_like, shape (N, d)
        rows : array of int, shape (M,)
            Which input each output is of.
        gates : sequence of int, length G
            Positions of gates.
        missing : array of bool, shape (S, G)
            Different sets of gates to take out.
        which : array of int, shape (M,)
            Which of the sets each output is without.

        Returns
        -------
        values : ndarray, shape (M,)
        shots : int
        """
        inputs = as_inputs(X, len(self.circuit.angles.features))
        if isinstance(self.backend, Statevector):
            return self._exact_without(inputs, rows, gates, missing, which), 0
        values, shots = np.empty(len(rows)), 0
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(missing) + 1))
        for number, left_out in enumerate(missing):
            here = order[ends[number] : ends[number + 1]]
            gone = [gate for gate, out in zip(gates, left_out) if out]
            found = self.without(inputs[rows[here]], gone)
            values[here], shots = found.values, shots + found.shots
        return values, shots

    def _exact_without(
        self, X: Array, rows: Indices, gates: Sequence[int], missing: Mask, which: Indices
    ) -> Array:
        """Evaluate each different pair of an input and a set once, all in one batch."""
        assert isinstance(self.backend, Statevector)
        pairs, where = np.unique(rows * len(missing) + which, return_inverse=True)
        values = np.empty(len(pairs))
        for part in batches(len(pairs), len(gates) + X.shape[1]):
            row, number = np.divmod(pairs[part], len(missing))
            gone = dict(zip(gates, missing[number].T))
            values[part] = self.backend.values_without(self.circuit, X[row], self.parameters, gone)
        return values[where]

    def depolarised(self, X: ArrayLike, kept: ArrayLike) -> Estimate:
        """Return the outputs (N,) with noise on the encoded qubits, on a backend that samples.

        Parameters
        ----------
        X : array_like, shape (N, d)
        kept : array_like, shape (Q,)
            What is left of each encoded qubit's Bloch vector: 1 all of it, 0 nothing.
        """
        inputs = as_inputs(X, len(self.circuit.angles.features))
        return estimate_depolarised(self.backend, self.circuit, inputs, self.parameters, kept)

    def qubit_owners(self) -> Array:
        """Return the share of each feature in each encoded qubit (Q, d): equal among its features.

        Raises
        ------
        ValueError
            If the circuit is not a product encoding followed by a trainable circuit.
        """
        return owners(split(self.circuit)[0])
