import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.compiled import merged
from qxai.representations.frequencies import feature_frequencies
from tests import circuits

A, B = cirq.LineQubit.range(2)
X = sympy.Symbol("x")
T = X / sympy.pi


def frequencies(*operations):
    model = qxai.PQC(cirq.Circuit(operations), [X], cirq.Z(A))
    return feature_frequencies(model.compiled, model.parameter_values)[0]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (cirq.rx(X)(A), [1]),
        (cirq.ry(3 * X + 1)(A), [3]),
        (cirq.X(A) ** X, [np.pi]),
        ((cirq.ZZ**T)(A, B), [1]),
        ((cirq.CZ**T)(A, B), [1]),
        ((cirq.CX**T)(A, B), [1]),
        ((cirq.SWAP**T)(A, B), [1]),
        ((cirq.ISWAP**T)(A, B), [0.5, 1]),
        (cirq.rx(X)(A).controlled_by(B), [0.5, 1]),
        (cirq.ms(X)(A, B), [2]),
        (cirq.PhasedXPowGate(phase_exponent=0.3, exponent=T)(A), [1]),
    ],
)
def test_frequencies_follow_from_the_spectrum(operation, expected):
    np.testing.assert_allclose(frequencies(operation), expected, rtol=1e-12)


def test_a_decomposed_gate_has_the_frequencies_of_its_parts():
    # FSim becomes XX and YY rotations by −θ, each of frequency 1.
    np.testing.assert_allclose(frequencies(cirq.FSimGate(X, 0.2)(A, B)), [1, 2])


@pytest.mark.parametrize(
    ("scales", "count"), [((1, 1), 2), ((1, 1, 1), 3), ((1, 2), 3), ((1, 0.1), 4)]
)
def test_frequencies_of_several_gates_add_and_subtract(scales, count):
    gates = [cirq.rx(s * X)(A) for s in scales]
    assert len(frequencies(*gates)) == count


def test_equal_frequencies_merge_with_a_tolerance():
    np.testing.assert_allclose(merged(np.array([0.1 + 0.2, 0.3, 1.0])), [0.3, 1.0])


@pytest.mark.parametrize("seed", range(5))
def test_the_template_is_the_circuit(seed):
    model = circuits.wide_features(seed)
    x = circuits.inputs(seed, model, 1)
    exponents = model.compiled.angles.values(x, model.parameter_values)
    resolver = {f"angle_{g}": float(np.squeeze(e)) for g, e in enumerate(exponents)}
    template = cirq.resolve_parameters(model.compiled.template, resolver)
    values = {**model.parameters, **dict(zip(model.features, x[0]))}
    original = cirq.resolve_parameters(model.circuit, values)
    qubits = model.compiled.qubits
    cirq.testing.assert_allclose_up_to_global_phase(
        template.unitary(qubit_order=qubits), original.unitary(qubit_order=qubits), atol=1e-8
    )


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([cirq.measure(A), cirq.rx(X)(A)], "remove measurements and channels"),
        ([cirq.rx(X)(A), cirq.depolarize(0.1)(A)], "remove measurements and channels"),
        (
            [cirq.X(A).with_classical_controls("k"), cirq.rx(X)(A)],
            "remove measurements and channels",
        ),
        ([cirq.DiagonalGate([X, 0, 0, 0])(A, B)], "spectrum or decomposition"),
    ],
)
def test_operations_without_a_spectrum_are_refused_by_name(operations, message):
    with pytest.raises(ValueError, match=message):
        qxai.PQC(cirq.Circuit(operations), [X], cirq.Z(A))
