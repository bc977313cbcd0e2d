"""What OpenQASM 2 and 3 have beyond rotations by names; matrices as the specification has them."""

import itertools

import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag, expm, schur

import qxai
from qxai.models.qasm import read_qasm
from qxai.models.qasm.standard import STANDARD

OLD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
NEW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
H, I2 = (X + Z) / np.sqrt(2), np.eye(2)


def u(theta, phi, lam):
    """``U`` of OpenQASM 2: the upper left entry is real."""
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array(
        [[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]]
    )


def big_u(theta, phi, lam):
    """``U`` of the specification of OpenQASM 3."""
    e = np.exp(1j * theta)
    return 0.5 * np.array(
        [
            [1 + e, -1j * np.exp(1j * lam) * (1 - e)],
            [1j * np.exp(1j * phi) * (1 - e), np.exp(1j * (phi + lam)) * (1 + e)],
        ]
    )


def of_determinant_1(matrix):
    return matrix / np.sqrt(complex(np.linalg.det(matrix)))


def p(angle):
    return np.diag([1, np.exp(1j * angle)])


def rotation(axis):
    return lambda angle: expm(-0.5j * angle * axis)


def principal_power(matrix, exponent):
    """Of a unitary; the phase of −1 is π, also where rounding moves it to the other side."""
    triangle, vectors = schur(np.asarray(matrix, complex), output="complex")
    phases = np.angle(np.diag(triangle))
    phases[phases < -np.pi + 1e-9] = np.pi
    return vectors * np.exp(1j * exponent * phases) @ vectors.conj().T


def controlled(matrix, controls=1):
    return block_diag(np.eye(len(matrix) * (2**controls - 1)), matrix)


def of_angles(matrix):
    return lambda *angles: controlled(matrix(*angles))


SX = 0.5 * np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]])
SWAP = np.eye(4)[[0, 2, 1, 3]]
# Gates with the phase that OpenQASM 3 gives them: under a control it counts.
MATRICES = {
    "id": lambda: I2,
    "x": lambda: X,
    "y": lambda: Y,
    "z": lambda: Z,
    "h": lambda: H,
    "s": lambda: p(np.pi / 2),
    "sdg": lambda: p(-np.pi / 2),
    "t": lambda: p(np.pi / 4),
    "tdg": lambda: p(-np.pi / 4),
    "sx": lambda: SX,
    "sxdg": lambda: SX.conj().T,
    "rx": rotation(X),
    "ry": rotation(Y),
    "rz": rotation(Z),
    "p": p,
    "phase": p,
    "u1": p,
    "u2": lambda a, b: u(np.pi / 2, a, b) * np.exp(-0.5j * (a + b)),
    "u3": lambda t, a, b: u(t, a, b) * np.exp(-0.5j * (a + b)),
    "u": u,
    "r": lambda t, a: expm(-0.5j * t * (np.cos(a) * X + np.sin(a) * Y)),
    "cx": lambda: controlled(X),
    "cy": lambda: controlled(Y),
    "cz": lambda: controlled(Z),
    "ch": lambda: controlled(H),
    "cs": lambda: controlled(p(np.pi / 2)),
    "csdg": lambda: controlled(p(-np.pi / 2)),
    "csx": lambda: controlled(SX),
    "swap": lambda: SWAP,
    "iswap": lambda: np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]),
    "ccx": lambda: controlled(X, 2),
    "ccz": lambda: controlled(Z, 2),
    "c3x": lambda: controlled(X, 3),
    "c4x": lambda: controlled(X, 4),
    "c3sqrtx": lambda: controlled(SX, 3),
    "cswap": lambda: controlled(SWAP),
    "crx": of_angles(rotation(X)),
    "cry": of_angles(rotation(Y)),
    "crz": of_angles(rotation(Z)),
    "cp": of_angles(p),
    "cphase": of_angles(p),
    "cu1": of_angles(p),
    "cu3": of_angles(u),
    "cu": lambda t, a, b, g: controlled(np.exp(1j * g) * u(t, a, b)),
    "rxx": rotation(np.kron(X, X)),
    "ryy": rotation(np.kron(Y, Y)),
    "rzz": rotation(np.kron(Z, Z)),
    "rzx": rotation(np.kron(Z, X)),
    "dcx": lambda: np.eye(4)[[0, 2, 3, 1]],
    "ecr": lambda: (np.kron(X, I2) - np.kron(Y, X)) / np.sqrt(2),
}


