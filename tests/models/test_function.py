import numpy as np
import pytest

import qxai


def test_a_function_is_a_model():
    model = qxai.Function(lambda X: X[:, 0] * X[:, 1], lambda X: X[:, ::-1], 2)
    X = [[2.0, 3.0], [1, 5]]
    np.testing.assert_array_equal(model(X), [6, 5])
    np.testing.assert_array_equal(qxai.gradient_x_input(model, X).values, [[6, 6], [5, 5]])
    np.testing.assert_allclose(qxai.shapley(model, X).values, [[3, 3], [2.5, 2.5]])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda X: X, r"values: expected real numbers of shape \(1,\) for 1 inputs, found float64"),
        (lambda X: X[:, 0] + 1j, "found complex128"),
        (lambda X: X[:, 0] / 0.0 * 0, "values: expected finite numbers"),
    ],
)
def test_what_comes_out_is_checked(function, message):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        qxai.Function(function, num_features=2).values([[1.0, 2.0]])


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match="values: expected a callable, found 3"):
        qxai.Function(3)
    with pytest.raises(TypeError, match="gradient: expected a callable, found 3"):
        qxai.Function(np.sum, 3)
    with pytest.raises(ValueError, match="num_features: expected a whole number of at least 1"):
        qxai.Function(np.sum, num_features=0)
    model = qxai.Function(lambda X: X[:, 0], num_features=2)
    with pytest.raises(TypeError, match=r"gradient\(\); Function has none"):
        qxai.gradient(model, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="X: expected real numbers"):
        model.values([[np.nan, 1]])
