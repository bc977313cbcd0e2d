"""Counterfactuals: the smallest change of one feature that flips a decision, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attributions.curves import names_of, places_of
from qxai.attributions.lines import Line, Lines, lines_of
from qxai.attributions.visible import Noise, device_of
from qxai.checks import batches, real_array
from qxai.core import Array, Evaluator
from qxai.counterfactuals import Counterfactuals
from qxai.crossings import first_below, least
from qxai.question import Question, asked
from qxai.waves import period_of


@dataclass(frozen=True, eq=False)
class Sides:
    """What one feature does on both sides of where it is, each (N,).

    Attributes
    ----------
    change : ndarray
        To the nearest place beyond the threshold, as an angle; NaN for none.
    reach : ndarray
        The least of ``side · (f − threshold)``.
    """

    change: Array
    reach: Array


def counterfactual(
    model: Evaluator,
    X: ArrayLike,
    threshold: float = 0.0,
    features: Any = None,
    ranges: Any = None,
    shots: int | None = None,
    confidence: float = 2.0,
) -> Counterfactuals:
    """Return the smallest change of each feature alone that flips a decision, exactly.

    Along one feature a model is ``a_0 + Σ_k a_k cos ω_k t + b_k sin ω_k t``, with numbers that one
    sweep gives for all features. Its line is cut into pieces in which it certainly stays on its
    side of the threshold, or is monotone; so the nearest crossing is found wherever it is, and
    that no change of a feature flips the decision is found just as surely. To touch the threshold
    and turn back is no flip: what lies within rounding of it, 1e-12 of the wave's size, counts as
    touching.

    Parameters
    ----------
    model : model with a multilinear form
        In radians, or raw columns through a scaler; no change beyond a scaler's limits counts.
    X : array_like, shape (N, d)
        Inputs, in the units of the model's features.
    threshold : float
        The decision is whether the output lies above; at the threshold it is taken for above.
    features : int, str or sequence of them, optional
        Which features may change; all by default.
    ranges : mapping from names to pairs, or array_like, shape (d, 2), optional
        Between what values they may be; free by default. Needed where a feature's frequencies
        have no common period.
    shots : int, optional
        Ask for outputs that this many shots tell from the threshold: the mean of so many lies
        ``confidence`` standard errors beyond it. The variance of one shot, ``⟨M²⟩ − f²``, comes
        from the polynomial of ``M²``, measured as a whole.
    confidence : float
        How many standard errors; only with ``shots``.

    Returns
    -------
    Counterfactuals
        Changes (N, d), NaN where a feature alone cannot flip the decision.

    Raises
    ------
    TypeError
        If the model is no sum of waves: `counterfactual_search` does instead.
    ValueError
        If an array has another shape or is not finite, an input is out of its range, or there is
        no period and no range.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) + cirq.Z(q[1]))  # cos x0 + cos x1
    >>> qxai.counterfactual(model, [[np.pi / 3, 0]], threshold=0.25)
    smallest change of one feature across 0.25, output 1.5
    feature  input  change  flips at  output can reach
    x0       1.047  +1.372  2.419                0.000
    x1       0      +1.823  1.823               -0.500
    """
    question = asked(model, X)
    chosen = places_of(features, question)
    lines = lines_of(model, "counterfactual")
    level = level_of(threshold)
    limits = lines.limits(ranges_of(ranges, question, chosen))
    device = None if shots is None else device_of(model, shots, confidence)
    n, d = question.inputs.shape
    changes, reach, output = np.full((n, d), np.nan), np.full((n, d), np.nan), np.empty(n)
    for rows in batches(n, 64 * d):
        inputs = question.inputs[rows]
        output[rows] = model.values(inputs)
        side = np.where(output[rows] >= level, 1.0, -1.0)
        line_of = lines.of(inputs, limits)
        noise_of = None if device is None else device.of(inputs, limits, level)
        for feature in chosen:
            line, name = line_of(feature), names_of(question)[feature]
            noise = None if noise_of is None else noise_of(feature)
            found = _both_sides(line, noise, level, side, name)
            reach[rows, feature] = level + side * found.reach
            changes[rows, feature] = _in_units(lines, inputs, feature, found.change)
    return Counterfactuals(
        inputs=question.inputs,
        output=output,
        threshold=level,
        changes=changes,
        reach=reach,
        feature_names=names_of(question),
        shots=shots,
        confidence=0.0 if shots is None else float(confidence),
    )


def level_of(threshold: Any) -> float:
    """Return a threshold.

    Raises
    ------
    ValueError
        If it is no finite number.
    """
    found = real_array(threshold, "threshold: expected a finite number")
    if found.shape != () or not np.isfinite(found):
        raise ValueError(f"threshold: expected a finite number, found {threshold!r}")
    return float(found)


def ranges_of(given: Any, question: Question, chosen: list[int]) -> Array:
    """Return between what values features may be, (2, d), infinite where they are free."""
    d, names = question.inputs.shape[1], names_of(question)
    result = np.stack([np.full(d, -np.inf), np.full(d, np.inf)])
    if given is None:
        return result
    expected = "ranges: expected pairs of a lower and a higher number for features, by name"
    pairs = _pairs(given, d, expected)
    for feature, pair in pairs:
        if feature not in names and feature not in range(d):
            raise ValueError(f"{expected} among {', '.join(names)}, found {feature!r}")
        (place,) = places_of(feature, question)
        ends = real_array(pair, expected)
        if ends.shape != (2,) or not ends[0] <= ends[1]:
            raise ValueError(f"{expected}, found {pair} for {names[place]}")
        result[:, place] = ends
    inside = (question.inputs >= result[0]) & (question.inputs <= result[1])
    inside[:, [i for i in range(d) if i not in chosen]] = True
    if not inside.all():
        row, column = np.argwhere(~inside)[0]
        raise ValueError(
            f"ranges: expected inputs within them, found {question.inputs[row, column]} for "
            f"{names[column]} in row {row} outside {result[:, column].tolist()}; widen it, or "
            "leave the feature out of features="
        )
    return result


def _pairs(given: Any, d: int, expected: str) -> list[tuple[Any, Any]]:
    """Return features with their pairs, from a mapping or an array (d, 2)."""
    if isinstance(given, Mapping):
        return list(given.items())
    if not hasattr(given, "__len__") or len(given) != d:
        raise ValueError(f"{expected}, or an array of shape ({d}, 2), found {given!r}")
    return list(enumerate(given))


def _both_sides(line: Line, noise: Noise | None, level: float, side: Array, name: str) -> Sides:
    """Look for the nearest flip upwards and downwards."""
    change = np.full(len(side), np.inf)
    reach = np.full(len(side), np.inf)
    speeds = [line.waves.frequencies, *([] if noise is None else [noise.frequencies])]
    for sign in (1.0, -1.0):
        length = _length(line, np.concatenate(speeds), sign, name)
        moved = line.waves.moved(line.angles, sign, level, side)
        reach = np.minimum(reach, least(moved, length))
        found = first_below([moved] if noise is None else [moved, noise.moved(sign)], length)
        nearer = found < np.abs(change)  # NaN is not
        change[nearer] = sign * found[nearer]
    return Sides(np.where(np.isfinite(change), change, np.nan), reach)


def _length(line: Line, frequencies: Array, sign: float, name: str) -> Array:
    """Return how far each input's feature can move in a direction, (N,)."""
    room = line.limits[1] - line.angles if sign > 0 else line.angles - line.limits[0]
    period = period_of(frequencies)
    if period is None:
        if not np.isfinite(room).all():
            raise ValueError(
                f"ranges: expected a range for {name}, whose frequencies "
                f"{np.unique(frequencies)} have no common period, found none; pass "
                f"ranges={{{name!r}: (low, high)}}"
            )
        period = np.inf
    return np.asarray(np.minimum(np.maximum(room, 0.0), period))


def _in_units(lines: Lines, inputs: Array, feature: int, change: Array) -> Array:
    """Return a change of an angle as one of the input (N,)."""
    if lines.scaler is None:
        return change
    angles = lines.angles(inputs)
    angles[:, feature] += np.nan_to_num(change)
    moved = lines.inputs(angles)[:, feature] - inputs[:, feature]
    return np.where(np.isfinite(change), moved, np.nan)
