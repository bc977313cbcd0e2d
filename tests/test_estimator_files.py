"""Trained estimators as files: the same predictions, and nothing damaged is read."""

import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError

from qxai.estimators import (
    Classifier,
    KernelClassifier,
    KernelRegressor,
    Regressor,
    load_estimator,
    loading,
)

FLOWERS = load_iris(as_frame=True)
NAMED = FLOWERS.target_names[FLOWERS.target]
CLASSIFIERS = [
    Classifier(epochs=2, random_state=0, validation_fraction=0.2, patience=1),
    KernelClassifier(C=np.float64(3)),
]
ALL = [*CLASSIFIERS, Regressor(epochs=2, random_state=0), KernelRegressor(bandwidth=0.7)]
every = pytest.mark.parametrize("estimator", ALL, ids=lambda e: type(e).__name__)


def trained(estimator):
    return clone(estimator).fit(FLOWERS.data, NAMED if estimator in CLASSIFIERS else FLOWERS.target)


@every
def test_what_is_read_predicts_the_same_bits(estimator, tmp_path):
    ours = trained(estimator)
    ours.save(tmp_path / "model.json")
    again = load_estimator(str(tmp_path / "model.json"))
    assert type(again) is type(ours)
    assert again.get_params() == ours.get_params()
    np.testing.assert_array_equal(again.predict(FLOWERS.data), ours.predict(FLOWERS.data))
    angles = ours.scaler_.angles(FLOWERS.data.to_numpy())
    np.testing.assert_array_equal(again.scores_.values(angles), ours.scores_.values(angles))
    assert again.feature_names_in_.tolist() == list(FLOWERS.data.columns)
    if estimator in CLASSIFIERS:
        row = FLOWERS.data[:1]
        first, second = (e.explain(row, target="setosa").values for e in (ours, again))
        np.testing.assert_array_equal(first, second)
        assert again.classes_.dtype == ours.classes_.dtype
    if isinstance(ours, Classifier | Regressor):
        for name, losses in ours.history_.items():
            np.testing.assert_array_equal(again.history_[name], losses)
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]
    again.save(tmp_path / "model.json")  # replaces what was there
    assert load_estimator(tmp_path / "model.json").n_features_in_ == 4


@pytest.mark.parametrize(
    "labels",
    [
        np.array([False, True]),
        np.array([3, 7], dtype=np.uint8),
        np.array([0.0, 2.0]),
        np.array(["yes", "no"], dtype=object),
        np.array(["no", "yes"]),
    ],
    ids=lambda labels: str(labels.dtype),
)
def test_labels_of_every_kind_come_back(labels, tmp_path):
    X = FLOWERS.data.to_numpy()[:100]
    ours = KernelClassifier().fit(X, labels[np.arange(100) // 50])
    ours.save(tmp_path / "model.json")
    again = load_estimator(tmp_path / "model.json")
    assert again.classes_.dtype == ours.classes_.dtype
    np.testing.assert_array_equal(again.predict(X), ours.predict(X))
    assert not hasattr(again, "feature_names_in_")


def test_callbacks_and_generators_stay_behind(tmp_path):
    def tell(step):
        pass

    ours = Classifier(epochs=1, random_state=np.random.RandomState(0), progress=tell)
    ours.fit(FLOWERS.data, NAMED).save(tmp_path / "model.json")
    again = load_estimator(tmp_path / "model.json")
    assert (again.progress, again.random_state) == (None, None)
    np.testing.assert_array_equal(again.predict(FLOWERS.data), ours.predict(FLOWERS.data))


@every
def test_a_file_that_was_cut_off_is_refused(estimator, tmp_path):
    path = tmp_path / "model.json"
    trained(estimator).save(path)
    content = path.read_bytes()
    for length in [0, 1, len(content) // 3, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="path: expected a file written by save"):
            load_estimator(path)


def changed(record, keys, value):
    """The record with one entry of it exchanged or, for `del`, gone."""
    *inside, last = keys
    place = record
    for key in inside:
        place = place[key]
    if value is del_:
        del place[last]
    else:
        place[last] = value
    return record


del_ = object()
DAMAGE = [
    (["format"], 99),
    (["kind"], "Pipeline"),
    (["kind"], "Regressor"),
    (["columns"], 3),
    (["columns"], True),
    (["columns"], 10**9),
    (["settings", "layers"], 10**9),
    (["settings", "layers"], "2"),
    (["settings", "callback"], "os.system"),
    (["settings", "epochs"], del_),
    (["settings", "epochs"], []),
    (["settings", "learning_rate"], -1.0),
    (["settings", "patience"], 0),
    (["names"], ["a", "b", "c", "d"]),
    (["scaler", "mean"], [0, 1]),
    (["scaler", "deviation", 0], -1.0),
    (["scaler", "mean", 0], float("nan")),
    (["scaler", "feature_names"], [1, 2, 3, 4]),
    (["baseline"], [[0, 1, 2, 3]]),
    (["baseline", 1], "one"),
    (["names"], ["a", "b"]),
    (["history", "loss"], "abc"),
    (["classes", "labels"], ["a", "a", "b"]),
    (["classes", "labels"], ["a", "b"]),
    (["classes", "dtype"], "i8"),
    (["classes", "dtype"], "V8"),
    (["classes"], None),
    (["scores", "weights", 0], [1.0]),
    (["scores", "offsets"], [1.0, 2.0]),
    (["scores", "parameters", 0], None),
    (["scores", "parameters"], []),
    (["scores"], del_),
]


@pytest.mark.parametrize(("keys", "value"), DAMAGE, ids=[f"{k}={str(v)[:12]}" for k, v in DAMAGE])
def test_a_file_that_was_changed_is_refused(keys, value, tmp_path):
    path = tmp_path / "model.json"
    trained(CLASSIFIERS[0]).save(path)
    path.write_text(json.dumps(changed(json.loads(path.read_text()), keys, value)))
    with pytest.raises(ValueError, match="path: expected a file written by save"):
        load_estimator(path)


@pytest.mark.parametrize("content", [b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"{}", b"1e999"])
def test_another_file_is_refused(content, tmp_path):
    (tmp_path / "model.json").write_bytes(content)
    with pytest.raises(ValueError, match="path: expected a file written by save"):
        load_estimator(tmp_path / "model.json")


def test_a_file_that_is_too_large_a_folder_or_not_there_is_refused(tmp_path, monkeypatch):
    trained(CLASSIFIERS[0]).save(tmp_path / "model.json")
    monkeypatch.setattr(loading, "LIMIT", 100)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        load_estimator(tmp_path / "model.json")
    with pytest.raises(ValueError, match="a folder"):
        load_estimator(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_estimator(tmp_path / "nothing.json")


def test_what_cannot_be_saved_is_refused(tmp_path):
    ours = trained(CLASSIFIERS[1])
    with pytest.raises(ValueError, match=r"expected a name that ends in .json, found 'model.pkl'"):
        ours.save(tmp_path / "model.pkl")
    with pytest.raises(NotFittedError):
        Classifier().save(tmp_path / "model.json")
    ours.classes_ = np.array([(1,), "b", None], dtype=object)
    with pytest.raises(ValueError, match="classes_: expected labels of numbers or text"):
        ours.save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "value"), [("C", []), ("C", -1.0), ("bandwidth", "wide")])
def test_settings_of_a_kernel_are_checked(name, value, tmp_path):
    path = tmp_path / "model.json"
    KernelClassifier().fit(FLOWERS.data, NAMED).save(path)
    record = json.loads(path.read_text())
    record["settings"][name] = value
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=f"path: expected a file .* {name}: expected a positive"):
        load_estimator(path)
