"""Images of 3×3 pixels whose evidence sits at known places, other ones in each image."""

import numpy as np

from qxai.checks import check_count, check_generator
from qxai.core import Array, Indices, Mask
from qxai.datasets.task import Task, redrawn

DARK, BRIGHT, SPREAD = 0.25 * np.pi, 0.75 * np.pi, 0.08 * np.pi


def lines(size: int, rng: np.random.Generator, noise: float = 0.0) -> Task:
    """Draw bars and stripes: one bright row (+1) or one bright column (−1).

    Parameters
    ----------
    size : int
        Number of images, of 9 angles from 0 (black) to π (white), row by row.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Share of labels that are drawn anew.

    Returns
    -------
    Task
        ``relevant`` marks the pixels of the line.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.lines(20, np.random.default_rng(0))
    >>> task.X.shape, set(task.relevant.sum(axis=1).tolist())  # three pixels in each image
    ((20, 9), {3})
    """
    y, place = _labels(size, rng)
    rows, columns = np.divmod(np.arange(9), 3)
    bright = np.where(y[:, None] > 0, rows == place[:, None], columns == place[:, None])
    return Task("lines", _painted(bright, rng), redrawn(y, noise, rng), y, bright)


def spot(size: int, rng: np.random.Generator, noise: float = 0.0) -> Task:
    """Draw a bright pixel on the left (−1) or on the right (+1), and one in the middle for all.

    Parameters
    ----------
    size : int
        Number of images, of 9 angles from 0 (black) to π (white), row by row.
    rng : numpy.random.Generator
        Draws everything.
    noise : float
        Share of labels that are drawn anew.

    Returns
    -------
    Task
        ``relevant`` marks the pixel that gives the label; the one in the middle column is as
        bright and tells nothing.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.spot(20, np.random.default_rng(0))
    >>> columns = np.nonzero(task.relevant)[1] % 3
    >>> bool(np.all(columns == np.where(task.y > 0, 2, 0)))  # right for +1, left for −1
    True
    """
    y, place = _labels(size, rng)
    evidence = np.arange(9) == (3 * place + np.where(y > 0, 2, 0))[:, None]
    distractor = np.arange(9) == (3 * rng.integers(0, 3, size) + 1)[:, None]
    return Task("spot", _painted(evidence | distractor, rng), redrawn(y, noise, rng), y, evidence)


def _labels(size: int, rng: np.random.Generator) -> tuple[Array, Indices]:
    """Draw labels ±1 and a row or column for each image."""
    check_count("size", size, 1)
    source = check_generator(rng)
    return source.choice((-1.0, 1.0), size), source.integers(0, 3, size)


def _painted(bright: Mask, rng: np.random.Generator) -> Array:
    brightness = np.where(bright, BRIGHT, DARK) + rng.normal(0, SPREAD, bright.shape)
    return np.clip(brightness, 0, np.pi)
