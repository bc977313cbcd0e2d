"""Models with scikit-learn's interface: raw columns in, scaler and circuit inside."""

from qxai.estimators.classifier import Classifier
from qxai.estimators.kernel_classifier import KernelClassifier
from qxai.estimators.kernel_regressor import KernelRegressor
from qxai.estimators.loading import load_estimator
from qxai.estimators.regressor import Regressor

__all__ = ["Classifier", "KernelClassifier", "KernelRegressor", "Regressor", "load_estimator"]
