"""Features on a circle, and what pairs of them contribute as lines between them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from qxai.core import Array
from qxai.plots.labels import short
from qxai.plots.style import BLUE, ORANGE
from qxai.sets import Interactions

SMALLEST = 0.02  # of the largest pair: what is below has no line
WIDEST, LARGEST = 7.0, 500.0  # points of a line, square points of a disc
AROUND = 1.36  # where names stand


def interaction_network(ax: Axes, found: Interactions, row: int | None = None) -> Axes:
    """Draw each feature as a disc, and each pair as a line; widths are sizes, colours are signs.

    Positive is orange and drawn through, negative blue and dashed.

    Parameters
    ----------
    ax : matplotlib Axes
    found : Interactions
        Sets of one and two features are drawn, larger ones are not.
    row : int, optional
        Which input; the mean over all by default.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    IndexError
        If there is no such input.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] - X[:, 2], num_features=3)
    >>> found = qxai.interactions(model, [[1, 1, 1]], index="Moebius")
    >>> ax = qxai.plots.interaction_network(Figure().subplots(), found)
    >>> len(ax.lines), [text.get_text() for text in ax.texts]
    (1, ['x0', 'x1', 'x2'])
    """
    values = found.values.mean(axis=0) if row is None else found[row].values[0]
    by_set = {tuple(s): v for s, v in zip(found.sets, values.tolist())}
    d = len(found.feature_names)
    angles = np.pi / 2 - 2 * np.pi * np.arange(d) / d
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    pairs = {members: v for members, v in by_set.items() if len(members) == 2}
    _lines(ax, places, pairs)
    single = np.array([by_set.get((i,), 0.0) for i in range(d)])
    _discs(ax, places, single)
    for place, name in zip(places, found.feature_names):
        across = "center" if abs(place[0]) < 0.2 else "left" if place[0] > 0 else "right"
        x, y = AROUND * place
        ax.text(x, y, short(name, 18), ha=across, va="center", fontsize=10)
    ax.set(xlim=(-2.1, 2.1), ylim=(-1.6, 1.6), aspect="equal")
    ax.axis("off")
    return ax


def _lines(ax: Axes, places: Array, pairs: dict[Any, float]) -> None:
    """Draw pairs, small ones first, so that large ones lie on top."""
    most = max(map(abs, pairs.values()), default=0.0)
    for (i, j), value in sorted(pairs.items(), key=lambda pair: abs(pair[1])):
        if abs(value) > SMALLEST * most:
            ends = places[[i, j]].T
            positive = value > 0
            ax.plot(
                *ends,
                color=ORANGE if positive else BLUE,
                linestyle="-" if positive else (0, (2, 1)),
                linewidth=WIDEST * abs(value) / most,
                alpha=0.8,
                solid_capstyle="round",
                zorder=1,
            )


def _discs(ax: Axes, places: Array, values: Array) -> None:
    most = np.abs(values).max(initial=0.0) or 1.0
    ax.scatter(
        places[:, 0],
        places[:, 1],
        s=40 + LARGEST * np.abs(values) / most,
        color=np.where(values >= 0, ORANGE, BLUE),
        edgecolor="black",
        linewidth=0.7,
        zorder=2,
    )
