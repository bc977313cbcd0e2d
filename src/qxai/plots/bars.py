"""Attributions as bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.plots.style import BLUE, GREEN, GREY, ORANGE


def attribution_bars(
    ax: Axes, attribution: Attribution, names: Sequence[str], row: int = 0
) -> Axes:
    """Draw the attribution of one input as horizontal bars, signs told apart by colour.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
    names : sequence of str, length d
        Names of the features, drawn from top to bottom.
    row : int
        Which input.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X @ [2, -1], num_features=2)
    >>> found = qxai.occlusion(model, [[1, 1]])
    >>> ax = qxai.plots.attribution_bars(Figure().subplots(), found, ["x", "y"])
    >>> [float(bar.get_width()) for bar in ax.patches]
    [2.0, -1.0]
    """
    values = attribution.values[row]
    places = np.arange(len(values))
    ax.barh(places, values, color=np.where(values >= 0, ORANGE, BLUE), edgecolor="black", lw=0.6)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(places, names)
    ax.set_ylim(len(values) - 0.5, -0.5)  # the first on top, also on shared axes
    ax.set_xlabel("attribution (units of the output)")
    return ax


def grouped_bars(
    ax: Axes, groups: Mapping[str, ArrayLike], names: Sequence[str], xlabel: str
) -> Axes:
    """Draw several values for each feature side by side, with their spread over repetitions.

    Parameters
    ----------
    ax : matplotlib Axes
    groups : mapping from str to array_like, shape (repetitions, d)
        For each label its repetitions; a bar shows their mean, a line from least to greatest.
    names : sequence of str, length d
    xlabel : str
        What is drawn, with its unit.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If there is no group, or one has another shape.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> groups = {"LIME": [[1, 4], [3, 4]], "Shapley": [[1, 1]]}
    >>> ax = qxai.plots.grouped_bars(Figure().subplots(), groups, ["x", "y"], "attribution")
    >>> [float(bar.get_width()) for bar in ax.patches]  # means over the repetitions
    [2.0, 4.0, 1.0, 1.0]
    """
    if not groups:
        raise ValueError("groups: expected at least one, found none")
    height = 0.8 / len(groups)
    colours = [ORANGE, BLUE, GREEN, GREY]
    hatches = ["", "//", "..", "xx"]
    for number, (label, repetitions) in enumerate(groups.items()):
        values = np.asarray(repetitions, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(names):
            raise ValueError(
                f"groups[{label!r}]: expected shape (repetitions, {len(names)}), "
                f"found {values.shape}"
            )
        mean = values.mean(axis=0)
        spread = np.stack([mean - values.min(axis=0), values.max(axis=0) - mean])
        ax.barh(
            np.arange(len(names)) + (number - (len(groups) - 1) / 2) * height,
            mean,
            height,
            xerr=spread,
            label=label,
            color=colours[number % 4],
            hatch=hatches[number % 4],
            edgecolor="black",
            lw=0.6,
            error_kw={"lw": 1},
        )
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel(xlabel)
    ax.legend()
    return ax
