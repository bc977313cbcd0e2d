"""What all estimators do alike: weights of rows, random numbers, rows held out."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_random_state

from qxai.checks import real_array
from qxai.core import Array, Indices
from qxai.estimators.learning import Plan


def row_weights(sample_weight: ArrayLike | None, count: int) -> Array:
    """Return how much each row counts, shape (N,).

    Raises
    ------
    ValueError
        If they are not one number of at least 0 for each row, or all 0.
    """
    if sample_weight is None:
        return np.ones(count)
    expected = f"sample_weight: expected {count} numbers of at least 0, not all zero"
    weights = real_array(sample_weight, expected)
    if weights.shape not in ((), (count,)):
        raise ValueError(f"{expected}, found shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError(f"{expected}, found from {weights.min()} to {weights.max()}")
    return np.broadcast_to(weights, count)


def generator(random_state: Any) -> np.random.Generator:
    """Return a generator of what scikit-learn takes: None, a whole number or a RandomState."""
    return np.random.default_rng(check_random_state(random_state).randint(2**31))


def held_out(
    plan: Plan, count: int, labels: Indices | None, rng: np.random.Generator
) -> tuple[Indices, Indices | None]:
    """Split row numbers into those to learn from and those to validate on, if any.

    Raises
    ------
    ValueError
        If too few rows are left of a class.
    """
    fraction = plan.validation_fraction
    if not fraction:
        return np.arange(count), None
    try:
        train, held = train_test_split(
            np.arange(count),
            test_size=fraction,
            stratify=labels,
            random_state=int(rng.integers(2**31)),
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction: expected {count} rows to be enough to hold {fraction} of each "
            f"class out, found too few ({error}); set validation_fraction=0 and patience=None"
        ) from None
    return train, held
