"""Interaction indices from derivatives along the diagonal, where a game is too large to lay out."""

from collections.abc import Sequence
from itertools import combinations, product
from math import comb

import numpy as np

from qxai.absence import chosen, over_points, start_vectors
from qxai.asking import together
from qxai.attributions.indices import rule_of
from qxai.attributions.semivalues import diagonal
from qxai.background import Marginals
from qxai.checks import batches
from qxai.core import Array, Multilinear
from qxai.question import Question


def derivative_indices(
    form: Multilinear, question: Question, index: str, order: int
) -> tuple[Array, int]:
    """Return an index (N, S) of all sets up to an order, and the runs that each input takes.

    A set's index is a mean of ``∂_S F(u, …, u)`` over the diagonal, `rule_of`; ``F`` is linear in
    each feature's vector.
    """
    d, most = form.num_features, form.interaction_order
    assert question.absent is not None
    rules = [rule_of(index, size, order, most) for size in range(1, order + 1)]

    def found(inputs: Array, absent: Array | Marginals) -> Array:
        parts = []
        for size, rule in enumerate(rules, start=1):
            result = np.empty((len(inputs), comb(d, size)))
            for rows in batches(len(inputs), len(rule.nodes), together(form)):
                before = start_vectors(form, chosen(absent, rows))  # type: ignore[arg-type]
                mixed = diagonal(before, form.vectors(inputs[rows]), rule.nodes)
                slopes = set_slopes(form, before, *mixed, size)
                shape = len(rule.nodes), *result[rows].shape
                result[rows] = np.tensordot(rule.weights, slopes.reshape(shape), axes=1)
            parts.append(result)
        return np.concatenate(parts, axis=1)

    runs = sum(
        comb(d, size) * 2**size * len(rule.nodes) for size, rule in enumerate(rules, start=1)
    )
    return over_points(found, question.inputs, question.absent), runs


def set_slopes(
    form: Multilinear,
    before: Sequence[Array],
    vectors: Sequence[Array],
    directions: Sequence[Array],
    size: int,
) -> Array:
    """Return the derivatives (N, C(d, size)) along the directions of all sets of a size.

    Along all but the last two features of a set the derivative is the difference of its ends,
    since ``F`` is linear there.
    """
    d = form.num_features
    if size == 1:
        return form.slopes(vectors, directions)
    place = {members: number for number, members in enumerate(combinations(range(d), size))}
    result = np.empty((len(vectors[0]), len(place)))
    for head in combinations(range(d - 2), size - 2):
        first = head[-1] + 1 if head else 0
        i, j = (first + part for part in np.triu_indices(d - first, 1))
        total = np.zeros((len(result), len(i)))
        for there in product((False, True), repeat=len(head)):
            ends = dict(zip(head, there))
            moved = [
                _end(before[k], directions[k], ends[k]) if k in ends else vectors[k]
                for k in range(d)
            ]
            sign = (-1) ** (len(head) - sum(there))
            total += sign * form.pair_slopes(moved, directions)[:, i, j]
        result[:, [place[(*head, *pair)] for pair in zip(i.tolist(), j.tolist())]] = total
    return result


def _end(before: Array, direction: Array, present: bool) -> Array:
    """Return a feature's vector (N, K) before, or after the whole step."""
    start = (
        np.broadcast_to(before, direction.shape) if len(before) == 1 else _tiled(before, direction)
    )
    return start + direction if present else np.array(start)


def _tiled(before: Array, direction: Array) -> Array:
    """Repeat vectors (N, K) for each node of the diagonal, (nodes · N, K)."""
    return np.tile(before, (len(direction) // len(before), 1))
