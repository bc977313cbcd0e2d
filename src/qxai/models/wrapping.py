"""Functions of other libraries, checked: what goes in, what comes out, how many rows at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qxai.checks import as_inputs, batches
from qxai.core import Array, Estimate

Map = Callable[[Array], Any]
COLUMNS = ("value", "standard error", "runs", "shots")  # of each input


@dataclass(frozen=True, eq=False)
class EachRow:
    """A function of one input as a function of a batch; an object, to be pickled."""

    function: Map

    def __call__(self, X: ArrayLike) -> NDArray[Any]:
        """Return the results for rows of ``X``, stacked."""
        return np.stack([as_array(self.function(row)) for row in np.asarray(X)])


def each_row(function: Map) -> Map:
    """Return a function of a batch that calls ``function`` for each of its rows.

    Parameters
    ----------
    function : callable
        Maps one input (d,) to a number, of whatever library; as a gradient, to (d,) numbers; as
        an estimate, to ``(value, standard_error)``, with the shots as a third if they are known.

    Returns
    -------
    callable
        Maps inputs (N, d) to arrays of N rows, for `qxai.Function`. It can be pickled if
        ``function`` can.

    Raises
    ------
    TypeError
        If ``function`` is no callable.

    Examples
    --------
    >>> import qxai
    >>> def product(x):  # of one input
    ...     return x[0] * x[1]
    >>> model = qxai.Function(qxai.each_row(product), num_features=2)
    >>> print(model.values([[2, 3], [4, 5], [6, 7]]))
    [ 6. 20. 42.]
    """
    if not callable(function):
        raise TypeError(f"function: expected a callable, found {function!r}")
    return EachRow(function)


def as_array(found: Any) -> NDArray[Any]:
    """Return numbers of any library as an array; a tensor that records gradients lets go."""
    if np.ma.is_masked(found):  # type: ignore[no-untyped-call]
        raise ValueError("masked entries: fill or drop them")
    try:
        array = np.asarray(found)
    except (RuntimeError, TypeError):  # PyTorch's, for such tensors and for those on a GPU
        if isinstance(found, list | tuple):
            return np.asarray([as_array(one) for one in found])
        if not hasattr(found, "detach"):
            raise
        return np.asarray(found.detach().cpu())
    if array.dtype != object:
        return array
    if array.ndim:
        return np.asarray([as_array(one) for one in array.flat]).reshape(array.shape)
    return np.asarray(float(found)) if hasattr(found, "__float__") else array


@dataclass(eq=False)
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
    batch_size : int, optional
        Most rows that it is handed at once.
    names : tuple of str, optional
        Of the features, by which the columns of a table are matched.
    proven : bool
        Whether it has shown that it takes a batch; set by the first call that shows it.
    """

    name: str
    function: Map
    num_features: int
    shape: tuple[int, ...]
    batch_size: int | None = None
    names: tuple[str, ...] | None = None
    proven: bool = False

    def __call__(self, X: ArrayLike) -> Array:
        """Return the function's numbers for inputs (N, d), shape (N, …)."""
        inputs = as_inputs(X, self.num_features, self.names)
        found = np.empty((len(inputs), *self.shape))
        for rows in batches(len(inputs), 1, self.batch_size or max(1, len(inputs))):
            found[rows] = self._checked(inputs[rows])
        if not np.isfinite(found).all():
            row = int(np.argwhere(~np.isfinite(found))[0, 0])
            raise ValueError(
                f"{self.name}: expected finite numbers, found NaN or infinity in row {row}, for "
                f"the input {inputs[row].tolist()}"
            )
        return found

    def _checked(self, inputs: Array) -> Array:
        """Ask for one batch, and say what is wrong with the answer."""
        count = len(inputs)
        try:
            array = self._answer(self.function, inputs)
        except Exception as error:
            if not self._takes_a_row(inputs) and (remedy := self._one_at_a_time(inputs)):
                raise TypeError(self._found(count, f"{error!r}") + remedy) from error
            raise
        if array.shape not in self._shapes(count):
            self._refuse(inputs, array)
        if array.dtype.kind not in "fiub":
            raise ValueError(self._found(count, f"{array.dtype} of shape {array.shape}"))
        self._prove(inputs)
        return array.astype(np.float64).reshape(count, *self.shape)

    def _answer(self, function: Map, inputs: Array) -> NDArray[Any]:
        found = function(inputs)
        try:
            return as_array(found)
        except Exception as error:  # whatever the library of its tensor raises
            raise ValueError(
                self._found(len(inputs), f"{type(found).__name__}, no array ({error})")
            ) from error

    def _shapes(self, count: int) -> list[tuple[int, ...]]:
        """Return the shapes that are taken; for one input the axis of the batch may be missing."""
        shapes = [(count, *self.shape), (count, 1, *self.shape)]
        return [*shapes, self.shape] if count == 1 else shapes

    def _outputs(self, shape: tuple[int, ...], count: int) -> int:
        """Return how many outputs a shape (count, C, …) holds; 0 for another shape."""
        axes = 2 + len(self.shape)
        fits = len(shape) == axes and (shape[0], *shape[2:]) == (count, *self.shape)
        return shape[1] if fits else 0

    def _shape_of_row(self, function: Map, inputs: Array) -> tuple[int, ...] | None:
        """Return the shape for a batch of one row; None if the function gives no numbers."""
        try:
            array = self._answer(function, inputs[:1])
        except Exception:  # why does not matter here
            return None
        return array.shape if array.dtype.kind in "fiub" else None

    def _takes_a_row(self, inputs: Array) -> bool:
        return self._shape_of_row(self.function, inputs) in self._shapes(1)

    def _one_at_a_time(self, inputs: Array) -> str:
        """Return what to do about a function of one input, if it is one: what is advised runs."""
        shape = self._shape_of_row(by_row(self.function), inputs)
        says = f"; the function seems to take one input at a time: pass {self.name}=qxai.each_row"
        if shape in self._shapes(1):
            return f"{says}({self.name}), which calls it for each row"
        if shape is not None and (outputs := self._outputs(shape, 1)):
            return f"{says}(lambda x: {self.name}(x)[0]) for the first of its {outputs} outputs"
        return ""

    def _prove(self, inputs: Array) -> None:
        """Refuse a function of x[0], x[1], … that is given a square.

        It takes rows for features there, and the shape is right; one row tells.
        """
        count = len(inputs)
        if self.proven or count == 1:
            return
        if count == self.num_features and not self._takes_a_row(inputs):
            found = "one that takes a square, and does not take a batch of one row"
            raise TypeError(self._found(count, found) + self._one_at_a_time(inputs))
        self.proven = True

    def _refuse(self, inputs: Array, array: NDArray[Any]) -> None:
        """Say which of several outputs to choose, or what the shape is and should be."""
        count, name, d = len(inputs), self.name, self.num_features
        outputs = self._outputs(array.shape, count)
        row = self._shape_of_row(self.function, inputs) if outputs else None
        if row is not None and self._outputs(row, 1) == outputs:
            by_name = (
                f"qxai.Outputs.of_function({name}, names, {d})[name] with {outputs} names, or "
            )
            raise TypeError(
                f"{name}: expected one output for each input, found {outputs}, shape "
                f"{array.shape}; choose one: {by_name * (not self.shape)}"
                f"{name}=lambda X: {name}(X)[:, 0]"
            )
        found = self._found(count, f"{array.dtype} of shape {array.shape}")
        if remedy := self._one_at_a_time(inputs):
            raise TypeError(found + remedy)
        raise ValueError(found)

    def _found(self, count: int, found: str) -> str:
        numbers = f"real numbers of shape {(count, *self.shape)} for {count} inputs"
        if isinstance(self.function, Columns):
            numbers = f"a value and a standard error for each of {count} inputs"
        return f"{self.name}: expected {numbers}, found {found}"


