"""Values of OpenQASM expressions: numbers, expressions in names, and arrays of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from openqasm3 import ast

from qxai.models.qasm.parsing import original
from qxai.models.qasm.refusing import Steps, refuse

LARGEST = 1e300  # of a number: a few of them are finite together, too
PART = 12  # steps for each part of an expression in names: making one takes as long
MOST_PARTS = 5_000  # of an expression in names
MOST_NESTED = 60  # functions in functions
Value = Any  # a float, a sympy expression, or a list of values
CONSTANTS = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), 2 * math.pi),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}
# For numbers, and for names where there is one.
FUNCTIONS: dict[str, tuple[Callable[..., float], Any]] = {
    "sin": (math.sin, sympy.sin),
    "cos": (math.cos, sympy.cos),
    "tan": (math.tan, sympy.tan),
    "exp": (math.exp, sympy.exp),
    "sqrt": (math.sqrt, sympy.sqrt),
    **dict.fromkeys(("ln", "log"), (math.log, sympy.log)),
    **dict.fromkeys(("asin", "arcsin"), (math.asin, sympy.asin)),
    **dict.fromkeys(("acos", "arccos"), (math.acos, sympy.acos)),
    **dict.fromkeys(("atan", "arctan"), (math.atan, sympy.atan)),
    "floor": (math.floor, None),
    "ceiling": (math.ceil, None),
    "mod": (lambda a, b: a % b, None),
}
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}


@dataclass(frozen=True)
class Scope:
    """What names stand for where an expression is read, and the steps that are left."""

    values: Mapping[str, Value]
    steps: Steps
    hint: str = ""

    def number(self, node: ast.Expression, what: str) -> float:
        """Return the value of an expression without names."""
        found = value_of(node, self)
        if not isinstance(found, float):
            refuse(node, f"a number as {what}", "names of angles or an array", "write the number")
        return found

    def whole(self, node: ast.Expression, least: int, most: int, what: str) -> int:
        """Return a whole number between two others."""
        found = self.number(node, what)
        if not found.is_integer():
            refuse(node, f"a whole number as {what}", str(found))
        if not least <= found <= most:
            refuse(node, f"{least} to {most} as {what}", f"{found:.0f}"[:20])
        return int(found)

    def angle(self, node: ast.Expression) -> Value:
        """Return an angle: a number, or an expression in names."""
        found = value_of(node, self)
        if isinstance(found, list):
            refuse(node, "an angle", f"an array of {len(found)}", "write one of its entries")
        return found


def value_of(node: Any, scope: Scope) -> Value:
    """Return the value of an expression.

    Raises
    ------
    ValueError
        If a name is not known, or a number is none, or the text takes too many steps.
    """
    scope.steps.spend(node)
    with scope.steps.deeper(node):
        return _value(node, scope)


def _value(node: Any, scope: Scope) -> Value:
    kind = _KINDS.get(type(node))
    if kind is None:
        refuse(
            node,
            "angles of numbers, names, + - * / and functions",
            type(node).__name__,
            "write the number that it stands for",
        )
    return kind(node, scope)


def _literal(node: Any, scope: Scope) -> float:
    return _finite(node, _called(node, float, node.value))


def _name(node: ast.Identifier, scope: Scope) -> Value:
    name = original(node.name)
    if name in scope.values:
        if scope.values[name] is None:
            refuse(node, f"a value of {name}", "none yet", "give it one where it is declared")
        return scope.values[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    known = ", ".join(["pi", *scope.values][:20])
    refuse(node, f"the names {known} in angles", repr(name), scope.hint)


def _unary(node: ast.UnaryExpression, scope: Scope) -> Value:
    signs, inner = [], node
    while isinstance(inner, ast.UnaryExpression):
        scope.steps.spend(inner)
        signs.append(inner.op.name)
        inner = inner.expression  # type: ignore[assignment]
    if "~" in signs:
        refuse(node, "angles of numbers, names, + - * / and functions", "'~'", "work it out")
    found = scope.angle(inner)
    for sign in reversed(signs):
        if sign == "!" and not isinstance(found, float):
            refuse(node, "a number as a condition", "names of angles", "write the number")
        found = float(not found) if sign == "!" else -found
    return _counted(node, found, scope)


def _binary(node: ast.BinaryExpression, scope: Scope) -> Value:
    """Work off what stands to the left first, however long the chain is."""
    if node.op.name in ("+", "-"):
        return _sum(node, scope)
    chain, first = [], node
    while isinstance(first, ast.BinaryExpression) and first.op.name not in ("+", "-"):
        scope.steps.spend(first)
        chain.append(first)
        first = first.lhs  # type: ignore[assignment]
    found = scope.angle(first)
    for part in reversed(chain):
        found = _operation(part, found, scope.angle(part.rhs), scope)
    return found


def _operation(node: ast.BinaryExpression, left: Value, right: Value, scope: Scope) -> Value:
    """Return what one operator but + and − makes of two values."""
    sign = node.op.name
    if sign in COMPARED:
        if not (isinstance(left, float) and isinstance(right, float)):
            refuse(node, "a number as a condition", "names of angles", "write the number")
        return float(COMPARED[sign](left, right))
    numbers = isinstance(left, float) and isinstance(right, float)
    if sign == "*":
        return _counted(node, left * right, scope)
    if sign == "/":
        if right == 0:
            refuse(node, "angles that are finite numbers", "a division by zero")
        return _counted(node, left / right, scope)
    if sign == "**":
        found = _called(node, math.pow, left, right) if numbers else sympy.Pow(left, right)
        return _counted(node, found, scope)
    if sign == "%" and numbers and right:
        return _counted(node, left % right, scope)
    refuse(node, "angles of numbers, names, + - * / and functions", repr(sign), "work it out")


def _sum(node: ast.BinaryExpression, scope: Scope) -> Value:
    """Add all terms at once: a sum of many is no deep tree."""
    terms, rest = [], node
    while isinstance(rest, ast.BinaryExpression) and rest.op.name in ("+", "-"):
        scope.steps.spend(rest)
        last = scope.angle(rest.rhs)
        terms.append(last if rest.op.name == "+" else -last)
        rest = rest.lhs  # type: ignore[assignment]
    terms.append(scope.angle(rest))
    if all(isinstance(term, float) for term in terms):
        return _finite(node, math.fsum(terms) if len(terms) > 2 else terms[1] + terms[0])
    return _counted(node, sympy.Add(*reversed(terms)), scope)


def _function(node: ast.FunctionCall, scope: Scope) -> Value:
    name = original(node.name.name)
    if name not in FUNCTIONS:
        refuse(node, f"one of the functions {', '.join(FUNCTIONS)}", repr(name))
    of_numbers, of_names = FUNCTIONS[name]
    count = 2 if name == "mod" else 1
    if len(node.arguments) != count:
        refuse(node, f"{count} in the parentheses of {name}", str(len(node.arguments)))
    arguments = [scope.angle(one) for one in node.arguments]
    if all(isinstance(one, float) for one in arguments):
        return _finite(node, _called(node, of_numbers, *arguments))
    if of_names is None:
        refuse(node, f"numbers in the parentheses of {name}", "names of angles")
    return _counted(node, of_names(*arguments), scope)


def _called(node: Any, function: Callable[..., float], *arguments: float) -> float:
    try:
        return float(function(*arguments))
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        refuse(node, "angles that are finite numbers", f"a value that is none ({error})")


def _cast(node: ast.Cast, scope: Scope) -> Value:
    if not isinstance(node.type, ast.FloatType | ast.AngleType | ast.IntType | ast.UintType):
        refuse(node, "numbers or angles", type(node.type).__name__, "write the number")
    found = scope.angle(node.argument)
    whole = isinstance(node.type, ast.IntType | ast.UintType)
    return float(int(scope.number(node.argument, "a whole number"))) if whole else found


def _array(node: ast.ArrayLiteral, scope: Scope) -> list[Value]:
    return [value_of(one, scope) for one in node.values]


def _indexed(node: ast.IndexExpression, scope: Scope) -> Value:
    found = value_of(node.collection, scope)
    for index in node.index if isinstance(node.index, list) else ():
        if not isinstance(found, list):
            refuse(node, "an array before an index", "a number")
        if isinstance(index, ast.RangeDefinition):
            refuse(node, "one entry of an array", "several", "write one index")
        found = found[scope.whole(index, -len(found), len(found) - 1, "an index")]
    if not isinstance(node.index, list):
        refuse(node, "one entry of an array", "a set of them", "write one index")
    return found


def _counted(node: Any, found: Value, scope: Scope) -> Value:
    """Count what an expression in names is made of; it is written out when it is compiled."""
    if isinstance(found, float):
        return _finite(node, found)
    number = found
    if not number.free_symbols:
        if not number.is_real:
            refuse(node, "angles that are finite numbers", "one that is not real")
        return _finite(node, float(number))
    parts = _parts(number)
    scope.steps.spend(node, PART * parts)
    if parts > MOST_PARTS:
        refuse(
            node,
            f"angles of at most {MOST_PARTS} parts",
            "more, or functions too deep",
            "shorten it",
        )
    return number


def _parts(expression: sympy.Basic) -> int:
    """Return the number of nodes of an expression written out, or more than may be."""
    waiting: list[tuple[int, Sequence[sympy.Basic]]] = [(0, (expression,))]
    count = 0
    while waiting and count <= MOST_PARTS:
        depth, siblings = waiting.pop()
        count += len(siblings) if depth < MOST_NESTED else MOST_PARTS
        waiting += [(depth + 1, one.args) for one in siblings if one.args]
    return count


def _finite(node: Any, number: float) -> float:
    if not abs(number) < LARGEST:
        refuse(node, "angles that are finite numbers", "one that is too large or none")
    return number


_KINDS: Mapping[type, Callable[[Any, Scope], Value]] = {
    ast.IntegerLiteral: _literal,
    ast.FloatLiteral: _literal,
    ast.BooleanLiteral: _literal,
    ast.Identifier: _name,
    ast.UnaryExpression: _unary,
    ast.BinaryExpression: _binary,
    ast.FunctionCall: _function,
    ast.Cast: _cast,
    ast.ArrayLiteral: _array,
    ast.IndexExpression: _indexed,
}
