"""Circuits from OpenQASM text in which some angles are names."""

import re
from collections.abc import Mapping
from typing import Any

import cirq
import numpy as np
import sympy
from cirq.circuits.qasm_output import QasmUGate
from cirq.contrib.qasm_import import circuit_from_qasm

from qxai.core import Array

INPUT = re.compile(r"^\s*input\s+(?:float|angle)\s*(?:\[\d+\])?\s+(\w+)\s*;", re.MULTILINE)


def read_qasm(text: str, names: tuple[str, ...] = ()) -> cirq.Circuit:
    """Turn OpenQASM into a Cirq circuit whose symbols are the names in its angles.

    OpenQASM 3 declares them: ``input float x;``. OpenQASM 2 has no such thing; there a name is
    simply written where an angle stands, ``ry(2*x) q[0];``, and listed in ``names``. Gates are
    those that Cirq's importer reads. It knows numbers only, so the text is read once with every
    name at zero and once with each at one, and the exponents' slopes are their differences.

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
        If there is no name, one does not occur, or an angle is not affine in them.
    cirq.contrib.qasm_import.QasmException
        If Cirq cannot read the text.

    Notes
    -----
    Angles are radians, as in OpenQASM.
    """
    declared = tuple(dict.fromkeys((*INPUT.findall(text), *names)))
    program = INPUT.sub("", text)
    _check_names(program, declared)
    at_zero = _read(program, dict.fromkeys(declared, 0.0))
    symbols = [sympy.Symbol(name) for name in declared]
    exponents: list[Any] = [_exponent(op) for op in at_zero]
    slopes = np.zeros((len(at_zero), len(declared)))
    for i, name in enumerate(declared):
        moved = _read(program, {**dict.fromkeys(declared, 0.0), name: 1.0})
        for row, (op, base) in enumerate(zip(moved, exponents)):
            change = _exponent(op)
            if base is not None and change is not None:
                slopes[row, i] = change - base
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
        if not re.search(rf"\b{re.escape(name)}\b", program):
            raise ValueError(f"names: expected names that occur in an angle, found {name!r}")


def _read(program: str, values: Mapping[str, float]) -> list[cirq.Operation]:
    """Parse with numbers for names; measurements dropped, gates without exponent taken apart."""
    for name, value in values.items():
        program = re.sub(rf"\b{re.escape(name)}\b", f"({value!r})", program)
    circuit = cirq.drop_terminal_measurements(circuit_from_qasm(program))
    return [
        part
        for op in circuit.all_operations()
        for part in cirq.decompose(op, keep=_is_kept, on_stuck_raise=None)
    ]


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
        raise ValueError(
            "text: expected angles that are affine in the names, in gates that Cirq's importer "
            "keeps or takes apart, found another; write rz, ry, rx and cx"
        )
