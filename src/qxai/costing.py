"""What a wanted error will cost, before anything is run: a method on a device of fair coins."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.backends.device import measurement_groups
from qxai.backends.shift_rule import shifted_gradient
from qxai.checks import check_generator, check_positive
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Estimate
from qxai.planning import called, placed_on
from qxai.table import Table

ROUNDS = 16  # of pilot and correction
PILOT, LEAST, MOST = 1024, 2, 10**9


@dataclass(frozen=True)
class Coins:
    """A device whose every outcome is either end of the observable's range, equally likely.

    No circuit is run; no outcomes vary more.
    """

    shots: int
    rng: np.random.Generator = field(repr=False)

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return mean outcomes (N,)."""
        return self.estimate(circuit, X, parameters).values

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return slopes (N, d) by the shift rule."""
        return self.estimate_gradient(circuit, X, parameters).values

    def estimate(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Return mean outcomes (N,) with their errors."""
        return self.at_exponents(circuit, circuit.angles.table(X, parameters))

    def estimate_gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
        """Return slopes (N, d) by the shift rule, with their errors."""
        return shifted_gradient(self.at_exponents, circuit, X, parameters)

    def depolarised(
        self,
        encoding: CompiledCircuit,
        rest: CompiledCircuit,
        X: Array,
        parameters: Array,
        kept: Sequence[float],
    ) -> Estimate:
        """Return mean outcomes (N,), whatever is kept of the state."""
        return self.at_exponents(rest, X)

    def at_exponents(self, circuit: CompiledCircuit, exponents: Array) -> Estimate:
        """Toss the coins for exponents (N, G) of the gates."""
        count = len(exponents)
        groups = measurement_groups(*circuit.observable.strings)
        ends = [float(np.abs(coefficients).sum()) for _, _, coefficients in groups]
        values = np.full(count, circuit.observable.constant)
        for end in ends:
            values += end * (2 * self.rng.binomial(self.shots, 0.5, count) / self.shots - 1)
        error = math.sqrt(sum(end**2 for end in ends) / self.shots)
        return Estimate(values, np.full(count, error), count, count * self.shots * len(ends))


@dataclass(frozen=True, eq=False, repr=False)
class Cost:
    """What an explanation with a wanted standard error takes at most.

    Attributes
    ----------
    shots : int
        What to set: ``shots=`` of the method, if it takes them, or else of the device.
    sets : str
        Which of the two.
    total : int
        Shots of all inputs and settings of the observable together.
    evaluations : int
        Circuit runs.
    standard_error : float
        The largest of any feature then, if every outcome is a fair coin; smaller otherwise.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
    >>> rng = np.random.default_rng(0)
    >>> cost = qxai.shots_needed(qxai.gradient, model, [[0.3]], 0.01, rng)
    >>> cost.shots, cost.total, cost.evaluations  # ½ √(1/n + 1/n) is 0.01
    (5000, 10000, 2)
    """

    shots: int
    sets: str
    total: int
    evaluations: int
    standard_error: float

    def table(self) -> Table:
        """Return it as a notebook shows it."""
        columns = {
            f"shots of the {self.sets}": [self.shots],
            "circuit runs": [self.evaluations],
            "shots in all": [self.total],
            "standard error at most": [self.standard_error],
        }
        return Table(columns, caption="cost of an explanation")

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def shots_needed(
    method: Callable[..., Attribution],
    model: Any,
    X: ArrayLike,
    error: float,
    rng: np.random.Generator,
) -> Cost:
    """Return how many shots leave a wanted standard error, before any of them is taken.

    The method is gone through on a device that runs nothing: each outcome is either end of the
    observable's range, by the toss of a fair coin, and no outcomes vary more. What standard errors
    the method then states, and how they fall with the shots, says how many are enough, whatever
    the circuit does; as far as the method's own errors are right.

    Parameters
    ----------
    method : callable
        An attribution, called as ``method(model, X)``: `gradient`, or a ``functools.partial`` such
        as ``partial(shapley, shots=1000)``, whose number is replaced. Not with ``samples=``: what
        a fixed number of draws leaves is not in the shots.
    model : PQC, or a model around one (Scaled, Affine)
        Its own backend is not asked.
    X : array_like, shape (N, d)
    error : float
        The largest standard error of a feature that is wanted, in the unit of the attribution.
    rng : numpy.random.Generator
        Tosses the coins, and draws what the method draws.

    Returns
    -------
    Cost
        What to set, what it takes in all, and the error that is left at most.

    Raises
    ------
    TypeError
        If the model has no circuit, the method states no errors there, or takes ``samples=``.
    ValueError
        If ``error`` is not positive, or would take more than a thousand million shots.

    Examples
    --------
    >>> import functools, cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(3), sympy.symbols("x:3")
    >>> model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]))
    >>> rng = np.random.default_rng(0)
    >>> method = functools.partial(qxai.shapley, shots=1000)
    >>> cost = qxai.shots_needed(method, model, [[0.3, 0.2, 0.1]], 0.02, rng)
    >>> bool(9_000 < cost.shots < 11_000), cost.sets  # Z²/d = 3.9, over 0.02²
    (True, 'method')
    """
    wanted = check_positive("error", error)
    check_generator(rng)
    own = "shots" in getattr(method, "keywords", {})
    if "samples" in getattr(method, "keywords", {}):
        raise TypeError(
            "method: expected a fixed list of runs, or a total shots=, found samples=: what a "
            "fixed number of draws leaves no shots remove; pass shots=1000 instead"
        )
    shots, least, enough = PILOT, LEAST, None
    for _ in range(ROUNDS):
        try:
            found = _on_coins(method, model, X, shots, own, rng)
        except ValueError:  # fewer than the method takes
            if enough is None:
                raise
            least = shots + 1
            shots = math.isqrt(shots * enough.shots) + 1
            continue
        reached = _largest(found)
        needed = shots * (reached / wanted) ** 2
        if needed > MOST:
            raise ValueError(
                f"error: expected one that at most {MOST} shots leave, found {error}, which takes "
                f"{needed:.2g}; ask for a larger one"
            )
        if reached <= wanted and (enough is None or shots < enough.shots):
            sets = "method" if own else "device"
            enough = Cost(shots, sets, found.shots, found.evaluations, reached)
            if needed > 0.95 * shots or shots <= least:
                break
        more = 1.0 if enough is None else 1.01
        shots = max(least, math.ceil(needed * more * (1 - 1e-9)))
        if enough is not None and shots >= enough.shots:
            break
    if enough is None:
        raise ValueError(
            f"error: expected one that some number of shots leaves, found {error}: with {shots} it "
            f"was {reached:.3g}; ask for a larger one"
        )
    return enough


def _on_coins(
    method: Callable[..., Attribution],
    model: Any,
    X: ArrayLike,
    shots: int,
    own: bool,
    rng: np.random.Generator,
) -> Attribution:
    """Go through a method with a number of shots, its own or the device's."""
    if own and isinstance(method, functools.partial):
        method = functools.partial(method, shots=shots)
    device = placed_on(model, Coins(1 if own else shots, rng))
    found: Attribution = called(method, device, X, rng)
    if not isinstance(getattr(found, "standard_error", None), np.ndarray) or not len(found):
        raise TypeError(
            "method: expected one that gives an Attribution with standard errors for at least one "
            f"input, where the observable is no constant, found {found!r}"
        )
    return found


def _largest(found: Attribution) -> float:
    """Return the largest error of a feature, each the root mean square over the inputs."""
    assert found.standard_error is not None
    return float(np.sqrt((found.standard_error**2).mean(axis=0)).max())
