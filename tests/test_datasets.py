import hashlib
import os
import shutil

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from qxai import datasets
from qxai.models.ansatz import layered_classifier, restored

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
    with pytest.raises(ValueError, match="found the constant column 1; .*numpy.delete"):
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
