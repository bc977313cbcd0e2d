"""The statements of an OpenQASM program, one after another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openqasm3 import ast

from qxai.models.qasm.calls import Definition, Gate, called, define
from qxai.models.qasm.expressions import Scope, Value, value_of
from qxai.models.qasm.names import Names, is_whole, symbols
from qxai.models.qasm.parsing import original
from qxai.models.qasm.powers import Power
from qxai.models.qasm.refusing import Steps, refuse
from qxai.models.qasm.registers import MOST_PLACES, Registers
from qxai.models.qasm.standard import BUILT_IN, Standard, header

HEADERS = ("qelib1.inc", "stdgates.inc")
NUMBERS = ast.FloatType, ast.AngleType, ast.IntType, ast.UintType, ast.BoolType
WHOLE = ast.IntType, ast.UintType, ast.BoolType
# What has no effect on the state.
NOTHING = ast.QuantumBarrier, ast.DelayInstruction, ast.Pragma
UNITARY = "unitary gates"
SIMPLER = "write the gates that it stands for"


@dataclass
class Program:
    """What is known of a program up to some statement.

    Attributes
    ----------
    version : int
        2 or 3.
    names : Names
        What names in angles stand for.
    hint : str
        What to do about a name that is not known.
    """

    version: int
    names: Names
    hint: str
    steps: Steps = field(default_factory=Steps)
    constants: dict[str, Value] = field(default_factory=dict)
    header: Mapping[str, Standard] = field(default_factory=dict)
    gates: dict[str, Definition] = field(default_factory=dict)
    qubits: Registers = field(default_factory=Registers)
    bits: Registers = field(default_factory=Registers)
    touched: set[str] = field(default_factory=set)
    measured: set[str] = field(default_factory=set)
    powers: list[Power] = field(default_factory=list)
    ended: bool = False

    @property
    def scope(self) -> Scope:
        """Where its expressions are read."""
        return Scope(self.names.values, self.steps, self.hint)

    def run(self, statements: Sequence[Any]) -> None:
        """Read statements to their end.

        Raises
        ------
        ValueError
            If one is malformed or not unitary, or they unfold to too much.
        """
        for node in statements:
            if self.ended:
                return
            self.steps.spend(node)
            if isinstance(node, NOTHING):
                continue
            kind = _STATEMENTS.get(type(node))
            if kind is None:
                refuse(node, UNITARY, type(node).__name__, SIMPLER)
            kind(self, node)

    def gate(self, node: Any, name: str) -> Gate:
        """Return the gate of a name: the text's own before the header's."""
        found = self.gates.get(name) or self.header.get(name) or BUILT_IN[self.version].get(name)
        if found is None:
            remedy = f"define it before it is used: gate {name[:50]} … {{ … }}"
            if not self.header:
                remedy = 'write include "qelib1.inc"; or include "stdgates.inc"; before it'
            refuse(node, "gates that are known", repr(name), remedy)
        return found


def _include(program: Program, node: ast.Include) -> None:
    if node.filename not in HEADERS:
        refuse(
            node,
            f"{' or '.join(HEADERS)}",
            repr(node.filename),
            "paste the definitions of that file into the text",
        )
    program.header = header(program.version)


def _definition(program: Program, node: ast.QuantumGateDefinition) -> None:
    name = original(node.name.name)
    if name in program.gates:
        refuse(node, "one definition of a gate", f"two of {name!r}", "rename one")
    program.gates[name] = define(node, program.gate, program.constants)


def _input(program: Program, node: ast.IODeclaration) -> None:
    """Declare the names of a text; what it puts out is what is measured."""
    if node.io_identifier.name != "input":
        return
    name, kind = original(node.identifier.name), node.type
    sizes: list[int] = []
    if isinstance(kind, ast.ArrayType):
        sizes = [program.scope.whole(n, 1, MOST_PLACES, "a size") for n in kind.dimensions]
        kind = kind.base_type
    if not isinstance(kind, ast.FloatType | ast.AngleType):
        refuse(node, "float or angle as an input", type(kind).__name__, "declare it as float")
    program.names.declare(node, name, symbols(node, name, sizes, program.steps), True)


def _declaration(program: Program, node: Any) -> None:
    """Read ``const float a = pi/2;``, ``int i = 3;``, ``bit[2] c;``, ``bit c = measure q;``."""
    name, start = original(node.identifier.name), node.init_expression
    if isinstance(node.type, ast.BitType):
        program.bits.declare(node, name, node.type.size, program.scope)
        if isinstance(start, ast.QuantumMeasurement):
            _measure(program, start)
        return
    kind = node.type.base_type if isinstance(node.type, ast.ArrayType) else node.type
    if not isinstance(kind, NUMBERS) or isinstance(start, ast.QuantumMeasurement):
        refuse(node, "numbers and angles", type(kind).__name__, SIMPLER)
    value = None if start is None else value_of(start, program.scope)
    if isinstance(kind, WHOLE) and value is not None and not is_whole(value):
        refuse(node, "a whole number", "another value", "declare it as float")
    constant = isinstance(node, ast.ConstantDeclaration)
    program.names.declare(node, name, value, constant)
    if constant:  # which definitions see, too
        program.constants[name] = value


def _assignment(program: Program, node: ast.ClassicalAssignment) -> None:
    """Read ``a = a + 1;``, ``a += 1;``."""
    target = node.lvalue
    name = original(target.name if isinstance(target, ast.Identifier) else target.name.name)
    if name in program.bits.places or not isinstance(target, ast.Identifier):
        refuse(node, UNITARY, f"an assignment to {name}", "remove it")
    found = value_of(node.rvalue, program.scope)
    sign = node.op.name.removesuffix("=")
    if sign:
        if sign not in ("+", "-", "*", "/", "**", "%"):
            refuse(node, "=, +=, -=, *= or /=", repr(node.op.name), "work the number out")
        both = ast.BinaryExpression(ast.BinaryOperator[sign], target, node.rvalue)
        both.span = node.span
        found = value_of(both, program.scope)
    program.names.assign(node, name, found)


def _register(program: Program, node: ast.QubitDeclaration) -> None:
    program.qubits.declare(node, original(node.qubit.name), node.size, program.scope)


def _alias(program: Program, node: ast.AliasStatement) -> None:
    program.qubits.alias(node, original(node.target.name), node.value, program.scope)


def _call(program: Program, node: Any) -> None:
    """Apply a gate to qubits, or to registers qubit by qubit."""
    gate = None
    if isinstance(node, ast.QuantumGate):
        gate = program.gate(node, original(node.name.name))
    places = [program.qubits.find(one, program.scope) for one in node.qubits]
    rows = _rows(program, node, places)
    size = 1 if gate is None else gate.size
    program.steps.spend(node, size * len(rows))  # now, and not when half of them are made
    for qubits in rows:
        if not program.measured.isdisjoint(qubits):
            refuse(
                node,
                "measurements at the end only",
                "one before another gate",
                "remove it: the observable says what is measured",
            )
        program.touched.update(qubits)
        program.powers += called(node, gate, qubits, program.scope)


def _rows(program: Program, node: Any, places: list[list[str]]) -> list[tuple[str, ...]]:
    """Pair the places of registers, each with the same one of a register of size 1."""
    size = max(map(len, places), default=1)
    if any(len(register) not in (1, size) for register in places):
        refuse(node, "registers of one size in a statement", f"{[*map(len, places)]}")
    program.steps.spend(node, size * len(places))
    return [tuple(register[i % len(register)] for register in places) for i in range(size)]


def _measurement(program: Program, node: ast.QuantumMeasurementStatement) -> None:
    measured = _measure(program, node.measure)
    if node.target is not None:
        bits = program.bits.find(node.target, program.scope)
        if len(bits) != len(measured):
            refuse(node, "as many bits as are measured", f"{len(bits)} for {len(measured)}")


def _measure(program: Program, node: ast.QuantumMeasurement) -> list[str]:
    measured = program.qubits.find(node.qubit, program.scope)
    program.measured.update(measured)
    return measured


def _reset(program: Program, node: ast.QuantumReset) -> None:
    """Let a reset pass where it does nothing: before the first gate."""
    qubits = program.qubits.find(node.qubits, program.scope)
    if not program.touched.isdisjoint(qubits) or not program.measured.isdisjoint(qubits):
        refuse(node, UNITARY, "reset", "use a qubit that is still at 0 instead")


def _loop(program: Program, node: ast.ForInLoop) -> None:
    name = original(node.identifier.name)
    for number in _numbers(program, node.set_declaration):
        program.steps.spend(node)
        _in_block(program, node.block, {name: number})


def _in_block(program: Program, statements: Sequence[Any], own: Mapping[str, Value]) -> None:
    """Read a block, whose names are forgotten at its end."""
    program.names.enter()
    program.qubits.enter()
    for name, value in own.items():
        program.names.declare(statements[0] if statements else 1, name, value, False)
    program.run(statements)
    program.qubits.leave()
    program.names.leave()


def _numbers(program: Program, node: Any) -> list[float]:
    """Return what a loop goes through: a range with both ends, a set, or an array."""
    scope = program.scope
    if isinstance(node, ast.DiscreteSet):
        return [scope.number(one, "what a loop goes through") for one in node.values]
    if isinstance(node, ast.RangeDefinition):
        return [float(i) for i in program.qubits.numbers(node, scope, None)]
    found = value_of(node, scope)
    if not isinstance(found, list):
        refuse(node, "a range, a set or an array", "a number")
    return found


def _branch(program: Program, node: ast.BranchingStatement) -> None:
    """Take a branch whose condition is a number; one on measured bits is not unitary."""
    if _mentions(node.condition, program.bits.places):
        refuse(node, UNITARY, "if", "write the branch that is meant, without the condition")
    taken = program.scope.number(node.condition, "a condition")
    _in_block(program, node.if_block if taken else node.else_block, {})


def _mentions(node: Any, names: Mapping[str, object]) -> bool:
    if isinstance(node, ast.Identifier):
        return original(node.name) in names
    parts = [getattr(node, key, None) for key in ("lhs", "rhs", "expression", "collection")]
    return any(_mentions(part, names) for part in parts if part is not None)


def _end(program: Program, node: ast.EndStatement) -> None:
    program.ended = True


def _block(program: Program, node: ast.CompoundStatement) -> None:
    _in_block(program, node.statements, {})


_STATEMENTS: Mapping[type, Callable[[Program, Any], None]] = {
    ast.Include: _include,
    ast.QuantumGateDefinition: _definition,
    ast.IODeclaration: _input,
    ast.ConstantDeclaration: _declaration,
    ast.ClassicalDeclaration: _declaration,
    ast.ClassicalAssignment: _assignment,
    ast.QubitDeclaration: _register,
    ast.AliasStatement: _alias,
    ast.QuantumGate: _call,
    ast.QuantumPhase: _call,
    ast.QuantumMeasurementStatement: _measurement,
    ast.QuantumReset: _reset,
    ast.ForInLoop: _loop,
    ast.BranchingStatement: _branch,
    ast.EndStatement: _end,
    ast.CompoundStatement: _block,
}
