"""Curves of a model's output over one feature at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.core import Array
from qxai.table import Table, data_frame, significant


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dependence:
    """A curve for each of F features, or one for each of N inputs and F features.

    Attributes
    ----------
    names : tuple of str, length F
        Names of the features.
    grids : tuple of ndarrays, shapes (G_f,)
        Where each curve is known, in the unit of the feature.
    values : tuple of ndarrays, shapes (G_f,) or (N, G_f)
        The curves, in the unit of the output.
    method : str
        What they are.
    standard_error : tuple of ndarrays, shapes of ``values``, or None
        Standard errors where the model was sampled; None where the curves are exact.
    evaluations : int
        Circuit runs that a device would need.
    shots : int
        Shots spent; 0 where the curves are exact.
    route : str
        How they were found.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.partial_dependence(model, [[0, 1], [0, 3]], features=[0], grid=[0, 1, 2])
    >>> print(found.curve("x0"))
    [0. 2. 4.]
    """

    names: Sequence[str]
    grids: Sequence[Array]
    values: Sequence[Array]
    method: str
    standard_error: Sequence[Array] | None = None
    evaluations: int = 0
    shots: int = 0
    route: str = ""

    def curve(self, feature: str) -> Array:
        """Return the curve of a feature, (G,) or (N, G).

        Parameters
        ----------
        feature : str
            Its name.
        """
        return np.asarray(self.values[self._place(feature)])

    def grid(self, feature: str) -> Array:
        """Return where the curve of a feature is known, (G,).

        Parameters
        ----------
        feature : str
            Its name.
        """
        return np.asarray(self.grids[self._place(feature)])

    def _place(self, feature: str) -> int:
        if feature not in self.names:
            raise ValueError(f"feature: expected one of {', '.join(self.names)}, found {feature!r}")
        return list(self.names).index(feature)

    def table(self) -> Table:
        """Return how far each curve goes up and down, and where."""
        means = [v.mean(axis=0) if v.ndim == 2 else v for v in self.values]
        low = [(grid[m.argmin()], m.min()) for grid, m in zip(self.grids, means)]
        high = [(grid[m.argmax()], m.max()) for grid, m in zip(self.grids, means)]
        columns = {
            "feature": list(self.names),
            "least": [float(value) for _, value in low],
            "at": significant([place for place, _ in low]),
            "most": [float(value) for _, value in high],
            "at ": significant([place for place, _ in high]),
            "range": [float(b - a) for (_, a), (_, b) in zip(low, high)],
        }
        return Table(columns, caption=f"{self.method}, {self.route}")

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each point of each curve.

        Its columns are the number of the feature and of the input (0 for a mean), where the
        point is, and the output there.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        rows = []
        for place, (grid, values) in enumerate(zip(self.grids, self.values)):
            for number, curve in enumerate(np.atleast_2d(values)):
                rows += [(place, number, at, value) for at, value in zip(grid, curve)]
        return data_frame(np.array(rows), ("feature", "input", "at", "output"))
