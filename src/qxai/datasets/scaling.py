"""From units to angles: one function per column, fitted on training rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qxai.checks import as_inputs, as_table
from qxai.core import Array, Mask
from qxai.datasets.records import numbers_of, texts_of
from qxai.entries import without
from qxai.frames import is_table, labels, numbers


@dataclass(frozen=True, eq=False, repr=False)
class AngleScaler:
    """Maps each feature to an angle in [0, π]: its mean to π/2, two deviations to the ends.

    The function of a feature is ``π/2 (1 + clip((x − mean) / (2 deviation), −1, 1))``: a straight
    line, and constant further out. Fit it on training rows only: what is learnt from rows that a
    model is tested on, even a mean, flatters it. A table's columns are matched by name, whatever
    their order; an array's by position.

    Attributes
    ----------
    mean, deviation : ndarrays, shape (d,)
        Of the training inputs, in the units of the source.
    feature_names : tuple of str, length d, or None
        Names of the columns, if the training inputs had some.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> scaler = qxai.datasets.AngleScaler.fitted([[1], [3]])  # mean 2, deviation 1
    >>> scaler
    <AngleScaler: 1 feature to angles>
    >>> print((scaler.angles([[0], [2], [9]]) / np.pi).round(3).ravel())
    [0.  0.5 1. ]
    >>> print(scaler.clipped([[0], [2], [9]]).ravel())
    [False False  True]
    """

    mean: Array
    deviation: Array
    feature_names: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        """Say which features it scales."""
        many = f"{self.num_features} feature" + "s" * (self.num_features != 1)
        return f"<AngleScaler: {many} to angles{listed(self.feature_names or ())}>"

    @classmethod
    def fitted(cls, X: Any) -> "AngleScaler":
        """Take mean and standard deviation from training inputs (N, d), an array or a table.

        Raises
        ------
        ValueError
            If there are fewer than two rows, or one holds no finite number, or a feature does not
            vary: a table's columns are named.
        """
        array = as_table("X", numbers("X", X) if is_table(X) else X)
        refuse_few_rows(len(array))
        found = constant(array)
        refuse_constant(X, [_label(X, column) for column in np.flatnonzero(found)])
        return cls(array.mean(axis=0), array.std(axis=0), labels(X))

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return len(self.mean)

    @property
    def limits(self) -> Array:
        """Where each feature is clipped, least and greatest, in its units: (2, d)."""
        return np.stack([self.mean - 2 * self.deviation, self.mean + 2 * self.deviation])

    def angles(self, X: Any) -> Array:
        """Return the inputs (N, d) as angles in radians; what lies further out is clipped."""
        return np.pi / 2 * (1 + np.clip(self._relative(X), -1, 1))

    def clipped(self, X: Any) -> Mask:
        """Tell which values of the inputs (N, d) lie beyond two deviations and are clipped."""
        return np.abs(self._relative(X)) > 1

    def derivative(self, X: Any) -> Array:
        """Return by how much each angle grows per unit of its feature (N, d); 0 where clipped."""
        return np.where(self.clipped(X), 0.0, np.pi / (4 * self.deviation))

    def raw(self, angles: ArrayLike) -> Array:
        """Return what angles (N, d) from 0 to π stand for, in the units of the source.

        Raises
        ------
        ValueError
            If they have another shape.
        """
        array = as_table("angles", angles)
        if array.shape[1] != self.num_features:
            raise ValueError(
                f"angles: expected shape (N, {self.num_features}), found {array.shape}"
            )
        return self.mean + 2 * self.deviation * (2 / np.pi * array - 1)

    def to_dict(self) -> dict[str, Any]:
        """Return numbers and names that JSON can hold; `from_dict` reads them."""
        return {
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "feature_names": None if self.feature_names is None else list(self.feature_names),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "AngleScaler":
        """Return the scaler of a record that `to_dict` wrote; nothing of it is trusted.

        Raises
        ------
        ValueError
            If the record is another one.
        """
        mean = numbers_of(record, "mean")
        deviation = numbers_of(record, "deviation", len(mean))
        if not (deviation > 0).all():
            raise ValueError(f"deviation: expected positive numbers, found {deviation}")
        named = record.get("feature_names") is not None
        return cls(mean, deviation, texts_of(record, "feature_names", len(mean)) if named else None)

    def _relative(self, X: Any) -> Array:
        array = as_inputs(X, self.num_features, self.feature_names)
        return (array - self.mean) / (2 * self.deviation)


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return names in brackets for a short description, the first ones of many."""
    shown = ", ".join(names[:most]) + ", …" * (len(names) > most)
    return f" ({shown})" if names else ""


def constant(array: Array) -> NDArray[np.bool_]:
    """Tell which columns (N, d) do not vary by more than they are rounded."""
    rounding = 8 * np.finfo(np.float64).eps * np.abs(array).max(axis=0)
    return np.asarray(array.std(axis=0) <= rounding)


def refuse_few_rows(count: int) -> None:
    """Refuse a sample that has no spread.

    Raises
    ------
    ValueError
        If there are fewer than two rows.
    """
    if count < 2:
        raise ValueError(
            f"X: expected at least two rows, found {count}; fit on the training rows, which also "
            "say what is usual"
        )


def refuse_constant(X: Any, found: Sequence[Any]) -> None:
    """Refuse columns that say nothing.

    Raises
    ------
    ValueError
        Naming them.
    """
    if found:
        many = "columns" if len(found) > 1 else "column"
        raise ValueError(
            f"X: expected columns that vary, found the constant {many} "
            f"{', '.join(map(repr, found))}; drop what does not vary: {without('X', X, found)}"
        )


def _label(X: Any, column: Any) -> Any:
    return list(X.columns)[column] if is_table(X) else int(column)
