"""What a circuit model refuses, and why."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

import cirq
import numpy as np
import sympy
from numpy.typing import ArrayLike

from qxai.core import Backend, OnlyEstimatesError
from qxai.models.preparing import symbols_of
from qxai.models.probability import Observable, as_pauli_sum

OBSERVABLES = cirq.PauliSum, cirq.PauliString, cirq.ProjectorString, cirq.ProjectorSum
Symbol = Any  # a sympy.Symbol or its name; sympy has no types


def as_symbol(name: Symbol) -> sympy.Symbol:
    """Return the symbol of that name."""
    return sympy.Symbol(str(name))  # as in Cirq, names decide and not assumptions


def check_types(model: Any) -> None:
    """Refuse arguments of another kind."""
    for name, kinds in (
        ("circuit", cirq.AbstractCircuit),
        ("features", Iterable),
        ("parameters", Mapping),
    ):
        check_kind(name, getattr(model, name), kinds)
    check_backend(model.backend)


def check_kind(name: str, found: object, kinds: Any) -> None:
    """Refuse an argument of another kind; a text is no sequence of names."""
    if isinstance(found, str):
        raise TypeError(f"{name}: expected several, in a list, found the text {found!r}")
    if not isinstance(found, kinds):
        raise TypeError(f"{name}: expected {kinds}, found {type(found).__name__}")


def check_backend(backend: object) -> None:
    """Refuse what cannot run a circuit."""
    if isinstance(backend, type) or not callable(getattr(backend, "values", None)):
        raise TypeError(f"backend: expected one such as qxai.QSim(), found {backend!r}")


def names(symbols: Set[Symbol]) -> str:
    """List symbols for a message."""
    return ", ".join(sorted(str(symbol) for symbol in symbols))


def check_symbols(
    circuit: cirq.AbstractCircuit,
    features: tuple[sympy.Symbol, ...],
    parameters: dict[sympy.Symbol, float],
) -> None:
    """Refuse symbols that are unbound, unknown, or both feature and parameter."""
    found = symbols_of(circuit)
    if not features:
        raise ValueError("features: expected at least one symbol, found none")
    if len(set(features)) < len(features):
        raise ValueError(f"features: expected different symbols, found {features}")
    if both := set(features) & parameters.keys():
        raise ValueError(f"parameters: expected no features, found {names(both)}")
    if unknown := set(features) - found:
        raise ValueError(
            f"features: expected symbols of the circuit, found {names(unknown)}; "
            f"the circuit has {names(found)}"
        )
    if unknown := parameters.keys() - found:
        raise ValueError(
            f"parameters: expected symbols of the circuit, found {names(unknown)}; "
            f"the circuit has {names(found)}"
        )
    if unbound := found - set(features) - parameters.keys():
        raise ValueError(
            f"parameters: expected a value for every symbol, found none for {names(unbound)}; "
            "pass parameters={symbol: value} or name it among the features"
        )
    check_finite(parameters)


def check_finite(parameters: dict[sympy.Symbol, float]) -> None:
    """Refuse parameters that are NaN or infinite."""
    if wrong := {s for s, value in parameters.items() if not np.isfinite(value)}:
        raise ValueError(f"parameters: expected finite values, found others for {names(wrong)}")


def changed(
    parameters: Mapping[sympy.Symbol, float], values: Mapping[Symbol, float] | ArrayLike
) -> dict[sympy.Symbol, float]:
    """Return parameters with new values: some by name, or all in their order (P,)."""
    new = dict(parameters)
    if isinstance(values, Mapping):
        named = {as_symbol(name): float(v) for name, v in values.items()}
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
    check_finite(new)
    return new


def as_observable(observable: Observable) -> cirq.PauliSum:
    """Return a Hermitian observable as a sum of Pauli strings, or say what is wrong with it."""
    if isinstance(observable, Mapping | list | tuple | set):
        raise TypeError(
            f"observable: expected one, found {len(observable)} in a {type(observable).__name__}; "
            "for several use outputs = qxai.Outputs.of(circuit, features, {name: observable, …}, "
            "parameters), and explain one of them, outputs[name], or a difference of two"
        )
    if not isinstance(observable, OBSERVABLES):
        raise TypeError(
            f"observable: expected one of Cirq's, such as cirq.Z(qubit), found {observable!r}"
        )
    found = as_pauli_sum(observable)
    check_observable(found)
    return found


def check_observable(observable: cirq.PauliSum) -> None:
    """Refuse an observable that is not Hermitian."""
    for string in observable:
        coefficient = complex(string.coefficient)
        if not np.isfinite(coefficient) or abs(coefficient.imag) > 1e-12:
            raise ValueError(
                f"observable: expected a Hermitian sum, found coefficient {string.coefficient} "
                f"of {string}; use real, finite coefficients"
            )


def refuse_sampled(backend: Backend, form: str) -> None:
    """Refuse a backend that only estimates, where a form of the model is asked for."""
    if callable(getattr(backend, "estimate", None)):
        raise OnlyEstimatesError(
            f"{form}: expected an exact backend, found {type(backend).__name__}, which "
            "estimates values from shots; pass samples= or steps= to the method, or use "
            "model.on(qxai.Statevector())"
        )
