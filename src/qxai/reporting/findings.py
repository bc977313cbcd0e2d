"""The numbers of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any
from zlib import crc32

import numpy as np

from qxai.absence import Absent
from qxai.attribution import Attribution
from qxai.core import Array, Indices
from qxai.metrics.candidates import Method, explained, supported
from qxai.metrics.judge import judge
from qxai.metrics.judgement import Judgement
from qxai.metrics.ranks import agreement
from qxai.metrics.relative import in_output_units
from qxai.reporting.subject import Subject

MOST_FEATURES = 20  # rows of a table or a picture that one still reads
# Parts of the largest one that are rounding; they would have ranks, which nothing decides.
NEGLIGIBLE = 1e-9
ROUNDING = 1e-12  # of the output: smaller attributions are none
COMPLETE = 1e-6  # of the numbers involved: rounding and quadratures leave less
DISTANCE = "|x − baseline|"  # the control that knows how far each feature is from its baseline
NOISE = 3.0  # standard errors that chance explains


@dataclass(frozen=True, eq=False)
class Findings:
    """What the methods found, and what was found out about them.

    Attributes
    ----------
    subject : Subject
    found : mapping from str to Attribution
        Of all inputs, for each method.
    values, errors, elsewhere : mappings from str to ndarray, shape (N, d)
        In units of the output: attributions, standard errors (0 where they are exact), and
        attributions against the other baseline (where there is one).
    judged : Judgement
    left_out : mapping from str to str
        Methods of the library that the model does not allow, and why.
    """

    subject: Subject
    found: Mapping[str, Attribution]
    values: Mapping[str, Array]
    errors: Mapping[str, Array]
    elsewhere: Mapping[str, Array]
    judged: Judgement
    left_out: Mapping[str, str]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods' names; the first one is the one that is drawn."""
        return tuple(self.values)

    @property
    def main(self) -> str:
        """The first method."""
        return self.methods[0]

    @property
    def sampled(self) -> bool:
        """Whether any attribution has standard errors."""
        return any(error.any() for error in self.errors.values())

    @property
    def mean_sizes(self) -> dict[str, Array]:
        """Each method's mean size of each feature, (d,)."""
        return {name: np.abs(values).mean(axis=0) for name, values in self.values.items()}

    @property
    def kept(self) -> Indices:
        """The features that are shown: large to any method, the first method's largest first."""
        sizes = self.mean_sizes
        shares = sum(size / (size.sum() or 1.0) for size in sizes.values())
        kept = np.argsort(-np.asarray(shares), kind="stable")[:MOST_FEATURES]
        return kept[np.argsort(-sizes[self.main][kept], kind="stable")]

    def change(self, name: str) -> float:
        """Return the mean change of the output that a method shares out; NaN without one."""
        found = self.found[name]
        return float(np.abs(found.output - found.baseline_output).mean())

    def missed(self, name: str) -> float:
        """Return the mean size of what a method leaves unexplained."""
        return float(np.abs(self.found[name].residual).mean())

    def share_missed(self, name: str) -> float:
        """Return it relative to the change; NaN where nothing changes."""
        change, scale = self.change(name), np.abs(self.found[name].output).max()
        return self.missed(name) / change if change > NEGLIGIBLE * scale else np.nan

    def adds_up(self, name: str) -> str:
        """Say whether a method's parts add up."""
        found = self.found[name]
        if np.isnan(found.baseline_output).any():
            return "makes no such claim"
        parts = np.abs(found.values).sum(axis=1)
        scale = np.maximum(np.maximum(np.abs(found.output), np.abs(found.baseline_output)), parts)
        if (np.abs(found.residual) <= COMPLETE * scale).all():
            return "yes"
        if self.missed(name) <= NOISE * self.noise(name):
            return "within its standard errors"
        return "no"

    def noise(self, name: str) -> float:
        """Return the mean standard error of a sum of parts, as if they were independent."""
        return float(np.sqrt((self.errors[name] ** 2).sum(axis=1)).mean())

    def moved(self, name: str) -> float:
        """Return how much of the attributions the other baseline changes: Σ|R − R'| / Σ|R|."""
        here, there = self.values[name], self.elsewhere[name]
        size = np.abs(here).sum()
        least = ROUNDING * np.abs(self.found[name].output).sum()
        return float(np.abs(here - there).sum() / size) if size > least else np.nan

    def ranks_kept(self, name: str) -> float:
        """Return the mean rank correlation between both baselines; NaN without an order."""
        return alike(self._levels(name), levels(self.elsewhere[name], self.found[name].output))

    def pairs(self) -> dict[tuple[str, str], float]:
        """Return the mean rank correlation of each pair of methods; none of a single feature.

        It is NaN where one of them gives all features the same size.
        """
        if self.subject.inputs.shape[1] < 2:
            return {}
        pairs = combinations(self.methods, 2)
        return {(a, b): alike(self._levels(a), self._levels(b)) for a, b in pairs}

    def ranks_itself(self, name: str) -> float:
        """Return 1, as a method agrees with itself; NaN if it orders no features."""
        return alike(self._levels(name), self._levels(name))

    def _levels(self, name: str) -> Array:
        return levels(self.values[name], self.found[name].output)


