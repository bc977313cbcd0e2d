"""What to be careful with, in words: each sentence follows from a number of the report."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from qxai.metrics.judgement import ROUNDING, SIGN
from qxai.metrics.relative import Interval
from qxai.reporting.findings import DISTANCE, NEGLIGIBLE, NOISE, Findings

FEW = 10  # inputs: a bootstrap interval of fewer says next to nothing
UNEXPLAINED = 0.05  # of the change: less would hardly be seen in a picture
DISAGREE = 0.5  # rank correlation: below it two methods tell different stories
DEPENDS = 0.5  # the same of one method and two baselines
SURVIVES = 0.7  # the same of a model and of one that has learnt nothing: chance gives 0
UNSTEADY = 0.2  # spread over draws, relative to size: the second digit is already noise

CONTROL_WORDS = {
    "random": "a random control",
    DISTANCE: "sharing the change by the distance from the baseline",
}


class Caution(NamedTuple):
    """A sentence, and the section of the page that it rests on."""

    section: str
    text: str


def cautions(found: Findings) -> list[Caution]:
    """Return what the numbers warn of; nothing where they warn of nothing."""
    sources = (_few, _nothing, _incomplete, _disagreement, _baseline, _controls, _survivors, _draws)
    return [caution for source in sources for caution in source(found)]


def percent(share: float) -> str:
    """Write a share, as ``34 %``."""
    return f"{100 * share:.0f} %"


def listed(names: list[str]) -> str:
    """Write names as ``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _those(names: list[str], found: Findings) -> str:
    """Write some of the methods; all of them in two words."""
    return "all methods" if len(names) == len(found.methods) > 1 else listed(names)


def _few(found: Findings) -> Iterator[Caution]:
    count = len(found.subject.inputs)
    if count < FEW:
        inputs = "one input" if count == 1 else f"{count} inputs"
        yield Caution("what", f"Explanations of {inputs} only: they say little about others.")


def _nothing(found: Findings) -> Iterator[Caution]:
    output = found.found[found.main].output
    changes = [found.change(name) for name in found.methods]
    known = [change for change in changes if not np.isnan(change)]
    if known and max(known) <= NEGLIGIBLE * np.abs(output).max():
        yield Caution("what", "The output at the inputs is that at the baseline: nothing changes.")


def _incomplete(found: Findings) -> Iterator[Caution]:
    shares = {
        name: found.share_missed(name)
        for name in found.methods
        if found.missed(name) > NOISE * found.noise(name)
    }
    left = [f"{name} leaves {percent(one)}" for name, one in shares.items() if one > UNEXPLAINED]
    if left:
        yield Caution("rest", f"Part of the change stays unexplained: {listed(left)}.")


def _disagreement(found: Findings) -> Iterator[Caution]:
    pairs = {pair: rank for pair, rank in found.pairs().items() if not np.isnan(rank)}
    apart = {pair: rank for pair, rank in pairs.items() if rank < DISAGREE}
    if apart:
        a, b = min(apart, key=lambda pair: apart[pair])
        yield Caution(
            "agreement",
            f"The methods disagree: {len(apart)} of {len(pairs)} pairs order the features "
            f"differently, most of all {a} and {b} (rank correlation {_signed(apart[a, b])}).",
        )


def _baseline(found: Findings) -> Iterator[Caution]:
    if not found.elsewhere or found.subject.inputs.shape[1] < 2:
        return
    ranks = {name: found.ranks_kept(name) for name in found.methods}
    apart = [name for name, rank in ranks.items() if rank < DEPENDS]
    if apart:
        least = min(apart, key=lambda name: ranks[name])
        yield Caution(
            "baselines",
            f"The ranking depends on the baseline: with {found.subject.other_text} in place of "
            f"{found.subject.absent_text}, {_those(apart, found)} order the features "
            f"differently (rank correlation {_signed(ranks[least])} for {least}).",
        )


def _controls(found: Findings) -> Iterator[Caution]:
    numbers = found.judged.numbers
    if found.subject.inputs.shape[1] < 2:
        return  # of one feature nothing can be put in the wrong place
    for control in (name for name in CONTROL_WORDS if name in numbers):
        equal = {
            metric: [
                name
                for name in found.methods
                if _as_good(numbers[control][metric], numbers[name][metric], sign)
            ]
            for metric, sign in SIGN.items()
        }
        told = _by_metric(equal, found)
        if told:
            words = CONTROL_WORDS[control]
            yield Caution(
                "controls",
                f"{words[0].upper()}{words[1:]} does as well as {', and as '.join(told)}, as far "
                "as these inputs tell.",
            )


def _by_metric(equal: Mapping[str, list[str]], found: Findings) -> list[str]:
    """Write which methods by which metric; metrics with the same methods together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for metric, names in equal.items():
        if names:
            groups.setdefault(tuple(names), []).append(f"by {metric}")
    return [f"{_those(list(names), found)} {listed(by)}" for names, by in groups.items()]


def _survivors(found: Findings) -> Iterator[Caution]:
    ranks = {name: found.judged.numbers[name]["randomised"].value for name in found.methods}
    alike = [f"{name} ({_signed(rank)})" for name, rank in ranks.items() if rank > SURVIVES]
    if alike:
        yield Caution(
            "controls",
            "The explanation hardly changes when the model's parameters are randomised: rank "
            f"correlation of {listed(alike)}.",
        )


def _draws(found: Findings) -> Iterator[Caution]:
    for name in found.methods:
        spread = found.judged.numbers[name]["seeds"].value
        if spread > UNSTEADY:
            yield Caution(
                "controls",
                f"{name} varies by {percent(spread)} of its size from one draw to the next.",
            )


def _as_good(control: Interval, method: Interval, sign: float) -> bool:
    """Tell whether intervals overlap, or whether the control is better where there are none."""
    if np.isnan(control.value) or np.isnan(method.value):
        return False
    if np.isnan(control.low) or np.isnan(method.low):
        return sign * control.value <= sign * method.value + ROUNDING
    best = min(sign * control.low, sign * control.high)
    worst = max(sign * method.low, sign * method.high)
    return best <= worst + ROUNDING


def _signed(rank: float) -> str:
    return f"{round(rank, 2) + 0.0:.2f}".replace("-", "−")
