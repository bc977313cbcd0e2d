"""What an attribution asks of a model."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qxai.core import Array, Estimate, Evaluator, Indices


def distinct(rows: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return the different rows and where each row is among them: a shared baseline runs once."""
    found, where = np.unique(rows, axis=0, return_inverse=True)
    return found, where.reshape(len(rows))


def estimated(model: Evaluator, X: Array) -> Estimate:
    """Return outputs (N,) with their standard errors, which are 0 for an exact model."""
    estimate = getattr(model, "estimate", None)
    if estimate is None:
        return Estimate(model.values(X), np.zeros(len(X)), len(X), 0)
    return estimate(X)


def estimated_gradient(model: Evaluator, X: Array, method: str, instead: str) -> Estimate:
    """Return gradients (N, d) with their standard errors, which are 0 for an exact model."""
    estimate = getattr(model, "estimate_gradient", None)
    if estimate is None:
        found = needed(model, "gradient", method, instead)(X)
        return Estimate(found, np.zeros(X.shape), 2 * X.size, 0)
    return estimate(X)


def ends(model: Evaluator, inputs: Array, start: Array) -> tuple[Array, Array]:
    """Return the outputs at inputs and baselines; a baseline that is shared runs once."""
    roots, where = distinct(start)
    return estimated(model, inputs).values, estimated(model, roots).values[where]


def error_of(errors: Array, shots: int) -> Array | None:
    """Return the standard errors of what was sampled, None for what is exact."""
    return errors if shots else None


def needed(model: object, name: str, method: str, instead: str) -> Callable[..., Any]:
    """Return the model's method ``name``, or say who needs it and what would do instead.

    Raises
    ------
    TypeError
        If the model has no such method.
    """
    found = getattr(model, name, None)
    if not callable(found):
        raise TypeError(
            f"{method} needs a model with a method {name}(); {type(model).__name__} has none; "
            f"{instead}"
        )
    return found
