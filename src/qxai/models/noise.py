"""Encoded qubits with noise on purpose, for methods whose absent player is a depolarised qubit."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import needed
from qxai.checks import real_array
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Backend, Estimate
from qxai.representations.heisenberg import product_groups, split


def estimate_depolarised(
    backend: Backend, circuit: CompiledCircuit, X: Array, parameters: Array, kept: ArrayLike
) -> Estimate:
    """Return the outputs (N,) with ``kept`` (Q,) left of each encoded qubit's Bloch vector.

    Raises
    ------
    TypeError
        If the backend cannot insert channels.
    ValueError
        If ``kept`` is not one number from 0 to 1 for each encoded qubit.
    """
    encoding, rest = split(circuit)
    encoded = [part.qubits[0] for part in product_groups(encoding) if part.features]
    left = real_array(kept, f"kept: expected {len(encoded)} numbers")
    if left.shape != (len(encoded),) or not ((left >= 0) & (left <= 1)).all():
        raise ValueError(f"kept: expected {len(encoded)} numbers from 0 to 1, found {left}")
    by_qubit = np.ones(circuit.num_qubits)
    by_qubit[encoded] = left
    run = needed(backend, "depolarised", "estimate_depolarised", "use qxai.Sampled")
    return run(encoding, rest, X, parameters, by_qubit)
