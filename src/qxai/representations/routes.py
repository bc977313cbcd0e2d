"""From a circuit to its trigonometric polynomial, by whichever way handles fewer numbers."""

import math
from collections.abc import Sequence

import numpy as np

from qxai.backends.statevector import Statevector
from qxai.compiled import CompiledCircuit
from qxai.core import Array
from qxai.memory import check_size
from qxai.representations import heisenberg
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.grids import grid_inputs, solve_grid
from qxai.representations.layout import layout, qubit_bases
from qxai.representations.trigonometric import TrigPolynomial
from qxai.threads import limited

NODES = 8  # candidates for each node of a grid, from which the best are chosen


def trig_polynomial(circuit: CompiledCircuit, parameters: Array) -> TrigPolynomial:
    """Write a circuit as a polynomial by whichever way handles fewer numbers."""
    with limited():
        placed = layout(circuit, parameters)
        if placed is not None:
            check_size(32 * math.prod(placed.sizes), "the tensor")
            found = placed.whole.tensor(placed.plan.coefficients(parameters))
            return _finished(circuit, cleaned(found, rounding(circuit)), placed.frequencies)
    frequencies = feature_frequencies(circuit, parameters)
    sizes = [2 * len(w) + 1 for w in frequencies]
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.joined_by_features(heisenberg.groups(encoding))
    grid = math.prod(sizes) * 2**circuit.num_qubits
    states = sum(math.prod(sizes[i] for i in p.features) * 4 ** len(p.qubits) for p in parts)
    wide = sum(16 ** len(op.qubits) for op in rest.operations if len(op.qubits) > 2)
    evolved = 4**circuit.num_qubits + states + wide
    route = from_observable if evolved < grid else from_grid
    with limited(32.0 * min(evolved, grid)):
        found = route(circuit, parameters, frequencies).coefficients
    # Here errors of all entries meet in each.
    noise = rounding(circuit) * math.sqrt(found.size)
    return _finished(circuit, cleaned(found, noise), frequencies)


def operations(circuit: CompiledCircuit, parameters: Array) -> float:
    """Count what `trig_polynomial` takes, about; 0 where strings are planned once a circuit.

    Raises
    ------
    TooLargeError, NoClosedFormError
        As `trig_polynomial` does.
    """
    encoding, rest = heisenberg.split(circuit)
    groups = heisenberg.groups(encoding)
    if all(len(part.qubits) == 1 and len(part.features) <= 1 for part in groups):
        return 0.0
    sizes = [2.0 * len(w) + 1 for w in feature_frequencies(circuit, parameters)]
    solved = sum(size**3 for size in sizes) * NODES
    parts = heisenberg.joined_by_features(groups)
    states = sum(math.prod(sizes[i] for i in p.features) * 4.0 ** len(p.qubits) for p in parts)
    evolved = 4.0**circuit.num_qubits * (1 + len(rest.operations)) + states
    grid = math.prod(sizes) * 2.0**circuit.num_qubits * (1 + len(circuit.operations))
    return solved + 8 * min(evolved, grid)


def _finished(
    circuit: CompiledCircuit, coefficients: Array, frequencies: Sequence[Array]
) -> TrigPolynomial:
    """Add the observable's constant."""
    coefficients.flat[0] += circuit.observable.constant
    return TrigPolynomial(coefficients, frequencies)


def rounding(circuit: CompiledCircuit) -> float:
    """Return the size of a coefficient's rounding error."""
    return 1e-15 * circuit.observable.norm


def cleaned(coefficients: Array, noise: float) -> Array:
    """Set to zero what is a rounding error."""
    return np.where(np.abs(coefficients) > noise, coefficients, 0.0)


def from_grid(
    circuit: CompiledCircuit, parameters: Array, frequencies: Sequence[Array]
) -> TrigPolynomial:
    """Evaluate the circuit on a grid of nodes and solve one linear system per axis."""
    features = tuple(range(len(frequencies)))
    values = Statevector().deviations(circuit, grid_inputs(frequencies, features), parameters)
    coefficients = solve_grid(values[:, None], frequencies, features)[..., 0]
    return TrigPolynomial(coefficients, frequencies)


def from_observable(
    circuit: CompiledCircuit, parameters: Array, frequencies: Sequence[Array]
) -> TrigPolynomial:
    """Evolve the observable back to the encoding and expand it in the encoded states.

    The grid runs over the features of one group of qubits at a time, so the circuit is run on
    few points; the cost is that of ``4^n`` numbers.
    """
    check_size(8 * math.prod(2 * len(w) + 1 for w in frequencies), "the tensor")
    encoding, rest = heisenberg.split(circuit)
    parts = heisenberg.joined_by_features(heisenberg.groups(encoding))
    if all(len(part.qubits) == 1 and len(part.features) <= 1 for part in parts):
        bases = qubit_bases(encoding, parts, frequencies, parameters)
    else:
        bases = [_group_basis(encoding, part, frequencies, parameters) for part in parts]
    tensor = heisenberg.project(rest, parameters, parts, bases)
    order = [i for part in parts for i in part.features]
    shape = [2 * len(frequencies[i]) + 1 for i in order]
    coefficients = tensor.reshape(shape).transpose(np.argsort(order))
    return TrigPolynomial(np.ascontiguousarray(coefficients), frequencies)


def _group_basis(
    encoding: CompiledCircuit,
    part: heisenberg.Group,
    frequencies: Sequence[Array],
    parameters: Array,
) -> Array:
    X = grid_inputs(frequencies, part.features)
    activations = heisenberg.group_activations(encoding, part, X, parameters)
    return solve_grid(activations, frequencies, part.features).reshape(-1, activations.shape[1])
