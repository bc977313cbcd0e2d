"""Sums over light cones against the one tensor of all features, and against the circuit."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.ansatz import ring_classifier
from qxai.representations.layout import layout
from qxai.representations.routes import from_observable

MODEL = ring_classifier(10, 2, np.random.default_rng(3))
LOCAL = MODEL.multilinear()
DENSE = MODEL.polynomial()
X = np.random.default_rng(0).uniform(-2, 3, (6, 10))
ROOT = np.random.default_rng(1).uniform(-1, 1, 10)


def test_the_form_and_its_cones():
    """Two layers on a ring: a readout sees two neighbours on each side."""
    assert isinstance(LOCAL, qxai.LocalPolynomial)
    expected = {frozenset((q + k) % 10 for k in range(-2, 3)) for q in range(10)}
    assert {frozenset(place) for place in LOCAL.places} == expected
    assert LOCAL.interaction_order == DENSE.interaction_order
    np.testing.assert_allclose(LOCAL.dense().coefficients, DENSE.coefficients, atol=1e-15)


def test_outputs_and_gradients_are_those_of_the_circuit():
    np.testing.assert_allclose(LOCAL(X), MODEL.values(X), atol=1e-14)
    np.testing.assert_allclose(LOCAL.gradient(X), MODEL.gradient(X), atol=1e-14)


def test_contractions_are_those_of_the_tensor():
    rng = np.random.default_rng(2)
    vectors, directions = ([rng.normal(size=(4, 3)) for _ in range(10)] for _ in range(2))
    for vector, direction in zip(vectors, directions):
        vector[:, 0], direction[:, 0] = 1, 0  # as those of features and of mixtures begin
    after = [v + d for v, d in zip(vectors, directions)]
    for name, others in (
        ("slopes", directions),
        ("pair_slopes", directions),
        ("size_means", after),
    ):
        found, expected = (getattr(p, name)(vectors, others) for p in (LOCAL, DENSE))
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found / scale, expected / scale, atol=1e-13, err_msg=name)
    for one, other in zip(LOCAL.partials(vectors)[1], DENSE.partials(vectors)[1]):
        np.testing.assert_allclose(one, other, atol=1e-10)
    np.testing.assert_allclose(LOCAL.contract(vectors), DENSE.contract(vectors), atol=1e-10)
    np.testing.assert_allclose(LOCAL.mean_gradient(X, -X), DENSE.mean_gradient(X, -X), atol=1e-13)


@pytest.mark.parametrize(
    "explain",
    [
        qxai.shapley,
        qxai.integrated_gradients,
        qxai.occlusion,
        lambda m, X, b: qxai.taylor(m, X, b, order=7),
        lambda m, X, b: qxai.smooth_grad(m, X, 0.4),
    ],
)
def test_explanations_are_those_of_the_tensor(explain):
    found, expected = (explain(model, X, ROOT).values for model in (LOCAL, DENSE))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_interactions_vanish_between_features_that_share_no_cone():
    found = qxai.shapley_interactions(MODEL, X, ROOT)
    np.testing.assert_allclose(found, qxai.shapley_interactions(DENSE, X, ROOT), atol=1e-13)
    apart = [(i, j) for i in range(10) for j in range(10) if min((i - j) % 10, (j - i) % 10) > 4]
    assert apart
    for i, j in apart:
        assert (found[:, i, j] == 0).all()


def test_a_line_is_as_fast_as_the_fastest_cone():
    """The band of a sum is that of its fastest part, not of all features together."""
    distance = np.abs(np.random.default_rng(4).normal(size=(5, 10)))
    expected = [[distance[n, list(p)].sum() for p in LOCAL.places] for n in range(5)]
    np.testing.assert_allclose(LOCAL.bands(distance), np.max(expected, axis=1))
    assert (LOCAL.bands(distance) < DENSE.bands(distance)).all()


@pytest.mark.parametrize("n", [30, 70])
def test_many_features_are_explained_completely(n):
    """With n qubits no state could be held; each feature matters as in a circuit of twelve."""
    model = ring_classifier(n, 2, np.random.default_rng(5))
    points = np.random.default_rng(6).uniform(0, np.pi, (3, n))
    for explain in (qxai.shapley, qxai.integrated_gradients):
        found = explain(model, points, 0.3)
        np.testing.assert_allclose(found.residual, 0, atol=1e-13)
    assert model.multilinear().interaction_order == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"places": [(0,)]}, r"places: expected the features of each of 2 parts.*found 1"),
        (
            {"places": [(0,), (2, 1)]},
            r"places\[1\]: expected .* in ascending order, found \(2, 1\)",
        ),
        ({"places": [(0,), (1, 1)]}, r"places\[1\]: expected different features below 3"),
        ({"places": [(0,), (1, 3)]}, r"places\[1\]: expected different features below 3"),
        ({"places": [(0,), (1,)]}, r"parts\[1\]: expected the frequencies of the features \(1,\)"),
        ({"frequencies": [[2], [1], [1]]}, r"parts\[0\]: expected the frequencies .* \[\[1.0\]\]"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, message):
    good = {
        "parts": [
            qxai.TrigPolynomial([0, 1, 0], [[1]]),
            qxai.TrigPolynomial(np.ones((3, 3)), [[1], [1]]),
        ],
        "places": [(0,), (1, 2)],
        "frequencies": [[1], [1], [1]],
    }
    assert qxai.LocalPolynomial(**good).num_features == 3
    with pytest.raises(ValueError, match=message):
        qxai.LocalPolynomial(**(good | change))


# Layouts: every encoding that they serve, against the route through the dense observable.


def encodings():
    q, x, t = cirq.LineQubit.range(4), sympy.symbols("x:4"), sympy.symbols("t:9")
    yield "one letter a function", [cirq.ry(a)(b) for a, b in zip(x, q)], ()
    yield "letters of two functions", [[cirq.rx(a)(b), cirq.ry(0.7)(b)] for a, b in zip(x, q)], ()
    yield "scaled", [cirq.ry(k * a)(b) for k, a, b in zip((1, 2, 0.5, 3), x, q)], ()
    yield "twice the same", [[cirq.ry(a)(b), cirq.rz(a)(b)] for a, b in zip(x, q)], ()
    yield "trained", [[cirq.ry(s * a)(b)] for s, a, b in zip(t[5:], x, q)], t[5:]
    idle = [cirq.H(q[0]), cirq.rz(x[1])(q[0]), cirq.ry(x[0] - 0.4)(q[2])]
    yield "idle qubits", idle, ()


@pytest.mark.parametrize(("name", "encoding", "scales"), list(encodings()))
def test_a_layout_is_the_dense_expansion(name, encoding, scales):
    q, x, t = cirq.LineQubit.range(4), sympy.symbols("x:4"), sympy.symbols("t:9")
    ring = [cirq.CX(q[i], q[(i + 1) % 4]) for i in range(4)]
    turns = [cirq.rx(a)(b) for a, b in zip(t, q)]
    circuit = cirq.Circuit(encoding, ring, turns, ring, cirq.ISWAP(q[0], q[2]) ** t[4])
    names = [*t[:5], *scales]
    values = dict(zip(names, np.random.default_rng(0).uniform(0.5, 2.5, len(names))))
    observable = cirq.Z(q[0]) * cirq.X(q[1]) + 0.5 * cirq.Y(q[3]) - 2
    x = [a for a in x if a in cirq.parameter_symbols(circuit)]
    model = qxai.PQC(circuit, x, observable, values)
    placed = layout(model.compiled, model.parameter_values)
    assert placed is not None
    assert (layout(model.compiled, model.parameter_values) is placed) == (not scales)
    dense = from_observable(model.compiled, model.parameter_values, placed.frequencies)
    found = model.polynomial().coefficients.copy()
    found.flat[0] += 2
    np.testing.assert_allclose(found, dense.coefficients, atol=1e-14)
    points = np.random.default_rng(1).uniform(-3, 3, (5, len(x)))
    np.testing.assert_allclose(model.polynomial().values(points), model.values(points), atol=1e-13)


def test_windows_cover_every_entry_once():
    placed = layout(MODEL.compiled, MODEL.parameter_values)
    assert sum(len(window.rows) for window in placed.windows) == len(placed.rows)
    assert sum(len(w.features) == 5 for w in placed.windows) == len(placed.windows) == 10


def test_other_encodings_have_no_layout():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    twice = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.ry(x[0])(q[1]), cirq.rz(x[1])(q[1]))
    joined = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.CX(*q), cirq.ry(x[1])(q[1]))
    for circuit in (twice, joined):
        model = qxai.PQC(circuit, x, cirq.Z(q[1]))
        assert layout(model.compiled, model.parameter_values) is None
        X = np.random.default_rng(0).uniform(-2, 2, (5, 2))
        np.testing.assert_allclose(model.polynomial().values(X), model.values(X), atol=1e-13)
