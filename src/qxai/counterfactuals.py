"""The result of a counterfactual explanation: what would have to change."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.core import Array, Indices
from qxai.table import Table, data_frame, significant


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Counterfactuals:
    """The smallest change of each feature alone that takes an output across a threshold.

    Attributes
    ----------
    inputs : ndarray, shape (N, d)
    output : ndarray, shape (N,)
        Model output at the inputs.
    threshold : float
    changes : ndarray, shape (N, d)
        What to add to a feature, in its unit; NaN where no change of it flips the decision, or it
        may not change.
    reach : ndarray, shape (N, d)
        The output nearest to the threshold, or farthest beyond it, that the feature alone can
        bring about within its range; NaN where it may not change.
    feature_names : tuple of str, length d
    shots : int or None
        With how many shots the flip is to be seen; None for the exact output.
    confidence : float
        By how many standard errors it then is beyond the threshold; 0 for the exact output.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))  # cos x
    >>> found = qxai.counterfactual(model, [[np.pi / 3]])
    >>> print((found.changes / np.pi).round(3), found.flips)  # to the nearest zero, at π/2
    [[0.167]] [[ True]]
    """

    inputs: Array
    output: Array
    threshold: float
    changes: Array
    reach: Array
    feature_names: tuple[str, ...]
    shots: int | None = None
    confidence: float = 0.0

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.inputs)

    @property
    def flips(self) -> Any:
        """Which features can flip which decisions alone, (N, d)."""
        return np.isfinite(self.changes)

    def points(self, feature: int | str) -> Array:
        """Return the inputs (N, d) with one feature changed; NaN where that flips nothing.

        Parameters
        ----------
        feature : int or str
            By number or name.

        Raises
        ------
        ValueError
            If there is no such feature.
        """
        names = list(self.feature_names)
        if feature not in names and feature not in range(len(names)):
            raise ValueError(
                f"feature: expected 0 to {len(names) - 1} or one of {', '.join(names)}, found "
                f"{feature!r}"
            )
        place = names.index(feature) if feature in names else int(feature)
        moved = self.inputs.copy()
        moved[:, place] += self.changes[:, place]
        return moved

    def nearest(self, scale: Array | float = 1.0) -> Indices:
        """Return for each input the feature that needs the smallest change, (N,); −1 for none.

        Parameters
        ----------
        scale : array_like, shape (d,), or float
            In which units features are compared, such as their standard deviations.
        """
        sizes = np.where(self.flips, np.abs(self.changes) / scale, np.inf)
        return np.where(self.flips.any(axis=1), sizes.argmin(axis=1), -1)

    def table(self) -> Table:
        """Return one input feature by feature, or of several how many each feature flips."""
        if len(self) == 1:
            return self._one()
        flips = self.flips
        sizes = [np.abs(c[f]) for c, f in zip(self.changes.T, flips.T)]
        columns = {
            "feature": list(self.feature_names),
            "decisions flipped": flips.sum(axis=0).tolist(),
            "median change": significant(
                np.array([np.median(s) if len(s) else np.nan for s in sizes])
            ),
        }
        return Table(columns, caption=f"{self._caption}, {len(self)} inputs")

    def _one(self) -> Table:
        change, reach = self.changes[0], self.reach[0]
        columns = {
            "feature": list(self.feature_names),
            "input": significant(self.inputs[0]),
            "change": significant(change, sign="+"),
            "flips at": significant(self.inputs[0] + change),
            "output can reach": reach.tolist(),
        }
        return Table(columns, caption=f"{self._caption}, output {self.output[0]:.4g}")

    @property
    def _caption(self) -> str:
        text = f"smallest change of one feature across {self.threshold:g}"
        if self.shots is None:
            return text
        return f"{text}, by {self.confidence:g} standard errors of {self.shots} shots"

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def to_frame(self) -> Any:
        """Return the changes (N, d) as a ``pandas.DataFrame``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return data_frame(self.changes, self.feature_names)
