"""What an attribution asks of a model, and a model of its backend: one way for both."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qxai.core import (
    Array,
    Estimate,
    Evaluator,
    Indices,
    Multilinear,
    NoClosedFormError,
    OnlyEstimatesError,
)
from qxai.memory import TooLargeError

WORK = 3 * 2**19  # multiplications of one piece of work
LEAST, MOST = 2**10, 2**12  # vectors in it: enough for a product of matrices, few for the cache


def distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return the different rows and where each row is among them: a shared baseline runs once."""
    moving = rows[:, (rows != rows[:1]).any(axis=0)]  # a column that is constant sorts nothing
    if not moving.size:
        found, where = np.unique(rows, axis=0, return_inverse=True)
        return found, where.reshape(len(rows))
    order = np.lexsort(moving.T[::-1])  # faster than to sort whole rows
    new = np.concatenate([[True], (moving[order[1:]] != moving[order[:-1]]).any(axis=1)])
    where = np.empty(len(rows), dtype=np.intp)
    where[order] = np.cumsum(new) - 1
    return rows[order[new]], where


def estimated(source: Any, *arguments: Any) -> Estimate:
    """Ask a model (inputs), or a backend (circuit, inputs, parameters), for outputs (N,).

    Standard errors are 0 where it does not tell any.
    """
    sampled = getattr(source, "estimate", None)
    if sampled is not None:
        return sampled(*arguments)
    return exactly(source.values(*arguments))


def exactly(values: Array) -> Estimate:
    """Return exact outputs (N,) as estimates without errors."""
    return Estimate(values, np.zeros(len(values)), len(values), 0)


def estimated_gradient(
    source: Any, *arguments: Any, runs: int, user: str, instead: str
) -> Estimate:
    """Ask a model or a backend for gradients (N, d); ``runs`` is what they cost if it is exact.

    Raises
    ------
    TypeError
        If it has no gradient; the message names the ``user`` and what would do ``instead``.
    """
    sampled = getattr(source, "estimate_gradient", None)
    if sampled is not None:
        return sampled(*arguments)
    values = needed(source, "gradient", user, instead)(*arguments)
    return Estimate(values, np.zeros(values.shape), runs, 0)


def with_shots(model: Any, shots: int) -> Any:
    """Return a model whose device takes so many shots for each run, behind whatever it stands.

    Raises
    ------
    TypeError
        If it is on no device that counts shots.
    """
    backend = getattr(model, "backend", None)
    if hasattr(backend, "shots"):
        return model.on(replace(backend, shots=shots))  # type: ignore[type-var]
    for name in ("model", "models"):
        inner = getattr(model, name, None)
        if isinstance(inner, tuple):
            return replace(model, **{name: tuple(with_shots(one, shots) for one in inner)})
        if inner is not None:
            return replace(model, **{name: with_shots(inner, shots)})
    raise TypeError(
        f"shots: expected a model on a device that counts shots, such as model.on(qxai.Sampled("
        f"1000, rng)), found {model!r}; leave shots= out, or pass samples="
    )


def slopes_of(model: Evaluator, X: Array, user: str, instead: str) -> Estimate:
    """Ask a model for gradients (N, d); one that does not tell its runs takes two a feature."""
    return estimated_gradient(model, X, runs=2 * X.size, user=user, instead=instead)


def multilinear(model: object, user: str, instead: str) -> Multilinear:
    """Return a model in the multilinear form that takes the fewest operations.

    Raises
    ------
    TypeError
        If it has none; the message names the ``user`` and what would do ``instead``.
    """
    found = getattr(model, "multilinear", None)
    return found() if callable(found) else needed(model, "polynomial", user, instead)()


def closed_form(model: object) -> Multilinear | None:
    """Return a model in its multilinear form; None if it has none, or one that is out of reach.

    Raises
    ------
    OnlyEstimatesError
        If the model is on a backend that samples.
    """
    if not is_multilinear(model):
        return None
    try:
        return multilinear(model, "", "")
    except (NoClosedFormError, TooLargeError):
        return None


def game_form(model: object) -> Multilinear | None:
    """Return a model in its multilinear form; None where all coalitions have to be run instead."""
    try:
        return closed_form(model)
    except OnlyEstimatesError:
        return None


def waves_of(model: object) -> Multilinear | None:
    """Return the form of a model whose vectors are waves of its features; None without one."""
    found = closed_form(model)
    return found if hasattr(found, "waves") else None


def has_polynomial(model: object) -> bool:
    """Tell whether a model is a polynomial in waves, or can be written as one."""
    return callable(getattr(model, "polynomial", None))


def is_multilinear(model: object) -> bool:
    """Tell whether a model is linear in one vector per feature, waves or others."""
    return has_polynomial(model) or callable(getattr(model, "multilinear", None))


def one_shot_gradients(model: Any, point: Array, shots: int, user: str) -> tuple[Any, int]:
    """Return a model whose runs take one shot each, and how many gradients so many shots are for.

    One gradient at a point (1, d) is measured to see how many runs it takes.

    Raises
    ------
    ValueError
        If they are for fewer than two.
    """
    device = with_shots(model, 1)
    runs = slopes_of(device, point, user, "qxai.lime needs values only").evaluations
    if shots < 2 * runs:
        raise ValueError(
            f"shots: expected at least {2 * runs}, two gradients of {runs} runs, found {shots}"
        )
    return device, shots // runs


def harmonic(model: object, user: str, instead: str) -> Multilinear:
    """Return a model whose vectors are waves: what is needed for derivatives and lines.

    Raises
    ------
    TypeError
        If it is none; the message names the ``user`` and what would do ``instead``.
    """
    needed(model, "polynomial", user, instead)
    found = multilinear(model, user, instead)
    if not hasattr(found, "waves"):
        raise NoClosedFormError(
            f"{user} needs a model that is a sum of waves of its features, found functions of "
            f"features in its angles; {instead}"
        )
    return found


def together(polynomial: Multilinear) -> int:
    """Return how many vectors to contract at once, whatever the batch."""
    if (own := getattr(polynomial, "at_once", None)) is not None:
        return int(own)
    return min(MOST, max(LEAST, WORK // max(1, polynomial.operations)))


def error_of(errors: Array, shots: int) -> Array | None:
    """Return the standard errors of what was sampled, None for what is exact."""
    return errors if shots or errors.any() else None


def needed(model: object, name: str, user: str, instead: str) -> Callable[..., Any]:
    """Return the model's method ``name``, or say who needs it and what would do instead.

    Raises
    ------
    TypeError
        If the model has no such method.
    """
    found = getattr(model, name, None)
    if not callable(found):
        raise TypeError(
            f"{user} needs a model with a method {name}(); {type(model).__name__} has none; "
            f"{instead}"
        )
    return found
