"""Errors and orders as curves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.plots.labels import axis_label
from qxai.plots.style import CYCLE, MARKERS


def taylor_orders(
    ax: Axes,
    orders: Sequence[int],
    truncated: Sequence[Attribution],
    infinite: Attribution,
    names: Sequence[str],
    row: int = 0,
) -> Axes:
    """Draw how Taylor-k approaches Taylor-∞ with its order, one line for each feature.

    Parameters
    ----------
    ax : matplotlib Axes
    orders : sequence of int
    truncated : sequence of Attribution
        One for each order.
    infinite : Attribution
        Their limit, drawn dashed.
    names : sequence of str, length d
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
    >>> model = qxai.TrigPolynomial([0, 0, 1], [[1]])  # sin x
    >>> truncated = [qxai.taylor(model, [[1]], order=k) for k in (1, 3)]
    >>> infinite = qxai.taylor(model, [[1]])
    >>> ax = qxai.plots.taylor_orders(Figure().subplots(), (1, 3), truncated, infinite, ["x"])
    >>> print(ax.lines[0].get_ydata().round(3))  # 1 and 1 − 1/3!
    [1.    0.833]
    """
    for i, name in enumerate(names):
        colour, marker = CYCLE[i % len(CYCLE)], MARKERS[i % len(MARKERS)]
        values = [attribution.values[row, i] for attribution in truncated]
        ax.plot(orders, values, marker=marker, color=colour, label=name)
        ax.axhline(infinite.values[row, i], color=colour, ls="--", lw=0.8)
    ax.set_xlabel("highest order kept")
    ax.set_ylabel(axis_label(infinite))
    ax.set_xticks(orders)
    ax.legend()
    return ax


def shots_error(ax: Axes, shots: ArrayLike, errors: Mapping[str, ArrayLike]) -> Axes:
    """Draw errors against total shots on logarithmic axes, with the slope of 1/√shots.

    Parameters
    ----------
    ax : matplotlib Axes
    shots : array_like, shape (k,)
    errors : mapping from str to array_like, shape (k,)
        For each method its error, in units of the output.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If there is no method, or one has another number of errors.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> ax = qxai.plots.shots_error(Figure().subplots(), [100, 400], {"gradient": [0.1, 0.05]})
    >>> [line.get_label() for line in ax.lines]
    ['gradient', '1/√shots']
    """
    spent = np.asarray(shots, dtype=np.float64)
    if not errors:
        raise ValueError("errors: expected at least one method, found none")
    for i, (name, found) in enumerate(errors.items()):
        values = np.asarray(found, dtype=np.float64)
        if values.shape != spent.shape:
            raise ValueError(f"errors[{name!r}]: expected {spent.shape}, found {values.shape}")
        marker = MARKERS[i % len(MARKERS)]
        ax.loglog(spent, values, marker=marker, color=CYCLE[i % len(CYCLE)], label=name)
    top = max(float(np.max(np.asarray(found))) for found in errors.values())
    ax.loglog(spent, top * np.sqrt(spent[0] / spent), color="black", ls=":", label="1/√shots")
    ax.set_xlabel("shots")
    ax.set_ylabel("error (units of the output)")
    ax.legend()
    return ax
