"""The result of an explanation by sets of features: what belongs to each of them together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.checks import real_array
from qxai.core import Array
from qxai.table import Table, data_frame

ARRAYS = ("values", "output", "baseline_output", "standard_error", "inputs")
MOST_ROWS = 12  # of a table, the largest sets


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Interactions:
    """What each of S sets of features contributes to each of N outputs.

    In a notebook it draws its largest sets as a table. ``len`` counts the inputs; an index, a
    slice or a mask chooses some of them.

    Attributes
    ----------
    sets : tuple of tuples of int, length S
        The features of each set, in ascending order; small sets first.
    values : ndarray, shape (N, S)
        In the unit of the output.
    index : str
        Which interaction index: one of those that `interactions` knows.
    order : int
        Size of the largest sets.
    output : ndarray, shape (N,)
        Model output at the explained inputs.
    baseline_output : ndarray, shape (N,)
        The output with every feature absent: what the empty set is worth.
    evaluations : int
        Circuit runs that a device would need.
    feature_names : tuple of str, length d
        Names of the features; x0, x1, … where they were given none.
    standard_error : ndarray, shape (N, S), or None
        Standard error of ``values`` where the model was sampled; None where they are exact.
    shots : int
        Shots spent on ``values``; 0 where they are exact.
    inputs : ndarray, shape (N, d), or None
        The explained inputs.
    route : str
        How the values were found: in closed form, or by enumeration.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] + X[:, 2], num_features=3)
    >>> found = qxai.interactions(model, [[2, 3, 1]], index="Moebius", order=2)
    >>> print(found.of(0, 1), found.of("x2"), found.of(1, 2))
    [6.] [1.] [0.]
    """

    sets: Sequence[Sequence[int]]
    values: Array
    index: str
    order: int
    output: Array
    baseline_output: Array
    evaluations: int
    feature_names: Sequence[str]
    standard_error: Array | None = None
    shots: int = 0
    inputs: Array | None = None
    route: str = ""

    def __post_init__(self) -> None:
        """Copy the arrays, and refuse shapes that contradict each other."""
        for name in ARRAYS:
            if (found := getattr(self, name)) is not None:
                object.__setattr__(self, name, real_array(found, f"{name}: expected real numbers"))
        object.__setattr__(self, "sets", tuple(tuple(map(int, members)) for members in self.sets))
        object.__setattr__(self, "feature_names", tuple(map(str, self.feature_names)))
        shape = (len(self.output), len(self.sets))
        if self.values.shape != shape or self.baseline_output.shape != shape[:1]:
            raise ValueError(
                f"values: expected shape {shape} for so many outputs and sets, found "
                f"{self.values.shape}"
            )

    def __len__(self) -> int:
        """Return the number of explained inputs."""
        return len(self.values)

    def __getitem__(self, rows: Any) -> "Interactions":
        """Return those of one input or of some, by number, slice, list or mask."""
        if isinstance(rows, int | np.integer) and not isinstance(rows, bool):
            rows = range(len(self))[rows]  # raises where there is none
            rows = slice(rows, rows + 1)
        by_row = {name: getattr(self, name) for name in ARRAYS}
        return replace(self, **{n: a[rows] for n, a in by_row.items() if a is not None})

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sets: those of their features, joined by ×."""
        return tuple(" × ".join(self.feature_names[i] for i in members) for members in self.sets)

    def of(self, *features: int | str) -> Array:
        """Return what a set contributes, (N,).

        Parameters
        ----------
        *features : int or str
            The set's features, by number or name, in any order.

        Raises
        ------
        ValueError
            If there is no such feature, or no such set among those found.
        """
        wanted = tuple(sorted({self._place(feature) for feature in features}))
        if wanted not in self.sets:
            raise ValueError(
                f"features: expected a set of 1 to {self.order} features, found {features}; "
                f"order={max(1, len(wanted))} finds it"
            )
        return np.asarray(self.values[:, self.sets.index(wanted)])

    def _place(self, feature: int | str) -> int:
        names = list(self.feature_names)
        if isinstance(feature, str) and feature in names:
            return names.index(feature)
        if isinstance(feature, int | np.integer) and 0 <= feature < len(names):
            return int(feature)
        raise ValueError(
            f"features: expected 0 to {len(names) - 1} or one of {', '.join(names)}, found "
            f"{feature!r}"
        )

    def table(self) -> Table:
        """Return the largest sets: of one input their values, of several the mean size too."""
        sizes = np.abs(self.values).mean(axis=0) if len(self) else np.zeros(len(self.sets))
        kept = np.argsort(-sizes, kind="stable")[:MOST_ROWS]
        columns: dict[str, list[Any]] = {"set": [self.names[i] for i in kept]}
        if len(self) == 1:
            columns["value"] = self.values[0, kept].tolist()
            if self.standard_error is not None:
                columns["standard error"] = self.standard_error[0, kept].tolist()
        else:
            columns["mean"] = (self.values[:, kept].sum(axis=0) / max(1, len(self))).tolist()
            columns["mean size"] = sizes[kept].tolist()
        inputs = f"{len(self)} input{'s' if len(self) != 1 else ''}"
        left = len(self.sets) - len(kept)
        parts = [f"{self.index} up to order {self.order}", self.route, inputs]
        parts += [f"{left} smaller sets not shown"] if left else []
        return Table(columns, caption=", ".join(filter(None, parts)), digits=4)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def to_frame(self) -> Any:
        """Return the values as a ``pandas.DataFrame`` (N, S) with a column for each set.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return data_frame(self.values, self.names)

    def to_shapiq(self, row: int = 0) -> Any:
        """Return those of one input as ``shapiq.InteractionValues``, for the plots of shapiq.

        Parameters
        ----------
        row : int
            Which input.

        Raises
        ------
        ImportError
            If shapiq is not installed.
        IndexError
            If there is no such input.
        """
        one = self[row]
        try:
            import shapiq
        except ImportError as error:
            raise ImportError(f"shapiq is not installed: pip install shapiq ({error})") from error
        sets = [members for members in one.sets if members]
        return shapiq.InteractionValues(
            values=np.array([one.of(*members)[0] for members in sets]),
            index=self.index,
            max_order=self.order,
            n_players=len(self.feature_names),
            min_order=1,
            interaction_lookup={members: place for place, members in enumerate(sets)},
            baseline_value=float(one.baseline_output[0]),
            estimated=self.standard_error is not None,
        )
