"""Calls of gates: definitions unfolded, modifiers applied."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openqasm3 import ast

from qxai.models.qasm.expressions import LARGEST, Scope, Value
from qxai.models.qasm.parsing import DEEPEST, original
from qxai.models.qasm.powers import Power, inverse, repeated, root
from qxai.models.qasm.refusing import Steps, refuse
from qxai.models.qasm.standard import Standard, turns

MOST_CONTROLS = 50
WIDEST_ROOT = 6  # qubits of a gate of which a fractional power is taken


@dataclass(frozen=True)
class Definition:
    """A gate that a text defines; what it calls is known before it."""

    name: str
    parameters: tuple[str, ...]
    qubits: tuple[str, ...]
    body: tuple["Inner", ...] = field(repr=False)  # in a traceback it would be unfolded
    depth: int
    size: int  # statements that it unfolds to
    constants: Mapping[str, Value] = field(repr=False)

    @property
    def num_angles(self) -> int:
        """Number of its angles."""
        return len(self.parameters)

    @property
    def num_qubits(self) -> int:
        """Number of its qubits."""
        return len(self.qubits)


Gate = Standard | Definition


@dataclass(frozen=True)
class Inner:
    """A statement of a definition: its syntax, its gate (None: a phase), and its qubits."""

    node: Any
    gate: Gate | None
    places: tuple[int, ...]


def define(
    node: ast.QuantumGateDefinition,
    find: Callable[[Any, str], Gate],
    constants: Mapping[str, Value],
) -> Definition:
    """Read a definition; gates that it calls are found among those known so far."""
    name = original(node.name.name)
    parameters = tuple(original(one.name) for one in node.arguments)
    qubits = tuple(original(one.name) for one in node.qubits)
    if len({*parameters}) < len(parameters) or len({*qubits}) < len(qubits):
        refuse(node, f"different names in the definition of {name}", "one twice", "rename one")
    body = [
        _inner(one, find, qubits) for one in node.body if not isinstance(one, ast.QuantumBarrier)
    ]
    depth = 1 + max((one.gate.depth for one in body if one.gate is not None), default=0)
    if depth > DEEPEST:
        refuse(node, f"at most {DEEPEST} definitions in each other", "more", "write some out")
    size = 1 + sum(1 if one.gate is None else one.gate.size for one in body)
    return Definition(name, parameters, qubits, tuple(body), depth, size, constants)


def _inner(node: Any, find: Callable[[Any, str], Gate], qubits: Sequence[str]) -> Inner:
    if not isinstance(node, ast.QuantumGate | ast.QuantumPhase):
        refuse(node, "gates in a definition", type(node).__name__, "write its gates out")
    places = []
    for one in node.qubits:
        name = original(one.name if isinstance(one, ast.Identifier) else one.name.name)
        if name not in qubits or not isinstance(one, ast.Identifier):
            refuse(node, f"the qubits {', '.join(qubits[:20])}", repr(name), "name one of these")
        places.append(qubits.index(name))
    gate = find(node, original(node.name.name)) if isinstance(node, ast.QuantumGate) else None
    return Inner(node, gate, tuple(places))


def called(node: Any, gate: Gate | None, qubits: Sequence[Any], scope: Scope) -> list[Power]:
    """Return the powers of one call on some qubits; without a gate it is ``gphase``.

    Raises
    ------
    ValueError
        If the numbers of angles or qubits are not the gate's, a qubit occurs twice, or a modifier
        cannot be applied.
    """
    modifiers = [(m, m.modifier.name) for m in node.modifiers]
    controls = sum(_count(m, scope) for m, name in modifiers if name in ("ctrl", "negctrl"))
    if gate is None and not controls:
        qubits = ()  # a phase of the whole state; PennyLane names a qubit with it
    angles = [scope.angle(one) for one in _arguments(node)]
    wanted = (1, 0) if gate is None else (gate.num_angles, gate.num_qubits)
    if (len(angles), len(qubits)) != (wanted[0], wanted[1] + controls):
        refuse(
            node,
            f"{wanted[0]} angles and {wanted[1] + controls} qubits of a gate",
            f"{len(angles)} and {len(qubits)}",
        )
    if len({*qubits}) < len(qubits):
        refuse(node, "different qubits of a gate", "one twice", "name another")
    rest = list(qubits[controls:])
    if gate is None:
        powers = [Power(None, turns(angles[0]))]
    else:
        powers = [power.on(rest) for power in _unfolded(gate, angles, scope.steps)]
    for modifier, name in reversed(modifiers):
        if name in ("ctrl", "negctrl"):
            count = _count(modifier, scope)
            new, controls = qubits[controls - count : controls], controls - count
            scope.steps.spend(node, len(powers) * count)
            powers = [p.controlled(tuple((q, int(name == "ctrl")) for q in new)) for p in powers]
            rest = [*new, *rest]
        else:
            powers = _powered(modifier, name, powers, rest, scope)
    return powers


def _arguments(node: Any) -> list[Any]:
    return [node.argument] if isinstance(node, ast.QuantumPhase) else node.arguments


def _count(modifier: ast.QuantumGateModifier, scope: Scope) -> int:
    if modifier.argument is None:
        return 1
    return scope.whole(modifier.argument, 1, MOST_CONTROLS, "a number of controls")


def _powered(
    modifier: ast.QuantumGateModifier,
    name: str,
    powers: list[Power],
    qubits: Sequence[Any],
    scope: Scope,
) -> list[Power]:
    """Apply ``inv`` or ``pow``."""
    if name == "inv":
        return inverse(powers)
    exponent = scope.number(modifier.argument, "a power of a gate")  # type: ignore[arg-type]
    if exponent.is_integer():
        times = int(exponent)
        scope.steps.spend(modifier, 1 if len(powers) == 1 else len(powers) * abs(times))
        found = repeated(powers, times)
        if any(power.is_number and not abs(power.exponent) < LARGEST for power in found):
            refuse(modifier, "powers that are finite numbers", "one that is too large")
        return found
    if not all(power.is_number for power in powers):
        refuse(
            modifier,
            "whole numbers as powers of a gate with names in its angles",
            f"{exponent:g}",
            "write a rotation by that part of the angle, such as rz(x/2)",
        )
    if len(qubits) > WIDEST_ROOT:
        refuse(modifier, f"powers of gates on at most {WIDEST_ROOT} qubits", str(len(qubits)))
    scope.steps.spend(modifier, 4 ** len(qubits))
    return root(powers, exponent, qubits)


def _unfolded(gate: Gate, angles: Sequence[Value], steps: Steps) -> list[Power]:
    """Return a gate as powers on its own qubits, counted from 0; its size is counted before."""
    if isinstance(gate, Standard):
        return gate.powers(*angles)
    own = dict(zip(gate.parameters, angles))
    scope = Scope(ChainMap(own, dict(gate.constants)) if gate.constants else own, steps)
    powers: list[Power] = []
    for inner in gate.body:
        powers += called(inner.node, inner.gate, inner.places, scope)
    return powers
