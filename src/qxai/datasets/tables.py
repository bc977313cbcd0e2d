"""Tables of real measurements, reduced to as many features as a small circuit has qubits."""

from collections.abc import Collection
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from qxai.datasets.dataset import Dataset

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


def iris_species() -> Dataset:
    """Load all three species of iris.

    Returns
    -------
    Dataset
        150 flowers with 4 measurements in cm; 0 is setosa, 1 versicolor, 2 virginica (50 each).
        Source: Fisher 1936, as distributed with scikit-learn (CC BY 4.0).

    Examples
    --------
    >>> import qxai
    >>> qxai.datasets.iris_species()
    <Dataset: 150 rows, 4 features, setosa / versicolor / virginica>
    """
    source = load_iris()
    return Dataset(
        source.data, source.target, iris().feature_names, tuple(map(str, source.target_names))
    )


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


def wine_cultivars() -> Dataset:
    """Load the wine recognition data with all three cultivars, reduced to six features.

    Returns
    -------
    Dataset
        178 wines; 0, 1, 2 are cultivars 1 (59), 2 (71) and 3 (48). Source: Aeberhard and Forina
        1992, as distributed with scikit-learn (CC BY 4.0).

    Examples
    --------
    >>> import qxai
    >>> qxai.datasets.wine_cultivars()
    <Dataset: 178 rows, 6 features, cultivar 1 / cultivar 2 / cultivar 3>
    """
    two = wine()
    cultivars = tuple(f"cultivar {number}" for number in (1, 2, 3))
    return Dataset(two.X, load_wine().target, two.feature_names, cultivars)


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


def digit_images(one: int | Collection[int], other: int | Collection[int]) -> Dataset:
    """Load the handwritten images of two digits, or of two sets of digits, with all their pixels.

    Parameters
    ----------
    one, other : int or collection of int
        Digits from 0 to 9: those labelled −1, and those labelled +1.

    Returns
    -------
    Dataset
        About 180 images of each digit, 8×8 brightnesses from 0 to 16, row by row. Source: Alpaydin
        and Kaynak 1998, as distributed with scikit-learn (CC BY 4.0).

    Raises
    ------
    ValueError
        If a digit is in both, none is in one, or one is no digit.

    Examples
    --------
    >>> import qxai
    >>> data = qxai.datasets.digit_images(3, 8)
    >>> data
    <Dataset: 357 rows, 64 features, 3 / 8>
    >>> data.feature_names[:2], float(data.X.max())
    (('pixel 1,1', 'pixel 1,2'), 16.0)
    """
    groups = [_digits(part) for part in (one, other)]
    if not all(groups) or set(groups[0]) & set(groups[1]):
        raise ValueError(
            f"one, other: expected different digits from 0 to 9, found {one!r} and {other!r}"
        )
    source = load_digits()
    rows = np.isin(source.target, groups[0] + groups[1])
    names = tuple(f"pixel {r},{c}" for r in range(1, 9) for c in range(1, 9))
    y = np.where(np.isin(source.target[rows], groups[1]), 1.0, -1.0)
    labels = tuple(" ".join(map(str, part)) for part in groups)
    return Dataset(source.data[rows], y, names, (labels[0], labels[1]))


def _digits(part: Any) -> list[int]:
    """Return one digit, or several, in order; nothing if they are no digits."""
    several = [part] if isinstance(part, Integral) else part
    if not isinstance(several, Collection) or any(isinstance(i, bool) for i in several):
        return []
    known = [int(i) for i in several if isinstance(i, Integral) and int(i) in range(10)]
    return sorted(set(known)) if len(known) == len(several) else []
