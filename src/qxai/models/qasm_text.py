"""OpenQASM text as words, and its angles as affine functions of names.

Whatever a text says, reading it takes steps that are counted and limited.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

LONGEST = 200_000  # characters of a text
MOST_STEPS = 400_000  # words read, where definitions are unfolded, and terms of angles
DEEPEST = 50  # parentheses in one angle, powers of powers, definitions in definitions
LARGEST = 1e300  # of an angle and of its slopes: sums of a few are finite too
COMMENT = re.compile(r"//[^\n]*|/\*.*?(?P<end>\*/|\Z)", re.DOTALL)
WORD = re.compile(
    r"\s+|(?P<text>\"[^\"\n]*\")|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>->|==|[-+*/^(){}\[\];,=])|(?P<other>.)",
    re.DOTALL,
)
FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "acos": math.acos,
    "atan": math.atan,
    "asin": math.asin,
}


@dataclass(frozen=True)
class Affine:
    """``constant + Σ slopes[name] · name``."""

    constant: float
    slopes: Mapping[str, float] = field(default_factory=dict)

    def plus(self, other: "Affine", factor: float = 1.0) -> "Affine":
        """Return ``self + factor · other``."""
        slopes = dict(self.slopes)
        for name, slope in other.slopes.items():
            slopes[name] = slopes.get(name, 0.0) + factor * slope
        return Affine(self.constant + factor * other.constant, slopes)

    def times(self, factor: float) -> "Affine":
        """Return ``factor · self``."""
        return Affine(0.0).plus(self, factor)


@dataclass
class Steps:
    """The steps that are left of those that reading may take."""

    left: int = MOST_STEPS


@dataclass
class Words:
    """The words of a text, the place where reading is, and the steps that are left."""

    words: list[tuple[str, str, int]] = field(repr=False)  # kind, word, line
    place: int = 0
    steps: Steps = field(default_factory=Steps)

    @property
    def next(self) -> str:
        """The word that comes next; empty at the end."""
        return self.words[self.place][1]

    @property
    def after(self) -> str:
        """The word after the next; empty at the end."""
        return self.words[min(self.place + 1, len(self.words) - 1)][1]

    @property
    def kind(self) -> str:
        """Its kind: text, number, name, sign, or end."""
        return self.words[self.place][0]

    @property
    def line(self) -> int:
        """Its line."""
        return self.words[self.place][2]

    def take(self, *expected: str) -> str:
        """Return the next word and go on, if it or its kind is as expected."""
        if not expected or self.next in expected or self.kind in expected:
            self.spend(1)
            word = self.next
            self.place += self.kind != "end"
            return word
        self.refuse(" or ".join(expected), repr(self.next) if self.next else "the end")

    def passed(self, word: str) -> bool:
        """Go past a word if it comes next, and tell."""
        if self.kind == "text" or self.next != word:
            return False
        self.take()
        return True

    def whole(self, most: int, what: str) -> int:
        """Return a whole number of at most ``most``."""
        digits = self.next
        if self.kind != "number" or not digits.isdigit():
            self.refuse(f"a whole number as {what}", repr(digits))
        if len(digits) > 9 or int(digits) > most:
            self.refuse(f"at most {most} as {what}", digits[:20])
        return int(self.take())

    def listed(self, one: Callable[[], str]) -> list[str]:
        """Return what stands between commas."""
        found = [one()]
        while self.passed(","):
            found.append(one())
        return found

    def spend(self, steps: int) -> None:
        """Count steps, and refuse a text that takes too many."""
        self.steps.left -= steps
        if self.steps.left < 0:
            self.refuse(
                f"a program that unfolds to at most {MOST_STEPS} words",
                "more",
                "write fewer repetitions of gates that the text defines",
            )

    def refuse(self, expected: str, found: str, remedy: str = "") -> NoReturn:
        """Raise the error of a text that cannot be read here."""
        # Both may hold words of the text, which may be long.
        place = f"text: expected {expected[:200]}, found {found[:100]} in line {self.line}"
        raise ValueError(f"{place}; {remedy}" if remedy else place)


def words(text: str) -> Words:
    """Cut a text into words, without its comments.

    Raises
    ------
    ValueError
        If it is too long, or holds what OpenQASM has no use for.
    """
    if len(text) > LONGEST:
        raise ValueError(
            f"text: expected at most {LONGEST} characters, found {len(text)}; define gates for "
            "what is repeated, or build the circuit with cirq"
        )
    found: list[tuple[str, str, int]] = []
    line = 1
    for match in WORD.finditer(COMMENT.sub(_lines, text)):
        word, kind = match.group(), match.lastgroup
        if kind == "other":
            raise ValueError(f"text: expected OpenQASM, found {word!r} in line {line}; remove it")
        if kind:
            found.append((kind, word, line))
        line += word.count("\n")
    return Words([*found, ("end", "", line)])


def _lines(comment: re.Match[str]) -> str:
    """Keep a comment's lines, so that errors name the right ones."""
    if comment["end"] == "":
        raise ValueError("text: expected */ at the end of a comment, found the end; add it")
    return " " + "\n" * comment.group().count("\n")


