import numpy as np
import pandas as pd
import pytest

from qxai.asking import distinct, needed
from qxai.attribution import Attribution
from qxai.checks import as_baseline, as_inputs


@pytest.mark.parametrize(
    "good",
    [
        [[1, 2], [3, 4]],
        np.array([[1, 2], [3, 4]], dtype=np.float32),
        np.array([[1, 2], [3, 4]], dtype=np.int8),
        np.array([[1, 2], [3, 4]], dtype=object),
        pd.DataFrame({"a": [1, 3], "b": [2.0, 4.0]}),
    ],
)
def test_inputs_of_any_real_kind_become_float64(good):
    array = as_inputs(good, 2)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, [[1, 2], [3, 4]])


def test_an_empty_batch_keeps_its_width():
    assert as_inputs(np.zeros((0, 3)), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([[1, 2, 3]], r"X: expected .* shape \(N, 2\), found shape \(1, 3\)"),
        ([1, 2], r"found shape \(2,\); for one input pass numpy.reshape\(X, \(1, -1\)\)"),
        ([[1, np.nan]], "found nan at row 0, column 1; drop or impute"),
        ([[np.inf, 1]], "found inf at row 0, column 0"),
        ([["a", "b"]], "found dtype"),
        (np.array([["a", 1]], dtype=object), "found 'a'"),
        (np.array([["0.3", 1]], dtype=object), "found '0.3'"),
        (np.ma.array([[1.0, 2.0]], mask=[[False, True]]), "found masked entries"),
        ([[1, 2], [3]], "found rows of different lengths"),
        ([[1j, 0]], "found dtype complex128"),
    ],
)
def test_bad_inputs_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        as_inputs(bad, 2)


def test_baselines_broadcast():
    X = np.zeros((4, 3))
    for baseline in (1.0, [1, 1, 1], np.ones((4, 3))):
        np.testing.assert_array_equal(as_baseline(baseline, X), np.ones((4, 3)))


def test_bad_baselines_are_refused():
    X = np.zeros((4, 3))
    with pytest.raises(ValueError, match=r"baseline: expected a scalar, shape \(3,\) or \(4, 3\)"):
        as_baseline(np.zeros(4), X)
    with pytest.raises(ValueError, match="baseline: expected finite"):
        as_baseline(np.nan, X)
    for wrong in ("0.3", 1j):
        with pytest.raises(ValueError, match="baseline: expected a scalar"):
            as_baseline(wrong, X)


def attribution(values, output, before, **more):
    return Attribution(
        values=values, output=output, baseline_output=before, method="m", evaluations=1, **more
    )


def test_attribution_keeps_copies_and_is_built_by_names_alone():
    values = np.ones((2, 3))
    result = attribution(values, np.zeros(2), np.zeros(2), standard_error=values)
    values[:] = 7
    np.testing.assert_array_equal(result.values, 1)
    np.testing.assert_array_equal(result.standard_error, 1)
    with pytest.raises(TypeError, match="positional"):
        Attribution(values, np.zeros(2), np.zeros(2), "m", 1)


def test_attribution_refuses_shapes_that_contradict_each_other():
    with pytest.raises(ValueError, match="values, output and baseline_output"):
        attribution(np.zeros((2, 3)), np.zeros(2), np.zeros(3))


def test_attribution_is_frozen_and_carries_its_residual():
    result = attribution(np.ones((2, 3)), np.full(2, 5.0), np.full(2, 1.5))
    np.testing.assert_allclose(result.residual, 0.5)
    with pytest.raises(AttributeError):
        result.method = "other"


def test_distinct_rows_are_counted_once():
    rows = np.array([[1, 2], [1, 2], [2, 1]])
    found, where = distinct(rows)
    assert len(found) == 2
    np.testing.assert_array_equal(found[where], rows)


@pytest.mark.parametrize("shape", [(0, 3), (1, 2), (40, 1), (40, 3), (200, 5)])
@pytest.mark.parametrize("fixed", [0, 1, 5])
@pytest.mark.parametrize("kind", [bool, int, float])
def test_distinct_rows_are_those_of_numpy_in_its_order(shape, fixed, kind):
    rows = np.random.default_rng(sum(shape) + fixed).integers(-1, 2, shape).astype(kind)
    if len(rows):
        rows[:, :fixed] = rows[0, :fixed]
    found, where = distinct(rows)
    expected, places = np.unique(rows, axis=0, return_inverse=True)
    np.testing.assert_array_equal(found, expected, strict=True)
    np.testing.assert_array_equal(where, places.reshape(len(rows)))


def test_a_missing_method_is_named_with_its_remedy():
    with pytest.raises(TypeError, match=r"shapley needs .* polynomial\(\); int has none; do this"):
        needed(3, "polynomial", "shapley", "do this")
