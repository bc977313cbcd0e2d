"""What is computed from several outputs: linear scores, and probabilities by a softmax."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import real_array
from qxai.core import Array, Estimate
from qxai.models.combination import MODELS, combined
from qxai.models.corners import Corners, joint_corners, slope_unit


@dataclass(frozen=True, eq=False, repr=False)
class Probability:
    """One probability of a softmax, ``P_c = exp s_c / Σ_k exp s_k``, of scores ``s``.

    It has values, a gradient where the scores have one, and no polynomial: attributions enumerate
    it, or integrate its gradient in steps. Probabilities sum to 1, so what a feature adds to one
    class it takes from the others. What a *contrast* of two classes rests on is exact all the
    same: ``log P_a − log P_b = s_a − s_b`` is a difference of scores, ``scores[a] − scores[b]``.

    Parameters
    ----------
    scores : Outputs
        ``s``, one for each class.
    name : str
        The class ``c``.

    Notes
    -----
    An estimate from shots takes each score as measured on its own, and carries its standard error
    through the derivative; the bias that the softmax bends into the mean is smaller, of the order
    of one over the shots.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> scores = qxai.Outputs.of(circuit, x, {"a": cirq.Z(q[0]), "b": cirq.Z(q[1])})
    >>> chances = scores.softmax()
    >>> print(chances["a"], chances.values([[0, np.pi]]).round(3))  # e / (e + 1/e)
    <Probability of 'a' among 2> [[0.881 0.119]]
    >>> odds = scores["a"] - scores["b"]  # log P_a − log P_b, exactly
    >>> print(odds.values([[0, np.pi]]), np.log(0.8808 / 0.1192).round(2))
    [2.] 2.0
    """

    scores: Any  # Outputs, which make this
    name: str

    __array_ufunc__ = None  # so that NumPy's numbers leave a product to this class
    __add__ = __radd__ = MODELS.added
    __sub__, __rsub__ = MODELS.subtracted, MODELS.subtracted_from
    __mul__ = __rmul__ = MODELS.scaled
    __truediv__, __neg__ = MODELS.divided, MODELS.negated

    def __call__(self, X: ArrayLike) -> Array:
        """Return the same as `values`."""
        return self.values(X)

    def __repr__(self) -> str:
        """Say of what it is the probability."""
        return f"<Probability of {self.name!r} among {len(self.scores)}>"

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.scores.num_features

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The names of the scores' features; None if they have none."""
        return self.scores.feature_names

    @property
    def place(self) -> int:
        """Which of the scores is that of its class."""
        return list(self.scores).index(self.name)

    @property
    def slope_unit(self) -> str:
        """Unit of the gradient, that of the scores' gradients."""
        return slope_unit(self.scores[self.name])

    @property
    def corners(self) -> Corners | None:
        """Where lines between raw inputs bend, if the scores take raw columns."""
        return joint_corners(self.scores.models.values())

    def values(self, X: ArrayLike) -> Array:
        """Return the probabilities for inputs (N, d), shape (N,)."""
        return softmax(self.scores.values(X))[:, self.place]

    def estimate(self, X: ArrayLike) -> Estimate:
        """Return the probabilities (N,) with standard errors: 0 where the scores are exact."""
        found = probabilities(self.scores.estimate(X))
        column = self.place
        errors = found.standard_error[:, column]
        return Estimate(found.values[:, column], errors, found.evaluations, found.shots)

    @property
    def gradient(self) -> Callable[[ArrayLike], Array]:
        """``gradient(X)``: ``P_c (∂s_c − Σ_k P_k ∂s_k)`` for inputs (N, d), shape (N, d)."""
        slopes = self.scores.gradient  # or it says which score has none
        return lambda X: chained(self.scores.values(X), slopes(X))[:, self.place]


def linear_head(
    models: Mapping[str, Any], weights: ArrayLike, bias: ArrayLike, names: Sequence[str] | None
) -> dict[str, Any]:
    """Return ``W s + b`` of the models' outputs ``s`` as models by name, as sums of the models.

    Raises
    ------
    ValueError
        If shapes or names do not match, or numbers are not finite.
    """
    matrix = real_array(weights, "weights: expected real numbers")
    if matrix.ndim != 2 or matrix.shape[1] != len(models) or not len(matrix):
        raise ValueError(
            f"weights: expected shape (C', {len(models)}), a column for each of "
            f"{', '.join(models)}, found {matrix.shape}"
        )
    shift = real_array(bias, "bias: expected real numbers")
    if shift.shape not in ((), (len(matrix),)):
        raise ValueError(f"bias: expected shape ({len(matrix)},), found {shift.shape}")
    listed = list(models if names is None else names)
    if len(listed) != len(matrix) or len(set(listed)) < len(listed):
        raise ValueError(
            f"names: expected {len(matrix)} different ones, one for each row of weights, found "
            f"{listed}; pass names=[…]"
        )
    if not (np.isfinite(matrix).all() and np.isfinite(shift).all()):
        raise ValueError("weights, bias: expected finite numbers, found NaN or infinity")
    rows = zip(listed, matrix.tolist(), np.broadcast_to(shift, len(matrix)).tolist())
    return {name: combined(row, list(models.values()), b) for name, row, b in rows}


def softmax(scores: Array) -> Array:
    """Return ``exp s_c / Σ_k exp s_k`` of scores (N, C)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))  # the largest is 1: no overflow
    return powers / powers.sum(axis=1, keepdims=True)


def chained(scores: Array, slopes: Array) -> Array:
    """Return the derivatives (N, C, d) of a softmax from scores (N, C) and theirs (N, C, d)."""
    chances = softmax(scores)[:, :, None]
    return chances * (slopes - np.sum(chances * slopes, axis=1, keepdims=True))


def probabilities(scores: Estimate) -> Estimate:
    """Carry estimates of scores (N, C), each independent, through the softmax."""
    chances = softmax(scores.values)
    shares = (chances * scores.standard_error) ** 2
    # Σ_k (∂P_c/∂s_k σ_k)² with ∂P_c/∂s_k = P_c (δ_ck − P_k)
    variance = chances**2 * shares.sum(axis=1, keepdims=True) + (1 - 2 * chances) * shares
    return Estimate(chances, np.sqrt(np.maximum(variance, 0.0)), scores.evaluations, scores.shots)
