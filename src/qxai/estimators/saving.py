"""Writing trained estimators as JSON: numbers and names, nothing that runs."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from qxai.estimators.overlaps import KernelScores
from qxai.estimators.rows import names_of
from qxai.estimators.scores import CircuitScores
from qxai.files import replacing

FORMAT = 1
CODES = "iufbU"  # labels that a file can hold: numbers, truth values, text


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write the trained estimator to a JSON file, which `qxai.load_estimator` reads.

    It is written under a temporary name and then renamed, so that it is complete or not there.

    Parameters
    ----------
    path : str or path-like
        Must end in ``.json``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it has not been trained.
    ValueError
        If the name does not end in ``.json``, or labels are neither numbers nor text.
    OSError
        If it cannot be written.
    """
    target = Path(path)
    if target.suffix != ".json":
        raise ValueError(f"path: expected a name that ends in .json, found {target.name!r}")
    content = json.dumps(record(estimator), allow_nan=False).encode()
    with replacing(target) as file:
        file.write(content)


def record(estimator: Any) -> dict[str, Any]:
    """Return all that a trained estimator is made of, as JSON has it."""
    check_is_fitted(estimator)
    return {
        "format": FORMAT,
        "kind": type(estimator).__name__,
        "settings": _settings(estimator),
        "columns": estimator.n_features_in_,
        "classes": _labels(getattr(estimator, "classes_", None)),
        "scaler": estimator.scaler_.to_dict(),
        "names": names_of(estimator),
        "baseline": _list(getattr(estimator.baseline_, "sample", estimator.baseline_)),
        "history": {k: _list(v) for k, v in getattr(estimator, "history_", {}).items()},
        "scores": _scores(estimator.scores_),
    }


def _settings(estimator: Any) -> dict[str, Any]:
    """Return the settings but for what is no number: callbacks and generators stay behind."""
    kept = (int, float, np.integer, np.floating, type(None))
    settings = estimator.get_params(deep=False)
    found = {name: value if isinstance(value, kept) else None for name, value in settings.items()}
    return {n: v.item() if isinstance(v, np.generic) else v for n, v in found.items()}


def _labels(classes: Any) -> dict[str, Any] | None:
    if classes is None:
        return None
    if classes.dtype.kind == "O" and all(isinstance(label, str) for label in classes):
        return {"dtype": "O", "labels": classes.tolist()}
    if classes.dtype.kind not in CODES:
        raise ValueError(f"classes_: expected labels of numbers or text, found {classes.dtype}")
    return {"dtype": classes.dtype.str, "labels": classes.tolist()}


def _scores(scores: CircuitScores | KernelScores) -> dict[str, Any]:
    if isinstance(scores, KernelScores):
        support = _list(scores.kernel.support)
        return {"support": support, "dual": _list(scores.dual), "offsets": _list(scores.offsets)}
    return {
        "parameters": _list(scores.circuit.parameter_values),
        "weights": _list(scores.weights),
        "offsets": _list(scores.offsets),
    }


def _list(array: Any) -> Any:
    return np.asarray(array).tolist()
