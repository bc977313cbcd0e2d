"""The exponents of a circuit's parametrised gates as functions of features and parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy

from qxai.core import Array

LARGEST = 1e300  # of an exponent: the phase, several times as large, has to be finite, too
Scalar = Any  # a float where an angle is shared by the batch, an (N,) array where it is not
Compiled = Callable[..., Sequence[Scalar]]
Derivatives = tuple[list[tuple[int, int]], Compiled]  # places (angle, symbol) and their values


@dataclass(frozen=True, eq=False)
class Linear:
    """Exponents that are linear in all symbols, as nearly all are: no need to compile them.

    ``constant`` (G,), ``by_feature`` (G, d), ``by_parameter`` (G, P).
    """

    constant: Array
    by_feature: Array
    by_parameter: Array


@dataclass(frozen=True, eq=False)
class AngleTable:
    """G symbolic exponents (half turns) of d features and P parameters.

    Attributes
    ----------
    expressions : tuple of sympy expressions, length G
    features, parameters : tuples of real symbols, lengths d and P
    """

    expressions: tuple[sympy.Expr, ...]
    features: tuple[sympy.Symbol, ...]
    parameters: tuple[sympy.Symbol, ...]

    def values(self, X: Array, parameters: Array) -> list[Scalar]:
        """Return the G exponents at inputs (N, d): a float, or (N,) where a feature enters.

        Raises
        ------
        ValueError
            If an exponent is complex or not finite there.
        """
        if self._linear is None:
            return self._evaluated(self._values, self.expressions, X, parameters)
        shared = self._linear.constant + self._linear.by_parameter @ parameters
        result: list[Scalar] = list(shared)
        own = [angle for angle, entering in enumerate(self._entering) if entering]
        with np.errstate(over="ignore", invalid="ignore"):
            for angle in own:
                for i in self._entering[angle]:
                    result[angle] = result[angle] + self._linear.by_feature[angle, i] * X[:, i]
        if not (np.abs(shared) < LARGEST).all():
            own = list(range(len(result)))
        _finite([self.expressions[angle] for angle in own], [result[angle] for angle in own])
        return result

    def table(self, X: Array, parameters: Array) -> Array:
        """Return the exponents as one array (N, G)."""
        result = np.empty((len(X), len(self.expressions)))
        for angle, exponent in enumerate(self.values(X, parameters)):
            result[:, angle] = exponent
        return result

    def feature_jacobian(self, X: Array, parameters: Array) -> list[tuple[int, int, Scalar]]:
        """Return (angle, feature, derivative) wherever a feature enters an exponent."""
        if self._linear is not None:
            return _entries(self._linear.by_feature)
        return self._jacobian(self._feature_derivatives, X, parameters)

    def parameter_jacobian(self, X: Array, parameters: Array) -> list[tuple[int, int, Scalar]]:
        """Return (angle, parameter, derivative) wherever a parameter enters an exponent."""
        if self._linear is not None:
            return _entries(self._linear.by_parameter)
        return self._jacobian(self._parameter_derivatives, X, parameters)

    def entering(self, angle: int) -> list[int]:
        """Return which features enter this exponent."""
        return self._entering[angle]

    def slopes(self, parameters: Array) -> list[tuple[int, float] | None]:
        """Return (feature, slope) for each exponent.

        An exponent without features gets None.

        Raises
        ------
        ValueError
            If an exponent is not affine in one feature.
        """
        if self._not_affine is not None:
            raise ValueError(
                "polynomial: expected every exponent to be affine in one feature, found "
                f"{self._not_affine}; values, gradient, occlusion and taylor(order=inf) need no "
                "polynomial, other methods have samples= or steps="
            )
        at_zero = np.zeros((1, len(self.features)))
        derivatives = {g: (i, s) for g, i, s in self.feature_jacobian(at_zero, parameters)}
        return [
            (derivatives[g][0], float(np.squeeze(derivatives[g][1]))) if g in derivatives else None
            for g in range(len(self.expressions))
        ]

    @cached_property
    def _linear(self) -> "Linear | None":
        return linear(self.expressions, self.features, self.parameters)

    @cached_property
    def _not_affine(self) -> sympy.Expr | None:
        if self._linear is not None and ((self._linear.by_feature != 0).sum(axis=1) <= 1).all():
            return None
        angles = range(len(self.expressions))
        return next((self.expressions[g] for g in angles if not self._is_affine(g)), None)

    @cached_property
    def fixed(self) -> "AngleTable":
        """The same table with 0 in place of every exponent that a feature enters."""
        expressions = tuple(
            sympy.Integer(0) if self.entering(g) else expression
            for g, expression in enumerate(self.expressions)
        )
        return AngleTable(expressions, self.features, self.parameters)

    @cached_property
    def scales(self) -> Array | None:
        """Inputs at which gates turn by about a radian, (k, d), None if some are not linear.

        Row by row, the features take the scales of all their gates in turn.
        """
        if self._linear is None:
            return None
        columns = [np.abs(c[c != 0]) * np.pi for c in self._linear.by_feature.T]
        rows = max(1, max((len(np.unique(c)) for c in columns), default=1))
        return np.stack(
            [1 / np.resize(np.unique(c), rows) if len(c) else np.ones(rows) for c in columns],
            axis=1,
        )

    def _is_affine(self, angle: int) -> bool:
        entering = self.entering(angle)
        if len(entering) > 1:
            return False
        # A function that is affine piece by piece has a zero second derivative, too.
        expanded = sympy.expand(self.expressions[angle])
        symbols = [self.features[i] for i in entering]
        return all(expanded.is_polynomial(x) and sympy.degree(expanded, x) <= 1 for x in symbols)

    def _jacobian(
        self, derivatives: Derivatives, X: Array, parameters: Array
    ) -> list[tuple[int, int, Scalar]]:
        places, function = derivatives
        expressions = [self.expressions[angle] for angle, _ in places]
        values = self._evaluated(function, expressions, X, parameters)
        return [(*place, value) for place, value in zip(places, values)]

    def _evaluated(
        self,
        function: Compiled,
        expressions: Sequence[sympy.Expr],
        X: Array,
        parameters: Array,
    ) -> list[Scalar]:
        """Call a compiled function, and name the expression where it has no real value."""
        with np.errstate(all="ignore"):
            return _finite(expressions, list(function(X.T, parameters)))

    @cached_property
    def _entering(self) -> list[list[int]]:
        if self._linear is not None:
            return [np.flatnonzero(row).tolist() for row in self._linear.by_feature]
        return [
            [i for i, feature in enumerate(self.features) if feature in expression.free_symbols]
            for expression in self.expressions
        ]

    @cached_property
    def _values(self) -> Compiled:
        return self._compile(self.expressions)

    @cached_property
    def _feature_derivatives(self) -> Derivatives:
        return self._derivatives(self.features)

    @cached_property
    def _parameter_derivatives(self) -> Derivatives:
        return self._derivatives(self.parameters)

    def _derivatives(self, symbols: tuple[sympy.Symbol, ...]) -> Derivatives:
        places = [
            (g, i)
            for g, expression in enumerate(self.expressions)
            for i, symbol in enumerate(symbols)
            if symbol in expression.free_symbols
        ]
        derivatives = [sympy.diff(self.expressions[g], symbols[i]) for g, i in places]
        for (g, _), derivative in zip(places, derivatives):
            if derivative.has(sympy.Derivative, sympy.DiracDelta, sympy.Subs):
                raise ValueError(
                    f"gradient: expected exponents with a derivative, found {self.expressions[g]}; "
                    "values and taylor(order=inf) need none"
                )
        return places, self._compile(derivatives)

    def _compile(self, expressions: Sequence[sympy.Expr]) -> Compiled:
        arguments = [list(self.features), list(self.parameters)]
        return sympy.lambdify(arguments, list(expressions), ["scipy", "numpy"], dummify=True)


def _finite(expressions: Sequence[sympy.Expr], values: list[Scalar]) -> list[Scalar]:
    """Return the values of expressions if they and the angles they turn by are finite and real."""
    for expression, value in zip(expressions, values):
        if np.iscomplexobj(value) or not (np.abs(value) < LARGEST).all():
            raise ValueError(
                f"circuit: expected exponents that are finite and real, found {expression} at "
                "an input where it or its derivative is not; check the input's range and the "
                "parameters"
            )
    return values


def linear(
    expressions: Sequence[sympy.Expr],
    features: Sequence[sympy.Symbol],
    parameters: Sequence[sympy.Symbol],
) -> Linear | None:
    """Read the coefficients of expressions off, or return None if one is not a plain sum."""
    columns = {symbol: i for i, symbol in enumerate((*features, *parameters))}
    matrix, constant = np.zeros((len(expressions), len(columns))), np.zeros(len(expressions))
    for g, expression in enumerate(expressions):
        for term in sympy.Add.make_args(expression):
            factor, symbol = term.as_independent(*term.free_symbols, as_Add=False)
            number = _number(factor)
            if number is None or (symbol != 1 and symbol not in columns):
                return None
            if symbol == 1:
                constant[g] += number
            else:
                matrix[g, columns[symbol]] += number
    return Linear(constant, matrix[:, : len(features)], matrix[:, len(features) :])


@lru_cache(maxsize=1024)
def _number(factor: sympy.Expr) -> float | None:
    """Return a finite real constant as a float, None for anything else."""
    try:
        value = complex(factor)
    except TypeError:  # an infinity without direction
        return None
    return value.real if value.imag == 0 and np.isfinite(value.real) else None


def _entries(matrix: Array) -> list[tuple[int, int, Scalar]]:
    rows, columns = np.nonzero(matrix)
    return [(int(g), int(i), matrix[g, i]) for g, i in zip(rows, columns)]
