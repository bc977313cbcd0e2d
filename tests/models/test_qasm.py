import re
import time

import cirq
import numpy as np
import pytest
from cirq.contrib.qasm_import import circuit_from_qasm
from hypothesis import given
from hypothesis import strategies as st

import qxai
from qxai.models.qasm import read_qasm
from qxai.models.qasm.parsing import LONGEST
from qxai.models.qasm.refusing import MOST_STEPS
from qxai.models.qasm.standard import BUILT_IN, STANDARD

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
        ("ry(x) q[0];", (), "the names pi in angles, found 'x'"),
        ("ry(x) q[0];", ("x", "z"), "names that occur in an angle, found 'z'"),
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


def same_up_to_phase(found, expected):
    phase = np.vdot(expected, found)
    assert abs(phase) > 0.1
    np.testing.assert_allclose(found, expected * phase / abs(phase), atol=1e-9)


def u_matrix(theta, phi, lam):
    """``U`` as OpenQASM defines it."""
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array(
        [[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]]
    )


def rz_matrix(angle):
    return np.diag(np.exp([-0.5j * angle, 0.5j * angle]))


def controlled(matrix):
    return np.block([[np.eye(2), np.zeros((2, 2))], [np.zeros((2, 2)), matrix]])


MATRICES = {
    "u1({0})": lambda a: u_matrix(0, 0, a),
    "u2({0}, {1})": lambda a, b: u_matrix(np.pi / 2, a, b),
    "u3({0}, {1}, {2})": u_matrix,
    "U({0}, {1}, {2})": u_matrix,
    "r({0}, {1})": lambda a, b: u_matrix(a, b - np.pi / 2, np.pi / 2 - b),
    "rx({0})": lambda a: u_matrix(a, -np.pi / 2, np.pi / 2),
    "ry({0})": lambda a: u_matrix(a, 0, 0),
    "rz({0})": rz_matrix,
    "crz({0})": lambda a: controlled(rz_matrix(a)),
    "cu1({0})": lambda a: np.diag([1, 1, 1, np.exp(1j * a)]),
    "cu3({0}, {1}, {2})": lambda a, b, c: controlled(u_matrix(a, b, c)),
}
# As written in a text, and as a function of x.
ANGLES = [
    ("x", lambda x: x),
    ("-x", lambda x: -x),
    ("x/2", lambda x: x / 2),
    ("4*x", lambda x: 4 * x),
    ("pi-x", lambda x: np.pi - x),
    ("0.5 - x*3", lambda x: 0.5 - 3 * x),
    ("x+x*2-(x)", lambda x: 2 * x),
    ("-7*x+30", lambda x: 30 - 7 * x),
    ("-(x - 1)/(2^2)", lambda x: (1 - x) / 4),
    ("2*(sin(1)*x) - -x", lambda x: 2 * np.sin(1) * x + x),
]


@pytest.mark.parametrize("call", MATRICES)
@pytest.mark.parametrize("shift", range(len(ANGLES)))
def test_gates_are_those_of_the_standard_at_every_angle(call, shift):
    """Every affine way to write an angle, in every place of every gate; against matrices."""
    count = call.count("{")
    angles = [ANGLES[(shift + 3 * i) % len(ANGLES)] for i in range(count)]
    two = call.startswith("c")
    on = "q[0], q[1]" if two else "q[0]"
    text = f"{HEADER}{call.format(*(a for a, _ in angles))} {on};"
    circuit = read_qasm(text, ("x",))
    for x in (-20.3, -1.1, 0.0, 0.4, 3.0, 50.0):
        found = cirq.resolve_parameters(circuit, {"x": x}).unitary(dtype=np.complex128)
        same_up_to_phase(found, MATRICES[call](*(f(x) for _, f in angles)))


def test_controlled_gates_have_the_phase_that_the_header_gives_them():
    """The definitions of qelib1.inc, written out."""
    definitions = (
        "gate a1(l) a, b { u1(l/2) a; cx a, b; u1(-l/2) b; cx a, b; u1(l/2) b; }\n"
        "gate a3(t, p, l) c, d { u1((l+p)/2) c; u1((l-p)/2) d; cx c, d; u3(-t/2, 0, -(p+l)/2) d; "
        "cx c, d; u3(t/2, p, 0) d; }\n"
    )
    for gate, other, angles in (("cu1", "a1", "x"), ("cu3", "a3", "x, 0.3, y - x")):
        # A Hadamard gate before it makes a phase of the control visible.
        body = f"h q[0]; {{}}({angles}) q[0], q[1]; h q[0]; ry(y) q[0];"
        values = {"x": 0.7, "y": -1.3}
        found, expected = (
            cirq.resolve_parameters(
                read_qasm(HEADER + definitions + body.format(name), ("x", "y")), values
            ).unitary()
            for name in (gate, other)
        )
        same_up_to_phase(found, expected)


