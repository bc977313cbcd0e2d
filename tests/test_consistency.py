import cirq
import numpy as np
import pytest
import sympy
from hypothesis import given, settings

import qxai
from tests import circuits
from tests.consistency import assert_consistent


@pytest.mark.parametrize("make", circuits.MAKERS)
@settings(max_examples=10)
@given(seed=circuits.SEEDS)
def test_all_forms_of_a_model_agree(make, seed):
    model = make(seed)
    assert_consistent(model, circuits.inputs(seed, model, 2))


@pytest.mark.parametrize("make", circuits.MAKERS)
@pytest.mark.parametrize("seed", [2, 9])
def test_qsim_agrees_with_them(needs_qsim, make, seed):
    model = make(seed)
    assert_consistent(model, circuits.inputs(seed, model, 2), [(qxai.QSim(), 3e-6)])


@pytest.mark.parametrize("make", circuits.MAKERS)
@pytest.mark.parametrize("seed", [2, 9])
def test_tfq_agrees_with_them_on_its_own_gates(needs_tfq, make, seed):
    model = make(seed)
    assert_consistent(model, circuits.inputs(seed, model, 2), [(qxai.TFQ(), 3e-6)])


@pytest.mark.parametrize(
    "gate",
    [
        lambda x: cirq.rx(x).controlled(),
        lambda x: cirq.FSimGate(x, 0.4),
        lambda x: cirq.FSimGate(0.4, x),
        lambda x: cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=x / sympy.pi),
        lambda x: cirq.ISWAP ** (x / sympy.pi),
        lambda x: cirq.XX ** (0.7 * x),
        lambda x: cirq.ms(x),
        lambda x: cirq.CCX ** (x / sympy.pi),
        lambda x: cirq.CZPowGate(exponent=x, global_shift=0.3),
        lambda x: cirq.PhasedXPowGate(phase_exponent=0.2, exponent=x),
        lambda x: cirq.givens(x),
    ],
)
def test_any_gate_whose_angle_is_affine_in_a_feature(gate):
    """Two uploads by an unusual gate: the spectrum found must be right, or the forms differ."""
    q, (x, y) = cirq.LineQubit.range(3), sympy.symbols("x y")
    on = q[: cirq.num_qubits(gate(x))]
    circuit = cirq.Circuit(
        cirq.ry(y)(q[0]),
        [cirq.ry(0.3 + 0.4 * i)(b) for i, b in enumerate(q)],
        gate(x)(*on),
        cirq.CX(q[0], q[1]),
        cirq.rx(0.8)(q[0]),
        gate(x)(*on),
        [cirq.ry(0.9 - 0.5 * i)(b) for i, b in enumerate(q)],
    )
    model = qxai.PQC(circuit, [x, y], cirq.Z(q[0]) + 0.5 * cirq.X(q[1]))
    X = np.random.default_rng(0).uniform(-2, 2, (2, 2))
    assert_consistent(model, X)


def test_a_gate_whose_spectrum_nobody_tells_is_refused_by_name():
    class Opaque(cirq.Gate):
        def __init__(self, angle):
            self.angle = angle

        def _num_qubits_(self):
            return 1

        def _is_parameterized_(self):
            return True

        def _parameter_names_(self):
            return {"x"}

        def __repr__(self):
            return f"Opaque({self.angle})"

    x, q = sympy.Symbol("x"), cirq.LineQubit(0)
    with pytest.raises(ValueError, match=r"spectrum or decomposition Cirq knows, found Opaque"):
        qxai.PQC(cirq.Circuit(Opaque(x)(q)), [x], cirq.Z(q))
