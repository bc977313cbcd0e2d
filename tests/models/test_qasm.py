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
    ],
)
def test_what_cannot_be_read_is_refused_and_never_lost(body, names, message):
    with pytest.raises(ValueError, match=message):
        read_qasm(HEADER + body, names)


def test_slopes_are_precise_beside_large_constants():
    """Equal slopes must be equal, or their frequencies would not merge."""
    circuit = read_qasm(HEADER + "ry(1000000 + x) q[0]; rx(0.3) q[0]; ry(x) q[0];", ("x",))
    model = qxai.PQC(circuit, ["x"], cirq.Z(cirq.NamedQubit("q_0")))
    np.testing.assert_allclose(model.polynomial().frequencies[0], [1, 2], rtol=1e-12)


def test_a_name_may_be_that_of_a_gate_or_a_register():
    text = HEADER + "gate mine(x) a { ry(x) a; }\nx q[0]; ry(x) q[0]; rx(2*q) q[1]; mine(0.2) q[1];"
    circuit = read_qasm(text, ("x", "q"))
    found = cirq.resolve_parameters(circuit, {"x": 0.4, "q": 0.7}).unitary()
    q = cirq.LineQubit.range(2)
    expected = cirq.Circuit(
        cirq.X(q[0]), cirq.ry(0.4)(q[0]), cirq.rx(1.4)(q[1]), cirq.ry(0.2)(q[1])
    ).unitary()
    phase = np.vdot(found, expected)
    np.testing.assert_allclose(expected, found * phase / abs(phase), atol=1e-9)


@pytest.mark.parametrize(
    ("body", "names", "kind", "message"),
    [
        ("// x\nry(0.3) q[0]; ry(y) q[0];", ("x", "y"), ValueError, "occur in an angle, found 'x'"),
        ("x q[0]; ry(y) q[0];", ("x", "y"), ValueError, "occur in an angle, found 'x'"),
        ("ry(1/x) q[0];", ("x",), ValueError, "angles that are affine"),
        ("ry(x) q[0]; reset q[0];", ("x",), ValueError, "expected unitary gates, found reset"),
        ("ry(x) q[0]; measure q[0] -> c[0]; ry(x) q[0];", ("x",), ValueError, "at the end only"),
        ("ry(x) q[0];", "x", TypeError, "names: expected a tuple of names"),
        ("ry(pi) q[0];", ("pi",), ValueError, "names such as 'x0', found 'pi'"),
        ("ry(x) q[0];", ("",), ValueError, "names such as 'x0', found ''"),
    ],
)
def test_odd_texts_are_refused_with_a_remedy(body, names, kind, message):
    with pytest.raises(kind, match=message):
        read_qasm(HEADER + body, names)
