"""Inputs that are arrays of finite real numbers, or an error that says what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qxai.frames import is_table, labels, matched, numbers, order

Array = NDArray[np.float64]
BATCH = 2**22  # most numbers that a method lays out at once


def real_array(value: ArrayLike, expected: str) -> Array:
    """Return a float64 array, or say what is not a real number in it.

    Raises
    ------
    ValueError
        If the value is ragged, masked, or holds anything but real numbers; the message begins
        with ``expected``.
    """
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{expected}, found rows of different lengths ({error})") from None
    if np.ma.is_masked(value):  # type: ignore[no-untyped-call]
        raise ValueError(f"{expected}, found masked entries; fill or drop them")
    if found.dtype.kind == "O":
        for entry in found.flat:
            if not isinstance(entry, int | float | np.number | np.bool_) or np.iscomplex(entry):
                raise ValueError(f"{expected}, found {entry!r}")
    elif found.dtype.kind not in "fiub":
        raise ValueError(f"{expected}, found dtype {found.dtype}")
    try:
        return found.astype(np.float64)
    except OverflowError:
        raise ValueError(f"{expected}, found a whole number that is no float") from None


def as_inputs(X: Any, num_features: int, names: Sequence[str] | None = None) -> Array:
    """Return ``X`` as a float64 array of shape (N, num_features), or say what is wrong with it.

    A table's columns are matched by name with ``names``, whatever their order; an array's, and
    those of a table whose columns or a model whose features have no names, by position.

    Raises
    ------
    ValueError
        If ``X`` is not a finite real array with ``num_features`` columns, or a table with other
        columns; what cannot be read is named by column and row.
    """
    expected = f"X: expected real numbers of shape (N, {num_features})"
    if isinstance(X, Mapping):
        raise ValueError(f"{expected}, found a mapping; pandas.DataFrame(X) is a table of columns")
    named = is_table(X)
    array = numbers("X", matched("X", X, names)) if named else real_array(X, expected)
    if array.ndim == 1:
        raise ValueError(f"{expected}, found shape {array.shape}; for one input pass {_one_row(X)}")
    if array.ndim != 2 or array.shape[1] != num_features:
        raise ValueError(f"{expected}, found shape {array.shape}")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{expected}, found {array[row, column]} at row {row}, column {column}; "
            "drop or impute such rows"
        )
    return array


def _one_row(X: Any) -> str:
    """Return how to make a table or an array of one input."""
    if hasattr(X, "iloc"):
        return "X.to_frame().transpose()"
    return "X.reshape(1, -1)" if hasattr(X, "reshape") else "numpy.reshape(X, (1, -1))"


def as_table(name: str, value: ArrayLike) -> Array:
    """Return a finite float64 array (N, d), or say what is wrong with it.

    Raises
    ------
    ValueError
        If it is none.
    """
    expected = f"{name}: expected finite real numbers of shape (N, d)"
    array = real_array(value, expected)
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"{expected}, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{expected}, found NaN or infinity")
    return array


def as_baseline(baseline: Any, X: Array, names: Sequence[str] | None = None) -> Array:
    """Broadcast a scalar, (d,) or (N, d) baseline to the shape (N, d) of ``X``.

    A mapping or a series is matched by name, as the columns of a table are.

    Raises
    ------
    ValueError
        If ``baseline`` has another shape, other names or is not finite.
    """
    expected = f"baseline: expected a scalar, shape ({X.shape[1]},) or {X.shape}"
    array = real_array(_by_name(baseline, names), expected)
    if array.shape not in ((), X.shape[1:], X.shape):
        raise ValueError(
            f"{expected}, found shape {array.shape}; the mean over the rows of a sample is "
            "baseline=qxai.Background(sample)"
        )
    if not np.isfinite(array).all():
        raise ValueError("baseline: expected finite numbers, found NaN or infinity")
    return np.broadcast_to(array, X.shape)


def _by_name(baseline: Any, names: Sequence[str] | None) -> Any:
    """Return a baseline's numbers in the order of the names, if it has names itself."""
    if is_table(baseline):
        return numbers("baseline", matched("baseline", baseline, names))
    found = labels(baseline)
    if isinstance(baseline, Mapping) and (names is None or found is None):
        raise ValueError(
            f"baseline: expected numbers for features with names, found a mapping with the keys "
            f"{list(baseline)} for features without; pass list(baseline.values())"
        )
    if names is None or found is None:
        return baseline
    places = order("baseline", found, names, "name each feature once, and no other")
    values = list(baseline.values()) if isinstance(baseline, Mapping) else baseline.to_numpy()
    return [values[place] for place in places]


def roots(start: Array) -> Array:
    """Return baselines (N, d), or the one (1, d) that all inputs share."""
    return start[:1] if (start == start[:1]).all() else start


def batches(count: int, numbers: int, most: int | None = None) -> Iterator[slice]:
    """Cut a batch of inputs, each of which takes so many numbers, into slices that fit."""
    step = max(1, (BATCH if most is None else most) // max(1, numbers))
    return (slice(start, start + step) for start in range(0, count, step))


def check_count(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a whole number from ``least`` to ``most``, or say what else was found.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, found {value!r}")
    if most is not None and value > most:
        raise ValueError(f"{name}: expected at most {most}, found {value!r}")
    return int(value)


def check_positive(name: str, value: float, zero: bool = False) -> float:
    """Return a finite positive number (or zero, where that has a meaning).

    Raises
    ------
    ValueError
        If it is none.
    TypeError
        If it is no number at all.
    """
    kind = "a number of at least 0" if zero else "a positive number"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name}: expected {kind}, found {type(value).__name__}")
    if not (np.isfinite(value) and (value > 0 or (zero and value == 0))):
        raise ValueError(f"{name}: expected {kind}, found {value}")
    return float(value)


def check_samples(samples: object, rng: object) -> np.random.Generator:
    """Return the generator of a method that samples, after checking both.

    Raises
    ------
    ValueError
        If ``samples`` is no whole number of at least 2: one has no spread.
    TypeError
        If ``rng`` is no generator.
    """
    check_count("samples", samples, 2)
    return check_generator(rng)


def check_only(shots: object, samples: object, rng: object) -> int:
    """Return a number of shots, where neither samples are asked for nor a generator is missing.

    Raises
    ------
    ValueError
        If both are given, or it is no whole number of at least 2.
    TypeError
        If ``rng`` is no generator.
    """
    if samples is not None:
        raise ValueError("shots: expected None with samples=, found both; leave one out")
    check_generator(rng)
    return check_count("shots", shots, 2)


def check_generator(rng: object) -> np.random.Generator:
    """Return a generator of random numbers.

    Raises
    ------
    TypeError
        If it is none.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng: expected numpy.random.default_rng(seed), found {rng!r}")
    return rng
