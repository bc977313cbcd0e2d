"""A parametrised quantum circuit as a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, estimated_gradient, exactly
from qxai.backends.shift_rule import gradient_runs
from qxai.backends.statevector import Statevector
from qxai.checks import as_inputs
from qxai.compiled import CompiledCircuit, compile_circuit
from qxai.core import Array, Backend, Estimate, Multilinear
from qxai.models.combination import MODELS
from qxai.models.forms import cheapest_form, plain_circuit, ran, run_operations
from qxai.models.front import InColumns
from qxai.models.naming import named
from qxai.models.preparing import remade, without_measurements
from qxai.models.probability import Observable, weighted_sum
from qxai.models.refusals import (
    Symbol,
    as_observable,
    as_symbol,
    changed,
    check_backend,
    check_symbols,
    check_types,
    refuse_sampled,
)
from qxai.models.view import CircuitView
from qxai.representations.pauli import PauliPolynomial
from qxai.representations.routes import trig_polynomial
from qxai.representations.strings import pauli_polynomial
from qxai.representations.trigonometric import TrigPolynomial


@dataclass(frozen=True, eq=False, repr=False)
class PQC:
    """Parametrised quantum circuit: ``f(x) = ⟨ψ(x)|M|ψ(x)⟩``.

    Parameters
    ----------
    circuit : cirq.Circuit or cirq.FrozenCircuit
        Unitary circuit, started from ``|0…0⟩``; measurements at its end are left out. Its symbols
        are the features and the parameters.
    features : sequence of sympy.Symbol or str
        The d symbols that stand for the input, in the order of its columns.
    observable : cirq.PauliSum, cirq.PauliString, cirq.ProjectorString or cirq.ProjectorSum
        Hermitian observable ``M``, kept as a PauliSum; ``cirq.Z(q)`` is one. For several outputs
        see `Outputs.of`, for the probability of bits `probability`.
    parameters : mapping from sympy.Symbol or str to float, optional
        Value of every symbol that is no feature.
    backend : Backend, optional
        Where the circuit runs; the dense statevector by default.

    Raises
    ------
    ValueError
        If a symbol is unbound, unknown or both a feature and a parameter; if a value is not
        finite; if the observable is not Hermitian; if an operation is not unitary or its
        spectrum cannot be found.
    TypeError
        If an argument is of another kind.

    Notes
    -----
    Angles are radians. Cirq writes a rotation by ``x`` radians as ``cirq.rx(x)``, which is
    ``cirq.X ** (x / π)``: the frequency of ``cirq.X ** x`` is π, not 1.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q))
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), {t: 2})  # cos(x + 2)
    >>> print(model.values([[-2], [-1]]).round(3))
    [1.   0.54]
    """

    circuit: cirq.AbstractCircuit
    features: Sequence[Symbol]
    observable: Observable
    parameters: Mapping[Symbol, float] = field(default_factory=dict)
    backend: Backend = field(default_factory=Statevector)

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    takes_radians: ClassVar[bool] = True  # raw units in a table are warned of

    def __post_init__(self) -> None:
        """Normalise symbols, freeze what could be changed, refuse what cannot be evaluated."""
        check_types(self)
        features = tuple(as_symbol(name) for name in self.features)
        parameters = {as_symbol(name): float(v) for name, v in self.parameters.items()}
        if len(parameters) < len(self.parameters):
            raise ValueError(f"parameters: expected different names, found {self.parameters}")
        observable = as_observable(self.observable)
        circuit = without_measurements(self.circuit)
        check_symbols(circuit, features, parameters)
        object.__setattr__(self, "circuit", circuit)
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        object.__setattr__(self, "observable", observable)
        _ = self.compiled

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say how large it is and where it runs."""
        return (
            f"<PQC: {self.num_features} features, {self.num_qubits} qubits, "
            f"{len(self.parameters)} parameters, on {type(self.backend).__name__}>"
        )

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.features)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features: columns of a table are matched with them."""
        return tuple(map(str, self.features))

    @property
    def num_qubits(self) -> int:
        """Number of qubits ``n``, those of the observable included."""
        return self.compiled.num_qubits

    @property
    def parameter_values(self) -> Array:
        """The parameters' values in the order of the mapping, shape (P,)."""
        return np.array(list(self.parameters.values()), dtype=np.float64)

    @property
    def run_operations(self) -> float:
        """How many multiplications one run takes, about."""
        return run_operations(self.compiled)

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The circuit reduced to operations; shared by models that differ in values only."""
        symbols = tuple(self.parameters)
        return compile_circuit(self.circuit, tuple(self.features), symbols, self.observable)  # type: ignore[arg-type]

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return ran(self, "values", inputs)

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` per radian for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return ran(self, "gradient", inputs)

    def estimate(self, X: ArrayLike) -> Estimate:
        """Return the outputs (N,) with standard errors: 0 on an exact backend."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        if not hasattr(self.backend, "estimate"):
            return exactly(ran(self, "values", inputs))
        return estimated(self.backend, self.compiled, inputs, self.parameter_values)

    def estimate_gradient(self, X: ArrayLike) -> Estimate:
        """Return ``∂f/∂x_i`` (N, d) with standard errors: 0 on an exact backend.

        Its ``evaluations`` are those of the parameter-shift rule, two for each frequency of each
        gate that a feature enters.
        """
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return estimated_gradient(
            self.backend,
            self.compiled,
            inputs,
            self.parameter_values,
            runs=len(inputs) * gradient_runs(self.compiled),
            user="estimate_gradient",
            instead="use a backend that has one, such as qxai.Statevector()",
        )

    def polynomial(self) -> TrigPolynomial:
        """Return the model as a trigonometric polynomial; computed once.

        Raises
        ------
        TypeError
            On a backend that only estimates.
        ValueError
            If a gate's exponent is not affine in the features, if frequencies are too close to be
            told apart, or if the tensor would not fit in memory.
        """
        refuse_sampled(self.backend, "polynomial")
        return self._polynomial

    def pauli_polynomial(self) -> PauliPolynomial:
        """Return the model as a sum over Pauli strings of the encoded qubits; computed once.

        Raises
        ------
        TypeError
            On a backend that only estimates.
        ValueError
            If the circuit is not a product encoding followed by a trainable circuit.
        """
        refuse_sampled(self.backend, "pauli_polynomial")
        return self._pauli_polynomial

    def multilinear(self) -> Multilinear | InColumns:
        """Return the model as linear in one vector per feature, with the fewest operations.

        Where a readout depends on few features that is a sum of small tensors, one for each light
        cone; where few Pauli strings matter, a sum of products. A feature may enter through a
        function. Counted operations decide, so the form is always the same.

        Raises
        ------
        TypeError
            On a backend that only estimates.
        NoClosedFormError
            If features meet in a product, one enters through several functions, or running all
            coalitions takes fewer operations.
        """
        refuse_sampled(self.backend, "polynomial")
        return self._multilinear

    def view(self) -> CircuitView:
        """Return what methods made for circuits ask for: networks, gates left out, noise."""
        return CircuitView(self.compiled, self.parameter_values, self.backend)

    def with_parameters(self, values: Mapping[Symbol, float] | ArrayLike) -> "PQC":
        """Return a new model with other parameter values.

        Parameters
        ----------
        values : mapping, or array of shape (P,)
            New values for some of the symbols, or for all in the order of `parameters`.
        """
        return self._with(parameters=MappingProxyType(changed(self.parameters, values)))

    def on(self, backend: Backend) -> "PQC":
        """Return a new model that runs on another backend."""
        check_backend(backend)
        return self._with(backend=backend)

    def with_observable(self, observable: Observable) -> "PQC":
        """Return a new model that reads out the same circuit, compiled once, in another way."""
        found = as_observable(observable)
        if not set(found.qubits) <= set(self.compiled.qubits):
            return PQC(self.circuit, self.features, found, self.parameters, self.backend)
        compiled = self.compiled.observable.of(found, self.compiled.qubits)
        return self._with(observable=found, compiled=replace(self.compiled, observable=compiled))

    def joins(self, other: object) -> bool:
        """Tell whether another model is the same but for its observable."""
        same = ("circuit", "features", "parameters", "backend")
        return isinstance(other, PQC) and all(getattr(self, k) == getattr(other, k) for k in same)

    def joined(self, weights: Sequence[float], models: Sequence["PQC"], constant: float) -> "PQC":
        """Return ``Σ_m w_m f_m + constant`` of such models as one, with one observable."""
        observables = [model.observable for model in models]
        return self.with_observable(weighted_sum(weights, observables, constant))

    def _with(self, **changes: object) -> "PQC":
        """Copy with changes that neither the checks nor the compiled circuit depend on."""
        names = [f.name for f in fields(self)] + ["compiled"]
        other = object.__new__(PQC)
        other.__dict__.update({name: getattr(self, name) for name in names} | changes)
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the model was made from: Cirq's sums and compiled functions refuse."""
        strings = list(self.observable)  # type: ignore[arg-type]  # a PauliSum by now
        symbols = dict(self.parameters)
        return remade, (PQC, self.circuit, self.features, strings, symbols, self.backend)

    @cached_property
    def _polynomial(self) -> TrigPolynomial:
        circuit = plain_circuit(self.compiled)
        return named(trig_polynomial(circuit, self.parameter_values), self.feature_names)

    @cached_property
    def _multilinear(self) -> Multilinear | InColumns:
        names = self.feature_names
        return cheapest_form(self.compiled, self.parameter_values, names, lambda: self._polynomial)

    @cached_property
    def _pauli_polynomial(self) -> PauliPolynomial:
        return named(pauli_polynomial(self.compiled, self.parameter_values), self.feature_names)
