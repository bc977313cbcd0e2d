"""What curves over one feature share: which features, where, and the outputs there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, game_form
from qxai.checks import batches, check_count, real_array
from qxai.core import Array, Evaluator
from qxai.question import Question

ENDS = (0.05, 0.95)  # quantiles between which a grid lies, as scikit-learn has it
MOST_RUNS = 2**26


@dataclass(frozen=True, eq=False)
class Curves:
    """The output of every row with one feature moved along a grid.

    Attributes
    ----------
    values, standard_error : ndarrays, shape (N, G)
    evaluations, shots : int
    route : str
    """

    values: Array
    standard_error: Array
    evaluations: int
    shots: int
    route: str


def places_of(features: Any, question: Question) -> list[int]:
    """Return the numbers of the features that are asked for, all of them for None.

    Raises
    ------
    ValueError
        If there is no such feature.
    """
    d, names = question.inputs.shape[1], names_of(question)
    if features is None:
        return list(range(d))
    several = hasattr(features, "__iter__") and not isinstance(features, str)
    chosen = list(features) if several else [features]
    return [_place(feature, names) for feature in chosen]


def _place(feature: Any, names: Sequence[str]) -> int:
    if isinstance(feature, str) and feature in names:
        return list(names).index(feature)
    number = isinstance(feature, int | np.integer) and not isinstance(feature, bool)
    if number and 0 <= feature < len(names):
        return int(feature)
    raise ValueError(
        f"features: expected numbers from 0 to {len(names) - 1} or names among "
        f"{', '.join(names)}, found {feature!r}"
    )


def names_of(question: Question) -> tuple[str, ...]:
    """Return the names of all features; x0, x1, … where there are none."""
    return question.players.names or tuple(f"x{i}" for i in range(question.inputs.shape[1]))


def grid_of(grid: int | ArrayLike, column: Array) -> Array:
    """Return where a curve is asked for: so many points between two quantiles, or as given.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(grid, int | np.integer) and not isinstance(grid, bool):
        low, high = np.quantile(column, ENDS)
        return np.linspace(low, high, check_count("grid", grid, 2))
    found = real_array(grid, "grid: expected how many points, or their places")
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise ValueError(f"grid: expected finite numbers of shape (G,), found {found.shape}")
    return found


def curves(
    model: Evaluator, inputs: Array, features: Sequence[int], grids: Sequence[Array]
) -> list[Curves]:
    """Return for each feature the outputs (N, G) with that feature on its grid.

    A model that is linear in one vector per feature gives all of them from one sweep: what each
    row's other features leave of the model is a vector, and a point of a curve its product with
    the feature's own.
    """
    form = game_form(model)
    if form is None:
        return [_ran(model, inputs, i, grid) for i, grid in zip(features, grids)]
    places = _on_grids(inputs, features, grids)
    own = [v[s] for v, s in zip(form.vectors(places[0]), places[1])] if len(inputs) else []
    result = [np.empty((len(inputs), len(grid))) for grid in grids]
    for rows in batches(len(inputs), sum(map(len, grids)) + inputs.shape[1]):
        _, around = form.partials(form.vectors(inputs[rows]))
        for i, vectors, found in zip(features, _chosen(own, features), result):
            found[rows] = np.real(around[i] @ vectors.T)
    return [Curves(v, np.zeros(v.shape), v.size, 0, "closed form") for v in result]


def _on_grids(
    inputs: Array, features: Sequence[int], grids: Sequence[Array]
) -> tuple[Array, list[slice]]:
    """Return points whose features lie on their grids, and how many of them count for each."""
    most = max(map(len, grids), default=0)
    points = np.repeat(inputs[:1], most, axis=0)
    counts = [slice(0, 0)] * inputs.shape[1]
    for i, grid in zip(features, grids):
        points[: len(grid), i], points[len(grid) :, i] = grid, grid[-1]
        counts[i] = slice(0, len(grid))
    return points, counts


def _chosen(own: Sequence[Any], features: Sequence[int]) -> list[Any]:
    return [own[i] for i in features] if len(own) else []


def _ran(model: Evaluator, inputs: Array, feature: int, grid: Array) -> Curves:
    """Run the model at every row and point of the grid."""
    n, count = len(inputs), len(grid)
    if n * count > MOST_RUNS:
        raise ValueError(
            f"X: expected at most {MOST_RUNS} runs of the model, found {n} rows on {count} points; "
            "pass fewer rows, or a smaller grid="
        )
    values, errors, evaluations, shots = np.empty((n, count)), np.empty((n, count)), 0, 0
    for rows in batches(n, count * inputs.shape[1]):
        points = np.repeat(inputs[rows], count, axis=0)
        points[:, feature] = np.tile(grid, len(inputs[rows]))
        found = estimated(model, points)
        values[rows] = found.values.reshape(-1, count)
        errors[rows] = found.standard_error.reshape(-1, count)
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Curves(values, errors, evaluations, shots, "runs of the model")
