"""A model with some features absent: at a point, in the rows of a sample, or independent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from qxai.asking import distinct, error_of, estimated, multilinear, together
from qxai.attribution import Attribution
from qxai.background import Background, Marginals
from qxai.checks import batches, roots
from qxai.core import Array, Estimate, Evaluator, Mask, Multilinear, NoClosedFormError
from qxai.memory import TooLargeError

# Where absent features are: a point for each input (N, d), or a distribution for all.
Absent = Array | Background | Marginals
INSTEAD = (
    "baseline=qxai.Background(sample) needs values only, and marginals.drawn(100, rng) draws a "
    "Background of independent features"
)


def outputs_with(model: Evaluator, inputs: Array, absent: Absent, present: Mask) -> Estimate:
    """Return the outputs (N, S) with some features present.

    Parameters
    ----------
    model : Evaluator
    inputs : ndarray, shape (N, d)
    absent : ndarray (N, d), Background or Marginals
    present : ndarray of bool, shape (S, d) or (N, S, d)
        Which features are there.
    """
    everyone = np.broadcast_to(present, (len(inputs), *present.shape[-2:]))
    if isinstance(absent, Marginals):
        return _contracted(model, inputs, absent, everyone)
    rows = absent.sample if isinstance(absent, Background) else None
    n, count, d = everyone.shape
    depth = 1 if rows is None else len(rows)
    values, variance, evaluations, shots = np.empty((n, count)), np.zeros((n, count)), 0, 0
    for part, sets in product(batches(n, count * d * depth), batches(count, d * depth)):
        # Behind inputs and sets, the rows that absent features are taken from.
        other = absent[part][:, None, None] if rows is None else rows  # type: ignore[index]
        points = np.where(everyone[part, sets][:, :, None], inputs[part][:, None, None], other)
        found = estimated(model, points.reshape(-1, d))
        shape = (*values[part, sets].shape, depth)
        values[part, sets] = found.values.reshape(shape).mean(axis=2)
        variance[part, sets] = (found.standard_error**2).reshape(shape).sum(axis=2) / depth**2
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Estimate(values, np.sqrt(variance), evaluations, shots)


def mean_vectors(polynomial: Multilinear, marginals: Marginals) -> list[Array]:
    """Return each feature's mean vector, d arrays (1, K_i)."""
    sample = marginals.sample
    few = max(1, together(polynomial))
    if len(sample) <= few:
        return [v.mean(axis=0, keepdims=True) for v in polynomial.vectors(sample)]
    parts = [sample[i : i + few] for i in range(0, len(sample), few)]
    sums = [[v.sum(axis=0, keepdims=True) for v in polynomial.vectors(part)] for part in parts]
    return [sum(column) / len(sample) for column in zip(*sums)]


def start_vectors(polynomial: Multilinear, absent: Array | Marginals) -> list[Array]:
    """Return what vectors are while their features are absent, one row where inputs share it."""
    if isinstance(absent, Marginals):
        return mean_vectors(polynomial, absent)
    return polynomial.vectors(roots(absent))


def multilinear_of(model: object, user: str) -> Multilinear:
    """Return the form of a model in which absent features take their mean vectors.

    Raises
    ------
    TypeError
        If it has none, or is on a backend that only estimates.
    """
    try:
        return multilinear(model, user, "")
    except (TypeError, NoClosedFormError, TooLargeError) as error:
        raise type(error)(
            f"{user} with qxai.Marginals needs an exact model with a polynomial; {INSTEAD}"
        ) from error


def _contracted(model: Evaluator, inputs: Array, marginals: Marginals, present: Mask) -> Estimate:
    """Give present features their own vectors, and the others the mean ones."""
    polynomial = multilinear_of(model, "a game")
    mean = mean_vectors(polynomial, marginals)
    values = np.empty(present.shape[:2])
    for part in batches(len(inputs), present.shape[1], together(polynomial)):
        own = polynomial.vectors(inputs[part])
        mixed = [
            np.where(present[part, :, i, None], v[:, None], m).reshape(-1, v.shape[1])
            for i, (v, m) in enumerate(zip(own, mean))
        ]
        values[part] = polynomial.contract(mixed).reshape(-1, present.shape[1])
    return Estimate(values, np.zeros(values.shape), values.size, 0)


