"""From units to angles: one function per column, by name, and categories as groups."""

import json
import warnings

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai.datasets import AngleScaler, TableScaler
from tests.advice import outcomes

RNG = np.random.default_rng(0)
# As NumPy lays arrays out: a mean over rows is summed in another order where columns are together.
ARRAY = np.stack([RNG.normal(50, 10, 40), RNG.normal(240, 50, 40)], axis=1)
ROWS = pd.DataFrame(ARRAY, columns=["age", "chol"])
MIXED = ROWS.assign(
    sex=np.where(np.arange(40) % 3, "male", "female"),
    pain=np.array(["none", "some", "much"])[np.arange(40) % 3],
    smoker=np.arange(40) % 2 == 0,
)[["sex", "age", "pain", "chol", "smoker"]]


def around(scaler):
    """Inputs at multiples of the deviation about the mean, inside and beyond both ends."""
    at = np.array([-9.0, -2.5, -1.9, -0.3, 0, 1.1, 1.9, 2.1, 7])
    return scaler.mean + at[:, None] * scaler.deviation, at


# AngleScaler.


def test_the_function_of_a_feature_is_a_clipped_line():
    scaler = AngleScaler.fitted(ARRAY)
    X, at = around(scaler)
    expected = np.interp(at, [-2, 2], [0, np.pi])
    np.testing.assert_allclose(scaler.angles(X), np.stack([expected] * 2, axis=1), atol=1e-12)
    np.testing.assert_array_equal(scaler.clipped(X), np.stack([np.abs(at) > 2] * 2, axis=1))


def test_the_derivative_is_that_of_the_angles_and_zero_where_they_are_clipped():
    scaler = AngleScaler.fitted(ROWS)
    X, _ = around(scaler)
    step = 1e-4
    differences = (scaler.angles(X + step) - scaler.angles(X - step)) / (2 * step)
    np.testing.assert_allclose(scaler.derivative(X), differences, atol=1e-9)
    assert not scaler.derivative(X)[scaler.clipped(X)].any()


def test_raw_values_come_back_within_the_limits():
    scaler = AngleScaler.fitted(ROWS)
    X, _ = around(scaler)
    np.testing.assert_allclose(scaler.raw(scaler.angles(X)), np.clip(X, *scaler.limits), rtol=1e-12)
    with pytest.raises(ValueError, match=r"angles: expected shape \(N, 2\), found \(9, 1\)"):
        scaler.raw(X[:, :1])


def test_the_limits_are_where_angles_reach_their_ends():
    scaler = AngleScaler.fitted(ROWS)
    np.testing.assert_allclose(scaler.angles(scaler.limits), [[0, 0], [np.pi] * 2], atol=1e-12)
    assert scaler.clipped(scaler.limits + [[-1e-6], [1e-6]]).all()


def test_a_table_gives_the_same_bytes_as_an_array_and_keeps_its_names():
    by_name, by_array = AngleScaler.fitted(ROWS), AngleScaler.fitted(ARRAY)
    assert (by_name.feature_names, by_array.feature_names) == (("age", "chol"), None)
    assert by_name.angles(ROWS).tobytes() == by_array.angles(ARRAY).tobytes()


def test_columns_are_matched_by_name_and_arrays_by_position():
    scaler = AngleScaler.fitted(ROWS)
    expected = scaler.angles(ARRAY)
    np.testing.assert_array_equal(scaler.angles(ROWS[["chol", "age"]]), expected)
    np.testing.assert_array_equal(scaler.angles(ARRAY), expected)
    np.testing.assert_array_equal(AngleScaler.fitted(ARRAY).angles(ROWS), expected)


@pytest.mark.parametrize("scaler", [AngleScaler, TableScaler])
@pytest.mark.parametrize(
    ("table", "message"),
    [
        (ROWS.assign(id=1.0), "with id; choose columns"),
        (ROWS.rename(columns={"age": "Age"}), "without age and with Age; rename columns"),
    ],
)
def test_other_columns_are_refused_by_name_and_the_advice_fits(scaler, table, message):
    fitted = scaler.fitted(ROWS)
    for call in (fitted.angles, fitted.clipped, fitted.derivative):
        with pytest.raises(ValueError, match=f"expected the names age, chol, found .*{message}"):
            call(table)
        (found,) = outcomes(call, table)
        np.testing.assert_array_equal(found, call(ROWS))


