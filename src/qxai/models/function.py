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

    Notes
    -----
    A model is pickled, and so sent to another process, with its functions, and Python pickles
    these by name. Functions that a module defines with ``def`` can be pickled; a lambda or a
    function inside another raises Python's own error. Move such a function to a module, and give
    it what it needs with ``functools.partial``.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] + 2 * X[:, 1], num_features=2)
    >>> print(qxai.shapley(model, [[3, 4]]).values.round(3))
    [[3. 8.]]
    """

    values: Map
    gradient: Map | None = None
    num_features: int = 1

    def __post_init__(self) -> None:
        """Wrap the functions, so that what goes in and what comes out is checked."""
        d = check_count("num_features", self.num_features, 1)
        for name, shape in (("values", ()), ("gradient", (d,))):
            found = getattr(self, name)
            if name == "gradient" and found is None:
                continue
            if not callable(found):
                raise TypeError(f"{name}: expected a callable, found {found!r}")
            function = found.function if isinstance(found, Checked) else found
            object.__setattr__(self, name, Checked(name, function, d, shape))

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return np.asarray(self.values(X))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Checked:
    """A function with checks of what goes in and what comes out; an object, to be pickled.

    Parameters
    ----------
    name : str
        What errors call it.
    function : callable
    num_features : int
    shape : tuple of int
        Of what it returns for one input.
    """

    name: str
    function: Map
    num_features: int
    shape: tuple[int, ...]

    def __call__(self, X: ArrayLike) -> Array:
        """Return the function's numbers for inputs (N, d), shape (N, …)."""
        inputs = as_inputs(X, self.num_features)
        found = np.asarray(self.function(inputs))
        expected = (len(inputs), *self.shape)
        if found.shape != expected or found.dtype.kind not in "fiub":
            raise ValueError(
                f"{self.name}: expected real numbers of shape {expected} for {len(inputs)} "
                f"inputs, found {found.dtype} of shape {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ValueError(f"{self.name}: expected finite numbers, found NaN or infinity")
        return found.astype(np.float64)
