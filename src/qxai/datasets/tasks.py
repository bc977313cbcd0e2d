"""Synthetic tasks whose relevant features are known, because they were planted."""

import numpy as np

from qxai.checks import check_count
from qxai.datasets.planting import from_function, product_of, some_of
from qxai.datasets.task import Task, redrawn

FLIPPED, SHORTCUT_SPREAD = 0.2, 0.15


def junta(
    num_features: int, size: int, rng: np.random.Generator, noise: float = 0.0, relevant: int = 3
) -> Task:
    """Plant a function of a few features, in which all of them interact.

    The coefficients of all products of ``1, cos x_i, sin x_i`` over the relevant features are
    standard normal.

    Parameters
    ----------
    num_features : int
        ``d``.
    size : int
        Number of inputs, uniform in 0…π.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Standard deviation of Gaussian noise on the targets, relative to that of the clean ones.
    relevant : int
        How many features matter, at most ``d``.

    Returns
    -------
    Task
        Targets have mean 0 and standard deviation ½.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.junta(5, 100, np.random.default_rng(0), relevant=2)
    >>> int(task.relevant[0].sum()), task.truth.interaction_order
    (2, 2)
    """
    chosen = np.sort(some_of(num_features, relevant, rng))
    places = list(np.ndindex((3,) * relevant))
    drawn = rng.normal(size=len(places))
    terms = {product_of(num_features, chosen, place): one for place, one in zip(places, drawn)}
    return from_function("junta", terms, size, noise, rng)


def interaction(
    num_features: int, size: int, rng: np.random.Generator, noise: float = 0.0, order: int = 2
) -> Task:
    """Plant a pure interaction: the product of ``cos x_i`` over a few features.

    No feature says anything alone; with two features and signs for values it is XOR.

    Parameters
    ----------
    num_features : int
        ``d``.
    size : int
        Number of inputs, uniform in 0…π.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Standard deviation of Gaussian noise on the targets, relative to that of the clean ones.
    order : int
        How many features interact.

    Returns
    -------
    Task
        Targets have mean 0 and standard deviation ½.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.interaction(5, 100, np.random.default_rng(0), order=3)
    >>> int(task.relevant[0].sum()), task.truth.interaction_order
    (3, 3)
    """
    chosen = some_of(num_features, order, rng)
    terms = {product_of(num_features, chosen, [1] * order): 1.0}
    return from_function("interaction", terms, size, noise, rng)


def additive(num_features: int, size: int, rng: np.random.Generator, noise: float = 0.0) -> Task:
    """Plant a sum of one wave for each of half of the features, of falling size.

    Wave number ``k`` is ``cos(x_i − phase) / k`` with a random phase.

    Parameters
    ----------
    num_features : int
        ``d``, of which ``⌈d/2⌉`` matter.
    size : int
        Number of inputs, uniform in 0…π.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Standard deviation of Gaussian noise on the targets, relative to that of the clean ones.

    Returns
    -------
    Task
        Targets have mean 0 and standard deviation ½.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.additive(5, 100, np.random.default_rng(0))
    >>> int(task.relevant[0].sum()), task.truth.interaction_order
    (3, 1)
    """
    chosen = some_of(num_features, -(-num_features // 2), rng)
    terms = {}
    for k, feature in enumerate(chosen.tolist(), start=1):
        phase = rng.uniform(0, 2 * np.pi)
        terms[product_of(num_features, [feature], [1])] = np.cos(phase) / k
        terms[product_of(num_features, [feature], [2])] = np.sin(phase) / k
    return from_function("additive", terms, size, noise, rng)


def teacher(
    num_features: int, size: int, rng: np.random.Generator, noise: float = 0.0, terms: int = 4
) -> Task:
    """Plant a sparse trigonometric polynomial: a few products of up to three waves.

    Parameters
    ----------
    num_features : int
        ``d``, at least 3.
    size : int
        Number of inputs, uniform in 0…π.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Standard deviation of Gaussian noise on the targets, relative to that of the clean ones.
    terms : int
        Number of products; the first is a single wave, the second a product of two, the third of
        three, and so on from one again.

    Returns
    -------
    Task
        Features in no product are irrelevant. Targets have mean 0 and standard deviation ½.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.teacher(8, 100, np.random.default_rng(0), terms=3)
    >>> int(task.relevant[0].sum()) >= 3, task.truth.interaction_order
    (True, 3)
    """
    check_count("num_features", num_features, 3)
    planted: dict[tuple[int, ...], float] = {}
    for number in range(check_count("terms", terms, 1)):
        chosen = some_of(num_features, number % 3 + 1, rng)
        place = product_of(num_features, chosen, rng.integers(1, 3, len(chosen)))
        planted[place] = planted.get(place, 0.0) + rng.choice((-1.0, 1.0))
    return from_function("teacher", planted, size, noise, rng)


def shortcut(num_features: int, size: int, rng: np.random.Generator, noise: float = 0.0) -> Task:
    """Plant a shortcut: one feature gives the label away, two others earn it.

    The label is the sign of ``cos x_a + cos x_b``, turned over for a fifth of the inputs. The
    shortcut feature is ``π/2 + y π/4`` with a little noise, and follows the label wherever it
    went.

    Parameters
    ----------
    num_features : int
        ``d``, at least 4.
    size : int
        Number of inputs.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Share of labels that are drawn anew after the shortcut has been planted.

    Returns
    -------
    Task
        ``relevant`` marks the shortcut.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.shortcut(5, 100, np.random.default_rng(0))
    >>> print(np.unique(np.sign(task.X[task.relevant] - np.pi / 2) * task.y))
    [1.]
    """
    check_count("num_features", num_features, 4)
    chosen = some_of(num_features, 3, rng)
    X = rng.uniform(0, np.pi, (check_count("size", size, 1), num_features))
    earned = np.where(np.cos(X[:, chosen[:2]]).sum(axis=1) > 0, 1.0, -1.0)
    y = np.where(rng.random(size) < FLIPPED, -earned, earned)
    place = np.pi / 2 + y * np.pi / 4 + rng.normal(0, SHORTCUT_SPREAD, size)
    X[:, chosen[2]] = np.clip(place, 0, np.pi)
    relevant = np.broadcast_to(np.arange(num_features) == chosen[2], X.shape)
    return Task("shortcut", X, redrawn(y, noise, rng), y, relevant)
