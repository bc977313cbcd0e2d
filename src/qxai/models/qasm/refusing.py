"""What a reader of OpenQASM refuses, and how much work it does before it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

DEEPEST = 60  # expressions in each other, where no chain is worked off
MOST_STEPS = 400_000  # expressions, gates and their places, with definitions and loops unfolded


def refuse(place: Any, expected: str, found: str, remedy: str = "") -> NoReturn:
    """Raise the error of a text that cannot be read at a line, or at a node of its syntax.

    What is expected and found may hold words of the text, which may be long.
    """
    line = place if isinstance(place, int) else place.span.start_line
    message = f"text: expected {expected[:200]}, found {found[:100]} in line {line}"
    raise ValueError(f"{message}; {remedy[:200]}" if remedy else message)


@dataclass
class Steps:
    """The steps that are left of those that reading may take."""

    left: int = MOST_STEPS
    depth: int = 0

    @contextmanager
    def deeper(self, node: Any) -> Iterator[None]:
        """Count expressions in each other, and refuse what is too deep."""
        self.depth += 1
        if self.depth > DEEPEST:
            refuse(node, f"at most {DEEPEST} expressions in each other", "more", "work one out")
        yield
        self.depth -= 1

    def spend(self, node: Any, steps: int = 1) -> None:
        """Count steps, and refuse a text that takes too many."""
        self.left -= steps
        if self.left < 0:
            refuse(
                node,
                f"a program that unfolds to at most {MOST_STEPS} steps",
                "more",
                "write fewer repetitions, or build the circuit with cirq",
            )
