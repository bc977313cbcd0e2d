"""Bad input to estimators: what is refused, and that the advice works."""

import numpy as np
import pandas as pd
import pytest
import sklearn.decomposition
import sklearn.pipeline
import sklearn.utils
from sklearn.base import clone
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer

import qxai
from qxai.estimators import Classifier, KernelClassifier, KernelRegressor, Regressor
from qxai.estimators import overlaps as kernels

CLASSIFIERS = [Classifier(epochs=2, random_state=0), KernelClassifier()]
REGRESSORS = [Regressor(epochs=2, random_state=0), KernelRegressor()]
ALL = [*CLASSIFIERS, *REGRESSORS]


def each(estimators):
    return pytest.mark.parametrize("estimator", estimators, ids=lambda e: type(e).__name__)


def rows(columns=3, count=40):
    rng = np.random.default_rng(columns)
    X = rng.normal(size=(count, columns))
    return X, (X[:, 0] > 0).astype(int)


@each(CLASSIFIERS)
def test_one_class_is_refused(estimator):
    X, _ = rows()
    with pytest.raises(
        ValueError, match=r"at least two classes, found one class, 4.0; for numbers"
    ):
        estimator.fit(X, np.full(40, 4.0))
    qxai.estimators.Regressor(epochs=1).fit(X, np.full(40, 4.0))


@each(CLASSIFIERS)
def test_numbers_that_are_no_labels_are_refused(estimator):
    X, _ = rows()
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        estimator.fit(X, X[:, 0])


@each(CLASSIFIERS)
def test_a_label_that_was_never_seen_counts_as_wrong(estimator):
    X, y = rows()
    found = clone(estimator).fit(X, y)
    assert found.score(X, np.full(40, 9)) == 0
    assert set(found.predict(X)) <= {0, 1}


@each(ALL)
def test_missing_values_are_refused_and_can_be_filled(estimator):
    X, y = rows()
    holes = X.copy()
    holes[3, 1] = np.nan
    with pytest.raises(ValueError, match="contains NaN") as refusal:
        clone(estimator).fit(holes, y)
    assert "imputer" in str(refusal.value)
    sklearn.pipeline.make_pipeline(SimpleImputer(), clone(estimator)).fit(holes, y).predict(holes)
    table = pd.DataFrame(holes, columns=["a", "b", "c"])
    with pytest.raises(ValueError, match="found a missing value in column 'b', row 3; drop"):
        clone(estimator).fit(table, y)
    filled = table.fillna(table.median(numeric_only=True))
    clone(estimator).fit(filled, y).predict(filled)


@each(ALL)
def test_text_among_numbers_is_refused_by_column_and_row(estimator):
    X, y = rows()
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    found = clone(estimator).fit(table, y)
    holed = table.astype({"b": object})
    holed.loc[5, "b"] = "?"
    for ask in (lambda: clone(estimator).fit(holed, y), lambda: found.predict(holed)):
        with pytest.raises(ValueError, match=r"found '\?'.* in column 'b', row 5"):
            ask()
    cleaned = holed.assign(b=pd.to_numeric(holed["b"], errors="coerce")).fillna({"b": 0})
    clone(estimator).fit(cleaned, y).predict(cleaned)


@each(ALL)
def test_constant_columns_are_refused_and_can_be_dropped(estimator):
    X, y = rows()
    X[:, 1] = 7
    with pytest.raises(ValueError, match="constant column"):
        clone(estimator).fit(X, y)
    sklearn.pipeline.make_pipeline(VarianceThreshold(), clone(estimator)).fit(X, y).predict(X)


@each([Classifier(epochs=1, random_state=0), Regressor(epochs=1, random_state=0)])
def test_too_many_columns_are_refused_and_a_pipeline_combines_them(estimator):
    X, y = rows(17)
    with pytest.raises(ValueError, match=r"expected at most 16 columns, .* found 17") as refusal:
        estimator.fit(X, y)
    advice = str(refusal.value)
    pipeline = advice[advice.index("sklearn.pipeline") :]
    found = eval(pipeline, {"sklearn": sklearn, "estimator": clone(estimator)}).fit(X, y)
    assert found.predict(X).shape == (40,)
    other = KernelClassifier() if isinstance(estimator, Classifier) else KernelRegressor()
    assert f"qxai.{type(other).__name__}" in advice
    assert other.fit(X, y).predict(X).shape == (40,)


