"""Attributions, models and agreements as coloured maps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.core import Evaluator
from qxai.plots.labels import axis_label
from qxai.plots.style import DIVERGING, figure_of


def heat_map(ax: Axes, attribution: Attribution, shape: tuple[int, int], row: int = 0) -> Axes:
    """Draw the attribution of one input whose features are the pixels of an image.

    Parameters
    ----------
    ax : matplotlib Axes
    attribution : Attribution
    shape : tuple of int
        Height and width of the image; features run along its rows.
    row : int
        Which input.

    Returns
    -------
    matplotlib Axes
        With a colour bar that is symmetric about zero.

    Raises
    ------
    ValueError
        If ``shape`` has another number of pixels than there are features.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X @ [1, -2, 0, 1], num_features=4)
    >>> found = qxai.occlusion(model, [[1, 1, 1, 1]])
    >>> ax = qxai.plots.heat_map(Figure().subplots(), found, shape=(2, 2))
    >>> [float(end) for end in ax.images[0].get_clim()]
    [-2.0, 2.0]
    """
    values = attribution.values[row]
    if shape[0] * shape[1] != len(values):
        raise ValueError(f"shape: expected {len(values)} pixels, found {shape}")
    most = np.abs(values).max() or 1.0
    image = ax.imshow(values.reshape(shape), cmap=DIVERGING, vmin=-most, vmax=most)
    ax.set_xticks(range(shape[1]))
    ax.set_yticks(range(shape[0]))
    ax.spines[:].set_visible(False)
    figure_of(ax).colorbar(image, ax=ax, label=axis_label(attribution))
    return ax


def landscape(
    ax: Axes,
    model: Evaluator,
    attribution: Attribution,
    x: ArrayLike,
    names: tuple[str, str],
    reach: float = np.pi,
) -> Axes:
    """Draw a model's output over two features, with a point and arrows for its attribution.

    Parameters
    ----------
    ax : matplotlib Axes
    model : Evaluator of two features
    attribution : Attribution of that one input
        The longer arrow is a quarter of the picture; arrows point up the feature's axis where the
        attribution is positive.
    x : array_like, shape (2,)
        The explained input, in radians.
    names : tuple of two str
    reach : float
        The picture runs from −reach to reach, in radians.

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If the model has another number of features.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.occlusion(model, [[1, 2]])
    >>> ax = qxai.plots.landscape(Figure().subplots(), model, found, [1, 2], ("x", "y"))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x (radians)', 'y (radians)')
    """
    if model.num_features != 2:
        raise ValueError(f"model: expected 2 features, found {model.num_features}")
    point = np.asarray(x, dtype=np.float64).reshape(2)
    axis = np.linspace(-reach, reach, 81)
    first, second = np.meshgrid(axis, axis)
    height = model.values(np.column_stack([first.ravel(), second.ravel()])).reshape(81, 81)
    most = np.abs(height).max() or 1.0
    filled = ax.contourf(axis, axis, height, 16, cmap=DIVERGING, vmin=-most, vmax=most)
    ax.contour(axis, axis, height, levels=[0.0], colors="black", linewidths=1.0)
    scale = reach / 2 / (np.abs(attribution.values[0]).max() or 1.0)
    for direction, value in zip(np.eye(2), attribution.values[0]):
        end = point + scale * value * direction
        arrow = {"arrowstyle": "-|>", "lw": 2.0, "color": "black", "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", xy=tuple(end), xytext=tuple(point), arrowprops=arrow)
    ax.plot(*point, "o", color="white", markeredgecolor="black", markersize=7)
    ax.set_xlabel(f"{names[0]} (radians)")
    ax.set_ylabel(f"{names[1]} (radians)")
    figure_of(ax).colorbar(filled, ax=ax, label="output")
    return ax


def relevance_flow(ax: Axes, relevance: ArrayLike, qubits: Sequence[str]) -> Axes:
    """Draw where relevance sits between a circuit's layers, from `qxai.qlrp_layers`.

    Parameters
    ----------
    ax : matplotlib Axes
    relevance : array_like, shape (L + 1, n)
        Of one input: a column of the picture for each place between two layers.
    qubits : sequence of str, length n

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> relevance = [[0.25, 0.25], [0, 0.5]]
    >>> ax = qxai.plots.relevance_flow(Figure().subplots(), relevance, ["q0", "q1"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['q0', 'q1']
    """
    values = np.asarray(relevance, dtype=np.float64)
    most = np.abs(values).max() or 1.0
    image = ax.imshow(values.T, cmap=DIVERGING, vmin=-most, vmax=most, aspect="auto")
    ax.set_yticks(range(len(qubits)), qubits)
    ax.set_xlabel("layers passed (0: the encoded state)")
    figure_of(ax).colorbar(image, ax=ax, label="relevance (units of the output)")
    return ax


def agreement_matrix(ax: Axes, agreement: ArrayLike, names: Sequence[str]) -> Axes:
    """Draw a symmetric matrix of agreements between methods, each number written in its cell.

    Parameters
    ----------
    ax : matplotlib Axes
    agreement : array_like, shape (m, m)
        Between −1 and 1, such as rank correlations.
    names : sequence of str, length m

    Returns
    -------
    matplotlib Axes
        What was passed, drawn on.

    Raises
    ------
    ValueError
        If the matrix has another shape.

    Examples
    --------
    >>> import qxai
    >>> from matplotlib.figure import Figure
    >>> matrix = [[1, 0.5], [0.5, 1]]
    >>> ax = qxai.plots.agreement_matrix(Figure().subplots(), matrix, ["LIME", "Shapley"])
    >>> [text.get_text() for text in ax.texts]
    ['1.00', '0.50', '0.50', '1.00']
    """
    values = np.asarray(agreement, dtype=np.float64)
    if values.shape != (len(names), len(names)):
        raise ValueError(f"agreement: expected shape {(len(names),) * 2}, found {values.shape}")
    image = ax.imshow(values, cmap=DIVERGING, vmin=-1, vmax=1)
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if abs(value) > 0.7 else "black"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=ink, fontsize=10)
    ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
    ax.set_yticks(range(len(names)), names)
    figure_of(ax).colorbar(image, ax=ax, label="agreement")
    return ax
