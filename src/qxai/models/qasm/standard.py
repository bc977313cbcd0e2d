"""The gates of the headers ``qelib1.inc`` and ``stdgates.inc``, as sequences of powers.

They are those of the headers with their phase, for a controlled gate shows it; of the two-qubit
rotations the phase is that of ``exp(−iθ/2 P⊗P)``. Where versions of a header differ, ``cu3`` is
the controlled ``u3`` whose upper left entry is real, of which ``cu1`` is a special case.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cirq
import numpy as np
import sympy

from qxai.models.qasm.powers import Exponent, Power

Angle = Exponent  # radians
RX, RY, RZ = cirq.rx(np.pi), cirq.ry(np.pi), cirq.rz(np.pi)
RXX, RYY, RZZ = (
    kind(global_shift=-0.5) for kind in (cirq.XXPowGate, cirq.YYPowGate, cirq.ZZPowGate)
)
Parts = list[Power]


@dataclass(frozen=True)
class Standard:
    """A gate of a header: how many angles and qubits it takes, and the powers that it is."""

    num_angles: int
    num_qubits: int
    powers: Callable[..., Parts]
    depth: int = 0
    size: int = 1


def turns(angle: Angle) -> Exponent:
    """Return an angle in half turns, sums term by term so that equal slopes stay equal."""
    if not isinstance(angle, sympy.Basic):
        return angle / np.pi
    terms = sympy.Add.make_args(angle)
    if all(len(term.free_symbols) <= 1 for term in terms):
        return sympy.Add(*(term / sympy.pi for term in terms))
    return angle / sympy.pi


def _fixed(gate: cirq.Gate, exponent: float = 1.0) -> Standard:
    qubits = tuple(range(cirq.num_qubits(gate)))
    return Standard(0, len(qubits), lambda: [Power(gate, exponent, qubits)])


def _rotation(gate: cirq.Gate) -> Standard:
    qubits = tuple(range(cirq.num_qubits(gate)))
    return Standard(1, len(qubits), lambda angle: [Power(gate, turns(angle), qubits)])


def _sequence(*names: str) -> Standard:
    """Return gates without angles one after another, each as ``name q r``."""
    calls = [(name, [int(q) for q in on]) for name, *on in (call.split() for call in names)]
    width = 1 + max(q for _, on in calls for q in on)
    return Standard(
        0, width, lambda: [p.on(on) for name, on in calls for p in STANDARD[name].powers()]
    )


def _controlled(inner: Standard, count: int = 1) -> Standard:
    controls = tuple((q, 1) for q in range(count))
    width = count + inner.num_qubits

    def powers(*angles: Angle) -> Parts:
        shifted = [p.on(range(count, width)) for p in inner.powers(*angles)]
        return [power.controlled(controls) for power in shifted]

    return Standard(inner.num_angles, width, powers)


def _u3(theta: Angle, phi: Angle, lam: Angle) -> Parts:
    return [
        Power(cirq.Z, turns(lam), (0,)),
        Power(RY, turns(theta), (0,)),
        Power(cirq.Z, turns(phi), (0,)),
    ]


def _big_u(theta: Angle, phi: Angle, lam: Angle) -> Parts:
    """Return the built-in gate of OpenQASM 3, which has the phase ``exp(iθ/2)``."""
    return [*_u3(theta, phi, lam), Power(None, turns(theta) / 2)]


def _u3_of_3(theta: Angle, phi: Angle, lam: Angle) -> Parts:
    """Return ``u3`` of ``stdgates.inc``, which has determinant 1."""
    return [*_u3(theta, phi, lam), Power(None, -(turns(phi) + turns(lam)) / 2)]


def _cu(theta: Angle, phi: Angle, lam: Angle, gamma: Angle) -> Parts:
    return [Power(cirq.Z, turns(gamma), (0,)), *_CU3.powers(theta, phi, lam)]


def _r(theta: Angle, phi: Angle) -> Parts:
    return [
        Power(cirq.Z, turns(-phi), (0,)),
        Power(RX, turns(theta), (0,)),
        Power(cirq.Z, turns(phi), (0,)),
    ]


def _rzx(theta: Angle) -> Parts:
    hadamard = Power(cirq.H, 1.0, (1,))
    return [hadamard, Power(RZZ, turns(theta), (0, 1)), hadamard]


def _ecr() -> Parts:
    return [*_rzx(np.pi / 4), Power(cirq.X, 1.0, (0,)), *_rzx(-np.pi / 4)]


_PHASE = _rotation(cirq.Z)
_U = Standard(3, 1, _u3)
_CU3 = _controlled(_U)
_X, _H, _SWAP = map(_fixed, (cirq.X, cirq.H, cirq.SWAP))
_SX = _fixed(cirq.X, 0.5)

STANDARD: dict[str, Standard] = {
    "id": _fixed(cirq.I),
    "u0": Standard(1, 1, lambda duration: []),
    "x": _X,
    "y": _fixed(cirq.Y),
    "z": _fixed(cirq.Z),
    "h": _H,
    "s": _fixed(cirq.Z, 0.5),
    "sdg": _fixed(cirq.Z, -0.5),
    "t": _fixed(cirq.Z, 0.25),
    "tdg": _fixed(cirq.Z, -0.25),
    "sx": _SX,
    "sxdg": _fixed(cirq.X, -0.5),
    "rx": _rotation(RX),
    "ry": _rotation(RY),
    "rz": _rotation(RZ),
    "p": _PHASE,
    "phase": _PHASE,
    "u1": _PHASE,
    "u2": Standard(2, 1, lambda phi, lam: _u3(np.pi / 2, phi, lam)),
    "u3": _U,
    "u": _U,
    "r": Standard(2, 1, _r),
    "cx": _controlled(_X),
    "cy": _controlled(_fixed(cirq.Y)),
    "cz": _controlled(_fixed(cirq.Z)),
    "ch": _controlled(_H),
    "cs": _controlled(_fixed(cirq.Z, 0.5)),
    "csdg": _controlled(_fixed(cirq.Z, -0.5)),
    "csx": _controlled(_SX),
    "swap": _SWAP,
    "iswap": _fixed(cirq.ISWAP),
    "ccx": _controlled(_X, 2),
    "ccz": _controlled(_fixed(cirq.Z), 2),
    "c3x": _controlled(_X, 3),
    "c4x": _controlled(_X, 4),
    "c3sqrtx": _controlled(_SX, 3),
    "cswap": _controlled(_SWAP),
    "crx": _controlled(_rotation(RX)),
    "cry": _controlled(_rotation(RY)),
    "crz": _controlled(_rotation(RZ)),
    "cp": _controlled(_PHASE),
    "cphase": _controlled(_PHASE),
    "cu1": _controlled(_PHASE),
    "cu3": _CU3,
    "cu": Standard(4, 2, _cu),
    "rxx": _rotation(RXX),
    "ryy": _rotation(RYY),
    "rzz": _rotation(RZZ),
    "rzx": Standard(1, 2, _rzx),
    "dcx": _sequence("cx 0 1", "cx 1 0"),
    "ecr": Standard(0, 2, _ecr),
    "rccx": _sequence("h 2", "t 2", "cx 1 2", "tdg 2", "cx 0 2", "t 2", "cx 1 2", "tdg 2", "h 2"),
    "rc3x": _sequence(
        *("h 3", "t 3", "cx 2 3", "tdg 3", "h 3", "cx 0 3", "t 3", "cx 1 3", "tdg 3"),
        *("cx 0 3", "t 3", "cx 1 3", "tdg 3", "h 3", "t 3", "cx 2 3", "tdg 3", "h 3"),
    ),
}
# OpenQASM 3 gives these other phases, which a control shows.
OF_3 = {
    "u2": Standard(2, 1, lambda phi, lam: _u3_of_3(np.pi / 2, phi, lam)),
    "u3": Standard(3, 1, _u3_of_3),
}
# What the language knows without a header.
BUILT_IN = {
    2: {"U": _U, "CX": _controlled(_X)},
    3: {"U": Standard(3, 1, _big_u)},
}


def header(version: int) -> dict[str, Standard]:
    """Return the gates of a language's header; those of the other are understood as well."""
    return {**STANDARD, "CX": _controlled(_X), **(OF_3 if version == 3 else {})}
