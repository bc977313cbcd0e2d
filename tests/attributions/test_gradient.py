import numpy as np
import pytest

import qxai
from tests import circuits, transcriptions


def test_gradient_and_its_product_with_the_input():
    model = circuits.reuploading(4)
    X = circuits.inputs(4, model)
    expected = np.array([transcriptions.shifted_gradient(model, x) for x in X])
    plain = qxai.gradient(model, X)
    np.testing.assert_allclose(plain.values, expected, atol=1e-12)
    assert np.isnan(plain.baseline_output).all()
    assert np.isnan(plain.residual).all()
    product = qxai.gradient_x_input(model, X, baseline=[0.5, -1.0])
    np.testing.assert_allclose(product.values, (X - [0.5, -1.0]) * expected, atol=1e-12)
    uploads = 2  # each feature is uploaded twice, and each rotation is shifted twice
    assert plain.evaluations == product.evaluations == 2 * uploads * X.size


def test_a_model_without_gradient_is_told_what_would_do():
    class Values:
        num_features = 2

        def values(self, X):
            return np.zeros(len(X))

    with pytest.raises(TypeError, match=r"gradient\(\); Values has none; occlusion"):
        qxai.gradient(Values(), np.zeros((1, 2)))
