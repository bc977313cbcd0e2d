"""How far an operator's coefficients can stand apart from the outputs that they make.

For ``f(x) = Σ_P c_P Π_q r_q(x)[P_q]`` the mean of ``f²`` over all angles is at most
``Π_q λ_q Σ_P c_P²``, with ``λ_q`` the largest eigenvalue of ``E[r_q r_qᵀ]``: 1 for a qubit whose
feature turns it once with mean zero, 2 for one that stays in ``|0⟩``.
"""

import numpy as np

from qxai.compiled import CompiledCircuit
from qxai.cones import sights
from qxai.core import Array
from qxai.representations import heisenberg
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.layout import qubit_bases

MOST = 2.0  # the square of a Bloch vector with its leading 1


def spreads(circuit: CompiledCircuit, parameters: Array) -> list[float]:
    """Return a bound on ``λ_q``, at least 1, for each qubit that the observable sees."""
    encoding = heisenberg.split(circuit)[0]
    parts = heisenberg.groups(encoding)
    seen = sorted(frozenset[int]().union(*sights(circuit)))
    owned = [i for part in parts for i in part.features]
    if any(len(part.features) > 1 for part in parts) or len(owned) > len(set(owned)):
        return [MOST] * len(seen)
    frequencies = feature_frequencies(circuit, parameters)
    bases = qubit_bases(encoding, parts, frequencies, parameters)
    return [max(1.0, spread_of(bases[qubit])) for qubit in seen]


def spread_of(basis: Array) -> float:
    """Return ``λ`` of a qubit whose Bloch vector is ``φ B`` with the rows of ``B`` (K, 4)."""
    weights = np.where(np.arange(len(basis)) > 0, 0.5, 1.0)  # a cosine or sine squared is ½
    return float(np.linalg.eigvalsh(basis.T @ (weights[:, None] * basis))[-1])
