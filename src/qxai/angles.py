"""The exponents of a circuit's parametrised gates as functions of features and parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from qxai.core import Array, Indices, NoClosedFormError
from qxai.exponents import without_imaginary
from qxai.linear import Linear, linear

LARGEST = 1e300  # of an exponent: the phase, several times as large, has to be finite, too
Scalar = Any  # a float where an angle is shared by the batch, an (N,) array where it is not
Compiled = Callable[..., Sequence[Scalar]]
Derivatives = tuple[list[tuple[int, int]], Compiled]  # places (angle, symbol) and their values


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

    def split(self, X: Array, parameters: Array) -> tuple[Array, Array]:
        """Return the exponents that the batch shares (G,), and those of `varying` (H, N) alone.

        Raises
        ------
        ValueError
            If an exponent is complex or not finite there.
        """
        if self._linear is None:
            values = self.values(X, parameters)
            own = np.empty((len(self.varying), len(X)))
            for row, angle in zip(own, self.varying):
                row[:] = values[angle]
                values[angle] = 0.0
            return np.array(values, dtype=np.float64), own
        shared = self._linear.constant + self._linear.by_parameter @ parameters
        with np.errstate(over="ignore", invalid="ignore"):
            own = np.repeat(shared[self._varying_rows, None], len(X), axis=1)
            for rows, features, slopes in self._terms:
                own[rows] += slopes * X.T[features]
        if not (abs(shared).max(initial=0) < LARGEST and abs(own).max(initial=0) < LARGEST):
            self.values(X, parameters)  # says which one
        return shared, own

    def feature_gradient(self, X: Array, parameters: Array, own: Array) -> Array:
        """Return ``∂f/∂x`` (N, d), given ``∂f/∂e`` (H, N) of the exponents `varying`."""
        if self._linear is not None:
            return own.T @ self._linear.by_feature[self._varying_rows]
        result, place = np.zeros(X.shape), {angle: row for row, angle in enumerate(self.varying)}
        for angle, feature, derivative in self.feature_jacobian(X, parameters):
            result[:, feature] += own[place[angle]] * derivative
        return result

    def parameter_gradient(self, X: Array, parameters: Array, shared: Array, own: Array) -> Array:
        """Return ``∂f/∂θ`` (P,), given ``∂f/∂e``, (G,) and (H, N) as in `split`."""
        if self._linear is not None:
            total = shared.copy()
            total[self._varying_rows] = own.sum(axis=1)
            return self._linear.by_parameter.T @ total
        result, place = np.zeros(len(parameters)), {a: row for row, a in enumerate(self.varying)}
        for angle, parameter, derivative in self.parameter_jacobian(X, parameters):
            slopes = own[place[angle]] if angle in place else shared[angle]
            result[parameter] += np.sum(slopes * derivative)
        return result

    def table(self, X: Array, parameters: Array) -> Array:
        """Return the exponents as one array (N, G)."""
        rows = [np.broadcast_to(e, len(X)) for e in self.values(X, parameters)]
        return np.reshape(rows, (len(rows), len(X))).T.copy()

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
        """Return which features enter an exponent."""
        return self._entering[angle]

    @cached_property
    def varying(self) -> tuple[int, ...]:
        """The H exponents that features enter."""
        return tuple(angle for angle, entering in enumerate(self._entering) if entering)

    @cached_property
    def trained(self) -> frozenset[int]:
        """The exponents that parameters enter."""
        return frozenset(
            angle
            for angle, expression in enumerate(self.expressions)
            if not expression.free_symbols.isdisjoint(self.parameters)
        )

    def slopes(self, parameters: Array) -> list[tuple[int, float] | None]:
        """Return (feature, slope) for each exponent.

        An exponent without features gets None.

        Raises
        ------
        NoClosedFormError
            If an exponent is not affine in one feature.
        """
        if self._not_affine is not None:
            raise NoClosedFormError(
                "polynomial: expected every exponent to be affine in one feature, found "
                f"{self._not_affine}; values, gradient, occlusion, shapley and taylor(order=inf) "
                "need no polynomial, other methods have samples= or steps="
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
    def _varying_rows(self) -> Indices:
        return np.array(self.varying, np.intp)

    @cached_property
    def _terms(self) -> list[tuple[Indices, Indices, Array]]:
        """First, second … features of the exponents `varying`, and slopes: rows (M,), (M, 1)."""
        assert self._linear is not None
        found = []
        for k in range(max(map(len, self._entering), default=0)):
            rows = [r for r, angle in enumerate(self.varying) if len(self._entering[angle]) > k]
            angles = [self.varying[r] for r in rows]
            features = [self._entering[angle][k] for angle in angles]
            slopes = self._linear.by_feature[angles, features]
            found.append((np.array(rows), np.array(features), slopes[:, None]))
        return found

    @property
    def is_affine(self) -> bool:
        """Whether every exponent is affine in one feature; piece by piece is not enough."""
        return self._not_affine is None

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
        columns = [np.unique(np.abs(c[c != 0]) * np.pi) for c in self._linear.by_feature.T]
        rows = max(1, max(map(len, columns), default=1))
        scales = [1 / np.resize(c, rows) if len(c) else np.ones(rows) for c in columns]
        return np.stack(scales, axis=1)

    def _is_affine(self, angle: int) -> bool:
        entering = self.entering(angle)
        if len(entering) > 1:
            return False
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
            return _finite(expressions, [*map(without_imaginary, function(X.T, parameters))])

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


def _entries(matrix: Array) -> list[tuple[int, int, Scalar]]:
    rows, columns = np.nonzero(matrix)
    return [(int(g), int(i), matrix[g, i]) for g, i in zip(rows, columns)]
