import copy
import dataclasses
import fractions
import functools
import pickle
import re
import types

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.wrapping import EachRow

WEIGHTS = np.array([1.0, -2.0, 0.5])


def one_by_one(x):
    """A function of one input, as circuits of other libraries are written."""
    return np.cos(x[0]) * np.sin(0.5 * x[1]) + 0.3 * x[2]


def its_slope(x):
    c, s = np.cos(0.5 * x[1]), np.sin(0.5 * x[1])
    return np.array([-np.sin(x[0]) * s, 0.5 * np.cos(x[0]) * c, 0.3])


def in_batches(X):
    return one_by_one(X.T)


class Tensor:
    """A number or array that records gradients, as PyTorch's: NumPy cannot take it as it is."""

    def __init__(self, numbers):
        self.numbers = np.asarray(numbers)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return types.SimpleNamespace(cpu=lambda: self.numbers)


def advised(error, **names):
    """Return the arguments that an error advises to pass, made as it writes them."""
    text = re.search(
        r"(?:pass|or|one:) (\w+=(?:qxai.each_row\(.*?\)(?=,| for)|lambda.*))", str(error)
    )
    return eval(f"dict({text[1]})", {"qxai": qxai, **names})


def test_a_function_is_a_model():
    model = qxai.Function(lambda X: X[:, 0] * X[:, 1], lambda X: X[:, ::-1], 2)
    X = [[2.0, 3.0], [1, 5]]
    np.testing.assert_array_equal(model(X), [6, 5])
    np.testing.assert_array_equal(qxai.gradient_x_input(model, X).values, [[6, 6], [5, 5]])
    np.testing.assert_allclose(qxai.shapley(model, X).values, [[3, 3], [2.5, 2.5]])


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5])
@pytest.mark.parametrize(
    "dressed",
    [
        lambda found: found[:, None],
        lambda found: found.tolist(),
        lambda found: [Tensor(number) for number in found],
        lambda found: [[number] for number in found],
        lambda found: Tensor(found[:, None]),
        lambda found: np.array([fractions.Fraction(n) for n in found], object).reshape(-1),
        lambda found: found[0] if len(found) == 1 else found,
    ],
)
def test_numbers_of_any_library_and_columns_are_taken(dressed, rows):
    X = np.random.default_rng(rows).uniform(-1, 1, (rows, 3))
    model = qxai.Function(lambda X: dressed(in_batches(X)), num_features=3)
    np.testing.assert_array_equal(model.values(X), [one_by_one(x) for x in X])


def test_gradients_may_have_an_axis_for_the_only_output():
    X = np.random.default_rng(0).uniform(-1, 1, (4, 3))
    slopes = qxai.each_row(its_slope)
    for dressed in (lambda found: found, lambda found: found[:, None], Tensor):
        model = qxai.Function(in_batches, lambda X: dressed(slopes(X)), 3)  # noqa: B023
        np.testing.assert_array_equal(model.gradient(X), [its_slope(x) for x in X])


def test_single_precision_is_taken_as_it_is():
    found = qxai.Function(lambda X: X[:, 0].astype(np.float32), num_features=1).values([[0.1]])
    assert found.dtype == np.float64
    assert found[0] == np.float32(0.1)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda X: X[:-1, 0], r"values: expected real numbers of shape \(2,\) for 2 inputs, found"),
        (lambda X: X[:, 0] + 1j, "found complex128"),
        (lambda X: ["a", "b"], "found <U1"),
        (lambda X: [None, None], "found object"),
        (lambda X: [[1.0], [1.0, 2.0]], "found list, no array"),
        (lambda X: X[:, 0] / (X[:, 1] - 4), r"expected finite numbers.*row 1, .*\[3.0, 4.0\]"),
    ],
)
def test_what_comes_out_is_checked(function, message):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        qxai.Function(function, num_features=2).values([[1.0, 2.0], [3, 4]])


