"""Absent features that follow the present ones: held to what is known of normal distributions."""

import numpy as np
import pandas as pd
import pytest

import qxai
from tests import circuits, kinds, transcriptions

SLOPES = np.array([1.0, -2.0, 0.5])
CORRELATIONS = np.array([[1, 0.8, 0], [0.8, 1, 0.3], [0, 0.3, 1]])
LINEAR = qxai.Function(lambda X: X @ SLOPES, num_features=3)


def rng(seed=0):
    return np.random.default_rng(seed)


def normal_rows(count):
    return rng(1).multivariate_normal(np.zeros(3), CORRELATIONS, count)


def of_linear_in_normal(x):
    """Shapley values of ``v(S) = β · E[X | x_S]``, with the normal distribution's own means."""

    def value(present):
        known = sorted(present)
        rest = [i for i in range(3) if i not in present]
        mean = np.zeros(3)
        mean[known] = x[known]
        if known and rest:
            block = CORRELATIONS[np.ix_(known, known)]
            mean[rest] = CORRELATIONS[np.ix_(rest, known)] @ np.linalg.solve(block, x[known])
        return SLOPES @ mean

    return transcriptions.shapley_of_game(value, 3)


def test_a_gaussian_copula_finds_the_means_of_a_normal_distribution():
    rows = normal_rows(4000)
    x = np.array([0.7, -0.4, 1.1])
    found = qxai.conditional_shapley(LINEAR, [x], qxai.GaussianCopula(rows, 2000), rng())
    expected = of_linear_in_normal(x)
    np.testing.assert_allclose(found.values[0], expected, atol=0.08)
    independent = qxai.shapley(LINEAR, [x], qxai.Background(rows)).values[0]
    assert np.abs(independent - expected).max() > 0.5  # not what the other games say
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.route == "approximate: Gaussian copula, 2000 draws"


def test_columns_keep_their_distributions():
    """Exponentials of normal features: the copula is the same, and quantiles are mapped back."""
    rows = normal_rows(3000)
    x = np.array([0.7, -0.4, 1.1])
    logs = qxai.Function(lambda X: np.log(X) @ SLOPES, num_features=3)
    given = qxai.GaussianCopula(np.exp(rows), 1000)
    found = qxai.conditional_shapley(logs, [np.exp(x)], given, rng())
    np.testing.assert_allclose(found.values[0], of_linear_in_normal(x), atol=0.1)
    drawn = given.rows(np.exp(x)[None], np.array([False, True, False]), rng())
    assert (drawn >= np.exp(rows).min(axis=0)).all()
    assert (drawn <= np.exp(rows).max(axis=0)).all()
    assert (drawn[..., 1] == np.exp(x)[1]).all()


def test_columns_of_few_values_follow_each_other():
    """Two bits of normal scores with a correlation: they agree with chance ½ + asin(ρ)/π."""
    draw = rng(1)
    one = draw.integers(0, 2, (4000, 1)).astype(float)
    rows = np.hstack([one, np.where(draw.random((4000, 1)) < 0.9, one, 1 - one)])
    given = qxai.GaussianCopula(rows, 20_000)
    known = np.array([True, False])
    agree = 0.5 + np.arcsin(given.correlations[0, 1]) / np.pi
    assert 0.7 < agree < 0.9  # less than the table's 0.9: the correlation is that of shared ranks
    for value in (0.0, 1.0):
        found = given.rows(np.array([[value, 0.0]]), known, rng())[0, :, 1].mean()
        assert abs(found - (agree if value else 1 - agree)) < 0.02


def test_all_rows_are_the_background():
    """The nearest of B rows, if B are near, are the sample."""
    model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first")
    rows = kinds.inputs("encoding first", 7, 3)
    found = qxai.conditional_shapley(model, X, qxai.NearestRows(rows, 7), rng())
    expected = qxai.shapley(model, X, qxai.Background(rows))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, expected.baseline_output, atol=1e-12)
    assert found.standard_error is None


