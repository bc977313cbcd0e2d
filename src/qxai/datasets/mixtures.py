"""Planted functions of two parts: features that act alone, and features that act together."""

import itertools
from collections.abc import Sequence
from numbers import Real

import numpy as np

from qxai.checks import check_count, check_generator
from qxai.core import Array
from qxai.datasets.planting import from_function, product_of, some_of
from qxai.datasets.task import Task

MOST = 8  # features of a product, which is a sum of 2^order products of waves
LEAST = 0.35  # |cos| of every interacting feature at the angles 0, π/2 and π


def mixture(
    num_features: int,
    size: int,
    rng: np.random.Generator,
    noise: float = 0.0,
    alone: int = 2,
    orders: Sequence[int] = (2,),
    correlation: float = 0.0,
    adjacent: bool = False,
) -> Task:
    """Plant waves of single features and products of waves, no feature in two of them.

    A feature that is in no product acts alone, whatever the others are: its term is what every
    explanation that compares outputs has to give it, from any baseline and in any game. Irrelevant
    features are owed 0. How a product is to be shared nobody can say.

    Waves are ``c cos(x_i − φ)``, products ``c Π cos(x_i − φ_i)``. ``c`` is ±1 with equal chance;
    the phases keep a product away from what is singular: ``|cos(x̃_i − φ_i)|`` is at least 0.35 at
    the angles 0, π/2 and π, so that a feature does something alone from each of these baselines.

    Parameters
    ----------
    num_features : int
        ``d``, at least as many as take part.
    size : int
        Number of inputs, each feature uniform in 0…π.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Standard deviation of Gaussian noise on the targets, relative to ½.
    alone : int
        How many features act alone.
    orders : sequence of int
        How many features each product has, 2 to 8 each.
    correlation : float
        ``ρ`` from −1 to 1 (exclusive): normal scores of features ``i`` and ``j`` correlate by
        ``ρ^|i−j|`` (a Gaussian copula).
    adjacent : bool
        Whether the features that take part are neighbours, ``0, 1, 2, …`` from a place that is
        drawn: for circuits on a line whose gates reach a few qubits.

    Returns
    -------
    Task
        Targets have mean 0 and standard deviation ½ over independent inputs.

    Raises
    ------
    ValueError
        If a number is out of range, or more features take part than there are.
    TypeError
        If ``rng`` is no generator, or ``orders`` no sequence.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.mixture(6, 100, np.random.default_rng(0), alone=1, orders=[3])
    >>> int(task.relevant[0].sum()), task.truth.interaction_order
    (4, 3)
    """
    check_count("alone", alone, 0)
    if not isinstance(orders, Sequence) or isinstance(orders, str):
        raise TypeError(f"orders: expected a list such as [2, 3], found {orders!r}")
    for order in orders:
        check_count("orders", order, 2, MOST)
    if not isinstance(correlation, Real) or not -1 < correlation < 1:
        raise ValueError(
            f"correlation: expected a number between -1 and 1, found {correlation!r}; 0 is none"
        )
    groups = [1] * alone + list(orders)
    if not groups:
        raise ValueError("alone, orders: expected a term, found none; alone=1 is the simplest")
    d, taking = check_count("num_features", num_features, 1), sum(groups)
    if taking > d:
        raise ValueError(
            f"num_features: expected at least {taking}, the features that take part, found {d}"
        )
    if adjacent:
        chosen = np.arange(taking) + check_generator(rng).integers(d - taking + 1)
    else:
        chosen = some_of(d, taking, rng)
    terms: dict[tuple[int, ...], float] = {}
    first = 0
    for count in groups:
        members = chosen[first : first + count]
        first += count
        sign = float(rng.choice((-1.0, 1.0)))
        phases = rng.uniform(0, 2 * np.pi, 1) if count == 1 else _away(count, rng)
        for places in itertools.product((1, 2), repeat=count):
            factors = [np.cos(p) if place == 1 else np.sin(p) for place, p in zip(places, phases)]
            terms[product_of(d, members, places)] = sign * float(np.prod(factors))
    return from_function("mixture", terms, size, noise, rng, correlation)


def _away(count: int, rng: np.random.Generator) -> Array:
    """Draw phases whose cosine and sine are both at least `LEAST` in size."""
    edge = np.arcsin(LEAST)
    quarter = rng.integers(4, size=count) * np.pi / 2
    return np.asarray(quarter + rng.uniform(edge, np.pi / 2 - edge, count))