@dataclass(frozen=True, eq=False)
class Columns:
    """A function that estimates, as one that returns a row of numbers for each input."""

    function: Callable[[Array], Any]

    def __call__(self, inputs: Array) -> Array:
        """Return values, standard errors, circuit runs and shots, (N, 4); totals are shared out."""
        count, found = len(inputs), self.function(inputs)
        if isinstance(found, np.ndarray) and found.ndim == 2:  # a row for each input
            found = tuple(found.T)
        if isinstance(found, Estimate):
            runs, shots = found.evaluations / count, found.shots / count
            parts = found.values, found.standard_error, runs, shots
        elif isinstance(found, tuple) and len(found) in (2, 3):
            parts = found[0], found[1], 1.0, found[2] if len(found) == 3 else 1.0
        else:
            raise TypeError(
                "estimate: expected (values, standard_error), these and the shots of each input, "
                f"or a qxai.Estimate, found {type(found).__name__}"
            )
        return np.stack([_column(name, p, count) for name, p in zip(COLUMNS, parts)], axis=1)


def by_row(function: Map) -> Map:
    """Return a function, or one that estimates, asked row by row."""
    if isinstance(function, Columns):
        return Columns(EachRow(function.function))
    return EachRow(function)


def _column(name: str, part: Any, count: int) -> Array:
    """Return one number for each input, or say what was found."""
    array = as_array(part)
    if array.ndim == 0 and (count == 1 or name in COLUMNS[2:]):
        array = np.full(count, array)
    if array.shape not in ((count,), (count, 1)) or array.dtype.kind not in "fiub":
        raise ValueError(
            f"estimate: expected the {name} of each of {count} inputs, shape ({count},), found "
            f"{array.dtype} of shape {array.shape}"
        )
    if name != COLUMNS[0] and (array < 0).any():
        raise ValueError(f"estimate: expected a {name} of at least 0, found {array.min()}")
    return array.astype(np.float64).reshape(count)


@dataclass(frozen=True, eq=False)
class Measured:
    """What a function estimates, as methods ask for it."""

    columns: Checked

    @property
    def function(self) -> Map:
        """The function that was given."""
        return self.columns.function.function  # type: ignore[attr-defined]

    def __call__(self, X: ArrayLike) -> Estimate:
        """Return an `Estimate` of shape (N,)."""
        value, error, runs, shots = self.columns(X).T
        return Estimate(value, error, round(runs.sum()), round(shots.sum()))


@dataclass(frozen=True, eq=False)
class Means:
    """The values of what is measured."""

    estimate: Measured

    def __call__(self, X: ArrayLike) -> Array:
        """Return values (N,)."""
        return self.estimate(X).values