def test_one_row_by_definition():
    """The nearest single row, searched for in a loop, feature by feature in standard deviations."""
    model, X = kinds.MODELS["re-uploading"], kinds.inputs("re-uploading")
    rows = kinds.inputs("re-uploading", 9, 3) * [1, 10, 0.1]
    found = qxai.conditional_shapley(model, X, qxai.NearestRows(rows, 1), rng())
    for x, values in zip(X, found.values):

        def value(present, x=x):
            if not present:
                return model.values(rows).mean()
            known = sorted(present)
            distances = [np.sum(((r - x) / rows.std(axis=0))[known] ** 2) for r in rows]
            point = rows[int(np.argmin(distances))].copy()
            point[known] = x[known]
            return model.values(point[None])[0]

        expected = transcriptions.shapley_of_game(value, 3)
        np.testing.assert_allclose(values, expected, atol=1e-12)


def test_stated_errors_are_those_of_repetitions():
    x = np.tile([0.7, -0.4, 1.1], (200, 1))
    given = qxai.GaussianCopula(normal_rows(300), 40)
    found = qxai.conditional_shapley(LINEAR, x, given, rng(11))
    spread = found.values.std(axis=0, ddof=1)
    np.testing.assert_allclose(found.standard_error.mean(axis=0), spread, rtol=0.15)
    device = circuits.encoding_first(7, qubits=3).on(qxai.Sampled(50, rng(12)))
    rows = qxai.NearestRows(circuits.inputs(7, device, 20), 3)
    x = np.tile(circuits.inputs(8, device, 1), (150, 1)) + 1e-13 * np.arange(150)[:, None]
    found = qxai.conditional_shapley(device, x, rows, rng())
    spread = found.values.std(axis=0, ddof=1)
    # The output without features is measured once for all inputs.
    assert (found.standard_error.mean(axis=0) > 0.8 * spread).all()
    assert (found.standard_error.mean(axis=0) < 1.5 * spread).all()


def test_columns_of_a_table_are_matched_by_name():
    names = ["a", "b", "c"]
    model = qxai.Function(lambda X: X @ SLOPES, num_features=3, feature_names=names)
    rows = pd.DataFrame(normal_rows(50), columns=names)
    x = pd.DataFrame([[0.1, 0.2, 0.3]], columns=names)
    found = [
        qxai.conditional_shapley(model, x[order], kind(rows[order], 5), rng()).values
        for order in (names, names[::-1])
        for kind in (qxai.NearestRows, qxai.GaussianCopula)
    ]
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], found[3])


def test_what_is_refused():
    x = np.zeros((1, 3))
    with pytest.raises(TypeError, match=r"given: expected qxai\.GaussianCopula\(sample\) or"):
        qxai.conditional_shapley(LINEAR, x, qxai.Background(normal_rows(5)), rng())
    with pytest.raises(TypeError, match="rng: expected"):
        qxai.conditional_shapley(LINEAR, x, qxai.NearestRows(normal_rows(5), 2), None)
    with pytest.raises(ValueError, match="count: expected at most 5, found 6"):
        qxai.NearestRows(normal_rows(5), 6)
    with pytest.raises(ValueError, match="at least two rows"):
        qxai.GaussianCopula(normal_rows(1))
    with pytest.raises(ValueError, match="sample of 3 columns, found 2"):
        qxai.conditional_shapley(LINEAR, x, qxai.NearestRows(normal_rows(20)[:, :2]), rng())
    constant = np.column_stack([normal_rows(20)[:, 0], np.ones(20)])
    flat = qxai.Function(lambda X: X.sum(axis=1), num_features=2)
    found = qxai.conditional_shapley(flat, [[0.3, 1]], qxai.GaussianCopula(constant), rng())
    np.testing.assert_allclose(found.values[0, 1], 0, atol=0.2)
