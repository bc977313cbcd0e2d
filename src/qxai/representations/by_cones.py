"""Circuits of any kind as sums over light cones, each with a small tensor of its features."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy

from qxai.angles import AngleTable
from qxai.backends.statevector import Statevector
from qxai.compiled import CompiledCircuit
from qxai.cones import Cone, cones
from qxai.core import Array
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.local import LocalPolynomial
from qxai.representations.routes import operations, trig_polynomial
from qxai.representations.trigonometric import TrigPolynomial

LARGEST = 2**22  # numbers in the tensor of one light cone
EQUAL = 1e-9  # relative difference of frequencies that are the same one


def cone_operations(circuit: CompiledCircuit, parameters: Array) -> float:
    """Count what `local_polynomial` takes, about; infinite where it does not apply."""
    found = cones(circuit)
    if found is None:
        return math.inf
    sizes = [2 * len(w) + 1 for w in feature_frequencies(circuit, parameters)]
    if max(math.prod(sizes[i] for i in cone.features) for cone in found) > LARGEST:
        return math.inf
    turned = [cone for cone in found if cone.features]
    return sum(operations(_alone(cone, circuit), parameters) for cone in turned)


def local_polynomial(circuit: CompiledCircuit, parameters: Array) -> LocalPolynomial:
    """Return a circuit with light cones as a sum of small tensors."""
    found = cones(circuit)
    assert found is not None
    whole = feature_frequencies(circuit, parameters)
    parts, places, constant = [], [], circuit.observable.constant
    for cone in found:
        if not cone.features:
            nowhere = np.zeros((1, len(whole)))
            constant += float(Statevector().deviations(cone.circuit, nowhere, parameters)[0])
            continue
        own = trig_polynomial(_alone(cone, circuit), parameters)
        parts.append(_widened(own, [whole[i] for i in cone.features]))
        places.append(cone.features)
    if not parts:  # what no feature turns
        parts, places = [TrigPolynomial(np.zeros(2 * len(whole[0]) + 1), whole[:1])], [(0,)]
    if constant:
        tensor = parts[0].coefficients.copy()
        tensor.flat[0] += constant
        parts[0] = TrigPolynomial(tensor, parts[0].frequencies)
    return LocalPolynomial(parts, places, whole)


def _alone(cone: Cone, circuit: CompiledCircuit) -> CompiledCircuit:
    """Return a cone as a circuit of its own features and exponents."""
    table = circuit.angles
    used = sorted({op.angle for op in cone.circuit.operations if op.angle is not None})
    number = {angle: row for row, angle in enumerate(used)}
    expressions: tuple[sympy.Expr, ...] = tuple(table.expressions[angle] for angle in used)
    features = tuple(table.features[i] for i in cone.features)
    moved = tuple(
        op if op.angle is None else replace(op, angle=number[op.angle])
        for op in cone.circuit.operations
    )
    angles = AngleTable(expressions, features, table.parameters)
    return replace(cone.circuit, operations=moved, angles=angles)


def _widened(polynomial: TrigPolynomial, frequencies: Sequence[Array]) -> TrigPolynomial:
    """Return a polynomial with all frequencies that its features have anywhere."""
    places = [_functions(own, all_) for own, all_ in zip(polynomial.frequencies, frequencies)]
    tensor = np.zeros([2 * len(w) + 1 for w in frequencies])
    tensor[np.ix_(*places)] = polynomial.coefficients
    return TrigPolynomial(tensor, frequencies)


def _functions(own: Array, whole: Array) -> list[int]:
    """Return the numbers of the functions of some of a feature's frequencies, 1 first."""
    nearest = [int(np.argmin(np.abs(whole - w))) for w in own]
    assert all(abs(whole[k] - w) <= EQUAL * w for k, w in zip(nearest, own))
    return [0, *(place for k in nearest for place in (2 * k + 1, 2 * k + 2))]
