"""Colours and sizes that all figures share."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart with every common colour vision deficiency and, by
# lightness, in greyscale.
BLUE, ORANGE, GREY, GREEN = "#0072B2", "#E69F00", "#666666", "#009E73"
CYCLE = (BLUE, ORANGE, GREEN, GREY, "#CC79A7", "#D55E00", "#56B4E9")
MARKERS = "osD^vPX"  # shape and colour both tell lines apart
DIVERGING = "PuOr_r"  # negative violet, positive orange: safe for colour vision deficiencies
STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 160,
    "savefig.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def use_style() -> None:
    """Set the book's style for all figures that follow in this process.

    Examples
    --------
    >>> import matplotlib, qxai
    >>> with matplotlib.rc_context():  # brings the old style back
    ...     qxai.plots.use_style()
    ...     matplotlib.rcParams["legend.frameon"]
    False
    """
    plt.rcParams.update(STYLE)


def figure_of(ax: Axes) -> Figure:
    """Return the figure that an axes belongs to."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    return figure
