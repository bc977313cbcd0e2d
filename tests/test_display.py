"""How results draw themselves, are chosen from, named and kept."""

import html.parser
import io
import zipfile

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai.table import MISSING

NAMES = ["age", "bmi"]
Q = cirq.LineQubit.range(2)
MODEL = qxai.PQC(
    cirq.Circuit([cirq.ry(sympy.Symbol(n))(q) for n, q in zip(NAMES, Q)], cirq.CX(*Q)),
    NAMES,
    cirq.Z(Q[1]) + 0.5,
)
X = pd.DataFrame({"bmi": [0.4, 1.1, -2.0], "age": [1.0, -0.3, 0.7]})


class Cells(html.parser.HTMLParser):
    """Rows of cells, and every tag that was met."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data


def number(text):
    return np.nan if text == MISSING else float(text.replace("−", "-"))


@pytest.fixture(params=["one", "several"])
def found(request):
    return qxai.shapley(MODEL, X[:1] if request.param == "one" else X, {"bmi": 0.2, "age": 0})


def test_the_column_of_one_input_adds_up():
    one = qxai.shapley(MODEL, X[:1], 0.2)
    rows = {row[0]: row for row in Cells(one._repr_html_()).rows}
    parts = [number(rows[name][-1]) for name in ("output at the baseline", *NAMES, "residual")]
    assert sum(parts) == pytest.approx(number(rows["output"][-1]), abs=0.002)
    assert number(rows["output"][-1]) == pytest.approx(one.output[0], abs=0.001)
    assert [number(rows[name][1]) for name in NAMES] == [1.0, 0.4]  # the inputs, by name
    assert [number(rows[name][2]) for name in NAMES] == [0.2, 0.2]


def test_text_and_html_show_the_same_cells(found):
    cells = [[c.replace("−", "-") for c in row] for row in Cells(found._repr_html_()).rows]
    lines = repr(found).splitlines()[1:]
    assert [line.split() for line in lines] == [" ".join(row).split() for row in cells]


def test_html_is_static_and_the_same_each_time(found):
    again = qxai.shapley(MODEL, X[: len(found)], {"bmi": 0.2, "age": 0})
    text = found._repr_html_()
    assert text == again._repr_html_()
    assert set(Cells(text).tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert "id=" not in text
    assert "script" not in text


def test_names_are_escaped():
    table = qxai.Table({"<b>": ["<script>"], "x": [1.0]}, caption="a < b & c")
    assert "<script>" not in table._repr_html_()
    assert "&lt;script&gt;" in table._repr_html_()
    assert Cells(table._repr_html_()).rows[1][0] == "<script>"


def test_several_inputs_show_each_feature_and_its_mean_size():
    many = qxai.shapley(MODEL, np.random.default_rng(0).uniform(-2, 2, (30, 2)))
    rows = Cells(many._repr_html_()).rows
    assert len(rows) == 12
    assert "the first 10 shown" in many._repr_html_()
    sizes = [number(cell) for cell in rows[-1][1:3]]
    np.testing.assert_allclose(sizes, np.abs(many.values).mean(axis=0), atol=0.001)


def test_wide_attributions_show_their_largest_features():
    weights = np.arange(60.0)
    found = qxai.occlusion(qxai.Function(lambda Z: Z @ weights, num_features=60), np.ones((1, 60)))
    rows = {row[0]: row for row in Cells(found._repr_html_()).rows}
    assert "x59" in rows
    assert "x3" not in rows
    assert "20 smaller features not shown" in repr(found)
    assert number(rows["other features"][-1]) == pytest.approx(sum(range(20)), rel=0.01)


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ([0.25, -1.5, 0.0], ["0.25", "-1.50", "0.00"]),
        ([1234.5, 0.1], ["1234", "0"]),  # as many digits as the largest number has
        ([1e-17, -1e-17], ["0.00", "0.00"]),  # what is rounding, is so on every machine
        ([0.012345], ["0.0123"]),
        ([2.5e9, 1.0], ["2.50e+09", "1.00e+00"]),
        ([1, 20], ["1", "20"]),
        ([None, float("nan"), 1.0], [MISSING, MISSING, "1.00"]),
        (["a", "b"], ["a", "b"]),
        ([True, False], ["True", "False"]),
    ],
)
def test_numbers_of_a_column_are_written_alike(column, cells):
    assert qxai.Table({"x": column}).cells == [cells]


def test_notes_stand_below_the_rows():
    table = qxai.Table({"a": [1], "b": [2]}, notes=["a < b", "no more"])
    assert repr(table).splitlines()[-2:] == ["- a < b", "- no more"]
    text = table._repr_html_()
    assert 'colspan="2"' in text
    assert text.index("</tbody>") < text.index("a &lt; b<br>no more")


def test_a_table_needs_columns_of_one_length():
    for columns in ({}, {"a": [1], "b": [1, 2]}):
        with pytest.raises(ValueError, match="columns: expected one or more of equal length"):
            qxai.Table(columns)


def test_a_table_becomes_a_frame():
    table = qxai.Table({"a": [1, 2], "b": [0.5, None]})
    pd.testing.assert_frame_equal(table.to_frame(), pd.DataFrame({"a": [1, 2], "b": [0.5, None]}))
    assert len(table) == 2
    assert table["a"] == [1, 2]


def test_values_become_a_frame_with_names():
    found = qxai.shapley(MODEL, X)
    frame = found.to_frame()
    assert list(frame.columns) == NAMES
    np.testing.assert_array_equal(frame.to_numpy(), found.values)
    np.testing.assert_array_equal(found.inputs, X[NAMES].to_numpy())


@pytest.mark.parametrize("rows", [1, -1, slice(1, 3), [0, 2], np.array([True, False, True])])
@pytest.mark.parametrize("baseline", [0.1, {"bmi": 0.2, "age": 0}, X])
def test_chosen_inputs_are_those_that_would_have_been_explained(rows, baseline):
    found = qxai.shapley(MODEL, X, baseline)[rows]
    picked = np.arange(3)[rows] if not isinstance(rows, int) else np.arange(3)[[rows]]
    start = baseline.iloc[picked] if baseline is X else baseline
    expected = qxai.shapley(MODEL, X.iloc[picked], start)
    for name in ("values", "output", "baseline_output", "inputs", "residual"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-14)
    assert len(found) == len(picked)
    assert found.feature_names == expected.feature_names


def test_an_index_that_is_not_there_is_refused():
    with pytest.raises(IndexError, match="expected −3 to 2, found 3"):
        qxai.shapley(MODEL, X)[3]


def kinds():
    rng = np.random.default_rng(0)
    function = qxai.Function(MODEL.values, MODEL.gradient, 2)
    yield "point", qxai.shapley(MODEL, X, 0.3)
    yield "points", qxai.shapley(MODEL, X, X)
    yield "none", qxai.gradient(MODEL, X)
    yield "rows", qxai.occlusion(MODEL, X, qxai.Background(X))
    yield "marginals", qxai.shapley(MODEL, X, qxai.Marginals(X))
    yield "groups", qxai.shapley(MODEL, X, groups={"both": NAMES})
    yield "sampled", qxai.shapley(MODEL, X, samples=5, rng=rng)
    yield "steps", qxai.integrated_gradients(function, X)
    yield "gates", qxai.gate_shapley(MODEL, X)
    yield "empty", qxai.shapley(MODEL, X[:0])


KINDS = dict(kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_comes_back(tmp_path, kind):
    found, path = KINDS[kind], tmp_path / "kept.npz"
    qxai.save(found, path)
    again = qxai.load(path)
    for name in ("method", "evaluations", "shots", "feature_names", "groups", "route", "unit"):
        assert getattr(again, name) == getattr(found, name), name
    for name in ("values", "output", "baseline_output", "standard_error", "inputs", "error"):
        one, two = getattr(again, name), getattr(found, name)
        assert (one is None) == (two is None), name
        if two is not None:
            np.testing.assert_array_equal(one, two)
    assert type(again.baseline) is type(found.baseline)
    np.testing.assert_array_equal(
        getattr(again.baseline, "sample", again.baseline),
        getattr(found.baseline, "sample", found.baseline),
    )
    assert again._repr_html_() == found._repr_html_()


def test_files_of_the_first_format_are_read(tmp_path):
    """What this library wrote before results kept what they were asked."""
    found = qxai.shapley(MODEL, X, samples=5, rng=np.random.default_rng(0))
    old = {
        "format": np.array(1),
        "method": np.array(found.method),
        "counts": np.array([found.evaluations, found.shots]),
        **{n: getattr(found, n) for n in ("values", "output", "baseline_output", "standard_error")},
    }
    with zipfile.ZipFile(tmp_path / "old.npz", "w") as archive:
        for name, array in old.items():
            content = io.BytesIO()
            np.save(content, array)
            archive.writestr(f"{name}.npy", content.getvalue())
    again = qxai.load(tmp_path / "old.npz")
    np.testing.assert_array_equal(again.values, found.values)
    assert again.inputs is None
    assert again.feature_names is None
    assert again.unit == "output"


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_says_how_it_was_found(kind):
    assert KINDS[kind].route


def test_shap_gets_names_and_inputs():
    pytest.importorskip("shap")
    explanation = qxai.shapley(MODEL, X).to_shap()
    assert list(explanation.feature_names) == NAMES
    np.testing.assert_array_equal(explanation.data, X[NAMES].to_numpy())
    grouped = qxai.shapley(MODEL, X, groups={"both": NAMES}).to_shap()
    assert grouped.data is None
    assert list(grouped.feature_names) == ["both"]


def reprs():
    x = sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(x[0])(Q[0]), cirq.ry(x[1])(Q[1]))
    wide = qxai.PQC(
        cirq.Circuit(
            cirq.ry(a)(q) for a, q in zip(sympy.symbols("x:12"), cirq.LineQubit.range(12))
        ),
        sympy.symbols("x:12"),
        cirq.Z(Q[0]),
    )
    outputs = qxai.Outputs.of(circuit, x, {"a": cirq.Z(Q[0]), "b": cirq.Z(Q[1])})
    rng = np.random.default_rng(0)
    trained = qxai.fit(
        qxai.ansatz.layered_classifier(2, 1, rng), np.ones((40, 2)), np.ones(40), epochs=30, rng=rng
    )
    yield from (MODEL, wide.polynomial(), wide.pauli_polynomial(), wide.multilinear(), outputs)
    yield from (outputs["a"] - outputs["b"], outputs.softmax()["a"], trained)
    yield from (qxai.Background(X), qxai.Marginals(X), qxai.datasets.iris(), MODEL.estimate(X))
    yield qxai.Function(MODEL.values, num_features=2) - outputs["a"]
    yield from (qxai.q_lime(MODEL, X, repeats=2, samples=20, rng=rng), qxai.sobol_indices(MODEL))
    yield qxai.Scaled(MODEL, qxai.datasets.AngleScaler.fitted(np.eye(2)))
    yield qxai.datasets.junta(5, 1000, rng)
    yield from (qxai.Statevector(), qxai.Gamma(0.2), qxai.Sampled(10, rng))


@pytest.mark.parametrize("thing", list(reprs()), ids=lambda thing: type(thing).__name__)
def test_everything_public_says_in_a_few_lines_what_it_is(thing):
    text = repr(thing)
    assert len(text) < 1500
    assert text.count("\n") < 25
    assert " at 0x" not in text


def test_training_shows_first_and_last_loss():
    rng = np.random.default_rng(0)
    model = qxai.ansatz.layered_classifier(2, 1, rng)
    found = qxai.fit(model, np.ones((9, 2)), np.ones(9), epochs=30, rng=rng)
    rows = Cells(found._repr_html_()).rows
    assert [rows[1][0], rows[-1][0]] == ["1", "30"]
    assert number(rows[-1][1]) == pytest.approx(found.history[-1], abs=0.001)


def test_outputs_show_each_name_with_its_model():
    x = sympy.symbols("x:2")
    circuit = cirq.Circuit(cirq.ry(x[0])(Q[0]), cirq.ry(x[1])(Q[1]))
    outputs = qxai.Outputs.of(circuit, x, {"a": cirq.Z(Q[0]), "b": cirq.Z(Q[1])})
    rows = Cells(outputs._repr_html_()).rows
    assert rows == [["output", "model"], ["a", repr(outputs["a"])], ["b", repr(outputs["b"])]]


def test_the_last_bits_of_a_number_decide_no_column():
    """A largest entry of 1 less rounding, on one machine, and of 1, on another."""
    for largest in (1.0, 1.0 - 2**-50, 1.0 + 2**-50):
        assert qxai.Table({"a": [largest, 0.25]}).cells == [["1.00", "0.25"]]
    assert qxai.Table({"a": [0.99, 0.25]}).cells == [["0.990", "0.250"]]
