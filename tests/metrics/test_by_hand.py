"""Every worked example of the metrics' docstrings, and the bad input that they refuse."""

import numpy as np
import pytest

import qxai
from qxai import metrics

LINEAR = qxai.Function(lambda X: 2 * X[:, 0] + X[:, 1], num_features=2)
PRODUCT = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
ONES = np.ones((1, 2))


def attribution(values, output, before, **more):
    return qxai.Attribution(
        values=values,
        output=output,
        baseline_output=before,
        method="by hand",
        evaluations=0,
        **more,
    )


SLOPES = attribution([[2.0, 1.0]], [3.0], [np.nan], unit="output per radian")


def test_completeness():
    found = metrics.completeness(attribution([[0.5, 0.25], [0, 0]], [1, 0], [0, 0]))
    np.testing.assert_allclose(found, [0.25, 0])


def test_completeness_reaches_three_and_is_undefined_without_a_baseline():
    found = metrics.completeness(attribution([[1.0], [1.0]], [-1, 1], [1, 1]))
    np.testing.assert_allclose(found, [3, 1])
    undefined = metrics.completeness(attribution([[1.0]], [1], [np.nan]))
    assert np.isnan(undefined).all()


def test_localisation():
    sizes, mask = [[3.0, -2.0, 1.0]], [True, False, True]
    np.testing.assert_allclose(metrics.localisation_auc(sizes, mask), [0.5])
    np.testing.assert_allclose(metrics.relevance_mass(sizes, mask), [4 / 6])


def test_localisation_of_nothing_is_chance():
    zeros, mask = np.zeros((1, 4)), [True, False, False, False]
    np.testing.assert_allclose(metrics.localisation_auc(zeros, mask), [0.5])
    np.testing.assert_allclose(metrics.relevance_mass(zeros, mask), [0.25])
    for metric in (metrics.localisation_auc, metrics.relevance_mass):
        assert np.isnan(metric(np.ones((1, 4)), np.ones(4, dtype=bool))).all()
        assert np.isnan(metric(np.ones((1, 4)), np.zeros(4, dtype=bool))).all()


def test_gini():
    found = metrics.gini([[0, 0, 3], [2, -2, 2], [0, 0, 0]])
    np.testing.assert_allclose(found, [2 / 3, 0, 0], atol=1e-15)


def test_agreement():
    np.testing.assert_allclose(metrics.agreement([[1, 2, 3]], [[2, -1, 3]]), [0.5])
    np.testing.assert_allclose(metrics.agreement([[1, 2, 3]], [[5, 5, 5]]), [0])
    np.testing.assert_allclose(metrics.top_k_overlap([[1, 2, 3]], [[2, 1, 3]], 2), [0.5])


def test_deletion_and_insertion():
    given = LINEAR, ONES, [[2.0, 1.0]]
    np.testing.assert_allclose(metrics.deletion_curve(*given), [[3, 1, 0]])
    np.testing.assert_allclose(metrics.insertion_curve(*given), [[0, 2, 3]])
    np.testing.assert_allclose(metrics.area([[0, 2, 3]]), [7 / 4])


def test_an_output_that_falls_is_turned_over():
    given = LINEAR, -ONES, [[-2.0, -1.0]]
    np.testing.assert_allclose(metrics.deletion_curve(*given), [[3, 1, 0]])


def test_attributions_without_an_order_get_the_mean_over_all_orders():
    model = qxai.Function(lambda X: 2 * X[:, 0] * X[:, 1] + X[:, 0], num_features=2)
    equal = model, ONES, [[0.7, 0.7]]
    np.testing.assert_allclose(metrics.insertion_curve(*equal), [[0, 0.5, 3]])
    np.testing.assert_allclose(metrics.deletion_curve(*equal), [[3, 0.5, 0]])


def test_random_order():
    np.testing.assert_allclose(metrics.random_order_curve(PRODUCT, ONES), [[0, 0, 1]])


def test_faithfulness_correlation():
    given = LINEAR, ONES
    np.testing.assert_allclose(metrics.faithfulness_correlation(*given, [[2.0, 1.0]]), [1])
    np.testing.assert_allclose(metrics.faithfulness_correlation(*given, [[1.0, 2.0]]), [-1])
    for flat in ([[1.0, 1.0]], [[0.0, 0.0]]):
        np.testing.assert_allclose(metrics.faithfulness_correlation(*given, flat), [0])


