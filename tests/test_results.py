"""Attributions in files, and in the hands of the package shap."""

import matplotlib as mpl
import numpy as np
import pytest

import qxai
from tests import circuits

mpl.use("Agg")


def explained(samples=None):
    model = circuits.encoding_first(7, qubits=3)
    X = circuits.inputs(7, model, 5)
    rng = np.random.default_rng(0) if samples else None
    return X, qxai.shapley(model, X, samples=samples, rng=rng)


@pytest.mark.parametrize("samples", [None, 6])
def test_what_is_saved_is_loaded(tmp_path, samples):
    _, found = explained(samples)
    path = tmp_path / "one.npz"
    qxai.save(found, path)
    again = qxai.load(path)
    for name in ("values", "output", "baseline_output"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    assert (again.method, again.evaluations, again.shots) == (
        found.method,
        found.evaluations,
        found.shots,
    )
    if samples is None:
        assert again.standard_error is None
    else:
        np.testing.assert_array_equal(again.standard_error, found.standard_error)
    assert [p.name for p in tmp_path.iterdir()] == ["one.npz"]


def test_numpy_alone_reads_the_file(tmp_path):
    _, found = explained()
    qxai.save(found, tmp_path / "one.npz")
    with np.load(tmp_path / "one.npz", allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "fiU" for name in file.files)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    _, found = explained()
    path = tmp_path / "one.npz"
    qxai.save(found, path)
    before = path.read_bytes()

    def broken(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", broken)
    with pytest.raises(OSError, match="disk full"):
        qxai.save(found, path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_damage_is_noticed(tmp_path):
    _, found = explained()
    path = tmp_path / "one.npz"
    qxai.save(found, path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"text", flipped(whole)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"path: expected a file written by qxai.save"):
            qxai.load(path)
    np.savez(path, values=np.zeros(3))
    with pytest.raises(ValueError, match="found no baseline_output, counts"):
        qxai.load(path)
    with pytest.raises(ValueError, match=r"name that ends in \.npz"):
        qxai.save(found, tmp_path / "one.pkl")
    with pytest.raises(FileNotFoundError):
        qxai.load(tmp_path / "none.npz")


def flipped(content):
    middle = content.index(b"values.npy") + 60
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


def test_shap_draws_our_values():
    import shap
    from matplotlib import pyplot as plt

    X, found = explained()
    explanation = found.to_shap(X, ["a", "b", "c"])
    np.testing.assert_array_equal(explanation.values, found.values)
    np.testing.assert_array_equal(explanation.base_values, found.baseline_output)
    shap.plots.waterfall(explanation[0], show=False)
    texts = {t.get_text() for axis in plt.gcf().axes for t in axis.get_yticklabels()}
    assert any("a" in text for text in texts)
    plt.close("all")
    for plot in (shap.plots.bar, shap.plots.beeswarm, shap.plots.heatmap):
        plot(explanation, show=False)
        assert plt.gcf().axes
        plt.close("all")


def test_shap_is_told_only_what_fits():
    X, found = explained()
    with pytest.raises(ValueError, match="X: expected 5 rows, found 2"):
        found.to_shap(X[:2])
    with pytest.raises(ValueError, match="feature_names: expected 3 names, found 1"):
        found.to_shap(X, ["a"])


def test_a_method_without_a_baseline_is_drawn_from_zero():
    model = circuits.encoding_first(3, qubits=2)
    found = qxai.gradient(model, circuits.inputs(3, model, 2))
    assert np.isnan(found.baseline_output).all()
    np.testing.assert_array_equal(found.to_shap().base_values, 0.0)
