"""LIME: a linear model fitted to the neighbourhood of an input."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, harmonic, with_shots
from qxai.attribution import Attribution
from qxai.attributions.gradient import refuse_raw_columns
from qxai.attributions.smooth_grad import damped_gradient
from qxai.checks import batches, check_generator, check_only, check_positive, check_samples
from qxai.core import PER_RADIAN, Array, Evaluator
from qxai.question import Question, asked
from qxai.threads import limited


@dataclass(frozen=True)
class Neighbourhood:
    """How LIME draws and weighs neighbours.

    Attributes
    ----------
    scale : float
        Standard deviation of the neighbours about the input, in radians.
    width : float
        Width of the Gaussian kernel ``exp(−|z|²/2 width²)`` that weighs them, in radians.
    ridge : float
        Penalty on the squared slopes, beside a mean squared error with weights that sum to 1;
        relative to the neighbours' `variance`, so that it shrinks slopes by ``1/(1 + ridge)``
        however near the neighbours are.
    """

    scale: float
    width: float
    ridge: float

    @property
    def variance(self) -> float:
        """Variance of the neighbours as they are weighed: of the product of both Gaussians."""
        return 1 / (self.scale**-2 + self.width**-2)


def lime(
    model: Evaluator,
    X: ArrayLike,
    scale: float = 0.5,
    kernel_width: float | None = None,
    ridge: float = 1e-3,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
    groups: Any = None,
    shots: int | None = None,
) -> Attribution:
    """Explain outputs by the slopes of a local ridge regression (Ribeiro, Singh, Guestrin 2016).

    Neighbours ``x + z``, ``z ~ N(0, scale²)``, are weighed by ``exp(−|z|²/2 width²)``. With ever
    more of them the slopes tend to ``E[∂_i f(x + u)] / (1 + ridge)``, ``u ~ N(0, τ²)``,
    ``1/τ² = 1/scale² + 1/width²`` (by Stein's lemma): SmoothGrad, shrunk. That limit is what
    ``samples=None`` gives; Agarwal et al. (arXiv:2102.10618) show such a limit for a variant of
    LIME.

    Parameters
    ----------
    model : model with a method ``polynomial``, or any Evaluator if ``samples`` is given
    X : array_like, shape (N, d)
        Inputs, in radians.
    scale : float
        Standard deviation of the neighbours, in radians.
    kernel_width : float, optional
        Width of the kernel, in radians; ``0.75 √d`` by default, as in the authors' program.
    ridge : float
        Penalty on the squared slopes, relative to the variance ``τ²`` of the weighted neighbours:
        as for features scaled to unit variance.
    samples : int, optional
        Neighbours of each input, more than ``d + 1`` (``d`` of groups their number); None for the
        limit.
    rng : numpy.random.Generator, optional
        Draws the neighbours; needed with ``samples`` or ``shots``.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that move together, by the same step: one slope a group. Needs ``samples``.
    shots : int, optional
        For a model on a device: how many shots to spend on each input, all in all (times the
        settings of its observable), instead of ``samples``: as many neighbours, one shot each.

    Returns
    -------
    Attribution
        Slopes, in units of output per radian; ``baseline_output`` and ``residual`` are NaN. With
        ``samples``, ``standard_error`` is the sandwich estimate of regression, which covers the
        draw of neighbours and the shots, and ``evaluations`` is ``N samples``; in the limit it is
        2 ``N d``, as for `smooth_grad`.

    Raises
    ------
    TypeError
        If the model lacks the method or takes raw columns, or ``rng`` is missing.
    ValueError
        If a setting is out of range, or ``X`` has another width or is not finite.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X @ [3, -1], num_features=2)
    >>> rng = np.random.default_rng(0)
    >>> found = qxai.lime(model, [[1, 2]], ridge=0, samples=20, rng=rng)
    >>> print(found.values.round(3))
    [[ 3. -1.]]
    """
    question = asked(model, X, groups=groups)
    refuse_raw_columns(model, "lime")
    count = question.players.count
    width = 0.75 * np.sqrt(count) if kernel_width is None else kernel_width
    around = neighbourhood(scale, width, ridge)
    if shots is not None:
        device, count_of = with_shots(model, 1), check_only(shots, samples, rng)
        found = _sampled(device, question, around, count_of, check_generator(rng))
        return question.answer(replace(found, output=estimated(model, question.inputs).values))
    if samples is None:
        return question.answer(_limit(model, question, around))
    source = check_samples(samples, rng)
    return question.answer(_sampled(model, question, around, samples, source))


def _limit(model: Evaluator, question: Question, around: Neighbourhood) -> Attribution:
    """Return what infinitely many neighbours give."""
    if not question.players.are_features:
        raise ValueError(
            "samples: expected a number of neighbours with groups=, whose limit has no closed "
            "form here, found None; pass samples= and rng="
        )
    remedy = "pass samples= and rng= to draw neighbours"
    polynomial = harmonic(model, "lime(samples=None)", remedy)
    inputs = question.inputs
    values = damped_gradient(polynomial, inputs, np.sqrt(around.variance)) / (1 + around.ridge)
    return Attribution(
        values=values,
        output=estimated(model, inputs).values,
        baseline_output=np.full(len(inputs), np.nan),
        method="LIME",
        evaluations=2 * values.size,
        route="closed form",
        unit=PER_RADIAN,
    )


def _sampled(
    model: Evaluator,
    question: Question,
    around: Neighbourhood,
    samples: int,
    rng: np.random.Generator,
) -> Attribution:
    inputs, players = question.inputs, question.players
    n, d, count = *inputs.shape, players.count
    if samples <= count + 1:
        raise ValueError(f"samples, shots: expected more than d + 1 = {count + 1}, found {samples}")
    values, error, evaluations, shots = np.empty((n, count)), np.empty((n, count)), 0, 0
    for rows in batches(n, samples * d * d):
        steps = rng.normal(0, around.scale, (len(inputs[rows]), samples, count))
        found = estimated(model, (inputs[rows, None] + steps[..., players.owner]).reshape(-1, d))
        targets = found.values.reshape(steps.shape[:2])
        values[rows], error[rows] = local_slopes(steps, targets, around)
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Attribution(
        values=values,
        output=estimated(model, inputs).values,
        baseline_output=np.full(n, np.nan),
        method=f"LIME ({samples} neighbours)",
        evaluations=evaluations,
        standard_error=error,
        shots=shots,
        route="sampled neighbours",
        unit=PER_RADIAN,
    )


def neighbourhood(scale: float, width: float, ridge: float) -> Neighbourhood:
    """Return checked settings."""
    return Neighbourhood(
        check_positive("scale", scale),
        check_positive("kernel_width", width),
        check_positive("ridge", ridge, zero=True),
    )


@limited()
def local_slopes(steps: Array, targets: Array, around: Neighbourhood) -> tuple[Array, Array]:
    """Fit one weighted ridge regression for each input.

    Parameters
    ----------
    steps : ndarray, shape (N, m, d)
        Neighbours less the input.
    targets : ndarray, shape (N, m)
    around : Neighbourhood

    Returns
    -------
    slopes, standard errors : ndarrays, shape (N, d)
        The intercept is fitted without penalty and dropped.
    """
    m, d = steps.shape[1:]
    distance = (steps**2).sum(axis=2)
    nearest = distance.min(axis=1, keepdims=True)  # a common factor, which cancels
    weights = np.exp(-0.5 * (distance - nearest) / around.width**2)
    effective = (weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)).min(initial=np.inf)
    if effective < d + 2:
        raise ValueError(
            f"samples: expected weights that leave at least d + 2 = {d + 2} neighbours, found "
            f"{effective:.1f} of {m}; use more samples, a smaller scale or a larger kernel_width"
        )
    # Less their means, and in units of their spread: near neighbours of a large output would
    # otherwise leave few digits to the slopes.
    shares = (weights / weights.sum(axis=1, keepdims=True))[..., None]
    unit = np.sqrt(around.variance)
    design = steps / unit
    design = design - (shares * design).sum(axis=1, keepdims=True)
    centred = targets[..., None] - (shares * targets[..., None]).sum(axis=1, keepdims=True)
    weighted = design * shares
    inverse = np.linalg.inv(weighted.swapaxes(1, 2) @ design + around.ridge * np.eye(d))
    fitted = inverse @ (weighted.swapaxes(1, 2) @ centred)
    residual = centred - design @ fitted
    # Each neighbour's term in the estimating equation; their sum is zero.
    terms = weighted * residual - around.ridge * shares * fitted.swapaxes(1, 2)
    spread = inverse @ (terms.swapaxes(1, 2) @ terms) @ inverse * (m / (m - d - 1))
    errors = np.sqrt(np.diagonal(spread, axis1=1, axis2=2))
    return fitted[..., 0] / unit, errors / unit
