"""A readout of states that come from elsewhere: quantum data, or data in amplitudes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs, batches
from qxai.compiled import CompiledCircuit, compile_circuit
from qxai.contraction import by_support
from qxai.core import Array, ComplexArray, Indices
from qxai.memory import check_size
from qxai.models.amplitudes import as_states
from qxai.models.combination import MODELS
from qxai.models.preparing import symbols_of, without_measurements
from qxai.models.probability import Observable, weighted_sum
from qxai.models.refusals import (
    Symbol,
    as_observable,
    as_symbol,
    changed,
    check_finite,
    check_kind,
    names,
)
from qxai.representations.transfer import pauli_vectors
from qxai.threads import limited

MOST_ENTRIES = 2**22  # numbers of the Pauli vectors that are taken together


@dataclass(frozen=True, eq=False, repr=False)
class StateModel:
    """Readout of a state: ``f(ρ) = Tr(ρ U† M U)``, the input being the state itself.

    States are rows of amplitudes, real or complex, of any length but 0, so a row of numbers is
    encoded in amplitudes as it is: ``f(x) = xᵀ A x / |x|²``. Or they are density matrices.

    Parameters
    ----------
    circuit : cirq.Circuit or cirq.FrozenCircuit
        What is applied to the state, unitary; measurements at its end are left out.
    observable : cirq.PauliSum, cirq.PauliString, cirq.ProjectorString or cirq.ProjectorSum
        Hermitian observable ``M``.
    parameters : mapping from sympy.Symbol or str to float, optional
        Value of every symbol of the circuit.
    qubits : sequence of cirq.Qid, optional
        The n sites, the first most significant; those of circuit and observable, sorted, by
        default.

    Raises
    ------
    ValueError
        If a symbol has no value or is unknown, the observable is not Hermitian, an operation is
        not unitary, or a qubit is not among the sites.
    TypeError
        If an argument is of another kind.

    Examples
    --------
    >>> import cirq, qxai
    >>> q = cirq.LineQubit.range(2)
    >>> model = qxai.StateModel(cirq.Circuit(cirq.CNOT(*q)), cirq.Z(q[1]))  # the parity Z₀ Z₁
    >>> print(model.values([[1, 0, 0, 1], [3, 4, 0, 0]]).round(3))  # (9 − 16) / 25
    [ 1.   -0.28]
    """

    circuit: cirq.AbstractCircuit
    observable: Observable
    parameters: Mapping[Symbol, float] = field(default_factory=dict)
    qubits: Sequence[cirq.Qid] | None = None

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __post_init__(self) -> None:
        """Freeze the arguments, and refuse what is no readout."""
        if not isinstance(self.circuit, cirq.AbstractCircuit):
            raise TypeError(
                f"circuit: expected a cirq.Circuit, found {type(self.circuit).__name__}"
            )
        circuit, observable = without_measurements(self.circuit), as_observable(self.observable)
        check_kind("parameters", self.parameters, Mapping)
        parameters = {as_symbol(name): float(v) for name, v in self.parameters.items()}
        found = symbols_of(circuit)
        if wrong := found ^ parameters.keys():
            raise ValueError(
                f"parameters: expected a value for every symbol of the circuit and no other, "
                f"found a difference in {names(wrong)}; a feature has no place here: its state is "
                "the input"
            )
        check_finite(parameters)
        used = circuit.all_qubits() | set(observable.qubits)
        sites = tuple(sorted(used)) if self.qubits is None else tuple(self.qubits)
        if missing := used - set(sites):
            raise ValueError(f"qubits: expected all that are used, {sorted(missing)[0]} is missing")
        if len(set(sites)) < len(sites) or not sites:
            raise ValueError(f"qubits: expected at least one, all different, found {sites}")
        for name, value in (
            ("circuit", circuit),
            ("observable", observable),
            ("parameters", MappingProxyType(parameters)),
            ("qubits", sites),
        ):
            object.__setattr__(self, name, value)
        _ = self._compiled

    def __call__(self, states: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(states)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<StateModel: {self.num_sites} qubits, {len(self.parameters)} parameters>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the model was made from: Cirq's sums refuse."""
        terms = list(self.observable)  # type: ignore[arg-type]  # a PauliSum by now
        return _remade, (self.circuit, terms, dict(self.parameters), self.qubits)

    @property
    def sites(self) -> tuple[cirq.Qid, ...]:
        """The n qubits whose state is the input."""
        return tuple(self.qubits or ())

    @property
    def num_sites(self) -> int:
        """Number of qubits ``n``."""
        return len(self.sites)

    @property
    def num_features(self) -> int:
        """Number of amplitudes, ``2^n``."""
        return 2**self.num_sites

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the amplitudes: the bits of the sites."""
        return tuple(f"|{i:0{self.num_sites}b}⟩" for i in range(self.num_features))

    def prepared(self, circuits: Sequence[cirq.AbstractCircuit]) -> ComplexArray:
        """Return the states (N, 2^n) that circuits without symbols prepare from ``|0…0⟩``.

        Raises
        ------
        ValueError
            If a circuit has symbols, or acts on other qubits.
        """
        for number, circuit in enumerate(circuits):
            wrong = circuit.all_qubits() - set(self.sites)
            if wrong or cirq.is_parameterized(circuit):
                raise ValueError(
                    f"circuits[{number}]: expected one without symbols on the sites of the model, "
                    f"found {circuit}; cirq.resolve_parameters gives symbols their values"
                )
        states = [
            circuit.final_state_vector(
                qubit_order=self.sites,
                dtype=np.complex128,
                ignore_terminal_measurements=True,
            )
            for circuit in circuits
        ]
        return np.array(states, np.complex128).reshape(len(circuits), self.num_features)

    def values(self, states: ArrayLike) -> Array:
        """Return the outputs (N,) of states (N, 2^n) or density matrices (N, 2^n, 2^n)."""
        given = as_states(states, self.num_features, self.feature_names)
        if given.ndim == 3:
            return np.einsum("nab,ba->n", given, self.matrix).real
        with limited(8.0 * given.size * self.num_features):
            applied = given @ self.matrix.T
        return np.einsum("na,na->n", given.conj(), applied).real

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i = 2 ((A x)_i − f x_i) / |x|²`` for real amplitudes (N, 2^n)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        unit = as_states(inputs, self.num_features, self.feature_names).real
        applied = unit @ self.matrix.real.T
        values = np.einsum("na,na->n", unit, applied)
        largest = np.abs(inputs).max(axis=1, keepdims=True)
        length = largest * np.linalg.norm(inputs / largest, axis=1, keepdims=True)
        return np.asarray(2 * (applied - values[:, None] * unit) / length)

    def by_support(self, states: ArrayLike) -> Array:
        """Return what Pauli strings contribute to the outputs, by the sites they act on.

        Entry ``S``, a number whose bits are the sites, the first most significant, is
        ``Σ_P Tr(ρP) Tr(OP) / 2^n`` over the strings ``P`` that act on these sites and on no other:
        the dividend of the game whose absent sites are depolarised.

        Returns
        -------
        ndarray, shape (N, 2^n)
            Rows sum to the outputs.
        """
        given = as_states(states, self.num_features, self.feature_names)
        result = np.empty((len(given), self.num_features))
        with limited(8.0 * 4.0**self.num_sites):
            for rows in batches(len(given), self._pauli.size, MOST_ENTRIES):
                few = given[rows]
                rho = few if few.ndim == 3 else few[:, :, None] * few[:, None].conj()
                result[rows] = by_support((pauli_vectors(rho) * self._pauli).T)
        return result

    def snapshots_by_support(self, bases: Indices, outcomes: Indices) -> Array:
        """Return the same from random measurements (T, n) of one state, shot by shot: (T, 2^n).

        A shot whose qubits were measured in some bases speaks of the strings made of these: of
        one on k sites with ``3^k`` times the product of their outcomes.
        """
        places, factors = np.zeros((len(bases), 1), np.intp), np.ones((len(bases), 1))
        for letter, outcome in zip(bases.T[..., None], outcomes.T[..., None]):
            places = np.stack([4 * places, 4 * places + letter], axis=2).reshape(len(bases), -1)
            both = np.stack([factors, 3 * outcome * factors], axis=2)
            factors = both.reshape(len(bases), -1)
        return np.asarray(self._pauli[places] * factors)

    def sizes_by_support(self) -> Array:
        """Return the sum of the absolute coefficients of the strings on each support, (2^n,)."""
        return np.asarray(by_support(np.abs(self._pauli)[:, None])[0])

    def with_parameters(self, values: Mapping[Symbol, float] | ArrayLike) -> "StateModel":
        """Return a new model with other parameter values, by name or all in their order."""
        return replace(self, parameters=changed(self.parameters, values))

    def joins(self, other: object) -> bool:
        """Tell whether another model is the same but for its observable."""
        same = ("circuit", "parameters", "qubits")
        return isinstance(other, StateModel) and all(
            getattr(self, k) == getattr(other, k) for k in same
        )

    def joined(
        self, weights: Sequence[float], models: Sequence["StateModel"], constant: float
    ) -> "StateModel":
        """Return ``Σ_m w_m f_m + constant`` of such models as one, with one observable."""
        observables = [model.observable for model in models]
        return replace(self, observable=weighted_sum(weights, observables, constant))

    @cached_property
    def matrix(self) -> ComplexArray:
        """The observable carried back, ``U† M U`` (2^n, 2^n)."""
        check_size(48 * 4**self.num_sites, f"an observable of {self.num_sites} qubits")
        resolved = cirq.resolve_parameters(self.circuit, dict(self.parameters))
        unitary = cirq.Circuit(resolved).unitary(
            qubit_order=self.sites, qubits_that_should_be_present=self.sites, dtype=np.complex128
        )
        measured = self._compiled.observable
        applied = measured.apply(unitary) + measured.constant * unitary
        found = unitary.conj().T @ applied
        found.flags.writeable = False
        return found

    @cached_property
    def _pauli(self) -> Array:
        """``Tr(OP) / 2^n`` for all strings (4^n,)."""
        check_size(64 * 4**self.num_sites, f"the Pauli strings of {self.num_sites} qubits")
        return pauli_vectors(self.matrix[None])[0] / self.num_features

    @cached_property
    def _compiled(self) -> CompiledCircuit:
        """The readout as operations, on all sites in their order; it checks what they are."""
        idle = cirq.Circuit(cirq.I.on_each(*self.sites))
        symbols = tuple(self.parameters)
        compiled = compile_circuit(idle + self.circuit, (), symbols, self.observable)  # type: ignore[arg-type]
        observable = compiled.observable.of(self.observable, self.sites)  # type: ignore[arg-type]
        return replace(compiled, observable=observable)


def _remade(
    circuit: Any, terms: list[Any], parameters: dict[Symbol, float], qubits: Any
) -> StateModel:
    observable = cirq.PauliSum.from_pauli_strings(terms) if terms else cirq.PauliSum()
    return StateModel(circuit, observable, parameters, qubits)
