"""One output as a sum: from the baseline's output to the input's."""

import numpy as np
from matplotlib.axes import Axes

from qxai.attribution import Attribution
from qxai.core import Array
from qxai.plots.labels import check_row, largest, short
from qxai.plots.style import BLUE, GREY, ORANGE

BESIDE_INPUT = 20  # characters of a name that stands beside a number
ROUNDING = 1e-9  # of a residual, relative to the numbers beside it


def waterfall(ax: Axes, attribution: Attribution, row: int = 0) -> Axes:
    """Draw how the attributions of one input add up from the baseline's output to its own.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
        The largest come first; of more than 20 the smallest are summed in one bar. What
        completeness misses is a grey bar of its own.
    row : int
        Which input.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If the method has no baseline to count from.
    IndexError
        If there is no such input.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: 1 + X @ [2, -3], num_features=2)
    >>> found = qxai.occlusion(model, [[1, 1]])
    >>> ax = qxai.plots.waterfall(Figure().subplots(), found)
    >>> [(float(bar.get_x()), float(bar.get_width())) for bar in ax.patches]  # 1 − 3 + 2 = 0
    [(1.0, -3.0), (-2.0, 2.0)]
    """
    number = check_row(attribution, row)
    start, end = attribution.baseline_output[number], attribution.output[number]
    if np.isnan(start):
        raise ValueError(
            f"attribution: expected one that counts from a baseline's output, found "
            f"{attribution.method}, which has none; qxai.plots.attribution_bars draws it"
        )
    rows = largest(np.abs(attribution.values[number]))
    values = rows.of(attribution.values[number])
    names = rows.named(_with_inputs(attribution, number))
    colours = np.where(values >= 0, ORANGE, BLUE).tolist()
    missed = attribution.residual[number]
    if abs(missed) > ROUNDING * max(abs(start), abs(end), np.abs(values).sum()):
        values, names, colours = np.append(values, missed), [*names, "residual"], [*colours, GREY]
    _steps(ax, start, values, colours)
    ax.set_yticks(range(len(values) + 2), ["output at the baseline", *names, "output"])
    ax.set_ylim(len(values) + 1.5, -0.5)  # the baseline on top
    ax.set_xlabel("output")
    return ax


def _steps(ax: Axes, start: float, values: Array, colours: list[str]) -> None:
    """Draw bars from ``start`` on, each where the one above ended, and both ends as points."""
    ends = start + np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values)) + 1
    ax.barh(places, values, left=ends[:-1], color=colours, edgecolor="black", lw=0.6)
    ax.plot([start, ends[-1]], [0, len(values) + 1], "D", color="black", ms=5)
    for place, end in enumerate(ends):  # from each bar to the next
        ax.plot([end, end], [place - 0.4 * (place > 0), place + 1.4], color="black", lw=0.6, ls=":")
    reach = float(np.ptp(ends)) or 1.0
    pad = 0.02 * reach
    for place, end, value in zip(places, ends[1:], values):
        _number(ax, f"{value:+.3g}", end + np.copysign(pad, value), place, value >= 0)
    for place, end in ((0, start), (len(values) + 1, ends[-1])):
        _number(ax, f"{end:.3g}", end + 2 * pad, place, True)
    ax.set_xlim(ends.min() - 0.2 * reach, ends.max() + 0.2 * reach)  # room for the numbers


def _number(ax: Axes, text: str, x: float, y: float, right: bool) -> None:
    """Write a number to the right, or to the left, of a place."""
    side = "left" if right else "right"
    ax.text(x, y, text.replace("-", "−"), ha=side, va="center", fontsize=10)


def _with_inputs(attribution: Attribution, number: int) -> tuple[str, ...]:
    """Return names with the values of the input, where each name is one feature."""
    if attribution.inputs is None or attribution.groups is not None:
        return tuple(map(short, attribution.names))
    pairs = zip(attribution.names, attribution.inputs[number])
    return tuple(f"{short(name, BESIDE_INPUT)} = {value:.3g}" for name, value in pairs)
