"""A model along one feature at a time, as waves, whatever else is in front of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.asking import multilinear
from qxai.core import Array, NoClosedFormError, OnlyEstimatesError
from qxai.waves import Waves

SEARCH = "qxai.counterfactual_search needs values only"


@dataclass(frozen=True, eq=False)
class Line:
    """The output of N inputs as one feature moves.

    Attributes
    ----------
    waves : Waves
        Of the feature's angle.
    angles : ndarray, shape (N,)
        Where it is.
    limits : tuple of float
        Between which angles it can be.
    """

    waves: Waves
    angles: Array
    limits: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Lines:
    """A model that is a sum of waves of each feature, the others staying as they are.

    Attributes
    ----------
    form : Multilinear
        Of angles.
    scaler : object or None
        What makes angles (N, d) of columns, and ``raw`` columns of angles.
    """

    form: Any
    scaler: Any

    def angles(self, X: Array) -> Array:
        """Return inputs (N, d) as angles."""
        return X if self.scaler is None else np.asarray(self.scaler.angles(X))

    def inputs(self, angles: Array) -> Array:
        """Return angles (N, d) in the units of the inputs."""
        return angles if self.scaler is None else np.asarray(self.scaler.raw(angles))

    def limits(self, ranges: Array) -> Array:
        """Return the angles between which features may move, (2, d), infinite where free.

        Of columns only those between a scaler's limits have angles of their own.
        """
        if self.scaler is None:
            return ranges
        return self.angles(np.clip(ranges, *self.scaler.limits))

    def of(self, X: Array, limits: Array) -> Callable[[int], Line]:
        """Return what gives the line of each feature through inputs (N, d)."""
        angles = self.angles(X)
        _, around = self.form.partials(self.form.vectors(angles))
        # What one feature meets may be nothing but the rounding of what another meets.
        scale = np.max([np.abs(one).sum(axis=1) for one in around], axis=0)

        def line(feature: int) -> Line:
            waves = replace(_waves(self.form, feature, around[feature]), scale=scale)
            return Line(waves, angles[:, feature], tuple(limits[:, feature].tolist()))

        return line


def lines_of(model: Any, user: str) -> Lines:
    """Return a model as waves of one feature at a time.

    Raises
    ------
    TypeError, NoClosedFormError
        If it is none, or on a backend that only estimates.
    """
    try:
        form: Any = multilinear(model, user, SEARCH)
    except OnlyEstimatesError:
        raise TypeError(
            f"{user} needs an exact model, found one on a device; pass "
            "model.on(qxai.Statevector()), with shots= for what a device can see"
        ) from None
    scaler = None
    if hasattr(form, "scaler"):
        form, scaler = form.form, form.scaler
        if not hasattr(scaler, "raw"):
            raise NoClosedFormError(
                f"{user} needs features that enter as they are or through a scaler, found "
                f"functions of features in the angles; {SEARCH}"
            )
    return Lines(form, scaler)


def _waves(form: Any, feature: int, around: Any) -> Waves:
    """Return what meets a feature's vector, (N, K), as waves."""
    if not hasattr(form, "wavevectors"):
        frequencies = np.asarray(form.frequencies[feature])
        return Waves(frequencies, around[:, 0], around[:, 1::2], around[:, 2::2])
    speeds = form.wavevectors[:, feature]
    frequencies, which = np.unique(np.abs(speeds), return_inverse=True)
    share = np.eye(len(frequencies))[which]
    cosines = around.real @ share
    sines = -(around.imag * np.sign(speeds)) @ share
    still = frequencies == 0
    return Waves(
        frequencies[~still], cosines[:, still].sum(axis=1), cosines[:, ~still], sines[:, ~still]
    )
