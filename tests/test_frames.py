"""Tables: matched by name, read as numbers, refused with advice that is followed here."""

import datetime
import decimal
import fractions
import warnings

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai.datasets import AngleScaler, TableScaler
from qxai.frames import labels, matched, numbers
from tests.advice import codes, followed, outcomes

ROWS = 6
NUMBERS = np.arange(ROWS, dtype=float)


def frame(column):
    """A table of two columns of numbers and one more."""
    return pd.DataFrame({"age": NUMBERS, "weight": NUMBERS**2}).assign(odd=column)


def nullable(values, dtype):
    return pd.array(values, dtype=dtype)


DAYS = [datetime.date(2020, 1, day) for day in range(1, ROWS + 1)]
# What stands in the third column, and what an error says was found, in which row.
FAULTS = {
    "text": (["a", "b", "a", "c", "c", "b"], "'a'", 0),
    "a mark for missing values": (["1", "2", "?", "4", "5", "6"], "'?'", 2),
    "a mark among numbers": ([1, 2, 3, "?", 5, 6], "'?'", 3),
    "numbers as text": (list("123456"), "'1'", 0),
    "None": ([1, None, 3, 4, 5, 6], "a missing value", 1),
    "NaN": ([1, 2, np.nan, 4, 5, 6], "a missing value", 2),
    "only NaN": ([np.nan] * ROWS, "a missing value", 0),
    "only None": ([None] * ROWS, "a missing value", 0),
    "text and None": ([None, "a", "b", "b", "a", "a"], "a missing value", 0),
    "truth values and None": ([True, None, False, True, True, False], "a missing value", 1),
    "infinity": ([1, np.inf, 2, 3, 4, 5], "inf", 1),
    "minus infinity, as an object": (pd.Series([1, -np.inf, 2, 3, 4, 5], dtype=object), "-inf", 1),
    "Int64": (nullable([1, 2, None, 3, 4, 8], "Int64"), "a missing value", 2),
    "Float64": (nullable([1, None, 2, 3, 4, 8.5], "Float64"), "a missing value", 1),
    "boolean": (nullable([True, None, False, True, False, True], "boolean"), "a missing value", 1),
    "string": (nullable(["a", "b", "a", "b", "b", None], "string"), "'a'", 0),
    "category": (pd.Categorical(["a", "b", "c", "a", "b", "c"]), "'a'", 0),
    "category with gaps": (pd.Categorical(["a", None, "c", "a", "b", "c"]), "'a'", 0),
    "category of numbers": (pd.Categorical([1, 2, 3, 1, 2, 3]), r"a category \(1\)", 0),
    "category of numbers with gaps": (pd.Categorical([1, None, 3, 1, 2, 3]), r"a category", 0),
    "category with a mark": (pd.Categorical(["1", "2", "?", "1", "2", "3"]), "'?'", 2),
    "time": (pd.date_range("2020-01-01", periods=ROWS), "the time 2020-01-01", 0),
    "time in a zone": (pd.date_range("2020-01-01", periods=ROWS, tz="Asia/Tokyo"), "Timestamp", 0),
    "time with gaps": (pd.Series(pd.to_datetime(DAYS)).shift(1), "a missing value", 0),
    "durations": (pd.to_timedelta(range(ROWS), unit="h"), "the time 0", 0),
    "dates": (DAYS, "datetime.date", 0),
    "months": (pd.period_range("2020-01", periods=ROWS, freq="M"), "Period", 0),
    "complex": (NUMBERS + 1j, "1j", 0),
    "complex objects": (pd.Series([1, 2, 1 + 1j, 4, 5, 6], dtype=object), r"\(1\+1j\)", 2),
    "decimals": ([decimal.Decimal(n) for n in range(ROWS)], "Decimal", 0),
    "fractions": ([fractions.Fraction(n, 3) for n in range(ROWS)], "Fraction", 0),
    "lists": ([[1]] * ROWS, r"\[1\]", 0),
    "bytes": ([b"a"] * ROWS, "b'a'", 0),
    "no float": (pd.Series([10**400, 10**400, 1, 2, 3, 4], dtype=object), "10000", 0),
}
MEANT = {
    "whole numbers": [3, 1, 2, 5, 4, 9],
    "truth values": [True, False, True, False, True, True],
    "Int64 without gaps": nullable([3, 1, 2, 5, 4, 9], "Int64"),
    "Float64 without gaps": nullable([3, 1, 2, 5, 4, 9.5], "Float64"),
    "boolean without gaps": nullable([True, False, True, False, True, True], "boolean"),
    "objects that are numbers": pd.Series([1, 2.5, np.float32(3), True, 5, 6], dtype=object),
    "sparse": pd.arrays.SparseArray([0, 0, 1.0, 2, 3, 0]),
    "float32": np.arange(ROWS, dtype=np.float32),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_is_no_number_is_named_by_column_and_row(kind):
    column, found, row = FAULTS[kind]
    with pytest.raises(ValueError, match=f"^X: .*found {found}.* in column 'odd', row {row}; "):
        numbers("X", frame(column))


@pytest.mark.parametrize("call", [AngleScaler.fitted, TableScaler.fitted], ids=["one", "other"])
@pytest.mark.parametrize("kind", FAULTS)
def test_advice_about_a_column_works_for_this_very_column(kind, call):
    """Each piece of it, and of what is said about what becomes of the table, until it fits."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = outcomes(call, frame(FAULTS[kind][0]))
    assert all(isinstance(scaler, AngleScaler | TableScaler) for scaler in found)


@pytest.mark.parametrize("kind", MEANT)
def test_what_is_a_number_is_read(kind):
    read = numbers("X", frame(MEANT[kind]))
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read[:, 2], [float(entry) for entry in list(MEANT[kind])])


def test_a_row_is_named_by_its_label_too():
    table = frame([1, None, 3, 4, 5, 6]).set_axis(list("pqrstu"))
    with pytest.raises(ValueError, match=r"row 1 \(index 'q'\)"):
        numbers("X", table)


@pytest.mark.parametrize("names", [["a", "b", "a"], [1, 2, 1]])
def test_a_name_that_stands_twice_is_refused_and_can_be_dropped(names):
    table = pd.DataFrame(np.arange(9.0).reshape(3, 3), columns=names)
    with pytest.raises(ValueError, match=f"found {names[0]} more than once"):
        numbers("X", table)
    (kept,) = outcomes(lambda X: numbers("X", X), table)
    np.testing.assert_array_equal(kept, table.to_numpy()[:, :2])


def test_names_are_text_and_positions_are_none():
    assert labels(pd.DataFrame({"a": [1], "b": [2]})) == ("a", "b")
    assert labels(pd.DataFrame([[1, 2]])) is None
    assert labels(pd.DataFrame([[1, 2]], columns=["a", 2])) is None
    assert labels(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))) is None
    assert labels(pd.Series({"a": 1})) == labels({"a": 1}) == ("a",)
    assert labels(np.zeros((2, 2))) is labels([[1, 2]]) is None


def test_a_table_of_another_kind_is_told_to_become_one():
    class Arrow:
        columns = ([1, 2], [3, 4])  # as pyarrow has them: values, not names

        def __getitem__(self, key):
            raise KeyError(key)

    with pytest.raises(TypeError, match=r"pandas or polars.*Arrow; most have X.to_pandas\(\)"):
        numbers("X", Arrow())


# Matching: a model cos(a) + 2 cos(b) tells which column went where.


@pytest.fixture(scope="module")
def model():
    q, x = cirq.LineQubit.range(2), sympy.symbols("a b")
    circuit = cirq.Circuit(cirq.ry(x[0])(q[0]), cirq.ry(x[1])(q[1]))
    return qxai.PQC(circuit, x, cirq.Z(q[0]) + 2 * cirq.Z(q[1]))


TABLE = pd.DataFrame({"a": [0.1, 0.4, 1.0], "b": [2.0, 1.5, 0.3]})


def test_columns_are_matched_by_name_whatever_their_order(model):
    turned = TABLE[["b", "a"]]
    expected = np.cos(TABLE.a) + 2 * np.cos(TABLE.b)
    np.testing.assert_allclose(model.values(turned), expected, atol=1e-12)
    by_name, by_array = qxai.shapley(model, turned), qxai.shapley(model, TABLE.to_numpy())
    np.testing.assert_array_equal(by_name.values, by_array.values)


def test_an_array_and_a_table_without_names_are_matched_by_position(model):
    plain = pd.DataFrame(TABLE.to_numpy())
    np.testing.assert_array_equal(model.values(plain), model.values(TABLE.to_numpy()))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.assign(c=1.0), "found a table with c; choose columns"),
        (TABLE.rename(columns={"b": "c"}), "found a table without b and with c; rename columns"),
        (TABLE.rename(columns=str.upper), "found a table without a, b and with A, B; rename"),
    ],
    ids=["surplus", "renamed", "letters"],
)
def test_other_names_are_refused_by_name_and_the_advice_fits(table, message):
    """Through `matched`, which the models and the scalers share."""
    with pytest.raises(ValueError, match=f"^X: expected the names a, b, {message}"):
        matched("X", table, ["a", "b"])
    (found,) = outcomes(lambda X: matched("X", X, ["a", "b"]), table)
    np.testing.assert_array_equal(found.to_numpy(), TABLE.to_numpy())


def test_a_missing_column_is_asked_for():
    with pytest.raises(ValueError, match="without b; it takes columns b too: add them"):
        matched("X", TABLE[["a"]], ["a", "b"])


def test_a_model_refuses_other_names(model):
    for call in (model.values, lambda X: qxai.shapley(model, X)):
        with pytest.raises(ValueError, match="expected the names a, b, found a table with c"):
            call(TABLE.assign(c=1.0))
        (found,) = outcomes(call, TABLE.assign(c=1.0))
        assert len(found) == 3


@pytest.mark.parametrize(
    ("one", "rows"),
    [
        (TABLE.iloc[1], [1]),
        (TABLE.to_numpy()[1], [1]),
        (TABLE.to_numpy()[1].tolist(), [1]),
        (TABLE.to_dict("list"), [0, 1, 2]),
    ],
    ids=["series", "array", "list", "mapping"],
)
def test_one_row_and_a_mapping_are_told_how_to_become_inputs(model, one, rows):
    for call in (model.values, AngleScaler.fitted(TABLE).angles):
        (found,) = outcomes(call, one)
        np.testing.assert_allclose(found, call(TABLE)[rows], atol=1e-12)


def test_a_whole_number_that_is_no_float_is_refused(model):
    with pytest.raises(ValueError, match=r"X: expected .* found a whole number that is no float"):
        model.values([[10**400, 1]])


@pytest.mark.parametrize("kind", [dict, pd.Series])
def test_a_baseline_is_matched_by_name(model, kind):
    found = qxai.shapley(model, TABLE, baseline=kind({"b": 0.2, "a": 0.7}))
    by_position = qxai.shapley(model, TABLE, baseline=[0.7, 0.2])
    np.testing.assert_array_equal(found.values, by_position.values)
    with pytest.raises(ValueError, match=r"baseline: .* without b and with c"):
        qxai.shapley(model, TABLE, baseline=kind({"c": 0.2, "a": 0.7}))


def test_a_baseline_that_is_a_table_is_matched_by_name(model):
    turned = (TABLE / 2)[["b", "a"]]
    found = qxai.shapley(model, TABLE, baseline=turned)
    by_position = qxai.shapley(model, TABLE, baseline=TABLE.to_numpy() / 2)
    np.testing.assert_array_equal(found.values, by_position.values)


def test_names_without_a_match_are_refused():
    nameless = qxai.Function(lambda X: X.sum(axis=1), num_features=2)
    with pytest.raises(ValueError, match=r"features without; pass list\(baseline.values\(\)\)"):
        qxai.shapley(nameless, TABLE.to_numpy(), baseline={"a": 1, "b": 2})
    baseline = {"a": 1, "b": 2}
    found = qxai.shapley(nameless, TABLE.to_numpy(), baseline=list(baseline.values()))
    np.testing.assert_allclose(found.values, TABLE.to_numpy() - [1, 2], atol=1e-12)


# Raw units: circuits take radians.


def test_a_table_in_raw_units_is_warned_of_and_angles_are_not(model):
    raw = pd.DataFrame({"b": [63.0, 41.0, 50.0], "a": [0.1, 0.2, 0.3]})
    with pytest.warns(UserWarning, match="found 63 in column 'b': raw units") as caught:
        qxai.shapley(model, raw)
    (code,) = codes(str(caught[0].message).replace("raw units? ", "; "))
    angles = followed(code.replace("training_rows", "X"), raw)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        qxai.shapley(model, angles)
        qxai.shapley(model, TABLE)
        qxai.shapley(model, raw.to_numpy())  # who hands arrays has made them


def test_thousands_of_rows_are_read_and_the_last_fault_is_found():
    column = np.arange(20_000.0)
    table = pd.DataFrame({"n": column, "text": np.where(column < 19_999, "1", "x")})
    with pytest.raises(ValueError, match="found 'x' in column 'text', row 19999"):
        numbers("X", table)


def test_polars_tables_are_read_like_those_of_pandas(model):
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"b": TABLE.b.to_numpy(), "a": TABLE.a.to_numpy()})
    np.testing.assert_array_equal(model.values(table), model.values(TABLE))
    for column in (["1", "?", "3"], [1, None, 3], ["x", None, "y"], [DAYS[0], None, DAYS[2]]):
        odd = table.with_columns(polars.Series("odd", column))
        for call in (AngleScaler.fitted, TableScaler.fitted):
            assert outcomes(call, odd)


def test_a_table_is_what_has_columns():
    class Table(dict):
        columns = property(list)

    np.testing.assert_array_equal(numbers("X", Table(a=[1, 2], b=[3, 4])), [[1, 3], [2, 4]])
    with pytest.raises(ValueError, match="expected one number a row, found several in column 'b'"):
        numbers("X", Table(a=[1, 2], b=np.ones((2, 3))))