def test_every_other_gate_is_that_of_cirqs_importer():
    """All that it knows but cu1 and cu3, of which Cirq 1.5 loses a phase."""
    rng = np.random.default_rng(0)
    header = HEADER.replace("q[2]", "q[3]")
    known = "id x y z h s sdg t tdg sx sxdg cx cy cz ch swap ccx cswap rx ry rz crz u1 u2 u3 U r CX"
    for gate in known.split():
        standard = (BUILT_IN[2] | STANDARD)[gate]
        numbers = ", ".join(f"{a:.6f}" for a in rng.uniform(-7, 7, standard.num_angles))
        on = ", ".join(f"q[{i}]" for i in rng.permutation(3)[: standard.num_qubits])
        call = f"{gate}({numbers}) {on};" if numbers else f"{gate} {on};"
        text = f"{header}ry(0.5) q;\n{call}\nrz(0.25) q;\nry(0.5) q;\n"
        found = read_qasm(text.replace("rz(0.25)", "rz(x)"), ("x",))
        at = cirq.resolve_parameters(found, {"x": 0.25}).unitary(dtype=np.complex128)
        same_up_to_phase(at, circuit_from_qasm(text).unitary(dtype=np.complex128))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_definitions_on_registers_act_qubit_by_qubit():
    text = (
        HEADER + "qreg r[2];\ngate mine(s, t) a, b { ry(s) a; cx a, b; rx(t - s) b; }\n"
        "gate both(t) b, a { mine(0.5, t) a, b; h b; }\nboth(0.7) q, r; both(0.2) q[0], r;\n"
        "both(-0.4) r[1], q[1]; cx q, r[0];\n"
    )
    found = read_qasm(text + "ry(x) q[0];", ("x",))
    at = cirq.resolve_parameters(found, {"x": 0.3}).unitary(dtype=np.complex128)
    same_up_to_phase(at, circuit_from_qasm(text + "ry(0.3) q[0];").unitary(dtype=np.complex128))


EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "2", "0.5", "pi", ".25", "3."]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map("".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"-{one}"),
        st.tuples(st.sampled_from(["sin", "cos", "atan"]), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, st.sampled_from(["1", "2"])).map(lambda p: f"({p[0]})^{p[1]}"),
        st.tuples(inner, st.sampled_from(["2", "pi"])).map("/".join),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_constants_are_worked_out_as_python_does(text):
    functions = {
        name: getattr(np, {"atan": "arctan"}.get(name, name)) for name in ("sin", "cos", "atan")
    }
    expected = eval(text.replace("^", "**"), {"pi": np.pi, **functions})
    circuit = read_qasm(f"{HEADER}rz(x + ({text})) q[0];", ("x",))
    (op,) = circuit.all_operations()
    constant = float(op.gate.exponent.subs("x", 0)) * np.pi
    np.testing.assert_allclose(constant, expected, rtol=1e-12, atol=1e-12)


def timed(text, names=("x",)):
    before = time.process_time()
    try:
        return list(read_qasm(text, names).all_operations())
    except ValueError as error:
        return str(error)
    finally:
        assert time.process_time() - before < 20, text[:200]


