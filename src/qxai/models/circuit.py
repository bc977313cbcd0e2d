"""A parametrised quantum circuit as a model."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

import cirq
import numpy as np
import sympy
from numpy.typing import ArrayLike

from qxai.backends.statevector import Statevector
from qxai.compiled import CompiledCircuit, compile_circuit
from qxai.core import Array, Backend, as_inputs
from qxai.representations.pauli import PauliPolynomial, pauli_polynomial
from qxai.representations.trigonometric import TrigPolynomial, trig_polynomial

Symbol = Any  # a sympy.Symbol or its name; sympy has no types


@dataclass(frozen=True, eq=False)
class PQC:
    """Parametrised quantum circuit: ``f(x) = ⟨ψ(x)|M|ψ(x)⟩``.

    Parameters
    ----------
    circuit : cirq.Circuit or cirq.FrozenCircuit
        Unitary circuit, started from |0…0⟩. Its symbols are the features and the parameters.
    features : sequence of sympy.Symbol or str
        The d symbols that stand for the input, in the order of its columns.
    observable : cirq.PauliSum or cirq.PauliString
        Hermitian observable ``M``; ``cirq.Z(q)`` is one.
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
    """

    circuit: cirq.AbstractCircuit
    features: Sequence[Symbol]
    observable: cirq.PauliSum | cirq.PauliString[Any]
    parameters: Mapping[Symbol, float] = field(default_factory=dict)
    backend: Backend = field(default_factory=Statevector)

    def __post_init__(self) -> None:
        """Normalise symbols, freeze what could be changed, refuse what cannot be evaluated."""
        _check_types(self)
        features = tuple(_symbol(name) for name in self.features)
        parameters = {_symbol(name): float(v) for name, v in self.parameters.items()}
        if len(parameters) < len(self.parameters):
            raise ValueError(f"parameters: expected different names, found {self.parameters}")
        observable = cirq.PauliSum() + self.observable
        _check_symbols(self.circuit, features, parameters)
        _check_observable(observable)
        object.__setattr__(self, "circuit", self.circuit.freeze())
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        object.__setattr__(self, "observable", observable)
        _ = self.compiled

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.features)

    @property
    def parameter_values(self) -> Array:
        """The parameters' values in the order of the mapping, shape (P,)."""
        return np.array(list(self.parameters.values()), dtype=np.float64)

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The circuit reduced to operations; shared by models that differ in values only."""
        symbols = tuple(self.parameters)
        return compile_circuit(self.circuit, tuple(self.features), symbols, self.observable)  # type: ignore[arg-type]

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        inputs = as_inputs(X, self.num_features)
        return self.backend.values(self.compiled, inputs, self.parameter_values)

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` per radian for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features)
        return self.backend.gradient(self.compiled, inputs, self.parameter_values)

    def polynomial(self) -> TrigPolynomial:
        """Return the model as a trigonometric polynomial; computed once.

        Raises
        ------
        ValueError
            If a gate's exponent is not affine in one feature, if frequencies are too close to be
            told apart, or if the tensor would not fit in memory.
        """
        return self._polynomial

    def pauli_polynomial(self) -> PauliPolynomial:
        """Return the model as a sum over Pauli strings of the encoded qubits; computed once.

        Raises
        ------
        ValueError
            If the circuit is not a product encoding followed by a trainable circuit.
        """
        return self._pauli_polynomial

    def with_parameters(self, values: Mapping[Symbol, float] | ArrayLike) -> "PQC":
        """Return a new model with other parameter values.

        Parameters
        ----------
        values : mapping, or array of shape (P,)
            New values for some of the symbols, or for all in the order of `parameters`.
        """
        new = dict(self.parameters)
        if isinstance(values, Mapping):
            named = {_symbol(name): float(v) for name, v in values.items()}
            unknown = sorted(str(s) for s in named.keys() - new.keys())
            if unknown:
                raise ValueError(
                    f"values: expected parameters of the model, found {', '.join(unknown)}"
                )
            new |= named
        else:
            array = np.asarray(values, dtype=np.float64)
            if array.shape != (len(new),):
                raise ValueError(f"values: expected shape ({len(new)},), found {array.shape}")
            new = dict(zip(new, array.tolist()))
        _check_finite(new)
        return self._with(parameters=MappingProxyType(new))

    def on(self, backend: Backend) -> "PQC":
        """Return a new model that runs on another backend."""
        _check_backend(backend)
        return self._with(backend=backend)

    def _with(self, **changes: object) -> "PQC":
        """Copy with changes that neither the checks nor the compiled circuit depend on."""
        names = [f.name for f in fields(self)] + ["compiled"]
        other = object.__new__(PQC)
        other.__dict__.update({name: getattr(self, name) for name in names} | changes)
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the model was made from: Cirq's sums and compiled functions refuse."""
        strings = list(self.observable)
        return _restored, (
            self.circuit,
            self.features,
            strings,
            dict(self.parameters),
            self.backend,
        )

    @cached_property
    def _polynomial(self) -> TrigPolynomial:
        return trig_polynomial(self.compiled, self.parameter_values)

    @cached_property
    def _pauli_polynomial(self) -> PauliPolynomial:
        return pauli_polynomial(self.compiled, self.parameter_values)


