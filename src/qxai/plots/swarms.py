"""Many explanations at once: their values, and their mean sizes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from qxai.attribution import Attribution
from qxai.core import Array
from qxai.plots.labels import Rows, axis_label, counted, largest, short
from qxai.plots.style import BLUE, GREY, figure_of

INPUTS = "cividis"  # made for colour vision deficiencies; its lightness alone orders it
BINS = 80  # places along the axis at which points are put beside each other
WIDEST = 0.4  # of a row, to each side
RESAMPLES = 1000
LEVEL = (2.5, 97.5)  # percentiles


def beeswarm(ax: Axes, attribution: Attribution) -> Axes:
    """Draw each input's attributions as points, a row for each feature, coloured by the input.

    Points that would cover each other are put beside each other. Colours run from each feature's
    least input to its greatest; a row without inputs of its own (a group, a sum, or an attribution
    that does not keep its inputs) is hollow.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
        Of several inputs. Features of the largest mean size come first; of more than 20 the
        smallest are summed in one row.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on, with a colour bar where there are colours.

    Raises
    ------
    ValueError
        If there are no inputs.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X @ [1, -3], num_features=2)
    >>> found = qxai.occlusion(model, [[0, 1], [2, 3]])
    >>> ax = qxai.plots.beeswarm(Figure().subplots(), found)
    >>> print([label.get_text() for label in ax.get_yticklabels()])
    ['x1', 'x0']
    >>> [points.get_offsets()[:, 0].tolist() for points in ax.collections]
    [[-3.0, -9.0], [0.0, 2.0]]
    """
    rows, values = _rows(attribution)
    inputs = _own_inputs(attribution, rows)
    low, high = values.min(), values.max()
    coloured = None
    for place, (row, own) in enumerate(zip(values.T, inputs)):
        heights = place + _beside_each_other(row, low, high)
        style: dict[str, Any] = {"s": 14, "lw": 0.4, "edgecolors": "black", "zorder": 2}
        if own is None:
            ax.scatter(row, heights, color="white", **style)
        else:
            coloured = ax.scatter(row, heights, c=own, cmap=INPUTS, vmin=0, vmax=1, **style)
    ax.axvline(0, color="black", lw=0.8, zorder=1)
    _label(ax, attribution, rows)
    ax.set_xlabel(f"{axis_label(attribution)}\n{counted(attribution)}")
    if coloured is not None:
        bar = figure_of(ax).colorbar(coloured, ax=ax, label="the feature's input", aspect=30)
        bar.set_ticks([0, 1], labels=["least", "greatest"])
    return ax


def importance(ax: Axes, attribution: Attribution, rng: np.random.Generator | None = None) -> Axes:
    """Draw each feature's mean size ``|R_i|`` over the inputs, with its bootstrap interval.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
        The largest come first; of more than 20 the smallest are summed in one bar.
    rng : numpy.random.Generator, optional
        Draws 1000 resamples of the inputs; by default ``numpy.random.default_rng(0)``, so that the
        same attribution gives the same picture.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on. One input has no interval.

    Raises
    ------
    ValueError
        If there are no inputs.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X @ [1, -3], num_features=2)
    >>> found = qxai.occlusion(model, [[0, 1], [2, 3]])
    >>> ax = qxai.plots.importance(Figure().subplots(), found)
    >>> print([label.get_text() for label in ax.get_yticklabels()])
    ['x1', 'x0']
    >>> [float(bar.get_width()) for bar in ax.patches]
    [6.0, 1.0]
    """
    rows, _ = _rows(attribution)
    sizes = rows.of(np.abs(attribution.values))
    mean, places = sizes.mean(axis=0), np.arange(sizes.shape[1])
    spread = None if len(sizes) < 2 else _interval(sizes, rng or np.random.default_rng(0))
    colours = [BLUE] * len(rows.kept) + [GREY] * bool(len(rows.rest))
    ax.barh(places, mean, xerr=spread, color=colours, ec="black", lw=0.6, error_kw={"lw": 1.2})
    _label(ax, attribution, rows)
    interval = "" if spread is None else "95 % bootstrap interval, "
    ax.set_xlabel(f"{axis_label(attribution, 'mean size')}\n{interval}{counted(attribution)}")
    return ax


def _rows(attribution: Attribution) -> tuple[Rows, Array]:
    """Return which features to draw, by mean size, and their values (N, rows)."""
    if not len(attribution):
        raise ValueError("attribution: expected one of at least one input, found none")
    rows = largest(np.abs(attribution.values).mean(axis=0))
    return rows, rows.of(attribution.values)


def _own_inputs(attribution: Attribution, rows: Rows) -> list[Array | None]:
    """Return each row's inputs between 0, the least, and 1; None for a row that has none."""
    count = len(rows.kept) + bool(len(rows.rest))
    if attribution.inputs is None:
        return [None] * count
    groups = attribution.groups or [(i,) for i in range(attribution.values.shape[1])]
    found: list[Array | None] = []
    for member in (groups[i] for i in rows.kept):
        column = attribution.inputs[:, member[0]]
        span = np.ptp(column) or 1.0
        found.append((column - column.min()) / span if len(member) == 1 else None)
    return found + [None] * (count - len(found))


def _beside_each_other(row: Array, low: float, high: float) -> Array:
    """Return heights that keep points apart which share a bin along the axis."""
    bins = np.round((row - low) / ((high - low) or 1.0) * BINS).astype(int)
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins)
    within = np.empty(len(row))
    within[order] = np.concatenate([np.arange(count) for count in counts]) if len(row) else 0
    step = min(0.12, WIDEST / max(1, counts.max() / 2))
    sides = np.where(within % 2 == 1, 1, -1) * np.ceil(within / 2)  # 0, 1, −1, 2, −2, …
    return np.asarray(step * sides)


def _interval(sizes: Array, rng: np.random.Generator) -> list[list[float]]:
    """Return how far the bootstrap interval of a mean reaches to both sides, 2 lists of d."""
    n = len(sizes)
    drawn = rng.integers(n, size=(RESAMPLES, n))
    means = np.stack([np.bincount(row, minlength=n) for row in drawn]) @ sizes / n
    low, high = np.percentile(means, LEVEL, axis=0)
    mean = sizes.mean(axis=0)
    # As lists: matplotlib mistakes arrays of one feature for numbers.
    return [np.maximum(0, mean - low).tolist(), np.maximum(0, high - mean).tolist()]


def _label(ax: Axes, attribution: Attribution, rows: Rows) -> None:
    names = rows.named([short(name) for name in attribution.names])
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)  # the largest on top
