"""A report on an estimator in raw columns, categories among them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qxai.attribution import Attribution
from qxai.attributions.occlusion import occlusion
from qxai.attributions.shapley import shapley
from qxai.attributions.taylor import taylor
from qxai.background import Background
from qxai.checks import check_generator
from qxai.core import Array
from qxai.datasets import TableScaler
from qxai.datasets.categories import Levels
from qxai.estimators.explaining import as_angles, check_groups
from qxai.estimators.rows import checked, names_of
from qxai.metrics.candidates import redrawn
from qxai.metrics.cases import REDRAWN
from qxai.models.front import Scaled
from qxai.reporting.arguments import called, check_methods
from qxai.reporting.document import check_page
from qxai.reporting.report import write_report
from qxai.reporting.subject import Subject, subject_of

Method = Callable[..., Attribution]
BY_COLUMN: Mapping[str, Method] = {
    "Shapley": shapley,
    "occlusion": occlusion,
    "Taylor-∞": taylor,
}


@dataclass(frozen=True, eq=False)
class Columns:
    """A model of angles as one of raw columns, each of them one number.

    Of a column of numbers it is the angle, of a column of categories the number of the level. So
    whatever takes features away one by one takes whole columns.

    Attributes
    ----------
    model : model of angles
    scaler : TableScaler
    """

    model: Any
    scaler: TableScaler

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.scaler.columns

    @property
    def num_features(self) -> int:
        """Number of columns."""
        return len(self.scaler.columns)

    def values(self, X: Any) -> Array:
        """Return the outputs for columns (N, c), shape (N,)."""
        return np.asarray(self.model.values(self.angles(np.asarray(X, dtype=np.float64))))

    def angles(self, columns: Array) -> Array:
        """Return columns (N, c) as angles (N, d)."""
        found = np.empty((len(columns), self.scaler.num_features))
        for number, (levels, places) in enumerate(self._columns):
            column = columns[:, number]
            one = column[:, None] if levels is None else levels.angles(_codes(column, levels))
            found[:, list(places)] = one
        return found

    def columns(self, angles: Array) -> Array:
        """Return angles (N, d) as columns (N, c)."""
        return np.column_stack([_column(angles[:, list(p)], one) for one, p in self._columns])

    def shown(self, rows: Any) -> list[list[Any]]:
        """Return raw rows as they are written: numbers, and the names of levels."""
        readings, columns = self.scaler.readings(rows), self.columns(self.scaler.angles(rows))
        written = []
        for number, (levels, places) in enumerate(self._columns):
            if levels is None:
                written.append([f"{value:.4g}" for value in readings[:, places[0]]])
            else:
                written.append([str(levels.levels[int(code)]) for code in columns[:, number]])
        return [list(row) for row in zip(*written)]

    @property
    def _columns(self) -> list[tuple[Levels | None, tuple[int, ...]]]:
        levels = {one.column: one for one in self.scaler.categories}
        return [(levels.get(name), places) for name, places in self.scaler.groups.items()]


def reported(
    estimator: Any,
    X: Any,
    path: str | os.PathLike[str],
    model: Any,
    title: str,
    description: str,
    methods: Mapping[str, Method] | None,
    baseline: Any,
    other_baseline: Any,
    rng: np.random.Generator | None,
    **settings: Any,
) -> list[str]:
    """Write a report on a model of angles in the raw columns of its estimator."""
    target = check_page(path, title)
    source = np.random.default_rng(0) if rng is None else check_generator(rng)
    check_methods(methods)
    rows = checked(estimator, X)
    if isinstance(estimator.scaler_, TableScaler):
        columns = Columns(model, estimator.scaler_)
        subject = _of_categories(estimator, rows, columns, baseline, other_baseline)
        methods = BY_COLUMN if methods is None else methods
        methods = {name: by_column(method) for name, method in methods.items()}
        others = redrawn(model, REDRAWN, source)
        settings["randomised"] = [replace(columns, model=one) for one in others]
    else:
        scaled = Scaled(model, estimator.scaler_, names_of(estimator))
        start = estimator.baseline_ if baseline is None else baseline
        subject = subject_of(scaled, rows, start, other_baseline, None, description)
    if baseline is None:
        subject = replace(subject, absent_text=_standing_for(estimator))
    subject = replace(subject, description=description)
    return write_report(target, title, subject, methods, source, **settings)


def by_column(method: Method) -> Method:
    """Return a method of the library as one of `Columns`: angles of a column go together."""
    check_groups(method)

    def explain(model: Columns, X: Array, baseline: Array | Background) -> Attribution:
        if isinstance(baseline, Background):
            absent: Any = Background(model.angles(baseline.sample))
        else:
            absent = model.angles(baseline)
        found = method(model.model, model.angles(X), baseline=absent, groups=model.scaler.groups)
        return replace(found, inputs=None, baseline=None, groups=None)

    return explain


def _of_categories(
    estimator: Any, rows: Any, columns: Columns, baseline: Any, other: Any
) -> Subject:
    """Return the question of a table with categories; another baseline is its most usual row."""
    scaler: TableScaler = estimator.scaler_
    with called("baseline", "X", "sample"):
        start = estimator.baseline_ if baseline is None else as_angles(scaler, baseline)
    given = _in_columns(columns, start)
    if other is None:
        typical = _most_usual(
            start.sample if isinstance(start, Background) else estimator.baseline_.sample
        )
        found, text = columns.columns(typical[None])[0], "one usual row"
    else:
        with called("other_baseline", "baseline", "X", "sample"):
            found, text = _in_columns(columns, as_angles(scaler, other)), ""
    inputs = columns.columns(scaler.angles(rows))
    subject = subject_of(columns, inputs, given, found, None, None)
    return replace(
        subject,
        shown=columns.shown(rows),
        other_text=text or subject.other_text,
        distances=False,
    )


def _in_columns(columns: Columns, angles: Array | Background) -> Any:
    if isinstance(angles, Background):
        return Background(columns.columns(angles.sample))
    return columns.columns(angles[None])[0]


def _most_usual(sample: Array) -> Array:
    """Return the row that is nearest to all others."""
    distances = np.abs(sample[:, None] - sample).sum(axis=(1, 2))
    return np.asarray(sample[int(np.argmin(distances))])


def _standing_for(estimator: Any) -> str:
    start = estimator.baseline_
    if isinstance(start, Background):
        return f"{len(start.sample)} of the training rows"
    return "the mean of the training rows"


def _codes(column: Array, levels: Levels) -> Any:
    return np.clip(np.rint(column), 0, len(levels.levels) - 1).astype(np.intp)


def _column(angles: Array, levels: Levels | None) -> Array:
    """Return a column (N,) of its angles (N, k)."""
    if levels is None:
        return angles[:, 0]
    known = levels.angles(np.arange(len(levels.levels)))
    distances = np.abs(angles[:, None] - known).sum(axis=2)
    return np.asarray(distances.argmin(axis=1), dtype=np.float64)
