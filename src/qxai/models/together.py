"""All outputs at once: what several models share runs once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.asking import estimated
from qxai.backends.statevector import Statevector
from qxai.core import Array, Estimate
from qxai.models.circuit import PQC
from qxai.models.head import Probability, chained, probabilities
from qxai.models.wrapping import Checked


@dataclass(frozen=True, eq=False)
class Column:
    """A column of what a function returns for all outputs; an object, to be pickled."""

    table: Checked
    place: int

    def __call__(self, X: Array) -> Array:
        """Return the column for inputs (N, d)."""
        return self.table(X)[:, self.place]


def estimates(models: Sequence[Any], X: Array) -> Estimate:
    """Return the outputs (N, C) of models for inputs (N, d) with their standard errors."""
    if (scores := _scores(models)) is not None:
        found = probabilities(scores.estimate(X))
        places = [model.place for model in models]
        errors = found.standard_error[:, places]
        return Estimate(found.values[:, places], errors, found.evaluations, found.shots)
    values = _from_states(models, X)
    values = _from_columns(models, X) if values is None else values
    if values is not None:
        return Estimate(values, np.zeros(values.shape), len(X), 0)
    each = [estimated(model, X) for model in models]
    return Estimate(
        np.stack([one.values for one in each], axis=1),
        np.stack([one.standard_error for one in each], axis=1),
        sum(one.evaluations for one in each),
        sum(one.shots for one in each),
    )


def slopes(models: Sequence[Any], X: Array) -> Array:
    """Return the derivatives (N, C, d) of models that all have a gradient."""
    if (scores := _scores(models)) is not None:
        found = chained(scores.values(X), scores.gradient(X))
        return found[:, [model.place for model in models]]
    return np.stack([model.gradient(X) for model in models], axis=1)


def _scores(models: Sequence[Any]) -> Any:
    """Return the scores that all models are probabilities of; None if they are not."""
    found = [model.scores for model in models if isinstance(model, Probability)]
    same = len(found) == len(models) and all(scores is found[0] for scores in found)
    return found[0] if same else None


def _from_states(models: Sequence[Any], X: Array) -> Array | None:
    """Read the observables of one circuit from one run of the statevector (N, C)."""
    first = models[0]
    if not isinstance(first, PQC) or not isinstance(first.backend, Statevector):
        return None
    circuit = first.compiled
    if not all(first.joins(model) and model.compiled.qubits == circuit.qubits for model in models):
        return None
    observables = [model.compiled.observable for model in models]
    return first.backend.several_values(circuit, observables, X, first.parameter_values)


def _from_columns(models: Sequence[Any], X: Array) -> Array | None:
    """Read the columns of one function from one call (N, C)."""
    columns = [getattr(getattr(model, "values", None), "function", None) for model in models]
    found = [column for column in columns if isinstance(column, Column)]
    if len(found) < len(models) or any(column.table is not found[0].table for column in found):
        return None
    return found[0].table(X)[:, [column.place for column in found]]
