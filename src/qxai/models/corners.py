"""Where straight lines in raw columns bend, for models that are made of several."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from qxai.core import PER_RADIAN, Array

Corners = Callable[[Array, Array], Array]


def joint_corners(models: Iterable[Any]) -> Corners | None:
    """Return the places where a line bends for any of the models; None if none of them bends it.

    Places are sorted, in [0, 1], for lines from ``start`` to ``end`` (N, d): (N, C).
    """
    found = [one for model in models if callable(one := getattr(model, "corners", None))]
    if not found:
        return None

    def corners(start: Array, end: Array) -> Array:
        return np.sort(np.concatenate([one(start, end) for one in found], axis=1), axis=1)

    return corners


def slope_unit(model: Any) -> str:
    """Return the unit of a model's slopes: per radian, if it does not tell another."""
    return str(getattr(model, "slope_unit", PER_RADIAN))
