"""What is explained in chunks: what must not be copied to each, and whether two are of the same."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from types import MethodType
from typing import Any

import numpy as np

from qxai.attribution import Attribution
from qxai.core import Indices
from qxai.frames import is_table

Explain = Callable[..., Attribution]

SAME = 1e-9  # relative: by how much a row may differ when it is explained again
MANY = 100  # entries of a list that are looked through


def without_baseline(explain: Explain, count: int) -> tuple[Explain, Any]:
    """Take a baseline with a row for each input out of what is called, to be cut as they are."""
    if not isinstance(explain, partial) or "baseline" not in explain.keywords:
        return explain, None
    baseline: Any = explain.keywords["baseline"]
    if not is_table(baseline):
        if not isinstance(baseline, np.ndarray | list | tuple) or np.ndim(baseline) != 2:
            return explain, None
        baseline = np.asarray(baseline, dtype=np.float64)
    if len(baseline) != count:
        raise ValueError(
            f"baseline: expected a point or a row for each of {count} inputs, found shape "
            f"{baseline.shape}"
        )
    rest = {name: value for name, value in explain.keywords.items() if name != "baseline"}
    return partial(explain.func, *explain.args, **rest), baseline


def refuse_generators(value: Any, depth: int = 5) -> None:
    """Refuse a generator in what is called, also within a model: every process would copy it.

    Raises
    ------
    TypeError
        If there is one.
    """
    if isinstance(value, np.random.Generator):
        raise TypeError(
            "explain: expected none with a generator, which every process would copy, found one; "
            "a method that draws takes in_chunks(…, rng=rng); for a model on a device write a "
            "function of (X, rng) that puts it there: model.on(qxai.Sampled(1000, rng))"
        )
    inner: list[Any] = []
    if isinstance(value, partial):
        inner = [value.func, *value.args, *value.keywords.values()]
    elif isinstance(value, MethodType):
        inner = [value.__self__]
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, tuple | list):
        inner = list(value[:MANY])
    elif isinstance(value, Mapping):
        inner = list(value.values())[:MANY]
    for one in inner if depth else ():
        refuse_generators(one, depth - 1)


def rows_of(table: Any, part: Any) -> Any:
    """Return some rows of an array or a DataFrame."""
    return table.iloc[part] if is_table(table) else table[part]


def same(again: Attribution, stored: Attribution, rows: Indices) -> bool:
    """Tell whether an explanation of some rows is what is stored of them."""
    if (again.method, again.feature_names) != (stored.method, stored.feature_names):
        return False
    for name in ("values", "output", "baseline_output"):
        one, other = getattr(again, name), getattr(stored, name)[rows]
        scale = 1 + np.abs(stored.output).max(initial=0.0)
        if one.shape != other.shape or not np.allclose(
            one, other, rtol=0, atol=SAME * scale, equal_nan=True
        ):
            return False
    return True


def digest(table: Any) -> str:
    """Return a digest of what a table holds, whatever it is held in."""
    array = np.asarray(table)
    try:
        content = np.ascontiguousarray(array, dtype=np.float64).tobytes()
    except (TypeError, ValueError):  # texts
        content = "\0".join(map(str, array.ravel())).encode()
    return hashlib.sha256(repr(array.shape).encode() + content).hexdigest()


def seed_of(generator: np.random.Generator) -> str:
    """Return a digest of where a generator stands."""
    return hashlib.sha256(repr(generator.bit_generator.state).encode()).hexdigest()
