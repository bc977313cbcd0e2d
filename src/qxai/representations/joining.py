"""Polynomials of one kind added up: tensors, products and cones over common frequencies."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from qxai.compiled import merged
from qxai.core import Array, Indices
from qxai.memory import LIMIT, check_size


def common_frequencies(lists: Sequence[Sequence[Array]]) -> tuple[Array, ...]:
    """Return for each feature the frequencies of all, equal ones once."""
    return tuple(
        each[0] if all(np.array_equal(each[0], w) for w in each) else merged(np.concatenate(each))
        for each in zip(*lists)
    )


def rows_among(frequencies: Sequence[Array], common: Sequence[Array]) -> list[Indices]:
    """Return for each feature where its functions are among those of common frequencies.

    What is merged into one is represented by the smallest, so by the next that is not larger.
    """
    result = []
    for own, every in zip(frequencies, common):
        place = np.searchsorted(every, own, side="right") - 1
        pairs = np.stack([1 + 2 * place, 2 + 2 * place], axis=1).ravel()
        result.append(np.append(0, pairs).astype(np.intp))
    return result


def tensor_sum(weights: Sequence[float], parts: Sequence[Any], common: Sequence[Array]) -> Array:
    """Return ``Σ_m w_m C_m`` of dense polynomials over common frequencies: (K_1, …, K_d)."""
    sizes = [2 * len(w) + 1 for w in common]
    check_size(8 * math.prod(sizes), f"a tensor of {len(sizes)} features")
    result = np.zeros(sizes)
    for weight, part in zip(weights, parts):
        if part.coefficients.shape == result.shape:
            result += weight * part.coefficients
        else:
            places = np.ix_(*rows_among(part.frequencies, common))
            np.add.at(result, places, weight * part.coefficients)
    return result


def fit_together(one: Any, other: Any) -> bool:
    """Tell whether two dense polynomials have a sum that fits in memory."""
    if type(one) is not type(other):
        return False
    common = common_frequencies([one.frequencies, other.frequencies])
    return 8 * math.prod(2 * len(w) + 1 for w in common) <= LIMIT


def same_kind(one: Any, other: Any) -> bool:
    """Tell whether two are of one class."""
    return type(one) is type(other)


def summed_tensors(
    one: Any, weights: Sequence[float], parts: Sequence[Any], constant: float
) -> Any:
    """Return a weighted sum of dense polynomials as one."""
    common = common_frequencies([part.frequencies for part in parts])
    tensor = tensor_sum(weights, parts, common)
    tensor.flat[0] += constant
    return type(one)(tensor, common)


def listed_products(
    one: Any, weights: Sequence[float], parts: Sequence[Any], constant: float
) -> Any:
    """Return a weighted sum of sums of products as one, with the terms of all."""
    common = common_frequencies([part.frequencies for part in parts])
    factors = [[np.zeros((2 * len(w) + 1, 0))] for w in common]
    for part in parts:
        rows_of = rows_among(part.frequencies, common)
        for columns, factor, rows in zip(factors, part.factors, rows_of):
            moved = np.zeros((len(columns[0]), factor.shape[1]))
            np.add.at(moved, rows, factor)
            columns.append(moved)
    every = [weight * part.weights for weight, part in zip(weights, parts)]
    if constant:
        every.append(np.array([constant]))
        for columns in factors:
            columns.append(np.eye(len(columns[0]), 1))
    return type(one)(np.concatenate(every), [np.concatenate(f, axis=1) for f in factors], common)


def listed_parts(one: Any, weights: Sequence[float], parts: Sequence[Any], constant: float) -> Any:
    """Return a weighted sum of sums of cones as one; cones of the same features are added."""
    common = common_frequencies([part.frequencies for part in parts])
    cones: dict[tuple[int, ...], list[tuple[float, Any]]] = {}
    for weight, part in zip(weights, parts):
        for cone, place in zip(part.parts, part.places):
            cones.setdefault(place, []).append((weight, cone))
    found: list[Any] = []
    for place, pairs in cones.items():
        own = [common[i] for i in place]
        tensor = tensor_sum([w for w, _ in pairs], [cone for _, cone in pairs], own)
        tensor.flat[0] += 0.0 if found else constant
        found.append(type(pairs[0][1])(tensor, own))
    return type(one)(found, list(cones), common)
