"""Which class is explained, and against which other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qxai.core import Array, Indices


def classes_of(y: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Return the labels, sorted, and the number of each row's.

    Raises
    ------
    ValueError
        If there is only one.
    """
    classes, numbers = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y: expected labels of at least two classes, found one class, {_listed(classes)}; "
            "for numbers use qxai.Regressor"
        )
    return classes, numbers


def decision(scores: Array) -> Array:
    """Return scores (N, C), or of two classes the second's less the first's (N,)."""
    return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores


def contrast(classes: NDArray[Any], target: Any, against: Any) -> Array:
    """Return the coefficients (C,) of the scores: 1 for a class, −1 for the one it is set against.

    Of two classes the second is explained against the first, unless another is asked for.

    Raises
    ------
    ValueError
        If a class is not there, the two are one, or there are more than two and none is chosen.
    """
    if target is None and against is None and len(classes) == 2:
        return np.array([-1.0, 1.0])
    if target is None:
        raise ValueError(
            f"target: expected one of the classes {_listed(classes)}, found None; the first is "
            f"target={classes.tolist()[0]!r}"
        )
    coefficients = np.zeros(len(classes))
    coefficients[_number("target", classes, target)] = 1
    if against is not None:
        number = _number("against", classes, against)
        if coefficients[number]:
            raise ValueError(f"against: expected another class than target, found {against!r}")
        coefficients[number] = -1
    return coefficients


def _number(name: str, classes: NDArray[Any], value: Any) -> int:
    found = [number for number, label in enumerate(classes.tolist()) if label == value]
    if not found:
        raise ValueError(f"{name}: expected one of the classes {_listed(classes)}, found {value!r}")
    return found[0]


def _listed(classes: NDArray[Any]) -> str:
    return ", ".join(map(repr, classes.tolist()[:12])) + (", …" if len(classes) > 12 else "")
