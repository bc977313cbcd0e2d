"""Where along a feature a number of shots tells an output from a threshold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.attributions.lines import Line, Lines, lines_of
from qxai.checks import check_count, check_positive
from qxai.core import Array
from qxai.waves import Waves, product, weighted_sum


@dataclass(frozen=True, eq=False)
class Noise:
    """What tells along one feature whether shots see the output beyond a level.

    Attributes
    ----------
    line, square : Line
        Of the output without its constant, and of its square.
    level : float
        The threshold, without that constant.
    share : float
        Squared confidence by the number of shots.
    """

    line: Line
    square: Line
    level: float
    share: float

    @property
    def frequencies(self) -> Array:
        """Of both lines."""
        return np.concatenate([self.line.waves.frequencies, self.square.waves.frequencies])

    def moved(self, sign: float) -> Waves:
        """Return ``z² (⟨M²⟩ − f²)/m − (f − τ)²`` in a direction: below zero where shots tell."""
        one, at = np.ones(len(self.line.angles)), self.line.angles
        f = self.line.waves.moved(at, sign, 0.0, one)
        away = self.line.waves.moved(at, sign, self.level, one)
        spread = self.square.waves.moved(at, sign, 0.0, one)
        terms = [(self.share, spread), (-self.share, product(f)), (-1.0, product(away))]
        return weighted_sum(terms)


@dataclass(frozen=True, eq=False)
class Device:
    """A model's output without its constant and its square, for a number of shots."""

    centre: Lines
    square: Lines
    constant: float
    share: float

    def of(self, inputs: Array, limits: Array, level: float) -> Callable[[int], Noise]:
        """Return what gives the noise along each feature through inputs (N, d)."""
        centre, square = self.centre.of(inputs, limits), self.square.of(inputs, limits)
        return lambda i: Noise(centre(i), square(i), level - self.constant, self.share)


def device_of(model: Any, shots: int, confidence: float) -> Device:
    """Return what a device sees of a model.

    Raises
    ------
    TypeError
        If it has no observable.
    """
    centre, square, constant = centred(model)
    share = check_positive("confidence", confidence) ** 2 / check_count("shots", shots, 1)
    user = "counterfactual(shots=)"
    return Device(lines_of(centre, user), lines_of(square, user), constant, share)


def centred(model: Any) -> tuple[Any, Any, float]:
    """Return a model without what its observable has of the identity, its square, and that.

    Raises
    ------
    TypeError
        If it has no observable.
    """
    if hasattr(model, "with_observable"):
        constant = sum(complex(t.coefficient).real for t in model.observable if not len(t))
        rest = model.observable - constant
        return model.with_observable(rest), model.with_observable(rest * rest), float(constant)
    if hasattr(model, "model"):
        rest, square, constant = centred(model.model)
        return replace(model, model=rest), replace(model, model=square), constant
    raise TypeError(
        f"shots: expected a model with an observable, whose square tells the spread of a shot, "
        f"found {type(model).__name__}; leave shots= out"
    )
