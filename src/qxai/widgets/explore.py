"""From a model and its inputs to what a browser needs to explain them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_baseline, as_inputs, real_array
from qxai.core import Array
from qxai.representations.trigonometric import TrigPolynomial
from qxai.widgets.explorer import Explorer
from qxai.widgets.offset import Offset, finite, shift_of, words_of

MOST_FEATURES = 10  # 3^10 coefficients are a megabyte of JSON and 10 ms a frame
MOST_COEFFICIENTS = 3**MOST_FEATURES
MOST_TURNS = 60  # of the fastest wave along a slider: more would take longer than a frame
SIDES = ("below", "above")


def explore(
    model: Any,
    X: ArrayLike,
    names: Sequence[str] | None = None,
    *,
    baseline: ArrayLike | None = None,
    ranges: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    classes: tuple[str, str] | None = None,
    threshold: float = 0.0,
    scaler: Any = None,
    offset: Offset | None = None,
    dial: str | None = None,
    title: str = "",
    what: str = "input",
) -> Explorer:
    """Show a model's explanations as something to play with.

    The browser gets the coefficients of the model's trigonometric polynomial and computes from
    them what the library computes: Shapley and Banzhaf values, Taylor-∞, occlusion, integrated
    gradients, gradients, SmoothGrad, LIME's limit, QLRP with the zero rule, each one's residual,
    counterfactuals, and the game between absent and present features. Two features are a landscape
    in which input and baseline can be dragged; more are a row of sliders.

    Parameters
    ----------
    model : model with a method ``polynomial``, or mapping from names to such models
        At most 10 features, in radians. Several models are offered as a choice.
    X : array_like, shape (N, d)
        Inputs to choose from, in radians.
    names : sequence of str, length d, optional
        The model's own by default.
    baseline : array_like, shape (d,), scalar, or by name, optional
        Where the baseline stands at first; the mean of the inputs by default.
    ranges : array_like, shape (d, 2) or (2,), optional
        Between what values features can be moved; by default 0 to π if all inputs are there, else
        −π to π or, if they need more, what they need.
    labels : sequence of str, length N, optional
        What each input is called.
    classes : (str, str), optional
        What an output below and above the threshold means.
    threshold : float
        The decision's.
    scaler : AngleScaler or mapping from models' names to them, optional
        Features are then written in the scaler's units. With a scaler for each model the same
        measurement is another angle for another model; ``X`` is in radians of the first.
    offset : Offset, optional
        One more slider, which moves one feature of every input.
    dial : {"point", "depolarised"}, optional
        Open the game between absent and present features, with features absent in this way.
    title : str
        For those who hear the page.
    what : str
        What one input is: a tumour, a flower.

    Returns
    -------
    Explorer
        Draws itself as the last line of a cell.

    Raises
    ------
    TypeError
        If a model has no trigonometric polynomial.
    ValueError
        If a model is too large for a browser, models differ in their features, or an argument has
        another shape.

    Examples
    --------
    >>> import qxai
    >>> from qxai import widgets
    >>> model = qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]])  # cos x cos y
    >>> widgets.explore(model, [[0.4, 1.1]], ["x", "y"], baseline=0)
    <Explorer: 1 model, 2 features, 1 inputs>
    """
    models = dict(model) if isinstance(model, Mapping) else {"": model}
    if dial not in (None, "point", "depolarised"):
        raise ValueError(f"dial: expected 'point' or 'depolarised', found {dial!r}")
    if len({str(name) for name in models}) != len(models):
        raise ValueError(f"model: expected names that differ as text, found {list(models)}")
    polynomials = {str(name): _polynomial(name, one) for name, one in models.items()}
    d = _features(polynomials)
    known = getattr(next(iter(models.values())), "feature_names", None)
    inputs = as_inputs(X, d, known)
    if not len(inputs):
        raise ValueError("X: expected one input or more, found none")
    words = words_of("names", (known or [f"x{i}" for i in range(d)]) if names is None else names, d)
    start = (
        inputs.mean(axis=0)
        if baseline is None
        else as_baseline(baseline, inputs[:1], known or words)[0]
    )
    low, high = _ranges(ranges, np.vstack([inputs, start]))
    _refuse_fast(polynomials, high - low)
    units = _scalers(scaler, polynomials, d)
    return Explorer(
        {
            "title": str(title),
            "what": str(what),
            "models": [
                {"name": name, "polynomial": json.loads(one.to_json()), "raw": units[name]}
                for name, one in polynomials.items()
            ],
            "names": words,
            "inputs": inputs.tolist(),
            "labels": words_of(
                "labels", _counted(inputs) if labels is None else labels, len(inputs)
            ),
            "baseline": start.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
            "threshold": finite("threshold", threshold),
            "classes": None
            if classes is None
            else dict(zip(SIDES, words_of("classes", classes, 2))),
            "dial": dial,
            "shift": None if offset is None else shift_of(offset, words),
        }
    )


def _polynomial(name: Any, model: Any) -> TrigPolynomial:
    """Return a model's polynomial, if a browser can hold it."""
    where = f"model {name!r}" if name else "model"
    large = (
        f"; explain it with qxai.shapley and the other methods, which take models of any size, or "
        f"explore at most {MOST_FEATURES} features"
    )
    if isinstance(model, type) or not callable(getattr(model, "polynomial", None)):
        raise TypeError(
            f"{where}: expected one with a trigonometric polynomial, such as a PQC, found "
            f"{type(model).__name__}{large}"
        )
    if model.num_features > MOST_FEATURES:
        raise ValueError(f"{where}: expected few features, found {model.num_features}{large}")
    found = model.polynomial()
    if not isinstance(found, TrigPolynomial):
        raise TypeError(
            f"{where}: expected features that enter as angles of their own, found one whose "
            f"polynomial is a {type(found).__name__}{large}"
        )
    if found.coefficients.size > MOST_COEFFICIENTS:
        size = found.coefficients.size
        raise ValueError(
            f"{where}: expected at most {MOST_COEFFICIENTS} coefficients, found {size}{large}"
        )
    return found


