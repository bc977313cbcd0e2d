"""The methods that are compared, and three controls that know nothing of the model."""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from declaration import (
    ENCODING_FIRST,
    EPSILON,
    GAMMA,
    KERNEL,
    LIME_SCALE,
    REUPLOADING,
    SMOOTHING,
)

import qxai
from qxai.attribution import Attribution
from qxai.core import Array, Evaluator

Explain = Callable[[Evaluator, Array, float], Attribution]
ALL = (ENCODING_FIRST, REUPLOADING, KERNEL)


@dataclass(frozen=True)
class Method:
    """One method with its settings.

    Attributes
    ----------
    name : str
    explain : callable
        Maps a model, inputs and a baseline to an attribution.
    families : tuple of str
        The models that it can explain.
    moves : bool
        Whether it depends on the baseline.
    layered : bool
        Whether it works through all activations of the circuit, layer by layer.
    """

    name: str
    explain: Explain
    families: tuple[str, ...] = ALL
    moves: bool = True
    layered: bool = False


def _random(model: Evaluator, X: Array, baseline: float) -> Attribution:
    """Draw attributions without looking at the model; other inputs, other draws.

    Only their size is that of the output's change, on which units depend.
    """
    seeds = [zlib.crc32(np.round(row, 9).tobytes()) for row in X]
    drawn = np.array([np.random.default_rng(seed).normal(size=X.shape[1]) for seed in seeds])
    return _control(
        "random", drawn * np.abs(_constant(model, X, baseline).values), model, X, baseline
    )


def _input(model: Evaluator, X: Array, baseline: float) -> Attribution:
    """Give every feature its distance from the baseline: a mask that follows the input is found."""
    size = np.abs(_constant(model, X, baseline).values)
    return _control("input", (X - baseline) * size, model, X, baseline)


def _constant(model: Evaluator, X: Array, baseline: float) -> Attribution:
    """Give every feature the same share of the difference: complete, and empty."""
    change = model.values(X) - model.values(np.full_like(X, baseline))
    values = np.repeat(change[:, None] / X.shape[1], X.shape[1], axis=1)
    return _control("constant", values, model, X, baseline)


def _control(name: str, values: Array, model: Evaluator, X: Array, baseline: float) -> Attribution:
    before = model.values(np.full_like(X, baseline))
    return Attribution(
        values=values,
        output=model.values(X),
        baseline_output=before,
        method=name,
        evaluations=0,
    )


METHODS = (
    Method("gradient", lambda m, X, b: qxai.gradient(m, X), moves=False),
    Method("gradient × input", lambda m, X, b: qxai.gradient_x_input(m, X, b)),
    Method(
        "SmoothGrad",
        lambda m, X, b: qxai.smooth_grad(m, X, sigma=SMOOTHING),
        moves=False,
    ),
    Method("integrated gradients", lambda m, X, b: qxai.integrated_gradients(m, X, b)),
    Method("occlusion", lambda m, X, b: qxai.occlusion(m, X, b)),
    Method("Shapley", lambda m, X, b: qxai.shapley(m, X, b)),
    Method("LIME", lambda m, X, b: qxai.lime(m, X, scale=LIME_SCALE), moves=False),
    Method("Taylor-1", lambda m, X, b: qxai.taylor(m, X, b, order=1)),
    Method("Taylor-2", lambda m, X, b: qxai.taylor(m, X, b, order=2)),
    Method("Taylor-∞", lambda m, X, b: qxai.taylor(m, X, b, order=math.inf)),
    Method(
        "QLRP-zero",
        lambda m, X, b: qxai.qlrp(m, X),
        families=(ENCODING_FIRST,),
        moves=False,
    ),
    Method(
        "QLRP-ε",
        lambda m, X, b: qxai.qlrp(m, X, qxai.Epsilon(EPSILON)),
        families=(ENCODING_FIRST,),
        moves=False,
        layered=True,
    ),
    Method(
        "QLRP-γ",
        lambda m, X, b: qxai.qlrp(m, X, qxai.Gamma(GAMMA)),
        families=(ENCODING_FIRST,),
        moves=False,
        layered=True,
    ),
    Method(
        "QLRP in-circuit",
        lambda m, X, b: qxai.qlrp(m, X, baseline=b),
        families=(REUPLOADING,),
    ),
    Method("random", _random),
    Method("constant", _constant),
    Method("input", _input),
)
