"""Reading trained estimators: nothing of a file is trusted, and nothing in it runs."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from qxai.background import Background
from qxai.checks import check_positive
from qxai.core import Array
from qxai.datasets import AngleScaler, TableScaler
from qxai.datasets.records import texts_of
from qxai.estimators.classifier import Classifier
from qxai.estimators.kernel_classifier import KernelClassifier
from qxai.estimators.kernel_regressor import KernelRegressor
from qxai.estimators.learning import Plan
from qxai.estimators.overlaps import KernelScores, one_rotation_each
from qxai.estimators.regressor import Regressor
from qxai.estimators.rows import symbols_of
from qxai.estimators.saving import FORMAT
from qxai.estimators.scores import CircuitScores, check_qubits, untrained
from qxai.files import read

KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (Classifier, Regressor, KernelClassifier, KernelRegressor)
}
LIMIT = 2**28  # bytes
EXPECTED = "path: expected a file written by save() of an estimator"


def load_estimator(path: str | os.PathLike[str]) -> Any:
    """Read a trained estimator that its method ``save`` wrote.

    The file is JSON: numbers and names. The circuit is built anew from the settings, and all
    shapes are checked. A callback for progress and a ``random_state`` that is no number are not
    kept.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Classifier, Regressor, KernelClassifier or KernelRegressor
        Trained, with the same predictions to the last bit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If it cannot be read.
    ValueError
        If the file is damaged, is no estimator, or is larger than 256 MiB.

    Examples
    --------
    >>> import os, tempfile, qxai
    >>> from sklearn.datasets import load_iris
    >>> data = load_iris()
    >>> model = qxai.Classifier(epochs=5, random_state=0).fit(data.data, data.target)
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "iris.json")
    >>> model.save(path)
    >>> again = qxai.load_estimator(path)
    >>> bool((again.predict_proba(data.data) == model.predict_proba(data.data)).all())
    True
    >>> folder.cleanup()
    """
    try:
        return _estimator(json.loads(read(Path(path), LIMIT), parse_constant=_refuse))
    except OSError:
        raise
    except Exception as error:
        # A damaged file raises what its first damaged byte happens to mean: errors of keys, of
        # shapes, of the parser. They all say the same of the file.
        found = f"{type(error).__name__}: {str(error)[:300]}"
        raise ValueError(f"{EXPECTED}, found one that cannot be read ({found})") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"expected finite numbers, found {constant}")


def _estimator(record: dict[str, Any]) -> Any:
    if record["format"] != FORMAT:
        raise ValueError(f"expected format {FORMAT}, found {record['format']}; update qxai")
    kind, columns = KINDS[record["kind"]], record["columns"]
    estimator = kind(**_settings(kind, record["settings"]))
    estimator.n_features_in_ = _count("columns", columns)
    scaler = estimator.scaler_ = _scaler(record["scaler"], columns)
    if record["names"] is not None:
        names = texts_of(record, "names", columns)
        known = getattr(scaler, "columns", None) or scaler.feature_names
        if known is not None and tuple(known) != tuple(names):
            raise ValueError(f"names: expected those of the scaler, {known}, found {names}")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.baseline_ = _baseline(record["baseline"], scaler)
    if record["history"]:
        estimator.history_ = {str(k): _array(v, len(v)) for k, v in record["history"].items()}
    outputs = 1
    if hasattr(kind, "predict_proba"):
        classes = record["classes"]
        estimator.classes_ = _classes(classes["dtype"], classes["labels"])
        outputs = len(estimator.classes_)
    scores = _overlaps if "support" in record["scores"] else _circuit
    estimator.scores_ = scores(record["scores"], estimator, outputs)
    return estimator


def _settings(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    wanted = kind().get_params()
    if found.keys() != wanted.keys():
        raise ValueError(f"settings: expected {', '.join(wanted)}, found {', '.join(found)}")
    return found


def _scaler(found: dict[str, Any], columns: int) -> AngleScaler | TableScaler:
    if "mean" in found:
        numbers = AngleScaler.from_dict(found)
        count = numbers.num_features
    else:
        table = TableScaler.from_dict(found)
        count = len(table.columns)
    if count != columns:
        raise ValueError(f"scaler: expected {columns} columns, found {count}")
    return numbers if "mean" in found else table


def _baseline(found: Any, scaler: AngleScaler | TableScaler) -> Array | Background:
    if isinstance(scaler, TableScaler):
        return Background(_array(found, len(found), scaler.num_features))
    return _array(found, scaler.num_features)


def _circuit(found: dict[str, Any], estimator: Any, outputs: int) -> CircuitScores:
    Plan.of(estimator)  # refuses settings that cannot be meant
    names = symbols_of(estimator.scaler_)
    check_qubits(len(names))
    layers = _count("layers", estimator.layers)
    if layers > len(found["parameters"]):
        raise ValueError(f"layers: expected at most one a parameter, found {layers}")
    empty = untrained(names, layers, outputs, np.random.default_rng(0))
    return CircuitScores(
        empty.circuit.with_parameters(_array(found["parameters"], len(empty.circuit.parameters))),
        _array(found["weights"], outputs, len(names)),
        _array(found["offsets"], outputs),
    )


def _overlaps(found: dict[str, Any], estimator: Any, outputs: int) -> KernelScores:
    names, count = symbols_of(estimator.scaler_), len(found["support"])
    support = _array(found["support"], count, len(names))
    settings = estimator.get_params()
    for name, value in settings.items():
        check_positive(name, value)
    kernel = one_rotation_each(names, support, settings["bandwidth"])
    dual = _array(found["dual"], outputs, count)
    return KernelScores(kernel, dual, _array(found["offsets"], outputs))


def _array(found: Any, *shape: int) -> Array:
    array = np.array(found)
    if array.shape != shape or (array.size and array.dtype.kind not in "if"):
        raise ValueError(f"expected numbers of shape {shape}, found {array.dtype} {array.shape}")
    return array.astype(np.float64)


def _count(name: str, found: Any) -> int:
    if type(found) is not int or found < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, found {found!r}")
    return found


def _classes(dtype: str, labels: list[Any]) -> Any:
    kind = np.dtype(dtype)
    texts = all(isinstance(label, str) for label in labels)
    if kind.kind not in "iufbUO" or (kind.kind == "O" and not texts):
        raise ValueError(f"classes: expected numbers or text, found {dtype}")
    classes = np.array(labels, dtype=kind)
    if classes.ndim != 1 or len(np.unique(classes)) != len(labels) or len(labels) < 2:
        raise ValueError("classes: expected at least two different labels")
    return classes