def test_errors_of_the_function_itself_arrive():
    def broken(X):
        raise OSError("no device")

    with pytest.raises(OSError, match="no device"):
        qxai.Function(broken, num_features=2).values([[1.0, 2.0]])

    def full(X):
        if X.ndim == 2 and len(X) > 1:
            raise MemoryError("too many rows")
        return X[..., 0]

    with pytest.raises(MemoryError):
        qxai.Function(full, num_features=2).values(np.zeros((3, 2)))


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_several_outputs_are_refused_and_the_advice_works(rows):
    X = np.random.default_rng(0).uniform(-1, 1, (rows, 3))
    outputs = np.outer(WEIGHTS, [1, 2])

    def values(X):
        return X @ outputs

    with pytest.raises(TypeError, match=rf"found 2, shape \({rows}, 2\); choose one") as error:
        qxai.Function(values, num_features=3).values(X)
    model = qxai.Function(**advised(error.value, values=values), num_features=3)
    np.testing.assert_allclose(model.values(X), X @ WEIGHTS)
    if hasattr(qxai, "Outputs"):
        made = re.search(r"qxai.Outputs.of_function\(.*?\)\[name\]", str(error.value))[0]
        scope = {"qxai": qxai, "values": values, "names": ["a", "b"], "name": "b"}
        np.testing.assert_allclose(eval(made, scope).values(X), 2 * X @ WEIGHTS)


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_several_gradients_are_refused_and_the_advice_works(rows):
    X = np.zeros((rows, 3))

    def gradient(X):
        return np.tile([WEIGHTS, 2 * WEIGHTS], (len(X), 1, 1))

    with pytest.raises(TypeError, match=r"gradient: .* found 2, .*choose one: gradient=") as error:
        qxai.Function(in_batches, gradient, 3).gradient(X)
    model = qxai.Function(in_batches, num_features=3, **advised(error.value, gradient=gradient))
    np.testing.assert_array_equal(model.gradient(X), np.tile(WEIGHTS, (rows, 1)))


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 24])
def test_one_input_at_a_time_is_recognised_and_the_advice_works(rows):
    X = np.random.default_rng(rows).uniform(-1, 1, (rows, 3))
    expected = [one_by_one(x) for x in X]
    with pytest.raises(TypeError, match=r"values: .* one input at a time") as error:
        qxai.Function(one_by_one, num_features=3).values(X)
    remedy = advised(error.value, values=one_by_one)
    np.testing.assert_array_equal(qxai.Function(**remedy, num_features=3).values(X), expected)
    with pytest.raises(TypeError, match=r"gradient: .* one input at a time") as error:
        qxai.Function(in_batches, its_slope, 3).gradient(X)
    remedy = advised(error.value, gradient=its_slope)
    model = qxai.Function(in_batches, num_features=3, **remedy)
    np.testing.assert_array_equal(model.gradient(X), [its_slope(x) for x in X])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: float(WEIGHTS @ x) if x.ndim == 1 else WEIGHTS @ x,
        lambda x: np.sum(np.cos(x)),
        lambda x: np.cos(x).sum(axis=0),
        lambda x: x[-1] ** 2,
        lambda x: x @ np.diag(WEIGHTS) @ x.T,
        lambda x: np.array([x[0] * x[1]]),
        lambda x: Tensor(x[0] * x[1]),
        lambda x: [x[0], x[1] * x[2]],
        lambda x: (x[0], 1.0),
    ],
)
@pytest.mark.parametrize("rows", [2, 3, 5])
def test_other_ways_to_write_a_function_of_one_input(function, rows):
    """Whatever is silently wrong on a square or of another shape is refused, with what works."""
    X = np.random.default_rng(rows).uniform(-1, 1, (rows, 3))
    with pytest.raises(TypeError, match="one input at a time") as error:
        qxai.Function(function, num_features=3).values(X)
    remedy = advised(error.value, values=function)
    found = qxai.Function(**remedy, num_features=3).values(X)
    first = [getattr(function(x), "numbers", function(x)) for x in X]
    np.testing.assert_array_equal(found, [np.ravel(one)[0] for one in first])


def test_a_square_costs_one_row_once_and_nothing_else_costs_anything():
    asked = []

    def values(X):
        asked.append(len(X))
        return X[:, 0]

    model = qxai.Function(values, num_features=3)
    for rows in (1, 3, 3, 3):
        model.values(np.zeros((rows, 3)))
    assert asked == [1, 3, 1, 3, 3]
    asked.clear()
    model = qxai.Function(values, num_features=3)
    for rows in (2, 3, 3):
        model.values(np.zeros((rows, 3)))
    assert asked == [2, 3, 3]