def on(n, matrix, *qubits):
    """A gate on some of n qubits as a matrix, the first qubit most significant."""
    tensor = np.reshape(matrix, (2,) * (2 * len(qubits)))
    full = np.eye(2**n).reshape((2,) * (2 * n))
    moved = np.tensordot(tensor, full, (range(len(qubits), 2 * len(qubits)), qubits))
    return np.moveaxis(moved, range(len(qubits)), qubits).reshape(2**n, 2**n)


def unitary(text, values=(), qubits=None, names=()):
    """The matrix of a text at values of its names; all qubits of q, or the named ones."""
    circuit = cirq.resolve_parameters(read_qasm(text, names), dict(values))
    order = [cirq.NamedQubit(q) for q in qubits or sorted(map(str, circuit.all_qubits()))]
    return circuit.unitary(qubit_order=order, qubits_that_should_be_present=order)


def same_up_to_phase(found, expected):
    phase = np.vdot(expected, found)
    assert abs(phase) > 0.1
    np.testing.assert_allclose(found, expected * phase / abs(phase), atol=1e-7)


def call(name, angles, qubits):
    written = f"({', '.join(map(str, angles))})" if angles else ""
    return f"{name}{written} {', '.join(qubits)};"


def test_every_gate_of_the_headers_has_a_matrix_here_or_a_definition():
    assert set(STANDARD) - set(MATRICES) == {"u0", "rccx", "rc3x"}


@pytest.mark.parametrize("name", MATRICES)
def test_a_control_shows_the_phase_of_every_gate(name):
    """Angles are names, numbers, and mixtures; the control is at 1 and, by negctrl, at 0."""
    gate, matrix = STANDARD[name], MATRICES[name]
    numbers = [0.7, -1.9, 2.6, 0.4][: gate.num_angles]
    qubits = [f"q[{i}]" for i in range(1 + gate.num_qubits)]
    places = [f"q_{i}" for i in range(1 + gate.num_qubits)]
    angles = ["x", "2*x - 3.3", "2.6", "y"][: gate.num_angles]
    start = f"{NEW}input float x; input float y; qubit[{len(qubits)}] q; "
    values = {"x": 0.7, "y": 0.4}
    expected = matrix(*numbers)
    found = unitary(start + "ctrl @ " + call(name, angles, qubits), values, places)
    same_up_to_phase(found, controlled(expected))
    found = unitary(start + "negctrl @ " + call(name, angles, qubits), values, places)
    same_up_to_phase(found, block_diag(expected, np.eye(len(expected))))
    inverted = unitary(start + "ctrl @ inv @ " + call(name, angles, qubits), values, places)
    same_up_to_phase(inverted, controlled(expected.conj().T))
    cubed = unitary(start + "ctrl @ pow(-3) @ " + call(name, angles, qubits), values, places)
    same_up_to_phase(cubed, controlled(np.linalg.matrix_power(expected.conj().T, 3)))
    root = unitary(start + "ctrl @ pow(1/3) @ " + call(name, numbers, qubits), {}, places)
    same_up_to_phase(root, controlled(principal_power(expected, 1 / 3)))


