"""Quantum kernel models: overlaps with encoded training points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import distinct
from qxai.backends.statevector import Statevector, final_states
from qxai.checks import as_inputs, batches, real_array
from qxai.compiled import CompiledCircuit, compile_circuit
from qxai.core import Array, ComplexArray
from qxai.memory import check_size
from qxai.models.combination import MODELS
from qxai.models.forms import check_operations, plain_circuit
from qxai.models.naming import named
from qxai.models.preparing import without_measurements
from qxai.models.projectors import Projectors
from qxai.models.refusals import Symbol, as_symbol, check_kind, check_symbols
from qxai.representations import heisenberg
from qxai.representations.basis import inverse_at_nodes
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.grids import grid_inputs
from qxai.representations.product import ProductPolynomial
from qxai.representations.routes import operations, trig_polynomial
from qxai.representations.trigonometric import TrigPolynomial
from qxai.threads import limited


@dataclass(frozen=True, eq=False, repr=False)
class KernelModel:
    """``f(x) = b + Σ_j α_j κ(x, x_j)`` with ``κ(x, x') = |⟨ψ(x)|ψ(x')⟩|²``.

    Parameters
    ----------
    feature_map : cirq.Circuit or cirq.FrozenCircuit
        Unitary circuit that prepares ``ψ(x)`` from ``|0…0⟩``.
    features : sequence of sympy.Symbol or str
        The d symbols that stand for the input, in the order of its columns.
    support : array_like, shape (S, d)
        Training points ``x_j``.
    dual : array_like, shape (S,)
        Coefficients ``α_j``, in units of the output (of a support vector machine: with the sign of
        the label).
    intercept : float
        ``b``.
    parameters : mapping from sympy.Symbol or str to float, optional
        Value of every symbol that is no feature.

    Raises
    ------
    ValueError
        If a symbol is unbound or unknown, shapes do not match, numbers are not finite, or an
        operation is not unitary.
    TypeError
        If ``features`` is one text, or no sequence.

    Examples
    --------
    >>> import cirq, math, sympy, qxai
    >>> x = sympy.Symbol("x")
    >>> circuit = cirq.Circuit(cirq.ry(x)(cirq.LineQubit(0)))  # κ(x, x') = cos² (x − x')/2
    >>> model = qxai.KernelModel(circuit, [x], support=[[0], [math.pi]], dual=[1, -1])
    >>> print(model.values([[1]]).round(3))  # cos² 1/2 − sin² 1/2 = cos 1
    [0.54]
    """

    feature_map: cirq.AbstractCircuit
    features: Sequence[Symbol]
    support: ArrayLike
    dual: ArrayLike
    intercept: float = 0.0
    parameters: Mapping[Symbol, float] = field(default_factory=dict)

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    takes_radians: ClassVar[bool] = True  # raw units in a table are warned of

    def __post_init__(self) -> None:
        """Check and freeze the arguments, and compile the circuit."""
        check_kind("features", self.features, Iterable)
        features = tuple(map(as_symbol, self.features))
        parameters = {as_symbol(name): float(v) for name, v in self.parameters.items()}
        check_symbols(feature_map := without_measurements(self.feature_map), features, parameters)
        support = as_inputs(self.support, len(features), tuple(map(str, features)))
        dual = real_array(self.dual, f"dual: expected real numbers of shape ({len(support)},)")
        if dual.shape != (len(support),) or not np.isfinite(dual).all():
            raise ValueError(
                f"dual: expected {len(support)} finite numbers, one for each row of support, "
                f"found shape {dual.shape}"
            )
        if not np.isfinite(self.intercept):
            raise ValueError(f"intercept: expected a finite number, found {self.intercept}")
        for name, value in (("support", support), ("dual", dual)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "feature_map", feature_map)
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        _ = self._map

    def __reduce__(self) -> tuple[Any, ...]:
        """Make a copy from the arguments: a read-only mapping cannot be pickled."""
        parameters = dict(self.parameters)
        arguments = (self.feature_map, self.features, self.support, self.dual, self.intercept)
        return type(self), (*arguments, parameters)

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say how large it is."""
        return (
            f"<KernelModel: {self.num_features} features, {len(self._map.qubits)} qubits, "
            f"{len(np.asarray(self.support))} support points>"
        )

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.features)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features: columns of a table are matched with them."""
        return tuple(map(str, self.features))

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        result = np.empty(len(inputs))
        for rows in batches(len(inputs), len(np.asarray(self.support))):
            result[rows] = self.support_terms(inputs[rows]).sum(axis=1)
        return result + self.intercept

    def gradient(self, X: ArrayLike) -> Array:
        """Return ``∂f/∂x_i`` per radian for inputs (N, d), shape (N, d)."""
        inputs = as_inputs(X, self.num_features, self.feature_names)
        if self._is_product and self._map.angles.is_affine:
            return self.polynomial().gradient(inputs)
        return Statevector().gradient(self.compiled, inputs, self._parameter_values)

    def joins(self, other: object) -> bool:
        """Tell whether another model has the same feature map."""
        same = ("feature_map", "features", "parameters")
        return isinstance(other, KernelModel) and all(
            getattr(self, name) == getattr(other, name) for name in same
        )

    def joined(
        self, weights: Sequence[float], models: Sequence["KernelModel"], constant: float
    ) -> "KernelModel":
        """Return ``Σ_m w_m f_m + constant`` of such models as one, with the support of all."""
        support = np.concatenate([np.asarray(model.support) for model in models])
        dual = np.concatenate([w * np.asarray(model.dual) for w, model in zip(weights, models)])
        if len(models) > 1:  # a training point that supports several is one
            support, where = distinct(support)
            dual = np.bincount(where, dual)
        intercept = constant + sum(w * model.intercept for w, model in zip(weights, models))
        return replace(self, support=support, dual=dual, intercept=intercept)

    def kernel(self, X: ArrayLike) -> Array:
        """Return the overlaps ``κ(x, x_j)`` of inputs (N, d) with the support, shape (N, S).

        They are products over the groups of qubits that the encoding joins; what follows it acts
        on both states of an overlap and cancels.
        """
        inputs = as_inputs(X, self.num_features, self.feature_names)
        support = np.asarray(self.support)
        check_size(
            8 * len(inputs) * len(support),
            f"{len(inputs)} times {len(support)} overlaps",
            "ask for fewer inputs at a time; values() does so by itself",
        )
        result = np.ones((len(inputs), len(support)))
        for part in self._parts:
            fixed = heisenberg.group_vectors(self._encoding, part, support, self._parameter_values)
            for rows in batches(len(inputs), 2 ** len(part.qubits)):
                states = heisenberg.group_vectors(
                    self._encoding, part, inputs[rows], self._parameter_values
                )
                with limited(8.0 * states.size * len(support)):
                    result[rows] *= np.square(np.abs(states.T @ fixed.conj()))
        return result

    def support_terms(self, X: ArrayLike) -> Array:
        """Return ``α_j κ(x, x_j)`` for inputs (N, d), shape (N, S)."""
        return self.kernel(X) * np.asarray(self.dual)

    def polynomial(self) -> TrigPolynomial | ProductPolynomial:
        """Return the model as a polynomial; computed once.

        Where no gate joins qubits of different features, the kernel is a product of one factor
        per feature, and a sum of such products costs nothing that grows with ``4^n``.

        Raises
        ------
        ValueError
            If a gate's exponent is not affine in one feature, or the tensor would not fit in
            memory.
        """
        return self._polynomial

    def multilinear(self) -> TrigPolynomial | ProductPolynomial:
        """Return the polynomial, if making it takes less than running all coalitions.

        Raises
        ------
        ValueError
            As `polynomial` does, or if there are more operations.
        """
        if not self._is_product:
            circuit = plain_circuit(self.compiled)
            check_operations(circuit, operations(circuit, self._parameter_values))
        return self.polynomial()

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The feature map with the observable ``b + Σ_j α_j |ψ(x_j)⟩⟨ψ(x_j)|``."""
        projectors = Projectors(self._support_states, np.asarray(self.dual), float(self.intercept))
        # It has what the statevector and the polynomial ask an observable for.
        return replace(self._map, observable=projectors)  # type: ignore[arg-type]

    @cached_property
    def _map(self) -> CompiledCircuit:
        symbols = tuple(self.parameters)
        return compile_circuit(self.feature_map, tuple(self.features), symbols, cirq.PauliSum())

    @property
    def _parameter_values(self) -> Array:
        return np.array(list(self.parameters.values()), dtype=np.float64)

    @cached_property
    def _support_states(self) -> ComplexArray:
        return final_states(self._map, np.asarray(self.support), self._parameter_values)

    @cached_property
    def _encoding(self) -> CompiledCircuit:
        return heisenberg.split(self._map)[0]

    @cached_property
    def _parts(self) -> list[heisenberg.Group]:
        return heisenberg.joined_by_features(heisenberg.groups(self._encoding))

    @property
    def _is_product(self) -> bool:
        return all(len(part.features) <= 1 for part in self._parts)

    @cached_property
    def _polynomial(self) -> TrigPolynomial | ProductPolynomial:
        if self._is_product:
            return named(self._product(self._encoding, self._parts), self.feature_names)
        circuit = plain_circuit(self.compiled)
        return named(trig_polynomial(circuit, self._parameter_values), self.feature_names)

    def _product(
        self, encoding: CompiledCircuit, parts: Sequence[heisenberg.Group]
    ) -> ProductPolynomial:
        """Solve each feature's factor of the kernel, for all support points at once."""
        frequencies = feature_frequencies(encoding, self._parameter_values)
        support = np.asarray(self.support)
        factors = [np.eye(2 * len(w) + 1, 1) @ np.ones((1, len(support))) for w in frequencies]
        for part in parts:
            for i in part.features:
                at_nodes = heisenberg.group_vectors(
                    encoding, part, grid_inputs(frequencies, (i,)), self._parameter_values
                )
                states = heisenberg.group_vectors(encoding, part, support, self._parameter_values)
                overlaps = np.square(np.abs(at_nodes.T @ states.conj()))
                factors[i] = inverse_at_nodes(frequencies[i]) @ overlaps
        constant = [np.eye(len(factor), 1) for factor in factors]
        return ProductPolynomial(
            np.append(np.asarray(self.dual), self.intercept),
            [np.concatenate([f, c], axis=1) for f, c in zip(factors, constant)],
            frequencies,
        )
