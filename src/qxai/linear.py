"""Exponents that are linear in all symbols, and their coefficients."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from qxai.core import Array


@dataclass(frozen=True, eq=False)
class Linear:
    """Exponents that are linear in all symbols, as nearly all are: no need to compile them.

    ``constant`` (G,), ``by_feature`` (G, d), ``by_parameter`` (G, P).
    """

    constant: Array
    by_feature: Array
    by_parameter: Array


def linear(
    expressions: Sequence[sympy.Expr],
    features: Sequence[sympy.Symbol],
    parameters: Sequence[sympy.Symbol],
) -> Linear | None:
    """Read the coefficients of expressions off, or return None if one is not a plain sum."""
    columns = {symbol: i for i, symbol in enumerate((*features, *parameters))}
    matrix, constant = np.zeros((len(expressions), len(columns))), np.zeros(len(expressions))
    for g, expression in enumerate(expressions):
        for term in sympy.Add.make_args(expression):
            if term == 0:
                continue
            factor, symbol = term.as_independent(*term.free_symbols, as_Add=False)
            number = _number(factor)
            if number is None or (symbol != 1 and symbol not in columns):
                return None
            if symbol == 1:
                constant[g] += number
            else:
                matrix[g, columns[symbol]] += number
    return Linear(constant, matrix[:, : len(features)], matrix[:, len(features) :])


@lru_cache(maxsize=1024)
def _number(factor: sympy.Expr) -> float | None:
    """Return a finite real constant as a float, None for anything else."""
    try:
        value = complex(factor)
    except TypeError:  # an infinity without direction
        return None
    return value.real if value.imag == 0 and np.isfinite(value.real) else None
