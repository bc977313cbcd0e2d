"""What an attribution asks of a model, and a model of its backend: one way for both."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qxai.checks import batches
from qxai.core import Array, Estimate, Evaluator, Indices, Multilinear

WORK = 3 * 2**19  # multiplications of one piece of work
LEAST, MOST = 2**10, 2**12  # vectors in it: enough for a product of matrices, few for the cache


def distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return the different rows and where each row is among them: a shared baseline runs once."""
    found, where = np.unique(rows, axis=0, return_inverse=True)
    return found, where.reshape(len(rows))


def estimated(source: Any, *arguments: Any) -> Estimate:
    """Ask a model (inputs), or a backend (circuit, inputs, parameters), for outputs (N,).

    Standard errors are 0 where it does not tell any.
    """
    sampled = getattr(source, "estimate", None)
    if sampled is not None:
        return sampled(*arguments)
    values = source.values(*arguments)
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


def together(polynomial: Multilinear) -> int:
    """Return how many vectors to contract at once, whatever the batch."""
    return min(MOST, max(LEAST, WORK // max(1, polynomial.operations)))


def moved_one_by_one(model: Evaluator, start: Array, target: Array) -> Estimate:
    """Return the outputs (N, d) with each feature alone moved from ``start`` to ``target``."""
    n, d = start.shape
    values, errors, evaluations, shots = np.empty((n, d)), np.empty((n, d)), 0, 0
    for rows in batches(n, d * d):
        moved = np.repeat(start[rows, None], d, axis=1)
        moved[:, range(d), range(d)] = target[rows]
        found = estimated(model, moved.reshape(-1, d))
        values[rows] = found.values.reshape(-1, d)
        errors[rows] = found.standard_error.reshape(-1, d)
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Estimate(values, errors, evaluations, shots)


def ends(model: Evaluator, inputs: Array, start: Array) -> tuple[Array, Array]:
    """Return the outputs at inputs and baselines; a baseline that is shared runs once."""
    roots, where = distinct(start)
    return estimated(model, inputs).values, estimated(model, roots).values[where]


def error_of(errors: Array, shots: int) -> Array | None:
    """Return the standard errors of what was sampled, None for what is exact."""
    return errors if shots else None


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
