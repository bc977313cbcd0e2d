"""Estimators: what they learn, what their scores are, how they explain in raw columns."""

import functools
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import qxai
from qxai.estimators import Classifier, KernelClassifier, KernelRegressor, Regressor

FLOWERS = load_iris(as_frame=True)
NAMED = FLOWERS.target_names[FLOWERS.target]
CLASSIFIERS = [Classifier(epochs=15, random_state=0), KernelClassifier()]
REGRESSORS = [Regressor(epochs=15, random_state=0), KernelRegressor()]


def short(estimators):
    return pytest.mark.parametrize("estimator", estimators, ids=lambda e: type(e).__name__)


def far_from_linear(count=150):
    """Two raw columns whose product decides, and a third that says nothing."""
    X = np.random.default_rng(5).normal([10, -3, 500], [2, 0.1, 40], (count, 3))
    centred = (X - [10, -3, 500]) / [2, 0.1, 40]
    return X, centred[:, 0] * centred[:, 1]


@short([Classifier(random_state=0), KernelClassifier()])
def test_three_species_are_told_apart_about_as_well_as_by_logistic_regression(estimator):
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    theirs = cross_val_score(linear, FLOWERS.data, NAMED, cv=3).mean()
    ours = cross_val_score(estimator, FLOWERS.data, NAMED, cv=3).mean()
    assert ours > theirs - 0.04


@short([Classifier(random_state=0), KernelClassifier(bandwidth=1)])
def test_what_no_line_separates_is_learnt(estimator):
    X, product = far_from_linear()
    y = np.where(product > 0, "same", "different")
    assert cross_val_score(estimator, X, y, cv=3).mean() > 0.8
    assert cross_val_score(LogisticRegression(), X, y, cv=3).mean() < 0.65


@short([Regressor(random_state=0), KernelRegressor(0.1, bandwidth=1)])
def test_a_product_is_learnt_in_its_own_units(estimator):
    X, product = far_from_linear()
    found = estimator.fit(X, 1e4 + 50 * product)
    assert found.score(X, 1e4 + 50 * product) > 0.8
    other = clone(estimator).fit(X, product)
    np.testing.assert_allclose(found.predict(X), 1e4 + 50 * other.predict(X), rtol=1e-6)


@short([*CLASSIFIERS, *REGRESSORS])
def test_units_of_the_columns_do_not_matter(estimator):
    X, product = far_from_linear(60)
    y = product > 0 if estimator in CLASSIFIERS else product
    scale, shift = np.array([1e3, 0.1, 7]), np.array([5, -2, 0])
    ours, theirs = clone(estimator).fit(X, y), clone(estimator).fit(scale * X + shift, y)
    outputs = "predict_proba" if estimator in CLASSIFIERS else "predict"
    found = getattr(theirs, outputs)(scale * X + shift)
    np.testing.assert_allclose(getattr(ours, outputs)(X), found, atol=1e-5)


@short(CLASSIFIERS)
def test_scores_are_models_of_angles_and_sum_to_zero(estimator):
    found = clone(estimator).fit(FLOWERS.data, NAMED)
    angles = found.scaler_.angles(FLOWERS.data.to_numpy())
    scores = found.decision_function(FLOWERS.data)
    for number, label in enumerate(found.classes_):
        np.testing.assert_allclose(found.model_for(label).values(angles), scores[:, number])
    contrast = found.model_for("setosa", against="virginica").values(angles)
    np.testing.assert_allclose(contrast, scores[:, 0] - scores[:, 2], atol=1e-10)
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-10)
    np.testing.assert_allclose(found.predict_proba(FLOWERS.data), softmax(scores, axis=1))
    assert (found.predict(FLOWERS.data) == found.classes_[scores.argmax(axis=1)]).all()


