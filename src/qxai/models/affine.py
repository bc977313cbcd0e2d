"""A model behind a linear layer or a PCA, in the raw columns before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import closed_form, is_multilinear
from qxai.checks import as_inputs, real_array
from qxai.core import Array, Estimate, NoClosedFormError
from qxai.models.combination import MODELS, combined, is_model
from qxai.representations.exponential import ExponentialSum, as_waves


@dataclass(frozen=True, eq=False, repr=False)
class Affine:
    """A model that takes raw columns through a linear map: ``f(A x + b)``.

    A PCA, a linear layer and a standardisation are such maps. Each column then enters all
    angles, and is one player nevertheless: a sum of waves in the angles is one in the columns,
    ``Σ_k ĉ_k e^{ik·b} Π_i e^{i (Aᵀk)_i x_i}``, with one factor a column. So Shapley values,
    interactions, marginals and integrated gradients are exact for *columns*.

    Parameters
    ----------
    model : model
        Takes ``u = A x + b``, mostly in radians.
    matrix : array_like, shape (u, d)
        ``A``: a row for each feature of the model, a column for each raw column.
    offset : array_like, shape (u,), optional
        ``b``; 0 by default.
    feature_names : sequence of str, length d, optional
        Names of the raw columns.

    Raises
    ------
    ValueError
        If shapes do not fit the model, or a number is not finite.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, u = cirq.LineQubit.range(2), sympy.symbols("u:2")
    >>> inner = qxai.PQC(qxai.ansatz.angle_encoding(q, u), u, cirq.Z(q[0]) * cirq.Z(q[1]))
    >>> model = qxai.Affine(inner, [[1, 1, 0], [0, 0, 2]], [0, 0.5])  # cos(a + b) cos(2c + ½)
    >>> found = qxai.shapley(model, [[0.3, 0.3, 0.1]])
    >>> print(model.values([[0.3, 0.3, 0.1]]).round(3), found.values.round(3))
    [0.631] [[-0.071 -0.071 -0.104]]
    """

    model: Any
    matrix: ArrayLike
    offset: ArrayLike | None = None
    feature_names: Sequence[str] | None = None
    slope_unit: ClassVar[str] = "output per unit of the column"

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __post_init__(self) -> None:
        """Check that the map fits the model."""
        if not is_model(self.model):
            raise TypeError(
                f"model: expected a model, found {type(self.model).__name__}; wrap a function in "
                "qxai.Function(f, num_features=u)"
            )
        u = int(self.model.num_features)
        matrix = real_array(self.matrix, f"matrix: expected real numbers with {u} rows")
        if matrix.ndim != 2 or len(matrix) != u or not matrix.shape[1]:
            turned = ", its transpose fits" if matrix.ndim == 2 and matrix.shape[1] == u else ""
            raise ValueError(
                f"matrix: expected {u} rows, one for each feature of the model, found shape "
                f"{matrix.shape}{turned}"
            )
        given = np.zeros(u) if self.offset is None else self.offset
        offset = real_array(given, f"offset: expected real numbers of shape ({u},)")
        if offset.shape != (u,):
            raise ValueError(f"offset: expected shape ({u},), found {offset.shape}")
        for name, array in (("matrix", matrix), ("offset", offset)):
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite numbers, found NaN or infinity")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        names, d = self.feature_names, matrix.shape[1]
        if names is not None and (isinstance(names, str) or not d == len(names) == len(set(names))):
            raise ValueError(f"feature_names: expected {d} different names, found {names!r}")
        object.__setattr__(self, "feature_names", None if names is None else tuple(names))

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say what is inside."""
        return f"<Affine: {self.num_features} raw columns, {self.model!r}>"

    @property
    def num_features(self) -> int:
        """Number of raw columns ``d``."""
        return int(np.shape(self.matrix)[1])

    @property
    def run_operations(self) -> float:
        """How many multiplications one run takes, about; 1 where the model does not tell."""
        return float(getattr(self.model, "run_operations", 1.0))

    def angles(self, X: ArrayLike) -> Array:
        """Return what the model takes (N, u) for raw inputs (N, d)."""
        raw = as_inputs(X, self.num_features, self.feature_names)
        return raw @ np.asarray(self.matrix).T + np.asarray(self.offset)

    def joins(self, other: object) -> bool:
        """Tell whether another model takes the same columns through the same map."""
        return (
            isinstance(other, Affine)
            and np.array_equal(self.matrix, other.matrix)
            and np.array_equal(np.asarray(self.offset), np.asarray(other.offset))
            and self.feature_names == other.feature_names
        )

    def joined(self, weights: Sequence[float], models: Sequence[Any], constant: float) -> "Affine":
        """Return ``Σ_m w_m f_m + constant`` of such models as one, behind the same map."""
        inner = combined(weights, [model.model for model in models], constant)
        return Affine(inner, self.matrix, self.offset, self.feature_names)

    def values(self, X: ArrayLike) -> Array:
        """Return the outputs for raw inputs (N, d), shape (N,)."""
        return np.asarray(self.model.values(self.angles(X)))

    @property
    def gradient(self) -> Callable[[ArrayLike], Array] | None:
        """Map raw inputs (N, d) to ``∂f/∂x_i`` per raw unit; None if the model has no gradient."""
        return self._gradient if callable(getattr(self.model, "gradient", None)) else None

    @property
    def estimate(self) -> Callable[[ArrayLike], Estimate] | None:
        """Map raw inputs (N, d) to outputs with errors; None if the model tells no errors."""
        return self._estimate if callable(getattr(self.model, "estimate", None)) else None

    @property
    def multilinear(self) -> Callable[[], ExponentialSum] | None:
        """Return the model as waves in the raw columns; None if it has no such form."""
        return (lambda: self._waves) if is_multilinear(self.model) else None

    def _gradient(self, X: ArrayLike) -> Array:
        return np.asarray(self.model.gradient(self.angles(X)) @ np.asarray(self.matrix))

    def _estimate(self, X: ArrayLike) -> Estimate:
        found: Estimate = self.model.estimate(self.angles(X))
        return found

    @cached_property
    def _waves(self) -> ExponentialSum:
        form = closed_form(self.model)
        if not hasattr(form, "waves"):
            raise NoClosedFormError(
                "multilinear: expected a model that is a sum of waves of its features behind a "
                "linear map, found another; shapley runs all coalitions of the raw columns"
            )
        if isinstance(form, ExponentialSum):  # one map behind another
            shift = np.exp(1j * (form.wavevectors @ np.asarray(self.offset)))
            turned = form.wavevectors @ np.asarray(self.matrix)
            return ExponentialSum(form.amplitudes * shift, turned)
        return as_waves(form, np.asarray(self.matrix), np.asarray(self.offset))
