"""Where the strings of a circuit behind a product encoding go in tensors of coefficients.

Known once a circuit, like the strings themselves: new parameters then fill the tensors in one pass.
It serves encodings with at most one feature on a qubit and each feature on one qubit only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qxai.compiled import CompiledCircuit
from qxai.core import Array, Indices
from qxai.memory import kept_with
from qxai.observable import Observable
from qxai.representations import heisenberg
from qxai.representations.basis import inverse_at_nodes, nodes
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.pauli_plan import PauliPlan, pauli_plan

MOST_ENTRIES = 2**21
MOST_WINDOWS = 256
NEGLIGIBLE = 1e-14


@dataclass(frozen=True, eq=False)
class Window:
    """Entries that depend on certain features only, and where they stand in a tensor of those.

    ``rows`` (E,) are their strings, ``weights`` (E,) the factors that the encoding brings.
    """

    features: tuple[int, ...]
    sizes: tuple[int, ...]
    places: Indices
    rows: Indices
    weights: Array

    def tensor(self, coefficients: Array) -> Array:
        """Add up the strings' coefficients (S,) to a tensor (K_1, …)."""
        entries = coefficients.take(self.rows) * self.weights
        tensor = np.bincount(self.places, entries, math.prod(self.sizes)).astype(np.float64)
        return tensor.reshape(self.sizes)


@dataclass(frozen=True, eq=False)
class Layout:
    """Every entry: a string and one function of each feature.

    Attributes
    ----------
    plan : PauliPlan
    frequencies : tuple of ndarrays, length d
    rows : ndarray of int, shape (E,)
        The string that each entry comes from.
    functions : ndarray of int, shape (E, d)
        The number of the function of each feature, 0 for the constant.
    weights : ndarray, shape (E,)
    """

    plan: PauliPlan
    frequencies: tuple[Array, ...]
    rows: Indices
    functions: Indices
    weights: Array

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of functions of each feature."""
        return tuple(2 * len(w) + 1 for w in self.frequencies)

    @cached_property
    def whole(self) -> Window:
        """All entries in one tensor of all features."""
        return self._window(range(len(self.sizes)), np.ones(len(self.rows), bool))

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """Each entry in one of the smallest sets of features that cover all entries."""
        patterns, pattern = np.unique(self.functions > 0, axis=0, return_inverse=True)
        supports = [sum(1 << i for i in np.flatnonzero(row).tolist()) for row in patterns]
        found, left = [], np.ones(len(patterns), bool)
        for cover in _cover(supports, self.sizes):
            features = [i for i in range(len(self.sizes)) if cover >> i & 1]
            here = left & np.array([not support & ~cover for support in supports], bool)
            found.append(self._window(features, here[pattern.reshape(-1)]))
            left &= ~here
        return tuple(found)

    def _window(self, features: Sequence[int], here: Array) -> Window:
        sizes = tuple(self.sizes[i] for i in features)
        strides = np.array([math.prod(sizes[k + 1 :]) for k in range(len(sizes))], np.intp)
        places = self.functions[here][:, list(features)] @ strides
        return Window(tuple(features), sizes, places, self.rows[here], self.weights[here])


def layout(circuit: CompiledCircuit, parameters: Array) -> Layout | None:
    """Return where entries go, None if the circuit is of another kind; kept where it is fixed."""
    encoding = heisenberg.split(circuit)[0]
    if any(op.angle in encoding.angles.trained for op in encoding.operations):
        return _layout(circuit, parameters)
    return _kept(circuit)


@kept_with
def _kept(circuit: CompiledCircuit) -> Layout | None:
    return _layout(circuit, np.zeros(len(circuit.angles.parameters)))


def _layout(circuit: CompiledCircuit, parameters: Array) -> Layout | None:
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.groups(encoding)
    encoded = [i for part in parts for i in part.features]
    single = all(len(part.qubits) == 1 and len(part.features) <= 1 for part in parts)
    if not single or len(encoded) > len(set(encoded)):
        return None
    plan = pauli_plan(rest) if isinstance(circuit.observable, Observable) else None
    if plan is None:
        return None
    frequencies = tuple(feature_frequencies(circuit, parameters))
    bases = qubit_bases(encoding, parts, frequencies, parameters)
    return _expanded(plan, frequencies, parts, bases)


def _expanded(
    plan: PauliPlan,
    frequencies: tuple[Array, ...],
    parts: Sequence[heisenberg.Group],
    bases: Sequence[Array],
) -> Layout | None:
    """Write each letter as the functions that it is a sum of; qubit by qubit."""
    rows, weights = np.arange(len(plan.strings)), np.ones(len(plan.strings))
    functions = np.zeros((len(rows), len(frequencies)), np.intp)
    for part, basis in zip(parts, bases):
        letters = plan.strings[rows, part.qubits[0]]
        present = np.abs(basis) > NEGLIGIBLE
        counts = present.sum(axis=0)
        chosen = np.repeat(np.arange(len(rows)), counts[letters])
        if len(chosen) > MOST_ENTRIES:
            return None
        first = np.cumsum(counts[letters]) - counts[letters]
        rank = np.arange(len(chosen)) - first[chosen]
        function = np.argsort(~present, axis=0, kind="stable")[rank, letters[chosen]]
        weights = weights[chosen] * basis[function, letters[chosen]]
        rows, functions = rows[chosen], functions[chosen]
        if part.features:
            functions[:, part.features[0]] = function
    return Layout(plan, frequencies, rows, functions, weights)


def _cover(supports: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Return sets of features, as bit masks, that contain every support; all, if there are many.

    The largest come first; two are joined where their tensor is no larger than both.
    """
    everything = (1 << len(sizes)) - 1
    covers: list[int] = []
    for support in sorted(supports, key=int.bit_count, reverse=True):
        if all(support & ~cover for cover in covers):
            covers.append(support)
        if len(covers) > MOST_WINDOWS:
            return [everything]

    def cost(cover: int) -> int:
        return math.prod(size for i, size in enumerate(sizes) if cover >> i & 1)

    joined: list[int] = []
    for cover in covers:
        partner = next((o for o in joined if cost(o | cover) <= cost(o) + cost(cover)), None)
        if partner is not None:
            joined.remove(partner)
        joined.append(cover if partner is None else cover | partner)
    return joined or [0]


def qubit_bases(
    encoding: CompiledCircuit,
    parts: Sequence[heisenberg.Group],
    frequencies: Sequence[Array],
    parameters: Array,
) -> list[Array]:
    """Expand each qubit's Bloch vector: all features step through their nodes at once."""
    inverses = [inverse_at_nodes(w) for w in frequencies]
    X = np.zeros((max(len(inverse) for inverse in inverses), len(frequencies)))
    for i, w in enumerate(frequencies):
        X[: len(inverses[i]), i] = nodes(w)
    bloch = heisenberg.qubit_activations(encoding, X, parameters)
    return [
        inverses[part.features[0]] @ one[: len(inverses[part.features[0]])]
        if part.features
        else one[:1]
        for part, one in zip(parts, bloch)
    ]
