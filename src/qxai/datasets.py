"""Data to learn from, and the verified files under ``data/``."""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold

from qxai.core import Array, Indices


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table of inputs with labels.

    Attributes
    ----------
    X : ndarray, shape (N, d)
        Inputs in the units of the source.
    y : ndarray, shape (N,)
        Labels ±1.
    feature_names : tuple of str, length d
    label_names : tuple of str, length 2
        What −1 and +1 mean.
    """

    X: Array
    y: Array
    feature_names: tuple[str, ...]
    label_names: tuple[str, str]


# Eight of the ten means; perimeter and area repeat the radius.
BREAST_CANCER_FEATURES = (
    "mean radius",
    "mean texture",
    "mean smoothness",
    "mean compactness",
    "mean concavity",
    "mean concave points",
    "mean symmetry",
    "mean fractal dimension",
)


def breast_cancer() -> Dataset:
    """Load the Wisconsin diagnostic breast cancer data, reduced to eight features.

    Returns
    -------
    Dataset
        569 cell-nucleus measurements; −1 is benign (357), +1 malignant (212). Source: Wolberg,
        Street and Mangasarian 1995, as distributed with scikit-learn (CC BY 4.0).
    """
    source = load_breast_cancer()
    names = list(source.feature_names)
    columns = [names.index(name) for name in BREAST_CANCER_FEATURES]
    malignant = source.target == list(source.target_names).index("malignant")
    short = tuple(name.removeprefix("mean ") for name in BREAST_CANCER_FEATURES)
    return Dataset(
        source.data[:, columns], np.where(malignant, 1.0, -1.0), short, ("benign", "malignant")
    )


def splits(dataset: Dataset) -> list[tuple[Indices, Indices]]:
    """Return five (train, test) pairs of row numbers, fixed once and stratified by label."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return [(train, test) for train, test in folds.split(dataset.X, dataset.y)]


@dataclass(frozen=True, eq=False)
class AngleScaler:
    """Maps each feature to an angle in [0, π]: its mean to π/2, two deviations to the ends.

    Attributes
    ----------
    mean, deviation : ndarrays, shape (d,)
        Of the training inputs, in the units of the source.
    """

    mean: Array
    deviation: Array

    @classmethod
    def fitted(cls, X: Array) -> "AngleScaler":
        """Take mean and standard deviation from training inputs (N, d).

        Raises
        ------
        ValueError
            If there are no inputs, or one is not finite, or a feature does not vary.
        """
        if not len(X) or not np.isfinite(X).all():
            raise ValueError(f"X: expected finite rows, found shape {X.shape} with NaN or no rows")
        deviation = X.std(axis=0)
        constant = np.flatnonzero(deviation <= 1e-12 * np.abs(X).max(axis=0))
        if len(constant):
            raise ValueError(
                f"X: expected features that vary, found constant columns {constant}; drop them"
            )
        return cls(X.mean(axis=0), deviation)

    def angles(self, X: Array) -> Array:
        """Return the inputs (N, d) as angles in radians; what lies further out is clipped."""
        return np.pi / 2 * (1 + np.clip((X - self.mean) / (2 * self.deviation), -1, 1))


def with_offset(
    dataset: Dataset, feature: str, rows: NDArray[np.bool_], deviations: float
) -> Dataset:
    """Shift one feature in some rows by a multiple of its standard deviation.

    Parameters
    ----------
    dataset : Dataset
    feature : str
        Name of the feature.
    rows : ndarray of bool, shape (N,)
        Which rows to shift.
    deviations : float
        Size of the shift in standard deviations of the unshifted feature.

    Raises
    ------
    ValueError
        If the dataset has no such feature.
    """
    if feature not in dataset.feature_names:
        raise ValueError(
            f"feature: expected one of {', '.join(dataset.feature_names)}, found {feature!r}"
        )
    column = dataset.feature_names.index(feature)
    X = dataset.X.copy()
    X[rows, column] += deviations * dataset.X[:, column].std()
    return replace(dataset, X=X)


def data_directory() -> Path:
    """Find ``data/``: ``QXAI_DATA`` if set, else beside the sources of an editable install.

    Raises
    ------
    FileNotFoundError
        If there is no such directory.
    """
    default = Path(__file__).resolve().parents[2] / "data"
    directory = Path(os.environ.get("QXAI_DATA", default))
    if not (directory / "SHA256SUMS").is_file():
        raise FileNotFoundError(
            f"data: expected a directory with SHA256SUMS, found none at {directory}; "
            "set QXAI_DATA to the project's data/ directory"
        )
    return directory


def read_data(name: str) -> bytes:
    """Read a file under ``data/`` and check it against ``SHA256SUMS``.

    Raises
    ------
    ValueError
        If the checksum of the file is not the recorded one, or none is recorded.
    """
    directory = data_directory()
    lines = (directory / "SHA256SUMS").read_text().splitlines()
    recorded = {path: digest for digest, path in (line.split() for line in lines)}
    content = (directory / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != recorded.get(name):
        raise ValueError(
            f"{name}: expected sha256 {recorded.get(name, 'recorded in SHA256SUMS')}, found "
            f"{found}; restore the file, or run make data to make it again"
        )
    return content


def read_parameters(name: str) -> dict[str, Array]:
    """Read trained parameters: for each variant of a model one row of values per split.

    Returns
    -------
    dict from str to ndarray, shape (splits, P)

    Raises
    ------
    ValueError
        If the checksum of the file is not the recorded one.
    """
    content = json.loads(read_data(name))
    return {variant: np.array(rows) for variant, rows in content["parameters"].items()}


def write_data(name: str, content: bytes) -> None:
    """Write a file under ``data/`` and its checksum, each by renaming a finished file.

    An interruption between the two leaves a file that `read_data` refuses.
    """
    directory = data_directory()
    sums = directory / "SHA256SUMS"
    others = [line for line in sums.read_text().splitlines() if line.split()[1:] != [name]]
    digest = hashlib.sha256(content).hexdigest()
    _replace(directory / name, content)
    _replace(sums, "".join(f"{line}\n" for line in sorted([*others, f"{digest}  {name}"])).encode())


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".tmp")
    partial.write_bytes(content)
    os.replace(partial, path)
