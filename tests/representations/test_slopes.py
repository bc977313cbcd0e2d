"""Derivatives along directions, by replacing vectors: what multilinear means."""

import numpy as np
import pytest

import qxai
from qxai.models.ansatz import ring_classifier
from qxai.representations import trigonometric
from qxai.representations.basis import Functions


def dense(sizes, rng):
    frequencies = [np.sort(rng.uniform(0.5, 3, (k - 1) // 2)) for k in sizes]
    return qxai.TrigPolynomial(rng.normal(size=sizes), frequencies)


def product(sizes, rng):
    model = dense(sizes, rng)
    factors = [rng.normal(size=(k, 4)) for k in sizes]
    return qxai.ProductPolynomial(rng.normal(size=4), factors, model.frequencies)


SIZES = [(3,), (3, 5), (5, 1, 3), (3, 3, 3, 3, 3), (3, 1, 5, 3, 3, 3)]


@pytest.mark.parametrize("make", [dense, product])
@pytest.mark.parametrize("sizes", SIZES)
def test_slopes_replace_one_vector_and_pair_slopes_two(monkeypatch, make, sizes):
    """Also where the batch is cut, and with no input at all."""
    rng = np.random.default_rng(0)
    model, d = make(sizes, rng), len(sizes)
    vectors, steps = ([rng.normal(size=(7, k)) for k in sizes] for _ in range(2))

    def replaced(*features):
        return model.contract([steps[i] if i in features else vectors[i] for i in range(d)])

    first = np.stack([replaced(i) for i in range(d)], axis=1)
    second = np.zeros((7, d, d))
    for i in range(d):
        for j in range(i + 1, d):
            second[:, i, j] = replaced(i, j)
    scale = np.abs(first).max()
    for chunk in (2**17, 4):
        monkeypatch.setattr(trigonometric, "CHUNK", chunk)
        np.testing.assert_allclose(model.slopes(vectors, steps) / scale, first / scale, atol=1e-13)
        found = model.pair_slopes(vectors, steps)
        np.testing.assert_allclose(found / scale, second / scale, atol=1e-13)
    around = model.partials(vectors)[1]
    by_parts = [(e * step).sum(axis=1) for e, step in zip(around, steps)]
    np.testing.assert_allclose(model.slopes(vectors, steps) / scale, np.transpose(by_parts) / scale)
    none = [v[:0] for v in vectors]
    assert model.slopes(none, none).shape == (0, d)
    assert model.pair_slopes(none, none).shape == (0, d, d)


@pytest.mark.parametrize("frequencies", [[[1.0], [2.0], [0.5]], [[1.0, 2.5], [], [0.7]]])
def test_functions_along_lines_are_those_at_their_points(frequencies):
    """One function of each frequency is laid out by slices, several by positions."""
    functions = Functions(tuple(np.array(w) for w in frequencies))
    rng = np.random.default_rng(1)
    start, end, places = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), np.array([0, 0.3, 1])
    points = (start + places[:, None, None] * (end - start)).reshape(-1, 3)
    for order, found in enumerate(functions.along(start, end, places)):
        for i, (one, other) in enumerate(zip(found, functions.at(points, order))):
            np.testing.assert_allclose(one, other, atol=1e-14)
            for number, w in enumerate(frequencies[i]):
                turned = w**order * np.cos(w * points[:, i] + order * np.pi / 2)
                np.testing.assert_allclose(one[:, 1 + 2 * number], turned, atol=1e-14)
    for order in range(6):
        for i, w in enumerate(frequencies):
            found = functions.at(points, order)[i]
            np.testing.assert_array_equal(found[:, 0], float(order == 0))
            for number, speed in enumerate(w):
                angle = speed * points[:, i] + order * np.pi / 2
                pair = speed**order * np.stack([np.cos(angle), np.sin(angle)], axis=1)
                np.testing.assert_allclose(
                    found[:, 1 + 2 * number : 3 + 2 * number], pair, rtol=1e-13, atol=1e-12
                )


METHODS = {
    "values": lambda m, X: m.values(X),
    "gradient": lambda m, X: m.gradient(X),
    "shapley": lambda m, X: qxai.shapley(m, X, 0.3).values,
    "interactions": lambda m, X: qxai.shapley_interactions(m, X, 0.3),
    "integrated gradients": lambda m, X: qxai.integrated_gradients(m, X, 0.3).values,
    "far": lambda m, X: qxai.integrated_gradients(m, 1e3 * X, 0.3).values,
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("n", "layers"), [(4, 3), (9, 1)])
def test_an_explanation_does_not_depend_on_the_rest_of_the_batch(name, n, layers):
    """Nor on what was asked for before: alone, among many, and by a model just made."""
    model = ring_classifier(n, layers, np.random.default_rng(0))
    count = 60 if name == "far" else 1500
    X = np.random.default_rng(1).uniform(-3, 3, (count, n))
    together = METHODS[name](model, X)
    for row in (0, count // 2, count - 1):
        fresh = model.with_parameters(model.parameter_values)
        alone = METHODS[name](fresh, X[row : row + 1])[0]
        np.testing.assert_allclose(together[row], alone, atol=1e-12)


def test_evaluations_of_a_batch_are_those_of_its_inputs():
    """Inputs near and far share nodes here; what a device would need is counted for each."""
    model = ring_classifier(3, 2, np.random.default_rng(0))
    X = np.random.default_rng(1).uniform(-1, 1, (20, 3)) * np.geomspace(0.01, 30, 20)[:, None]
    alone = [qxai.integrated_gradients(model, row[None]).evaluations for row in X]
    assert qxai.integrated_gradients(model, X).evaluations == sum(alone)
    assert alone[0] < alone[-1]