def baseline_estimate(model: Evaluator, absent: Absent, count: int) -> Estimate:
    """Return the outputs (N,) with everything absent; what inputs share runs once."""
    if isinstance(absent, Marginals):
        polynomial = multilinear_of(model, "a baseline")
        value = polynomial.contract(mean_vectors(polynomial, absent))
        return Estimate(np.repeat(value, count), np.zeros(count), 1, 0)
    if isinstance(absent, Background):
        found = estimated(model, absent.sample)
        error = np.sqrt(np.sum(found.standard_error**2)) / len(absent.sample)
        mean, spread = np.full(count, found.values.mean()), np.full(count, error)
        return Estimate(mean, spread, found.evaluations, found.shots)
    roots, where = distinct(absent)
    found = estimated(model, roots)
    return replace(found, values=found.values[where], standard_error=found.standard_error[where])


def ends(model: Evaluator, inputs: Array, absent: Absent) -> tuple[Array, Array]:
    """Return the outputs (N,) with every feature present, and with none."""
    return estimated(model, inputs).values, baseline_estimate(model, absent, len(inputs)).values


def chosen(absent: Absent, rows: Any) -> Absent:
    """Return where the absent features of some inputs are."""
    return absent[rows] if isinstance(absent, np.ndarray) else absent


def over_points(function: Callable[[Array, Any], Array], inputs: Array, absent: Absent) -> Array:
    """Average a function of inputs and points, or of inputs and marginals, over a sample's rows."""
    if not isinstance(absent, Background):
        return function(inputs, absent)
    rows = (np.broadcast_to(row, inputs.shape) for row in absent.sample)
    total = sum((function(inputs, row) for row in rows), np.zeros(()))
    return np.asarray(total / len(absent.sample))


def drawn(absent: Absent, part: slice, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return where absent features are in each of several draws for some inputs, (n, S, d)."""
    if isinstance(absent, Background):
        return np.asarray(absent.sample[rng.integers(len(absent.sample), size=shape)])
    if isinstance(absent, Marginals):
        d = absent.sample.shape[1]
        picked = rng.integers(len(absent.sample), size=(*shape, d))
        return np.asarray(absent.sample[picked, np.arange(d)])
    return np.broadcast_to(absent[part][:, None], (*shape, absent.shape[1]))


def over_rows(
    explain: Callable[[Array, Array], Attribution], inputs: Array, background: Background
) -> Attribution:
    """Average attributions against points over the rows of a sample.

    ``explain`` maps inputs (M, d) and points (M, d) to their attribution.
    """
    rows = background.sample
    found = [
        _mean_over_rows(
            explain(np.repeat(inputs[part], len(rows), axis=0), np.tile(rows, (count, 1))), count
        )
        for part in batches(len(inputs), rows.size)
        if (count := len(inputs[part]))
    ]
    return joined(found) if found else explain(inputs, inputs)


def _mean_over_rows(found: Attribution, count: int) -> Attribution:
    depth = len(found) // count

    def mean(array: Array) -> Array:
        return array.reshape(count, depth, *array.shape[1:]).mean(axis=1)

    error = found.standard_error
    return replace(
        found,
        values=mean(found.values),
        output=mean(found.output),
        baseline_output=mean(found.baseline_output),
        standard_error=None if error is None else np.sqrt(mean(error**2) / depth),
        inputs=None,
        baseline=None,
    )


def joined(found: list[Attribution]) -> Attribution:
    """Put the attributions of several pieces of a batch behind each other.

    Inputs, where all pieces have them, and baselines go along.
    """
    first = found[0]
    errors = [one.standard_error for one in found if one.standard_error is not None]
    left = [one.error for one in found if one.error is not None]
    shots = sum(one.shots for one in found)
    return replace(
        first,
        values=np.concatenate([one.values for one in found]),
        output=np.concatenate([one.output for one in found]),
        baseline_output=np.concatenate([one.baseline_output for one in found]),
        standard_error=error_of(np.concatenate(errors), shots) if errors else None,
        error=max(left, default=None),
        evaluations=sum(one.evaluations for one in found),
        shots=shots,
        inputs=_rows([one.inputs for one in found]),
        baseline=_baseline(found),
    )


def _rows(parts: Sequence[Any]) -> Array | None:
    """Return tables with a row for each input behind each other; None if one is missing."""
    return None if any(part is None for part in parts) else np.concatenate(parts)


def _baseline(found: Sequence[Attribution]) -> Any:
    """Return the rows of all baselines, or the one that all share."""
    parts: list[Any] = [one.baseline for one in found]
    if not all(isinstance(part, np.ndarray) for part in parts):
        return parts[0]
    pairs = [(part, (len(one), np.shape(part)[-1])) for part, one in zip(parts, found)]
    rows = np.concatenate([np.broadcast_to(part, shape) for part, shape in pairs])
    shared = len(rows) > 1 and bool((rows == rows[0]).all())
    return rows[0] if shared else rows
