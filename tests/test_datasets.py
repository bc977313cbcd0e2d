import hashlib
import io
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from qxai import datasets
from qxai.models.ansatz import layered_classifier, restored
from tests.advice import outcomes
from tests.project import ROOT, module

PARAMETERS = "breast_cancer_pqc.json"


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """A copy of data/ that a test may damage."""
    copy = shutil.copytree(datasets.data_directory(), tmp_path / "data")
    monkeypatch.setenv("QXAI_DATA", str(copy))
    return copy


def test_the_data_are_those_of_the_datasheet():
    data = datasets.breast_cancer()
    assert data.X.shape == (569, 8)
    assert len(data.feature_names) == 8
    assert (data.y == 1).sum() == 212
    assert (data.y == -1).sum() == 357
    # First patient of the source: radius 17.99, malignant.
    assert data.X[0, 0] == 17.99
    assert data.y[0] == 1


def test_splits_partition_the_rows():
    data = datasets.breast_cancer()
    tests = [test for _, test in datasets.splits(data)]
    np.testing.assert_array_equal(np.sort(np.concatenate(tests)), np.arange(569))
    for train, test in datasets.splits(data):
        assert not set(train) & set(test)


def test_angles_put_the_mean_in_the_middle_and_clip_at_two_deviations():
    X = np.random.default_rng(0).normal(3, 2, (500, 2))
    scaler = datasets.AngleScaler.fitted(X)
    at = np.stack([scaler.mean + k * scaler.deviation for k in (-9, -2, 0, 1, 2, 9)])
    expected = np.array([0, 0, 0.5, 0.75, 1, 1]) * np.pi
    np.testing.assert_allclose(scaler.angles(at), np.stack([expected] * 2, axis=1), atol=1e-12)


def test_constant_features_are_refused():
    with pytest.raises(ValueError, match=r"found the constant column 1; .*numpy.delete"):
        datasets.AngleScaler.fitted(np.array([[1.0, 0.1], [3.0, 0.1], [4.0, 0.1]]))
    with pytest.raises(ValueError, match="X: expected at least two rows, found 0"):
        datasets.AngleScaler.fitted(np.zeros((0, 2)))


def test_an_offset_moves_one_feature_of_some_rows():
    data = datasets.breast_cancer()
    moved = datasets.with_offset(data, "symmetry", data.y > 0, 2.0)
    column = data.feature_names.index("symmetry")
    difference = (moved.X - data.X) / data.X[:, column].std()
    assert not np.delete(difference, column, axis=1).any()
    np.testing.assert_allclose(difference[:, column], 2.0 * (data.y > 0), atol=1e-12)
    with pytest.raises(ValueError, match=r"feature: expected one of radius, .*, found 'colour'"):
        datasets.with_offset(data, "colour", data.y > 0, 2.0)


def test_a_wrong_checksum_is_refused_by_name(scratch):
    path = scratch / PARAMETERS
    path.write_bytes(path.read_bytes().replace(b"0.1", b"0.2", 1))
    with pytest.raises(ValueError, match=f"{PARAMETERS}: expected sha256 .*make data"):
        datasets.read_parameters(PARAMETERS)


def test_a_file_without_checksum_is_refused(scratch):
    (scratch / "other.json").write_text("{}")
    with pytest.raises(ValueError, match=r"other\.json: expected sha256 recorded in SHA256SUMS"):
        datasets.read_data("other.json")


