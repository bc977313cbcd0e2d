"""A circuit as people bring it, made one that a model can be."""

from collections.abc import Callable
from typing import Any

import cirq
import sympy

from qxai.spectra import has_spectrum


def without_measurements(circuit: cirq.AbstractCircuit) -> cirq.FrozenCircuit:
    """Leave out the measurements at the end: what is measured is a model's observable."""
    if not cirq.is_measurement(circuit):
        return circuit.freeze()
    flat = _flattened(circuit) if _nested(circuit) else circuit
    kept = [
        cirq.Moment(op for op in moment if not _ends(flat, number, op))
        for number, moment in enumerate(flat)
    ]
    return cirq.FrozenCircuit(moment for moment in kept if moment.operations)


def _nested(circuit: cirq.AbstractCircuit) -> bool:
    """Tell whether a circuit that is an operation of another holds a measurement."""
    inner = (op.untagged for op in circuit.all_operations())
    return any(isinstance(op, cirq.CircuitOperation) and cirq.is_measurement(op) for op in inner)


def _flattened(circuit: cirq.AbstractCircuit) -> cirq.Circuit:
    return cirq.unroll_circuit_op(circuit.unfreeze(), deep=True, tags_to_check=None)


def _ends(circuit: cirq.AbstractCircuit, number: int, op: cirq.Operation) -> bool:
    """Tell whether an operation measures qubits that nothing acts on later."""
    if not isinstance(op.untagged.gate, cirq.MeasurementGate):
        return False
    return circuit.next_moment_operating_on(op.qubits, number + 1) is None


def symbols_of(circuit: cirq.AbstractCircuit) -> set[sympy.Symbol]:
    """Return all symbols of a circuit, those in the decompositions of its gates included."""
    found = set(cirq.parameter_symbols(circuit))
    for op in circuit.all_operations():
        if not has_spectrum(op):
            for part in cirq.decompose(op, keep=has_spectrum, on_stuck_raise=None):
                found |= cirq.parameter_symbols(part)
    return found


def remade(kind: Callable[..., Any], circuit: Any, features: Any, strings: Any, *rest: Any) -> Any:
    """Return a model from its arguments, the observable's strings among them."""
    observable = cirq.PauliSum.from_pauli_strings(strings) if strings else cirq.PauliSum()
    return kind(circuit, features, observable, *rest)
