"""What an estimator reports is what it explains."""

import numpy as np
import pandas
import pytest

import qxai
from tests.pages import Page
from tests.reports import BOTH, FAR, HOSTILE


def test_hostile_columns_and_labels_of_an_estimator_are_texts(tmp_path):
    rows = pandas.DataFrame(FAR[:, :2], columns=HOSTILE[:2])
    rows["kind"] = np.where(FAR[:, 2] > 0, HOSTILE[0], "plain")
    labels = np.where(FAR[:, 0] > 0, HOSTILE[1], "no")
    model = qxai.Classifier(layers=1, epochs=1, random_state=0).fit(rows, labels)
    path = tmp_path / "report.html"
    model.report(rows[:12], path, target=HOSTILE[1], against="no")
    page = Page(path.read_text(encoding="utf-8"))
    assert set(page.column("Mean size", "Shapley")) == {*HOSTILE[:2], "kind"}
    assert page.column("Input 1", "input")["kind"] == rows["kind"][0]
    assert page.facts["model"].startswith(f"Classifier, score of {HOSTILE[1]} less that of no")
    assert not {tag for tag, _ in page.tags} & {"script", "img"}


def test_an_estimator_reports_in_raw_columns_and_names_the_class(tmp_path):
    table = pandas.DataFrame(100 + 10 * FAR, columns=list("abcd"))
    labels = np.where(FAR[:, 0] > 0, "up", "down")
    model = qxai.Classifier(layers=1, epochs=2, random_state=0).fit(table, labels)
    path = tmp_path / "report.html"
    model.report(table, path, {"Shapley": qxai.shapley}, target="down", against="up")
    text, found = (
        path.read_text(encoding="utf-8"),
        model.explain(table, target="down", against="up"),
    )
    page = Page(text)
    assert "<h1>Why down, and not up?</h1>" in text
    assert page.facts["baseline"] == "the mean of the training rows"
    sizes = dict(zip(found.names, np.abs(found.values).mean(axis=0)))
    assert page.column("Mean size", "Shapley") == pytest.approx(sizes, abs=5e-3)
    assert page.column("Input 1", "input")["b"] == pytest.approx(table["b"][0], abs=0.06)
    assert model.report(table, path, {"Shapley": qxai.shapley}) is not None
    assert "<h1>Why up, and not down?</h1>" in path.read_text()


@pytest.mark.parametrize("kind", [qxai.Regressor, qxai.KernelRegressor])
def test_a_regressor_reports_as_it_explains(tmp_path, kind):
    settings = {"epochs": 2, "random_state": 0} if kind is qxai.Regressor else {}
    model = kind(**settings).fit(FAR[:, :3], FAR[:, 0])
    path = tmp_path / "report.html"
    model.report(FAR[:15, :3], path, BOTH)
    page = Page(path.read_text(encoding="utf-8"))
    means = np.abs(model.explain(FAR[:15, :3]).values).mean(axis=0)
    assert list(page.column("Mean size", "Shapley").values()) == pytest.approx(
        sorted(means, reverse=True), abs=5e-3
    )
    assert page.facts["model"].startswith(kind.__name__)


@pytest.mark.parametrize("kind", [qxai.Classifier, qxai.KernelClassifier])
def test_categories_are_columns_of_a_report_as_of_an_explanation(tmp_path, kind):
    rows = pandas.DataFrame(FAR[:, :2], columns=["a", "b"])
    rows["kind"] = np.array(["red", "green", "blue", "red"] * 10)
    labels = (FAR[:, 0] > 0) ^ (rows["kind"] == "red").to_numpy()
    settings = {"layers": 1, "epochs": 3, "random_state": 0} if kind is qxai.Classifier else {}
    model = kind(**settings).fit(rows, labels)
    path = tmp_path / "report.html"
    model.report(rows[:12], path, target=True)
    page = Page(path.read_text(encoding="utf-8"))
    for name, method in BOTH.items():
        found = model.explain(rows[:12], method, target=True)
        sizes = dict(zip(found.names, np.abs(found.values).mean(axis=0)))
        assert page.column("Mean size", name) == pytest.approx(sizes, abs=5e-3)
    assert page.column("Input 2", "input")["kind"] == "green"
    assert page.facts["baseline"] == "40 of the training rows"
    assert page.facts["another baseline"] == "one usual row"
    assert page.column("Residuals", "adds up")["Shapley"] == "yes"
    assert "|x − baseline|" not in page.column("12 inputs judged", "deletion")
    assert (
        "randomised"
        in dict.fromkeys(
            next(rows for text, rows in page.tables.items() if text.startswith("12 inputs"))[0]
        )
    ) == (kind is qxai.Classifier)


def test_methods_without_groups_are_refused_where_columns_hold_categories(tmp_path):
    rows = pandas.DataFrame({"a": FAR[:, 0], "kind": ["red", "blue"] * 20})
    model = qxai.KernelClassifier().fit(rows, FAR[:, 0] > 0)
    path = tmp_path / "report.html"
    with pytest.raises(TypeError, match=r"use qxai\.shapley or qxai\.occlusion"):
        model.report(rows, path, {"gradient": qxai.gradient})
    with pytest.raises(TypeError, match="methods: expected a mapping"):
        model.report(rows, path, [qxai.shapley])
    assert isinstance(model.report(rows, path, {"Shapley": qxai.shapley}), list)
