"""Models, inputs and names that the tests of reports share."""

import cirq
import numpy as np
import sympy

import qxai
from tests.pages import Page

RNG = np.random.default_rng(7)
WEIGHTS = np.array([1.0, -10.0, 100.0, 0.1])
FAR = RNG.uniform(1, 2, (40, 4)) * RNG.choice([-1, 1], (40, 4))
LINEAR = qxai.Function(
    lambda X: X @ WEIGHTS, lambda X: np.tile(WEIGHTS, (len(X), 1)), 4, feature_names=list("abcd")
)
PRODUCT = qxai.Function(lambda X: X[:, 0] * X[:, 1] + X[:, 2], num_features=3)
BOTH = {"Shapley": qxai.shapley, "occlusion": qxai.occlusion}
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</table>&\x00\x1b\u202e"]


def reported(tmp_path, model=LINEAR, X=FAR, methods=BOTH, **settings):
    path = tmp_path / "report.html"
    warnings = qxai.report(model, X, methods, path=path, **settings)
    return warnings, Page(path.read_text(encoding="utf-8"))


def trained():
    q, x, t = cirq.LineQubit.range(3), sympy.symbols("x:3"), sympy.symbols("t:3")
    turns = [[cirq.ry(angle)(qubit) for angle, qubit in zip(a, q)] for a in (x, t)]
    circuit = cirq.Circuit(turns[0], cirq.CZ(*q[:2]), cirq.CZ(*q[1:]), turns[1])
    return qxai.PQC(circuit, x, cirq.Z(q[0]) + 2 * cirq.Z(q[2]), dict(zip(t, [0.4, 0.9, -0.7])))
