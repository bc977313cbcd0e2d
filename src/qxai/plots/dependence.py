"""Curves of the output over one feature."""

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.checks import real_array
from qxai.dependence import Dependence
from qxai.plots.labels import short
from qxai.plots.style import BLUE, GREY, ORANGE


def dependence(
    ax: Axes,
    feature: str,
    average: Dependence | None = None,
    individual: Dependence | None = None,
    sample: ArrayLike | None = None,
) -> Axes:
    """Draw a feature's curve, those of single inputs behind it, and where the feature's values lie.

    Parameters
    ----------
    ax : matplotlib Axes
    feature : str
        Its name.
    average : Dependence, optional
        One curve, such as `partial_dependence` or `ale` gives.
    individual : Dependence, optional
        A curve for each input, such as `ice` gives.
    sample : array_like, shape (B,), optional
        The feature's values, marked below.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If there is no such feature, or nothing to draw.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> rows = [[0, 1], [1, -1], [2, 2]]
    >>> curves = qxai.partial_dependence(model, rows), qxai.ice(model, rows)
    >>> ax = qxai.plots.dependence(Figure().subplots(), "x0", *curves)
    >>> len(ax.lines), ax.get_xlabel()
    (4, 'x0')
    """
    if average is None and individual is None:
        raise ValueError("average, individual: expected at least one to draw, found none")
    if individual is not None:
        grid = individual.grid(feature)
        for number, curve in enumerate(individual.curve(feature)):
            label = individual.method if number == 0 else None
            ax.plot(grid, curve, color=GREY, lw=0.7, alpha=0.45, label=label)
    if average is not None:
        grid, curve = average.grid(feature), average.curve(feature)
        ax.plot(grid, curve, color=ORANGE, lw=2.4, label=average.method)
        if average.standard_error is not None:
            error = average.standard_error[list(average.names).index(feature)]
            ax.fill_between(grid, curve - error, curve + error, color=ORANGE, alpha=0.3, lw=0)
    if sample is not None:
        values = real_array(sample, "sample: expected real numbers")
        ax.plot(
            values, [0.02] * len(values), "|", color=BLUE, transform=ax.get_xaxis_transform(), ms=7
        )
    ax.set_xlabel(short(feature))
    ax.set_ylabel("output")
    return ax
