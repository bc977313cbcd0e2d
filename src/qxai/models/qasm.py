"""Circuits from OpenQASM text in which some angles are names."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cirq
import numpy as np
import sympy

from qxai.models.qasm_definitions import Known
from qxai.models.qasm_program import Call, unfold
from qxai.models.qasm_text import Affine, words

FIXED: dict[str, cirq.Gate] = {
    "id": cirq.I,
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "s": cirq.S,
    "sdg": cirq.S**-1,
    "t": cirq.T,
    "tdg": cirq.T**-1,
    "sx": cirq.X**0.5,
    "sxdg": cirq.X**-0.5,
    "cx": cirq.CX,
    "cy": cirq.ControlledGate(cirq.Y),
    "cz": cirq.CZ,
    "ch": cirq.ControlledGate(cirq.H),
    "swap": cirq.SWAP,
    "ccx": cirq.CCX,
    "cswap": cirq.CSWAP,
}
# Gates of one angle, which is π times their exponent.
TURNED: dict[str, cirq.Gate] = {
    "rx": cirq.rx(np.pi),
    "ry": cirq.ry(np.pi),
    "rz": cirq.rz(np.pi),
    "crz": cirq.ControlledGate(cirq.rz(np.pi)),
    "cu1": cirq.CZ,
}
KNOWN = [Known(n, int(n in TURNED), cirq.num_qubits(g)) for n, g in {**FIXED, **TURNED}.items()]


def read_qasm(text: str, names: Sequence[str] = ()) -> cirq.Circuit:
    """Turn OpenQASM into a Cirq circuit whose symbols are the names in its angles.

    OpenQASM 3 declares them: ``input float x;``. OpenQASM 2 has no such thing; there a name is
    simply written where an angle stands, ``ry(2*x) q[0];``, and listed in ``names``.

    Parameters
    ----------
    text : str
        The program, of at most 200,000 characters and 1,000 qubits.
    names : sequence of str
        Names that the text does not declare.

    Returns
    -------
    cirq.Circuit
        Without the measurements at its end; what is measured is a model's observable. The qubit
        ``q[0]`` is ``cirq.NamedQubit("q_0")``.

    Raises
    ------
    ValueError
        If the text is malformed or too long, or unfolds to too much; if there is no name, one
        does not occur in an angle, an angle is not written as an affine function of them, or
        something is not unitary.
    TypeError
        If ``text`` is no text, or ``names`` is one.

    Notes
    -----
    Angles are radians, as in OpenQASM. Gates are those of the header ``qelib1.inc`` that Cirq's
    importer knows, and those that the text defines. They are the headers' up to a phase of the
    whole state; where a header's versions differ, ``cu3`` is the controlled ``u3``, of which
    ``cu1`` is a special case.

    A text from anywhere is safe to read: nothing in it is evaluated but sums, products, powers
    and a few functions of floating-point numbers, no file is included, and the steps that it
    takes, definitions unfolded, are limited to 400,000.

    Examples
    --------
    >>> import cirq, qxai
    >>> text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; ry(2*x) q[0];'
    >>> circuit = qxai.read_qasm(text, ["x"])
    >>> model = qxai.PQC(circuit, ["x"], cirq.Z(cirq.NamedQubit("q_0")))
    >>> print(model.values([[1]]).round(3))  # cos 2
    [-0.416]
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a text, found {type(text).__name__}; decode or read it")
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"names: expected a tuple of names, found {names!r}")
    for name in names:
        if not (isinstance(name, str) and name.isidentifier()) or name == "pi":
            raise ValueError(f"names: expected names such as 'x0', found {name!r}")
    source = words(text)
    if not names and not any(word == "input" for _, word, _ in source.words):
        raise ValueError(
            "names: expected names of angles, or input declarations in the text, found neither; "
            "write a name where a feature's angle stands and list it"
        )
    program = unfold(source, names, KNOWN)
    if missing := [name for name in program.names if name not in program.occurring]:
        name = missing[0][:100]
        raise ValueError(f"names: expected names that occur in an angle, found {name!r}")
    return cirq.Circuit(_operations(program.calls))


def _operations(calls: Iterable[Call]) -> Iterator[cirq.Operation]:
    """Make the operations; gates with equal angles are one object, for long texts repeat them."""
    gates: dict[Any, cirq.Gate] = dict(FIXED)
    for call in calls:
        key: Any = call.gate
        if call.angles:
            key = (call.gate, *((a.constant, *a.slopes.items()) for a in call.angles))
        if key not in gates:
            gates[key] = _turned(TURNED[call.gate], _exponent(*call.angles))
        yield gates[key].on(*map(cirq.NamedQubit, call.qubits))


def _exponent(angle: Affine) -> Any:
    """Return the exponent in half turns: a number, or an expression where names enter."""
    symbols = map(sympy.Symbol, angle.slopes)
    slopes = (slope / np.pi for slope in angle.slopes.values())
    terms = [slope * symbol for slope, symbol in zip(slopes, symbols) if slope]
    constant = angle.constant / np.pi
    return sympy.Add(constant, *terms) if terms else constant


def _turned(gate: Any, exponent: Any) -> cirq.Gate:
    if isinstance(gate, cirq.ControlledGate):
        return cirq.ControlledGate(_turned(gate.sub_gate, exponent))
    return gate._with_exponent(exponent)