def test_toffolis_with_relative_phases_are_those_that_the_header_defines():
    """Written as matrices after the definitions of qelib1.inc."""
    T, TDG, CX = p(np.pi / 4), p(-np.pi / 4), controlled(X)
    rccx = [(H, 2), (T, 2), (CX, 1, 2), (TDG, 2), (CX, 0, 2), (T, 2), (CX, 1, 2), (TDG, 2), (H, 2)]
    rc3x = [(H, 3), (T, 3), (CX, 2, 3), (TDG, 3), (H, 3), (CX, 0, 3), (T, 3), (CX, 1, 3), (TDG, 3)]
    rc3x += [(CX, 0, 3), (T, 3), (CX, 1, 3), (TDG, 3), (H, 3), (T, 3), (CX, 2, 3), (TDG, 3), (H, 3)]
    for name, n, gates in (("rccx", 3, rccx), ("rc3x", 4, rc3x)):
        expected = np.eye(2**n)
        for matrix, *qubits in gates:
            expected = on(n, matrix, *qubits) @ expected
        qubits = [f"q[{i}]" for i in range(n)]
        same_up_to_phase(unitary(f"{OLD}qreg q[{n}]; {call(name, (), qubits)}"), expected)
        assert abs(expected) @ np.arange(2**n) == pytest.approx(  # a Toffoli but for phases
            [*range(2**n - 2), 2**n - 1, 2**n - 2]
        )


def test_the_built_in_gate_is_that_of_its_language():
    angles = "(0.3, 1.1, -0.8)"
    found = unitary(f"OPENQASM 3.0; qubit[2] q; ctrl @ U{angles} q[0], q[1];")
    same_up_to_phase(found, controlled(big_u(0.3, 1.1, -0.8)))
    found = unitary(f"OPENQASM 2.0; qreg q[2]; U{angles} q[0]; CX q[0], q[1];")
    same_up_to_phase(found, controlled(X) @ np.kron(u(0.3, 1.1, -0.8), I2))


def test_u3_of_the_new_header_has_determinant_1():
    same_up_to_phase(
        unitary(f"{NEW}qubit[2] q; ctrl @ u3(0.3, 0.2, -0.1) q[0], q[1];"),
        controlled(of_determinant_1(u(0.3, 0.2, -0.1))),
    )


def test_phases_of_the_whole_state_count_under_controls_only():
    assert not list(read_qasm(NEW + "qubit q; gphase(0.4);").all_operations())
    same_up_to_phase(unitary(NEW + "qubit[1] q; ctrl @ gphase(0.4) q[0];"), p(0.4))
    same_up_to_phase(
        unitary(NEW + "qubit[2] q; ctrl @ negctrl @ gphase(0.4) q[0], q[1];"),
        np.diag([1, 1, np.exp(0.4j), 1]),
    )
    text = (
        NEW + "gate g(a) t { gphase(a); x t; } input float x; qubit[2] q; ctrl @ g(x) q[0], q[1];"
    )
    same_up_to_phase(unitary(text, {"x": 0.9}), controlled(np.exp(0.9j) * X))


def test_a_phase_that_pennylane_writes_is_one_of_the_whole():
    """``gphase`` in OpenQASM 2, once with a qubit and once with none."""
    text = OLD + "qreg q[2]; gphase(-0.7) q[1]; gphase(0.2) ; ry(0.3) q[0]; cx q[0], q[1];"
    same_up_to_phase(unitary(text), controlled(X) @ np.kron(rotation(Y)(0.3), I2))


def test_modifiers_apply_from_the_gate_outwards():
    """Controls of outer modifiers come first; a root of a controlled gate is not one of a gate."""
    text = NEW + "qubit[3] q; ctrl @ inv @ negctrl @ s q[0], q[1], q[2];"
    same_up_to_phase(unitary(text), controlled(block_diag(p(-np.pi / 2), I2)))
    text = NEW + "qubit[2] q; pow(1/2) @ ctrl @ x q[0], q[1];"
    same_up_to_phase(unitary(text), principal_power(controlled(X), 0.5))
    text = NEW + "input float x; qubit[2] q; pow(3) @ ctrl @ rx(x) q[0], q[1];"
    same_up_to_phase(unitary(text, {"x": 0.3}), controlled(rotation(X)(0.9)))
    text = NEW + "gate g a, b { h a; cx a, b; } qubit[2] q; pow(2) @ inv @ g q[0], q[1];"
    once = controlled(X) @ np.kron(H, I2)
    same_up_to_phase(unitary(text), np.linalg.matrix_power(once.conj().T, 2))


