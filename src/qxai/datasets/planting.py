"""What planted functions have in common: which features, which products, which inputs."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from qxai.checks import check_count, check_generator, check_positive
from qxai.core import Array, Indices
from qxai.datasets.task import Task
from qxai.representations.product import ProductPolynomial


def uniform_inputs(
    size: int, num_features: int, rng: np.random.Generator, correlation: float = 0.0
) -> Array:
    """Draw angles (N, d) in 0…π, each uniform; normal scores ``i``, ``j`` correlate by ``ρ^|i−j|``.

    A Gaussian copula: how features depend on each other is that of normal numbers, and how each is
    distributed is not. Without correlation the numbers are those of ``rng.uniform``.
    """
    if not correlation:
        return rng.uniform(0, np.pi, (size, num_features))
    places = np.arange(num_features)
    scores = np.linalg.cholesky(correlation ** np.abs(np.subtract.outer(places, places)))
    return np.asarray(np.pi * ndtr(rng.normal(size=(size, num_features)) @ scores.T))


def some_of(num_features: int, count: int, rng: np.random.Generator) -> Indices:
    """Draw ``count`` different features, in random order."""
    d, k = check_count("num_features", num_features, 1), check_count("relevant", count, 1)
    if k > d:
        raise ValueError(f"relevant: expected at most {d} features, found {k}")
    return check_generator(rng).permutation(d)[:k]


def product_of(
    num_features: int, features: Sequence[int] | Indices, places: Sequence[int] | Indices
) -> tuple[int, ...]:
    """Name a product by the place of each feature's factor in ``(1, cos x, sin x)``."""
    term = np.zeros(num_features, dtype=int)
    term[np.asarray(features)] = places
    return tuple(term.tolist())


def from_function(
    name: str,
    planted: Mapping[tuple[int, ...], float],
    size: int,
    noise: float,
    rng: np.random.Generator,
    correlation: float = 0.0,
) -> Task:
    """Draw inputs and targets of a sum of products.

    It is scaled to mean 0 and deviation ½ over independent uniform inputs, whatever the
    correlation of those that are drawn.
    """
    terms = np.array(list(planted), dtype=int)
    weights = np.array(list(planted.values()))
    d = terms.shape[1]
    check_positive("noise", noise, zero=True)
    X = uniform_inputs(check_count("size", size, 2), d, rng, correlation)
    mean, deviation = moments(terms, weights)
    scaled = np.append(weights, -mean) / (2 * deviation)
    factors = [np.eye(3)[np.append(places, 0)].T for places in terms.T]
    truth = ProductPolynomial(scaled, factors, [np.ones(1)] * d)
    clean = truth.values(X)
    y = clean + 0.5 * noise * rng.normal(size=size)
    occurring = (terms[weights != 0] > 0).any(axis=0)
    return Task(name, X, y, clean, np.broadcast_to(occurring, X.shape), truth)


def moments(terms: Indices, weights: Array) -> tuple[float, float]:
    """Return mean and standard deviation over inputs uniform in 0…π."""
    first = np.array([1, 0, 2 / np.pi])
    second = np.array([[1, 0, 2 / np.pi], [0, 0.5, 0], [2 / np.pi, 0, 0.5]])
    mean = float(first[terms].prod(axis=1) @ weights)
    products = np.ones((len(terms), len(terms)))
    for places in terms.T:
        products *= second[places[:, None], places]
    return mean, float(np.sqrt(weights @ products @ weights - mean**2))
