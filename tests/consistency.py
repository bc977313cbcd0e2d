"""One helper that holds all backends and representations of a model to each other."""

import numpy as np

import qxai
from tests import transcriptions


def representations(model):
    """Every form of the model that exists; a form that is refused is left out by its error."""
    yield "circuit", model
    yield "polynomial", model.polynomial()
    try:
        pauli = model.pauli_polynomial()
    except ValueError as error:
        assert "expected a product encoding" in str(error)  # noqa: PT017
    else:
        yield "Pauli strings", pauli
        yield "products", pauli.polynomial()


def assert_consistent(model, X, backends=(), atol=1e-11):
    """Compare values, gradients and Shapley values of all forms, and values of all backends."""
    expected = [transcriptions.model_output(model, x) for x in X]
    slopes = model.gradient(X)
    shapley = qxai.shapley(model, X, 0.3).values
    for name, form in representations(model):
        np.testing.assert_allclose(form.values(X), expected, atol=atol, err_msg=name)
        np.testing.assert_allclose(form.gradient(X), slopes, atol=10 * atol, err_msg=name)
        found = qxai.shapley(form, X, 0.3).values
        np.testing.assert_allclose(found, shapley, atol=10 * atol, err_msg=name)
    for backend, tolerance in backends:
        found = model.on(backend)
        np.testing.assert_allclose(found.values(X), expected, atol=tolerance)
        np.testing.assert_allclose(found.gradient(X), slopes, atol=10 * tolerance)
    device = model.on(qxai.Sampled(20_000, np.random.default_rng(0)))
    for found, exact in ((device.estimate(X), expected), (device.estimate_gradient(X), slopes)):
        assert np.all(np.abs(found.values - exact) < 6 * found.standard_error + 1e-9)