@short(CLASSIFIERS)
def test_of_two_classes_the_second_is_explained_against_the_first(estimator):
    X, product = far_from_linear(60)
    found = clone(estimator).fit(X, np.where(product > 0, "b", "a"))
    decision = found.decision_function(X)
    np.testing.assert_allclose(found.model_for().values(found.scaler_.angles(X)), decision)
    odds = np.log(found.predict_proba(X) @ [-1, 1] / 2 + 0.5) - np.log(found.predict_proba(X)[:, 0])
    np.testing.assert_allclose(odds, decision, atol=1e-8)
    np.testing.assert_allclose(found.explain(X[:4]).output, decision[:4])
    both = found.model_for("b", against="a").values(found.scaler_.angles(X))
    np.testing.assert_allclose(both, decision, atol=1e-10)


@short([*CLASSIFIERS, *REGRESSORS])
def test_explanations_are_those_of_the_output_as_a_function_of_raw_columns(estimator):
    """Shapley values by enumeration of the estimator's own output."""
    X, product = far_from_linear(60)
    classifies = estimator in CLASSIFIERS
    found = clone(estimator).fit(X, product > 0 if classifies else product)
    output = found.decision_function if classifies else found.predict
    explained = found.explain(X[:4])
    expected = qxai.shapley(qxai.Function(output, num_features=3), X[:4], X.mean(axis=0))
    np.testing.assert_allclose(explained.values, expected.values, atol=1e-8)
    np.testing.assert_allclose(explained.output, output(X[:4]), atol=1e-8)
    np.testing.assert_allclose(explained.baseline_output, output(X.mean(axis=0)[None])[0])
    assert np.abs(explained.residual).max() < 1e-8


@short([*CLASSIFIERS, *REGRESSORS])
def test_methods_settings_baselines_and_names_pass_through(estimator):
    y = NAMED == "virginica" if estimator in CLASSIFIERS else FLOWERS.target
    found = clone(estimator).fit(FLOWERS.data, y)
    rows, other = FLOWERS.data[:2], FLOWERS.data.iloc[140]
    explained = found.explain(rows, qxai.integrated_gradients, baseline=other)
    assert explained.feature_names == tuple(FLOWERS.data.columns)
    change = explained.output - found.explain(FLOWERS.data.iloc[[140]]).output
    np.testing.assert_allclose(explained.values.sum(axis=1), change, atol=1e-8)
    sampled = functools.partial(qxai.shapley, samples=50, rng=np.random.default_rng(0))
    assert found.explain(rows, sampled).standard_error.shape == (2, 4)


@short([*CLASSIFIERS, *REGRESSORS])
def test_slopes_are_per_raw_unit(estimator):
    y = NAMED == "virginica" if estimator in CLASSIFIERS else FLOWERS.target
    X = FLOWERS.data.to_numpy()
    found = clone(estimator).fit(X, y)
    output = found.decision_function if estimator in CLASSIFIERS else found.predict
    at, step = X.mean(axis=0), 1e-5 * np.eye(4)
    expected = (output(at + step) - output(at - step)) / 2e-5
    slope = found.explain(at[None], qxai.gradient).values[0]
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-7)


@short([*CLASSIFIERS, *REGRESSORS])
def test_names_are_matched_in_their_order(estimator):
    y = NAMED == "setosa" if estimator in CLASSIFIERS else FLOWERS.target
    found = clone(estimator).fit(FLOWERS.data, y)
    turned = FLOWERS.data[FLOWERS.data.columns[::-1]]
    for ask in (found.predict, found.explain):
        with pytest.raises(ValueError, match="must be in the same order"):
            ask(turned)
    found.predict(turned[found.feature_names_in_])  # the remedy
    assert found.n_features_in_ == 4
    assert found.scaler_.feature_names == tuple(FLOWERS.data.columns)


@short([Classifier(epochs=5, random_state=0), KernelClassifier()])
def test_pipelines_searches_and_copies(estimator):
    setting = {"layers": [1, 2]} if isinstance(estimator, Classifier) else {"C": [0.1, 10]}
    search = GridSearchCV(estimator, setting, cv=2).fit(FLOWERS.data, NAMED)
    assert search.best_score_ > 0.8
    X, y = FLOWERS.data.to_numpy(), NAMED
    chain = make_pipeline(StandardScaler(), clone(estimator)).fit(X, y)
    alone = clone(estimator).fit(X, y)
    np.testing.assert_allclose(chain.predict_proba(X), alone.predict_proba(X), atol=1e-8)


