"""Estimates from any backend: those that compute exactly have standard errors of 0."""

import numpy as np

from qxai.backends.shift_rule import gradient_runs
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Backend, Estimate


def estimate(backend: Backend, circuit: CompiledCircuit, X: Array, parameters: Array) -> Estimate:
    """Return the outputs for inputs (N, d), shape (N,)."""
    if callable(sampled := getattr(backend, "estimate", None)):
        return sampled(circuit, X, parameters)
    return Estimate(backend.values(circuit, X, parameters), np.zeros(len(X)), len(X), 0)


def estimate_gradient(
    backend: Backend, circuit: CompiledCircuit, X: Array, parameters: Array
) -> Estimate:
    """Return the gradients by the features, shape (N, d), counted as shifted runs."""
    if callable(sampled := getattr(backend, "estimate_gradient", None)):
        return sampled(circuit, X, parameters)
    runs = len(X) * gradient_runs(circuit)
    return Estimate(backend.gradient(circuit, X, parameters), np.zeros(X.shape), runs, 0)
