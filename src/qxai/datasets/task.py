"""What a task with a known answer is."""

from dataclasses import dataclass

import numpy as np

from qxai.core import Array, Mask
from qxai.representations.product import ProductPolynomial


@dataclass(frozen=True, eq=False, repr=False)
class Task:
    """Inputs, targets, and what an explanation of a model that has learnt them should find.

    Attributes
    ----------
    name : str
    X : ndarray, shape (N, d)
        Angles in radians, from 0 to π.
    y : ndarray, shape (N,)
        What a model is trained on: labels ±1, or a function's values with noise.
    clean : ndarray, shape (N,)
        What it is tested on: the same without noise.
    relevant : ndarray of bool, shape (N, d)
        Which features matter for each input.
    truth : ProductPolynomial or None
        The target function, a model that every method explains exactly; None for labels.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> task = qxai.datasets.junta(5, 100, np.random.default_rng(0), relevant=2)
    >>> task
    <Task: junta, 100 rows, 5 features, 2 relevant for the first row>
    """

    name: str
    X: Array
    y: Array
    clean: Array
    relevant: Mask
    truth: ProductPolynomial | None = None

    def __repr__(self) -> str:
        """Say its name, its size, and how many features matter for the first row."""
        size = f"{len(self.X)} rows, {self.X.shape[1]} features"
        relevant = int(self.relevant[:1].sum())
        return f"<Task: {self.name}, {size}, {relevant} relevant for the first row>"


def redrawn(y: Array, share: float, rng: np.random.Generator) -> Array:
    """Return labels (N,) of which a share was replaced by fair coins."""
    if not 0 <= share <= 1:
        raise ValueError(f"noise: expected a share from 0 to 1, found {share}")
    coins = np.where(rng.random(len(y)) < 0.5, 1.0, -1.0)
    return np.where(rng.random(len(y)) < share, coins, y)
