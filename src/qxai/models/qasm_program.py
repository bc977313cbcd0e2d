"""The statements of an OpenQASM program, unfolded into calls of known gates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qxai.models.qasm_definitions import (
    DEFINITIONS,
    Gate,
    Known,
    check_counts,
    define,
    gate_named,
)
from qxai.models.qasm_text import Affine, Steps, Words, angle, words

MOST_QUBITS = 1_000  # of all registers; the same for bits
HEADERS = ('"qelib1.inc"', '"stdgates.inc"')
VERSIONS = ("2.0", "3.0", "2", "3")


@dataclass(frozen=True)
class Call:
    """A known gate on some qubits."""

    gate: str
    angles: tuple[Affine, ...]
    qubits: tuple[str, ...]


@dataclass
class Program:
    """What is known of a program up to some statement."""

    names: dict[str, Affine]
    gates: dict[str, Gate]
    header: Mapping[str, Gate]
    qubits: dict[str, int] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    occurring: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)


def unfold(source: Words, names: Sequence[str], known: Sequence[Known]) -> Program:
    """Read a program to its end.

    Raises
    ------
    ValueError
        If it is malformed, is not unitary, or unfolds to too much.
    """
    header: dict[str, Gate] = {gate.name: gate for gate in known}
    own = words(DEFINITIONS)
    while own.passed("gate"):
        define(own, header)
    program = Program(
        {name: Affine(0.0, {name: 1.0}) for name in names},
        {"U": header["u3"], "CX": header["cx"]},
        header,
    )
    if not source.passed("OPENQASM"):
        source.refuse("OPENQASM 2.0; or OPENQASM 3.0; at the beginning", repr(source.next))
    source.take(*VERSIONS)
    source.take(";")
    while source.kind != "end":
        _statement(source, program)
    return program


def _statement(words: Words, program: Program) -> None:
    word = words.next
    if word in ("reset", "if"):
        words.refuse("unitary gates", word, "remove it")
    elif words.passed("include"):
        words.take(*HEADERS)
        words.take(";")
        program.gates = {**program.header, **program.gates}
    elif words.passed("gate"):
        define(words, program.gates)
    elif words.passed("input"):
        _input(words, program)
    elif word in ("qreg", "qubit"):
        _register(words, program, program.qubits)
    elif word in ("creg", "bit"):
        _register(words, program, program.bits)
    elif word == "measure" or words.after in ("=", "["):  # c[0] = measure q[0];
        _measure(words, program)
    else:
        _call(words, program)


def _register(words: Words, program: Program, sizes: dict[str, int]) -> None:
    """Read ``qreg q[2];`` or ``qubit[2] q;`` or ``qubit q;``, or the same of bits."""
    before = words.take() in ("qreg", "creg")
    name = words.take("name") if before else ""
    size = 1
    if words.passed("["):
        size = words.whole(MOST_QUBITS, "the size of a register")
        words.take("]")
    elif before:
        words.take("[")
    name = name or words.take("name")
    if name in program.qubits or name in program.bits or not size:
        words.refuse("new registers of at least 1", f"{name}[{size}]", "rename or remove it")
    sizes[name] = size
    if sum(sizes.values()) > MOST_QUBITS:
        words.refuse(f"at most {MOST_QUBITS} in all registers", "more", "declare what is used")
    words.take(";")


def _input(words: Words, program: Program) -> None:
    """Read ``input float[64] x;``."""
    words.take("float", "angle")
    if words.passed("["):
        words.take("number")
        words.take("]")
    name = words.take("name")
    if name == "pi":
        words.refuse("another name of an input", "'pi'", "rename it")
    words.take(";")
    program.names[name] = Affine(0.0, {name: 1.0})


def _angles(words: Words, values: Mapping[str, Affine]) -> tuple[Affine, ...]:
    """Read ``(angle, …)``, or nothing."""
    if not words.passed("(") or words.passed(")"):
        return ()
    found = [angle(words, values)]
    while words.passed(","):
        found.append(angle(words, values))
    words.take(")")
    return tuple(found)


def _call(words: Words, program: Program) -> None:
    gate = gate_named(words, program.gates)
    angles = _angles(words, program.names)
    program.occurring.update(name for found in angles for name in found.slopes)
    registers = [_places(words, program.qubits)]
    while words.passed(","):
        registers.append(_places(words, program.qubits))
    rows = _rows(words, registers)
    words.spend(gate.size * len(rows))  # now, and not when half of them are made
    for qubits in rows:
        check_counts(words, gate, len(angles), qubits)
        if not program.measured.isdisjoint(qubits):
            words.refuse(
                "measurements at the end only",
                "one before another gate",
                "remove it: the observable says what is measured",
            )
        program.calls += _unfolded(gate, angles, qubits, words.steps)
    words.take(";")


def _unfolded(
    gate: Gate, angles: tuple[Affine, ...], qubits: tuple[str, ...], steps: Steps
) -> Iterator[Call]:
    if isinstance(gate, Known):
        yield Call(gate.name, angles, qubits)
        return
    values = dict(zip(gate.parameters, angles))
    for inner in gate.body:
        words = Words(inner.words.words, inner.words.place, steps)
        words.spend(len(inner.qubits))
        yield from _unfolded(
            inner.gate,
            _angles(words, values) if inner.num_angles else (),
            tuple(qubits[q] for q in inner.qubits),
            steps,
        )


def _places(words: Words, sizes: Mapping[str, int]) -> list[str]:
    """Read a register or one of its places."""
    register = words.take("name")
    if register not in sizes:
        words.refuse("registers that are declared", repr(register), "declare it")
    places = range(sizes[register])
    if words.passed("["):
        index = words.whole(sizes[register] - 1, f"an index of {register}")
        places = range(index, index + 1)
        words.take("]")
    words.spend(len(places))
    return [f"{register}_{place}" for place in places]


def _rows(words: Words, registers: list[list[str]]) -> list[tuple[str, ...]]:
    """Pair the places of registers, each with the same one of a register of size 1."""
    size = max(map(len, registers))
    if any(len(register) not in (1, size) for register in registers):
        words.refuse("registers of one size in a statement", f"{[*map(len, registers)]}")
    words.spend(size * len(registers))
    return [tuple(register[i % len(register)] for register in registers) for i in range(size)]


def _measure(words: Words, program: Program) -> None:
    """Read ``measure q -> c;`` or ``c = measure q;``."""
    if words.passed("measure"):
        measured = _places(words, program.qubits)
        words.take("->")
        bits = _places(words, program.bits)
    else:
        bits = _places(words, program.bits)
        words.take("=")
        words.take("measure")
        measured = _places(words, program.qubits)
    words.take(";")
    if len(bits) != len(measured):
        words.refuse("as many bits as are measured", f"{len(bits)} for {len(measured)}")
    if not program.measured.isdisjoint(measured):
        words.refuse("measurements at the end only", "two of one qubit", "remove one")
    program.measured.update(measured)
