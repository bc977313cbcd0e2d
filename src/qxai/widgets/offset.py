"""A slider that moves one feature, and settings as texts and plain numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.checks import real_array


@dataclass(frozen=True)
class Offset:
    """A slider that moves one feature of every input, on top of what was measured.

    Attributes
    ----------
    feature : int or str
        By number or name.
    slope : float
        By how much the feature grows per unit of the slider: in its own unit where `explore` is
        given a scaler, else in radians.
    low, high : float
        Ends of the slider.
    label, unit : str
        What is said beside it.
    start : float
        Where it stands at first.

    Examples
    --------
    >>> import qxai
    >>> from qxai import widgets
    >>> model = qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]])
    >>> drift = widgets.Offset("x1", slope=0.1, low=0, high=5, label="drift", unit="days")
    >>> widgets.explore(model, [[0.4, 1.1]], baseline=0, offset=drift).payload["shift"]["feature"]
    1
    """

    feature: int | str
    slope: float
    low: float
    high: float
    label: str = "offset"
    unit: str = ""
    start: float = 0.0


def shift_of(offset: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return a slider's record, its feature by number."""
    if not isinstance(offset, Offset):
        raise TypeError(f"offset: expected a widgets.Offset, found {offset!r}")
    numbers = {
        part: finite(f"offset.{part}", getattr(offset, part))
        for part in ("slope", "low", "high", "start")
    }
    if not numbers["low"] <= numbers["start"] <= numbers["high"] or not numbers["slope"]:
        raise ValueError(
            f"offset: expected low <= start <= high and a slope that is not 0, found {offset}"
        )
    words = {part: str(getattr(offset, part) or "") for part in ("label", "unit")}
    return {**numbers, **words, "feature": _place(offset.feature, names)}


def _place(feature: Any, names: Sequence[str]) -> int:
    """Return a feature by number."""
    if isinstance(feature, str) and feature in names:
        return names.index(feature)
    if isinstance(feature, bool) or feature not in range(len(names)):
        raise ValueError(
            f"offset: expected a feature among {', '.join(names)}, or its number, found {feature!r}"
        )
    return int(feature)


def words_of(name: str, given: Any, count: int) -> list[str]:
    """Return so many texts; one text is not a sequence of them."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name}: expected a sequence of {count} texts, found {given!r}")
    words = [str(word) for word in given]
    if len(words) != count:
        raise ValueError(f"{name}: expected {count}, found {len(words)}")
    return words


def finite(name: str, given: Any) -> float:
    """Return a plain number for JSON, which has neither NaN nor infinity."""
    found = real_array(given, f"{name}: expected a finite number")
    if found.shape != () or not np.isfinite(found):
        raise ValueError(f"{name}: expected a finite number, found {given!r}")
    return float(found)
