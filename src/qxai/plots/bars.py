"""Attributions as bars."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.core import Array
from qxai.plots.labels import Rows, axis_label, check_row, in_order, short
from qxai.plots.style import BLUE, GREEN, GREY, ORANGE


def attribution_bars(
    ax: Axes, attribution: Attribution, names: Sequence[str] | None = None, row: int = 0
) -> Axes:
    """Draw the attribution of one input as horizontal bars, signs told apart by colour.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
        Of more than 20 features the smallest are summed in one bar.
    names : sequence of str, length d, optional
        Names of the features, drawn from top to bottom; the attribution's own by default.
    row : int
        Which input.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If there are more or fewer names than features.
    IndexError
        If there is no such input.

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
    all_values = attribution.values[check_row(attribution, row)]
    given = attribution.names if names is None else tuple(names)
    if len(given) != len(all_values):
        raise ValueError(f"names: expected {len(all_values)}, found {len(given)}")
    rows = in_order(np.abs(all_values))
    values = rows.of(all_values)
    places = np.arange(len(values))
    ax.barh(places, values, color=np.where(values >= 0, ORANGE, BLUE), edgecolor="black", lw=0.6)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(places, rows.named([short(name) for name in given]))
    ax.set_ylim(len(values) - 0.5, -0.5)  # the first on top, also on shared axes
    ax.set_xlabel(axis_label(attribution))
    return ax


def compare(ax: Axes, attributions: Mapping[str, Attribution], row: int = 0) -> Axes:
    """Draw what several methods say of one input, or one method of several models, side by side.

    Parameters
    ----------
    ax : matplotlib Axes
    attributions : mapping from str to Attribution
        Of the same features, in one unit. Sampled ones get a line of one standard error to each
        side. Of more than 20 features the smallest are summed in one row.
    row : int
        Which input.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If there is none, or they differ in their features or their unit.
    IndexError
        If there is no such input.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = {m.__name__: m(model, [[1, 2]]) for m in (qxai.shapley, qxai.occlusion)}
    >>> ax = qxai.plots.compare(Figure().subplots(), found)
    >>> [float(bar.get_width()) for bar in ax.patches]
    [1.0, 1.0, 2.0, 2.0]
    """
    if not attributions:
        raise ValueError("attributions: expected at least one, found none")
    first, *others = attributions.values()
    for label, found in list(attributions.items())[1:]:
        _check_alike(label, found, first)
    values = np.array([a.values[check_row(a, row)] for a in (first, *others)])
    rows = in_order(np.abs(values).sum(axis=0))
    bars = {label: _with_error(found, row, rows) for label, found in attributions.items()}
    return grouped_bars(ax, bars, rows.named(first.names), axis_label(first))


def _check_alike(label: str, found: Attribution, first: Attribution) -> None:
    """Refuse an attribution of other features, or in another unit, than the first one."""
    if found.names != first.names:
        raise ValueError(
            f"attributions[{label!r}]: expected the features {', '.join(first.names)}, found "
            f"{', '.join(found.names)}"
        )
    if found.unit != first.unit:
        raise ValueError(
            f"attributions[{label!r}]: expected the unit {first.unit!r}, found {found.unit!r}; "
            "draw it on axes of its own"
        )


def _with_error(found: Attribution, row: int, rows: Rows) -> Array:
    """Return values (1, rows), or both ends of their standard errors (2, rows)."""
    values = rows.of(found.values[row])
    if found.standard_error is None:
        return values[None]
    error = np.sqrt(rows.of(found.standard_error[row] ** 2))
    return np.stack([values - error, values + error])


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
        # As lists: matplotlib mistakes arrays of one feature for numbers.
        spread = [(mean - values.min(axis=0)).tolist(), (values.max(axis=0) - mean).tolist()]
        ax.barh(
            np.arange(len(names)) + (number - (len(groups) - 1) / 2) * height,
            mean,
            height,
            xerr=spread,
            label=label,
            color=colours[number % 4],
            hatch=hatches[(number + number // 4) % 4],
            edgecolor="black",
            lw=0.6,
            error_kw={"lw": 1},
        )
    ax.set_yticks(np.arange(len(names)), [short(name) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel(xlabel)
    ax.legend()
    return ax
