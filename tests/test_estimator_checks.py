"""What scikit-learn asks of every estimator, by its own checks."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from qxai.estimators import Classifier, KernelClassifier, KernelRegressor, Regressor

WEIGHTED = "check_sample_weight_equivalence_on_dense_data"
EXCEPTIONS = {
    "Classifier": {WEIGHTED: "30 columns are 30 qubits; and a minibatch is no weighted one"},
    "Regressor": {WEIGHTED: "30 columns are 30 qubits; and a minibatch is no weighted one"},
    "KernelClassifier": {WEIGHTED: "the scaler counts each row once, whatever its weight"},
    "KernelRegressor": {WEIGHTED: "the scaler counts each row once, whatever its weight"},
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        Classifier(layers=2, epochs=20, random_state=0),
        Regressor(layers=1, epochs=12, random_state=0),
        KernelClassifier(),
        KernelRegressor(),
    ],
    expected_failed_checks=lambda estimator: EXCEPTIONS[type(estimator).__name__],
    xfail_strict=True,
)
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)
