"""Trained circuits that the chapters share, one call away."""

from dataclasses import dataclass

import numpy as np

from qxai.core import Array, Indices
from qxai.datasets import (
    AngleScaler,
    Dataset,
    breast_cancer,
    read_parameters,
    splits,
    with_offset,
)
from qxai.models.ansatz import layered_classifier, restored
from qxai.models.circuit import PQC

VARIANTS = ("plain", "shortcut", "mended")


@dataclass(frozen=True, eq=False, repr=False)
class Example:
    """A trained circuit, with what it was trained and is tested on.

    Attributes
    ----------
    model : PQC
        Eight features, in radians; positive outputs mean malignant.
    scaler : AngleScaler
        From the table's units to radians, fitted to the training rows.
    data : Dataset
        The table in its own units.
    train, test : ndarray of int
        Row numbers.

    Examples
    --------
    >>> from qxai import examples
    >>> examples.tumours("shortcut")
    <Example: <Dataset: 569 rows, 8 features, benign / malignant>, 114 of them for tests>
    """

    model: PQC
    scaler: AngleScaler
    data: Dataset
    train: Indices
    test: Indices

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Example: {self.data!r}, {len(self.test)} of them for tests>"

    @property
    def X(self) -> Array:  # noqa: N802
        """The inputs of the test rows in radians, shape (N, d)."""
        return self.scaler.angles(self.data.X[self.test])

    @property
    def y(self) -> Array | Indices:
        """The labels of the test rows, ±1, shape (N,)."""
        return self.data.y[self.test]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The table's columns."""
        return self.data.feature_names


def tumours(variant: str = "plain", split: int = 0) -> Example:
    """Return a circuit that tells malignant tumours from benign ones, trained on one split.

    Parameters
    ----------
    variant : {"plain", "shortcut", "mended"}
        The measurements as they are; with symmetry six standard deviations too high in all
        malignant tumours; with the same offset in tumours drawn by a coin.
    split : int
        One of five, 0 to 4, as `datasets.splits` gives them.

    Returns
    -------
    Example
        The circuit, its scaler, and the table.

    Raises
    ------
    ValueError
        If there is no such variant or split.

    Examples
    --------
    >>> from qxai import examples
    >>> found = examples.tumours()
    >>> found.X.shape, found.feature_names[0]
    ((114, 8), 'radius')
    >>> print(((found.model(found.X) > 0) == (found.y > 0)).mean().round(2))
    0.95
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant: expected one of {', '.join(VARIANTS)}, found {variant!r}")
    clean = breast_cancer()
    parts = splits(clean)
    if split not in range(len(parts)):
        raise ValueError(f"split: expected a whole number from 0 to 4, found {split!r}")
    train, test = parts[split]
    data = _measured(clean, variant)
    values = read_parameters("breast_cancer_pqc.json")[variant][split]
    untrained = layered_classifier(8, layers=2, rng=np.random.default_rng(0))
    scaler = AngleScaler.fitted(data.X[train])
    return Example(restored(untrained, values), scaler, data, train, test)


def _measured(clean: Dataset, variant: str) -> Dataset:
    """Return the table as a variant saw it."""
    if variant == "plain":
        return clean
    if variant == "shortcut":
        rows = clean.y > 0
    else:
        rows = np.random.default_rng(0).random(len(clean.y)) < 0.5
    return with_offset(clean, "symmetry", rows, deviations=6.0)
