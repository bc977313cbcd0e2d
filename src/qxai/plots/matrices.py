"""Matrices as coloured squares: probabilities in grey, observables, complex numbers by phase."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from numpy.typing import ArrayLike, NDArray

from qxai.core import Array

OBSERVABLE = "RdBu_r"  # −1 blue, +1 red


def probability_matrix(ax: Axes, matrix: ArrayLike) -> Axes:
    """Draw numbers from 0 (white) to 1 (black): distributions, stochastic matrices.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : array_like, shape (a, b)

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If it is no matrix, is not real, or a number is not within 0…1.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> ax = qxai.plots.probability_matrix(Figure().subplots(), [[0.5, 0.5], [0.25, 0.75]])
    >>> [float(end) for end in ax.images[0].get_clim()]
    [0.0, 1.0]
    """
    values = _real_within(matrix, 0, 1)
    ax.imshow(values, cmap="Greys", vmin=0, vmax=1)
    return _bare(ax)


def observable_matrix(ax: Axes, matrix: ArrayLike) -> Axes:
    """Draw real numbers from −1 (blue) to +1 (red): what an outcome is worth.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : array_like, shape (a, b)

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If it is no matrix, is not real, or a number is not within −1…1.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> ax = qxai.plots.observable_matrix(Figure().subplots(), [[0.5, 0], [0, -0.5]])
    >>> [float(end) for end in ax.images[0].get_clim()]
    [-1.0, 1.0]
    """
    values = _real_within(matrix, -1, 1)
    ax.imshow(values, cmap=OBSERVABLE, vmin=-1, vmax=1)
    return _bare(ax)


def complex_matrix(ax: Axes, matrix: ArrayLike) -> Axes:
    """Draw complex numbers of magnitude up to 1: phase as hue, magnitude as strength of colour.

    A hand in each square points along the number in the complex plane, as long as its magnitude,
    so that the picture can be read without colour.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : array_like, shape (a, b)

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If it is no matrix, or a magnitude exceeds 1.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> ax = qxai.plots.complex_matrix(Figure().subplots(), [[1, 0], [0, 1j]])
    >>> len(ax.lines)  # a hand for each number that is not 0
    2
    """
    values = _as_matrix(matrix)
    if np.abs(values).max() > 1 + 1e-9:
        raise ValueError(f"matrix: expected magnitudes up to 1, found {np.abs(values).max():.3g}")
    ax.imshow(phase_colours(values))
    rows, columns = np.nonzero(np.abs(values) > 0.02)
    for i, j, hand in zip(rows, columns, 0.45 * values[rows, columns]):
        ax.plot([j, j + hand.real], [i, i - hand.imag], color="black", lw=1.2)
    return _bare(ax)


def phase_colours(values: NDArray[np.complex128]) -> Array:
    """Turn complex numbers into colours: 0 is white, phase 0 red, phase π cyan.

    Parameters
    ----------
    values : ndarray of complex
        Magnitudes above 1 count as 1.

    Returns
    -------
    ndarray, shape (…, 3)
        Red, green, blue from 0 to 1.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> print(qxai.plots.phase_colours(np.array([0, 1, -1 + 0j])).round(3))
    [[1.   1.   1.  ]
     [1.   0.25 0.25]
     [0.25 1.   1.  ]]
    """
    hue = np.angle(values) / (2 * np.pi) % 1.0
    strength = np.clip(np.abs(values), 0, 1)
    return hsv_to_rgb(np.stack([hue, 0.75 * strength, np.ones_like(hue)], axis=-1))


def matrix_keys(axes: tuple[Axes, Axes, Axes]) -> None:
    """Draw the keys to the colours of the three pictures: probability, observable, phase.

    Parameters
    ----------
    axes : tuple of three matplotlib Axes
        Wide and low.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots(3)
    >>> qxai.plots.matrix_keys(axes)
    >>> [ax.get_title() for ax in axes]
    ['probability', 'observable', 'phase']
    """
    ramp = np.linspace(0, 1, 256)[None]
    pictures = (
        (ramp, "Greys", ("0", "1"), "probability"),
        (ramp, OBSERVABLE, ("−1", "+1"), "observable"),
        (phase_colours(np.exp(2j * np.pi * ramp)), None, ("0", "2π"), "phase"),
    )
    for ax, (picture, colours, ends, name) in zip(axes, pictures):
        ax.imshow(picture, cmap=colours, aspect="auto", extent=(0, 1, 0, 1))
        ax.set_xticks([0, 1], ends)
        ax.set_yticks([])
        ax.set_title(name, fontsize=10)
        ax.tick_params(length=0)


def _as_matrix(matrix: ArrayLike) -> NDArray[np.complex128]:
    values = np.asarray(matrix, dtype=np.complex128)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"matrix: expected a finite matrix, found shape {values.shape}")
    return values


def _real_within(matrix: ArrayLike, low: int, high: int) -> Array:
    values = _as_matrix(matrix)
    real = values.real
    outside = real.min() < low - 1e-9 or real.max() > high + 1e-9
    if outside or np.abs(values.imag).max() > 1e-9:
        kind = "" if outside else "complex ones with real parts "
        raise ValueError(
            f"matrix: expected real numbers within {low}…{high}, found {kind}from "
            f"{real.min():.3g} to {real.max():.3g}"
        )
    return real


def _bare(ax: Axes) -> Axes:
    rows, columns = ax.get_images()[-1].get_size()
    ax.set_xticks(np.arange(0.5, columns - 1), minor=True)
    ax.set_yticks(np.arange(0.5, rows - 1), minor=True)
    ax.grid(which="minor", color="#cccccc", lw=0.5)
    ax.tick_params(which="both", length=0, labelleft=False, labelbottom=False)
    ax.spines[:].set_visible(True)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    return ax
