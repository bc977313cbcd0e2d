"""OpenQASM text as the syntax tree of the reference parser, whatever is in the text.

The parser is told OpenQASM 3. What OpenQASM 2 writes in another way is rewritten before it, line
by line, so that errors name the right one; and what would take the parser out of its depth is
refused before it begins.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import openqasm3
from openqasm3 import ast
from openqasm3.parser import QASM3ParsingError

from qxai.models.qasm.refusing import refuse

LONGEST = 200_000  # characters of a text
DEEPEST = 50  # brackets and blocks in each other
MOST_DIGITS = 300
LONGEST_NAME = 1_000
MOST_SIGNS = 2_000  # operators in one statement
FRAMES = 12  # of the parser, for each operator or bracket that holds another
SUFFIX = "_of_openqasm_2"
# Words that only OpenQASM 3 reserves; in an older text they are names as others.
RESERVED = re.compile(
    r"angle|array|bit|bool|box|break|cal|case|cast|complex|const|continue|ctrl|def"
    r"|default|defcal|defcalgrammar|delay|duration|durationof|else|end|extern|false"
    r"|float|for|gphase|im|in|input|int|inv|let|mutable|negctrl|nop|output|pow|pragma"
    r"|qubit|readonly|return|sizeof|stretch|switch|true|uint|void|while"
)
WORD = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<text>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<name>[^\W\d]\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>;)"
    r"|(?P<sign>[-+*/%^!~&|<>=]+)|(?P<line>\n)|[^\S\n]+|\w+|.",
    re.DOTALL,
)
VERSION = re.compile(r"\s*OPENQASM\s+([0-9]+)(?:\.[0-9]+)?\s*;")
# Statements of OpenQASM 3 that texts which call themselves older have, too.
NEWER = re.compile(r"[;}]\s*(?:qubit\s*\[|qubit\s+\w|bit\s*\[|input\s+(?:float|angle|array)\b)")


@dataclass(frozen=True)
class Parsed:
    """The statements of a program, and the language that they are in, 2 or 3."""

    statements: Sequence[ast.Statement | ast.Pragma]
    version: int


def parse(text: str) -> Parsed:
    """Return the syntax tree of a text.

    Raises
    ------
    ValueError
        If the text is too long, too deep or malformed, or in another language.
    """
    if len(text) > LONGEST:
        raise ValueError(
            f"text: expected at most {LONGEST} characters, found {len(text)}; define gates for "
            "what is repeated, or build the circuit with cirq"
        )
    bare = WORD.sub(_without_comment, text.replace("\r\n", "\n").replace("\r", "\n"))
    if not bare.strip():
        raise ValueError("text: expected a program, found nothing in line 1; write one")
    version = _version(bare)
    depth = _checked_depth(bare)
    if version == 2:
        bare = _modern(bare)
    with _deep(depth), contextlib.redirect_stderr(io.StringIO()):
        try:
            program = openqasm3.parse(bare)
        except QASM3ParsingError as error:
            _refuse_malformed(error)
        except (RecursionError, ValueError, AttributeError, TypeError, OverflowError) as error:
            refuse(
                _last_line(bare), "OpenQASM", f"what its parser fails at ({error})", "shorten it"
            )
    return Parsed(program.statements, version)


def original(name: str) -> str:
    """Return a name as the text has it."""
    return name.removesuffix(SUFFIX)


def _without_comment(word: re.Match[str]) -> str:
    """Keep a comment's lines, so that errors name the right ones."""
    comment = word["comment"]
    if not comment:
        return word.group()
    if comment.startswith("/*") and (len(comment) < 4 or not comment.endswith("*/")):
        line = word.string.count("\n", 0, word.start()) + 1
        refuse(line, "*/ at the end of a comment", "the end", "add it")
    return " " + "\n" * comment.count("\n")


def _version(text: str) -> int:
    """Return 2 or 3; a text without a version is taken for what its header belongs to."""
    found = VERSION.match(text)
    if found and found[1] not in ("2", "3"):
        refuse(1, "OPENQASM 2.0; or OPENQASM 3.0; at the beginning", found[1])
    if NEWER.search(";" + text):
        return 3
    if not found:
        return 2 if '"qelib1.inc"' in text or re.search(r"\bqreg\b", text) else 3
    return int(found[1])


def _checked_depth(text: str) -> int:
    """Return how deep a statement is at most, or refuse it."""
    line, depth, signs, most = 1, 0, 0, 0
    for word in WORD.finditer(text):
        kind = word.lastgroup
        if len(word.group()) > MOST_DIGITS and word.group()[:1].isdecimal():
            refuse(line, f"numbers of at most {MOST_DIGITS} digits", "a longer one", "shorten it")
        if len(word.group()) > LONGEST_NAME and kind == "name":
            refuse(line, f"names of at most {LONGEST_NAME} letters", "a longer one", "shorten it")
        line += kind == "line"
        depth += (kind == "open") - (kind == "close")
        signs = 0 if kind in ("end",) or word.group() in "{}" else signs
        signs += len(word.group()) if kind == "sign" else 0
        most = max(most, depth + signs)
        if depth > DEEPEST:
            refuse(line, f"at most {DEEPEST} brackets in each other", "more", "take some away")
        if signs > MOST_SIGNS:
            refuse(
                line,
                f"at most {MOST_SIGNS} operators in a statement",
                "more",
                "give parts of it to gates of their own",
            )
    return most


def _modern(text: str) -> str:
    """Write OpenQASM 2 as OpenQASM 3: ``^`` is a power there, and fewer words are reserved."""
    found, opaque = [], False
    own_phase = "gphase" in re.findall(r"\bgate\s+(\w+)", text)  # others mean OpenQASM 3's
    for word in WORD.finditer(text):
        kind, part = word.lastgroup, word.group()
        opaque = opaque or part == "opaque"  # a gate without a definition: nothing to call
        if opaque:
            opaque, part = kind != "end", part if kind == "line" else ""
        elif kind == "name" and RESERVED.fullmatch(part) and (part != "gphase" or own_phase):
            part += SUFFIX
        elif kind == "sign":
            part = part.replace("^", "**")
        found.append(part)
    return "".join(found)


@contextlib.contextmanager
def _deep(depth: int) -> Iterator[None]:
    """Let Python recurse as deeply as the parser has to."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 1_000 + FRAMES * depth + before))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _refuse_malformed(error: QASM3ParsingError) -> None:
    """Say where a text is malformed: the parser's message has the place, or its cause has."""
    if found := re.match(r"L(\d+):C\d+: (.*)", str(error), re.DOTALL):
        refuse(int(found[1]), "OpenQASM", found[2], "remove or mend it")
    cause = error.__cause__
    token = getattr(cause.args[0] if cause and cause.args else cause, "offendingToken", None)
    if token is None:
        refuse(1, "OpenQASM", "what its parser fails at", "remove or mend it")
    text = "the end" if token.type == -1 else repr(token.text)
    refuse(token.line, "OpenQASM", text, "mend what stands before it, a missing ; for instance")


def _last_line(text: str) -> int:
    return text.count("\n") + 1
