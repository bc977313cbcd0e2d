"""Estimators of tables with categories: raw columns in, one number a raw column out."""

import functools

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import qxai
from qxai.estimators import (
    Classifier,
    KernelClassifier,
    KernelRegressor,
    Regressor,
    load_estimator,
)

CLASSIFIERS = [Classifier(epochs=25, random_state=0), KernelClassifier()]
REGRESSORS = [Regressor(epochs=25, random_state=0), KernelRegressor()]
every = pytest.mark.parametrize(
    "estimator", [*CLASSIFIERS, *REGRESSORS], ids=lambda e: type(e).__name__
)


def shop(count=90):
    """Prices by weight, kind and season; which of the kinds decides, the season does not."""
    rng = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "weight (g)": rng.normal(500, 100, count),
            "kind": rng.choice(["apple", "fig", "pear"], count),
            "ripe": rng.choice([True, False], count),
        }
    )
    price = table["weight (g)"] / 100 + 3 * (table["kind"] == "fig") - 1 * table["ripe"]
    return table, price.to_numpy()


def trained(estimator):
    table, price = shop()
    return clone(estimator).fit(table, price > 6 if estimator in CLASSIFIERS else price), table


@every
def test_numbers_and_categories_are_learnt_together(estimator):
    table, price = shop()
    y = np.where(price > 6, "dear", "cheap") if estimator in CLASSIFIERS else price
    assert cross_val_score(estimator, table, y, cv=3).mean() > 0.85


@every
def test_explanations_have_one_number_a_raw_column(estimator):
    found, table = trained(estimator)
    explained = found.explain(table[:3], baseline=table[5:9])
    assert explained.feature_names == tuple(table.columns)
    output = found.decision_function if estimator in CLASSIFIERS else found.predict
    np.testing.assert_allclose(explained.output, output(table[:3]), atol=1e-9)
    np.testing.assert_allclose(explained.baseline_output, output(table[5:9]).mean(), atol=1e-9)
    np.testing.assert_allclose(explained.residual, 0, atol=1e-9)


@every
def test_shapley_values_are_those_of_the_game_of_raw_columns(estimator):
    """All orders of the three columns, rows made of raw cells."""
    found, table = trained(estimator)
    output = found.decision_function if estimator in CLASSIFIERS else found.predict
    given, absent = table.iloc[[0]], table.iloc[[6]]

    def value(present):
        mixed = absent.copy()
        for column in present:
            mixed[column] = given[column].to_numpy()
        return output(mixed)[0]

    a, b, c = table.columns
    first = value([a]) - value([]) + value([a, b, c]) - value([b, c])
    middle = value([a, b]) - value([b]) + value([a, c]) - value([c])
    explained = found.explain(given, baseline=absent)
    np.testing.assert_allclose(explained.values[0, 0], first / 3 + middle / 6, atol=1e-9)


@every
def test_without_a_baseline_rows_of_the_training_table_stand_for_it(estimator):
    found, table = trained(estimator)
    output = found.decision_function if estimator in CLASSIFIERS else found.predict
    spread = np.ptp(output(table))
    mean = found.explain(table[:2]).baseline_output[0]
    assert abs(mean - output(table).mean()) < 0.1 * spread
    assert found.explain(table[:2], qxai.occlusion).values.shape == (2, 3)


@every
def test_a_table_with_categories_comes_back_from_a_file(estimator, tmp_path):
    found, table = trained(estimator)
    found.save(tmp_path / "model.json")
    again = load_estimator(tmp_path / "model.json")
    np.testing.assert_array_equal(again.predict(table), found.predict(table))
    ours, theirs = found.explain(table[:2]), again.explain(table[:2])
    np.testing.assert_array_equal(ours.values, theirs.values)


@every
def test_levels_columns_and_baselines_that_do_not_fit_are_refused(estimator):
    found, table = trained(estimator)
    with pytest.raises(ValueError, match="the level 'kiwi'"):
        found.predict(table[:2].assign(kind=["fig", "kiwi"]))
    with pytest.raises(ValueError, match="must be in the same order"):
        found.predict(table[table.columns[::-1]])
    with pytest.raises(TypeError, match="baseline: expected a table of raw rows, such as X") as no:
        found.explain(table[:1], baseline=np.zeros(4))
    assert "X[:50]" in str(no.value)
    assert found.explain(table[:1], baseline=table[:50]).values.shape == (1, 3)
    with pytest.raises(TypeError, match=r"takes groups= and .* found integrated_gradients; use"):
        found.explain(table[:1], qxai.integrated_gradients)
    for method in (qxai.shapley, qxai.occlusion):
        assert found.explain(table[:1], method).values.shape == (1, 3)
    sampled = functools.partial(qxai.shapley, samples=20, rng=np.random.default_rng(0))
    assert found.explain(table[:1], sampled, baseline=table[:1]).values.shape == (1, 3)


@every
def test_labels_that_do_not_fit_a_table_are_refused(estimator):
    table, price = shop()
    y = price > 6 if estimator in CLASSIFIERS else price
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        clone(estimator).fit(table, y[:-1])
    wrong = np.where(np.arange(len(y)) == 3, np.nan, y.astype(float))
    with pytest.raises(ValueError, match="NaN"):
        clone(estimator).fit(table, wrong)


def test_a_name_that_looks_like_a_parameter_is_a_column():
    table, price = shop()
    renamed = table.rename(columns={"weight (g)": "theta_0", "ripe": "theta__1"})
    found, other = (Regressor(epochs=3, random_state=0).fit(t, price) for t in (renamed, table))
    np.testing.assert_array_equal(found.predict(renamed), other.predict(table))


@every
def test_inputs_are_shown_as_they_were_and_levels_as_one(estimator):
    found, table = trained(estimator)
    explained = found.explain(table[:3], baseline=table[4:5])
    assert explained.inputs[:, 0].tolist() == table["weight (g)"][:3].tolist()
    assert explained.baseline[0] == table["weight (g)"][4]
    kinds = np.array(["apple", "fig", "pear"])
    for row, kind in zip(explained.inputs, table["kind"]):
        assert kinds[row[1:4] == 1].tolist() == [kind]
    assert explained.inputs[:, 4].tolist() == table["ripe"][:3].astype(float).tolist()


def test_slopes_of_steps_in_radians_are_refused_where_columns_hold_categories():
    found, table = trained(CLASSIFIERS[0])
    sampled = functools.partial(qxai.lime, samples=60, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"use qxai\.shapley or qxai\.occlusion"):
        found.explain(table[:1], sampled)
