"""OpenQASM as Qiskit and PennyLane write it, read by `qxai.read_qasm` and held to both.

Run in the environment of the peers: ``.venv-bench/bin/python benchmarks/dialects.py``. Qiskit
writes every gate of its standard library and random circuits of them, as OpenQASM 2 and 3, with
numbers and with parameters; circuits of its library, wrapped into definitions; PennyLane writes
its own. Each text must give the unitary that the tool itself computes, up to a phase of the whole.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise

import cirq
import numpy as np
import pennylane as qml
from qiskit import QuantumCircuit, qasm2, qasm3, transpile
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.library import (
    efficient_su2,
    pauli_feature_map,
    real_amplitudes,
    zz_feature_map,
)
from qiskit.circuit.library import standard_gates as gates
from qiskit.quantum_info import Operator

import qxai

PRECISION = 1e-7
# Every gate of Qiskit's standard library with a name in a header, or a definition of its own.
STANDARD = [
    *(gates.XGate, gates.YGate, gates.ZGate, gates.HGate, gates.SGate, gates.SdgGate),
    *(gates.TGate, gates.TdgGate, gates.SXGate, gates.SXdgGate, gates.IGate, gates.PhaseGate),
    *(gates.RXGate, gates.RYGate, gates.RZGate, gates.RGate, gates.UGate, gates.U1Gate),
    *(gates.U2Gate, gates.U3Gate, gates.CXGate, gates.CYGate, gates.CZGate, gates.CHGate),
    *(gates.CSGate, gates.CSdgGate, gates.CSXGate, gates.CPhaseGate, gates.CRXGate),
    *(gates.CRYGate, gates.CRZGate, gates.CUGate, gates.CU1Gate, gates.CU3Gate, gates.SwapGate),
    *(gates.iSwapGate, gates.DCXGate, gates.ECRGate, gates.RXXGate, gates.RYYGate, gates.RZZGate),
    *(gates.RZXGate, gates.XXMinusYYGate, gates.XXPlusYYGate, gates.CCXGate, gates.CCZGate),
    *(gates.CSwapGate, gates.RCCXGate, gates.C3XGate, gates.C3SXGate, gates.RC3XGate),
    gates.C4XGate,
]


def unitary(text: str, values: dict[str, float], qubits: Sequence[str]) -> np.ndarray:
    """Return the unitary of a text, its qubits in this order, the first most significant."""
    names = tuple(values) if "OPENQASM 2" in text else ()
    circuit = cirq.resolve_parameters(qxai.read_qasm(text, names), values)
    order = [cirq.NamedQubit(q) for q in qubits]
    return circuit.unitary(
        qubit_order=order, qubits_that_should_be_present=order, dtype=np.complex128
    )


def distance(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference up to a phase of the whole."""
    phase = np.vdot(expected, found)
    return float(np.abs(found - expected * phase / abs(phase)).max())


def random_circuit(rng: np.random.Generator, length: int) -> QuantumCircuit:
    """Draw a circuit of standard gates on five qubits, some angles left as parameters."""
    circuit, x = QuantumCircuit(5), ParameterVector("x", 3)
    for _ in range(length):
        kind = STANDARD[rng.integers(len(STANDARD))]
        angles = [float(a) for a in rng.uniform(-3, 3, _angles(kind))]
        gate = kind(*angles)
        circuit.append(gate, [int(q) for q in rng.permutation(5)[: gate.num_qubits]])
        parameter = x[int(rng.integers(3))]
        circuit.ry(parameter * float(rng.normal()) + 0.3, int(rng.integers(5)))
    return circuit


def _angles(kind: type) -> int:
    """Return how many angles a gate takes."""
    for count in range(5):
        try:
            kind(*[0.1] * count)
        except TypeError:
            continue
        return count
    raise ValueError(kind)


def check_qiskit(circuit: QuantumCircuit, rng: np.random.Generator) -> Iterator[float]:
    """Yield how far the texts of a circuit are from its operator, both languages."""
    values = {p: float(rng.uniform(-2, 2)) for p in circuit.parameters}
    expected = Operator(circuit.assign_parameters(values).reverse_bits()).data
    register = circuit.qregs[0].name
    qubits = [f"{register}_{i}" for i in range(circuit.num_qubits)]
    numbers = qasm2.dumps(circuit.assign_parameters(values))
    yield distance(unitary(numbers, {}, qubits), expected)
    text = qasm3.dumps(circuit)
    names = {_written(p): values[p] for p in circuit.parameters}
    yield distance(unitary(text, names, qubits), expected)