def test_a_missing_directory_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("QXAI_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="set QXAI_DATA"):
        datasets.read_data(PARAMETERS)


def test_what_is_written_can_be_read_and_is_recorded_as_sha256sum_does(scratch):
    datasets.write_data("new.txt", b"one")
    datasets.write_data("new.txt", b"two")
    assert datasets.read_data("new.txt") == b"two"
    recorded = (scratch / "SHA256SUMS").read_text()
    assert f"{hashlib.sha256(b'two').hexdigest()}  new.txt\n" in recorded
    assert recorded.count("new.txt") == 1


def test_an_interruption_while_writing_leaves_nothing_that_is_trusted(scratch, monkeypatch):
    """Killed before the rename, the old file stays; killed after it, the new one is refused."""
    before = datasets.read_data(PARAMETERS)
    real, calls = os.replace, []

    def killed_after(count):
        def replace(source, target):
            if len(calls) == count:
                raise KeyboardInterrupt
            calls.append(target)
            real(source, target)

        return replace

    monkeypatch.setattr(os, "replace", killed_after(0))
    with pytest.raises(KeyboardInterrupt):
        datasets.write_data(PARAMETERS, b"half")
    assert datasets.read_data(PARAMETERS) == before
    monkeypatch.setattr(os, "replace", killed_after(1))
    with pytest.raises(KeyboardInterrupt):
        datasets.write_data(PARAMETERS, b"half")
    with pytest.raises(ValueError, match="expected sha256"):
        datasets.read_data(PARAMETERS)


def accuracies():
    """Test accuracy of the stored circuits and of logistic regression, one row a split."""
    data = datasets.breast_cancer()
    stored = datasets.read_parameters(PARAMETERS)["plain"]
    untrained = layered_classifier(8, 2, np.random.default_rng(0))
    rows = []
    for parameters, (train, test) in zip(stored, datasets.splits(data)):
        angles = datasets.AngleScaler.fitted(data.X[train]).angles(data.X)
        outputs = restored(untrained, parameters)(angles[test])
        peer = LogisticRegression().fit(angles[train], data.y[train])
        rows.append(
            [np.mean(np.sign(outputs) == data.y[test]), peer.score(angles[test], data.y[test])]
        )
    return np.array(rows)


def test_the_stored_circuits_classify_as_well_as_logistic_regression():
    circuit, peer = accuracies().mean(axis=0)
    assert circuit >= 0.92
    assert abs(circuit - peer) <= 0.03


def test_a_column_that_varies_a_little_about_a_large_mean_is_no_constant():
    """Seconds since 1970, a tenth of a millisecond apart: a thousand roundings."""
    times = 1.7e9 + np.array([[0.0], [1e-4], [2e-4]])
    scaler = datasets.AngleScaler.fitted(times)
    assert np.ptp(scaler.angles(times)) > 1
    with pytest.raises(ValueError, match="constant column 0"):
        datasets.AngleScaler.fitted(np.full((5, 1), 1.7e9 + 0.1))


# Three classes, names, and tables as people have them.


def raw(name):
    return pd.read_csv(io.BytesIO(datasets.read_data(name)))


@pytest.mark.parametrize(
    ("three", "two", "one"),
    [
        (datasets.iris_species, datasets.iris, "virginica"),
        (datasets.wine_cultivars, datasets.wine, "cultivar 2"),
    ],
)
def test_three_classes_are_those_that_two_were_made_of(three, two, one):
    """Rows of two classes are among those of three, with the same measurements and names."""
    whole, part = three(), two()
    assert whole.feature_names == part.feature_names
    rows = np.isin(whole.labels, part.labels) | (len(whole.X) == len(part.X))
    np.testing.assert_array_equal(whole.X[rows], part.X)
    np.testing.assert_array_equal(whole.labels[rows] == one, part.labels == one)
    assert (part.labels == one).sum() == (part.y > 0).sum()
    assert sorted(set(whole.y)) == [0, 1, 2]


def test_three_classes_are_split_in_equal_shares():
    data = datasets.iris_species()
    for train, test in datasets.splits(data):
        assert np.bincount(data.y[test]).tolist() == [10, 10, 10]
        assert np.bincount(data.y[train]).tolist() == [40, 40, 40]


def test_a_dataset_becomes_a_table_with_names():
    data = datasets.iris()
    table = data.to_frame()
    assert list(table.columns) == [*data.feature_names, "label"]
    np.testing.assert_array_equal(table[list(data.feature_names)].to_numpy(), data.X)
    assert ((table.label == "virginica") == (data.y > 0)).all()


def test_datasets_and_tasks_say_in_a_line_what_they_are():
    assert repr(datasets.iris()) == "<Dataset: 100 rows, 4 features, versicolor / virginica>"
    assert repr(datasets.digits()) == "<Dataset: 357 rows, 9 features, three / eight>"
    rng = np.random.default_rng(0)
    assert repr(datasets.interaction(5, 30, rng, order=2)) == (
        "<Task: interaction, 30 rows, 5 features, 2 relevant for the first row>"
    )


def test_the_raw_table_of_iris_is_the_dataset():
    table, data = raw("iris.csv"), datasets.iris_species()
    assert list(table.columns) == [*data.feature_names, "species"]
    np.testing.assert_array_equal(table[list(data.feature_names)].to_numpy(), data.X)
    np.testing.assert_array_equal(table.species, data.labels)


def test_raw_tables_are_those_that_their_tool_writes():
    tool = module(ROOT / "tools" / "make_tables.py")
    assert tool.iris() == datasets.read_data("iris.csv")
    assert tool.messy(np.random.default_rng(0)) == datasets.read_data("messy.csv")


def test_following_the_advice_turns_the_messy_table_into_angles():
    """Each fault is found by name; whichever advice is followed, the end is a scaler."""
    table = raw("messy.csv").drop(columns=["disease"])
    fit = datasets.TableScaler.fitted
    faults = [r"a missing value in column 'chol', row 6", r"'\?' among numbers in column 'vessels'"]
    for fault, rest in zip(faults, (table, table.dropna(subset=["chol"]))):
        with pytest.raises(ValueError, match=fault):
            fit(rest)
    for scaler in outcomes(fit, table):
        assert scaler.columns == ("age", "sex", "pain", "chol", "vessels")
        assert scaler.feature_names[2:5] == ("pain=little", "pain=much", "pain=some")
