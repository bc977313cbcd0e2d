"""The result of an explanation, with everything that is needed to read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.background import Background, Marginals
from qxai.checks import as_inputs, real_array
from qxai.core import Array
from qxai.summary import summary
from qxai.table import Table, data_frame

ARRAYS = ("values", "output", "baseline_output", "standard_error", "inputs")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Attribution:
    """An explanation of each of N outputs by d features, or by G groups of them.

    In a notebook it draws itself as a table. ``len`` counts the inputs; an index, a slice or a
    mask chooses some of them.

    Attributes
    ----------
    values : ndarray, shape (N, d) or (N, G)
        What each feature contributes, in the unit of the output (for the gradient: per radian).
    output : ndarray, shape (N,)
        Model output at the explained inputs.
    baseline_output : ndarray, shape (N,)
        The output that the method starts counting from; NaN for a method without one.
    method : str
        Name of the method and of its settings, for figures and tables.
    evaluations : int
        Circuit runs that a device would need for ``values`` (each method states its formula);
        ``output`` and ``baseline_output``, where the method does not use them, come on top. Of
        some inputs chosen from a batch it stays that of the batch, as ``shots`` does.
    standard_error : ndarray, shape of ``values``, or None
        Standard error of ``values`` where they were sampled; None where they are exact.
    shots : int
        Shots spent on ``values``; 0 where they are exact.
    inputs : ndarray, shape (N, d), or None
        The explained inputs.
    baseline : ndarray, shape (d,) or (N, d), Background, Marginals or None
        What an absent feature was; None for a method without one.
    feature_names : tuple of str, length d or G, or None
        Names of the columns of ``values``.
    groups : tuple of tuples of int, length G, or None
        The features of each group; None where every feature stands for itself.
    route : str
        How the values were found: in closed form, by enumeration, by sampling, …
    unit : str
        Of ``values``.
    error : float or None
        Estimate of the largest error of ``values`` that a quadrature leaves, in their unit; None
        where they are exact up to rounding, or sampled.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.occlusion(model, [[2, 3]])
    >>> print(found.values, found.output, found.baseline_output, found.residual)
    [[6. 6.]] [6.] [0.] [-6.]
    >>> found.method, found.evaluations, found.shots
    ('occlusion', 3, 0)
    """

    values: Array
    output: Array
    baseline_output: Array
    method: str
    evaluations: int
    standard_error: Array | None = None
    shots: int = 0
    inputs: Array | None = None
    baseline: Array | Background | Marginals | None = None
    feature_names: Sequence[str] | None = None
    groups: Sequence[Sequence[int]] | None = None
    route: str = ""
    unit: str = "output"
    error: float | None = None

    def __post_init__(self) -> None:
        """Copy the arrays, and refuse shapes that contradict each other."""
        for name in ARRAYS:
            if (found := getattr(self, name)) is not None:
                object.__setattr__(self, name, real_array(found, f"{name}: expected real numbers"))
        if self.baseline is not None and not isinstance(self.baseline, Background | Marginals):
            found = real_array(self.baseline, "baseline: expected real numbers")
            object.__setattr__(self, "baseline", found)
        if self.feature_names is not None:
            object.__setattr__(self, "feature_names", tuple(map(str, self.feature_names)))
        if self.groups is not None:
            object.__setattr__(self, "groups", tuple(map(tuple, self.groups)))
        _check_shapes(self)

    def __len__(self) -> int:
        """Return the number of explained inputs."""
        return len(self.values)

    def __getitem__(self, rows: Any) -> "Attribution":
        """Return the attribution of one input or of some, by number, slice, list or mask."""
        if rows is None or isinstance(rows, bool | np.bool_ | str):
            raise IndexError(f"index: expected a number, a slice, a list or a mask, found {rows!r}")
        if isinstance(rows, int | np.integer) or (isinstance(rows, np.ndarray) and not rows.ndim):
            rows = int(rows)
            count = len(self)
            if not -count <= rows < count:
                raise IndexError(f"index: expected −{count} to {count - 1}, found {rows}")
            rows = slice(rows % count, rows % count + 1)
        by_row = {name: getattr(self, name) for name in (*ARRAYS, "baseline")}
        if np.ndim(by_row["baseline"]) < 2:  # one point for all inputs, or a distribution
            del by_row["baseline"]
        new = {name: array[rows] for name, array in by_row.items() if array is not None}
        return replace(self, **new)

    @property
    def residual(self) -> Array:
        """What completeness misses, ``output − baseline_output − Σ values``, shape (N,)."""
        return self.output - self.baseline_output - self.values.sum(axis=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of ``values``; x0, x1, … where they were given none."""
        if self.feature_names is not None:
            return tuple(self.feature_names)
        return tuple(f"x{i}" for i in range(self.values.shape[1]))

    def table(self) -> Table:
        """Return what a notebook shows: one input feature by feature, or several side by side."""
        return summary(self)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def to_frame(self) -> Any:
        """Return the values as a ``pandas.DataFrame`` (N, d) with a column for each feature.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return data_frame(self.values, self.names)

    def to_shap(
        self, X: ArrayLike | None = None, feature_names: Sequence[str] | None = None
    ) -> Any:
        """Return a ``shap.Explanation``, for the plots of shap.

        Parameters
        ----------
        X : array_like, shape (N, d), optional
            What some of its plots show beside the values; the explained inputs by default.
        feature_names : sequence of str, length d, optional
            The attribution's own by default.

        Returns
        -------
        shap.Explanation
            With ``baseline_output`` as its base values; 0 for a method without a baseline.

        Raises
        ------
        ImportError
            If shap is not installed.
        ValueError
            If ``X`` or ``feature_names`` do not fit the values.
        """
        d = self.values.shape[1]
        inputs = self.inputs if self.groups is None else None
        data = inputs if X is None else as_inputs(X, d, self.feature_names)
        if data is not None and len(data) != len(self.values):
            raise ValueError(f"X: expected {len(self.values)} rows, found {len(data)}")
        names = self.feature_names if feature_names is None else feature_names
        if names is not None and len(names) != d:
            raise ValueError(f"feature_names: expected {d} names, found {len(names)}")
        try:
            import shap
        except ImportError as error:
            raise ImportError(f"shap is not installed: run pip install shap ({error})") from error
        base = np.nan_to_num(self.baseline_output, nan=0.0)
        return shap.Explanation(
            self.values, base, data, feature_names=None if names is None else list(names)
        )


def _check_shapes(found: Attribution) -> None:
    """Refuse arrays, names and groups that do not fit each other."""
    shape = found.values.shape
    if found.standard_error is not None and found.standard_error.shape != shape:
        raise ValueError(
            f"standard_error: expected shape {shape}, found {found.standard_error.shape}"
        )
    if len(shape) != 2 or not shape[:1] == found.output.shape == found.baseline_output.shape:
        raise ValueError(
            "values, output and baseline_output: expected shapes (N, d), (N,), (N,), found "
            f"{shape}, {found.output.shape}, {found.baseline_output.shape}"
        )
    if found.feature_names is not None and len(found.feature_names) != shape[1]:
        raise ValueError(
            f"feature_names: expected {shape[1]} names, found {len(found.feature_names)}"
        )
    _check_features(found, shape)


def _check_features(found: Attribution, shape: tuple[int, ...]) -> None:
    """Refuse inputs, a baseline or groups of another number of features."""
    width = shape[1]
    if found.groups is not None:
        members = sorted(i for group in found.groups for i in group)
        width = len(members)
        if len(found.groups) != shape[1] or members != list(range(width)):
            raise ValueError(
                f"groups: expected every feature in one of {shape[1]} groups, found {found.groups}"
            )
    if found.inputs is not None and found.inputs.shape != (shape[0], width):
        raise ValueError(f"inputs: expected shape {(shape[0], width)}, found {found.inputs.shape}")
    sample = getattr(found.baseline, "sample", None)
    if sample is not None and sample.shape[1] != width:
        raise ValueError(f"baseline: expected a sample of {width} columns, found {sample.shape[1]}")
    if found.error is not None and not found.error >= 0:
        raise ValueError(f"error: expected a number of at least 0, found {found.error}")
    if isinstance(found.baseline, np.ndarray):
        allowed = ((width,), (shape[0], width))
        if found.baseline.shape not in allowed:
            raise ValueError(
                f"baseline: expected shape {allowed[0]} or {allowed[1]}, "
                f"found {found.baseline.shape}"
            )