def _written(parameter: Parameter) -> str:
    """Return the name that Qiskit gives a parameter in OpenQASM 3."""
    name = parameter.name
    return f"_{name.replace('[', '_').replace(']', '_')}" if "[" in name else name


def check_pennylane(rng: np.random.Generator) -> float:
    """Return how far PennyLane's text of a random circuit is from its own matrix."""
    wires, angles = list(range(4)), rng.uniform(-3, 3, 40)

    def circuit() -> None:
        place = iter(angles)
        for wire in wires:
            qml.RX(next(place), wires=wire)
            qml.Rot(next(place), next(place), next(place), wires=wire)
        for a, b in pairwise(wires):
            qml.CNOT(wires=[a, b])
            qml.CRX(next(place), wires=[b, a])
            qml.CRZ(next(place), wires=[a, b])
            qml.CRY(next(place), wires=[a, b])
        qml.PhaseShift(next(place), wires=0)
        qml.ControlledPhaseShift(next(place), wires=[1, 3])
        qml.IsingXX(next(place), wires=[0, 2])
        qml.Toffoli(wires=[0, 1, 2])
        qml.CSWAP(wires=[3, 1, 0])
        qml.SX(wires=2)
        qml.adjoint(qml.T)(wires=1)
        qml.GlobalPhase(next(place))
        qml.MultiRZ(next(place), wires=[0, 1, 3])
        qml.U3(next(place), next(place), next(place), wires=2)

    def measured() -> object:
        circuit()
        return qml.expval(qml.Z(0))

    node = qml.QNode(measured, qml.device("default.qubit", wires=wires))
    text = qml.to_openqasm(node, wires=qml.wires.Wires(wires), measure_all=True)()
    expected = qml.matrix(circuit, wire_order=wires)()
    return distance(unitary(text, {}, [f"q_{i}" for i in wires]), expected)


def transpiled(rng: np.random.Generator) -> float:
    """Return the distance for a circuit on the qubits of a machine, ``$0`` and so on."""
    circuit = QuantumCircuit(3)
    for number in range(3):
        circuit.u(*rng.uniform(-3, 3, 3), number)
    circuit.ccx(0, 1, 2)
    placed = transpile(circuit, basis_gates=["rz", "sx", "x", "cx"], coupling_map=[[0, 1], [1, 2]])
    text = qasm3.dumps(placed)
    used = ["$" + str(i) for i in range(placed.num_qubits)]
    if "$0" not in text:
        used = [f"q_{i}" for i in range(placed.num_qubits)]
    return distance(unitary(text, {}, used), Operator(placed.reverse_bits()).data)


def main() -> int:
    """Compare, and print how many texts there were and how far the worst is off."""
    rng, found = np.random.default_rng(0), {}
    singles = []
    for kind in STANDARD:
        gate = kind(*rng.uniform(-3, 3, _angles(kind)))
        circuit = QuantumCircuit(gate.num_qubits + 1)
        circuit.h(0)
        circuit.append(gate, range(gate.num_qubits))
        singles += list(check_qiskit(circuit, rng))
    found["Qiskit, gate by gate"] = singles
    drawn = [random_circuit(rng, 12) for _ in range(60)]
    found["Qiskit, random circuits"] = [d for c in drawn for d in check_qiskit(c, rng)]
    library = [
        zz_feature_map(3, reps=2).compose(real_amplitudes(3, reps=2)),
        zz_feature_map(4, entanglement="full", insert_barriers=True),
        pauli_feature_map(3, paulis=["Z", "XX", "ZZZ"]),
        efficient_su2(4, reps=1),
    ]
    whole = QuantumCircuit(3)
    whole.append(zz_feature_map(3).to_gate(label="encode"), range(3))
    whole.append(real_amplitudes(3).to_gate().control(0), range(3))
    library.append(whole)
    wrapped = [QuantumCircuit(c.num_qubits).compose(c) for c in library]
    found["Qiskit, its library"] = [d for c in wrapped for d in check_qiskit(c, rng)]
    found["Qiskit, transpiled"] = [transpiled(rng) for _ in range(10)]
    found["PennyLane"] = [check_pennylane(rng) for _ in range(20)]
    for name, distances in found.items():
        print(f"{name:26}{len(distances):5} texts, worst {max(distances):.1e}")
    worst = max(map(max, found.values()))
    return int(math.isnan(worst) or worst > PRECISION)


if __name__ == "__main__":
    sys.exit(main())
