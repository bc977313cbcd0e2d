"""Any callable as a model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs, check_count
from qxai.core import Array

Map = Callable[[Array], ArrayLike]


@dataclass(frozen=True, eq=False)
class Function:
    """A model made of plain functions: a circuit of another library, a classical network.

    Parameters
    ----------
    values : callable
        Maps inputs (N, d) to outputs (N,).
    gradient : callable, optional
        Maps inputs (N, d) to derivatives (N, d), per radian.
    num_features : int
        ``d``.

    Raises
    ------
    TypeError
        If ``values`` is no callable.
    ValueError
        If ``num_features`` is no positive whole number; when called, if a function returns
        another shape, or something that is not a finite real number.
    """

    values: Map
    gradient: Map | None = None
    num_features: int = 1

    def __post_init__(self) -> None:
        """Wrap the functions, so that what goes in and what comes out is checked."""
        for name in ("values", "gradient"):
            found = getattr(self, name)
            if not callable(found) and (name == "values" or found is not None):
                raise TypeError(f"{name}: expected a callable, found {found!r}")
        d = check_count("num_features", self.num_features, 1)
        object.__setattr__(self, "values", _checked("values", self.values, d, ()))
        if self.gradient is not None:
            object.__setattr__(self, "gradient", _checked("gradient", self.gradient, d, (d,)))

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return np.asarray(self.values(X))  # type: ignore[arg-type]


def _checked(name: str, function: Map, d: int, shape: tuple[int, ...]) -> Map:
    def call(X: ArrayLike) -> Array:
        inputs = as_inputs(X, d)
        found = np.asarray(function(inputs))
        expected = (len(inputs), *shape)
        if found.shape != expected or found.dtype.kind not in "fiub":
            raise ValueError(
                f"{name}: expected real numbers of shape {expected} for {len(inputs)} inputs, "
                f"found {found.dtype} of shape {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ValueError(f"{name}: expected finite numbers, found NaN or infinity")
        return found.astype(np.float64)

    return call