def alike(first: Array, second: Array) -> float:
    """Return the mean rank correlation of levels over the inputs where both order the features.

    NaN if there is no such input: where all features have one size, there is nothing to agree on.
    """
    ordered = (np.ptp(first, axis=1) > 0) & (np.ptp(second, axis=1) > 0)
    if not ordered.any():
        return np.nan
    return float(agreement(first[ordered], second[ordered]).mean())


def levels(values: Array, output: Array) -> Array:
    """Return the place (N, d) of each size from the smallest up; what rounding parts is equal."""
    sizes = np.abs(values)
    least = np.maximum(NEGLIGIBLE * sizes.max(axis=1), ROUNDING * np.abs(output))
    order = np.argsort(sizes, axis=1, kind="stable")
    steps = np.diff(np.take_along_axis(sizes, order, axis=1), axis=1) > least[:, None]
    places = np.zeros(sizes.shape)
    np.put_along_axis(places, order[:, 1:], np.cumsum(steps, axis=1).astype(float), axis=1)
    return places


def findings_of(
    subject: Subject,
    methods: Mapping[str, Method] | None,
    rng: np.random.Generator,
    **settings: Any,
) -> Findings:
    """Explain and judge.

    Raises
    ------
    TypeError
        If methods are no mapping of functions that return attributions.
    ValueError
        If there is no method, or one returns other shapes.
    """
    model, inputs, absent, other = subject.model, subject.inputs, subject.absent, subject.other
    left_out: Mapping[str, str] = {}
    if methods is None:
        methods, left_out = supported(model, inputs, absent)
    if not methods:
        raise ValueError(_no_method(left_out))
    baselines: Sequence[Absent] = [absent] if other is None else [absent, other]
    judged = judge(model, inputs, methods, baselines, rng=rng, **settings)
    if not subject.distances:
        judged = replace(judged, numbers=_without(judged.numbers, DISTANCE))
    root = int(rng.integers(2**32))

    def ask(name: str, method: Method, where: Absent) -> Attribution:
        own = np.random.default_rng([root, crc32(name.encode())])
        return explained(method, model, inputs, where, own)

    found = {name: ask(name, method, absent) for name, method in methods.items()}
    return Findings(
        subject=subject,
        found=found,
        values={name: in_output_units(one, inputs, absent) for name, one in found.items()},
        errors={name: _errors(one, subject) for name, one in found.items()},
        elsewhere={}
        if other is None
        else {n: in_output_units(ask(n, m, other), inputs, other) for n, m in methods.items()},
        judged=judged,
        left_out=left_out,
    )


def _without(numbers: Mapping[str, Any], left_out: str) -> dict[str, Any]:
    return {name: row for name, row in numbers.items() if name != left_out}


def _errors(found: Attribution, subject: Subject) -> Array:
    """Return standard errors in units of the output."""
    if found.standard_error is None:
        return np.zeros(found.values.shape)
    slopes = replace(found, values=found.standard_error)
    return np.abs(in_output_units(slopes, subject.inputs, subject.absent))


def _no_method(left_out: Mapping[str, str]) -> str:
    why = f" ({next(iter(left_out.values()))})" if left_out else ""
    return (
        "methods: expected at least one that fits the model, found none; pass "
        f'{{"occlusion": qxai.occlusion}} or others that do{why}'
    )
