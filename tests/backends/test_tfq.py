import subprocess
import sys

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.backends import tfq
from qxai.models.ansatz import layered_classifier
from tests import circuits


@pytest.fixture(autouse=True)
def _installed(needs_tfq):
    pass


def on_its_gates(seed):
    """A re-uploading circuit of rotations and gates that TensorFlow Quantum knows."""
    return circuits.reuploading(seed, scales=(1.0, 2.0))


@pytest.mark.parametrize("seed", range(3))
def test_values_and_gradient_agree_to_single_precision(seed):
    model = on_its_gates(seed)
    X = circuits.inputs(seed, model, 4)
    other = model.on(tfq.TFQ(chunk=3))
    np.testing.assert_allclose(other.values(X), model.values(X), atol=1e-5)
    np.testing.assert_allclose(other.gradient(X), model.gradient(X), atol=5e-5)


def test_parameter_gradient_agrees_to_single_precision():
    model = layered_classifier(4, 2, np.random.default_rng(0))
    X = circuits.inputs(0, model, 10)
    weights = np.arange(10.0)
    arguments = (model.compiled, X, model.parameter_values, lambda values, rows: weights[rows])
    ours = qxai.Statevector().parameter_gradient(*arguments)
    theirs = tfq.TFQ(chunk=4).parameter_gradient(*arguments)
    np.testing.assert_allclose(theirs[0], ours[0], atol=1e-5)
    np.testing.assert_allclose(theirs[1], ours[1], atol=1e-5 * weights.sum())


def test_any_expression_will_do():
    q, x = cirq.GridQubit(0, 0), sympy.Symbol("x")
    model = qxai.PQC(cirq.Circuit(cirq.ry(2 * x + 1)(q)), [x], cirq.Z(q)).on(tfq.TFQ())
    np.testing.assert_allclose(model([[0.3]]), np.cos(1.6), atol=1e-6)
    np.testing.assert_allclose(model.gradient([[0.3]]), [[-2 * np.sin(1.6)]], atol=5e-5)


def test_a_gate_that_it_cannot_serialise_is_refused():
    q, x = cirq.LineQubit(0), sympy.Symbol("x")
    gate = cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=0))
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), gate(q)), [x], cirq.Z(q)).on(tfq.TFQ())
    with pytest.raises(ValueError, match=r"TensorFlow Quantum can serialise.*statevector backend"):
        model([[0.3]])


def test_importing_tensorflow_writes_nothing():
    code = "from qxai.backends.tfq import modules; modules()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_training_stays_under_a_gigabyte_and_a_half():
    """4,000 inputs at once would hold more than that without chunks."""
    code = """
import resource, sys
import numpy as np
from qxai.models.ansatz import layered_classifier
from qxai.training import fit
model = layered_classifier(8, 2, np.random.default_rng(0))
X = np.random.default_rng(1).uniform(0, 3, (4000, 8))
fit(model, X, np.sign(X[:, 0] - 1.5), epochs=1, batch_size=4000,
    rng=np.random.default_rng(2), trainer="tfq")
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout.splitlines()[-1]) < 1.5e9


ROTATED = {
    "rx": lambda q, x: cirq.rx(x)(q[0]),
    "Y**x": lambda q, x: (cirq.Y**x)(q[0]),
    "ZZ": lambda q, x: (cirq.ZZ**x)(*q),
    "CX": lambda q, x: (cirq.CX**x)(*q),
    "ISWAP": lambda q, x: (cirq.ISWAP**x)(*q),
    "rx(40x)": lambda q, x: cirq.rx(40 * x)(q[0]),
}


@pytest.mark.parametrize("name", ROTATED)
def test_gradients_are_not_short_of_what_a_difference_leaves_out(needs_tfq, name):
    """Fitted over many inputs, so that single precision averages out, the factor is 1."""
    q, x = cirq.LineQubit.range(2), sympy.Symbol("x")
    before = [cirq.ry(0.7)(q[0]), cirq.rx(0.4)(q[1]), cirq.CX(*q), cirq.ry(0.3)(q[0])]
    behind = [cirq.ry(0.9)(q[0]), cirq.rx(0.2)(q[1])]
    circuit = cirq.Circuit(before, ROTATED[name](q, x), behind)
    model = qxai.PQC(circuit, [x], cirq.Z(q[0]) + 0.5 * cirq.X(q[1]))
    X = np.linspace(-2, 2, 101)[:, None]
    exact, found = model.gradient(X), model.on(qxai.TFQ()).gradient(X)
    assert np.abs(found - exact).max() < 3e-5 * np.abs(exact).max()
    factor = np.sum(found * exact) / np.sum(exact**2)
    assert abs(factor - 1) < 5e-6
