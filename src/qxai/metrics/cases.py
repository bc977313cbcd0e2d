"""What all methods are asked about one model, and what is measured of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.absence import Absent, chosen
from qxai.attribution import Attribution
from qxai.checks import batches
from qxai.coalitions import coalitions
from qxai.core import Array, Evaluator, Mask
from qxai.metrics.candidates import Method, draws, enumerable, explained, redrawn, takes_columns
from qxai.metrics.completeness import completeness
from qxai.metrics.curves import deletion_curve, direction, mean_by_size
from qxai.metrics.infidelity import changes, prediction_error
from qxai.metrics.ranks import agreement
from qxai.metrics.relative import (
    Interval,
    deletion_gain,
    in_output_units,
    mean_ratio,
    quartiles,
    ratio,
    resampled,
    with_interval,
)
from qxai.question import as_absent, asked, feature_names

REDRAWN = 5  # models of other parameters
SETS, ORDERS = 256, 32  # drawn for all methods, where there are too many to enumerate
ROUNDING = 1e-12  # a change of this size, relative to the outputs, is none


@dataclass(frozen=True, eq=False)
class Case:
    """A model with inputs and baselines, and what all methods are compared with.

    Attributes
    ----------
    model : Evaluator
    X : ndarray, shape (N, d)
    absent : tuple of baselines
        The first one is judged with, the others are compared with it.
    others : sequence of models
        With other parameters.
    deleted, losses : ndarrays, shapes (S, d), (N, S)
        Sets of deleted features, and what the output loses with them.
    enumerated : bool
        Whether these are all sets.
    random : ndarray, shape (N, d + 1)
        The mean deletion curve of random orders.
    shares, other_shares : ndarrays, shapes (resamples, N), (resamples, M)
        How often inputs, and other models, are in each resample.
    """

    model: Evaluator
    X: Array
    absent: tuple[Absent, ...]
    others: Sequence[Any]
    deleted: Mask
    losses: Array
    enumerated: bool
    random: Array
    shares: Array
    other_shares: Array


def as_case(
    model: Evaluator,
    X: Any,
    baselines: Sequence[Any] | None,
    randomised: Sequence[Any] | None,
    rows: int,
    rng: np.random.Generator,
) -> Case:
    """Check what is asked, choose inputs, and evaluate what all methods share."""
    everything = asked(model, X).inputs
    if not len(everything):
        raise ValueError("X: expected at least one input, found none")
    points = _points(baselines, everything, takes_columns(model))
    names = feature_names(model, X)
    picked = np.arange(len(everything))
    if len(picked) > rows:
        picked = np.sort(rng.choice(picked, rows, replace=False))
    inputs = everything[picked]
    absent = tuple(chosen(as_absent(point, everything, names), picked) for point in points)
    others = redrawn(model, REDRAWN, rng) if randomised is None else list(randomised)
    enumerated = enumerable(*inputs.shape)
    d = inputs.shape[1]
    deleted = coalitions(d, "") if enumerated else rng.random((SETS, d)) < 0.5
    losses = np.empty((len(inputs), len(deleted)))
    for part in batches(len(inputs), deleted.size):
        losses[part] = changes(model, inputs[part], chosen(absent[0], part), deleted)
    return Case(
        model=model,
        X=inputs,
        absent=absent,
        others=others,
        deleted=deleted,
        losses=losses,
        enumerated=enumerated,
        random=_random_order(model, inputs, absent[0], deleted, losses, enumerated, rng),
        shares=resampled(len(inputs), rng),
        other_shares=resampled(max(1, len(others)), rng),
    )


def _points(baselines: Sequence[Any] | None, inputs: Array, raw: bool) -> Sequence[Any]:
    if baselines is None:  # no column need have a 0
        mean = inputs.mean(axis=0)
        return [mean, inputs.min(axis=0)] if raw else [0.0, mean]
    if not isinstance(baselines, list | tuple) or not baselines:
        raise ValueError(
            "baselines: expected a list of one or more, such as [0.0, X.mean(axis=0)], found "
            f"{baselines!r}"
        )
    return baselines


def _random_order(
    model: Evaluator,
    inputs: Array,
    absent: Absent,
    deleted: Mask,
    losses: Array,
    enumerated: bool,
    rng: np.random.Generator,
) -> Array:
    """Return the mean deletion curve (N, d + 1) over all orders, or over some that are drawn."""
    if enumerated:
        curve = (model.values(inputs)[:, None] - losses) @ mean_by_size(deleted)
        return np.asarray(curve * direction(curve, deleted=True)[:, None])
    orders = (rng.normal(size=inputs.shape) for _ in range(ORDERS))
    total = sum(deletion_curve(model, inputs, order, absent) for order in orders)
    return np.asarray(total / ORDERS)


def measured(
    found: Attribution, method: Method, case: Case, seeds: int, rng: np.random.Generator
) -> dict[str, Interval]:
    """Return all numbers of one method, from what it found and from further explanations."""

    def explain(model: Evaluator, absent: Absent) -> Attribution:
        return explained(method, model, case.X, absent, rng)

    values = in_output_units(found, case.X, case.absent[0])
    several = case.X.shape[1] > 1  # one feature has no ranks
    alike = [
        agreement(values, in_output_units(explain(other, case.absent[0]), case.X, case.absent[0]))
        for other in case.others
        if several
    ]
    elsewhere = [
        agreement(values, in_output_units(explain(case.model, absent), case.X, absent))
        for absent in case.absent[1:]
        if several
    ]
    return {
        "completeness": quartiles(completeness(found)),
        **predicting(values, case),
        "randomised": _mean(alike, case.shares, case.other_shares),
        "baselines": _mean(elsewhere, case.shares),
        "seeds": _spread(found, method, lambda: explain(case.model, case.absent[0]), seeds),
    }


def predicting(values: Array, case: Case) -> dict[str, Interval]:
    """Return what attributions in units of the output tell about deletions."""
    sizes = np.abs(case.random).max(axis=1)
    change = np.abs(case.random[:, 0] - case.random[:, -1])
    change = np.where(change > ROUNDING * sizes, change, 0)
    gain = deletion_gain(case.model, case.X, values, case.absent[0], case.random)
    wrong = prediction_error(values, case.deleted, case.losses)
    nothing = prediction_error(np.zeros_like(values), case.deleted, case.losses)
    nothing = np.where(nothing > (ROUNDING * sizes) ** 2, nothing, 0)
    return {
        "deletion": mean_ratio(gain, change, case.shares),
        "infidelity": mean_ratio(wrong, nothing, case.shares),
    }


def _mean(rows: Sequence[Array], shares: Array, other_shares: Array | None = None) -> Interval:
    """Return the mean of rank correlations (M, N); NaN without any."""
    if not rows:
        return Interval(np.nan, np.nan, np.nan, shares.shape[1])
    table = np.array(rows)
    weights = np.full((1, len(table)), 1 / len(table)) if other_shares is None else other_shares
    again = np.einsum(
        "rm,mn,rn->r", np.broadcast_to(weights, (len(shares), len(table))), table, shares
    )
    return with_interval(float(table.mean()), again, table.shape[1])


def _spread(found: Attribution, method: Method, again: Any, seeds: int) -> Interval:
    """Return the standard deviation over draws relative to the size; NaN for what is exact."""
    n = len(found.values)
    exact = Interval(np.nan, np.nan, np.nan, n)
    if found.standard_error is None and not draws(method):
        return exact
    second = again().values
    if np.array_equal(second, found.values):
        return exact
    repeats = np.stack([found.values, second, *(again().values for _ in range(seeds - 2))])
    spread = ratio(repeats.var(axis=0, ddof=1), repeats.mean(axis=0) ** 2)
    return Interval(float(np.sqrt(spread)), np.nan, np.nan, n)
