"""Cirq's gates as powers: eigenvalues of a generator and the projectors that belong to them."""

from typing import Any

import cirq
import numpy as np
import sympy

from qxai.core import Array, ComplexArray
from qxai.memory import check_size

WIDE = 4  # qubits of the largest gate whose matrix is written out though it could be taken apart

Components = tuple[Array, ComplexArray, tuple[int, ...] | None]


def has_spectrum(op: cirq.Operation) -> bool:
    """Tell whether an operation is kept; what is not is decomposed."""
    gate = op.untagged.gate
    if isinstance(op.untagged, cirq.ClassicallyControlledOperation | cirq.CircuitOperation):
        return False
    if isinstance(gate, cirq.IdentityGate):
        return True
    wide = len(op.qubits) > WIDE and cirq.decompose_once(op, default=None) is not None
    if not cirq.is_parameterized(op):
        return _has_unitary(op) and not wide
    while isinstance(gate, cirq.ControlledGate):
        gate, wide = gate.sub_gate, False
    # A second symbolic argument, such as a phase exponent, would survive a number as exponent.
    if wide or not isinstance(gate, cirq.EigenGate):
        return False
    return not cirq.is_parameterized(gate._with_exponent(0.5))


def _has_unitary(op: cirq.Operation) -> bool:
    """Tell whether Cirq knows an operation's unitary; a gate that fails at it is refused."""
    try:
        return cirq.has_unitary(op)
    except Exception as error:  # the gate's own code, which may do anything
        raise refusal(op, f" ({error})") from error


def refusal(op: cirq.Operation, why: str = "") -> ValueError:
    """Say why an operation can be neither kept nor decomposed."""
    if (not why and (cirq.is_measurement(op) or cirq.has_kraus(op))) or isinstance(
        op.untagged, cirq.ClassicallyControlledOperation
    ):
        return ValueError(
            f"circuit: expected unitary operations, found {op}; remove measurements and channels "
            "(the observable says what is measured)"
        )
    name = type(op.untagged.gate if op.untagged.gate is not None else op.untagged).__name__
    return ValueError(
        "circuit: expected gates whose spectrum or decomposition Cirq knows, found "
        f"{name} in {op}{why}; give it a _decompose_ into powers of such gates, cirq.X**t or "
        "cirq.ZZ**t for instance, or write these instead"
    )


def gate_of(op: cirq.Operation) -> cirq.Gate:
    """Return an operation's gate, or its matrix as one."""
    gate = op.untagged.gate
    return cirq.MatrixGate(cirq.unitary(op)) if gate is None else gate


def exponent_of(gate: Any) -> sympy.Expr:
    """Return the exponent of a power, controlled or not."""
    return exponent_of(gate.sub_gate) if isinstance(gate, cirq.ControlledGate) else gate.exponent


def with_exponent(gate: cirq.Gate, exponent: sympy.Expr) -> cirq.Gate:
    """Return the gate with another exponent."""
    if isinstance(gate, cirq.ControlledGate):
        sub_gate = with_exponent(gate.sub_gate, exponent)
        return cirq.ControlledGate(sub_gate, control_values=gate.control_values)
    assert isinstance(gate, cirq.EigenGate)
    return gate._with_exponent(exponent)


def components(gate: cirq.Gate) -> Components:
    """Return eigenvalues (half turns), projectors, and control states if they are left out.

    Raises
    ------
    ValueError
        If the gate's matrices would not fit in memory.
    """
    width = cirq.num_qubits(gate)
    if not cirq.is_parameterized(gate):
        check_size(16 * 4**width, f"a gate on {width} qubits", "write it as smaller gates")
        return np.zeros(1), cirq.unitary(gate)[None].astype(np.complex128), None
    if isinstance(gate, cirq.ControlledGate):
        half_turns, projectors, _ = components(gate.sub_gate)
        states = control_states(gate)
        if width > WIDE:
            return half_turns, projectors, states
        return *_controlled(half_turns, projectors, states, gate.num_controls()), None
    assert isinstance(gate, cirq.EigenGate)
    check_size(32 * 4**width, f"a gate on {width} qubits", "write it as smaller gates")
    turns, matrices = zip(*gate._eigen_components())
    return np.array(turns, float) + gate.global_shift, np.array(matrices, np.complex128), None


def control_states(gate: cirq.ControlledGate) -> tuple[int, ...]:
    """Return the states of the controls in which a gate acts, the first control slowest."""
    states = gate.control_values.expand()
    return tuple(int("".join(map(str, state)), 2) for state in states)


def _controlled(
    half_turns: Array, projectors: ComplexArray, states: tuple[int, ...], controls: int
) -> tuple[Array, ComplexArray]:
    """Let the gate act where the controls have one of their values; elsewhere nothing turns."""
    active = np.diag(np.isin(np.arange(2**controls), states).astype(float))
    acting = np.array([np.kron(active, projector) for projector in projectors])
    idle = np.kron(np.eye(2**controls) - active, np.eye(projectors.shape[1]))
    return np.append(half_turns, 0.0), np.append(acting, idle[None], axis=0)
