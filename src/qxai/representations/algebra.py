"""Sums, differences and multiples of models and of polynomials: the rules that they share.

What can be written as one of its kind is (two tensors, two circuits that differ in the
observable); what cannot stays a weighted sum, whose values are those of its parts.
"""

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

Combine = Callable[[Sequence[float], Sequence[Any], float], Any]


class Operators(NamedTuple):
    """What a class of summands sets its operators to."""

    added: Callable[[Any, Any], Any]
    subtracted: Callable[[Any, Any], Any]
    subtracted_from: Callable[[Any, Any], Any]
    scaled: Callable[[Any, Any], Any]
    divided: Callable[[Any, Any], Any]
    negated: Callable[[Any], Any]


def operators(combine: Combine, accepts: Callable[[Any], bool]) -> Operators:
    """Return the operators that combine a summand with numbers and with what is accepted.

    Everything else is left to the other operand, as Python wants it: ``NotImplemented``.
    """

    def linear(a: Any, own: float, other: Any, weight: float) -> Any:
        if is_number(other):
            return combine([own], [a], weight * finite(other))
        return combine([own, weight], [a, other], 0.0) if accepts(other) else NotImplemented

    def scaled(a: Any, number: Any) -> Any:
        return combine([finite(number)], [a], 0.0) if is_number(number) else NotImplemented

    return Operators(
        lambda a, b: linear(a, 1.0, b, 1.0),
        lambda a, b: linear(a, 1.0, b, -1.0),
        lambda a, b: linear(a, -1.0, b, 1.0),
        scaled,
        lambda a, number: scaled(a, 1 / number) if is_number(number) else NotImplemented,
        lambda a: scaled(a, -1.0),
    )


def is_number(value: object) -> bool:
    """Tell a real number, NumPy's among them."""
    return isinstance(value, Real) and not isinstance(value, bool)


def finite(number: Any) -> float:
    """Return a finite number, or refuse it.

    Raises
    ------
    ValueError
        If it is NaN or infinite.
    """
    if not math.isfinite(number):
        raise ValueError(f"weight: expected a finite number, found {number}")
    return float(number)


def reduced(
    weights: Sequence[float], parts: Sequence[Any], constant: float, apart: Callable[..., Any]
) -> Any:
    """Join the parts that can be, and keep what is left in ``apart(weights, parts, constant)``.

    A part says with ``joins(other)`` whether a sum with another is one of its kind, and makes it
    with ``joined(weights, parts, constant)``. One part that appears twice is taken once.
    """
    groups: list[tuple[list[float], list[Any]]] = []
    for weight, part in zip(weights, parts):
        group = next((g for g in groups if _join(g[1][0], part)), None)
        if group is None:
            groups.append(([weight], [part]))
        elif twice := [number for number, p in enumerate(group[1]) if p is part]:
            group[0][twice[0]] += weight
        else:
            group[0].append(weight)
            group[1].append(part)
    if len(groups) == 1 and callable(getattr(groups[0][1][0], "joined", None)):
        return _joined(*groups[0], constant)
    # One alone stays as it is, for what it has computed.
    kept = [(w[0], p[0]) if len(p) == 1 else (1.0, _joined(w, p, 0.0)) for w, p in groups]
    return apart([weight for weight, _ in kept], [part for _, part in kept], constant)


def _join(one: Any, other: Any) -> bool:
    return one is other or (callable(getattr(one, "joins", None)) and one.joins(other))


def _joined(weights: Sequence[float], parts: Sequence[Any], constant: float) -> Any:
    same = len(parts) == 1 and weights[0] == 1 and constant == 0
    return parts[0] if same else parts[0].joined(weights, parts, constant)


def check_features(counts: Sequence[int]) -> None:
    """Refuse a sum of functions of different numbers of features.

    Raises
    ------
    ValueError
        If they differ.
    """
    if len(set(counts)) > 1:
        raise ValueError(
            f"models: expected the same features in all, found {', '.join(map(str, counts))} "
            "features; a model of some of them alone is qxai.Function(lambda X: "
            "model.values(X[:, columns]), num_features=d)"
        )
