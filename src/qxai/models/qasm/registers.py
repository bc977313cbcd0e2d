"""Registers of an OpenQASM program, and which of their places are meant."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openqasm3 import ast

from qxai.models.qasm.expressions import Scope
from qxai.models.qasm.parsing import original
from qxai.models.qasm.refusing import refuse

MOST_PLACES = 1_000  # of all registers; the same for bits
MOST_TURNS = 100_000  # of a loop


@dataclass
class Registers:
    """The places of each register, or of an alias, by name."""

    places: ChainMap[str, list[str]] = field(default_factory=ChainMap)
    total: int = 0

    def declare(self, node: Any, name: str, size: Any, scope: Scope) -> None:
        """Add a register; without a size it has one place."""
        count = 1
        if size is not None:
            count = scope.whole(size, 1, MOST_PLACES, "the size of a register")
        if name in self.places:
            refuse(node, "new registers", repr(name), "rename or remove it")
        self.total += count
        if self.total > MOST_PLACES:
            refuse(node, f"at most {MOST_PLACES} in all registers", "more", "declare what is used")
        self.places[name] = [f"{name}_{place}" for place in range(count)]

    def alias(self, node: Any, name: str, value: Any, scope: Scope) -> None:
        """Give places another name."""
        if name in self.places.maps[0]:
            refuse(node, "a new name", repr(name), "rename it")
        self.places[name] = self.find(value, scope)

    def enter(self) -> None:
        """Begin a block, whose aliases are forgotten at its end."""
        self.places = self.places.new_child()

    def leave(self) -> None:
        """End a block."""
        self.places = self.places.parents

    def find(self, node: Any, scope: Scope) -> list[str]:
        """Return the places that are meant: a register, some of it, or several joined."""
        if isinstance(node, ast.Concatenation):
            return self.find(node.lhs, scope) + self.find(node.rhs, scope)
        if isinstance(node, ast.Identifier):
            found = self._register(node, original(node.name))
        elif isinstance(node, ast.IndexedIdentifier):
            found = self._register(node, original(node.name.name))
            if len(node.indices) > 1:
                refuse(node, "one index of a register", f"{len(node.indices)}", "write one")
            found = self._chosen(found, node.indices[0], scope)
        elif isinstance(node, ast.IndexExpression):
            found = self._chosen(self.find(node.collection, scope), node.index, scope)
        else:
            refuse(node, "registers", type(node).__name__)
        scope.steps.spend(node, len(found))
        return found

    def numbers(self, node: ast.RangeDefinition, scope: Scope, size: int | None) -> Sequence[int]:
        """Return the whole numbers of a range, both ends included; of a register, from its end."""
        least, most = (-MOST_TURNS, MOST_TURNS) if size is None else (-size, size - 1)
        step = 1 if node.step is None else scope.whole(node.step, least, most, "a step")
        if step == 0 or (size is None and (node.start is None or node.end is None)):
            refuse(node, "a range such as [0:2:10]", "one without end or step", "write both ends")
        ends = [
            default if end is None else scope.whole(end, least, most, "an index of a register")
            for end, default in ((node.start, 0), (node.end, (size or 0) - 1))
        ]
        if size is not None:
            ends = [end % size for end in ends]
        return range(ends[0], ends[1] + (1 if step > 0 else -1), step)

    def _register(self, node: Any, name: str) -> list[str]:
        if name.startswith("$"):  # a qubit of a machine, which needs no declaration
            return [name]
        if name not in self.places:
            refuse(
                node, "registers that are declared", repr(name), f"declare it: qubit {name[:50]};"
            )
        return self.places[name]

    def _chosen(self, places: list[str], index: Any, scope: Scope) -> list[str]:
        size = len(places)
        if isinstance(index, ast.DiscreteSet):
            return [places[scope.whole(i, -size, size - 1, "an index")] for i in index.values]
        if len(index) != 1:
            refuse(index[0], "one index of a register", str(len(index)))
        if isinstance(index[0], ast.RangeDefinition):
            return [places[i] for i in self.numbers(index[0], scope, size)]
        return [places[scope.whole(index[0], -size, size - 1, "an index of a register")]]
