"""Circuits from OpenQASM text in which some angles are names."""

from collections.abc import Iterator, Sequence
from typing import Any

import cirq
import sympy

from qxai.models.qasm.names import Names
from qxai.models.qasm.parsing import parse
from qxai.models.qasm.powers import Power, operation
from qxai.models.qasm.program import Program


def read_qasm(text: str, names: Sequence[str] = ()) -> cirq.Circuit:
    """Turn OpenQASM into a Cirq circuit whose symbols are the names in its angles.

    OpenQASM 3 declares them: ``input float x;``, or ``input array[float, 4] x;`` for ``x[0]`` to
    ``x[3]``. OpenQASM 2 has no such thing; there a name is simply written where an angle stands,
    ``ry(2*x) q[0];``, and listed in ``names``.

    Parameters
    ----------
    text : str
        The program, OpenQASM 2 or 3, of at most 200,000 characters and 1,000 qubits.
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
        If the text is malformed or too long, or unfolds to too much; if one of ``names`` does not
        occur in an angle; if something is not unitary. The message names the line.
    TypeError
        If ``text`` is no text, or ``names`` is one.

    Notes
    -----
    Angles are radians, as in OpenQASM, and any expression of names and numbers. Gates are those
    of both headers, ``qelib1.inc`` and ``stdgates.inc``, and those that the text defines, with
    ``ctrl``, ``negctrl``, ``inv``, ``pow`` and ``gphase``; loops are unfolded. They are the
    headers' up to a phase of the whole state; where a header's versions differ, ``cu3`` is the
    controlled ``u3`` whose upper left entry is real, of which ``cu1`` is a special case.
    Barriers and delays are left out. A division is one of real numbers: ``1/2`` is a half.

    A text from anywhere is safe to read: nothing in it is evaluated but sums, products, powers
    and a few functions, no file is included, and the steps that it takes, definitions and loops
    unfolded, are limited to 400,000. The syntax is that of the reference parser, which reads some
    30,000 characters a second.

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
        if not (isinstance(name, str) and name.isidentifier()) or name in ("pi", "π"):
            raise ValueError(f"names: expected names such as 'x0', found {name!r}")
    parsed = parse(text)
    hint = "declare it, input float …;, or list it: read_qasm(text, names)"
    known = Names()
    for name in names:
        known.declare(1, name, sympy.Symbol(name), True)
    program = Program(parsed.version, known, hint)
    program.run(parsed.statements)
    circuit = cirq.Circuit(_operations(program.powers))
    found = {str(symbol) for symbol in cirq.parameter_symbols(circuit)}
    if missing := [name for name in names if name not in found]:
        raise ValueError(
            f"names: expected names that occur in an angle, found {missing[0][:100]!r}; remove it"
        )
    return circuit


def _operations(powers: Sequence[Power]) -> Iterator[cirq.Operation]:
    """Make the operations; phases of the whole state and turns by nothing are left out."""
    where: Any = _Qubits()
    for power in powers:
        if (power.gate is not None or power.controls) and power.exponent != 0:
            yield operation(power, where)


class _Qubits(dict[str, cirq.NamedQubit]):
    """Qubits by name, made when they are first asked for."""

    def __missing__(self, name: str) -> cirq.NamedQubit:
        self[name] = cirq.NamedQubit(name)
        return self[name]
