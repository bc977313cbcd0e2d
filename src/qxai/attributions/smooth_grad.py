"""SmoothGrad: the gradient averaged over Gaussian noise on the input."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import estimated, harmonic, one_shot_gradients, slopes_of
from qxai.attribution import Attribution
from qxai.attributions.gradient import refuse_raw_columns
from qxai.checks import batches, check_generator, check_only, check_positive, check_samples
from qxai.core import PER_RADIAN, Array, Estimate, Evaluator, Multilinear
from qxai.question import asked


def smooth_grad(
    model: Evaluator,
    X: ArrayLike,
    sigma: float,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
    shots: int | None = None,
) -> Attribution:
    """Explain outputs by ``R_i = E[∂f/∂x_i (x + z)]``, ``z ~ N(0, σ²)`` (Smilkov et al. 2017).

    Averaging ``cos ω(x + z)`` over the noise gives ``exp(−ω²σ²/2) cos ωx``, and features are
    independent; so the mean gradient is that of the polynomial with every feature's vector damped
    by these factors, and nothing needs to be sampled.

    Parameters
    ----------
    model : model with a method ``polynomial``, or with ``gradient`` if ``samples`` is given
    X : array_like, shape (N, d)
        Inputs, in radians.
    sigma : float
        Standard deviation of the noise, in radians.
    samples : int, optional
        Noisy inputs for each input, at least 2; None for the exact mean.
    rng : numpy.random.Generator, optional
        Draws the noise; needed with ``samples`` or ``shots``.
    shots : int, optional
        For a model on a device: how many shots to spend on each input, all in all (times the
        settings of its observable), instead of ``samples``. Every run takes one, so that noise is
        drawn as often as they allow.

    Returns
    -------
    Attribution
        In units of output per radian; ``baseline_output`` and ``residual`` are NaN. With
        ``samples``, ``standard_error`` covers the noise and the shots, and ``evaluations`` is
        ``N samples`` gradients; for the exact mean it is 2 ``N d``, the noise being averaged
        within the shots.

    Raises
    ------
    TypeError
        If the model lacks the method or takes raw columns, or ``rng`` is missing.
    ValueError
        If ``sigma`` is negative, ``samples`` too small, or ``X`` has another width or is not
        finite.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([0, 0, 1], frequencies=[[1]])  # sin x
    >>> print(qxai.smooth_grad(model, [[0]], sigma=1).values.round(3))  # exp −½
    [[0.607]]
    """
    question = asked(model, X)
    inputs = question.inputs
    refuse_raw_columns(model, "smooth_grad")
    check_positive("sigma", sigma, zero=True)
    if shots is not None:
        budget = check_only(shots, samples, rng)
        point = inputs[:1] if len(inputs) else np.zeros((1, inputs.shape[1]))
        device, draws = one_shot_gradients(model, point, budget, "smooth_grad")
        found = _sampled(device, inputs, sigma, draws, check_generator(rng))
    elif samples is not None:
        found = _sampled(model, inputs, sigma, samples, check_samples(samples, rng))
    else:
        remedy = "pass samples= and rng= to sample the noise"
        values = damped_gradient(
            harmonic(model, "smooth_grad(samples=None)", remedy), inputs, sigma
        )
        found = Estimate(values, np.zeros(values.shape), 2 * values.size, 0)
    drawn = samples is not None or shots is not None
    answer = Attribution(
        values=found.values,
        output=estimated(model, inputs).values,
        baseline_output=np.full(len(inputs), np.nan),
        method="SmoothGrad",
        evaluations=found.evaluations,
        standard_error=found.standard_error if drawn else None,
        shots=found.shots,
        route="sampled noise" if drawn else "closed form",
        unit=PER_RADIAN,
    )
    return question.answer(answer)


def _sampled(
    model: Evaluator, inputs: Array, sigma: float, samples: int, rng: np.random.Generator
) -> Estimate:
    """Average the gradient over noisy inputs, (N, d)."""
    values, variance, evaluations, shots = np.empty(inputs.shape), np.empty(inputs.shape), 0, 0
    for rows in batches(len(inputs), samples * inputs.shape[1]):
        noise = rng.normal(0, sigma, (len(inputs[rows]), samples, inputs.shape[1]))
        points = (inputs[rows, None] + noise).reshape(-1, inputs.shape[1])
        noisy = slopes_of(model, points, "smooth_grad", "occlusion needs values only")
        slopes = noisy.values.reshape(noise.shape)
        values[rows], variance[rows] = slopes.mean(axis=1), slopes.var(axis=1, ddof=1) / samples
        evaluations, shots = evaluations + noisy.evaluations, shots + noisy.shots
    return Estimate(values, np.sqrt(variance), evaluations, shots)


def damped_gradient(polynomial: Multilinear, inputs: Array, sigma: float) -> Array:
    """Return the mean gradient over Gaussian noise on the input, shape (N, d)."""
    damping = [
        np.append(1.0, np.repeat(np.exp(-0.5 * (w * sigma) ** 2), 2))
        for w in polynomial.frequencies
    ]
    means = [v * c for v, c in zip(polynomial.vectors(inputs), damping)]
    slopes = [v * c for v, c in zip(polynomial.vectors(inputs, order=1), damping)]
    return polynomial.slopes(means, slopes)
