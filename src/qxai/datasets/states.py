"""Quantum data with known answers: excited cluster states, and ground states in two phases."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cirq
import numpy as np
import sympy
from numpy.typing import ArrayLike

from qxai.checks import check_count, check_generator, real_array
from qxai.core import Array, ComplexArray, Mask
from qxai.memory import check_size

EXCITED = np.pi / 2  # radians beyond which a rotation counts


@dataclass(frozen=True, eq=False, repr=False)
class StateTask:
    """States, their labels, and what an explanation of a model that has learnt them should find.

    Attributes
    ----------
    name : str
    qubits : tuple of cirq.Qid, length n
        Sites on a ring.
    states : ndarray of complex, shape (N, 2^n)
        The first site most significant.
    y : ndarray, shape (N,)
        Labels ±1.
    relevant : ndarray of bool, shape (N, n)
        Sites at which something happened.
    preparation : cirq.Circuit
        Prepares the states from features, where a circuit does; empty otherwise.
    features : tuple of sympy.Symbol
    X : ndarray, shape (N, len(features))
        The features' values, in radians.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> qxai.datasets.excitations(4, 100, np.random.default_rng(0))
    <StateTask: excitations, 100 states of 4 qubits>
    """

    name: str
    qubits: tuple[cirq.Qid, ...]
    states: ComplexArray
    y: Array
    relevant: Mask
    preparation: cirq.Circuit
    features: tuple[sympy.Symbol, ...]
    X: Array

    def __repr__(self) -> str:
        """Say its name and its size."""
        return f"<StateTask: {self.name}, {len(self.states)} states of {len(self.qubits)} qubits>"


def cluster_circuit(qubits: Sequence[cirq.Qid]) -> cirq.Circuit:
    """Prepare the cluster state of a ring: a Hadamard on every site, CZ between neighbours.

    It is the one state with ``⟨Z_{i−1} X_i Z_{i+1}⟩ = 1`` at every site.

    Parameters
    ----------
    qubits : sequence of cirq.Qid, length n ≥ 3
        In the order of the ring.

    Returns
    -------
    cirq.Circuit
        Without symbols, from ``|0…0⟩``.

    Examples
    --------
    >>> import cirq, qxai
    >>> q = cirq.LineQubit.range(4)
    >>> cluster = qxai.datasets.cluster_circuit(q)
    >>> model = qxai.StateModel(cirq.Circuit(), cirq.Z(q[0]) * cirq.X(q[1]) * cirq.Z(q[2]), {}, q)
    >>> print(model.values(model.prepared([cluster])).round(3))
    [1.]
    """
    circuit = cirq.Circuit(cirq.H.on_each(*qubits))
    return circuit + cirq.Circuit(cirq.CZ(a, b) for a, b in _ring(qubits))


def excitations(num_sites: int, size: int, rng: np.random.Generator) -> StateTask:
    """Rotate one site of a cluster state about X; beyond a quarter turn it is excited.

    The task of TensorFlow Quantum's tutorial on convolutional circuits (Broughton et al. 2020).
    What happened happened at one site, and is seen in the stabilisers of its two neighbours,
    ``⟨Z_{i−1} X_i Z_{i+1}⟩ = cos θ`` there, and 1 elsewhere.

    Parameters
    ----------
    num_sites : int
        ``n``, 3 to 12, on a ring.
    size : int
        Number of states.
    rng : numpy.random.Generator
        Draws the sites, and the angles uniformly from ±π.

    Returns
    -------
    StateTask
        ``y`` is 1 where the angle exceeds π/2; ``relevant`` is the rotated site; ``X`` holds the
        angle in the column of its site.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.excitations(4, 2, np.random.default_rng(1))
    >>> print(task.relevant.sum(axis=1), (task.y > 0) == (np.abs(task.X).max(axis=1) > np.pi / 2))
    [1 1] [ True  True]
    """
    check_count("num_sites", num_sites, 3, 12)
    check_count("size", size, 1)
    check_generator(rng)
    qubits = tuple(cirq.LineQubit.range(num_sites))
    features = sympy.symbols(f"turn_:{num_sites}")
    site, angle = rng.integers(num_sites, size=size), rng.uniform(-np.pi, np.pi, size)
    relevant = site[:, None] == np.arange(num_sites)
    preparation = cluster_circuit(qubits)
    preparation += cirq.Circuit(cirq.rx(turn)(q) for turn, q in zip(features, qubits))
    cluster = cluster_circuit(qubits).final_state_vector(qubit_order=qubits, dtype=np.complex128)
    check_size(32 * size * 2**num_sites, f"{size} states of {num_sites} qubits")
    flipped = np.stack([_flipped(cluster, num_sites, s) for s in range(num_sites)])[site]
    states = np.cos(angle / 2)[:, None] * cluster - 1j * np.sin(angle / 2)[:, None] * flipped
    labels = np.where(np.abs(angle) > EXCITED, 1.0, -1.0)
    X = np.where(relevant, angle[:, None], 0.0)
    return StateTask("excitations", qubits, states, labels, relevant, preparation, features, X)


def phases(fields: ArrayLike, num_sites: int = 8) -> StateTask:
    """Return ground states of ``−Σ Z_{i−1} X_i Z_{i+1} − h Σ X_i`` on a ring.

    In the limit of long chains ``h < 1`` is the phase of the cluster state, protected by a
    symmetry, and ``h > 1`` that of the product state ``|+…+⟩``; CZ on all neighbours exchanges
    ``h`` and ``1/h``. What tells the phases apart is a string, ``Z X 1 X 1 … X Z``, that keeps a
    value in the first however long it is, and no single site.

    Parameters
    ----------
    fields : array_like, shape (N,)
        ``h``, not negative.
    num_sites : int
        ``n``, 4 to 10.

    Returns
    -------
    StateTask
        ``y`` is 1 where ``h < 1``; every site is relevant; there is no preparation.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> import qxai
    >>> task = qxai.datasets.phases([0.2, 5])
    >>> print(task.y, (abs(task.states) ** 2).sum(axis=1).round(3))
    [ 1. -1.] [1. 1.]
    """
    h = real_array(fields, "fields: expected real numbers")
    if h.ndim != 1 or not len(h) or not (np.isfinite(h) & (h >= 0)).all():
        raise ValueError(f"fields: expected numbers of at least 0, shape (N,), found {h}")
    check_count("num_sites", num_sites, 4, 10)
    qubits = tuple(cirq.LineQubit.range(num_sites))
    size = 2**num_sites
    flip, signs = np.arange(size), _spins(num_sites)
    clusters, transverse = np.zeros((size, size)), np.zeros((size, size))
    for site in range(num_sites):
        moved = flip ^ (1 << (num_sites - 1 - site))
        neighbours = signs[(site - 1) % num_sites] * signs[(site + 1) % num_sites]
        clusters[moved, flip] -= neighbours
        transverse[moved, flip] -= 1
    states = np.array([np.linalg.eigh(clusters + one * transverse)[1][:, 0] for one in h])
    return StateTask(
        name="phases",
        qubits=qubits,
        states=states.astype(np.complex128),
        y=np.where(h < 1, 1.0, -1.0),
        relevant=np.ones((len(h), num_sites), bool),
        preparation=cirq.Circuit(),
        features=(),
        X=np.zeros((len(h), 0)),
    )


def _ring(qubits: Sequence[cirq.Qid]) -> list[tuple[cirq.Qid, cirq.Qid]]:
    return [*pairwise(qubits), (qubits[-1], qubits[0])]


def _flipped(state: ComplexArray, n: int, site: int) -> ComplexArray:
    """Apply X to a site."""
    return state[np.arange(2**n) ^ (1 << (n - 1 - site))]


def _spins(n: int) -> Array:
    """Return ±1 for each site and bit string, (n, 2^n)."""
    bits = np.arange(2**n) >> np.arange(n)[::-1, None] & 1
    return 1.0 - 2.0 * bits