DOUBLED = "gate g0 a { h a; }\n" + "".join(
    f"gate g{i + 1} a {{ g{i} a; g{i} a; }}\n" for i in range(40)
)
NESTED = "".join(f"gate g{i + 1} a {{ g{i} a; }}\n" for i in range(60))
SUM = "+".join(f"n{i}" for i in range(5000))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("rx(9^9^9) q[0];", "angles that are finite numbers"),
        ("rx(2^(2^(2^(2^(2^2))))) q[0];", "angles that are finite numbers"),
        ("rx(exp(1000)) q[0];", "angles that are finite numbers"),
        ("rx(1/0) q[0];", "angles that are finite numbers"),
        ("rx(ln(0)) q[0];", "angles that are finite numbers"),
        ("rx((-1)^0.5) q[0];", "angles that are finite numbers"),
        ("rx(1e308 + 1e308) q[0];", "angles that are finite numbers"),
        (f"rx({'9' * 150_000}) q[0];", "numbers of at most 300 digits"),
        (DOUBLED + "g40 q[0];", f"unfolds to at most {MOST_STEPS} steps"),
        (DOUBLED.replace("h a;", "") + "g40 q[0];", f"unfolds to at most {MOST_STEPS} steps"),
        ("gate g0 a { }" + NESTED, "at most 50 definitions in each other"),
        (f"ry({SUM}) q[0];", "at most 2000 operators in a statement"),
        ("/* " * 20_000, "expected \\*/ at the end of a comment"),
        ("/*/ " * 20_000 + "/*/", "expected \\*/ at the end of a comment"),
        ("qreg r[1000000000];", "1 to 1000 as the size of a register"),
        (f"qreg r[{'1' * 10_000}];", "numbers of at most 300 digits"),
        ("qreg r[600]; qreg s[600];", "at most 1000 in all registers"),
        ("creg r[999]; creg s[2];", "at most 1000 in all registers"),
        ("qreg r[0];", "qreg size must be positive"),
        ("qreg r[-1];", "qreg size must be positive|1 to 1000"),
        ("qreg r[1.5];", "a whole number as the size"),
        ("qreg q[2];", "new registers"),
        ("h q[0]; // " + "x" * LONGEST, "expected at most 200000 characters"),
        ("h q[0];\n" * 125_000, "expected at most 200000 characters"),
        (f"ry({'(' * 90_000}x{')' * 90_000}) q[0];", "at most 50 brackets"),
        (f"ry({'2^' * 90_000}2) q[0];", "at most 2000 operators in a statement"),
        ("ry(x)) q[0];", "expected OpenQASM, found '\\)' in line 5"),
        ("ry(x q[0];", "found 'q'"),
        ("ry() q[0];", "expected 1 angles and 1 qubits of a gate, found 0 and 1"),
        ("cx q[0], q[0];", "different qubits of a gate"),
        ("cx q, q[0];", "different qubits of a gate"),
        ("h q[2];", "-2 to 1 as an index of a register"),
        ("h r;", "registers that are declared, found 'r'"),
        ("qreg r[3]; cx q, r;", "registers of one size"),
        ("gate g a { h b; }", "the qubits a, found 'b'"),
        ("gate g a { g a; }", "gates that are known, found 'g'"),
        ("gate g(t) a { rz(s) a; } g(1) q[0];", "the names pi, t in angles, found 's'"),
        ("gate g(t, t) a { }", "different names in the definition of g"),
        ("gate g a {", "expected OpenQASM, found the end"),
        ("gate g a { rz( a; }", "expected OpenQASM, found ';'"),
        ("measure q -> c; measure q -> c;", "at the end only"),
        ("measure q -> c[0];", "as many bits as are measured, found 1 for 2"),
        ("if (c==1) x q[0];", "expected unitary gates, found if"),
        ("ry(sinh(1)) q[0];", "one of the functions sin"),
        ("ry(floor(x)) q[0];", "numbers in the parentheses of floor"),
        ("ry((-x)^0.5 % 2) q[0];", "found '%'"),
        ("input int n;", "expected OpenQASM|float or angle"),
        ("input float pi;", "another name, found 'pi'"),
        ('include "/etc/passwd";', "qelib1.inc"),
        ("ry(\0) q[0];", "expected OpenQASM, found token recognition error at: .* in line 5"),
        ('"' * 100_000, "text: "),
        (f"ry({'a' * 900}) q[0];", "the names pi, x in angles, found 'aaa"),
        (f"{'a' * 900} q[0];", "gates that are known, found 'aaa"),
        (f"h {'a' * 900};", "registers that are declared, found 'aaa"),
        (f"gate {'a' * 900}(t, t) b {{ }}", "different names in the definition"),
        (f"gate g {'a' * 900} {{ h b; }}", "the qubits aaa"),
        ("h q[٣];", "a whole number as an index of q|expected OpenQASM"),
        ("rz(٣) q[0];", "expected OpenQASM"),
    ],
    ids=lambda text: text[:30],
)
def test_hostile_texts_are_refused_at_once(body, message):
    found = timed(HEADER + body + "\nry(x) q[0];")
    assert isinstance(found, str)
    assert found.startswith("text: ")
    assert re.search(message, found), found
    assert len(found) < 500


def test_angles_of_many_names_count_as_many_steps():
    names = tuple(f"n{i}" for i in range(200))
    total = "+".join(names)
    text = HEADER + "gate g(t) a { ry(t + t) a; ry(t - 1) a; ry(t * 2) a; }\n"
    assert len(timed(f"{text} g({total}) q[0];", names)) == 3
    assert "unfolds to at most" in timed(text + f"g({total}) q[0];\n" * 200, names)
    doubled = "gate g0(t) a { ry(sin(t) + cos(t)) a; }\n" + "".join(
        f"gate g{i + 1}(t) a {{ g{i}(sin(t) + cos(t)) a; }}\n" for i in range(40)
    )
    assert "angles of at most 5000 parts" in timed(HEADER + doubled + "g40(x) q[0];")


