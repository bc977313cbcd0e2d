"""Names of an OpenQASM program and the blocks in which they hold."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from qxai.models.qasm.expressions import CONSTANTS, Value
from qxai.models.qasm.refusing import Steps, refuse


@dataclass
class Names:
    """What names stand for: those of a block are forgotten at its end.

    Attributes
    ----------
    values : ChainMap
        The innermost block first; None for what is declared and has no value yet.
    fixed : ChainMap
        Whether a name is a constant or an input.
    """

    values: ChainMap[str, Value] = field(default_factory=ChainMap)
    fixed: ChainMap[str, bool] = field(default_factory=ChainMap)

    def declare(self, node: Any, name: str, value: Value, fixed: bool) -> None:
        """Add a name to the innermost block."""
        if name in CONSTANTS or name in self.values.maps[0]:
            refuse(node, "another name", repr(name), "rename it")
        self.values[name], self.fixed[name] = value, fixed

    def assign(self, node: Any, name: str, value: Value) -> None:
        """Change the value of a name where it was declared."""
        for values, fixed in zip(self.values.maps, self.fixed.maps):
            if name in values:
                if fixed[name]:
                    refuse(
                        node, "a variable", f"the constant or input {name!r}", "use another name"
                    )
                values[name] = value
                return
        refuse(node, "a variable", repr(name), f"declare it: float {name[:50]};")

    def enter(self) -> None:
        """Begin a block."""
        self.values, self.fixed = self.values.new_child(), self.fixed.new_child()

    def leave(self) -> None:
        """End a block."""
        self.values, self.fixed = self.values.parents, self.fixed.parents


def symbols(node: Any, name: str, sizes: Sequence[int], steps: Steps) -> Value:
    """Return the symbol of an input, or nested lists of ``name[i][j]``."""
    steps.spend(node)
    if not sizes:
        return sympy.Symbol(name)
    return [symbols(node, f"{name}[{i}]", sizes[1:], steps) for i in range(sizes[0])]


def is_whole(value: Value) -> bool:
    """Tell whether a value, or every entry of an array, is a whole number."""
    if isinstance(value, list):
        return all(map(is_whole, value))
    return isinstance(value, float) and value.is_integer()
