"""Circuits from OpenQASM text in which some angles are names."""

import re
import warnings
from collections.abc import Mapping
from typing import Any

import cirq
import numpy as np
import sympy
from cirq.circuits.qasm_output import QasmUGate
from cirq.contrib.qasm_import import circuit_from_qasm

from qxai.core import Array

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
CALL = re.compile(r"(?P<gate>\s*\w+\s*)\((?P<angles>.*)\)(?P<qubits>[^()]*)$", re.DOTALL)
FAR = 2.0**20  # a step that leaves slopes to full precision beside large constants
NOT_AFFINE = (
    "text: expected angles that are affine in the names, in gates that Cirq's importer keeps or "
    "takes apart, found another; write rz, ry, rx and cx"
)
INPUT = re.compile(r"\binput\s+(?:float|angle)\s*(?:\[\d+\])?\s+(\w+)\s*;")


def read_qasm(text: str, names: tuple[str, ...] = ()) -> cirq.Circuit:
    """Turn OpenQASM into a Cirq circuit whose symbols are the names in its angles.

    OpenQASM 3 declares them: ``input float x;``. OpenQASM 2 has no such thing; there a name is
    simply written where an angle stands, ``ry(2*x) q[0];``, and listed in ``names``. Gates are
    those that Cirq's importer reads. It knows numbers only, so the text is read with every name
    at zero and with each at other values, and the exponents' slopes follow from the differences.

    Parameters
    ----------
    text : str
        The program.
    names : tuple of str
        Names that the text does not declare.

    Returns
    -------
    cirq.Circuit
        Without the measurements at its end; what is measured is a model's observable.

    Raises
    ------
    ValueError
        If there is no name, one does not occur in an angle, an angle is not affine in them, or
        something is not unitary.
    TypeError
        If ``names`` is a text and no tuple.
    cirq.contrib.qasm_import.QasmException
        If Cirq cannot read the text.

    Notes
    -----
    Angles are radians, as in OpenQASM.
    """
    if isinstance(names, str):
        raise TypeError(f"names: expected a tuple of names, found the text {names!r}")
    program = COMMENT.sub("", text)
    declared = tuple(dict.fromkeys((*INPUT.findall(program), *names)))
    program = INPUT.sub("", program)
    _check_names(program, declared)
    at_zero = _read(program, dict.fromkeys(declared, 0.0))
    symbols = [sympy.Symbol(name) for name in declared]
    exponents: list[Any] = [_exponent(op) for op in at_zero]
    slopes = np.zeros((len(at_zero), len(declared)))
    for i, name in enumerate(declared):
        near = _read(program, {**dict.fromkeys(declared, 0.0), name: 1.0})
        far = _read(program, {**dict.fromkeys(declared, 0.0), name: FAR})
        for row, (one, other, base) in enumerate(zip(near, far, exponents)):
            ends = _exponent(one), _exponent(other)
            if base is not None and ends[0] is not None and ends[1] is not None:
                slope, precise = ends[0] - base, (ends[1] - base) / FAR
                # Some gates take their angle modulo a turn; there the near step is right.
                slopes[row, i] = precise if abs(slope - precise) < 1e-6 else slope
    _check_affine(program, declared, at_zero, slopes)
    operations = []
    for op, base, row in zip(at_zero, exponents, slopes):
        terms = [slope * symbol for slope, symbol in zip(row.tolist(), symbols) if slope]
        if base is None or not terms:
            operations.append(op)
        else:
            operations.append(_replaced(op.gate, sum(terms, base)).on(*op.qubits))
    return cirq.Circuit(operations)


def _check_names(program: str, declared: tuple[str, ...]) -> None:
    if not declared:
        raise ValueError(
            "names: expected names of angles, or input declarations in the text, found neither; "
            "write a name where a feature's angle stands and list it"
        )
    for name in declared:
        if not (isinstance(name, str) and name.isidentifier()) or name == "pi":
            raise ValueError(f"names: expected names such as 'x0', found {name!r}")
        if _with_values(program, {name: 0.0}) == program:
            raise ValueError(f"names: expected names that occur in an angle, found {name!r}")


def _with_values(program: str, values: Mapping[str, float]) -> str:
    """Write numbers for names, in the angles of gates only: elsewhere a name is something else."""
    statements, depth = re.split(r"([;{}])", program), 0
    for number, statement in enumerate(statements):
        depth += (statement == "{") - (statement == "}")
        call = CALL.match(statement)
        if call and depth == 0:  # inside a gate's definition a name is the gate's own
            angles = call["angles"]
            for name, value in values.items():
                angles = re.sub(rf"\b{re.escape(name)}\b", f"({value!r})", angles)
            statements[number] = f"{call['gate']}({angles}){call['qubits']}"
    return "".join(statements)


def _read(program: str, values: Mapping[str, float]) -> list[cirq.Operation]:
    """Parse with numbers for names; measurements dropped, gates without exponent taken apart."""
    try:
        with warnings.catch_warnings():
            # Cirq's own, of how it makes gates that the text defines.
            warnings.simplefilter("ignore", FutureWarning)
            circuit = circuit_from_qasm(_with_values(program, values))
    except ZeroDivisionError:
        raise ValueError(NOT_AFFINE) from None
    if not circuit.are_all_measurements_terminal():
        raise ValueError(
            "text: expected measurements at the end only, found one before another gate; the "
            "observable says what is measured"
        )
    parts = [
        part
        for op in cirq.drop_terminal_measurements(circuit).all_operations()
        for part in cirq.decompose(op, keep=_is_kept, on_stuck_raise=None)
    ]
    for part in parts:
        if not cirq.has_unitary(part):
            raise ValueError(f"text: expected unitary gates, found {part}; remove it")
    return parts


def _is_kept(op: cirq.Operation) -> bool:
    return not isinstance(op.gate, QasmUGate)


def _inner(gate: Any) -> Any:
    return _inner(gate.sub_gate) if isinstance(gate, cirq.ControlledGate) else gate


def _exponent(op: cirq.Operation) -> float | None:
    gate = _inner(op.gate)
    return float(gate.exponent) if isinstance(gate, cirq.EigenGate) else None


def _replaced(gate: Any, exponent: sympy.Expr) -> cirq.Gate:
    if isinstance(gate, cirq.ControlledGate):
        inner = _replaced(gate.sub_gate, exponent)
        return cirq.ControlledGate(inner, control_values=gate.control_values)
    return gate._with_exponent(exponent)


def _check_affine(
    program: str, declared: tuple[str, ...], at_zero: list[cirq.Operation], slopes: Array
) -> None:
    """Compare with a third reading, at angles that no accident makes fit."""
    point = np.array([0.7312 + 0.4129 * i for i in range(len(declared))])
    found = _read(program, dict(zip(declared, point.tolist())))
    same = len(found) == len(at_zero)
    for before, after, row in zip(at_zero, found, slopes):
        base, moved = _exponent(before), _exponent(after)
        if base is None or moved is None:
            same &= base is moved and np.allclose(cirq.unitary(before), cirq.unitary(after))
        else:
            same &= before.qubits == after.qubits and abs(base + row @ point - moved) < 1e-9
    if not same:
        raise ValueError(NOT_AFFINE)
