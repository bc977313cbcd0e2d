"""Polynomials from texts of other programs."""

import json
from typing import Any, TypeVar

import numpy as np

Made = TypeVar("Made")
EXPECTED = (
    "text: expected JSON with lists of numbers under shape, frequencies and coefficients, as "
    "TrigPolynomial.to_json writes it"
)


def polynomial_of(text: str, kind: type[Made]) -> Made:
    """Return what a JSON text holds as a polynomial of a class.

    Raises
    ------
    ValueError
        If it is no JSON, lacks a part, or its numbers do not fit together.
    """
    try:
        record = json.loads(text)
        shape = [_whole(size) for size in record["shape"]]
        coefficients = np.array(record["coefficients"], dtype=np.float64).reshape(shape)
        frequencies = [np.array(w, dtype=np.float64).reshape(-1) for w in record["frequencies"]]
        make: Any = kind
        made: Made = make(coefficients, frequencies)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(f"{EXPECTED}, found {type(error).__name__}: {str(error)[:200]}") from None
    return made


def _whole(size: Any) -> int:
    if not isinstance(size, int) or size < 0:  # reshape would guess for −1
        raise ValueError(f"a shape of {size!r}")
    return size
