"""The exponents of a circuit's parametrised gates as functions of features and parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from qxai.core import Array

Scalar = Any  # a float where an angle is shared by the batch, an (N,) array where it is not


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
        with np.errstate(all="ignore"):
            found = list(self._values(X.T, parameters))
        for expression, exponent in zip(self.expressions, found):
            if np.iscomplexobj(exponent) or not np.isfinite(exponent).all():
                raise ValueError(
                    f"circuit: expected exponents that are finite and real, found {expression} "
                    "to be neither at an input; check the input's range and the parameters"
                )
        return found

    def table(self, X: Array, parameters: Array) -> Array:
        """Return the exponents as one array (N, G)."""
        result = np.empty((len(X), len(self.expressions)))
        for angle, exponent in enumerate(self.values(X, parameters)):
            result[:, angle] = exponent
        return result

    def feature_jacobian(self, X: Array, parameters: Array) -> list[tuple[int, int, Scalar]]:
        """Return (angle, feature, derivative) wherever a feature enters an exponent."""
        places, function = self._feature_derivatives
        return [(*place, value) for place, value in zip(places, function(X.T, parameters))]

    def parameter_jacobian(self, X: Array, parameters: Array) -> list[tuple[int, int, Scalar]]:
        """Return (angle, parameter, derivative) wherever a parameter enters an exponent."""
        places, function = self._parameter_derivatives
        return [(*place, value) for place, value in zip(places, function(X.T, parameters))]

    def uses_features(self, angle: int) -> bool:
        """Tell whether a feature enters this exponent."""
        return not self.expressions[angle].free_symbols.isdisjoint(self.features)

    def slopes(self, parameters: Array) -> list[tuple[int, float] | None]:
        """Return (feature, slope) for each exponent.

        An exponent without features gets None.

        Raises
        ------
        ValueError
            If an exponent is not affine in one feature.
        """
        for expression in self.expressions:
            if not self._is_affine(expression):
                raise ValueError(
                    f"polynomial: expected every exponent to be affine in one feature, found "
                    f"{expression}; values, gradient and taylor(order=inf) work without one"
                )
        at_zero = np.zeros((1, len(self.features)))
        derivatives = {g: (i, s) for g, i, s in self.feature_jacobian(at_zero, parameters)}
        return [
            (derivatives[g][0], float(np.squeeze(derivatives[g][1]))) if g in derivatives else None
            for g in range(len(self.expressions))
        ]

    def _is_affine(self, expression: sympy.Expr) -> bool:
        entering = sorted(expression.free_symbols & set(self.features), key=str)
        if len(entering) > 1:
            return False
        # A function that is affine piece by piece has a zero second derivative, too.
        expanded = sympy.expand(expression)
        return all(expanded.is_polynomial(x) and sympy.degree(expanded, x) <= 1 for x in entering)

    @cached_property
    def _values(self) -> Callable[..., Sequence[Scalar]]:
        return self._compile(self.expressions)

    @cached_property
    def _feature_derivatives(self) -> tuple[list[tuple[int, int]], Any]:
        return self._derivatives(self.features)

    @cached_property
    def _parameter_derivatives(self) -> tuple[list[tuple[int, int]], Any]:
        return self._derivatives(self.parameters)

    def _derivatives(self, symbols: tuple[sympy.Symbol, ...]) -> tuple[list[tuple[int, int]], Any]:
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

    def _compile(self, expressions: Sequence[sympy.Expr]) -> Callable[..., Sequence[Scalar]]:
        arguments = [list(self.features), list(self.parameters)]
        return sympy.lambdify(arguments, list(expressions), ["scipy", "numpy"], dummify=True)
