"""Weighted sums of models that are no single model: ``b + Σ_m w_m f_m``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, multilinear, slopes_of
from qxai.checks import as_inputs
from qxai.core import Array, Estimate, Evaluator, Multilinear, NoClosedFormError
from qxai.models.corners import Corners, joint_corners, slope_unit
from qxai.representations import sums
from qxai.representations.algebra import check_features, finite, operators, reduced

INSTEAD = {
    "gradient": "shapley, occlusion and taylor(order=inf) need values only",
    "polynomial": "shapley enumerates coalitions; occlusion and, with samples=, lime need values",
}


def combined(weights: Sequence[float], models: Sequence[Any], constant: float = 0.0) -> Any:
    """Return ``Σ_m w_m f_m + constant`` of models, as one of them where that can be.

    Circuits that differ in the observable alone become one circuit, kernel models of one feature
    map one kernel model, polynomials one polynomial; other models a `Combination`.

    Parameters
    ----------
    weights : sequence of float, length M
    models : sequence of models, length M
    constant : float
        In units of the output.

    Returns
    -------
    model

    Raises
    ------
    ValueError
        If the models differ in their features.
    """
    flat: list[tuple[float, Any]] = []
    for weight, model in zip(weights, models):
        if isinstance(model, Combination):
            flat += [(weight * w, m) for w, m in zip(model.weights, model.models)]
            constant += weight * model.constant
        else:
            flat.append((weight, model))
    check_same_features([model for _, model in flat])
    return reduced([w for w, _ in flat], [m for _, m in flat], constant, Combination)


def names_of(model: Any) -> tuple[str, ...] | None:
    """Return the names of a model's features; None if they have none."""
    names = getattr(model, "feature_names", None)
    found = getattr(model, "features", None) if names is None else names
    return None if found is None else tuple(map(str, found))


def check_same_features(models: Sequence[Any]) -> tuple[str, ...] | None:
    """Return the names of the features of all models; None if no model has names.

    Raises
    ------
    ValueError
        If they have different numbers of features, or different names.
    """
    check_features([model.num_features for model in models])
    if len(units := set(map(slope_unit, models))) > 1:
        raise ValueError(
            f"models: expected inputs of one unit, found some in raw columns and some in radians "
            f"({', '.join(sorted(units))}); put the same scaler in front of each, qxai.Scaled"
        )
    found = list(dict.fromkeys(filter(None, map(names_of, models))))
    if len(found) > 1:
        raise ValueError(
            f"models: expected the same features in the same order, found {', '.join(found[0])} "
            f"and {', '.join(found[1])}; where they mean the same, give them the same names: "
            "cirq.resolve_parameters(circuit, {old: new}) renames the symbols of a circuit"
        )
    return found[0] if found else None


def is_model(value: object) -> bool:
    """Tell what has values and features, and is no collection of models."""
    several = isinstance(value, Mapping)
    has_values = callable(getattr(value, "values", None)) and hasattr(value, "num_features")
    return has_values and not several and not isinstance(value, type)


MODELS = operators(combined, is_model)


