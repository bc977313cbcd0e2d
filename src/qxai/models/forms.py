"""The forms that a circuit can be written in, and which of them takes the fewest operations."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import closed_form
from qxai.backends.statevector import Statevector
from qxai.checks import as_inputs
from qxai.compiled import CompiledCircuit
from qxai.cones import cones
from qxai.core import Array, Multilinear, NoClosedFormError
from qxai.memory import TooLargeError, kept_with
from qxai.models.front import InColumns
from qxai.models.naming import named
from qxai.representations.by_cones import cone_operations, local_polynomial
from qxai.representations.by_train import likely_train
from qxai.representations.routes import operations, trig_polynomial
from qxai.representations.strings import multilinear_form
from qxai.representations.tensor_train import TensorTrain
from qxai.representations.trigonometric import TrigPolynomial
from qxai.separation import INSTEAD, Separated, separated

FREE = 2.0**27  # operations that a closed form may take whatever the game would
LONG = 2.0**31  # operations of one run that takes seconds
MANY = 1_000  # inputs whose games it may cost beyond them


@dataclass(frozen=True, eq=False)
class Angles:
    """What stands before a circuit: its angles are functions of one feature each."""

    separated: Separated
    parameters: Array

    def angles(self, X: ArrayLike) -> Array:
        """Return the angles (N, d) at inputs (N, d)."""
        names = tuple(map(str, self.separated.features))
        return self.separated.angles(as_inputs(X, len(names), names), self.parameters)


def plain_circuit(circuit: CompiledCircuit) -> CompiledCircuit:
    """Return a circuit with sums of features as gates of their own.

    Raises
    ------
    NoClosedFormError
        If a function of a feature, or a product, is in an exponent.
    """
    apart = separated(circuit)
    if not apart.is_plain:
        core = next(core for i, core in apart.cores if core != apart.features[i])
        raise NoClosedFormError(
            f"polynomial: expected every exponent to be linear in the features, found {core} of "
            f"one; {INSTEAD}"
        )
    return apart.circuit


def cheapest_form(
    circuit: CompiledCircuit,
    parameters: Array,
    names: tuple[str, ...],
    whole: Callable[[], TrigPolynomial],
) -> Multilinear | InColumns:
    """Return a circuit as linear in one vector per feature, in the form of fewest operations.

    ``whole`` gives its polynomial, which is kept.

    Raises
    ------
    NoClosedFormError
        If there is none, or all coalitions of a thousand inputs take fewer operations.
    TooLargeError
        If it does not fit in memory.
    """
    apart = separated(circuit)
    if len(apart.cores) > len(apart.features):
        both = [i for i, core in apart.cores if core != apart.features[i]]
        raise NoClosedFormError(
            "polynomial: expected one function of each feature in the exponents, found several of "
            f"{names[both[0]]}; {INSTEAD}"
        )
    found = _sparse(apart.circuit, parameters)
    if apart.is_plain:
        return whole() if found is None else named(found, names)
    form = trig_polynomial(apart.circuit, parameters) if found is None else found
    return InColumns(form, Angles(apart, parameters))


def _sparse(circuit: CompiledCircuit, parameters: Array) -> Multilinear | None:
    """Return a circuit as a train, a sum of small tensors or of products; None if as one tensor."""
    if (train := likely_train(circuit, parameters)) is not None:
        return train
    whole = _operations(circuit, parameters)
    local = cone_operations(circuit, parameters) if whole else math.inf
    check_operations(circuit, min(whole, local))
    found = multilinear_form(circuit, parameters)
    return local_polynomial(circuit, parameters) if found is None and local < whole else found


def _operations(circuit: CompiledCircuit, parameters: Array) -> float:
    """Count what one tensor takes; infinite where it would not fit."""
    try:
        return operations(circuit, parameters)
    except TooLargeError:
        return math.inf


def check_operations(circuit: CompiledCircuit, needed: float) -> None:
    """Refuse a form whose making takes longer than what it is for."""
    runs = 2.0 ** min(len(circuit.angles.features), 500)
    game = runs * run_operations(circuit)
    if needed > max(FREE, MANY * game):
        raise NoClosedFormError(
            f"polynomial: expected at most {max(FREE, MANY * game):.2g} operations, found "
            f"{needed:.2g}; {INSTEAD}"
        )


def run_operations(circuit: CompiledCircuit) -> float:
    """Return how many multiplications one run of a circuit takes, about."""
    return 8.0 * max(1, len(circuit.operations)) * 2.0**circuit.num_qubits


@kept_with
def _train(model: Any) -> TensorTrain | None:
    """Return a circuit as a train if it is likely one; nothing else is made to find that out."""
    apart = separated(model.compiled)
    if not apart.is_plain:
        return None
    return likely_train(apart.circuit, model.parameter_values)


def ran(model: Any, name: str, inputs: Array) -> Array:
    """Return a circuit's values (N,) or gradient (N, d) at inputs (N, d).

    From its form of fewest operations where its state, light cones taken apart, is too large, or
    would take long while the circuit is a train.

    Raises
    ------
    TooLargeError
        If no form is smaller.
    """
    exact = type(model.backend) is Statevector
    long = cones(model.compiled) is None and run_operations(model.compiled) > LONG
    if exact and long and (train := _train(model)) is not None:
        return np.asarray(getattr(train, name)(inputs))
    try:
        found: Array = getattr(model.backend, name)(model.compiled, inputs, model.parameter_values)
    except TooLargeError:
        form = getattr(closed_form(model), name, None) if exact else None
        if form is None:
            raise
        found = form(inputs)
    return found
