"""One circuit, built for qxai and for PennyLane: RY encoding, layers of RY·RZ and a ring of CX."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cirq
import numpy as np
import pennylane as qml
import sympy
import torch

import qxai

LAYERS = 2


@dataclass(frozen=True, eq=False)
class Peers:
    """The same function as a Cirq model and as a PennyLane circuit, with its inputs."""

    num_features: int
    angles: np.ndarray
    X: np.ndarray

    def model(self) -> qxai.PQC:
        """Return a new model object, as after each step of a training: no number is kept.

        What is kept is the compiled circuit; compiling it is a row of its own.
        """
        return self.compiled.with_parameters(self.angles.ravel())

    @cached_property
    def compiled(self) -> qxai.PQC:
        """The model from which the others are made."""
        return self.fresh()

    def fresh(self) -> qxai.PQC:
        """Compile the written circuit."""
        return qxai.PQC(*self.written)

    @cached_property
    def written(self) -> tuple[cirq.Circuit, tuple[sympy.Symbol, ...], cirq.PauliString, dict]:
        """The circuit in Cirq, its features, observable and parameters."""
        n = self.num_features
        q, x = cirq.LineQubit.range(n), sympy.symbols(f"x:{n}")
        symbols = np.array(sympy.symbols(f"t:{self.angles.size}")).reshape(self.angles.shape)
        circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
        for layer in symbols:
            circuit += cirq.Circuit(cirq.ry(t)(b) for t, b in zip(layer[0], q))
            circuit += cirq.Circuit(cirq.rz(t)(b) for t, b in zip(layer[1], q))
            circuit += [cirq.CX(q[i], q[(i + 1) % n]) for i in range(n)]
        values = dict(zip(symbols.ravel(), self.angles.ravel().tolist()))
        return circuit, x, cirq.Z(q[0]), values

    def qnode(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Build the circuit in PennyLane: batches by broadcasting, gradients by PyTorch."""
        n = self.num_features
        device = qml.device("default.qubit", wires=n)

        @qml.qnode(device, interface="torch", diff_method="backprop")
        def circuit(inputs: torch.Tensor) -> object:
            for i in range(n):
                qml.RY(inputs[..., i], wires=i)
            for layer in self.angles:
                for i in range(n):
                    qml.RY(layer[0, i], wires=i)
                for i in range(n):
                    qml.RZ(layer[1, i], wires=i)
                for i in range(n):
                    qml.CNOT(wires=[i, (i + 1) % n])
            return qml.expval(qml.PauliZ(0))

        return circuit

    def qnode_values(self) -> Callable[[np.ndarray], np.ndarray]:
        """Build the circuit as a function of arrays."""
        circuit = self.qnode()

        def values(X: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                return circuit(torch.as_tensor(X)).numpy()

        return values

    def qnode_function(self) -> qxai.Function:
        """Wrap the PennyLane circuit as a qxai model with a gradient."""
        circuit = self.qnode()

        def gradient(X: np.ndarray) -> np.ndarray:
            inputs = torch.tensor(X, requires_grad=True)
            circuit(inputs).sum().backward()
            return inputs.grad.numpy()

        return qxai.Function(self.qnode_values(), gradient, self.num_features)


def peers(num_features: int, points: int) -> Peers:
    """Draw angles and inputs from fixed seeds."""
    angles = np.random.default_rng(0).uniform(-np.pi, np.pi, (LAYERS, 2, num_features))
    X = np.random.default_rng(1).uniform(0, np.pi, (points, num_features))
    return Peers(num_features, angles, X)
