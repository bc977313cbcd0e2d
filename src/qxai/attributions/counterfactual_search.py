"""Counterfactuals of several features: a local search whose results are verified."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from qxai.asking import estimated
from qxai.attributions.counterfactual import level_of, ranges_of
from qxai.attributions.curves import names_of, places_of
from qxai.checks import check_count, check_generator, real_array
from qxai.core import Array, Evaluator, Mask
from qxai.question import asked
from qxai.table import Table, significant

HALVINGS = 50
ROUNDING = 1e-11  # how far beyond the threshold an output has to be: it may be computed otherwise
BEYOND = 1.02  # how much further than where the search ended the flip is looked for


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CounterfactualPoints:
    """Inputs near the explained ones that are decided otherwise.

    Attributes
    ----------
    inputs : ndarray, shape (N, d)
    points : ndarray, shape (N, d)
        Where the decision is another; NaN where none was found.
    output, output_there : ndarrays, shape (N,)
        Model outputs at the inputs and at the points.
    distance : ndarray, shape (N,)
        Root of the sum of squared changes, each in units of its scale; locally minimal.
    threshold : float
    feature_names : tuple of str, length d

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X.sum(axis=1), num_features=2)
    >>> rng = np.random.default_rng(0)
    >>> found = qxai.counterfactual_search(model, [[-1, -1]], 0.0, rng)
    >>> print(found.points.round(3) + 0.0, found.distance.round(3))  # straight to the line
    [[0. 0.]] [1.414]
    """

    inputs: Array
    points: Array
    output: Array
    output_there: Array
    distance: Array
    threshold: float
    feature_names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.inputs)

    @property
    def found(self) -> Mask:
        """For which inputs a point was found, (N,)."""
        return np.isfinite(self.distance)

    @property
    def changes(self) -> Array:
        """What is added to each feature, (N, d)."""
        return self.points - self.inputs

    def table(self) -> Table:
        """Return one input feature by feature, or the distances of several."""
        caption = f"nearest point found across {self.threshold:g}, locally minimal"
        if len(self) == 1:
            columns: dict[str, list[Any]] = {
                "feature": list(self.feature_names),
                "input": significant(self.inputs[0]),
                "change": significant(self.changes[0], sign="+"),
                "point": significant(self.points[0]),
            }
            return Table(columns, caption=f"{caption}, distance {self.distance[0]:.4g}")
        columns = {
            "input": [str(i) for i in range(len(self))],
            "output": self.output.tolist(),
            "output there": self.output_there.tolist(),
            "distance": self.distance.tolist(),
        }
        return Table(columns, caption=caption)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def counterfactual_search(
    model: Evaluator,
    X: ArrayLike,
    threshold: float,
    rng: np.random.Generator,
    features: Any = None,
    ranges: Any = None,
    scale: ArrayLike = 1.0,
    starts: int = 8,
) -> CounterfactualPoints:
    """Look for the nearest input that is decided otherwise, several features changing at once.

    Sequential least-squares programming (SciPy) from several starts minimises
    ``Σ_i (Δ_i/scale_i)²`` where the output meets the threshold; what it ends at is followed from
    the input until the decision flips, and the model is asked there. Nearer points may exist:
    what is found is locally minimal and no more. Several features rarely suffice if
    `counterfactual` shows that none comes near.

    Parameters
    ----------
    model : Evaluator
        With ``gradient``, it is used; otherwise slopes are found by differences.
    X : array_like, shape (N, d)
        Inputs, in the units of the model's features.
    threshold : float
        The decision is whether the output lies above; at the threshold it is taken for above.
    rng : numpy.random.Generator
        Draws the starts: steps of about one scale.
    features : int, str or sequence of them, optional
        Which features may change; all by default.
    ranges : mapping from names to pairs, or array_like, shape (d, 2), optional
        Between what values they may be; free by default.
    scale : array_like, shape (d,), or float
        In which units changes are compared, such as standard deviations.
    starts : int
        From how many points to search.

    Returns
    -------
    CounterfactualPoints
        NaN where no start led to a flip.

    Raises
    ------
    TypeError
        If ``rng`` is missing.
    ValueError
        If an array has another shape or is not finite, or an input is out of its range.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) + cirq.Z(q[1]))  # cos x0 + cos x1
    >>> rng = np.random.default_rng(0)
    >>> found = qxai.counterfactual_search(model, [[0.1, 0.1]], 0.0, rng)
    >>> print(np.abs(found.points / np.pi).round(3), bool(found.output_there[0] < 0))
    [[0.5 0.5]] True
    """
    question = asked(model, X)
    check_generator(rng)
    check_count("starts", starts, 1)
    n, d = question.inputs.shape
    chosen = places_of(features, question)
    level = level_of(threshold)
    if not chosen:
        raise ValueError("features: expected at least one that may change, found none")
    units = _units(scale, names_of(question))
    if not (np.isfinite(units).all() and (units > 0).all()):
        raise ValueError(f"scale: expected positive numbers, found {units}")
    limits = ranges_of(ranges, question, chosen)
    slopes = getattr(model, "gradient", None)
    found = estimated(model, question.inputs)
    if found.shots:
        raise TypeError(
            "counterfactual_search needs an exact model, found one on a device: a flip there "
            "could be one of its shots; pass model.on(qxai.Statevector())"
        )
    output = found.values
    points, there = np.full((n, d), np.nan), np.full(n, np.nan)
    distance = np.full(n, np.nan)
    for row, start in enumerate(question.inputs):
        side = 1.0 if output[row] >= level else -1.0
        margin = ROUNDING * max(abs(level), abs(output[row]))
        problem = _Problem(model.values, slopes, start, chosen, units, side, level, margin)
        for _ in range(starts):
            ended = problem.searched(rng.normal(size=len(chosen)), limits)
            length = np.linalg.norm((ended - start) / units) if ended is not None else np.inf
            if ended is not None and not length >= distance[row]:
                points[row], distance[row] = ended, length
    flipped = np.isfinite(distance)
    if flipped.any():
        there[flipped] = model.values(points[flipped])
    return CounterfactualPoints(
        inputs=question.inputs,
        points=points,
        output=output,
        output_there=there,
        distance=distance,
        threshold=level,
        feature_names=names_of(question),
    )


def _units(scale: Any, names: Sequence[str]) -> Array:
    """Return the scale of each feature, (d,); of a mapping or a series by name."""
    expected = "scale: expected a positive number, or one for each feature"
    if hasattr(scale, "keys"):
        if missing := [name for name in names if name not in scale]:
            raise ValueError(f"{expected}, found none for {', '.join(missing)}")
        scale = [scale[name] for name in names]
    found = real_array(scale, expected)
    if found.shape not in ((), (len(names),)):
        raise ValueError(f"{expected}, found shape {found.shape}")
    return np.broadcast_to(found, len(names))


@dataclass(frozen=True, eq=False)
class _Problem:
    """The search around one input; steps are in units of the features' scales."""

    values: Callable[[Array], Array]
    slopes: Callable[[Array], Array] | None
    start: Array
    chosen: list[int]
    units: Array
    side: float
    threshold: float
    margin: float

    def at(self, step: Array) -> Array:
        """Return the point (d,) that a step leads to."""
        point = self.start.copy()
        point[self.chosen] += step * self.units[self.chosen]
        return point

    def excess(self, step: Array) -> float:
        """Return how far the output is from flipping; below zero it has."""
        return float(self.side * (self.values(self.at(step)[None])[0] - self.threshold))

    def gradient(self, step: Array) -> Array:
        """Return the derivative of the excess by the step."""
        assert self.slopes is not None
        slopes = np.asarray(self.slopes(self.at(step)[None]))[0, self.chosen]
        return self.side * slopes * self.units[self.chosen]

    def searched(self, first: Array, limits: Array) -> Array | None:
        """Search from a step; return a point that is decided otherwise, or None."""
        room = ((limits - self.start) / self.units)[:, self.chosen]
        constraint: dict[str, Any] = {"type": "eq", "fun": self.excess}
        if callable(self.slopes):
            constraint["jac"] = self.gradient
        found = optimize.minimize(
            lambda step: step @ step,
            np.clip(first, *room),
            jac=lambda step: 2 * step,
            bounds=list(zip(*room)),
            constraints=[constraint],
            method="SLSQP",
            options={"maxiter": 200, "ftol": 1e-12},
        )
        return self._flipped(np.clip(found.x * BEYOND, *room))

    def _flipped(self, far: Array) -> Array | None:
        """Return the first flip that bisection finds on the way to a step, as a point."""
        if not self._flips(far):
            return None
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self._flips(middle * far) else (middle, high)
        return self.at(high * far)

    def _flips(self, step: Array) -> bool:
        return self.excess(step) < -self.margin
