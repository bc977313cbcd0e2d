"""What the browser is told, and what is refused before it is."""

import json
import re

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai import examples, widgets
from qxai.widgets.explorer import PARTS, module

WAVES = np.random.default_rng(0).normal(size=(3, 5))
MODEL = qxai.TrigPolynomial(WAVES, [[1], [1, 2]])
X = [[0.4, 1.1], [2.0, 0.3]]


def told(page):
    """The record that a page carries, read as a browser does."""
    text = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1]
    return json.loads(text)


def test_a_page_carries_the_polynomial_digit_by_digit():
    record = told(widgets.explore(MODEL, X).to_html())
    found = record["models"][0]["polynomial"]
    np.testing.assert_array_equal(np.reshape(found["coefficients"], found["shape"]), WAVES)
    assert found["frequencies"] == [[1.0], [1.0, 2.0]]
    assert record["inputs"] == X
    np.testing.assert_allclose(record["baseline"], np.mean(X, axis=0))
    assert (record["low"], record["high"]) == ([0, 0], [np.pi, np.pi])


def test_a_trained_circuit_brings_its_names_units_and_offset():
    tumours = examples.tumours("shortcut")
    offset = widgets.Offset("symmetry", slope=0.2, low=0, high=6)
    found = widgets.explore(
        {"one": tumours.model, "two": examples.tumours().model},
        tumours.X[:3],
        tumours.feature_names,
        baseline=np.pi / 2,
        scaler=tumours.scaler,
        offset=offset,
        classes=("benign", "malignant"),
    )
    record = told(found.to_html())
    assert [one["name"] for one in record["models"]] == ["one", "two"]
    assert record["names"][record["shift"]["feature"]] == "symmetry"
    assert record["classes"] == {"below": "benign", "above": "malignant"}
    raw = np.array(record["models"][1]["raw"]["mean"])  # an angle of π/2 is the mean
    np.testing.assert_allclose(tumours.scaler.raw([[np.pi / 2] * 8])[0], raw)
    np.testing.assert_array_equal(found.x, tumours.X[0])
    np.testing.assert_array_equal(found.baseline, np.full(8, np.pi / 2))


def test_hostile_words_stay_words():
    name = "</script><script>alert(1)</script>"
    page = widgets.explore({name: MODEL}, X, [name, "<b>&"], title=name, what=name).to_html()
    assert page.count("</script>") == 2  # the record's end, and the module's
    record = told(page)
    assert record["names"] == [name, "<b>&"]
    assert record["models"][0]["name"] == name


def test_the_module_is_one_without_imports_that_are_left():
    text = module()
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
    assert "</script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    names = re.findall(r"^(?:const|let|class|function) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 30  # parts share one scope
    assert len(PARTS) == 7


def test_the_same_model_gives_the_same_page():
    assert widgets.explore(MODEL, X).to_html() == widgets.explore(MODEL, X).to_html()
    assert repr(widgets.explore(MODEL, X)) == "<Explorer: 1 model, 2 features, 2 inputs>"