def test_long_texts_that_are_honest_are_read():
    assert len(timed(f"{HEADER}ry({'-' * 1_500}x) q[0];")) == 1
    assert len(timed(f"{HEADER}rx(0.{'1' * 290}) q[0]; ry(x) q[0];")) == 2
    assert len(timed(HEADER + "ry(x) q[0];\n" * 800)) == 800
    assert len(timed(HEADER + DOUBLED + "g12 q[0]; ry(x) q[0];")) == 2**12 + 1
    names = tuple(f"x{i}" for i in range(500))
    assert len(timed(HEADER + "".join(f"ry({n}) q[0];\n" for n in names), names)) == 500
    joined = timed(f"{HEADER}ry({'+'.join(names)}) q[0];", names)[0].gate.exponent
    assert len(joined.free_symbols) == 500


def test_steps_do_not_grow_with_names_times_gates():
    def steps(count):
        names = tuple(f"x{i}" for i in range(count))
        text = HEADER + "".join(f"ry({n}) q[0];\n" for n in names)
        before = time.process_time()
        read_qasm(text, names)
        return time.process_time() - before

    steps(10)
    assert steps(1600) < 40 * max(steps(160), 1e-3)


@pytest.mark.parametrize(
    ("text", "names", "remedy"),
    [
        ("OPENQASM 2.0; qreg q[1]; ry(x) q[0];", ("x",), ("qreg", 'include "qelib1.inc"; qreg')),
        (HEADER + "ry(x) q[0]; reset q[0];", ("x",), ("reset q[0];", "")),
        (HEADER + "ry(x) q[0]; /* ", ("x",), ("/* ", "/* */")),
        (HEADER + "ry(x) q[0]; é", ("x",), (" é", "")),
        (HEADER + "ry(x) q[0];\x01", ("x",), ("\x01", "")),
        ("ry(x) q[0];", ("x",), ("ry", HEADER + "ry")),
    ],
)
def test_remedies_work(text, names, remedy):
    with pytest.raises(ValueError, match="text: "):
        read_qasm(text, names)
    assert read_qasm(text.replace(*remedy), names)


@pytest.mark.parametrize("version", ["2.0", "3.0", "3", "2"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " "])
def test_versions_and_line_ends(version, end):
    text = f'OPENQASM {version};{end}include "stdgates.inc";{end}qubit[2] q;{end}bit[2] c;{end}'
    text += f"ry(2*x) q[0];{end}/* a{end}b */ cx q[0],{end}q[1];{end}c[0] = measure q[0];{end}"
    circuit = read_qasm(text + "measure q[1] -> c[1];", ("x",))
    assert circuit == read_qasm(HEADER + "ry(2*x) q[0]; cx q[0], q[1];", ("x",))


def test_errors_name_the_line():
    with pytest.raises(ValueError, match="in line 8"):
        read_qasm(HEADER + "/* two\nlines */\nry(x) q[0];\nry(y) q[0];", ("x",))


def test_a_bit_may_have_the_name_of_a_gate():
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\ncreg x[1];\nx q[0]; ry(t) q[0];'
    assert len(list(read_qasm(text + "x = measure q[0];", ("t",)).all_operations())) == 2


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        (b"OPENQASM 2.0;", ("x",), "text: expected a text, found bytes"),
        (None, ("x",), "text: expected a text, found NoneType"),
        (HEADER, None, "names: expected a tuple of names"),
        (HEADER, {"x": 1}, "names: expected a tuple of names"),
    ],
)
def test_other_kinds_are_refused(text, names, message):
    with pytest.raises(TypeError, match=message):
        read_qasm(text, names)


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "exp", "ln", "sqrt", "acos", "atan", "asin"])
def test_functions_are_those_of_cirqs_importer(name):
    text = f"{HEADER}ry({name}(0.5)) q[0];"
    expected = circuit_from_qasm(text).unitary()
    found = cirq.resolve_parameters(read_qasm(text + "rz(x) q[0];", ("x",)), {"x": 0.0}).unitary()
    same_up_to_phase(found, expected)
    in_names = read_qasm(f"{HEADER}ry({name}(x)) q[0];", ("x",))
    same_up_to_phase(cirq.resolve_parameters(in_names, {"x": 0.5}).unitary(), expected)
