"""A model to start from: ridge regression on products of two waves, as a function of inputs."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

import qxai

NAME = "polynomial ridge"


def waves(X):
    """Return cosines and sines of the angles."""
    return np.hstack([np.cos(X), np.sin(X)])


def build(X, y, seed):
    """Train on angles (N, d), and return what qxai explains: a function of angles."""
    parts = (FunctionTransformer(waves), PolynomialFeatures(2), Ridge(0.1))
    fitted = make_pipeline(*parts).fit(X, y)
    return qxai.Function(fitted.predict, num_features=X.shape[1])