@dataclass(frozen=True, eq=False, repr=False)
class Combination:
    """``f(x) = b + Σ_m w_m f_m(x)``: what models with ``+``, ``−`` and numbers become.

    It offers what all its models have: a gradient; a polynomial, which is the exact sum of
    theirs. So explanations of a difference are exact where those of both models are, and they are
    the difference of both explanations.

    Parameters
    ----------
    weights : sequence of float, length M
        ``w_m``.
    models : sequence of models, length M
        ``f_m``, of the same features; at least one.
    constant : float
        ``b``, in units of the output.

    Raises
    ------
    ValueError
        If the models differ in their features, there are not as many weights, or a number is not
        finite.

    Notes
    -----
    Measured on a device, each model takes its own shots, so the variances add up, weighted by
    ``w_m²``. Circuits that differ in the observable alone become one `PQC` instead, which measures
    the difference itself.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q))
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), {t: 0})  # cos(x + t)
    >>> both = model - model.with_parameters({t: 2})
    >>> print(both, both.values([[0]]).round(3))  # 1 − cos 2
    <Combination: 2 models, 1 features> [1.416]
    """

    weights: Sequence[float]
    models: Sequence[Evaluator]
    constant: float = 0.0

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __post_init__(self) -> None:
        """Check that there is a weight for each model, and that all have the same features."""
        models, weights = tuple(self.models), tuple(map(finite, self.weights))
        if not models or len(weights) != len(models):
            raise ValueError(
                f"weights: expected one for each of {len(models)} models, at least one, found "
                f"{len(weights)}"
            )
        check_same_features(models)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "models", models)
        object.__setattr__(self, "constant", finite(self.constant))

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Combination: {len(self.models)} models, {self.num_features} features>"

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.models[0].num_features

    @cached_property
    def feature_names(self) -> tuple[str, ...] | None:
        """The names of its models' features; None if they have none."""
        return check_same_features(self.models)

    @property
    def slope_unit(self) -> str:
        """Unit of the gradient, that of the models' gradients."""
        return slope_unit(self.models[0])

    @property
    def corners(self) -> Corners | None:
        """Where lines between raw inputs bend, if the models take raw columns."""
        return joint_corners(self.models)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for inputs (N, d), shape (N,)."""
        inputs = self._inputs(X)
        return self.constant + self._sum(model.values(inputs) for model in self.models)

    def estimate(self, X: ArrayLike) -> Estimate:
        """Return the outputs (N,) with standard errors, evaluations and shots of all models."""
        inputs = self._inputs(X)
        return self._estimate([estimated(model, inputs) for model in self.models], self.constant)

    @property
    def gradient(self) -> Callable[[ArrayLike], Array]:
        """``gradient(X)``: ``∂f/∂x_i`` per radian for inputs (N, d), shape (N, d)."""
        self._check("gradient")
        return self._gradient

    @property
    def estimate_gradient(self) -> Callable[[ArrayLike], Estimate]:
        """``estimate_gradient(X)``: the gradient (N, d) with standard errors."""
        self._check("gradient")
        return self._estimate_gradient

    @property
    def polynomial(self) -> Callable[[], Any]:
        """``polynomial()``: the sum of the models' polynomials; computed once."""
        self._check("polynomial")
        return lambda: self._polynomial

    @property
    def multilinear(self) -> Callable[[], Multilinear]:
        """``multilinear()``: the sum of the forms that take the fewest operations."""
        self._check("polynomial")
        return lambda: self._multilinear

    def _check(self, name: str) -> None:
        """Let the model lack what a part lacks, and say which part does."""
        for number, model in enumerate(self.models):
            if not callable(getattr(model, name, None)):
                raise AttributeError(
                    f"{name}: expected models that have one, found none in models[{number}], "
                    f"{type(model).__name__}; {INSTEAD[name]}"
                )

    def _inputs(self, X: ArrayLike) -> Array:
        return as_inputs(X, self.num_features, self.feature_names)

    def _sum(self, terms: Any) -> Any:
        return sum(weight * term for weight, term in zip(self.weights, terms))

    def _gradient(self, X: ArrayLike) -> Array:
        inputs = self._inputs(X)
        return self._sum(model.gradient(inputs) for model in self.models)  # type: ignore[attr-defined]

    def _estimate_gradient(self, X: ArrayLike) -> Estimate:
        inputs = self._inputs(X)
        return self._estimate(
            [slopes_of(m, inputs, "estimate_gradient", INSTEAD["gradient"]) for m in self.models]
        )

    def _estimate(self, found: Sequence[Estimate], constant: float = 0.0) -> Estimate:
        squares = sum((w * one.standard_error) ** 2 for w, one in zip(self.weights, found))
        return Estimate(
            constant + self._sum(one.values for one in found),
            np.sqrt(squares),
            sum(one.evaluations for one in found),
            sum(one.shots for one in found),
        )

    @cached_property
    def _polynomial(self) -> Any:
        found = [model.polynomial() for model in self.models]  # type: ignore[attr-defined]
        return sums.combined(self.weights, found, self.constant)

    @cached_property
    def _multilinear(self) -> Multilinear:
        found = [multilinear(model, "multilinear", "") for model in self.models]
        if not all(hasattr(form, "waves") for form in found):
            raise NoClosedFormError(
                "multilinear: expected models that are sums of waves of their features, found "
                f"functions of them in some; {INSTEAD['polynomial']}"
            )
        return sums.combined(self.weights, found, self.constant)
