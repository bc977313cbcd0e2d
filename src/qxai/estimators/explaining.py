"""Explanations in raw columns."""

import inspect
from collections.abc import Callable, Mapping
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
    takes = inspect.signature(method).parameters
    if baseline is not None and "baseline" not in takes:
        raise TypeError(
            f"baseline: expected None, as {_name(method)} has no baseline, found {baseline!r}"
        )
    rows, scaler = checked(estimator, X), estimator.scaler_
    settings: dict[str, Any] = {}
    if isinstance(scaler, TableScaler):
        _check_groups(method, takes)
        settings["groups"] = scaler.groups
        if baseline is not None:
            baseline = _angles(scaler, baseline)
        rows = scaler.angles(rows)
    else:
        model = Scaled(model, scaler, names_of(estimator))
    if "baseline" in takes:
        settings["baseline"] = estimator.baseline_ if baseline is None else baseline
    return method(model, rows, **settings)


def _check_groups(method: Callable[..., Any], takes: Mapping[str, Any]) -> None:
    """Refuse a method for which the levels of a column could not come and go together."""
    if "groups" not in takes:
        raise TypeError(
            f"method: expected one that takes groups=, as columns hold categories, found "
            f"{_name(method)}; use qxai.shapley or qxai.occlusion"
        )


def _angles(scaler: TableScaler, baseline: Any) -> Array | Background:
    if not is_table(baseline):
        raise TypeError(
            "baseline: expected a table of raw rows, such as X[:50], as columns hold categories, "
            f"found {type(baseline).__name__}"
        )
    found = scaler.angles(baseline)
    return found[0] if len(found) == 1 else Background(found)


def _name(method: Callable[..., Any]) -> str:
    return str(getattr(method, "__name__", method))