def test_a_function_is_handed_at_most_a_batch():
    asked = []

    def values(X):
        asked.append(len(X))
        return X[:, 0]

    X = np.random.default_rng(0).uniform(-1, 1, (7, 3))
    model = qxai.Function(values, lambda X: [values(X)] and X, 3, batch_size=2)
    np.testing.assert_array_equal(model.values(X), X[:, 0])
    assert asked == [2, 2, 2, 1]
    np.testing.assert_array_equal(model.gradient(X), X)
    assert asked[4:] == [2, 2, 2, 1]
    sampled = qxai.Function(
        estimate=lambda X: (values(X), 0.1 + 0 * X[:, 0]), num_features=3, batch_size=4
    )
    assert sampled.estimate(X).values.tolist() == X[:, 0].tolist()
    assert asked[8:] == [4, 3]


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match="values: expected a callable, found 3"):
        qxai.Function(3)
    with pytest.raises(TypeError, match="values: expected a callable, or estimate=, found neither"):
        qxai.Function(num_features=2)
    with pytest.raises(TypeError, match="gradient: expected a callable, found 3"):
        qxai.Function(np.sum, 3)
    with pytest.raises(TypeError, match="estimate: expected a callable, found 3"):
        qxai.Function(estimate=3)
    with pytest.raises(TypeError, match="function: expected a callable, found 3"):
        qxai.each_row(3)
    for count in (0, 2.5, True):
        with pytest.raises(ValueError, match="num_features: expected a whole number of at least"):
            qxai.Function(np.sum, num_features=count)
        with pytest.raises(ValueError, match="batch_size: expected a whole number of at least 1"):
            qxai.Function(np.sum, batch_size=count)
    for names in ("ab", ["a"], ["a", "a"], ["a", 1]):
        with pytest.raises(ValueError, match="feature_names: expected 2 different strings"):
            qxai.Function(np.sum, num_features=2, feature_names=names)
    assert qxai.Function(np.sum, num_features=2, feature_names=["a", "b"]).feature_names == (
        "a",
        "b",
    )
    model = qxai.Function(lambda X: X[:, 0], num_features=2)
    with pytest.raises(TypeError, match=r"gradient\(\); Function has none"):
        qxai.gradient(model, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="X: expected real numbers"):
        model.values([[np.nan, 1]])


def test_the_columns_of_a_table_are_matched_by_name():
    pandas = pytest.importorskip("pandas")
    X = np.random.default_rng(0).uniform(-1, 1, (4, 3))
    table = pandas.DataFrame(X[:, ::-1], columns=["c", "b", "a"])
    names = {"num_features": 3, "feature_names": ["a", "b", "c"]}
    model = qxai.Function(in_batches, qxai.each_row(its_slope), **names)
    np.testing.assert_array_equal(model.values(table), in_batches(X))
    np.testing.assert_array_equal(model.gradient(table), [its_slope(x) for x in X])
    device = qxai.Function(estimate=lambda X: (in_batches(X), 0 * X[:, 0]), **names)
    np.testing.assert_array_equal(device.estimate(table).values, in_batches(X))


def test_values_beside_an_estimate_are_refused_and_the_advice_works():
    def estimate(X):
        return X[:, 0], 0.1 + 0 * X[:, 0]

    with pytest.raises(TypeError, match="values, estimate: expected one of both") as error:
        qxai.Function(in_batches, num_features=3, estimate=estimate)
    made = re.search(r"qxai.Function\(.*\)", str(error.value))[0]
    model = eval(made, {"qxai": qxai, "estimate": estimate})
    assert model.values([[1, 2, 3]]) == [1]


# What samples.
SHOTS = 200


def exact(X):
    return np.cos(X[:, 0]) * np.cos(X[:, 1])


def thrown(X, rng, told=True):
    """A device of another library: the mean of shots ±1, and its standard error."""
    ones = rng.binomial(SHOTS, (1 + exact(X)) / 2)
    mean = 2 * ones / SHOTS - 1
    error = np.sqrt((1 - mean**2) / (SHOTS - 1))
    return (mean, error, SHOTS) if told else (mean, error)


def pulls(method, repetitions=1500):
    """Return (found − exact) / standard error of many repetitions, each an input of its own."""
    estimate = functools.partial(thrown, rng=np.random.default_rng(5))
    device = qxai.Function(estimate=estimate, num_features=2)
    X = np.tile([[0.9, 1.3]], (repetitions, 1))
    start = np.random.default_rng(6).uniform(0.3, 0.5, X.shape)  # no root point is shared
    found, right = method(device, X, start), method(qxai.Function(exact, num_features=2), X, start)
    assert right.standard_error is None
    return (found.values - right.values) / found.standard_error


@pytest.mark.parametrize("method", [qxai.occlusion, qxai.taylor, qxai.shapley])
def test_the_standard_error_of_a_function_that_samples_is_calibrated(method):
    """Variance 1 within five of its own standard errors, √(2 / repetitions)."""
    found = pulls(method)
    np.testing.assert_allclose(found.var(axis=0), 1, atol=5 * np.sqrt(2 / len(found)))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=5 / np.sqrt(len(found)))


