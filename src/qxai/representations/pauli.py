"""Encoding-first models as sums over Pauli strings on the encoded qubits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Indices
from qxai.memory import frozen
from qxai.representations import heisenberg
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.grids import grid_inputs, solve_grid
from qxai.representations.joining import same_kind
from qxai.representations.product import ProductPolynomial
from qxai.representations.propagation import merged_strings
from qxai.representations.sums import POLYNOMIALS, combined
from qxai.threads import limited

CHUNK = 2**22  # most numbers in one batch of terms


@dataclass(frozen=True, eq=False, repr=False)
class PauliPolynomial:
    """``f(x) = Σ_P c_P ∏_q r_q(x)[P_q]`` with Bloch vectors ``r_q = (1, ⟨X⟩, ⟨Y⟩, ⟨Z⟩)``.

    Attributes
    ----------
    strings : ndarray of int, shape (S, Q)
        For each string and each *encoded* qubit 0, 1, 2, 3 for I, X, Y, Z. Qubits that hold no
        feature are already averaged over.
    coefficients : ndarray, shape (S,)
        ``c_P``, in units of the output.
    owners : ndarray, shape (Q, d)
        Share of each feature in an encoded qubit: equal among the features that enter it.
    encoding : CompiledCircuit
        The circuit that prepares the encoded qubits.
    parameters : ndarray, shape (P,)
        Its parameters.
    error : float
        Bound on the root mean square, over all angles, of what `pauli_propagation` left out, in
        units of the output.
    most_error : float
        Bound on what was left out at any single input.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> pauli = model.pauli_polynomial()
    >>> pauli.strings.tolist(), pauli.coefficients.round(3).tolist()  # Z on both qubits
    ([[3, 3]], [1.0])
    """

    strings: Indices
    coefficients: Array
    owners: Array
    encoding: CompiledCircuit
    parameters: Array
    error: float = 0.0
    most_error: float = 0.0

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = POLYNOMIALS.added
    __sub__, __rsub__ = POLYNOMIALS.subtracted, POLYNOMIALS.subtracted_from
    __mul__ = __rmul__ = POLYNOMIALS.scaled
    __truediv__, __neg__ = POLYNOMIALS.divided, POLYNOMIALS.negated
    joins = same_kind
    feature_names: ClassVar[tuple[str, ...] | None] = None  # set where a circuit has names

    def __post_init__(self) -> None:
        """Copy the arrays: what is computed once must not change."""
        for name in ("strings", "coefficients", "owners", "parameters"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields without what cannot be pickled, and the values do not need.

        That is what was compiled from them, functions without a name, and the observable of the
        circuit that ``encoding`` was split from.
        """
        angles = replace(self.encoding.angles)
        encoding = replace(self.encoding, angles=angles, observable=None)  # type: ignore[arg-type]
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"encoding": encoding}

    def __repr__(self) -> str:
        """Say how large it is."""
        left = f", error {self.error:.2g}" if self.error else ""
        return f"<PauliPolynomial: {self.num_features} features, {len(self.strings)} strings{left}>"

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.owners.shape[1]

    @property
    def encoded_qubits(self) -> tuple[int, ...]:
        """Positions of the encoded qubits in the circuit."""
        parts = heisenberg.groups(self.encoding)
        return tuple(part.qubits[0] for part in parts if part.features)

    def bloch(self, X: ArrayLike) -> Array:
        """Return the encoded qubits' Bloch vectors for inputs (N, d), shape (N, Q, 4)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        parts = [part for part in heisenberg.groups(self.encoding) if part.features]
        return bloch_vectors(self.encoding, parts, inputs, self.parameters)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        return self.weighted(X, np.ones((len(self.strings), 1)))[:, 0]

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` for inputs (N, d), shape (N, d)."""
        return self.polynomial().gradient(X)

    def pauli_polynomial(self) -> "PauliPolynomial":
        """Return the model itself."""
        return self

    def polynomial(self) -> ProductPolynomial:
        """Return the same sum with one factor per feature; computed once.

        Raises
        ------
        ValueError
            If a gate's exponent is not affine in one feature.
        """
        return self._polynomial

    def joined(
        self, weights: Sequence[float], parts: Sequence["PauliPolynomial"], constant: float
    ) -> "PauliPolynomial | ProductPolynomial":
        """Return ``Σ_m w_m f_m + constant``: Pauli strings where all have the same encoding."""
        if not all(self._same_encoding(part) for part in parts):
            return combined(weights, [part.polynomial() for part in parts], constant)
        strings = [part.strings for part in parts] + [
            np.zeros_like(self.strings, shape=(1, len(self.owners)))
        ]
        coefficients = [w * part.coefficients for w, part in zip(weights, parts)] + [
            np.array([constant])
        ]
        merged = merged_strings(np.concatenate(strings), np.concatenate(coefficients))
        left = [(abs(w) * p.error, abs(w) * p.most_error) for w, p in zip(weights, parts)]
        error, most = (sum(column) for column in zip(*left))
        return replace(
            self, strings=merged[0], coefficients=merged[1], error=error, most_error=most
        )

    def _same_encoding(self, other: "PauliPolynomial") -> bool:
        one, two = self.encoding, other.encoding
        return (
            one.operations == two.operations  # by identity: models share what was compiled
            and one.angles is two.angles
            and one.qubits == two.qubits
            and np.array_equal(self.parameters, other.parameters)
        )

    @limited()
    def weighted(self, X: ArrayLike, weights: Array) -> Array:
        """Return ``Σ_P c_P ∏_q r_q[P_q] weights[P]`` for weights (S, m), shape (N, m)."""
        bloch = self.bloch(X)
        scaled = self.coefficients[:, None] * weights
        step = max(1, CHUNK // max(1, len(self.strings)))
        chunks = range(0, max(1, len(bloch)), step)
        return np.concatenate([self._terms(bloch[i : i + step]) @ scaled for i in chunks])

    def _terms(self, bloch: Array) -> Array:
        terms = np.ones((len(bloch), len(self.strings)))
        for q, paulis in enumerate(self.strings.T):
            terms *= bloch[:, q, paulis]
        return terms

    @cached_property
    def _polynomial(self) -> ProductPolynomial:
        return _product_polynomial(self)


def bloch_vectors(
    encoding: CompiledCircuit, parts: Sequence[heisenberg.Group], X: Array, parameters: Array
) -> Array:
    """Return the Bloch vectors of single qubits for inputs (N, d), shape (N, Q, 4)."""
    return np.stack(
        [heisenberg.group_activations(encoding, part, X, parameters) for part in parts], axis=1
    )


def _product_polynomial(pauli: PauliPolynomial) -> ProductPolynomial:
    """Write each string's Bloch components as products with one factor per feature.

    Features that share a qubit, and qubits that share a feature, are taken together; there a
    string becomes as many terms as its dependence on them has products.
    """
    frequencies = feature_frequencies(pauli.encoding, pauli.parameters)
    weights = pauli.coefficients
    rows = np.arange(len(weights))  # the string that each term comes from
    factors: list[Array | None] = [None] * pauli.num_features
    for features, columns in _clusters(pauli.owners):
        patterns, pattern = np.unique(pauli.strings[:, columns], axis=0, return_inverse=True)
        tensor = _expansions(pauli, frequencies, features, columns, patterns)
        splits = [_split_products(one, len(features)) for one in tensor]
        counts = np.array([len(split[0]) for split in splits], dtype=np.intp)
        pattern = pattern.reshape(-1)[rows]
        repeats = counts[pattern]
        kept = np.repeat(np.arange(len(rows)), repeats)
        rows, weights = rows[kept], weights[kept]
        factors = [None if f is None else f[:, kept] for f in factors]
        for k, feature in enumerate(features):
            if len(pattern):
                factors[feature] = np.concatenate([splits[p][k] for p in pattern]).T
    sizes = [2 * len(w) + 1 for w in frequencies]
    constant = [np.eye(size, 1) @ np.ones((1, len(weights))) for size in sizes]
    filled = [c if f is None else f for f, c in zip(factors, constant)]
    return ProductPolynomial(weights, filled, frequencies)


def _clusters(owners: Array) -> list[tuple[list[int], list[int]]]:
    """Group encoded qubits and features that are linked: (features, qubits' columns)."""
    parts = [
        heisenberg.Group((q,), tuple(np.flatnonzero(row).tolist())) for q, row in enumerate(owners)
    ]
    joined = heisenberg.joined_by_features(parts)
    return [(list(part.features), list(part.qubits)) for part in joined]


def _expansions(
    pauli: PauliPolynomial,
    frequencies: Sequence[Array],
    features: Sequence[int],
    columns: Sequence[int],
    patterns: Indices,
) -> Array:
    """Return each pattern's coefficients over its features' vectors: (patterns, K_1, …)."""
    X = grid_inputs(frequencies, features)
    bloch = pauli.bloch(X)
    values = np.ones((len(X), len(patterns)))
    for column, letters in zip(columns, patterns.T):
        values *= bloch[:, column, letters]
    tensor = solve_grid(values, frequencies, features)
    return np.moveaxis(tensor, -1, 0)


def _split_products(tensor: Array, count: int) -> list[Array]:
    """Write a tensor (K_1, …, K_m) as a sum of products: m arrays (terms, K_k)."""
    sizes = tensor.shape
    rows = tensor.reshape(math.prod(sizes[:-1]), sizes[-1])
    present = np.flatnonzero(np.abs(rows).max(axis=1) > 1e-14 * np.abs(rows).max(initial=1.0))
    indices = np.unravel_index(present, sizes[:-1]) if count > 1 else ()
    last = np.where(np.abs(rows[present]) > 1e-14, rows[present], 0.0)
    return [*(np.eye(size)[index] for size, index in zip(sizes, indices)), last]
