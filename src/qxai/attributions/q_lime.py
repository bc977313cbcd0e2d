"""Q-LIME: a local surrogate of a classifier whose labels are random."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated
from qxai.attributions.lime import local_slopes, neighbourhood
from qxai.checks import batches, check_count, check_positive, check_samples
from qxai.core import Array, Evaluator, Mask
from qxai.question import asked
from qxai.table import Table

MOST_ROWS = 20


@dataclass(frozen=True, eq=False, repr=False)
class SurrogateEnsemble:
    """Local surrogates of a classifier, one for each repetition of its random labels.

    Attributes
    ----------
    slopes : ndarray, shape (repeats, N, d)
        Slopes of the label (0 or 1) by the features, per radian, in each repetition.
    label_probability : ndarray, shape (N,)
        Share of repetitions in which the explained input got label 1.
    in_band : ndarray of bool, shape (N,)
        Whether that share is within ``epsilon`` of ½: the input is in the band of inexplicability.
    epsilon : float
    evaluations, shots : int
        Circuit runs and shots of all repetitions.
    feature_names : tuple of str, length d, or None
        Names of the features, if the model or the inputs have some.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X @ [1, -1], num_features=2)
    >>> found = qxai.q_lime(model, [[3, 0]], repeats=5, rng=np.random.default_rng(0))
    >>> found.slopes.shape, found.label_probability.tolist(), found.in_band.tolist()
    ((5, 1, 2), [1.0], [False])
    """

    slopes: Array
    label_probability: Array
    in_band: Mask
    epsilon: float
    evaluations: int
    shots: int
    feature_names: tuple[str, ...] | None = None

    def table(self) -> Table:
        """Return each feature's mean slope over the repetitions, and how much it varies."""
        repeats, count, d = self.slopes.shape
        names = self.feature_names or [f"x{i}" for i in range(d)]
        columns: dict[str, list[Any]] = {
            "input": [n for n in range(count) for _ in names],
            "feature": [name for _ in range(count) for name in names],
            "mean slope (label per radian)": self.slopes.mean(axis=0).ravel().tolist(),
            "deviation": self.slopes.std(axis=0, ddof=1).ravel().tolist(),
        }
        shown = {name: column[:MOST_ROWS] for name, column in columns.items()}
        return Table(shown, caption=f"Q-LIME, {repeats} repetitions, {count} inputs")

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def q_lime(
    model: Evaluator,
    X: ArrayLike,
    *,
    threshold: float = 0.0,
    epsilon: float = 0.1,
    repeats: int = 30,
    samples: int = 200,
    scale: float = 0.5,
    kernel_width: float | None = None,
    ridge: float = 1e-3,
    rng: np.random.Generator,
) -> SurrogateEnsemble:
    """Explain a classifier's labels where finitely many shots make them random (Q-LIME).

    After Pira and Ferrie (arXiv:2308.11098): the label ``f > threshold`` that a device reports is
    a random variable, so the surrogate fitted to the labels of neighbours is one too, and an
    input whose own label is nearly a coin flip has no stable explanation. The whole procedure is
    repeated, with new shots for every label.

    Parameters
    ----------
    model : Evaluator
        On `Sampled`, labels are random; on an exact backend only the neighbours are.
    X : array_like, shape (N, d)
        Inputs, in radians.
    threshold : float
        Output above which the label is 1.
    epsilon : float
        Half width of the band, as a probability in (0, ½].
    repeats, samples : int
        Repetitions, and neighbours of each input in each of them.
    scale, kernel_width, ridge : float
        As for `lime`.
    rng : numpy.random.Generator
        Draws the neighbours.

    Returns
    -------
    SurrogateEnsemble
        ``evaluations`` is ``repeats N (samples + 1)``.

    Raises
    ------
    TypeError
        If ``rng`` is no generator.
    ValueError
        If a setting is out of range, or ``X`` has another width or is not finite.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> device = qxai.Sampled(shots=11, rng=np.random.default_rng(0))
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q), backend=device)  # cos x
    >>> rng = np.random.default_rng(1)
    >>> found = qxai.q_lime(model, [[np.pi / 2], [0]], epsilon=0.3, samples=20, rng=rng)
    >>> print(found.in_band)  # a coin is flipped at π/2, and none at 0
    [ True False]
    """
    question = asked(model, X)
    inputs = question.inputs
    n, d = inputs.shape
    check_count("repeats", repeats, 2)
    check_samples(check_count("samples", samples, d + 2), rng)
    if not check_positive("epsilon", epsilon) <= 0.5:
        raise ValueError(f"epsilon: expected at most 0.5, found {epsilon}")
    around = neighbourhood(
        scale, 0.75 * np.sqrt(d) if kernel_width is None else kernel_width, ridge
    )
    slopes, ones, evaluations, shots = np.empty((repeats, n, d)), np.zeros(n), 0, 0
    for repeat, rows in product(range(repeats), batches(n, samples * d * d)):
        steps = rng.normal(0, scale, (len(inputs[rows]), samples, d))
        points = np.concatenate([inputs[rows, None], inputs[rows, None] + steps], axis=1)
        found = estimated(model, points.reshape(-1, d))
        labels = (found.values > threshold).reshape(-1, samples + 1).astype(np.float64)
        ones[rows] += labels[:, 0]
        slopes[repeat, rows] = local_slopes(steps, labels[:, 1:], around)[0]
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    probability = ones / repeats
    in_band = np.abs(probability - 0.5) < epsilon
    names = question.players.names
    return SurrogateEnsemble(slopes, probability, in_band, epsilon, evaluations, shots, names)