def angle(words: Words, values: Mapping[str, Affine]) -> Affine:
    """Read an angle, in which names have these values.

    Raises
    ------
    ValueError
        If it is not written as an affine function of them, is not finite, or is no angle.
    """
    try:
        found = _sum(words, values, 0)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        if str(error).startswith("text: "):
            raise
        words.refuse("angles that are finite numbers", f"a value that is none ({error})")
    words.spend(3 * len(found.slopes))  # expressions take longer to make than numbers
    if not all(abs(number) < LARGEST for number in (found.constant, *found.slopes.values())):
        words.refuse("angles that are finite numbers", "one that is too large")
    return found


def _sum(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    found = _product(words, values, depth)
    while words.next in ("+", "-"):
        sign = 1.0 if words.take() == "+" else -1.0
        found = found.plus(_product(words, values, depth), sign)
        words.spend(len(found.slopes))
    return found


def _product(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    found = _signed(words, values, depth)
    while words.next in ("*", "/"):
        sign = words.take()
        other = _signed(words, values, depth)
        if sign == "*" and not found.slopes:
            found, other = other, found
        _check_constant(words, other)
        found = found.times(other.constant if sign == "*" else 1.0 / other.constant)
        words.spend(len(found.slopes))
    return found


def _signed(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    sign = 1.0
    while words.next in ("+", "-"):
        sign *= 1.0 if words.take() == "+" else -1.0
    found = _power(words, values, depth)
    words.spend(len(found.slopes))
    return found if sign == 1 else found.times(sign)


def _power(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    base = _atom(words, values, depth)
    if not words.passed("^"):
        return base
    if depth >= DEEPEST:
        words.refuse(f"at most {DEEPEST} powers of powers", "more", "work the number out")
    exponent = _signed(words, values, depth + 1)
    if exponent == Affine(1.0):
        return base
    _check_constant(words, base)
    _check_constant(words, exponent)
    return Affine(math.pow(base.constant, exponent.constant))


def _atom(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    if words.kind == "number":
        return Affine(float(words.take()))
    if words.passed("("):
        return _inside(words, values, depth)
    name = words.take("a number", "name")
    if words.passed("("):
        if name not in FUNCTIONS:
            words.refuse(f"one of the functions {', '.join(FUNCTIONS)}", repr(name))
        argument = _inside(words, values, depth)
        _check_constant(words, argument)
        return Affine(FUNCTIONS[name](argument.constant))
    if name in values:
        return values[name]
    if name == "pi":
        return Affine(math.pi)
    known = ", ".join(["pi", *values][:20])
    words.refuse(f"the names {known} in angles", repr(name), "list every other name in names")


def _inside(words: Words, values: Mapping[str, Affine], depth: int) -> Affine:
    if depth >= DEEPEST:
        words.refuse(f"at most {DEEPEST} parentheses in each other", "more", "take some away")
    found = _sum(words, values, depth + 1)
    words.take(")")
    return found


def _check_constant(words: Words, number: Affine) -> None:
    if number.slopes:
        words.refuse(
            "angles that are affine in the names",
            "names in a product, a quotient, a power or a function",
            "write a multiple of a name, such as 2*x, or give x*y a name of its own",
        )
