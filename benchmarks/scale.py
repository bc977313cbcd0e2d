"""Time exact explanations of many features by tensor trains, and what peers do of the same.

Run by ``make bench`` with one thread. A line of n qubits: RY of each feature, then layers of RZ,
RY and CZ between neighbours, read out by the mean of all Z. Beside each time stands that of one
matrix product with as many operations as a sweep of a train takes by its definition: 12 n χ² a
node and input, ⌈w/2⌉ nodes; both take turns, because the speed of a machine varies. Peers are
asked for what they can do of it: pauli-prop carries the observable back, quimb evaluates circuits
input by input; the differences from our numbers stand beside. Writes ``data/scale.csv``.
"""

import csv
import io
import itertools
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import cirq
import numpy as np
import sympy
from machine import described

import qxai
from qxai.core import Array
from qxai.datasets import write_data
from qxai.models.ansatz import mean_z
from qxai.representations.heisenberg import split
from qxai.representations.propagation import propagate

QUBITS, LAYERS, INPUTS, REPETITIONS = (8, 16, 32, 64, 128), (1, 2, 3, 4, 5, 6), 256, 9
MANY = (256, 1024, 4096)  # inputs, for the growth with their number
PEERS, POINTS = ((16, 2), (64, 1), (64, 2)), 4
HEAD = ("part", "tool", "qubits", "layers", "inputs", "bond", "nodes", "seconds", "megabytes")
HEAD += ("product_seconds", "ratio", "difference")
LONG = 3.0  # seconds from which fewer repetitions are made


def angles(qubits: int, layers: int) -> Array:
    """Draw the angles (layers, 2, n) of RZ and RY."""
    return np.random.default_rng(qubits + layers).uniform(-3, 3, (layers, 2, qubits))


def line(qubits: int, layers: int) -> qxai.PQC:
    """Build the line."""
    q, x = cirq.LineQubit.range(qubits), sympy.symbols(f"x:{qubits}")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    for around_z, around_y in angles(qubits, layers):
        circuit += cirq.Circuit(cirq.rz(a)(b) for a, b in zip(around_z, q))
        circuit += cirq.Circuit(cirq.ry(a)(b) for a, b in zip(around_y, q))
        circuit += cirq.Circuit(cirq.CZ(*pair) for pair in itertools.pairwise(q))
    return qxai.PQC(circuit, x, mean_z(q))


def inputs(count: int, qubits: int) -> Array:
    """Draw inputs."""
    return np.random.default_rng(0).uniform(-np.pi, np.pi, (count, qubits))


def timed(run: Callable[[], object]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def beside(run: Callable[[], object], operations: float) -> tuple[float, float]:
    """Return the median times of a call, and of one product of that many operations."""
    size = max(2, round((operations / 2) ** (1 / 3)))
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(size, size)), rng.normal(size=(size, size))
    times, products = [], []
    first = timed(run)
    for _ in range(REPETITIONS if first < LONG else 2):
        products += [timed(lambda: left @ right) for _ in range(3)]
        times.append(timed(run))
    share = operations / (2 * size**3)
    return statistics.median(times), share * statistics.median(products)


def peak(run: Callable[[], object]) -> float:
    """Return the most megabytes that a call holds beyond what was there."""
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 2**20


