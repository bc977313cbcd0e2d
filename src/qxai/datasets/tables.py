"""Tables of real measurements, reduced to as many features as a small circuit has qubits."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
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

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.iris()
    >>> data.feature_names
    ('sepal length', 'sepal width', 'petal length', 'petal width')
    >>> data.X.shape, data.y.shape, data.label_names
    ((100, 4), (100,), ('versicolor', 'virginica'))
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

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.breast_cancer()
    >>> data.X.shape, int((data.y > 0).sum()), data.label_names
    ((569, 8), 212, ('benign', 'malignant'))
    """
    source = load_breast_cancer()
    names = list(source.feature_names)
    columns = [names.index(name) for name in BREAST_CANCER_FEATURES]
    malignant = source.target == list(source.target_names).index("malignant")
    short = tuple(name.removeprefix("mean ") for name in BREAST_CANCER_FEATURES)
    return Dataset(
        source.data[:, columns], np.where(malignant, 1.0, -1.0), short, ("benign", "malignant")
    )


def iris() -> Dataset:
    """Load two of the three species of iris: versicolor and virginica; setosa is told at a glance.

    Returns
    -------
    Dataset
        100 flowers with 4 measurements in cm; −1 is versicolor (50), +1 virginica (50). Source:
        Fisher 1936, as distributed with scikit-learn (CC BY 4.0).

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.iris()
    >>> data.X.shape, int((data.y > 0).sum()), data.label_names
    ((100, 4), 50, ('versicolor', 'virginica'))
    """
    source = load_iris()
    rows = source.target > 0
    names = tuple(name.removesuffix(" (cm)") for name in source.feature_names)
    y = np.where(source.target[rows] == 2, 1.0, -1.0)
    return Dataset(source.data[rows], y, names, ("versicolor", "virginica"))


# Six of thirteen, the first of each kind of measurement in the order of the source.
WINE_FEATURES = (
    "alcohol",
    "malic_acid",
    "ash",
    "magnesium",
    "total_phenols",
    "color_intensity",
)


def wine() -> Dataset:
    """Load the wine recognition data, second cultivar against the others, reduced to six features.

    Returns
    -------
    Dataset
        178 wines; −1 is cultivar 1 or 3 (107), +1 cultivar 2 (71). Source: Aeberhard and Forina
        1992, as distributed with scikit-learn (CC BY 4.0).

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.wine()
    >>> data.X.shape, int((data.y > 0).sum()), data.label_names
    ((178, 6), 71, ('cultivar 1 or 3', 'cultivar 2'))
    """
    source = load_wine()
    columns = [list(source.feature_names).index(name) for name in WINE_FEATURES]
    names = tuple(name.replace("_", " ") for name in WINE_FEATURES)
    y = np.where(source.target == 1, 1.0, -1.0)
    return Dataset(source.data[:, columns], y, names, ("cultivar 1 or 3", "cultivar 2"))


def digits() -> Dataset:
    """Load handwritten threes and eights, reduced to 3×3 pixels.

    The outermost ring of the 8×8 pixels is cut off and blocks of 2×2 are averaged.

    Returns
    -------
    Dataset
        357 images of 9 brightnesses from 0 to 16, row by row; −1 is a three (183), +1 an eight
        (174). Source: Alpaydin and Kaynak 1998, as distributed with scikit-learn (CC BY 4.0).

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.digits()
    >>> data.X.shape, int((data.y > 0).sum()), data.label_names
    ((357, 9), 174, ('three', 'eight'))
    """
    source = load_digits()
    rows = np.isin(source.target, (3, 8))
    inner = source.images[rows][:, 1:7, 1:7]
    X = inner.reshape(-1, 3, 2, 3, 2).mean(axis=(2, 4)).reshape(-1, 9)
    names = tuple(f"pixel {r},{c}" for r in range(1, 4) for c in range(1, 4))
    return Dataset(X, np.where(source.target[rows] == 8, 1.0, -1.0), names, ("three", "eight"))


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


@dataclass(frozen=True, eq=False)
class AngleScaler:
    """Maps each feature to an angle in [0, π]: its mean to π/2, two deviations to the ends.

    Attributes
    ----------
    mean, deviation : ndarrays, shape (d,)
        Of the training inputs, in the units of the source.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> scaler = qxai.datasets.AngleScaler.fitted(np.array([[1], [3]]))  # mean 2, deviation 1
    >>> print((scaler.angles(np.array([[0], [2], [9]])) / np.pi).round(3).ravel())
    [0.  0.5 1. ]
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
        rounding = 8 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
        constant = np.flatnonzero(deviation <= rounding)
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
