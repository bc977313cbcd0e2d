"""Small tables that draw themselves: HTML in a notebook, aligned text elsewhere."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_DECIMALS = 6
LARGE = 1e7  # from here on numbers are written with an exponent
MISSING = "–"


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Columns of equal length under names; the first one says what each row is.

    Attributes
    ----------
    columns : mapping from str to sequence, or sequence of pairs (str, sequence)
        Text, whole numbers, or real numbers, which one column writes with equally many decimals.
        Write units into the names. None and NaN are drawn as a dash.
    caption : str
        What the table shows, in a few words; stands above it.
    digits : int
        Significant digits of the largest number of each column.
    alike : bool
        Whether all columns are of one unit, and written with equally many decimals.
    notes : sequence of str
        What has to be known to read the columns; stands below them.

    Raises
    ------
    ValueError
        If there is no column, or their lengths differ.

    Notes
    -----
    What a notebook shows is static: no script, no style sheet of its own, no generated names, so
    that the same numbers give the same bytes and a notebook that is not trusted shows it, too.

    Examples
    --------
    >>> import qxai
    >>> qxai.Table({"feature": ["age", "bmi"], "attribution": [0.25, -1.5]}, caption="Shapley")
    Shapley
    feature  attribution
    age             0.25
    bmi            -1.50
    """

    columns: Any
    caption: str = ""
    digits: int = 3
    alike: bool = False
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Freeze the columns, and refuse such as do not fit side by side."""
        given = self.columns
        pairs = given.items() if isinstance(given, Mapping) else given
        columns = tuple((str(name), list(column)) for name, column in pairs)
        lengths = [(name, len(column)) for name, column in columns]
        if len({length for _, length in lengths}) != 1:
            raise ValueError(f"columns: expected one or more of equal length, found {lengths}")
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "notes", tuple(self.notes))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0][1])

    def __getitem__(self, name: str) -> list[Any]:
        """Return a column; the first one of that name."""
        return list(next(column for label, column in self.columns if label == name))

    @property
    def cells(self) -> list[list[str]]:
        """The columns as they are written."""
        columns = [column for _, column in self.columns]
        together = max(map(_largest, columns)) if self.alike else None
        return [written(column, self.digits, together) for column in columns]

    def __repr__(self) -> str:
        """Write caption, names and rows as aligned text."""
        parts = [
            _aligned([name, *cells], _is_numeric(column))
            for (name, column), cells in zip(self.columns, self.cells)
        ]
        lines = ["  ".join(row).rstrip() for row in zip(*parts)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([*([self.caption] if self.caption else []), *lines, *notes])

    def _repr_html_(self) -> str:
        """Write the same as a table of HTML, numbers to the right."""
        numeric = [_is_numeric(column) for _, column in self.columns]
        head = "".join(
            f'<th scope="col"{_side(right)}>{html.escape(name)}</th>'
            for (name, _), right in zip(self.columns, numeric)
        )
        rows = "\n".join(_row(cells, numeric) for cells in zip(*self.cells))
        caption = f"<caption>{html.escape(self.caption)}</caption>\n" if self.caption else ""
        return (
            f'<table class="qxai-table">\n{caption}<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n{self._foot()}</table>"
        )

    def _foot(self) -> str:
        lines = "<br>".join(html.escape(note) for note in self.notes)
        cell = f'<td colspan="{len(self.columns)}" style="text-align: left">{lines}</td>'
        return f"<tfoot><tr>{cell}</tr></tfoot>\n" if self.notes else ""

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` of the columns.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        names = [name for name, _ in self.columns]
        frame = data_frame(dict(enumerate(column for _, column in self.columns)))
        return frame.set_axis(names, axis=1)


def data_frame(values: Any, names: Sequence[str] | None = None) -> Any:
    """Return a ``pandas.DataFrame`` with named columns, or say how to install pandas."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"pandas is not installed: run pip install pandas ({error})") from error
    return pandas.DataFrame(values, columns=names)


def written(column: Sequence[Any], digits: int, largest: float | None = None) -> list[str]:
    """Write the entries of a column: real numbers with equally many decimals.

    How many follows from its largest number, or from a larger one elsewhere.
    """
    most = _largest(column) if largest is None else largest
    return [_cell(value, most, digits) for value in column]


def _largest(column: Sequence[Any]) -> float:
    return max((abs(v) for v in column if _is_real(v) and math.isfinite(v)), default=0.0)


def significant(values: Any, sign: str = "") -> list[str]:
    """Write numbers of different units with four significant digits each, NaN as a dash."""
    written = (MISSING if math.isnan(v) else f"{v:{sign}.4g}" for v in map(float, values))
    return [text.replace("-", "−") for text in written]


def _cell(value: Any, largest: float, digits: int) -> str:
    if value is None or (_is_real(value) and math.isnan(value)):
        return MISSING
    if not _is_real(value):
        return str(value)
    if largest >= LARGE:
        return f"{value:.{digits - 1}e}"
    # What rounds to a power of ten counts as one, whatever its last bits are.
    before = math.floor(math.log10(largest * (1 + 1e-9))) if largest >= 10.0**-MOST_DECIMALS else 0
    decimals = min(MOST_DECIMALS, max(0, digits - 1 - before))
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"  # no minus before a zero


def _is_real(value: Any) -> bool:
    return isinstance(value, float | np.floating)


def _is_numeric(column: Sequence[Any]) -> bool:
    kinds = (int, float, np.integer, np.floating, type(None))
    return all(isinstance(value, kinds) and not isinstance(value, bool) for value in column)


def _aligned(cells: Sequence[str], right: bool) -> list[str]:
    width = max(map(len, cells))
    return [cell.rjust(width) if right else cell.ljust(width) for cell in cells]


def _side(right: bool) -> str:
    return f' style="text-align: {"right" if right else "left"}"'


def _row(cells: Sequence[str], numeric: Sequence[bool]) -> str:
    first, *rest = (html.escape(cell) for cell in cells)
    head = f'<th scope="row"{_side(numeric[0])}>{first}</th>'
    parts = (
        f"<td{_side(right)}>{cell.replace('-', '−') if right else cell}</td>"
        for cell, right in zip(rest, numeric[1:])
    )
    return f"<tr>{head}{''.join(parts)}</tr>"
