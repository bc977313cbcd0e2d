"""Any callable as a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import check_count
from qxai.core import Array
from qxai.models.combination import MODELS
from qxai.models.wrapping import COLUMNS, Checked, Columns, Map, Means, Measured


def estimate_alone(X: Array) -> ArrayLike:
    """Stand where ``values`` are those of ``estimate``.

    Raises
    ------
    TypeError
        Whenever it is called: neither was given.
    """
    raise TypeError("values: expected a callable, or estimate=, found neither")


@dataclass(frozen=True, eq=False)
class Function:
    """A model made of plain functions: a circuit of another library, a classical network.

    What they return may be an array, a list, or a tensor of another library.

    Parameters
    ----------
    values : callable
        Maps inputs (N, d) to outputs (N,) or (N, 1). Left out with ``estimate``, which tells the
        values too.
    gradient : callable, optional
        Maps inputs (N, d) to derivatives (N, d) or (N, 1, d), per radian.
    num_features : int
        ``d``.
    batch_size : int, optional
        Most inputs that a function is handed at once; all if left out.
    estimate : callable, optional
        For what is measured with finitely many shots. Maps inputs (N, d) to ``(values,
        standard_error)``, each (N,), in units of the output, or to these and the shots of each
        input, a number or (N,), or to a `qxai.Estimate`. Different inputs, and different calls,
        must be measured independently. Shots that are not told count as one for each input.
    feature_names : sequence of str, length d, optional
        What the features are called; the columns of a table are matched by them.

    Raises
    ------
    TypeError
        If a function is no callable, or both or neither of ``values`` and ``estimate`` are given;
        when called, if a function returns several outputs, or takes one input at a time (then
        `qxai.each_row` helps).
    ValueError
        If ``num_features`` or ``batch_size`` is no positive whole number, or the names are not
        ``d`` different ones; when called, if a function returns another shape, or something that
        is not a finite real number.

    Notes
    -----
    A function that is written for one input, with ``x[0]``, ``x[1]``, …, takes rows for features
    when it is given as many inputs as there are features, and nothing in the shape shows it. So
    the first such batch costs one more call, with one row.

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

    A coin that is thrown 100 times, measured elsewhere: the error bar arrives in the result.

    >>> import numpy as np
    >>> def coin(X, rng=np.random.default_rng(0)):
    ...     mean = rng.binomial(100, (1 + np.cos(X[:, 0])) / 2) / 100
    ...     return 2 * mean - 1, 2 * np.sqrt((mean * (1 - mean) + 1e-4) / 100), 100
    >>> device = qxai.Function(estimate=coin, num_features=1)
    >>> found = qxai.occlusion(device, [[np.pi / 2]])
    >>> print(found.standard_error.round(1), found.shots)
    [[0.1]] 200
    """

    values: Map = estimate_alone
    gradient: Map | None = None
    num_features: int = 1
    batch_size: int | None = field(default=None, kw_only=True)
    estimate: Callable[[Array], Any] | None = field(default=None, kw_only=True)
    feature_names: Sequence[str] | None = field(default=None, kw_only=True)

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __post_init__(self) -> None:
        """Wrap the functions, so that what goes in and what comes out is checked."""
        d = check_count("num_features", self.num_features, 1)
        if self.batch_size is not None:
            check_count("batch_size", self.batch_size, 1)
        if self.feature_names is not None:
            object.__setattr__(self, "feature_names", names_of(self.feature_names, d))
        if self.estimate is not None:
            self._measure(d)
        elif self.values is estimate_alone:
            estimate_alone(np.zeros((0, d)))
        else:
            object.__setattr__(self, "values", self._checked("values", self.values, ()))
        if self.gradient is not None:
            object.__setattr__(self, "gradient", self._checked("gradient", self.gradient, (d,)))

    def _measure(self, d: int) -> None:
        """Take the values from the estimate."""
        if self.values is not estimate_alone and not isinstance(self.values, Means):
            raise TypeError(
                "values, estimate: expected one of both, found both; leave out values, which the "
                f"estimate tells: qxai.Function(estimate=estimate, num_features={d})"
            )
        columns = self._checked("estimate", self.estimate, (len(COLUMNS),))
        object.__setattr__(self, "estimate", Measured(columns))
        object.__setattr__(self, "values", Means(Measured(columns)))

    def _checked(self, name: str, found: Any, shape: tuple[int, ...]) -> Checked:
        if not callable(found):
            raise TypeError(f"{name}: expected a callable, found {found!r}")
        function = found.function if isinstance(found, Checked | Measured) else found
        if name == "estimate":
            function = Columns(function)
        names = None if self.feature_names is None else tuple(self.feature_names)
        return Checked(name, function, int(self.num_features), shape, self.batch_size, names)

    def __repr__(self) -> str:
        """Say what it has."""
        told = ["sampled"] * (self.estimate is not None) + ["gradient"] * (
            self.gradient is not None
        )
        return f"<Function: {', '.join([f'{self.num_features} features', *told])}>"

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return np.asarray(self.values(X))  # type: ignore[arg-type]


def names_of(names: Sequence[str], d: int) -> tuple[str, ...]:
    """Return the features' names, or say what is wrong with them.

    Raises
    ------
    ValueError
        If they are not ``d`` different strings.
    """
    found = () if isinstance(names, str) else tuple(names)
    if len(found) != d or len(set(found)) != d or not all(isinstance(n, str) for n in found):
        raise ValueError(
            f"feature_names: expected {d} different strings, one for each of the num_features, "
            f"found {names!r}"
        )
    return found
