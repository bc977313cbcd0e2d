import cirq
import numpy as np
import pytest

import qxai
from qxai.models.qasm import read_qasm

HEADER = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'
BODY = """ry(x) q[0];
rx(2*y + 0.3) q[1];
cx q[0], q[1];
ry(-pi*x/2) q[1];
crz(y) q[0], q[1];
u3(x, 0.1, y) q[0];
u1(0.5*y) q[1];
sx q[0];
"""


def test_names_become_symbols_and_the_circuit_is_that_of_the_numbers():
    """At random angles: Cirq's importer on the text with numbers written in."""
    from cirq.contrib.qasm_import import circuit_from_qasm

    circuit = read_qasm(HEADER + BODY + "measure q[0] -> c[0];", ("x", "y"))
    rng = np.random.default_rng(0)
    for x, y in rng.uniform(-4, 4, (5, 2)):
        numbers = BODY.replace("(x", f"({x}").replace("*x", f"*{x}").replace("*y", f"*{y}")
        numbers = numbers.replace("(y", f"({y}").replace(", y", f", {y}")
        expected = circuit_from_qasm(HEADER + numbers).unitary()
        found = cirq.resolve_parameters(circuit, {"x": x, "y": y}).unitary()
        phase = np.vdot(found, expected)
        np.testing.assert_allclose(expected, found * phase / abs(phase), atol=1e-8)


def test_openqasm_3_declares_its_inputs():
    text = (
        'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] x;\ninput angle y;\n'
        "qubit[2] q;\nry(x) q[0];\nrx(y) q[1];\ncx q[0], q[1];\n"
    )
    circuit = read_qasm(text)
    q = sorted(circuit.all_qubits())
    model = qxai.PQC(circuit, ["x", "y"], cirq.Z(q[1]))
    X = np.array([[0.4, 1.1]])
    np.testing.assert_allclose(model.values(X), np.cos(0.4) * np.cos(1.1))
    np.testing.assert_allclose(qxai.shapley(model, X).residual, 0, atol=1e-14)


@pytest.mark.parametrize(
    ("body", "names", "message"),
    [
        ("ry(x) q[0];", (), "names: expected names of angles"),
        ("ry(x) q[0];", ("x", "z"), "names that occur in an angle, found 'z'"),
        ("ry(x*x) q[0];", ("x",), "angles that are affine"),
        ("ry(x*y) q[0];", ("x", "y"), "angles that are affine"),
        ("cu3(x, 0.1, 0.2) q[0], q[1];", ("x",), "angles that are affine"),
        ("cu1(x) q[0], q[1];", ("x",), "angles that are affine"),
    ],
)
def test_what_cannot_be_read_is_refused_and_never_lost(body, names, message):
    with pytest.raises(ValueError, match=message):
        read_qasm(HEADER + body, names)
