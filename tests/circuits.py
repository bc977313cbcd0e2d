"""Random models for property tests; every one is a function of its seed."""

import itertools

import cirq
import numpy as np
import sympy
from hypothesis import strategies as st

import qxai

ROTATIONS = (cirq.rx, cirq.ry, cirq.rz)
ENTANGLERS = (cirq.CZ, cirq.CX, cirq.ISWAP, cirq.SWAP)


def random_observable(rng, qubits):
    total = cirq.PauliSum()
    for _ in range(rng.integers(1, 4)):
        chosen = rng.choice(len(qubits), size=rng.integers(1, len(qubits) + 1), replace=False)
        string = cirq.PauliString({qubits[i]: "XYZ"[rng.integers(3)] for i in chosen})
        total += float(rng.normal()) * string
    return total


def trainable_layer(rng, qubits, symbols):
    for q in qubits:
        yield ROTATIONS[rng.integers(3)](symbols.pop()).on(q)
    for a, b in itertools.pairwise(qubits):
        gate = ENTANGLERS[rng.integers(len(ENTANGLERS))]
        yield gate(a, b) if rng.random() < 0.7 else (cirq.ZZ ** (symbols.pop() / sympy.pi))(a, b)


def bind(rng, circuit, features, observable):
    free = cirq.parameter_symbols(circuit) - set(features)
    parameters = {s: float(rng.uniform(-3, 3)) for s in sorted(free, key=str)}
    return qxai.PQC(circuit, features, observable, parameters)


def encoding_first(seed, axes=ROTATIONS[:2], qubits=None, layers=2):
    """One feature a qubit, rotated about a random axis, with one idle qubit now and then."""
    rng = np.random.default_rng(seed)
    d = int(qubits or rng.integers(1, 5))
    line = cirq.LineQubit.range(d + (d > 1 and rng.random() < 0.3))
    features = sympy.symbols(f"x:{d}")
    symbols = list(sympy.symbols("t:100"))
    circuit = cirq.Circuit(
        cirq.Moment(axes[rng.integers(len(axes))](x).on(q) for x, q in zip(features, line))
    )
    for _ in range(layers):
        circuit += cirq.Circuit(trainable_layer(rng, line, symbols))
    return bind(rng, circuit, features, random_observable(rng, line))


def reuploading(seed, scales=(1.0, 1.0), d=2):
    """Features rotate their qubits once for each scale, with trainable layers in between."""
    rng = np.random.default_rng(seed)
    line = cirq.LineQubit.range(max(d, 2))
    features = sympy.symbols(f"x:{d}")
    symbols = list(sympy.symbols("t:100"))
    circuit = cirq.Circuit()
    for scale in scales:
        circuit += cirq.Circuit(
            ROTATIONS[rng.integers(3)](scale * x).on(q) for x, q in zip(features, line)
        )
        circuit += cirq.Circuit(trainable_layer(rng, line, symbols))
    return bind(rng, circuit, features, random_observable(rng, line))


def wide_features(seed):
    """A feature on two qubits, two features on one qubit, a feature as a phase, an idle qubit."""
    rng = np.random.default_rng(seed)
    q = cirq.LineQubit.range(5)
    x = sympy.symbols("x:4")
    symbols = list(sympy.symbols("t:100"))
    circuit = cirq.Circuit(
        cirq.Moment(cirq.ry(x[0])(q[0]), cirq.rx(2 * x[0])(q[1]), cirq.ry(x[1])(q[2])),
        cirq.Moment(cirq.rz(x[2])(q[2]), cirq.rz(x[3])(q[3])),
    )
    circuit += cirq.Circuit(trainable_layer(rng, q, symbols))
    circuit += cirq.Circuit(trainable_layer(rng, q, symbols))
    return bind(rng, circuit, x, random_observable(rng, q))


MAKERS = (encoding_first, reuploading, wide_features)
SEEDS = st.integers(0, 10**6)


def inputs(seed, model, count=3):
    rng = np.random.default_rng([seed, 1])
    return rng.uniform(-3, 3, (count, model.num_features))
