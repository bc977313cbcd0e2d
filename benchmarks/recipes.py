"""Models of other libraries, explained: each recipe wraps one, and is compared with Cirq.

Run in the environment of the peers: ``.venv-bench/bin/python benchmarks/recipes.py``. One circuit
is written for each library: RY(x_i), CX on neighbours, RY(w_i), and Z on the last two qubits. Each
recipe must give the Shapley values and the integrated gradients of `qxai.PQC`, to rounding;
TensorFlow Quantum computes in single precision. What somebody is told who explains the thing
itself must run and give its values. The book shows the recipes as they stand here.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # TensorFlow Quantum's layers are of Keras 2
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import re
import sys
from collections.abc import Callable

import cirq
import numpy as np
import pennylane as qml
import sympy
import tensorflow_quantum as tfq
import torch
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp
from qiskit_machine_learning.neural_networks import EstimatorQNN

import qxai
from qxai.wrapping import not_a_model

STEPS = 24  # far more than a band of 4 × π needs
WEIGHTS = np.random.default_rng(0).uniform(-np.pi, np.pi, 4)
X = np.random.default_rng(1).uniform(0, np.pi, (6, 4))


# The recipes: what somebody types who has a circuit of another library.
def pennylane_model(circuit: qml.QNode) -> qxai.Function:
    """Wrap a circuit that takes one input; ``qml.grad`` takes one in any case."""
    gradient = qml.grad(circuit, argnums=0)
    return qxai.Function(qxai.each_row(circuit), qxai.each_row(gradient), num_features=4)


def qiskit_model(qnn: EstimatorQNN, weights: np.ndarray) -> qxai.Function:
    """Wrap a network that was made with ``input_gradients=True`` and ``default_precision=0.0``."""
    return qxai.Function(
        lambda X: qnn.forward(X, weights),
        lambda X: qnn.backward(X, weights)[0],
        num_features=qnn.num_inputs,
    )


def tensorflow_quantum_model(
    layer: tfq.layers.PQC, encoding: cirq.Circuit, x: list[sympy.Symbol]
) -> qxai.Function:
    """Wrap a layer whose inputs are circuits; two shifted circuits for each rotation's slope."""

    def values(X):
        rows = [cirq.resolve_parameters(encoding, dict(zip(x, row))) for row in X]
        return layer(tfq.convert_to_tensor(rows))

    def gradient(X):
        shifts = np.pi / 2 * np.concatenate([np.eye(4), -np.eye(4)])
        found = np.reshape(values((X[:, None] + shifts).reshape(-1, 4)), (-1, 2, 4))
        return (found[:, 0] - found[:, 1]) / 2

    return qxai.Function(values, gradient, num_features=4, batch_size=256)


def pytorch_model(module: torch.nn.Module) -> qxai.Function:
    """Wrap a module in double precision."""

    def gradient(X):
        inputs = torch.tensor(X, requires_grad=True)
        return torch.autograd.grad(module(inputs).sum(), inputs)[0]

    return qxai.Function(lambda X: module(torch.as_tensor(X)), gradient, num_features=4)


# The circuits: what they have. Each gives the thing itself, and the thing wrapped.
Wrapped = tuple[object, qxai.Function]


def cirq_circuit() -> qxai.PQC:
    """Write the circuit in Cirq, where nothing is wrapped."""
    q, x = cirq.LineQubit.range(4), sympy.symbols("x:4")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    circuit += [cirq.CX(q[i], q[i + 1]) for i in range(3)]
    circuit += cirq.Circuit(cirq.ry(w)(b) for w, b in zip(WEIGHTS, q))
    return qxai.PQC(circuit, x, cirq.Z(q[2]) * cirq.Z(q[3]))


def pennylane_circuit(x, w):
    """Write the circuit in PennyLane."""
    for i in range(4):
        qml.RY(x[..., i], wires=i)
    for i in range(3):
        qml.CNOT(wires=[i, i + 1])
    for i in range(4):
        qml.RY(w[i], wires=i)
    return qml.expval(qml.Z(2) @ qml.Z(3))


