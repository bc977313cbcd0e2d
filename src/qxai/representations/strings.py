"""Circuits behind a product encoding written as sums of Pauli strings on the encoded qubits."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qxai.compiled import CompiledCircuit
from qxai.core import Array, Indices
from qxai.memory import TooLargeError, check_size, kept_with
from qxai.representations import heisenberg
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.layout import layout
from qxai.representations.local import LocalPolynomial
from qxai.representations.pauli import PauliPolynomial, bloch_vectors
from qxai.representations.pauli_plan import pauli_plan
from qxai.representations.product import ProductPolynomial
from qxai.representations.propagation import merged_strings, propagate
from qxai.representations.routes import cleaned, rounding
from qxai.representations.spread import spreads
from qxai.representations.trigonometric import TrigPolynomial
from qxai.threads import limited

SMALL = 8  # qubits up to which a tensor is never too large to be the simpler form
# Time of one operation on a sum of small tensors, or of products, beside one on a large tensor.
LOCAL, PRODUCT = 3, 12
LARGEST = 2**22  # numbers in the tensor of one light cone


def pauli_polynomial(circuit: CompiledCircuit, parameters: Array) -> PauliPolynomial:
    """Expand the evolved observable in the Pauli strings that the encoding can reach.

    Raises
    ------
    ValueError
        If the encoding entangles qubits, or there are too many strings for the memory.
    """
    if (found := propagated(circuit, parameters)) is not None:
        return found
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.product_groups(encoding)
    reached = _letters(encoding, parameters)
    with limited(32.0 * 4**circuit.num_qubits):
        strings = _dense(rest, parameters, parts, reached, encoding)
    return _polynomial(circuit, parameters, *strings)


@limited()
def propagated(
    circuit: CompiledCircuit, parameters: Array, most: int | None = None
) -> PauliPolynomial | None:
    """Carry the observable back as a list of strings; None if there get too many.

    The list may hold ``most`` strings, where given, or what fits in memory.

    Raises
    ------
    ValueError
        If the encoding entangles qubits.
    """
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.product_groups(encoding)
    if (found := _strings(rest, parameters, most)) is None:
        return None
    reached = _letters(encoding, parameters)
    return _polynomial(circuit, parameters, *_averaged(found, parts, reached, encoding, parameters))


def _strings(
    rest: CompiledCircuit, parameters: Array, most: int | None
) -> tuple[Indices, Array] | None:
    """Return strings and coefficients, as planned where there is a plan."""
    if (plan := pauli_plan(rest)) is None:
        found = propagate(rest, parameters, most)
        return None if found is None else found[:2]
    if most is not None and len(plan.codes) > most:
        return None
    return plan.strings, plan.coefficients(parameters)


@limited()
def truncated(
    circuit: CompiledCircuit, parameters: Array, smallest: float, weight: int | None, most: int
) -> PauliPolynomial:
    """Carry the observable back, and leave out strings that are small or have many letters.

    Raises
    ------
    ValueError
        If the encoding entangles qubits.
    TooLargeError
        If there are more strings than ``most``.
    """
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.product_groups(encoding, "pauli_propagation")
    found = propagate(rest, parameters, most, smallest, weight)
    if found is None:
        raise TooLargeError(
            f"most: expected at most {most} strings, found more; leave out small ones with "
            f"qxai.pauli_propagation(model, smallest=1e-3, weight=6), or pass a larger most="
        )
    strings, coefficients, left = found
    check_size(8 * strings.size, f"{len(strings)} strings of {strings.shape[1]} qubits")
    reached = _letters(encoding, parameters)
    kept = _averaged((strings, coefficients), parts, reached, encoding, parameters)
    factor = math.sqrt(math.prod(spreads(circuit, parameters)))
    whole = _polynomial(circuit, parameters, *kept)
    return replace(whole, error=factor * left.distance, most_error=left.size)


def _polynomial(
    circuit: CompiledCircuit, parameters: Array, strings: Indices, coefficients: Array
) -> PauliPolynomial:
    """Add the observable's constant, as a string of its own unless the identity is there."""
    encoding, constant = heisenberg.split(circuit)[0], circuit.observable.constant
    if constant:
        identity = np.zeros((1, strings.shape[1]), strings.dtype)
        strings, where = np.unique(np.concatenate([strings, identity]), axis=0, return_inverse=True)
        coefficients = np.bincount(where.ravel(), np.append(coefficients, constant)).astype(float)
    owners = heisenberg.owners(encoding)
    return PauliPolynomial(strings, coefficients, owners, encoding, parameters)


def _dense(
    rest: CompiledCircuit,
    parameters: Array,
    parts: Sequence[heisenberg.Group],
    reached: Sequence[Indices],
    encoding: CompiledCircuit,
) -> tuple[Indices, Array]:
    """Evolve the observable as a matrix, and read off the strings that are not zero."""
    bases = [_basis(encoding, p, r, parameters) for p, r in zip(parts, reached)]
    tensor = heisenberg.project(rest, parameters, parts, bases)
    encoded = [i for i, part in enumerate(parts) if part.features]
    tensor = tensor.reshape([len(reached[i]) for i in encoded])
    present = np.argwhere(np.abs(tensor) > 1e-15 * np.abs(tensor).sum())
    strings = np.stack([reached[i][present[:, k]] for k, i in enumerate(encoded)], axis=1)
    return strings, tensor[tuple(present.T)]


