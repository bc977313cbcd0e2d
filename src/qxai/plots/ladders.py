"""What one feature alone could change of a decision, rung by rung."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.core import Array
from qxai.counterfactuals import Counterfactuals
from qxai.plots.labels import short
from qxai.plots.style import BLUE, GREY, ORANGE


def counterfactual_ladder(
    ax: Axes, found: Counterfactuals, row: int = 0, scale: ArrayLike = 1.0
) -> Axes:
    """Draw for each feature how far it has to change, the nearest flip on top.

    An arrow says by how much and which way. A feature that cannot flip the decision has none;
    beside it stands the output that it can reach.

    Parameters
    ----------
    ax : matplotlib Axes
    found : Counterfactuals
    row : int
        Which input.
    scale : array_like, shape (d,), or float
        In which units changes are compared, such as standard deviations.

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
    >>> import cirq, numpy as np, qxai, sympy
    >>> from matplotlib.figure import Figure
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) + 0.5 * cirq.Z(q[1]))
    >>> found = qxai.counterfactual(model, [[0.3, 0.4]])
    >>> ax = qxai.plots.counterfactual_ladder(Figure().subplots(), found)
    >>> [label.get_text() for label in ax.get_yticklabels()], len(ax.texts)
    (['x0', 'x1'], 2)
    """
    if not -len(found) <= row < len(found):
        raise IndexError(f"row: expected −{len(found)} to {len(found) - 1}, found {row}")
    moved = found.changes[row] / np.asarray(scale)
    order = np.argsort(np.abs(moved), kind="stable")  # NaN last
    order = order[np.isfinite(found.reach[row][order])]  # features that may change
    limit = _limit(moved)
    for place, feature in enumerate(order):
        if np.isfinite(moved[feature]):
            _rung(ax, place, float(moved[feature]), found.changes[row, feature], limit)
        else:
            text = f"cannot: reaches {found.reach[row, feature]:.2g}".replace("-", "−")
            ax.text(0.03 * limit, place, text, va="center", fontsize=10, color=GREY)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(range(len(order)), [short(found.feature_names[i]) for i in order])
    ax.set(ylim=(len(order) - 0.5, -0.5), xlim=(-limit, limit))
    unit = "" if np.ndim(scale) == 0 and float(np.asarray(scale)) == 1 else " (scaled)"
    ax.set_xlabel(f"change that takes the output across {found.threshold:g}{unit}")
    return ax


def _limit(moved: Array) -> float:
    return 1.45 * float(np.nanmax(np.abs(moved))) if np.isfinite(moved).any() else 1.0


def _rung(ax: Axes, place: int, moved: float, change: float, limit: float) -> None:
    """Draw an arrow, and the change in the feature's own unit at its end."""
    colour = ORANGE if moved > 0 else BLUE
    ax.barh(place, moved, color=colour, height=0.28, edgecolor="black", lw=0.6)
    marker = ">" if moved > 0 else "<"
    ax.plot(moved, place, marker, color=colour, ms=9, markeredgecolor="black", mew=0.6)
    end = moved + (0.05 if moved > 0 else -0.05) * limit
    ax.text(
        end,
        place,
        f"{change:+.3g}".replace("-", "−"),
        va="center",
        ha="left" if moved > 0 else "right",
        fontsize=10,
    )