def test_runs_and_shots_of_a_function_are_counted():
    X = np.random.default_rng(0).uniform(0.1, 1, (5, 2))
    rng = np.random.default_rng(0)
    told = qxai.Function(estimate=functools.partial(thrown, rng=rng), num_features=2)
    untold = functools.partial(thrown, rng=rng, told=False)
    for model, each in ((told, SHOTS), (qxai.Function(estimate=untold, num_features=2), 1)):
        for size in (None, 2):
            found = dataclasses.replace(model, batch_size=size).estimate(X)
            assert (found.evaluations, found.shots) == (5, 5 * each)
        found = qxai.occlusion(model, X)
        assert (found.evaluations, found.shots) == (15, 15 * each)


def test_an_estimate_may_be_an_estimate_of_ours():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    device = qxai.Sampled(SHOTS, np.random.default_rng(0))
    observable = cirq.Z(q[0]) * cirq.Z(q[1]) + cirq.X(q[0])  # two groups of shots
    model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, observable, backend=device)
    wrapped = qxai.Function(estimate=model.estimate, num_features=2, batch_size=3)
    X = np.random.default_rng(1).uniform(0, 1, (7, 2))
    ours, found = model.estimate(X), wrapped.estimate(X)
    assert (found.evaluations, found.shots) == (ours.evaluations, ours.shots) == (7, 14 * SHOTS)
    assert (np.abs(found.values - ours.values) < 5 * np.hypot(1, 1) * ours.standard_error).all()


def test_an_estimate_of_one_input_is_recognised_and_the_advice_works():
    def estimate(x):
        return np.cos(x[0]) * x[1], 0.1 * x[2], 10

    X = np.random.default_rng(0).uniform(0.1, 1, (4, 3))
    for rows in (1, 3, 4):
        with pytest.raises(TypeError, match=r"estimate: .* one input at a time") as error:
            qxai.Function(estimate=estimate, num_features=3).estimate(X[:rows])
        remedy = advised(error.value, estimate=estimate)
        found = qxai.Function(**remedy, num_features=3).estimate(X[:rows])
        np.testing.assert_array_equal(found.values, np.cos(X[:rows, 0]) * X[:rows, 1])
        np.testing.assert_array_equal(found.standard_error, 0.1 * X[:rows, 2])
        assert found.shots == 10 * rows


@pytest.mark.parametrize(
    ("estimate", "error", "message"),
    [
        (lambda X: X[:, 0], TypeError, r"expected \(values, standard_error\).* found ndarray"),
        (lambda X: (X[:, 0], 0.1), ValueError, r"standard error of each of 2 inputs.*shape \(\)"),
        (lambda X: (X[:, 0], -X[:, 0]), ValueError, "a standard error of at least 0, found -3"),
        (lambda X: (X[:, 0], np.nan * X[:, 0]), ValueError, "expected finite numbers"),
        (lambda X: (X, X), ValueError, "value of each of 2 inputs"),
        (lambda X: (X[:, 0], X[:, 0], [1, 2, 3]), ValueError, "shots of each of 2 inputs"),
    ],
)
def test_what_is_no_estimate_is_refused(estimate, error, message):
    with pytest.raises(error, match="estimate: .*" + message):
        qxai.Function(estimate=estimate, num_features=2).estimate([[1.0, 2.0], [3, 4]])


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_function_with_everything_goes_elsewhere(again):
    X = np.random.default_rng(0).uniform(0.1, 1, (4, 3))
    names = ("a", "b", "c")
    rows = qxai.each_row(one_by_one), qxai.each_row(its_slope)
    model = again(qxai.Function(*rows, 3, batch_size=2, feature_names=names))
    np.testing.assert_array_equal(model.values(X), [one_by_one(x) for x in X])
    np.testing.assert_array_equal(model.gradient(X), [its_slope(x) for x in X])
    assert (model.batch_size, model.feature_names) == (2, names)
    rng = np.random.default_rng(0)
    device = qxai.Function(estimate=functools.partial(thrown, rng=rng), num_features=2)
    first, second = again(device), again(device)
    np.testing.assert_array_equal(first.values(X[:, :2]), second.estimate(X[:, :2]).values)


def test_a_function_is_shown_shortly():
    assert repr(qxai.Function(np.sum, num_features=2)) == "<Function: 2 features>"
    device = qxai.Function(thrown, thrown, 3)
    assert repr(device) == "<Function: 3 features, gradient>"
    assert repr(qxai.Function(estimate=thrown)) == "<Function: 1 features, sampled>"


def test_a_function_taken_from_a_model_is_wrapped_once():
    model = qxai.Function(qxai.each_row(one_by_one), num_features=3)
    again = dataclasses.replace(qxai.Function(model.values, num_features=3), batch_size=2)
    assert isinstance(again.values.function, EachRow)
