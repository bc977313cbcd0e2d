"""What a report is about: a model, inputs, two baselines and names, checked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.absence import Absent
from qxai.background import Background, Marginals
from qxai.core import Array, Evaluator
from qxai.metrics.candidates import takes_columns
from qxai.metrics.relative import centre
from qxai.question import as_absent, asked, feature_names
from qxai.reporting.arguments import called

NEAR = 0.5  # standard deviations of the inputs: a baseline nearer than that is hardly another
ADVICE = "pass baseline=, such as the mean row of the training data"


@dataclass(frozen=True, eq=False)
class Subject:
    """The checked question of a report.

    Attributes
    ----------
    model : Evaluator
    description : str
        The model in words.
    inputs : ndarray, shape (N, d)
    shown : sequence of sequences
        The inputs as they are written, numbers or texts; the first few.
    names : tuple of str, length d
    absent : ndarray (N, d), Background or Marginals
        The baseline.
    other : ndarray (N, d), Background, Marginals or None
        Another one to compare with; None where the inputs offer none.
    absent_text, other_text : str
        Both in words.
    distances : bool
        Whether it means anything how far an input is from another one.
    """

    model: Evaluator
    description: str
    inputs: Array
    shown: Sequence[Sequence[Any]]
    names: tuple[str, ...]
    absent: Absent
    other: Absent | None
    absent_text: str
    other_text: str
    distances: bool = True


def subject_of(
    model: Any, X: Any, baseline: Any, other: Any, names: Any, description: str | None
) -> Subject:
    """Check what is asked, and choose the baselines that were not named.

    Raises
    ------
    TypeError
        If the model is none, or names are no list.
    ValueError
        If inputs, baselines or names do not fit it.
    """
    inputs = asked(model, X).inputs
    if not len(inputs):
        raise ValueError("X: expected at least one input, found none; pass rows, such as X[:50]")
    known = feature_names(model, X)
    raw = takes_columns(model)
    baseline = _default(inputs, raw) if baseline is None else baseline
    absent = as_absent(baseline, inputs, known)
    named: tuple[Absent | None, str]
    if other is None:
        named = _another(inputs, absent, raw)
    else:
        with called("other_baseline", "baseline"):
            matched = as_absent(other, inputs, known)
        named = matched, in_words(matched, inputs)
    return Subject(
        model=model,
        description=_described(model) if description is None else description,
        inputs=inputs,
        shown=inputs.tolist(),
        names=_names(names, known, inputs.shape[1], X),
        absent=absent,
        other=named[0],
        absent_text=in_words(absent, inputs),
        other_text=named[1],
    )


def in_words(absent: Absent, inputs: Array) -> str:
    """Say what a baseline is."""
    if isinstance(absent, Background):
        return f"{len(absent.sample)} rows of a sample"
    if isinstance(absent, Marginals):
        return f"independent features, as in {len(absent.sample)} rows"
    if (absent != absent[:1]).any():
        return "a point of its own for each input"
    if not absent.any():
        return "0 for every feature"
    if len(inputs) > 1 and np.allclose(absent[0], inputs.mean(axis=0)):
        return "the mean row of the inputs"
    return "a point that was given"


def _default(inputs: Array, raw: bool) -> Any:
    """Return 0 in radians; of raw columns, of which none need have a 0, the mean row."""
    if not raw:
        return 0.0
    if (inputs == inputs[:1]).all():
        raise ValueError(
            f"baseline: expected one, as the mean of equal rows is the row itself, found None; "
            f"{ADVICE}"
        )
    return inputs.mean(axis=0)


def _another(inputs: Array, absent: Absent, raw: bool) -> tuple[Absent | None, str]:
    """Return the first usual baseline that is neither the given one nor the inputs themselves."""
    d = inputs.shape[1]
    usual = [("the mean row of the inputs", inputs.mean(axis=0))]
    if raw:
        usual += [
            ("the least values of the inputs", inputs.min(axis=0)),
            ("the greatest values of the inputs", inputs.max(axis=0)),
        ]
    else:
        usual += [
            ("0 for every feature", np.zeros(d)),
            ("π/2 for every feature", np.full(d, np.pi / 2)),
        ]
    for text, point in usual:
        if _differs(point, centre(absent), inputs) and not np.allclose(point, inputs):
            return np.broadcast_to(point, inputs.shape), text
    return None, "none"


def _differs(point: Array, given: Array, inputs: Array) -> bool:
    """Tell whether a baseline is another one, in some feature at least."""
    steps = np.abs(point - given)
    return bool(((steps > NEAR * inputs.std(axis=0)) & ~np.isclose(point, given)).any())


def _names(given: Any, known: Any, d: int, X: Any) -> tuple[str, ...]:
    """Return the names of the features, of the first source that has any."""
    if given is None:
        return known or tuple(f"x{i}" for i in range(d))
    if not isinstance(given, Iterable):
        raise TypeError(
            f"feature_names: expected a list of {d} names, found {given!r}; leave it out for the "
            "names of the model or of a table's columns"
        )
    found = () if isinstance(given, str) else tuple(map(str, given))
    if len(found) != d:
        raise ValueError(
            f"feature_names: expected {d} names, found {given!r}; leave it out for the names of "
            "the model or of a table's columns"
        )
    return found


def _described(model: Any) -> str:
    """Return what a model says of itself, unless that is where it lies in memory."""
    text = repr(model)
    return type(model).__name__ if " at 0x" in text else text.strip("<>")