PROGRAMS = {
    "loops, constants, arrays": (
        NEW + "const int n = 3; const float w = pi/4; array[float, 3] b = {0.1, 0.2, 0.3};\n"
        "input array[float[64], 3] x; qubit[n] q;\n"
        "for int i in [0:n-1] { ry(w*x[i] + b[i]) q[i]; }\n"
        "for uint i in {0, 1} { cx q[i], q[i+1]; }\n"
        "for int i in [2:-2:0] { rz(0.5) q[i]; }\n",
        {"x[0]": 0.3, "x[1]": -1.2, "x[2]": 0.8},
        lambda v: [
            *[(rotation(Y)(np.pi / 4 * v[f"x[{i}]"] + 0.1 * (i + 1)), i) for i in range(3)],
            *((controlled(X), 0, 1), (controlled(X), 1, 2)),
            *((rotation(Z)(0.5), 2), (rotation(Z)(0.5), 0)),
        ],
    ),
    "aliases, sets, negative places": (
        NEW + "input float x; qubit[2] a; qubit[2] b; let c = a[0:1] ++ b;\n"
        "ry(x) c[{0, 3}]; cx a[-1], b[0]; rx(0.2) c[1:2:3]; h c;\n",
        {"x": 0.6},
        lambda v: [
            *((rotation(Y)(v["x"]), 0), (rotation(Y)(v["x"]), 3), (controlled(X), 1, 2)),
            *((rotation(X)(0.2), 1), (rotation(X)(0.2), 3)),
            *((H, i) for i in range(4)),
        ],
    ),
    "functions, products, values that change": (
        NEW + "input float x; input float y; qubit[2] q; float a = 0.5; a = a + 1; a *= 2;\n"
        "ry(arcsin(x)*a) q[0]; rz(arccos(y**2)) q[1]; p(2*(π - x)*(π - y)) q[1]; cx q[0], q[1];\n"
        "rx(exp(x) + sqrt(cos(y)) + x**3 + float(2)) q[1]; if (a > 2) { h q[0]; }\n"
        "if (false) { h q[1]; } else { t q[1]; }\n",
        {"x": 0.4, "y": -0.7},
        lambda v: [
            (rotation(Y)(3 * np.arcsin(v["x"])), 0),
            (rotation(Z)(np.arccos(v["y"] ** 2)), 1),
            (p(2 * (np.pi - v["x"]) * (np.pi - v["y"])), 1),
            (controlled(X), 0, 1),
            (rotation(X)(np.exp(v["x"]) + np.sqrt(np.cos(v["y"])) + v["x"] ** 3 + 2), 1),
            *((H, 0), (p(np.pi / 4), 1)),
        ],
    ),
    "what changes nothing": (
        NEW + "input float x; input float unused; output bit c; bit[2] d; qubit[2] q;\n"
        "reset q; barrier q; delay[20ns] q[0]; ry(x) q[0]; barrier q[0], q[1]; cx q[0], q[1];\n"
        "d = measure q; bit e = measure q[0]; end; h q[0];\n",
        {"x": 0.4},
        lambda v: [(rotation(Y)(v["x"]), 0), (controlled(X), 0, 1)],
    ),
    "names that are words of OpenQASM 3": (
        OLD + "gate gphase(array) in { ry(array) in; }\nqreg let[1]; qreg ctrl[1]; creg bit[1];\n"
        "opaque magic(a) b;\ngphase(box) let[0]; cx let[0], ctrl[0]; rx(2^3^2*box + 1) ctrl[0];\n"
        "measure let[0] -> bit[0];\n",
        {"box": 0.2},
        lambda v: [
            *((rotation(Y)(v["box"]), 1), (controlled(X), 1, 0)),
            (rotation(X)(512 * v["box"] + 1), 0),
        ],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_what_their_matrices_say(name):
    text, values, gates = PROGRAMS[name]
    names = tuple(values) if text.startswith(OLD) else ()
    found = unitary(text, values, names=names)
    n = int(np.log2(len(found)))
    expected = np.eye(2**n)
    for matrix, *qubits in gates(values):
        expected = on(n, matrix, *qubits) @ expected
    same_up_to_phase(found, expected)


def test_qubits_of_a_machine_need_no_declaration():
    circuit = read_qasm(NEW + "input float x; rx(x) $3; cz $3, $12;")
    assert set(circuit.all_qubits()) == {cirq.NamedQubit("$3"), cirq.NamedQubit("$12")}


def test_inputs_of_an_array_are_named_as_in_the_text():
    circuit = read_qasm(NEW + "input array[float, 2, 2] w; qubit q; rx(w[0][1]*w[1,0]) q;")
    assert cirq.parameter_names(circuit) == {"w[0][1]", "w[1][0]"}


@pytest.mark.parametrize("text", ["qreg q[1]; ry(x) q[0];", "qubit q; ry(x) q;"])
def test_a_text_without_version_and_one_without_names(text):
    include = 'include "qelib1.inc"; '
    assert len(list(read_qasm(include + text, ("x",)).all_operations())) == 1
    assert len(list(read_qasm(include + text.replace("(x)", "(0.3)")).all_operations())) == 1


@pytest.mark.parametrize(
    ("body", "message", "remedy"),
    [
        (
            "if (c == 1) x q[0];",
            "unitary gates, found if in line 4; write the branch",
            ("if (c == 1)", ""),
        ),
        ("while (true) { x q[0]; }", "unitary gates, found WhileLoop", ("while (true) {", "{")),
        (
            "def f(qubit a) { x a; } f(q[0]);",
            "unitary gates, found",
            ("def f(qubit a) { x a; } f(q[0]);", "x q[0];"),
        ),
        ("x q[0]; reset q[0];", "unitary gates, found reset", ("reset q[0];", "")),
        ("measure q[0]; x q[0];", "measurements at the end only", ("measure q[0];", "")),
        ("pow(1/2) @ rz(x) q[0];", "whole numbers as powers", ("pow(1/2) @ rz(x)", "rz(x/2)")),
        ("rx(x) q[5];", "-3 to 2 as an index of a register, found 5", ("5", "2")),
        ("rx(z) q[0];", "the names pi, x in angles, found 'z'", ("z", "x")),
        ("foo q[0];", "gates that are known, found 'foo' in line 4; define it", ("foo", "h")),
        (
            "gate g a { h a; } gate g a { x a; }",
            "one definition of a gate",
            ("gate g a { x", "gate f a { x"),
        ),
        ("input int n;", "float or angle as an input, found IntType", ("int", "float")),
        ("rx(1/0) q[0];", "finite numbers, found a division by zero", ("1/0", "1")),
        ("rx(sqrt(-2)) q[0];", "finite numbers, found a value that is none", ("-2", "2")),
        ("rx(x && 1) q[0];", "a number as a condition, found names", ("x && 1", "x")),
        ("for int i in [0:1e9] { h q[0]; }", "to 100000 as an index", ("1e9", "3")),
        ("for int i in [0:99999] { h q; h q; }", "unfolds to at most", ("99999", "9")),
        ("pow(1000000) @ h q[0];", "", None),
        ("pow(1000000) @ u(1, 2, 3) q[0];", "unfolds to at most", ("1000000", "100")),
        ("ctrl(99) @ h q[0];", "1 to 50 as a number of controls", ("ctrl(99) @", "")),
        (
            "ctrl @ h q[0];",
            "0 angles and 2 qubits of a gate, found 0 and 1",
            ("q[0]", "q[0], q[1]"),
        ),
        ("c = 1;", "unitary gates, found an assignment to c", ("c = 1;", "")),
        ("complex a = 1;", "numbers and angles, found ComplexType", ("complex", "float")),
        ("rx(x, 1) q[0];", "1 angles and 1 qubits of a gate, found 2 and 1", (", 1", "")),
        (
            'include "other.inc";',
            "qelib1.inc or stdgates.inc, found 'other.inc'",
            ('include "other.inc";', ""),
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_refused_is_named_with_its_line_and_the_remedy_works(body, message, remedy):
    text = NEW + "input float x; qubit[3] q; bit c;\n" + body + "\nrx(x) q[1];"
    if remedy is None:
        assert read_qasm(text)
        return
    with pytest.raises(ValueError, match=r"^text: .* in line [34]") as refused:
        read_qasm(text)
    assert message in str(refused.value)
    mended = body.replace(*remedy)
    assert read_qasm(NEW + "input float x; qubit[3] q; bit c;\n" + mended + "\nrx(x) q[1];")


ANGLES = ["x", "-2*y", "x*y", "0.3", "pi/4 - x/2", "sin(x + y)"]


@st.composite
def programs(draw):
    """Honest random programs on three qubits, and the matrices that they are."""
    start = draw(st.sampled_from(["", "a", "ab"]))
    lines, gates = [], []
    for _ in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from([g for g in MATRICES if STANDARD[g].num_qubits <= 2]))
        standard = STANDARD[name]
        angles = [draw(st.sampled_from(ANGLES)) for _ in range(standard.num_angles)]
        controls = draw(st.integers(0, 3 - standard.num_qubits))
        qubits = draw(st.permutations(range(3)))[: controls + standard.num_qubits]
        inverse = draw(st.booleans())
        modifiers = "ctrl @ " * controls + "inv @ " * inverse
        lines.append(modifiers + call(name, angles, [f"q[{i}]" for i in qubits]))
        gates.append((name, angles, controls, inverse, qubits))
    body = "\n".join(lines)
    if "a" in start:  # all of it in a definition
        inside = body.replace("q[0]", "_q_0").replace("q[1]", "_q_1").replace("q[2]", "_q_2")
        body = f"gate whole(x, y) _q_0, _q_1, _q_2 {{ {inside} }}\nwhole(x, y) q[0], q[1], q[2];"
    if "b" in start:
        body = body.replace("whole(x, y) q", "for int i in [1:1] { whole(x, y) q") + " }"
    return NEW + f"input float x; input float y; qubit[3] q; id q;\n{body}", gates


@given(programs(), st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=40, deadline=None)
def test_honest_random_programs_are_read_and_right(program, x, y):
    text, gates = program
    functions = {"pi": np.pi, "sin": np.sin, "x": x, "y": y}
    expected = np.eye(8)
    for name, angles, controls, inverse, qubits in gates:
        matrix = MATRICES[name](*(eval(a, functions) for a in angles))
        matrix = controlled(matrix.conj().T if inverse else matrix, controls)
        expected = on(3, matrix, *qubits) @ expected
    same_up_to_phase(unitary(text, {"x": x, "y": y}), expected)


def test_a_circuit_with_everything_is_explained():
    """Controls, a definition, a loop and two names in one angle; Shapley values are complete."""
    text = NEW + (
        "input array[float, 3] x; gate pair(s, t) a, b { ry(s) a; crx(t) a, b; }\n"
        "qubit[3] q; h q; for int i in [0:1] { pair(x[i], x[i+1]/2) q[i], q[i+1]; }\n"
        "ctrl @ p(x[0]) q[2], q[0]; h q;"
    )
    q = cirq.NamedQubit.range(3, prefix="q_")
    model = qxai.PQC(read_qasm(text), ["x[0]", "x[1]", "x[2]"], cirq.Z(q[0]) * cirq.Z(q[2]))
    X = np.random.default_rng(0).uniform(-2, 2, (5, 3))
    found = qxai.shapley(model, X)
    np.testing.assert_allclose(found.residual, 0, atol=1e-13)
    sets = list(itertools.product((0, 1), repeat=3))
    game = {s: model.values(X * np.array(s)) for s in sets}
    first = sum((game[1, *s] - game[0, *s]) / (3 if sum(s) != 1 else 6) for s in sets_of(2))
    np.testing.assert_allclose(found.values[:, 0], first, atol=1e-12)


def sets_of(d):
    return list(itertools.product((0, 1), repeat=d))


def test_symbols_stay_what_cirq_expects():
    circuit = read_qasm(NEW + "input float x; qubit q; rx(2*x + 1) q;")
    (op,) = circuit.all_operations()
    assert sympy.simplify(op.gate.exponent - (2 * sympy.Symbol("x") + 1) / sympy.pi) == 0


def turned(body, angle):
    """Whether a text with one qubit turns it about X by an angle."""
    same_up_to_phase(unitary(f"{NEW}qubit[1] q; {body}"), rotation(X)(angle))


@pytest.mark.parametrize(
    ("body", "angle"),
    [
        ("for int i in [0:2] { float a = i*0.3; rx(a) q[0]; }", 0.9),
        ("for int i in [0:1] { const float a = 0.3; rx(a) q[0]; } float a = 0.1; rx(a) q[0];", 0.7),
        ("float a = 0.3; if (true) { float a = 0.5; rx(a) q[0]; } rx(a) q[0];", 0.8),
        ("float a = 0.3; if (true) { a = 0.5; } rx(a) q[0];", 0.5),
        ("for int i in [0:1] { let r = q[0]; rx(0.1) r; }", 0.2),
        ("float a; a = 0.4; rx(a) q[0];", 0.4),
        ("rx(-!false) q[0];", -1.0),
        ("rx(1" + "*1" * 900 + ") q[0];", 1.0),
        ("rx(2" + "/1" * 900 + ") q[0];", 2.0),
        ("rx(1" + "+0" * 900 + ") q[0];", 1.0),
        ("rx(int(2.7)) q[0];", 2.0),
    ],
    ids=lambda value: str(value)[:40],
)
def test_blocks_have_names_of_their_own_and_chains_may_be_long(body, angle):
    turned(body, angle)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("for int i in [0:0] { float b = 0.3; } rx(b) q[0];", "found 'b'"),
        ("rx(~1) q[0];", "found '~'"),
        ("int n = 7/2; rx(n) q[0];", "a whole number, found another value"),
        ("const float a = 1; a = 2;", "a variable, found"),
        ("b = 0.3;", "a variable, found 'b'"),
        ("pi = 3;", "a variable, found 'pi'"),
        ("float a; rx(a) q[0];", "a value of a, found none yet"),
        ("int a = 3; a ~= 1;", "found '~='"),
        ("rx(0x" + "f" * 260 + ") q[0];", "finite numbers"),
        ("rx(0b" + "1" * 5000 + ") q[0];", "at most 300 digits"),
        ("rx(1" + "_1" * 400 + ") q[0];", "at most 300 digits"),
        ("rx(1" + "**1" * 300 + ") q[0];", "at most 60 expressions in each other"),
        ("float a = x; for int i in [0:300] { a = sin(a); } rx(a) q[0];", "or "),
        ("pow(1e299) @ pow(1e299) @ x q[0];", "powers that are finite numbers"),
        ("x q[0][0];", "one index of a register, found 2"),
        ("x " + "é" * 190_000 + ";", "names of at most 1000 letters"),
        ("/* x", "expected */ at the end of a comment, found the end in line 4"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_means_nothing_or_too_much_is_refused_with_its_line(body, message):
    text = f"{NEW}input float x; qubit[1] q;\n{body}\nrx(x) q[0];"
    with pytest.raises(ValueError, match=r"^text: .* in line 4") as refused:
        read_qasm(text)
    assert message in str(refused.value)


def test_line_ends_of_old_machines_and_nothing_at_all():
    text = NEW.replace("\n", "\r") + "qubit q;\rfoo q;"
    with pytest.raises(ValueError, match="in line 4"):
        read_qasm(text)
    with pytest.raises(ValueError, match="expected a program, found nothing"):
        read_qasm(" \n// nothing\n")


def test_a_root_of_a_phase_is_a_phase():
    text = NEW + "qubit[1] q; ctrl @ pow(0.5) @ gphase(3*pi) q[0];"
    same_up_to_phase(unitary(text), p(np.pi / 2))  # e^{3πi} = −1, whose root is i
    assert "S" in str(read_qasm(text)) or "Z" in str(read_qasm(text))