def _averaged(
    found: tuple[Indices, Array],
    parts: Sequence[heisenberg.Group],
    reached: Sequence[Indices],
    encoding: CompiledCircuit,
    parameters: Array,
) -> tuple[Indices, Array]:
    """Drop strings out of reach, and average over the qubits that hold no feature."""
    strings, coefficients = found
    idle = [part for part in parts if not part.features]
    nowhere = np.zeros((1, len(encoding.angles.features)))
    constant = encoding.without_features
    fixed = bloch_vectors(constant, idle, nowhere, parameters)[0] if idle else np.zeros((0, 4))
    for part, bloch in zip(idle, fixed):
        coefficients = coefficients * bloch[strings[:, part.qubits[0]]]
    encoded = [(part.qubits[0], r) for part, r in zip(parts, reached) if part.features]
    kept = coefficients != 0
    for qubit, letters in encoded:
        kept &= np.isin(strings[:, qubit], letters)
    return merged_strings(strings[kept][:, [qubit for qubit, _ in encoded]], coefficients[kept])


def _letters(encoding: CompiledCircuit, parameters: Array) -> list[Indices]:
    """Return the letters that each qubit of a product encoding reaches; kept where it is fixed."""
    if any(op.angle in encoding.angles.trained for op in encoding.operations):
        return [_reached(encoding, part, parameters) for part in heisenberg.groups(encoding)]
    return _kept_letters(encoding)


@kept_with
def _kept_letters(encoding: CompiledCircuit) -> list[Indices]:
    nowhere = np.zeros(len(encoding.angles.parameters))
    return [_reached(encoding, part, nowhere) for part in heisenberg.groups(encoding)]


def _reached(encoding: CompiledCircuit, part: heisenberg.Group, parameters: Array) -> Indices:
    """Return which Paulis have an expectation value that is not zero for every input.

    Where exponents are linear the value is analytic; if it is zero at many random points it is
    zero everywhere, but for a set of points of measure zero. Points are drawn on the scale of
    every gate. Where exponents are not linear, all letters are kept.
    """
    scales = encoding.angles.scales
    if scales is None:
        return np.arange(4)
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.uniform(-4, 4, (16, scales.shape[1])) * row for row in scales])
    largest = np.abs(bloch_vectors(encoding, [part], X, parameters)).max(axis=(0, 1))
    return np.flatnonzero(largest > 1e-12)


def _basis(
    encoding: CompiledCircuit, part: heisenberg.Group, reached: Indices, parameters: Array
) -> Array:
    """Return the letters that are reached for an encoded qubit, any other's Bloch vector."""
    if part.features:
        return np.eye(4)[reached]
    nowhere = np.zeros((1, len(encoding.angles.features)))
    return heisenberg.group_activations(encoding.without_features, part, nowhere, parameters)


@limited()
def multilinear_form(
    circuit: CompiledCircuit, parameters: Array
) -> LocalPolynomial | ProductPolynomial | None:
    """Return the circuit in the form that takes the fewest operations; None if it is a tensor.

    One contraction takes about ``∏ K_i`` operations with a tensor of ``K_i`` functions a feature,
    the sum of that over the light cones with a tensor for each, and ``S Σ K_i`` with a sum of
    ``S`` products.
    """
    if circuit.num_qubits <= SMALL:
        return None
    encoding, _ = heisenberg.split(circuit)
    if any(len(part.qubits) > 1 for part in heisenberg.groups(encoding)):
        return None
    sizes = [2 * len(w) + 1 for w in feature_frequencies(circuit, parameters)]
    whole, local = math.prod(sizes), _local(circuit, parameters)
    cones = math.inf if local is None else LOCAL * sum(p.coefficients.size for p in local.parts)
    most = int(min(whole, cones) // (PRODUCT * sum(sizes)))
    found = propagated(circuit, parameters, most)
    if found is not None and len(found.polynomial().weights) <= most:
        return found.polynomial()
    return local if cones < whole else None


def _local(circuit: CompiledCircuit, parameters: Array) -> LocalPolynomial | None:
    """Return the circuit as a sum over light cones, None if they are too large or not known."""
    placed = layout(circuit, parameters)
    if placed is None or max(math.prod(w.sizes) for w in placed.windows) > LARGEST:
        return None
    coefficients = placed.plan.coefficients(parameters)
    tensors = [cleaned(w.tensor(coefficients), rounding(circuit)) for w in placed.windows]
    turned = [number for number, window in enumerate(placed.windows) if window.features]
    if not turned:
        return None
    idle = sum(float(t) for t, window in zip(tensors, placed.windows) if not window.features)
    tensors[turned[0]].flat[0] += circuit.observable.constant + idle
    places = [placed.windows[number].features for number in turned]
    parts = [
        TrigPolynomial(tensors[number], [placed.frequencies[i] for i in place])
        for number, place in zip(turned, places)
    ]
    return LocalPolynomial(parts, places, placed.frequencies)
