"""What a method is asked: a model, inputs and names that fit it, what is absent, who shares."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.absence import INSTEAD, Absent, over_rows
from qxai.attribution import Attribution
from qxai.background import Background, Marginals
from qxai.checks import as_baseline, as_inputs, roots
from qxai.core import Array
from qxai.frames import is_table, labels
from qxai.players import Players, as_players
from qxai.wrapping import not_a_model

RAW = 8 * np.pi  # angles of more than four turns are seldom meant


@dataclass(frozen=True, eq=False)
class Question:
    """The checked arguments of a method.

    Attributes
    ----------
    inputs : ndarray, shape (N, d)
    absent : ndarray (N, d), Background, Marginals or None
        Where absent features are; None for a method without a baseline.
    players : Players
        Who shares the output: the features, or groups of them.
    """

    inputs: Array
    absent: Absent | None
    players: Players

    def answer(self, found: Attribution) -> Attribution:
        """Return an attribution that keeps what was asked beside what was found."""
        return replace(
            found,
            inputs=self.inputs,
            baseline=self._baseline,
            feature_names=self.players.names,
            groups=None if self.players.are_features else self.players.members,
        )

    def by_points(self, explain: Callable[[Array, Array], Attribution]) -> Attribution:
        """Answer with a method that knows points only: for a sample, the mean over its rows.

        ``explain`` maps inputs (M, d) and points (M, d) to their attribution.
        """
        if isinstance(self.absent, Background):
            return self.answer(over_rows(explain, self.inputs, self.absent))
        if not isinstance(self.absent, np.ndarray):
            raise TypeError(
                f"baseline: expected a point or a Background for a method that has no closed form "
                f"here, found {self.absent!r}; {INSTEAD}"
            )
        return self.answer(explain(self.inputs, self.absent))

    @property
    def _baseline(self) -> Absent | None:
        """What is absent, without repeating a point that all inputs share."""
        if not isinstance(self.absent, np.ndarray) or not len(self.absent):
            return None if isinstance(self.absent, np.ndarray) else self.absent
        shared = roots(self.absent)
        return shared[0] if len(shared) < len(self.absent) else self.absent


NONE: Any = object()  # no baseline, where None could be one


def asked(model: Any, X: Any, baseline: Any = NONE, groups: Any = None) -> Question:
    """Check what every method is given, and match names.

    Parameters
    ----------
    model : Evaluator
    X : array_like or table, shape (N, d)
    baseline : optional
        A point, `Background` or `Marginals`; left out by a method that has none.
    groups : optional
        See `as_players`.

    Raises
    ------
    TypeError
        If the model is none, or has several outputs.
    ValueError
        If an argument has another shape, other names, or is not finite.
    """
    check_model(model)
    d = model.num_features
    names = feature_names(model, X)
    inputs = as_inputs(X, d, names)
    if getattr(model, "takes_radians", False) and is_table(X):
        warn_of_raw_units(inputs, names)
    absent = None if baseline is NONE else as_absent(baseline, inputs, names)
    return Question(inputs, absent, as_players(groups, names, d))


def as_absent(baseline: Any, inputs: Array, names: Any = None) -> Absent:
    """Return a baseline as a point for each input, or as a distribution, with matched names."""
    if isinstance(baseline, Background | Marginals):
        return baseline.matched(inputs.shape[1], names)
    return as_baseline(baseline, inputs, names)


def check_model(model: Any) -> None:
    """Refuse what is no model of one output, and say how to make it one.

    Raises
    ------
    TypeError
        With advice for this very object.
    """
    has_features = isinstance(getattr(model, "num_features", None), int | np.integer)
    answers = callable(getattr(model, "values", None)) and not isinstance(model, Mapping)
    if not (has_features and answers):
        raise TypeError(not_a_model(model))


def feature_names(model: Any, X: Any = None) -> tuple[str, ...] | None:
    """Return the names of a model's features; those of a table's columns, if it has none."""
    own = getattr(model, "feature_names", None)
    if own is None and is_table(X):
        own = labels(X)
    return None if own is None else tuple(map(str, own))


def warn_of_raw_units(inputs: Array, names: tuple[str, ...] | None) -> None:
    """Warn of a table whose numbers are hardly angles in radians."""
    largest = np.abs(inputs).max(axis=0, initial=0.0)
    column = int(np.argmax(largest))
    if largest[column] > RAW:
        label = f"column {column}" if names is None else f"column {names[column]!r}"
        warnings.warn(
            f"X: expected angles in radians, found {largest[column]:.4g} in {label}: raw units? "
            "qxai.datasets.TableScaler.fitted(training_rows).angles(X) makes angles of them",
            UserWarning,
            stacklevel=3,
        )
