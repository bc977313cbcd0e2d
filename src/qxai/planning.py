"""The runs that a method wants, as a table for a device, and what comes back from them."""

import copy
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.backends.device import basis_change, measurement_groups, readings
from qxai.backends.shift_rule import shifted_gradient
from qxai.checks import check_count
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Estimate, OnlyEstimatesError
from qxai.runs import Answer, Plan, Setting

Method = Callable[..., Attribution]


def plan(
    method: Method, model: Any, X: ArrayLike, shots: int, rng: np.random.Generator | None = None
) -> Plan:
    """Return the runs that a method wants of a circuit, to be made on a device.

    The method is gone through twice: once to write down what it asks for, and once to be told
    the answers, by `Plan.from_results`. So what is planned is what the method does.

    Parameters
    ----------
    method : callable
        An attribution, called as ``method(model, X)``: `occlusion`, `taylor`, or a
        ``functools.partial`` of one, such as ``partial(shapley, samples=100)``.
    model : PQC, or a model around one (Scaled, Affine)
        Its own backend is not asked.
    X : array_like, shape (N, d)
    shots : int
        For each run and basis, at least 2.
    rng : numpy.random.Generator, optional
        For a method that draws; both passes draw alike.

    Returns
    -------
    Plan
        One row for each run, in the order in which the method asks.

    Raises
    ------
    TypeError
        If the model has no circuit, or the method needs more of it than its outputs.
    ValueError
        If the method asks for more once it knows the answers, or for nothing.

    Examples
    --------
    >>> import functools, cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(cirq.CNOT(*q))
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[1]))
    >>> qxai.plan(functools.partial(qxai.gradient), model, [[0.1, 0.2]], shots=500)
    <Plan: 5 runs of 1 circuit, 1 setting, 2500 shots>
    """
    check_count("shots", shots, 2)
    asked: list[tuple[CompiledCircuit, Array]] = []

    def record(circuit: CompiledCircuit, exponents: Array) -> Estimate:
        asked.append((circuit, exponents))
        return Estimate(np.zeros(len(exponents)), np.ones(len(exponents)), len(exponents), shots)

    def explain(answer: Answer) -> Attribution:
        found: Attribution = called(method, placed_on(model, Asked(answer)), X, rng)
        return found

    try:
        explain(record)
    except OnlyEstimatesError as error:
        raise TypeError(
            "method: expected one that asks for outputs or gradients, found one that needs the "
            "circuit itself; integrated_gradients has steps=, smooth_grad and lime have samples=, "
            "others of this kind cannot be planned"
        ) from error
    if not asked:
        raise ValueError(
            "method: expected one that runs the circuit, found none that does; its result needs "
            "no device"
        )
    circuits = list(dict.fromkeys(circuit for circuit, _ in asked))
    if any(not _same_readout(circuits[0], other) for other in circuits[1:]):
        raise ValueError(
            "method: expected one observable in all runs, found several; plan each by itself"
        )
    which = [circuits.index(circuit) for circuit, _ in asked]
    return Plan(
        circuits=tuple(circuit.template for circuit in circuits),
        which=np.repeat(which, [len(rows) for _, rows in asked]),
        angles=np.concatenate([rows for _, rows in asked]),
        shots=int(shots),
        settings=_settings(circuits[0]),
        constant=circuits[0].observable.constant,
        explain=explain,
    )


def _same_readout(one: CompiledCircuit, other: CompiledCircuit) -> bool:
    """Tell whether two circuits are measured alike."""
    same = one.observable.pauli_sum == other.observable.pauli_sum
    return same and one.observable.constant == other.observable.constant


def _settings(circuit: CompiledCircuit) -> tuple[Setting, ...]:
    """Group the observable's terms by the basis that measures them."""
    found = []
    for basis, strings, coefficients in measurement_groups(*circuit.observable.strings):
        measured = np.flatnonzero(basis)
        qubits = tuple(circuit.qubits[q] for q in measured)
        worths = readings(strings[:, measured], coefficients)
        found.append(Setting(basis_change(circuit, basis), qubits, worths))
    return tuple(found)


def placed_on(model: Any, backend: Any) -> Any:
    """Return a model on another backend, also where it stands behind something else."""
    if callable(getattr(model, "on", None)):
        return model.on(backend)
    if isinstance(several := getattr(model, "models", None), tuple):
        return replace(model, models=tuple(placed_on(one, backend) for one in several))
    inner = getattr(model, "model", None)
    if inner is None:
        raise TypeError(
            f"model: expected a circuit to run, found {type(model).__name__}; wrap one in qxai.PQC"
        )
    return replace(model, model=placed_on(inner, backend))


def called(method: Method, model: Any, X: ArrayLike, rng: np.random.Generator | None) -> Any:
    """Call a method with a generator of its own, so that it draws the same each time."""
    if isinstance(method, functools.partial):
        bound = {name: copy.deepcopy(value) for name, value in method.keywords.items()}
        method = functools.partial(method.func, *method.args, **bound)
    takes = "rng" in inspect.signature(method).parameters
    if rng is not None and takes:
        return method(model, X, rng=copy.deepcopy(rng))
    return method(model, X)


@dataclass(frozen=True)
class Asked:
    """A backend that asks someone else for every run.

    Attributes
    ----------
    answer : callable
        Called with a circuit and exponents (N, G); returns an `Estimate` (N,).
    """

    answer: Answer

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return expectation values for inputs (N, d), shape (N,)."""
        return self.estimate(circuit, X, parameters).values

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return their derivatives by the features, shape (N, d)."""
        return self.estimate_gradient(circuit, X, parameters).values

    def estimate(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Return expectation values for inputs (N, d) with errors."""
        return self.answer(circuit, circuit.angles.table(X, parameters))

    def estimate_gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Return the gradient by the features (N, d) with errors, by shifted runs."""
        return shifted_gradient(self.answer, circuit, X, parameters)
