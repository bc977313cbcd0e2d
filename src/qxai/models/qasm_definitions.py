"""Gates that an OpenQASM text or its header defines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qxai.models.qasm_text import DEEPEST, Words

# What the headers define, up to phases of the whole state. With cu3 they differ: in the one that
# is used today, as here, it is the controlled u3 whose upper left entry is a real number.
DEFINITIONS = """
gate u1(lambda) q { rz(lambda) q; }
gate u2(phi, lambda) q { rz(lambda) q; ry(pi/2) q; rz(phi) q; }
gate u3(theta, phi, lambda) q { rz(lambda) q; ry(theta) q; rz(phi) q; }
gate r(theta, phi) q { rz(pi/2 - phi) q; ry(theta) q; rz(phi - pi/2) q; }
gate cu3(theta, phi, lambda) c, t {
  rz((lambda + phi)/2) c; rz((lambda - phi)/2) t;
  cx c, t;
  rz(-(phi + lambda)/2) t; ry(-theta/2) t;
  cx c, t;
  ry(theta/2) t; rz(phi) t;
}
"""


@dataclass(frozen=True)
class Known:
    """A gate that is not taken apart, with the numbers of its angles and qubits."""

    name: str
    num_angles: int
    num_qubits: int
    depth: int = 0
    size: int = 1  # gates that it unfolds to


@dataclass(frozen=True)
class Inner:
    """A statement of a definition; its angles are read anew wherever it is used."""

    gate: "Gate"
    words: Words  # where its angles begin, if it has any
    num_angles: int
    qubits: tuple[int, ...]  # which of the definition's


@dataclass(frozen=True)
class Definition:
    """A gate that a text defines."""

    parameters: tuple[str, ...]
    num_qubits: int
    body: tuple[Inner, ...] = field(repr=False)  # in a traceback it would be unfolded
    depth: int
    size: int

    @property
    def num_angles(self) -> int:
        """Number of its angles."""
        return len(self.parameters)


Gate = Known | Definition


def define(words: Words, gates: dict[str, Gate]) -> None:
    """Read ``name(angles) qubits { … }``; gates that it uses are those defined so far."""
    name = words.take("name")
    parameters: list[str] = []
    if words.passed("(") and not words.passed(")"):
        parameters = words.listed(lambda: words.take("name"))
        words.take(")")
    qubits = words.listed(lambda: words.take("name"))
    if len({*parameters}) < len(parameters) or len({*qubits}) < len(qubits):
        words.refuse(f"different names in the definition of {name}", "one twice", "rename one")
    words.take("{")
    body, places = [], {qubit: place for place, qubit in enumerate(qubits)}
    while not words.passed("}"):
        body.append(_inner(words, gates, places))
    depth = 1 + max((inner.gate.depth for inner in body), default=0)
    if depth > DEEPEST:
        words.refuse(f"at most {DEEPEST} definitions in each other", "more", "write some out")
    size = 1 + sum(inner.gate.size for inner in body)
    gates[name] = Definition(tuple(parameters), len(qubits), tuple(body), depth, size)


def _inner(words: Words, gates: Mapping[str, Gate], places: Mapping[str, int]) -> Inner:
    gate = gate_named(words, gates)
    start = Words(words.words, words.place)
    count = _skipped(words) if words.passed("(") else 0
    found = words.listed(lambda: words.take("name"))
    words.take(";")
    if unknown := [name for name in found if name not in places]:
        known = ", ".join([*places][:20])
        words.refuse(f"the qubits {known}", repr(unknown[0]), "name one of these")
    check_counts(words, gate, count, found)
    return Inner(gate, start, count, tuple(places[name] for name in found))


def _skipped(words: Words) -> int:
    """Go past angles to the end of their parentheses, and return how many there are."""
    if words.passed(")"):
        return 0
    depth, count = 1, 1
    while depth:
        if words.kind == "end":
            words.refuse("')'", "the end")
        word = words.take()
        depth += (word == "(") - (word == ")")
        count += word == "," and depth == 1
    return count


def gate_named(words: Words, gates: Mapping[str, Gate]) -> Gate:
    """Read a gate's name and return the gate.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    name = words.take("name")
    if name not in gates:
        remedy = "write it with the gates of qelib1.inc"
        if "cx" not in gates:
            remedy = 'write include "qelib1.inc"; before it'
        words.refuse("gates that are known", repr(name), remedy)
    return gates[name]


def check_counts(words: Words, gate: Gate, count: int, qubits: Sequence[object]) -> None:
    """Compare the numbers of angles and qubits of a statement with those of its gate.

    Raises
    ------
    ValueError
        If they differ, or a qubit occurs twice.
    """
    if (count, len(qubits)) != (gate.num_angles, gate.num_qubits):
        words.refuse(
            f"{gate.num_angles} angles and {gate.num_qubits} qubits of a gate",
            f"{count} and {len(qubits)}",
        )
    if len({*map(str, qubits)}) < len(qubits):
        words.refuse("different qubits of a gate", "one twice", "name another")
