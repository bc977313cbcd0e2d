"""Scores of a quantum kernel: overlaps with training rows, and a coefficient for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import sympy

from qxai.checks import batches
from qxai.core import Array
from qxai.models.ansatz import angle_encoding
from qxai.models.kernel import KernelModel

MOST = 5000  # rows: their overlaps are decomposed in time like rows³


@dataclass(frozen=True, eq=False)
class KernelScores:
    """Scores ``s_c(x) = Σ_j α_cj κ(x, x_j) + b_c`` for inputs in radians.

    Attributes
    ----------
    kernel : KernelModel
        The feature map and the training rows; its own coefficients do not count.
    dual : ndarray, shape (C, S)
    offsets : ndarray, shape (C,)
    """

    kernel: KernelModel
    dual: Array
    offsets: Array

    def values(self, angles: Array) -> Array:
        """Return the scores (N, C) for inputs (N, d) in radians."""
        result = np.empty((len(angles), len(self.offsets)))
        for rows in batches(len(angles), self.dual.shape[1]):
            result[rows] = self.kernel.kernel(angles[rows]) @ self.dual.T + self.offsets
        return result

    def model(self, coefficients: Array) -> KernelModel:
        """Return the model ``Σ_c k_c s_c(x)`` of coefficients (C,)."""
        dual, intercept = coefficients @ self.dual, float(coefficients @ self.offsets)
        return replace(self.kernel, dual=dual, intercept=intercept)

    def centred(self) -> "KernelScores":
        """Return scores whose sum is zero: probabilities do not depend on what they share."""
        dual = self.dual - self.dual.mean(axis=0)
        return replace(self, dual=dual, offsets=self.offsets - self.offsets.mean())


def one_rotation_each(names: Sequence[str], support: Array, bandwidth: float) -> KernelModel:
    """Return the kernel ``κ(x, x') = Π_i cos²(h (x_i − x'_i) / 2)`` of bandwidth ``h``."""
    qubits = cirq.LineQubit.range(len(names))
    features = [sympy.Symbol(name) for name in names]
    feature_map = angle_encoding(qubits, [bandwidth * x for x in features])
    return KernelModel(feature_map, features, support, np.zeros(len(support)))


def check_rows(count: int) -> None:
    """Refuse more training rows than overlaps can be decomposed for.

    Raises
    ------
    ValueError
        With a call that chooses rows.
    """
    if count > MOST:
        raise ValueError(
            f"X: expected at most {MOST} rows, as overlaps of all pairs take time like rows**3, "
            f"found {count}; choose some, X, y = sklearn.utils.resample(X, y, replace=False, "
            "n_samples=2000, random_state=0), or use qxai.Classifier or qxai.Regressor"
        )


def coordinates(kernel: Array) -> tuple[Array, Array]:
    """Return coordinates Φ (S, r) with ``Φ Φᵀ = K``, and B (S, r) with ``Φ = K B``.

    A linear model with weights w on Φ is the kernel model with coefficients ``α = B w``, and
    ``|w|`` is its norm in the kernel's space: a linear model's penalty is the kernel's.
    """
    values, vectors = np.linalg.eigh(kernel)
    kept = values > len(kernel) * np.finfo(float).eps * values[-1]
    roots = np.sqrt(values[kept])
    return vectors[:, kept] * roots, vectors[:, kept] / roots