def _features(polynomials: Mapping[str, TrigPolynomial]) -> int:
    """Return how many features all models have."""
    counts = {name: one.num_features for name, one in polynomials.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"model: expected one or more of the same features, found {counts}")
    return next(iter(counts.values()))


def _refuse_fast(polynomials: Mapping[str, TrigPolynomial], width: Array) -> None:
    """Refuse sliders along which the output turns round more often than a browser can follow."""
    for name, one in polynomials.items():
        turns = sum(one.bands(width[None])) / (2 * np.pi)
        if turns > MOST_TURNS:
            raise ValueError(
                f"X: expected features in radians within a few turns, found ranges along which "
                f"model {name!r} turns {turns:.0f} times, more than {MOST_TURNS}; scale features "
                "first, as datasets.AngleScaler does"
            )


def _counted(inputs: Array) -> list[str]:
    return [str(number) for number in range(1, len(inputs) + 1)]


def _ranges(given: ArrayLike | None, points: Array) -> tuple[Array, Array]:
    """Return the least and the greatest value of each feature's slider, both (d,)."""
    d = points.shape[1]
    if given is None:
        least = 0.0 if points.min() >= 0 and points.max() <= np.pi else -np.pi
        low = np.minimum(least, points.min(axis=0))
        return low, np.maximum(np.pi, points.max(axis=0))
    pairs = real_array(given, f"ranges: expected a pair of numbers, or {d} of them")
    if pairs.shape not in ((2,), (d, 2)) or not np.isfinite(pairs).all():
        raise ValueError(f"ranges: expected a pair of numbers, or {d} of them, found {given!r}")
    low, high = np.broadcast_to(pairs, (d, 2)).T
    outside = (points < low) | (points > high)
    if outside.any() or (low >= high).any():
        raise ValueError(
            f"ranges: expected pairs that rise and hold all inputs and the baseline, which reach "
            f"from {points.min(axis=0).tolist()} to {points.max(axis=0).tolist()}, found {given!r}"
        )
    return low.copy(), high.copy()


def _scalers(scaler: Any, models: Mapping[str, Any], d: int) -> dict[str, Any]:
    """Return for each model how its angles are written, None for radians."""
    if scaler is None:
        return dict.fromkeys(models)
    if not isinstance(scaler, Mapping):
        return dict.fromkeys(models, _units(scaler, d))
    if set(map(str, scaler)) != set(models):
        raise ValueError(
            f"scaler: expected one for each model, {', '.join(models)}, found "
            f"{', '.join(map(str, scaler))}"
        )
    return {str(name): _units(one, d) for name, one in scaler.items()}


def _units(scaler: Any, d: int) -> dict[str, list[float]]:
    """Return how angles are written in a scaler's units."""
    mean, deviation = (np.asarray(getattr(scaler, part, None)) for part in ("mean", "deviation"))
    if np.shape(mean) != (d,) or np.shape(deviation) != (d,):
        raise ValueError(
            f"scaler: expected an AngleScaler of {d} features, found {type(scaler).__name__}; "
            "leave it out to see radians"
        )
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
        raise ValueError(
            f"scaler: expected finite means and positive deviations, found {mean} and {deviation}"
        )
    return {"mean": mean.tolist(), "deviation": deviation.tolist()}