@pytest.mark.parametrize("scaler", [AngleScaler, TableScaler])
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS.assign(site=1.0), "column 'site'"),
        (ROWS.assign(site=0.1, ward=3), "columns 'site', 'ward'"),
        (ROWS.assign(site=1.0).to_numpy(), "column 2"),
        (ROWS.assign(site=1.0).set_axis([7, 8, 9], axis=1), "column 9"),
        (ROWS.assign(site=1.0).to_numpy().tolist(), "column 2"),
    ],
    ids=["one", "two", "array", "numbered", "lists"],
)
def test_constant_columns_are_named_and_can_be_dropped(scaler, rows, found):
    with pytest.raises(ValueError, match=f"columns that vary, found the constant {found}; drop"):
        scaler.fitted(rows)
    (fitted,) = outcomes(scaler.fitted, rows)
    assert fitted.num_features == 2


@pytest.mark.parametrize("scaler", [AngleScaler, TableScaler])
@pytest.mark.parametrize("rows", [ROWS[:0], ROWS[:1], ARRAY[:1]])
def test_one_row_has_no_spread(scaler, rows):
    with pytest.raises(ValueError, match=f"X: expected at least two rows, found {len(rows)}"):
        scaler.fitted(rows)


@pytest.mark.parametrize("scaler", [AngleScaler, TableScaler])
@pytest.mark.parametrize("rows", [pd.DataFrame(), pd.DataFrame(index=[1, 2]), [], [1.0, 2.0]])
def test_what_has_no_columns_is_refused(scaler, rows):
    with pytest.raises(ValueError, match="X: expected"):
        scaler.fitted(rows)


def test_no_rows_have_no_angles():
    assert AngleScaler.fitted(ROWS).angles(ROWS[:0]).shape == (0, 2)
    assert TableScaler.fitted(MIXED).angles(MIXED[:0]).shape == (0, 7)


def test_scalers_say_in_a_line_what_they_scale():
    assert repr(AngleScaler.fitted(ROWS)) == "<AngleScaler: 2 features to angles (age, chol)>"
    assert repr(AngleScaler.fitted(ARRAY)) == "<AngleScaler: 2 features to angles>"
    assert repr(AngleScaler.fitted(ROWS[["age"]])) == "<AngleScaler: 1 feature to angles (age)>"
    assert repr(TableScaler.fitted(MIXED[["sex", "age"]])) == (
        "<TableScaler: 2 columns to 2 angles (sex=male, age)>"
    )
    many = pd.DataFrame(RNG.normal(size=(5, 30)))
    for scaler in (AngleScaler.fitted(many.rename(columns=str)), TableScaler.fitted(many)):
        assert len(repr(scaler)) < 100


# TableScaler.


def test_numbers_and_categories_are_laid_out_in_the_order_of_the_columns():
    scaler = TableScaler.fitted(MIXED)
    assert scaler.columns == ("sex", "age", "pain", "chol", "smoker")
    assert scaler.groups == {
        "sex": (0,), "age": (1,), "pain": (2, 3, 4), "chol": (5,), "smoker": (6,)
    }  # fmt: skip
    assert scaler.feature_names == (
        "sex=male", "age", "pain=much", "pain=none", "pain=some", "chol", "smoker=True"
    )  # fmt: skip
    found = pd.DataFrame(scaler.angles(MIXED), columns=list(scaler.feature_names))
    numbers = AngleScaler.fitted(ROWS).angles(ROWS)
    np.testing.assert_array_equal(found[["age", "chol"]], numbers)
    for feature in ("sex=male", "pain=much", "pain=none", "pain=some", "smoker=True"):
        column, level = feature.split("=")
        np.testing.assert_array_equal(found[feature], np.pi * (MIXED[column].map(str) == level))


