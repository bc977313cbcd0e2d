"""What judging a model's explanations found: numbers, and how they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.metrics.relative import Interval
from qxai.table import MISSING, Table

# What a column asks, and where its best number is.
ASKED = {
    "completeness": "0 best",
    "deletion": "large best",
    "infidelity": "0 best",
    "randomised": "0 best",
    "baselines": "1 best",
    "seeds": "0 best",
}
ROUNDING = 1e-12  # numbers that differ by less are the same
SIGN = {"deletion": -1.0, "infidelity": 1.0}  # the metrics that rank, as what is to be small


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Judgement:
    """How methods fare on one model; in a notebook it draws itself as a table.

    Attributes
    ----------
    numbers : mapping from str to mapping from str to Interval
        For each method and each of ``"completeness"``, ``"deletion"``, ``"infidelity"``,
        ``"randomised"``, ``"baselines"`` and ``"seeds"``: ``value``, ``low``, ``high`` and the
        number ``n`` of inputs; NaN where a number is not defined.
    circular : mapping from str to tuple of str
        The metrics that play the very game by which a method is made.
    left_out : mapping from str to str
        Methods of the library that the model does not allow, and why.
    notes : sequence of str
        How each number was taken.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> X = np.random.default_rng(0).uniform(1, 2, (20, 2))
    >>> found = qxai.metrics.judge(model, X, rng=np.random.default_rng(1))
    >>> found.numbers["occlusion"]["completeness"].n, list(found.left_out)[0]
    (20, 'integrated gradients')
    """

    numbers: Mapping[str, Mapping[str, Interval]]
    circular: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]
    notes: Sequence[str]

    def first(self, metric: str) -> tuple[str, ...]:
        """Return the best method, and those that cannot be told from it: intervals overlap.

        Parameters
        ----------
        metric : str
            ``"deletion"`` or ``"infidelity"``; the others do not rank.

        Raises
        ------
        ValueError
            If the metric does not rank.
        """
        if metric not in SIGN:
            raise ValueError(f"metric: expected one of {list(SIGN)}, found {metric!r}")
        bounds = {}
        for name, row in self.numbers.items():
            value, *ends, _ = row[metric]
            if not np.isnan(value):
                low, high = sorted(SIGN[metric] * end for end in ends)
                known = not np.isnan(low)
                bounds[name] = (SIGN[metric] * value, low if known else -np.inf, high)
        if not bounds:
            return ()
        _, _, reach = min(bounds.values(), key=lambda bound: bound[0])
        reach = np.inf if np.isnan(reach) else reach + ROUNDING
        return tuple(name for name, (_, low, _) in bounds.items() if low <= reach)

    def table(self) -> Table:
        """Return a row for each method: numbers, and their intervals in brackets."""
        columns: dict[str, list[Any]] = {"method": list(self.numbers)}
        for metric, best in ASKED.items():
            columns[f"{metric} ({best})"] = [self._cell(name, metric) for name in self.numbers]
        caption, *notes = self.notes
        return Table(columns, caption, notes=[*notes, *self._ranks(), *self._missing()])

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def _cell(self, name: str, metric: str) -> str:
        number = self.numbers[name][metric]
        if np.isnan(number.value):
            return MISSING
        star = "*" if metric in self.circular[name] else ""
        if np.isnan(number.low):
            return _written(number.value) + star
        return f"{_written(number.value)}{star} [{_written(number.low)}, {_written(number.high)}]"

    def _ranks(self) -> list[str]:
        """Say which methods share the first place."""
        parts = []
        for metric in SIGN:
            names = self.first(metric)
            if len(names) > 1:
                parts.append(f"in {metric} no ranking among {', '.join(names)}: intervals overlap")
        return parts

    def _missing(self) -> list[str]:
        return [f"not for this model: {', '.join(self.left_out)}"] if self.left_out else []


def _written(value: float) -> str:
    """Write a number with two decimals, as far as that means something."""
    text = f"{value:.2g}" if abs(value) >= 100 else f"{round(value, 2) + 0.0:.2f}"
    return text.replace("-", "−")
