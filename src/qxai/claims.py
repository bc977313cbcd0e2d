"""Claims that an experiment can contradict, written before it is run, and how they came out."""

import math
import tomllib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from qxai.core import Array
from qxai.datasets import data_directory
from qxai.table import Table

SIDES = ("below", "above")
COVERAGE = 0.95
FEWEST = 6  # of five values, no two enclose the median with 95 per cent


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is expected of an experiment, in a form that it can contradict.

    Attributes
    ----------
    avenue : str
        What the claim belongs to.
    statement : str
        What is claimed.
    statistic : str
        What is computed for one seed, a number, with its unit.
    expected : str
        ``"below"`` or ``"above"``: on which side of the threshold its median lies.
    threshold : float
        In the unit of the statistic.
    seeds : int
        How many values are computed; six at least.
    before : str
        What was known of the outcome when the claim was written.
    amended : str
        What was changed afterwards, and why; empty if nothing was.

    Raises
    ------
    ValueError
        If the side is none of the two, or there are too few seeds for an interval.

    Examples
    --------
    >>> from qxai import claims
    >>> {claim.expected for claim in claims.read("concentration").values()} <= {"below", "above"}
    True
    """

    avenue: str
    statement: str
    statistic: str
    expected: str
    threshold: float
    seeds: int
    before: str
    amended: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        if self.expected not in SIDES:
            raise ValueError(f"expected: expected one of {SIDES}, found {self.expected!r}")
        if self.seeds < FEWEST:
            raise ValueError(f"seeds: expected {FEWEST} or more, found {self.seeds}")

    def judge(self, values: ArrayLike) -> "Verdict":
        """Compare the median of the values with the threshold.

        Parameters
        ----------
        values : array_like, shape (seeds,)
            The statistic of each seed.

        Returns
        -------
        Verdict

        Raises
        ------
        ValueError
            If there are not as many values as seeds, or one is not finite.
        """
        found = np.asarray(values, dtype=float)
        if found.shape != (self.seeds,):
            raise ValueError(
                f"values: expected one for each of {self.seeds} seeds, found {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ValueError(f"values: expected finite numbers, found {found[~np.isfinite(found)]}")
        return Verdict(self, found)

    def _table(self) -> Table:
        rows = {
            "claim": self.statement,
            "a seed's number": self.statistic,
            "expected": f"a median {self.expected} {self.threshold:g}",
            "seeds": str(self.seeds),
            "known before": self.before,
            **({"amended": self.amended} if self.amended else {}),
        }
        return Table({"avenue": list(rows), self.avenue: list(rows.values())})

    def __repr__(self) -> str:
        """Write the claim as a table."""
        return repr(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


@dataclass(frozen=True, eq=False)
class Verdict:
    """How a claim came out.

    The interval lies between two of the sorted values, equally many from either end. How many
    values fall below the true median is a matter of fair coins, whatever their distribution; so it
    encloses that median with a probability of 95 per cent or more, if seeds are independent.

    Attributes
    ----------
    claim : Claim
        What was expected.
    values : ndarray, shape (seeds,)
        What was found.

    Examples
    --------
    >>> from qxai.claims import Claim
    >>> claim = Claim(
    ...     avenue="Dice", statement="A throw is below 4.", statistic="pips",
    ...     expected="below", threshold=4.0, seeds=6, before="Nothing.",
    ... )
    >>> claim.judge([1, 2, 6, 3, 2, 1]).word
    'undecided'
    """

    claim: Claim
    values: Array

    @property
    def median(self) -> float:
        """The median over seeds."""
        return float(np.median(self.values))

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return float(np.sort(self.values)[self._left_out])

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return float(np.sort(self.values)[len(self.values) - 1 - self._left_out])

    @property
    def _left_out(self) -> int:
        """How many of the smallest, and of the largest, the interval can do without."""
        size, left_out, outside = len(self.values), 0, 2 / 2 ** len(self.values)
        while (outside := outside + 2 * math.comb(size, left_out + 1) / 2**size) <= 1 - COVERAGE:
            left_out += 1
        return left_out

    @property
    def word(self) -> str:
        """``"came out"``, ``"failed"``, or ``"undecided"``: the interval holds the threshold."""
        threshold, below = self.claim.threshold, self.claim.expected == "below"
        if self.low <= threshold <= self.high:
            return "undecided"
        return "came out" if (self.high < threshold) == below else "failed"

    def _table(self) -> Table:
        columns = {
            "avenue": [self.claim.avenue],
            "expected": [f"{self.claim.expected} {self.claim.threshold:g}"],
            "median": [self.median],
            "from": [self.low],
            "to": [self.high],
            "seeds": [self.claim.seeds],
            "verdict": [self.word],
        }
        return Table(columns)

    def __repr__(self) -> str:
        """Write the outcome as a row of a table."""
        return repr(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def read(chapter: str) -> dict[str, Claim]:
    """Read the claims of a chapter, as they were written before its experiments were run.

    Parameters
    ----------
    chapter : str
        The name of its page, such as ``"concentration"``.

    Returns
    -------
    dict from str to Claim
        In the order of the file, ``study/claims/<chapter>.toml``.

    Raises
    ------
    ValueError
        If there are no claims of that name, or an entry is not as it should be.
    """
    folder = data_directory().parent / "study" / "claims"
    chapters = sorted(path.stem for path in folder.glob("*.toml"))
    if chapter not in chapters:
        raise ValueError(f"chapter: expected one of {chapters}, found {chapter!r}")
    entries = tomllib.loads((folder / f"{chapter}.toml").read_text(encoding="utf-8"))
    return {name: _claim(f"{chapter}: {name}", entry) for name, entry in entries.items()}


def _claim(name: str, entry: dict[str, object]) -> Claim:
    known = {field.name for field in fields(Claim)}
    missing = sorted(known - {"amended"} - set(entry))
    unknown = sorted(set(entry) - known)
    if missing or unknown:
        raise ValueError(
            f"{name}: expected the keys {sorted(known)}; missing {missing}, unknown {unknown}"
        )
    return Claim(**entry)  # type: ignore[arg-type]