def test_angles_of_a_row_depend_on_that_row_only():
    scaler = TableScaler.fitted(MIXED)
    one_by_one = np.vstack([scaler.angles(MIXED[i : i + 1]) for i in range(len(MIXED))])
    np.testing.assert_array_equal(one_by_one, scaler.angles(MIXED))
    turned = MIXED[["smoker", "pain", "chol", "age", "sex"]]
    np.testing.assert_array_equal(scaler.angles(turned), scaler.angles(MIXED))


def test_derivatives_and_clipping_are_those_of_the_numbers():
    scaler, numbers = TableScaler.fitted(MIXED), AngleScaler.fitted(ROWS)
    far = MIXED.assign(age=MIXED.age * 3)
    places = [scaler.feature_names.index(name) for name in ("age", "chol")]
    rest = np.delete(np.arange(7), places)
    for of in ("clipped", "derivative"):
        found = getattr(scaler, of)(far)
        np.testing.assert_array_equal(found[:, places], getattr(numbers, of)(far[["age", "chol"]]))
        assert not found[:, rest].any()
    assert scaler.clipped(far).dtype == bool
    assert scaler.clipped(far).any()


LEVELS = ["b", "a", "c", "a", "b", "c"]
SAME = {
    "objects": LEVELS,
    "string": pd.array(LEVELS, dtype="string"),
    "category": pd.Categorical(LEVELS),
    "category in another order": pd.Categorical(LEVELS, categories=["c", "b", "a", "unused"]),
    "NumPy text": np.array(LEVELS),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_categories_give_the_same_angles_however_they_are_stored(kind):
    table = pd.DataFrame({"n": np.arange(6.0)}).assign(level=SAME[kind])
    plain = table.assign(level=LEVELS)
    scaler = TableScaler.fitted(table)
    assert scaler.to_dict() == TableScaler.fitted(plain).to_dict()
    np.testing.assert_array_equal(scaler.angles(plain), TableScaler.fitted(plain).angles(table))


def test_rows_in_another_order_give_the_same_scaler():
    assert TableScaler.fitted(MIXED[::-1]).categories == TableScaler.fitted(MIXED).categories


def test_numbers_are_categories_where_that_is_said():
    table = pd.DataFrame({"n": np.arange(6.0), "ward": [3, 11, 7, 3, 11, 7]})
    assert TableScaler.fitted(table).feature_names == ("n", "ward")
    scaler = TableScaler.fitted(table, categories=["ward"])
    assert scaler.feature_names == ("n", "ward=3", "ward=7", "ward=11")
    as_floats = scaler.angles(table.astype(float))
    np.testing.assert_array_equal(scaler.angles(table), as_floats)
    with pytest.raises(ValueError, match=r"among n, ward, found 'wards'; write categories=\[\]"):
        TableScaler.fitted(table, categories=["wards"])
    with pytest.raises(TypeError, match=r"found 'ward'; write \['ward'\]"):
        TableScaler.fitted(table, categories="ward")


def test_what_a_table_declares_as_categories_is_no_quantity():
    table = pd.DataFrame({"n": np.arange(3.0), "ward": pd.Categorical([3, 11, 7])})
    scaler = TableScaler.fitted(table)
    assert scaler.feature_names == ("n", "ward=3", "ward=7", "ward=11")
    with pytest.raises(ValueError, match=r"found a category \(3\) in column 'ward'"):
        AngleScaler.fitted(table)


def test_a_mark_for_missing_values_is_a_category_where_that_is_said():
    table = pd.DataFrame({"n": np.arange(4.0), "ca": ["0", "?", "3", "0"]})
    with pytest.raises(ValueError, match=r"found '\?' among numbers .* categories=\['ca'\]"):
        TableScaler.fitted(table)
    assert TableScaler.fitted(table, categories=["ca"]).feature_names[1:] == (
        "ca=0",
        "ca=3",
        "ca=?",
    )


UNSEEN = [
    (MIXED.assign(sex=["other", *MIXED.sex[1:]]), "'other' in column 'sex', row 0", 39),
    (MIXED.assign(pain=[*MIXED.pain[:-2], "x", "y"]), "'x' in column 'pain', row 38", 38),
    (MIXED.assign(smoker="yes"), "'yes' in column 'smoker', row 0", 0),
]


@pytest.mark.parametrize(("table", "found", "left"), UNSEEN)
def test_a_level_that_was_never_seen_is_named_and_its_rows_can_be_dropped(table, found, left):
    scaler = TableScaler.fitted(MIXED)
    with pytest.raises(ValueError, match=f"expected one of the levels .*, found the level {found}"):
        scaler.angles(table)
    (kept,) = outcomes(scaler.angles, table)
    assert kept.shape == (left, 7)


def test_missing_values_at_prediction_are_named():
    scaler = TableScaler.fitted(MIXED)
    for column in ("sex", "age", "smoker"):
        gaps = MIXED.astype({column: object if column != "age" else float})
        gaps.loc[3, column] = None
        with pytest.raises(ValueError, match=f"a missing value in column '{column}', row 3"):
            scaler.angles(gaps)


def test_a_column_with_a_level_a_row_is_refused_and_can_be_dropped():
    table = MIXED.assign(name=[f"patient {i}" for i in range(40)])
    with pytest.raises(ValueError, match="at most 32 levels, found 40 in column 'name'"):
        TableScaler.fitted(table)
    (scaler,) = outcomes(TableScaler.fitted, table)
    assert scaler.columns == TableScaler.fitted(MIXED).columns


def test_features_with_one_name_are_refused():
    table = pd.DataFrame({"sex=male": [1.0, 2.0], "sex": ["male", "female"]})
    with pytest.raises(ValueError, match="found 'sex=male' more than once; rename a column"):
        TableScaler.fitted(table)
    assert TableScaler.fitted(table.rename(columns={"sex=male": "share"})).num_features == 2


def test_a_table_of_categories_only_and_one_of_numbers_only():
    only = TableScaler.fitted(MIXED[["sex", "pain"]])
    assert only.angles(MIXED[["sex", "pain"]]).shape == (40, 4)
    assert not only.derivative(MIXED[["sex", "pain"]]).any()
    numbers = TableScaler.fitted(ARRAY)
    assert numbers.feature_names == ("x0", "x1")
    np.testing.assert_array_equal(numbers.angles(ARRAY), AngleScaler.fitted(ROWS).angles(ROWS))
    with pytest.raises(ValueError, match=r"expected 2 columns \(x0, x1\), found 1"):
        numbers.angles(ARRAY[:, :1])


def test_a_table_without_names_is_matched_by_position():
    plain = MIXED.set_axis(range(5), axis=1)
    scaler = TableScaler.fitted(plain)
    assert scaler.columns == ("x0", "x1", "x2", "x3", "x4")
    np.testing.assert_array_equal(scaler.angles(plain), TableScaler.fitted(MIXED).angles(MIXED))


def test_an_array_cannot_tell_categories_and_the_advice_makes_a_table_of_it():
    scaler = TableScaler.fitted(MIXED)
    array = MIXED.to_numpy()
    with pytest.raises(ValueError, match="expected a table with the columns sex, age"):
        scaler.angles(array)
    (found,) = outcomes(scaler.angles, array)
    np.testing.assert_array_equal(found, scaler.angles(MIXED))


def test_one_row_of_a_table_and_columns_without_a_table_are_told_to_become_one():
    scaler = TableScaler.fitted(MIXED)
    whole = scaler.angles(MIXED)
    (row,) = outcomes(scaler.angles, MIXED.iloc[3])
    np.testing.assert_array_equal(row, whole[3:4])
    (columns,) = outcomes(scaler.angles, MIXED.to_dict("list"))
    np.testing.assert_array_equal(columns, whole)
    for rows in (MIXED.to_dict("list"), MIXED.to_numpy(), MIXED.to_numpy().tolist()):
        (fitted,) = outcomes(TableScaler.fitted, rows)
        assert [len(part) for part in fitted.groups.values()] == [1, 1, 3, 1, 1]
    texts = MIXED.to_numpy().astype(str)
    for fitted in outcomes(TableScaler.fitted, texts):
        assert fitted.num_features == 7


def test_groups_give_one_number_a_raw_column():
    """Shapley values of groups: a sum of one function a column gives each its own difference."""
    scaler = TableScaler.fitted(MIXED)
    X = scaler.angles(MIXED)[:5]
    weights = np.arange(1.0, 8.0)
    model = qxai.Function(
        lambda X: np.sin(X) @ weights + np.cos(X) @ weights[::-1],
        num_features=7,
        feature_names=scaler.feature_names,
    )
    found = qxai.shapley(model, X, groups=scaler.groups)
    assert found.feature_names == scaler.columns
    each = np.sin(X) * weights + np.cos(X) * weights[::-1] - weights[::-1]
    owner = [list(scaler.columns).index(name.split("=")[0]) for name in scaler.feature_names]
    expected = np.stack([each[:, np.equal(owner, c)].sum(axis=1) for c in range(5)], axis=1)
    np.testing.assert_allclose(found.values, expected, atol=1e-9)


def test_a_model_of_named_angles_is_explained_from_a_raw_table():
    table = MIXED[["sex", "age"]]
    scaler = TableScaler.fitted(table)
    q = cirq.LineQubit.range(2)
    x = [sympy.Symbol(name) for name in scaler.feature_names]
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q)) + cirq.CX(*q)
    model = qxai.PQC(circuit, x, cirq.Z(q[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = qxai.shapley(model, scaler.angles(table), groups=scaler.groups)
    assert np.abs(found.residual).max() < 1e-9


# Kept as plain numbers and names.


@pytest.mark.parametrize(
    "scaler",
    [
        AngleScaler.fitted(ROWS),
        AngleScaler.fitted(ARRAY),
        TableScaler.fitted(MIXED),
        TableScaler.fitted(MIXED[["pain"]]),
        TableScaler.fitted(ROWS),
        TableScaler.fitted(MIXED.assign(ward=[3, 4] * 20), categories=["ward"]),
    ],
    ids=repr,
)
def test_a_scaler_is_the_same_after_json(scaler):
    again = type(scaler).from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert again.to_dict() == scaler.to_dict()
    table = MIXED.assign(ward=[3, 4] * 20)
    table = table[list(getattr(scaler, "columns", ROWS.columns))]
    assert again.angles(table).tobytes() == scaler.angles(table).tobytes()


NOT_RECORDS = [
    ("mean", [0, "1"]), ("mean", [0, None]), ("mean", [0, float("nan")]), ("mean", 3),
    ("mean", [0]), ("mean", [[0], [1]]), ("mean", [0, 10**400]),
    ("deviation", [1, 0]), ("deviation", [1, -1]),
    ("deviation", "ab"), ("feature_names", ["age"]), ("feature_names", ["age", "age"]),
    ("feature_names", ["age", 3]), ("feature_names", "ab"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), NOT_RECORDS)
def test_a_damaged_record_is_refused_by_the_name_of_its_part(key, value):
    record = {**AngleScaler.fitted(ROWS).to_dict(), key: value}
    with pytest.raises(ValueError, match=f"(mean|deviation|{key}): expected"):
        AngleScaler.from_dict(record)
    whole = {"columns": ["age", "chol"], "numbers": record, "categories": {}}
    with pytest.raises(ValueError, match=f"(mean|deviation|{key}): expected"):
        TableScaler.from_dict(whole)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("columns", ["age", "chol"]), ("columns", None), ("columns", ["age", "age", "sex"]),
        ("categories", {}), ("categories", []), ("categories", {"sex": "ab"}),
        ("categories", {"sex": ["a"]}), ("categories", {"sex": ["a", "a"]}),
        ("categories", {"sex": ["a", None]}), ("categories", {"sex": ["a", ["b"]]}),
        ("categories", {"sex": list(range(33))}), ("categories", {"age": ["a", "b"]}),
        ("numbers", []),
    ],
)  # fmt: skip
def test_a_damaged_record_of_a_table_is_refused(key, value):
    record = TableScaler.fitted(MIXED[["age", "chol", "sex"]]).to_dict()
    with pytest.raises(ValueError, match=r"(columns|categories|sex|numbers): expected"):
        TableScaler.from_dict({**record, key: value})
    for other in ({}, [], None):
        with pytest.raises(ValueError, match="columns: expected"):
            TableScaler.from_dict(other)