def with_pennylane() -> Wrapped:
    """Make a QNode of the circuit."""
    node = qml.QNode(lambda x: pennylane_circuit(x, WEIGHTS), qml.device("default.qubit", wires=4))
    return node, pennylane_model(node)


def with_pytorch() -> Wrapped:
    """Make a module of the circuit."""

    def circuit(inputs, weights):
        return pennylane_circuit(inputs, weights)

    node = qml.QNode(circuit, qml.device("default.qubit", wires=4))
    module = qml.qnn.TorchLayer(node, {"weights": 4}).double()
    module.weights.data = torch.as_tensor(WEIGHTS)
    return module, pytorch_model(module)


def with_qiskit() -> Wrapped:
    """Make a network of the circuit; without a precision of 0 it adds noise of 1/64."""
    x, w, circuit = ParameterVector("x", 4), ParameterVector("w", 4), QuantumCircuit(4)
    for i in range(4):
        circuit.ry(x[i], i)
    for i in range(3):
        circuit.cx(i, i + 1)
    for i in range(4):
        circuit.ry(w[i], i)
    qnn = EstimatorQNN(
        circuit=circuit,
        observables=SparsePauliOp("ZZII"),  # the last qubit comes first
        input_params=x,
        weight_params=w,
        estimator=StatevectorEstimator(),
        input_gradients=True,
        default_precision=0.0,
    )
    return qnn, qiskit_model(qnn, WEIGHTS)


def with_tensorflow_quantum() -> Wrapped:
    """Make a layer of the part with weights; the encoding is the data."""
    q, x, w = cirq.LineQubit.range(4), sympy.symbols("x:4"), sympy.symbols("w:4")
    circuit = cirq.Circuit(cirq.CX(q[i], q[i + 1]) for i in range(3))
    circuit += cirq.Circuit(cirq.ry(a)(b) for a, b in zip(w, q))
    layer = tfq.layers.PQC(circuit, cirq.Z(q[2]) * cirq.Z(q[3]))
    layer.set_weights([WEIGHTS])
    encoding = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    return None, tensorflow_quantum_model(layer, encoding, x)  # no function of numbers by itself


RECIPES: dict[str, tuple[Callable[[], Wrapped], float]] = {
    "PennyLane": (with_pennylane, 1e-9),
    "Qiskit Machine Learning": (with_qiskit, 1e-9),
    "PyTorch": (with_pytorch, 1e-9),
    "TensorFlow Quantum": (with_tensorflow_quantum, 3e-6),
}


def differences(wrapped: qxai.Function, model: qxai.PQC) -> dict[str, float]:
    """Return how far each explanation of a wrapped circuit is from the exact one, at most."""
    pairs = {
        "values": (wrapped.values(X), model.values(X)),
        "Shapley values": (qxai.shapley(wrapped, X).values, qxai.shapley(model, X).values),
        "integrated gradients": (
            qxai.integrated_gradients(wrapped, X, steps=STEPS).values,
            qxai.integrated_gradients(model, X).values,
        ),
    }
    return {name: float(np.abs(theirs - ours).max()) for name, (theirs, ours) in pairs.items()}


def as_advised(thing: object) -> qxai.Function:
    """Wrap a thing as the error says that one gets who explains it without."""
    advice = re.search(r"wrap it: (qxai.Function.*)$", not_a_model(thing))
    scope = {"qxai": qxai, "torch": torch, "model": thing, "d": 4, "weights": WEIGHTS}
    return eval(advice[1], scope)


def main() -> None:
    """Run every recipe; one that disagrees ends the run with an error."""
    model = cirq_circuit()
    for name, (recipe, tolerance) in RECIPES.items():
        thing, wrapped = recipe()
        found = differences(wrapped, model)
        if thing is not None:
            found["as advised"] = float(np.abs(as_advised(thing).values(X) - model.values(X)).max())
        print(f"{name:26}", *(f"{task} {error:.1e}" for task, error in found.items()), sep="  ")
        if max(found.values()) > tolerance:
            sys.exit(f"error: {name} differs from Cirq by more than {tolerance}")


if __name__ == "__main__":
    main()