@each([KernelClassifier(), KernelRegressor()])
def test_too_many_rows_are_refused_and_some_can_be_chosen(estimator, monkeypatch):
    monkeypatch.setattr(kernels, "MOST", 2500)
    X, y = rows(2, 2501)
    with pytest.raises(ValueError, match=r"expected at most 2500 rows, .* found 2501") as refusal:
        estimator.fit(X, y)
    advice = str(refusal.value)
    call = advice[advice.index("sklearn.utils.resample") : advice.index(", or use")]
    X, y = eval(call, {"sklearn": sklearn, "X": X, "y": y})
    assert estimator.fit(X, y).predict(X).shape == (2000,)


@each([Classifier(epochs=2, random_state=0), Regressor(epochs=2, random_state=0)])
@pytest.mark.parametrize(
    ("change", "message", "remedy"),
    [
        ({"epochs": 0}, "epochs: expected a whole number of at least 1", {"epochs": 1}),
        ({"layers": 1.5}, "layers: expected a whole number", {"layers": 1}),
        ({"batch_size": 0}, "batch_size: expected a whole number", {"batch_size": 1}),
        ({"learning_rate": 0}, "learning_rate: expected a positive", {"learning_rate": 0.1}),
        (
            {"patience": 2},
            "patience: expected rows to validate on, found validation_fraction=0; set "
            "validation_fraction=0.2, or patience=None",
            {"validation_fraction": 0.2},
        ),
        (
            {"validation_fraction": 1.0},
            "validation_fraction: expected a number from 0 to below 1",
            {"validation_fraction": 0.5},
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_settings_out_of_range_are_refused(estimator, change, message, remedy):
    X, y = rows()
    wrong = clone(estimator).set_params(**change)
    with pytest.raises(ValueError, match=message):
        wrong.fit(X, y)
    wrong.set_params(**remedy).fit(X, y).predict(X)


@each(CLASSIFIERS[:1])
def test_a_class_too_small_to_be_held_out_is_refused(estimator):
    X, y = rows()
    y[0] = 2
    wrong = clone(estimator).set_params(validation_fraction=0.2, patience=3)
    with pytest.raises(ValueError, match="set validation_fraction=0 and patience=None"):
        wrong.fit(X, y)
    wrong.set_params(validation_fraction=0, patience=None).fit(X, y).predict(X)


@each([KernelClassifier(), KernelRegressor()])
def test_kernel_settings_are_positive(estimator):
    X, y = rows()
    for name in set(estimator.get_params()):
        with pytest.raises(ValueError, match=f"{name}: expected a positive number, found -1"):
            clone(estimator).set_params(**{name: -1}).fit(X, y)


@each(ALL)
@pytest.mark.parametrize(
    ("weights", "found"),
    [
        (np.ones(39), r"found shape \(39,\)"),
        (-np.ones(40), "found from -1.0 to -1.0"),
        (np.zeros(40), "not all zero, found from 0.0 to 0.0"),
        (["a"] * 40, "found dtype"),
        (np.full(40, np.nan), "found from nan"),
    ],
    ids=["too few", "negative", "zero", "text", "NaN"],
)
def test_weights_of_rows_are_checked(estimator, weights, found):
    X, y = rows()
    with pytest.raises(ValueError, match=f"sample_weight: expected 40 numbers .*{found}"):
        clone(estimator).fit(X, y, sample_weight=weights)


@each(CLASSIFIERS)
def test_a_class_must_be_chosen_of_more_than_two(estimator):
    X, y = rows()
    found = clone(estimator).fit(X, np.array(["low", "mid", "top"])[y + (X[:, 1] > 0)])
    with pytest.raises(
        ValueError, match="one of the classes 'low', 'mid', 'top', found None"
    ) as no:
        found.explain(X[:1])
    advice = str(no.value).rpartition("target=")[2]
    assert found.explain(X[:1], target=eval(advice)).values.shape == (1, 3)
    with pytest.raises(ValueError, match=r"target: expected one of the classes .*, found 'high'"):
        found.model_for("high")
    with pytest.raises(ValueError, match=r"against: expected one of the classes .*, found 3"):
        found.model_for("low", 3)
    with pytest.raises(ValueError, match="against: expected another class than target, found 'l"):
        found.model_for("low", "low")
    with pytest.raises(ValueError, match=r"target: expected one of the classes .*, found None"):
        found.model_for(against="low")


@each(ALL)
def test_a_baseline_for_a_method_without_one_is_refused(estimator):
    X, y = rows()
    found = clone(estimator).fit(X, y)
    with pytest.raises(TypeError, match="baseline: expected None, as gradient has no baseline"):
        found.explain(X[:1], qxai.gradient, baseline=0)
    assert found.explain(X[:1], qxai.gradient).values.shape == (1, 3)
