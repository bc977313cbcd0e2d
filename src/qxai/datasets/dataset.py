"""A table with labels, split and shifted."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from qxai.core import Array, Indices


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A table of inputs with labels.

    Attributes
    ----------
    X : ndarray, shape (N, d)
        Inputs in the units of the source.
    y : ndarray, shape (N,)
        Labels: ±1 for two classes; 0, 1, …, C − 1 for more.
    feature_names : tuple of str, length d
    label_names : tuple of str, length C
        What −1 and +1, or 0, 1, …, mean.

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.iris()
    >>> data
    <Dataset: 100 rows, 4 features, versicolor / virginica>
    >>> data.feature_names
    ('sepal length', 'sepal width', 'petal length', 'petal width')
    >>> print(data.y[[0, -1]], data.labels[[0, -1]])
    [-1.  1.] ['versicolor' 'virginica']
    """

    X: Array
    y: Array | Indices
    feature_names: tuple[str, ...]
    label_names: tuple[str, ...]

    def __repr__(self) -> str:
        """Say how large it is and what it tells apart."""
        size = f"{len(self.X)} rows, {len(self.feature_names)} features"
        return f"<Dataset: {size}, {' / '.join(self.label_names)}>"

    @property
    def labels(self) -> NDArray[np.str_]:
        """The name of each row's class, shape (N,)."""
        numbers = self.y > 0 if len(self.label_names) == 2 else self.y
        return np.array(self.label_names)[np.asarray(numbers, dtype=np.intp)]

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with named features and a last column ``label``."""
        import pandas as pd

        return pd.DataFrame(self.X, columns=list(self.feature_names)).assign(label=self.labels)


def splits(dataset: Dataset) -> list[tuple[Indices, Indices]]:
    """Split a table into five (train, test) pairs, fixed once and stratified by label.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of (ndarray, ndarray)
        Row numbers; each row is in one of the tests.

    Examples
    --------
    >>> import qxai
    >>> pairs = qxai.datasets.splits(qxai.datasets.iris())
    >>> [(len(train), len(test)) for train, test in pairs]
    [(80, 20), (80, 20), (80, 20), (80, 20), (80, 20)]
    """
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return [(train, test) for train, test in folds.split(dataset.X, dataset.y)]


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

    Returns
    -------
    Dataset
        A copy with other inputs.

    Raises
    ------
    ValueError
        If the dataset has no such feature.

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.iris()
    >>> moved = qxai.datasets.with_offset(data, "petal width", data.y > 0, deviations=2)
    >>> change = (moved.X - data.X) / data.X.std(axis=0)
    >>> print(change[[0, -1]].round(3))  # of the first flower, −1, and of the last, +1
    [[0. 0. 0. 0.]
     [0. 0. 0. 2.]]
    """
    if feature not in dataset.feature_names:
        raise ValueError(
            f"feature: expected one of {', '.join(dataset.feature_names)}, found {feature!r}"
        )
    column = dataset.feature_names.index(feature)
    X = dataset.X.copy()
    X[rows, column] += deviations * dataset.X[:, column].std()
    return replace(dataset, X=X)
