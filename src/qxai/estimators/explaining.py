"""Explanations in raw columns."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qxai.attribution import Attribution
from qxai.background import Background
from qxai.core import Array
from qxai.datasets import TableScaler
from qxai.estimators.rows import checked, names_of
from qxai.frames import is_table
from qxai.models.front import Scaled


def explained(
    estimator: Any, X: Any, method: Callable[..., Attribution], model: Any, baseline: Any
) -> Attribution:
    """Explain a model of angles by the raw columns of an estimator.

    A method that starts from a baseline gets the estimator's, if no other is given. All angles of
    a column of categories come and go together.

    Raises
    ------
    TypeError
        If a baseline is given to a method without one, or is no table where columns hold
        categories; if a method knows no groups there.
    """
    takes, bound = _arguments(method)
    if baseline is not None and ("baseline" not in takes or "baseline" in bound):
        raise TypeError(
            f"baseline: expected None, as {_name(method)} has no baseline or its own, found "
            f"{baseline!r}"
        )
    rows = checked(estimator, X)
    if isinstance(estimator.scaler_, TableScaler):
        check_groups(method)
        return _of_categories(estimator, rows, method, model, baseline)
    scaled = Scaled(model, estimator.scaler_, names_of(estimator))
    if "baseline" not in takes or "baseline" in bound:
        return method(scaled, rows)
    return method(scaled, rows, baseline=estimator.baseline_ if baseline is None else baseline)


def _arguments(method: Callable[..., Any]) -> tuple[set[str], set[str]]:
    """Return the names that a method takes, and those that a partial has given already.

    One that takes any name is expected to hand them on to a method of the library.
    """
    parameters = inspect.signature(method).parameters.values()
    any_name = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
    takes = {one.name for one in parameters} | ({"baseline", "groups"} if any_name else set())
    return takes, set(getattr(method, "keywords", ()))


def _of_categories(
    estimator: Any, rows: Any, method: Callable[..., Attribution], model: Any, baseline: Any
) -> Attribution:
    """Explain by groups of angles; what is shown as inputs are raw numbers, and 1 for a level."""
    scaler: TableScaler = estimator.scaler_
    absent = estimator.baseline_ if baseline is None else as_angles(scaler, baseline)
    found = method(model, scaler.angles(rows), baseline=absent, groups=scaler.groups)
    if not isinstance(absent, Background):
        found = replace(found, baseline=scaler.readings(baseline)[0])
    return replace(found, inputs=scaler.readings(rows))


def check_groups(method: Callable[..., Any]) -> None:
    """Refuse a method for which the levels of a column could not come and go together.

    Raises
    ------
    TypeError
        If it knows no groups, or has been given some already.
    """
    takes, bound = _arguments(method)
    if given := bound & {"groups", "baseline"}:
        raise TypeError(
            f"method: expected one without {', '.join(sorted(given))}, as columns hold "
            "categories: their levels are the groups; pass explain(X, method, baseline=X[:50])"
        )
    if not {"groups", "baseline"} <= takes or "players" in takes:
        raise TypeError(
            "method: expected one that takes groups= and baseline=, as columns hold categories, "
            f"found {_name(method)}; use qxai.shapley or qxai.occlusion"
        )


def as_angles(scaler: TableScaler, baseline: Any) -> Array | Background:
    """Return raw rows as the angles of a baseline: one row as a point, several as a sample.

    Raises
    ------
    TypeError
        If they are no table.
    """
    if not is_table(baseline):
        raise TypeError(
            "baseline: expected a table of raw rows, such as X[:50], as columns hold categories, "
            f"found {type(baseline).__name__}"
        )
    found = scaler.angles(baseline)
    return found[0] if len(found) == 1 else Background(found)


def _name(method: Callable[..., Any]) -> str:
    return str(getattr(method, "__name__", method))
