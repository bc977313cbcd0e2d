"""Gates of OpenQASM as sequences of powers, which modifiers change power by power."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cirq
import numpy as np
import sympy

Exponent = Any  # a float, or a sympy expression


@dataclass(frozen=True)
class Power:
    """``gate**exponent`` on some qubits where controls have their values.

    Without a gate it is the phase ``exp(iπ exponent)``, of which only controls see anything.
    """

    gate: cirq.Gate | None
    exponent: Exponent
    qubits: tuple[Any, ...] = ()
    controls: tuple[tuple[Any, int], ...] = ()

    def on(self, qubits: Sequence[Any]) -> "Power":
        """Return the same on other qubits, which its own count through."""
        return replace(
            self,
            qubits=tuple(qubits[q] for q in self.qubits),
            controls=tuple((qubits[q], value) for q, value in self.controls),
        )

    def controlled(self, controls: tuple[tuple[Any, int], ...]) -> "Power":
        """Return the same with more controls in front."""
        return replace(self, controls=controls + self.controls)

    def times(self, factor: float) -> "Power":
        """Return the same with a multiple of its exponent."""
        return replace(self, exponent=factor * self.exponent)

    @property
    def is_number(self) -> bool:
        """Whether no name enters."""
        return not isinstance(self.exponent, sympy.Basic)


def inverse(powers: Sequence[Power]) -> list[Power]:
    """Return the inverse of a sequence."""
    return [power.times(-1.0) for power in reversed(powers)]


def repeated(powers: Sequence[Power], times: int) -> list[Power]:
    """Return a sequence a whole number of times, its inverse if that is negative."""
    once = list(powers) if times >= 0 else inverse(powers)
    if len(once) == 1:
        return [once[0].times(abs(times))]
    return once * abs(times)


def root(powers: Sequence[Power], exponent: float, qubits: Sequence[Any]) -> list[Power]:
    """Return the principal power of a sequence without names, as one gate or one phase."""
    if not qubits:
        turned = sum(power.exponent for power in powers) % 2
        return [Power(None, exponent * (turned if turned <= 1 else turned - 2))]
    places = cirq.LineQubit.range(len(qubits))
    where = dict(zip(qubits, places))
    circuit = cirq.Circuit(cirq.I.on_each(*places))
    phase = 1.0 + 0.0j
    for power in powers:
        if power.gate is None and not power.controls:
            phase *= np.exp(1j * np.pi * power.exponent)
        else:
            circuit.append(operation(power, where))
    matrix = phase * circuit.unitary(qubit_order=places, dtype=np.complex128)
    found = cirq.map_eigenvalues(matrix, lambda value: _principal(value, exponent))
    return [Power(cirq.MatrixGate(found), 1.0, tuple(qubits))]


def _principal(value: complex, exponent: float) -> complex:
    """Return the power of an eigenvalue with its phase in (−π, π], −1 up to rounding at π."""
    phase = np.angle(value)
    return complex(np.exp(1j * exponent * (phase if phase > 1e-9 - np.pi else np.pi)))


def operation(power: Power, where: Any) -> cirq.Operation:
    """Return a power as Cirq has it; ``where`` maps its qubits to Cirq's."""
    controls = list(power.controls)
    gate, qubits = power.gate, [where[q] for q in power.qubits]
    if gate is None:  # a phase where the last control has its value
        last, value = controls.pop()
        # With a shift by −1, Z**(−t) is diag(exp(iπt), 1): the phase of a control at 0.
        gate = cirq.Z if value else cirq.ZPowGate(global_shift=-1)
        return operation(
            Power(gate, power.exponent if value else -power.exponent, (last,), tuple(controls)),
            where,
        )
    raised = _raised(gate, power.exponent)
    if not controls:
        return raised.on(*qubits)
    values = [value for _, value in controls]
    if all(values) and (known := _controlled(gate, power.exponent, len(controls))) is not None:
        return known.on(*(where[q] for q, _ in controls), *qubits)
    whole = cirq.ControlledGate(raised, control_values=values)
    return whole.on(*(where[q] for q, _ in controls), *qubits)


def _raised(gate: cirq.Gate, exponent: Exponent) -> cirq.Gate:
    """Return a gate's power; those of the header have the exponent 1."""
    if isinstance(gate, cirq.EigenGate):
        return gate._with_exponent(exponent)
    found: cirq.Gate = gate if exponent == 1 else gate**exponent
    return found


def _controlled(gate: cirq.Gate, exponent: Exponent, count: int) -> cirq.Gate | None:
    """Return Cirq's own gate for a controlled one, if it has one."""
    known: dict[tuple[cirq.Gate, int], cirq.Gate] = {
        (cirq.X, 1): cirq.CX,
        (cirq.Z, 1): cirq.CZ,
        (cirq.X, 2): cirq.CCX,
        (cirq.Z, 2): cirq.CCZ,
    }
    found = known.get((gate, count))
    if found is not None:
        return _raised(found, exponent)
    if gate == cirq.SWAP and count == 1 and exponent == 1:
        return cirq.CSWAP
    return None