def test_the_same_seed_gives_the_same_bits_and_another_others():
    X, y = FLOWERS.data, NAMED
    first, again, other = (
        Classifier(epochs=2, random_state=seed).fit(X, y).predict_proba(X) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


@short([*CLASSIFIERS, *REGRESSORS])
def test_a_row_that_weighs_nothing_is_not_learnt(estimator):
    """Half of the rows have a wrong target; without their weight the rest is learnt."""
    X, _ = far_from_linear(80)
    classifies = estimator in CLASSIFIERS
    right = np.sign(X[:, 0] - 10) if classifies else X[:, 0]
    wrong = -right
    y = np.where(np.arange(80) % 2, right, wrong)
    learnt = clone(estimator).fit(X, y, sample_weight=np.arange(80) % 2)
    assert learnt.score(X, right) > 0.85
    opposite = clone(estimator).fit(X, y, sample_weight=1 - np.arange(80) % 2)
    assert opposite.score(X, wrong) > 0.85


@short([Classifier(epochs=3, random_state=0), Regressor(epochs=3, random_state=0)])
def test_weights_count_relative_to_each_other(estimator):
    y = FLOWERS.target
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y))
    ours = clone(estimator).fit(FLOWERS.data, y, weights)
    theirs = clone(estimator).fit(FLOWERS.data, y, 4 * weights)
    np.testing.assert_allclose(ours.scores_.numbers, theirs.scores_.numbers, atol=1e-9)


def overlaps(A, B, bandwidth):
    """The kernel, from its definition."""
    return np.prod(np.cos(bandwidth * (A[:, None] - B[None]) / 2) ** 2, axis=2)


def test_the_kernel_regressor_solves_the_ridge_problem():
    """Stationarity of ``|y − Kα − b|² + λ αᵀKα``: ``(K + λ) α + b = y`` and ``Σ α = 0``."""
    X, y = far_from_linear(40)
    found = KernelRegressor(alpha=0.7, bandwidth=0.9).fit(X, y)
    angles = found.scaler_.angles(X)
    kernel = overlaps(angles, angles, 0.9)
    system = np.block([[kernel + 0.7 * np.eye(40), np.ones((40, 1))], [np.ones((1, 40)), 0]])
    *dual, offset = np.linalg.solve(system, np.append(y, 0))
    np.testing.assert_allclose(found.predict(X), kernel @ dual + offset, atol=1e-8)
    model = found.model_for()
    np.testing.assert_allclose(model.intercept, offset, atol=1e-8)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_kernel_classifier_solves_the_logistic_problem(classes):
    """Stationarity of the penalised loss: ``α = C (t − p)``, up to what the kernel cannot see."""
    X, _ = far_from_linear(60)
    y = (X[:, 0] > 10).astype(int) + (classes - 2) * (X[:, 1] > -3)
    found = KernelClassifier(C=0.5, bandwidth=0.9).fit(X, y)
    angles = found.scaler_.angles(X)
    kernel = overlaps(angles, angles, 0.9)
    error = np.eye(classes)[y] - found.predict_proba(X)
    share = 1 if classes > 2 else 0.5  # two classes have one score, half for each
    expected = share * 0.5 * kernel @ error
    np.testing.assert_allclose(kernel @ found.scores_.dual.T, expected, atol=0.01)
    assert np.abs(expected).max() > 0.3


def test_nothing_is_printed_and_a_callback_is_told(capsys):
    seen = []
    found = Classifier(epochs=3, random_state=0, validation_fraction=0.2, progress=seen.append)
    found.fit(FLOWERS.data, NAMED)
    assert [(step.done, step.total) for step in seen] == [(1, 3), (2, 3), (3, 3)]
    pairs = zip(found.history_["loss"], found.history_["validation"])
    assert [step.note for step in seen] == [f"loss {a:.4f}, validation {b:.4f}" for a, b in pairs]
    assert capsys.readouterr() == ("", "")


def test_importing_the_library_loads_no_estimator():
    code = "import qxai, sys; print('sklearn' in sys.modules, 'qxai.estimators' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.split() == ["False", "False"], found.stderr
