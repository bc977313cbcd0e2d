import numpy as np
import pytest
from hypothesis import given, settings

import qxai
from tests import circuits


@pytest.mark.parametrize("make", circuits.MAKERS)
@settings(max_examples=10)
@given(seed=circuits.SEEDS)
def test_every_features_vector_is_damped(make, seed):
    """Identity I3, by Gauss–Hermite quadrature of the circuit's own gradient in one feature and
    damped vectors in none: the noise on all features at once, on a grid."""
    model = make(seed)
    x = circuits.inputs(seed, model, 1)[0]
    sigma = 0.4
    nodes, weights = np.polynomial.hermite_e.hermegauss(9 if len(x) > 3 else 15)
    grid = np.stack(np.meshgrid(*[nodes] * len(x), indexing="ij"), axis=-1).reshape(-1, len(x))
    joint = np.prod(np.stack(np.meshgrid(*[weights] * len(x), indexing="ij")), axis=0).ravel()
    mean = (joint / joint.sum()) @ model.gradient(x + sigma * grid)
    found = qxai.smooth_grad(model, x[None], sigma)
    np.testing.assert_allclose(found.values[0], mean, atol=1e-6)


def test_without_noise_it_is_the_gradient():
    model = circuits.wide_features(4)
    X = circuits.inputs(4, model)
    np.testing.assert_allclose(
        qxai.smooth_grad(model, X, 0.0).values, model.gradient(X), atol=1e-12
    )
    rng = np.random.default_rng(0)
    one = qxai.smooth_grad(model, X, 0.0, samples=2, rng=rng)
    np.testing.assert_allclose(one.values, model.gradient(X), atol=1e-12)
    np.testing.assert_allclose(one.standard_error, 0, atol=1e-12)


def test_samples_converge_as_one_over_the_square_root():
    model = circuits.reuploading(2)
    X = np.repeat(circuits.inputs(2, model, 1), 300, axis=0)
    exact = qxai.smooth_grad(model, X, 0.5).values
    errors = []
    for samples in (5, 80):
        found = qxai.smooth_grad(model, X, 0.5, samples=samples, rng=np.random.default_rng(1))
        errors.append(np.sqrt(np.mean((found.values - exact) ** 2)))
    assert 3.5 < errors[0] / errors[1] < 4.5


def test_bad_settings_are_refused():
    model = circuits.reuploading(2)
    with pytest.raises(ValueError, match="sigma: expected a number of at least 0, found -1"):
        qxai.smooth_grad(model, np.zeros((1, 2)), -1)
    function = qxai.Function(model.values, model.gradient, 2)
    with pytest.raises(TypeError, match=r"polynomial\(\); Function has none; pass samples="):
        qxai.smooth_grad(function, np.zeros((1, 2)), 0.1)