def _restored(
    circuit: cirq.AbstractCircuit,
    features: Sequence[Symbol],
    strings: list[cirq.PauliString[Any]],
    parameters: dict[Symbol, float],
    backend: Backend,
) -> PQC:
    observable = cirq.PauliSum.from_pauli_strings(strings) if strings else cirq.PauliSum()
    return PQC(circuit, features, observable, parameters, backend)


def _symbol(name: Symbol) -> sympy.Symbol:
    return sympy.Symbol(str(name))  # as in Cirq, names decide and not assumptions


def _check_types(model: PQC) -> None:
    for name, kinds in (
        ("circuit", cirq.AbstractCircuit),
        ("features", Iterable),
        ("observable", cirq.PauliSum | cirq.PauliString),
        ("parameters", Mapping),
    ):
        found = getattr(model, name)
        if not isinstance(found, kinds) or isinstance(found, str):
            raise TypeError(f"{name}: expected {kinds}, found {type(found).__name__}")
    _check_backend(model.backend)


def _check_backend(backend: object) -> None:
    if isinstance(backend, type) or not callable(getattr(backend, "values", None)):
        raise TypeError(f"backend: expected one such as qxai.QSim(), found {backend!r}")


def _names(symbols: Set[Symbol]) -> str:
    return ", ".join(sorted(str(symbol) for symbol in symbols))


def _check_symbols(
    circuit: cirq.AbstractCircuit,
    features: tuple[sympy.Symbol, ...],
    parameters: dict[sympy.Symbol, float],
) -> None:
    found = cirq.parameter_symbols(circuit)
    if not features:
        raise ValueError("features: expected at least one symbol, found none")
    if len(set(features)) < len(features):
        raise ValueError(f"features: expected different symbols, found {features}")
    if both := set(features) & parameters.keys():
        raise ValueError(f"parameters: expected no features, found {_names(both)}")
    if unknown := set(features) - found:
        raise ValueError(
            f"features: expected symbols of the circuit, found {_names(unknown)}; "
            f"the circuit has {_names(found)}"
        )
    if unknown := parameters.keys() - found:
        raise ValueError(
            f"parameters: expected symbols of the circuit, found {_names(unknown)}; "
            f"the circuit has {_names(found)}"
        )
    if unbound := found - set(features) - parameters.keys():
        raise ValueError(
            f"parameters: expected a value for every symbol, found none for {_names(unbound)}; "
            "pass parameters={symbol: value} or name it among the features"
        )
    _check_finite(parameters)


def _check_finite(parameters: dict[sympy.Symbol, float]) -> None:
    if wrong := {s for s, value in parameters.items() if not np.isfinite(value)}:
        raise ValueError(f"parameters: expected finite values, found others for {_names(wrong)}")


def _check_observable(observable: cirq.PauliSum) -> None:
    for string in observable:
        coefficient = complex(string.coefficient)
        if not np.isfinite(coefficient) or abs(coefficient.imag) > 1e-12:
            raise ValueError(
                f"observable: expected a Hermitian sum, found coefficient {string.coefficient} "
                f"of {string}; use real, finite coefficients"
            )
