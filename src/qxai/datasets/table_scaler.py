"""A table of numbers and categories as angles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qxai.checks import as_table
from qxai.core import Array, Indices, Mask
from qxai.datasets import categories as categorical
from qxai.datasets.categories import Levels
from qxai.datasets.records import entry_of, texts_of
from qxai.datasets.scaling import AngleScaler, constant, listed, refuse_constant, refuse_few_rows
from qxai.frames import column_numbers, columns_of, is_table, labels, matched


@dataclass(frozen=True, eq=False, repr=False)
class TableScaler:
    """Maps a table of numbers and categories to angles in [0, π].

    Numbers go through an `AngleScaler`. Text, truth values and what a table declares as a
    category become one feature a level, π for the rows that have it and 0 for the others; of two
    levels one feature tells both. Hand ``groups`` to a method, ``qxai.shapley(…,
    groups=scaler.groups)``, and all levels of a column come and go together: the answer has one
    number a raw column.

    Attributes
    ----------
    columns : tuple of str, length c
        Names of the raw columns; x0, x1, … where the training rows had none.
    numbers : AngleScaler
        Of the columns that hold numbers.
    categories : tuple of Levels
        The sorted levels of the other columns.

    Examples
    --------
    >>> import pandas, qxai
    >>> rows = pandas.DataFrame({"age": [30, 50], "sex": ["female", "male"]})
    >>> scaler = qxai.datasets.TableScaler.fitted(rows)
    >>> scaler
    <TableScaler: 2 columns to 2 angles (age, sex=male)>
    >>> print(scaler.angles(rows).round(3))
    [[0.785 0.   ]
     [2.356 3.142]]
    >>> scaler.groups
    {'age': (0,), 'sex': (1,)}
    """

    columns: tuple[str, ...]
    numbers: AngleScaler
    categories: tuple[Levels, ...]

    def __repr__(self) -> str:
        """Say what it makes of which columns."""
        size = f"{len(self.columns)} columns to {self.num_features} angles"
        return f"<TableScaler: {size}{listed(self.feature_names)}>"

    @classmethod
    def fitted(cls, X: Any, categories: Sequence[str] = ()) -> "TableScaler":
        """Learn means, deviations and levels from training rows.

        Parameters
        ----------
        X : table or array_like, shape (N, c)
            Columns of an array are numbers.
        categories : sequence of str
            Columns that hold categories although they look like numbers, such as codes.

        Returns
        -------
        TableScaler

        Raises
        ------
        ValueError
            Naming column and row of a missing value, of text among numbers and of other objects;
            columns that do not vary, have one name, or hold too many levels.
        TypeError
            If ``categories`` is one text.
        """
        names, columns = _columns(X)
        named = categorical.chosen(categories, names)
        refuse_few_rows(len(columns[0][1]))
        found = [_learnt(n, label, column, named) for n, (label, column) in zip(names, columns)]
        single = [label for one, (label, _) in zip(found, columns) if _is_constant(one)]
        refuse_constant(X, single)
        levels = tuple(one for one in found if isinstance(one, Levels))
        numeric = {n: one for n, one in zip(names, found) if not isinstance(one, Levels)}
        array = _stacked(numeric.values(), len(columns[0][1]))
        scaler = AngleScaler(array.mean(axis=0), array.std(axis=0), tuple(numeric))
        return _checked(cls(names, scaler, levels))

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the angles: of a column of numbers its own, of others ``column=level``."""
        return tuple(name for names in self._features.values() for name in names)

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Which angles belong to each raw column, for ``groups=`` of a method.

        They are numbered, as the columns of `angles` are, so that a model may name its features
        as it likes.
        """
        return {name: tuple(self._places(names)) for name, names in self._features.items()}

    @property
    def num_features(self) -> int:
        """Number of angles ``d``."""
        return len(self.feature_names)

    def angles(self, X: Any) -> Array:
        """Return the rows of a table as angles (N, d) in radians.

        Raises
        ------
        ValueError
            If columns are missing or too many, a value is missing or no number, or a level was
            not among the training rows: named by column and row.
        """
        numeric, codes = self._read(X)
        found = self._around(self.numbers.angles(numeric))
        for levels, code in zip(self.categories, codes):
            found[:, self._places(levels.names)] = levels.angles(code)
        return found

    def readings(self, X: Any) -> Array:
        """Return what the angles stand for (N, d): numbers as they are, 1 for a row's level."""
        numeric, _ = self._read(X)
        found = self.angles(X) / np.pi
        found[:, self._places(self.numbers.feature_names or ())] = numeric
        return found

    def clipped(self, X: Any) -> Mask:
        """Tell which numbers lie beyond two deviations and are clipped (N, d)."""
        return self._around(self.numbers.clipped(self._read(X)[0])) > 0

    def derivative(self, X: Any) -> Array:
        """Return by how much each angle grows per unit (N, d); 0 for categories."""
        return self._around(self.numbers.derivative(self._read(X)[0]))

    def to_dict(self) -> dict[str, Any]:
        """Return numbers and names that JSON can hold; `from_dict` reads them."""
        return {
            "columns": list(self.columns),
            "numbers": self.numbers.to_dict(),
            "categories": {one.column: list(one.levels) for one in self.categories},
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "TableScaler":
        """Return the scaler of a record that `to_dict` wrote; nothing of it is trusted.

        Raises
        ------
        ValueError
            If the record is another one.
        """
        columns = texts_of(record, "columns")
        scaler = AngleScaler.from_dict(entry_of(record, "numbers", dict))
        levels = entry_of(record, "categories", dict)
        if sorted([*(scaler.feature_names or ()), *levels]) != sorted(columns):
            raise ValueError(f"columns: expected those of numbers and categories, found {columns}")
        found = tuple(categorical.from_list(column, one) for column, one in levels.items())
        return _checked(cls(columns, scaler, found))

    @property
    def _features(self) -> dict[str, tuple[str, ...]]:
        """The names of each raw column's angles."""
        levels = {one.column: one.names for one in self.categories}
        return {name: levels.get(name, (name,)) for name in self.columns}

    def _places(self, features: Sequence[str]) -> list[int]:
        return [self.feature_names.index(feature) for feature in features]

    def _around(self, numeric: Any) -> Array:
        """Return an array (N, d) with numeric features at their places, 0 elsewhere."""
        found = np.zeros((len(numeric), self.num_features))
        found[:, self._places(self.numbers.feature_names or ())] = numeric
        return found

    def _read(self, X: Any) -> tuple[Array, list[Indices]]:
        """Return numbers (N, k) and, for each categorical column, the rows' levels (N,)."""
        if not is_table(X) and self.categories:
            raise ValueError(
                f"X: expected a table with the columns {', '.join(self.columns)}, as some hold "
                f"categories, found {type(X).__name__}; {_tabled(X, self.columns)}"
            )
        table = matched("X", X, self.columns) if is_table(X) else X
        _, found = _columns(table)
        if len(found) != len(self.columns):
            raise ValueError(
                f"X: expected {len(self.columns)} columns ({', '.join(self.columns)}), found "
                f"{len(found)}"
            )
        by_name = dict(zip(self.columns, found))
        count = len(found[0][1])
        wanted = (by_name[name] for name in self.numbers.feature_names or ())
        numeric = [column_numbers("X", label, column) for label, column in wanted]
        return _stacked(numeric, count), [
            one.codes(column, label)
            for one in self.categories
            for label, column in (by_name[one.column],)
        ]


def _columns(X: Any) -> tuple[tuple[str, ...], list[tuple[Any, Any]]]:
    """Return the names of a table's or an array's columns, and each label with its column."""
    if not is_table(X):
        if isinstance(X, Mapping) or np.asarray(X).dtype.kind in "OUS":
            raise ValueError(
                f"X: expected a table with named columns, or an array of numbers, found "
                f"{type(X).__name__}; {_tabled(X)}"
            )
        array = as_table("X", X)
        found = [(column, array[:, column]) for column in range(array.shape[1])]
    else:
        found = [(label, X[label]) for label in columns_of("X", X)]
    if not found:
        raise ValueError("X: expected a table with columns, found none")
    return labels(X) or tuple(f"x{i}" for i in range(len(found))), found


def _tabled(X: Any, columns: Sequence[str] = ()) -> str:
    """Return how to make a table of something else."""
    if hasattr(X, "iloc"):
        return "a table of one row is X.to_frame().transpose()"
    named = f", columns={list(columns)}" if columns and not isinstance(X, Mapping) else ""
    return f"a table of the same is pandas.DataFrame(X{named})"


def _learnt(name: str, label: Any, column: Any, named: set[str]) -> Levels | Array:
    """Return the levels of a categorical column, the numbers (N,) of another one."""
    if name in named or categorical.holds_categories(column, label):
        return categorical.fitted(column, label, name)
    return column_numbers("X", label, column)


def _is_constant(found: Levels | Array) -> bool:
    if isinstance(found, Levels):
        return len(found.levels) < 2
    return bool(constant(found[:, None])[0])


def _checked(scaler: TableScaler) -> TableScaler:
    """Return a scaler whose features have different names."""
    names = scaler.feature_names
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(
            f"X: expected columns whose features have different names, found {twice[0]!r} more "
            "than once; rename a column"
        )
    return scaler


def _stacked(columns: Iterable[Array], count: int) -> Array:
    """Return columns (N,) side by side (N, k), be there any or not."""
    return np.column_stack([np.empty((count, 0)), *columns])
