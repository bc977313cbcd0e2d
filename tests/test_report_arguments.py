"""What a report and a page are given: refused by name before anything is computed."""

import os
import re

import numpy as np
import pandas
import pytest

import qxai
from tests.reports import BOTH, FAR, LINEAR, trained


def untouched(X):
    raise AssertionError("computed before the arguments were checked")


UNTOUCHED = qxai.Function(untouched, num_features=2)
X2 = FAR[:, :2]


def refused(error, match, **settings):
    with pytest.raises(error, match=match):
        qxai.report(**({"model": UNTOUCHED, "X": X2, "methods": BOTH} | settings))


def advised(caught, before="write "):
    """The Python text at the end of an error's advice."""
    return str(caught.value).rsplit(before, 1)[1]


@pytest.mark.parametrize("path", [None, [], BOTH, 3, b"r.html"])
def test_a_path_that_is_no_name_is_refused(path, tmp_path, monkeypatch):
    refused(TypeError, "^path: expected the name of a file, found .*path='report.html'", path=path)
    with pytest.raises(TypeError, match=r"^path: expected the name of a file"):
        qxai.write_page(path, "t", ["text"])
    monkeypatch.chdir(tmp_path)
    qxai.write_page("report.html", "t", ["text"])
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize("name", ["a\0.html", "a" * 300 + ".html"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    match = "^path: expected a name that a file can have, found 'a"
    refused(ValueError, match, path=tmp_path / name)


def test_a_folder_that_is_missing_is_made_as_advised(tmp_path):
    path = tmp_path / "none" / "r.html"
    refused(FileNotFoundError, "^path: expected a file in a folder that is there", path=path)
    with pytest.raises(FileNotFoundError) as caught:
        qxai.write_page(path, "t", ["text"])
    eval(advised(caught, "make it, "), {"os": os})
    qxai.write_page(path, "t", ["text"])
    assert path.exists()


@pytest.mark.parametrize("name", ["folder", "folder.html"])
def test_a_folder_is_no_file(tmp_path, name):
    (tmp_path / name).mkdir()
    refused(IsADirectoryError, "^path: .*found the folder", path=tmp_path / name)
    with pytest.raises(IsADirectoryError) as caught:
        qxai.write_page(tmp_path / name, "t", ["text"])
    qxai.write_page(eval(advised(caught)), "t", ["text"])
    assert os.listdir(tmp_path / name) == ["report.html"]


def test_a_folder_that_takes_no_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    refused(PermissionError, "^path: .*that files can be written to", path=tmp_path / "r.html")


@pytest.mark.parametrize("name", ["feature", "method", "input", "baseline", "±", "", " "])
def test_a_method_is_not_called_as_a_column_of_the_tables(tmp_path, name):
    methods = {name: qxai.shapley}
    refused(ValueError, f"^methods: .*found {name!r}", methods=methods, path=tmp_path / "r.html")
    with pytest.raises(ValueError, match=r"^methods: ") as caught:
        qxai.report(LINEAR, FAR, methods, path=tmp_path / "r.html")
    better = re.findall(r"'([^']*)'", str(caught.value))[-1]
    qxai.report(LINEAR, FAR, {better: qxai.shapley}, path=tmp_path / "r.html")


def test_what_is_of_another_kind_is_refused_by_name(tmp_path):
    path = tmp_path / "r.html"
    for error, match, settings in (
        (TypeError, "^methods: expected texts as names, found 1; write '1'", {"methods": {1: len}}),
        (TypeError, "^methods: expected a mapping", {"methods": {"a": 1}}),
        (TypeError, "^description: expected a text, found 5; write '5'", {"description": 5}),
        (TypeError, "^feature_names: expected a list of 2 names, found 5", {"feature_names": 5}),
        (TypeError, r"^randomised: expected a list .*\[model\]", {"randomised": UNTOUCHED}),
        (TypeError, "^randomised: ", {"randomised": [3]}),
        (ValueError, "^randomised: .*2 features, found 4 at", {"randomised": [LINEAR]}),
    ):
        refused(error, match, path=path, **settings)
    model = trained()
    settings = {"methods": {"1": qxai.shapley}, "description": "5", "randomised": [model]}
    qxai.report(model, FAR[:, :3], path=path, feature_names=["u", "v", "w"], **settings)
    assert "<dd>5</dd>" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("parts", ["hello world", None, 3, pandas.DataFrame({"a": [1]})])
def test_parts_are_a_list(tmp_path, parts):
    with pytest.raises(TypeError, match=r"^parts: expected a list .*; put it into one, \[part\]"):
        qxai.write_page(tmp_path / "w.html", "t", parts)
    qxai.write_page(tmp_path / "w.html", "t", ["hello world"])
    assert "<p>hello world</p>" in (tmp_path / "w.html").read_text()


@pytest.mark.parametrize(
    "given", ["x", [1, 2, 3], [np.nan, 1], {"a": 1}, qxai.Background([[1.0, 2, 3]])]
)
def test_errors_of_another_baseline_name_it(tmp_path, given):
    path = tmp_path / "r.html"
    refused((TypeError, ValueError), "^other_baseline: expected", path=path, other_baseline=given)
    refused((TypeError, ValueError), "^baseline: expected", path=path, baseline=given)


def test_the_advice_on_another_baseline_names_it(tmp_path):
    path, sample = tmp_path / "r.html", FAR[:5]
    match = r"is other_baseline=qxai\.Background\(sample\)"
    refused(ValueError, match, model=LINEAR, X=FAR, other_baseline=sample, path=path)
    qxai.report(LINEAR, FAR, BOTH, other_baseline=qxai.Background(sample), path=path)


def test_errors_of_baselines_with_categories_name_them(tmp_path):
    rows = pandas.DataFrame({"a": FAR[:, 0], "kind": ["red", "blue"] * 20})
    model = qxai.KernelClassifier().fit(rows, FAR[:, 0] > 0)
    path = tmp_path / "r.html"
    green = rows[:4].assign(kind=["green", "red", "blue", "red"])
    for name in ("baseline", "other_baseline"):
        for given in (0.0, green, rows[["a"]][:3], rows[:0]):
            with pytest.raises((TypeError, ValueError), match=f"^{name}: expected") as caught:
                model.report(rows[:12], path, **{name: given})
            if given is green:
                advice = re.search(r"known ones, (.*\]), or", str(caught.value))[1]
                assert len(eval(advice, {name: green})) == 3
    assert not path.exists()
    model.report(rows[:12], path, other_baseline=green[1:])


def test_an_estimator_checks_path_and_methods_first(tmp_path):
    model = qxai.KernelRegressor().fit(X2, FAR[:, 0])
    with pytest.raises(TypeError, match=r"^path: expected the name of a file"):
        model.report(X2, BOTH)
    with pytest.raises(ValueError, match=r"^methods: .*found 'feature'"):
        model.report(X2, tmp_path / "r.html", {"feature": qxai.shapley})
