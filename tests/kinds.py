"""One small model of every kind, with four features or fewer, and the game of one by definition."""

import itertools

import cirq
import numpy as np
import sympy

import qxai
from tests import circuits

D = 4
X_SYMBOLS = sympy.symbols(f"x:{D}")
Q = cirq.LineQubit.range(D)


def local():
    """Readouts of neighbours: a sum of light cones."""
    rng = np.random.default_rng(3)
    parts = [qxai.TrigPolynomial(rng.normal(size=(3, 5)), [[1], [1, 2]]) for _ in range(2)]
    return qxai.LocalPolynomial(parts, [(0, 1), (2, 3)], [[1], [1, 2], [1], [1, 2]])


def train():
    """A circuit whose features meet in pairs, in disorder on the line, with an idle qubit."""
    line = cirq.LineQubit.range(D + 1)
    circuit = cirq.Circuit(cirq.ry(x)(line[i]) for x, i in zip(X_SYMBOLS, (2, 0, 4, 1)))
    circuit += cirq.Circuit(cirq.rx(0.7)(q) for q in line)
    circuit += cirq.Circuit(cirq.CX(*line[:2]), cirq.ISWAP(*line[2:4]) ** 0.5, cirq.CZ(*line[3:]))
    circuit += cirq.Circuit(cirq.ry(0.4 + i)(q) for i, q in enumerate(line))
    circuit += cirq.Circuit(cirq.CZ(line[1], line[4]) ** 0.6)
    readout = cirq.Z(line[0]) * cirq.X(line[1]) + 0.3 * cirq.Y(line[3]) + 0.2
    return qxai.tensor_train(qxai.PQC(circuit, X_SYMBOLS, readout))


def summed():
    """A tensor and products of waves with other frequencies."""
    rng = np.random.default_rng(4)
    tensor = qxai.TrigPolynomial(rng.normal(size=(3,) * D), [[1]] * D)
    factors = [rng.normal(size=(3, 2)) for _ in range(D)]
    return tensor - 0.5 * qxai.ProductPolynomial([0.4, 1.1], factors, [[2]] * D)


def functions_of_features():
    """Exponents that are functions of one feature each."""
    angles = [sympy.sin(X_SYMBOLS[0]), X_SYMBOLS[1] ** 2, X_SYMBOLS[2], 2 * X_SYMBOLS[3]]
    circuit = cirq.Circuit(cirq.ry(a)(q) for a, q in zip(angles, Q))
    circuit += cirq.Circuit(cirq.CZ(*Q[:2]), cirq.CX(*Q[1:3]), cirq.CX(*Q[2:]))
    return qxai.PQC(circuit, X_SYMBOLS, cirq.X(Q[1]) * cirq.Z(Q[3]) + cirq.Z(Q[2]))


def kernel():
    support = np.random.default_rng(5).uniform(-2, 2, (3, D))
    feature_map = cirq.Circuit(cirq.ry(x)(q) for x, q in zip(X_SYMBOLS, Q))
    return qxai.KernelModel(feature_map, X_SYMBOLS, support, [1, -0.7, 0.4], 0.2)


def scaled():
    model = circuits.encoding_first(7, qubits=D)
    rows = np.random.default_rng(6).normal(20, 5, (40, D))
    scaler = qxai.datasets.AngleScaler.fitted(rows)
    return qxai.Scaled(model, scaler, ["age", "mass", "size", "dose"])


def affine():
    model = circuits.encoding_first(8, qubits=2)
    matrix = np.random.default_rng(7).normal(size=(2, D)) / 2
    return qxai.Affine(model, matrix, [0.1, -0.2])


def contrast():
    one, other = circuits.encoding_first(9, qubits=D), circuits.reuploading(9, d=D)
    return 0.5 * one - other


def softmax():
    scores = {"a": circuits.encoding_first(9, qubits=3), "b": circuits.reuploading(9, d=3)}
    return qxai.Outputs(scores).softmax()["a"]


def function():
    model = circuits.encoding_first(11, qubits=D)
    return qxai.Function(model.values, num_features=D)


KINDS = {
    "encoding first": lambda: circuits.encoding_first(7, qubits=D),
    "re-uploading": lambda: circuits.reuploading(2, d=3),
    "features on several qubits": lambda: circuits.wide_features(5),
    "products": lambda: circuits.encoding_first(7, qubits=D).pauli_polynomial(),
    "light cones": local,
    "tensor train": train,
    "sum": summed,
    "functions in exponents": functions_of_features,
    "kernel": kernel,
    "scaled columns": scaled,
    "affine": affine,
    "contrast": contrast,
    "softmax": softmax,
    "function": function,
}
MODELS = {name: make() for name, make in KINDS.items()}


def inputs(name, count=2, seed=0):
    """Inputs (N, d) in the units of a model."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-2, 2, (count, MODELS[name].num_features))
    return 20 + 5 * points if name == "scaled columns" else points


def subsets(players):
    """All subsets, small ones first."""
    players = sorted(players)
    sizes = range(len(players) + 1)
    return list(itertools.chain.from_iterable(itertools.combinations(players, s) for s in sizes))


def game(model, x, start):
    """The output for every subset, each asked for by itself: a mapping from sorted tuples."""
    sets = subsets(range(len(x)))
    points = [[x[i] if i in present else start[i] for i in range(len(x))] for present in sets]
    return dict(zip(sets, np.asarray(model.values(points))))


def derivative(v, members, present):
    """The discrete derivative ``Δ_S v(T)``."""
    signs = ((-1) ** (len(members) - len(part)) for part in subsets(members))
    return sum(
        sign * v[tuple(sorted({*part, *present}))] for sign, part in zip(signs, subsets(members))
    )


def others(d, members):
    """All subsets of the players that are not in a set."""
    return subsets(set(range(d)) - set(members))