def own(qubits: int, layers: int, count: int) -> list[tuple[object, ...]]:
    """Time the building of a train, and Shapley values on it."""
    model, X = line(qubits, layers), inputs(count, qubits)
    qxai.tensor_train(model)  # compile
    building = statistics.median(timed(lambda: qxai.tensor_train(model)) for _ in range(3))
    train = qxai.tensor_train(model)
    bond, nodes = max(train.bonds), -(-train.interaction_order // 2)
    operations = 12.0 * qubits * bond**2 * nodes * count
    seconds, product = beside(lambda: qxai.shapley(train, X, 0.3), operations)
    memory = peak(lambda: qxai.shapley(train, X, 0.3))
    left = float(np.abs(qxai.shapley(train, X[:8], 0.3).residual).max())
    size = (qubits, layers)
    return [
        ("building", "qxai", *size, 0, bond, 0, building, "", "", "", train.error),
        ("Shapley values", "qxai", *size, count, bond, nodes, seconds, memory, product,
         seconds / product, left),
    ]  # fmt: skip


def play(circuit: Any, qubits: int, layers: int) -> None:
    """Append the layers of the line to a circuit of Qiskit or quimb: their methods are alike."""
    for around_z, around_y in angles(qubits, layers):
        for place, (z, y) in enumerate(zip(around_z, around_y)):
            circuit.rz(z, place)
            circuit.ry(y, place)
        for pair in itertools.pairwise(range(qubits)):
            circuit.cz(*pair)


def strings(qubits: int, layers: int) -> list[tuple[object, ...]]:
    """Time Pauli propagation here and in pauli-prop; the difference is that of coefficients."""
    from pauli_prop import propagate_through_circuit
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp

    circuit = QuantumCircuit(qubits)
    play(circuit, qubits, layers)
    readout = SparsePauliOp.from_sparse_list(
        [("Z", [i], 1 / qubits) for i in range(qubits)], num_qubits=qubits
    )
    model = line(qubits, layers)
    rest = split(model.compiled)[1]
    own = propagate(rest, model.parameter_values)
    assert own is not None
    ours, coefficients, _ = own
    most = 4 * len(coefficients)
    theirs, left = propagate_through_circuit(readout, circuit, most, 1e-15, "h")
    places = {tuple(row): value for row, value in zip(ours.tolist(), coefficients)}
    labels = theirs.paulis.to_labels()
    found = {tuple("IXYZ".index(c) for c in label[::-1]): v.real
             for label, v in zip(labels, theirs.coeffs)}  # fmt: skip
    gap = max(abs(places.get(k, 0.0) - found.get(k, 0.0)) for k in {*places, *found})
    times = [
        statistics.median(timed(call) for _ in range(5))
        for call in (
            lambda: propagate(rest, model.parameter_values),
            lambda: propagate_through_circuit(readout, circuit, most, 1e-15, "h"),
        )
    ]
    size = (qubits, layers, 0, len(coefficients), 0)
    return [
        ("strings", "qxai", *size, times[0], "", "", "", 0.0),
        ("strings", "pauli-prop", *size, times[1], "", "", times[1] / times[0], gap + left),
    ]


def circuits(qubits: int, layers: int) -> list[tuple[object, ...]]:
    """Time values at inputs: ours from a train that is built, quimb's circuit by circuit."""
    import quimb.tensor as qtn

    model, X = line(qubits, layers), inputs(POINTS, qubits)
    train = qxai.tensor_train(model)

    def theirs() -> list[float]:
        found = []
        for x in X:
            circuit = qtn.CircuitMPS(qubits, cutoff=1e-14)
            for place, angle in enumerate(x):
                circuit.ry(angle, place)
            play(circuit, qubits, layers)
            state = circuit.psi
            spins = [state.magnetization(place, "Z") for place in range(qubits)]
            found.append(2 * float(np.mean(np.real(spins))))
        return found

    gap = float(np.abs(np.array(theirs()) - train.values(X)).max())
    ours = statistics.median(timed(lambda: train.values(X)) for _ in range(5))
    other = statistics.median(timed(theirs) for _ in range(3))
    size = (qubits, layers, POINTS, max(train.bonds), 0)
    return [
        ("values", "qxai", *size, ours, "", "", "", 0.0),
        ("values", "quimb", *size, other, "", "", other / ours, gap),
    ]


def main() -> None:
    """Measure all sizes and write one row for each part."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HEAD, *described()])
    rows = [row for n in QUBITS for layers in LAYERS for row in own(n, layers, INPUTS)]
    rows += [row for count in MANY[1:] for row in own(64, 4, count)[1:]]
    rows += [row for size in PEERS for row in strings(*size)]
    rows += [row for size in PEERS for row in circuits(*size)]
    for row in rows:
        cells = [f"{x:.4g}" if isinstance(x, float) else x for x in row]
        writer.writerow([*cells, *described().values()])
        print(*(f"{cell!s:>14}" for cell in cells), flush=True)
    write_data("scale.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