def test_without_a_kernel_a_notebook_gets_the_page_alone():
    shown = widgets.explore(MODEL, X)._repr_mimebundle_(include=None, exclude=None)
    assert set(shown) == {"text/plain", "text/html"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": ["a"]}, "names: expected 2, found 1"),
        ({"labels": ["a"]}, "labels: expected 2, found 1"),
        ({"baseline": [0, 1, 2]}, r"baseline: expected a scalar, shape \(2,\)"),
        ({"baseline": np.nan}, "baseline: expected finite numbers"),
        ({"threshold": np.nan}, "threshold: expected a finite number, found nan"),
        ({"threshold": np.inf}, "threshold: expected a finite number, found inf"),
        ({"classes": ("a",)}, "classes: expected 2, found 1"),
        ({"classes": ("a", "b", "c")}, "classes: expected 2, found 3"),
        ({"offset": widgets.Offset(0, np.nan, 0, 1)}, "offset.slope: expected a finite number"),
        ({"offset": widgets.Offset(0, 1, 0, np.inf)}, "offset.high: expected a finite number"),
        ({"offset": widgets.Offset(0, 1, 5, 1)}, "offset: expected low <= start <= high"),
        ({"offset": widgets.Offset(0, 1, 0, 1, start=9)}, "offset: expected low <= start <= high"),
        ({"offset": widgets.Offset(0, 0, 0, 1)}, "a slope that is not 0"),
        ({"offset": widgets.Offset(True, 1, 0, 1)}, "offset: expected a feature among x0, x1"),
        ({"ranges": [0, 1]}, "ranges: expected pairs that rise and hold all inputs"),
        ({"ranges": [[0, 9], [9, 0]]}, "ranges: expected pairs that rise"),
        ({"ranges": [1, 2, 3]}, "ranges: expected a pair of numbers, or 2 of them"),
        ({"dial": "no"}, "dial: expected 'point' or 'depolarised', found 'no'"),
        ({"scaler": "no"}, "scaler: expected an AngleScaler of 2 features, found str; leave it"),
        ({"scaler": {"other": None}}, "scaler: expected one for each model, , found other"),
        ({"offset": widgets.Offset("z", 1, 0, 1)}, "offset: expected a feature among x0, x1"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        widgets.explore(MODEL, X, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": "ab"}, "names: expected a sequence of 2 texts, found 'ab'"),
        ({"labels": 3}, "labels: expected a sequence of 2 texts, found 3"),
        ({"classes": "no"}, "classes: expected a sequence of 2 texts, found 'no'"),
        ({"offset": (0, 1, 0, 1)}, r"offset: expected a widgets.Offset, found \(0, 1, 0, 1\)"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(arguments, message):
    with pytest.raises(TypeError, match=message):
        widgets.explore(MODEL, X, **arguments)


def test_arrays_and_tables_name_features_labels_and_classes():
    pandas = pytest.importorskip("pandas")
    found = widgets.explore(
        MODEL,
        X,
        pandas.Index(["a", "b"]),
        labels=pandas.Series(["first", "second"]),
        classes=np.unique([0, 1]),
        offset=widgets.Offset(np.int64(1), np.float32(0.5), 0, np.int64(3)),
    )
    record = told(found.to_html())
    assert (record["names"], record["labels"]) == (["a", "b"], ["first", "second"])
    assert record["classes"] == {"below": "0", "above": "1"}
    assert record["shift"]["feature"] == 1
    assert record["shift"]["unit"] == ""


def test_a_baseline_with_names_is_matched_by_name():
    pandas = pytest.importorskip("pandas")
    q, (a, b) = cirq.LineQubit.range(2), sympy.symbols("a b")
    model = qxai.PQC(cirq.Circuit(cirq.ry(a)(q[0]), cirq.ry(b)(q[1])), [a, b], cirq.Z(q[1]))
    frame = pandas.DataFrame({"b": [1.1, 0.2], "a": [0.4, 0.3]})
    expected = [frame.a.mean(), frame.b.mean()]
    for start in (None, frame.mean(), frame.mean().to_frame().T, dict(frame.mean())):
        np.testing.assert_allclose(widgets.explore(model, frame, baseline=start).baseline, expected)


def test_what_would_freeze_a_browser_is_refused_and_the_advice_works():
    """Raw measurements taken for radians; frequencies that no screen resolves."""
    raw = np.array([[2e4, 1.0], [3e4, 2.0]])
    with pytest.raises(ValueError, match=r"X: expected features in radians within a few turns"):
        widgets.explore(MODEL, raw, baseline=0)
    scaled = qxai.datasets.AngleScaler.fitted(raw).angles(raw)
    assert widgets.explore(MODEL, scaled, baseline=0).x.shape == (2,)
    fast = qxai.TrigPolynomial(np.ones((3, 3)), [[1e5], [1]])
    with pytest.raises(ValueError, match=r"turns 50000 times, more than 60"):
        widgets.explore(fast, X)
    flat = type("Flat", (), {"mean": np.zeros(2), "deviation": np.array([1.0, 0.0])})
    with pytest.raises(ValueError, match="scaler: expected finite means and positive deviations"):
        widgets.explore(MODEL, X, scaler=flat())
    with pytest.raises(
        ValueError, match=r"model: expected names that differ as text, found \[1, '1'"
    ):
        widgets.explore({1: MODEL, "1": MODEL}, X)
    with pytest.raises(TypeError, match="expected one with a trigonometric polynomial"):
        widgets.explore(qxai.TrigPolynomial, X)


def test_models_that_no_browser_can_hold_are_refused_and_the_advice_works():
    large = qxai.ansatz.layered_classifier(12, layers=1, rng=np.random.default_rng(0))
    inputs = np.full((1, 12), 0.3)
    with pytest.raises(ValueError, match=r"model: expected few features, found 12; explain it"):
        widgets.explore(large, inputs)
    assert qxai.shapley(large, inputs).values.shape == (1, 12)
    function = qxai.Function(lambda rows: rows.sum(axis=1), num_features=2)
    with pytest.raises(TypeError, match=r"model: expected one with a trigonometric polynomial"):
        widgets.explore(function, X)
    assert qxai.shapley(function, X).values.shape == (2, 2)
    fast = qxai.TrigPolynomial(np.ones((301, 301)), [np.arange(1, 151)] * 2)
    with pytest.raises(ValueError, match="model: expected at most 59049 coefficients"):
        widgets.explore(fast, X)
    one = qxai.TrigPolynomial([0, 1, 0], [[1]])
    with pytest.raises(ValueError, match=r"model: expected one or more of the same features"):
        widgets.explore({"a": MODEL, "b": one}, X)
    with pytest.raises(ValueError, match="X: expected one input or more, found none"):
        widgets.explore(MODEL, np.zeros((0, 2)))


def test_a_polynomial_comes_back_from_its_text():
    again = qxai.TrigPolynomial.from_json(MODEL.to_json())
    np.testing.assert_array_equal(again.coefficients, WAVES)
    points = np.random.default_rng(1).normal(size=(20, 2))
    np.testing.assert_array_equal(again.values(points), MODEL.values(points))
    for text in ("", "[]", "{}", '{"shape": [3], "frequencies": [[1]], "coefficients": [1, 2]}',
                 '{"shape": [-1], "frequencies": [[1]], "coefficients": [1, 2, 3]}',
                 '{"shape": [3], "frequencies": [[-1]], "coefficients": [1, 2, 3]}',
                 '{"shape": [3], "frequencies": [[1]], "coefficients": [1, NaN, 3]}'):  # fmt: skip
        with pytest.raises(ValueError, match="text: expected JSON with lists of numbers"):
            qxai.TrigPolynomial.from_json(text)
