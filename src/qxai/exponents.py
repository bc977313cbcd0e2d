"""What may stand in an exponent: real expressions that can be evaluated for arrays."""

from functools import lru_cache
from typing import Any

import numpy as np
import sympy

PLAIN = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Symbol, sympy.Number, sympy.NumberSymbol)
UNDONE = (sympy.Derivative, sympy.Subs)  # a search for an integral may not end


@lru_cache(maxsize=4096)
def real(expression: sympy.Basic) -> sympy.Basic:
    """Give all symbols the assumption that they are real: names, as in Cirq, decide."""
    symbols = expression.free_symbols
    return expression.xreplace({s: sympy.Symbol(s.name, real=True) for s in symbols})


@lru_cache(maxsize=4096)
def exponent(expression: sympy.Basic) -> sympy.Expr:
    """Return an exponent of real symbols, with its derivatives carried out.

    Raises
    ------
    ValueError
        If it is no number but true or false, or what it is made of has no numerical function.
    """
    found = real(expression)
    if all(isinstance(part, PLAIN) for part in sympy.preorder_traversal(found)):
        return found
    if isinstance(found, sympy.logic.boolalg.Boolean):
        raise ValueError(
            f"circuit: expected exponents that are numbers, found {found}, which is true or false; "
            f"write sympy.Piecewise((1, {found}), (0, True))"
        )
    found = found.doit() if found.has(*UNDONE) else found
    if (wrong := _without_numbers(found)) is not None:
        raise ValueError(
            "circuit: expected exponents made of functions that NumPy or SciPy evaluates, found "
            f"{wrong} in {found}; write a formula in its place, or use a symbol for its value"
        )
    return found


def without_imaginary(value: Any) -> Any:
    """Return a real value as such, though its function, as Lambert's W, answers in complex."""
    return value.real if np.iscomplexobj(value) and not np.imag(value).any() else value


def _without_numbers(expression: sympy.Expr) -> sympy.Basic | None:
    """Return the smallest part that cannot be evaluated, None if all can."""
    if _evaluates(expression):
        return None
    parts = (part for part in expression.args if isinstance(part, sympy.Expr))
    return next((wrong for part in parts if (wrong := _without_numbers(part))), expression)


def _evaluates(expression: sympy.Expr) -> bool:
    """Tell whether an expression has values, of any kind, for arrays in place of its symbols."""
    symbols = sorted(expression.free_symbols, key=str)
    try:
        with np.errstate(all="ignore"):
            function = sympy.lambdify(symbols, expression, ["scipy", "numpy"], dummify=True)
            np.asarray(function(*(np.array([0.3, 0.4]) for _ in symbols)) * 1.0)
    except Exception:  # whatever a printer or a function of another library raises
        return False
    return True