def test_infidelity():
    np.testing.assert_allclose(metrics.infidelity(PRODUCT, ONES, [[0.5, 0.5]]), [1 / 8])


def test_max_sensitivity():
    rng = np.random.default_rng(0)
    given = [[1.0]], 0.1, 200, rng
    still = metrics.max_sensitivity(lambda X: np.ones_like(X), *given)
    moving = metrics.max_sensitivity(lambda X: X, *given)
    np.testing.assert_allclose(still, 0)
    assert 0.095 < moving[0] <= 0.1
    assert metrics.max_sensitivity(lambda X: X - 1, *given) == np.inf


def test_randomisation():
    ignoring = metrics.randomisation(lambda model, X: X, [1, 2, 3], [[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(ignoring, [[1], [1]])
    turned = metrics.randomisation(lambda model, X: X**model, [1, -1], [[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(turned, [[-1]])


def test_shots_to_error():
    sampled = attribution([[1.0, 2.0]], [3], [0], standard_error=np.full((1, 2), 0.2), shots=1000)
    assert metrics.shots_to_error(sampled, 0.1) == pytest.approx(4000)
    with pytest.raises(ValueError, match="found by hand, which is exact"):
        metrics.shots_to_error(attribution([[1.0]], [1], [0]), 0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.gini([1.0, 2.0]), "values: expected finite real numbers of shape"),
        (lambda: metrics.gini([[np.nan]]), "found NaN or infinity"),
        (lambda: metrics.agreement([[1.0]], [[1.0, 2.0]]), "second: expected the shape of first"),
        (lambda: metrics.top_k_overlap([[1.0]], [[1.0]], 2), "k: expected at most 1"),
        (lambda: metrics.relevance_mass([[1.0]], [1]), "relevant: expected booleans"),
        (lambda: metrics.localisation_auc([[1.0]], [True, False]), "relevant: expected booleans"),
        (lambda: metrics.infidelity(LINEAR, ONES, [[1.0]]), "values: expected the shape of X"),
        (
            lambda: metrics.faithfulness_correlation(LINEAR, ONES, [[1.0]]),
            "values: expected the shape of X",
        ),
        (
            lambda: metrics.infidelity(LINEAR, ONES, SLOPES),
            "values: expected units of the output, found 'output per radian'",
        ),
        (
            lambda: metrics.faithfulness_correlation(LINEAR, ONES, ONES, size=2),
            "size: expected at most 1",
        ),
        (
            lambda: metrics.faithfulness_correlation(
                qxai.Function(lambda X: X[:, 0], num_features=1), [[1.0]], [[1.0]]
            ),
            "X: expected at least two features",
        ),
        (lambda: metrics.deletion_curve(LINEAR, ONES, [[1.0]]), "values: expected the shape of X"),
        (
            lambda: metrics.randomisation(lambda m, X: X, [1], [[1.0]]),
            "models: expected a model and randomised ones",
        ),
        (
            lambda: metrics.infidelity(
                qxai.Function(lambda X: X[:, 0], num_features=21),
                np.ones((1, 21)),
                np.ones((1, 21)),
            ),
            r"found 1 · 2\^21; pass samples=",
        ),
        (
            lambda: metrics.max_sensitivity(lambda X: X, [[1.0]], 0.0, 1, np.random.default_rng(0)),
            "radius: expected a positive number",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_advice_for_slopes_works():
    X, baseline = np.array([[1.0, 3.0]]), 0.5
    model = qxai.ansatz.layered_classifier(2, 2, np.random.default_rng(0))
    slopes = qxai.gradient(model, X)
    for metric in (metrics.infidelity, metrics.faithfulness_correlation):
        with pytest.raises(ValueError, match=r"found\.values"):
            metric(model, X, slopes, baseline)
        found = metric(model, X, slopes.values * (X - baseline), baseline)
        other = metric(model, X, qxai.gradient_x_input(model, X, baseline), baseline)
        np.testing.assert_allclose(found, other)


def test_random_numbers_need_a_generator():
    with pytest.raises(TypeError, match="rng"):
        metrics.max_sensitivity(lambda X: X, [[1.0]], 0.1, 1, 0)
    with pytest.raises(TypeError, match="rng"):
        metrics.infidelity(LINEAR, ONES, ONES, samples=10)
