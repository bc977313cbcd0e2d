"""Exact explanations of quantum machine learning models."""

import importlib
from typing import Any

from qxai.attribution import Attribution
from qxai.attributions.ale import ale
from qxai.attributions.amplitudes import amplitude_relevance
from qxai.attributions.anova import Anova, anova
from qxai.attributions.banzhaf import banzhaf
from qxai.attributions.conditional import conditional_shapley
from qxai.attributions.counterfactual import counterfactual
from qxai.attributions.counterfactual_search import CounterfactualPoints, counterfactual_search
from qxai.attributions.examples import example_attribution
from qxai.attributions.game import Game, game
from qxai.attributions.gates import gate_shapley
from qxai.attributions.gradient import gradient, gradient_x_input
from qxai.attributions.ice import ice
from qxai.attributions.integrated_gradients import integrated_gradients
from qxai.attributions.interactions import interactions
from qxai.attributions.least_infidelity import least_infidelity
from qxai.attributions.lime import lime
from qxai.attributions.noise_ladder import qlrp_from_noise
from qxai.attributions.occlusion import occlusion
from qxai.attributions.partial_dependence import partial_dependence
from qxai.attributions.permutation_importance import (
    PermutationImportance,
    permutation_importance,
)
from qxai.attributions.q_lime import SurrogateEnsemble, q_lime
from qxai.attributions.qlrp import qlrp
from qxai.attributions.qlrp_layers import qlrp_layers
from qxai.attributions.rules import Epsilon, Gamma, Zero
from qxai.attributions.shapley import shapley
from qxai.attributions.shapley_interactions import shapley_interactions
from qxai.attributions.sites import site_relevance
from qxai.attributions.smooth_grad import smooth_grad
from qxai.attributions.sobol import SobolIndices, sobol_indices
from qxai.attributions.taylor import taylor
from qxai.backends.noisy_qsim import NoisyQSim
from qxai.backends.qsim import QSim
from qxai.backends.sampled import Sampled
from qxai.backends.statevector import Statevector
from qxai.backends.tfq import TFQ
from qxai.background import Background, Marginals
from qxai.chunks import in_chunks
from qxai.conditionals import GaussianCopula, NearestRows
from qxai.core import Estimate
from qxai.costing import Cost, shots_needed
from qxai.counterfactuals import Counterfactuals
from qxai.dependence import Dependence
from qxai.models.affine import Affine
from qxai.models.circuit import PQC
from qxai.models.combination import Combination
from qxai.models.front import Scaled
from qxai.models.function import Function
from qxai.models.head import Probability
from qxai.models.kernel import KernelModel
from qxai.models.outputs import Outputs
from qxai.models.probability import probability
from qxai.models.states import StateModel
from qxai.models.trains import pauli_propagation, tensor_train
from qxai.models.wrapping import each_row
from qxai.planning import plan
from qxai.representations.local import LocalPolynomial
from qxai.representations.pauli import PauliPolynomial
from qxai.representations.product import ProductPolynomial
from qxai.representations.sums import SumPolynomial
from qxai.representations.tensor_train import TensorTrain
from qxai.representations.trigonometric import TrigPolynomial
from qxai.results import load, save
from qxai.runs import Plan
from qxai.sets import Interactions
from qxai.shadows import Shadow, shadow
from qxai.table import Table
from qxai.training import FitResult, fit

__version__ = "0.1.0"

_MODULES = {
    "ansatz": "qxai.models.ansatz",
    "claims": "qxai.claims",
    "datasets": "qxai.datasets",
    "examples": "qxai.examples",
    "metrics": "qxai.metrics",
    "plots": "qxai.plots",
    "progress": "qxai.progress",
    "widgets": "qxai.widgets",
}
_NAMES = {
    "Classifier": "qxai.estimators",
    "KernelClassifier": "qxai.estimators",
    "KernelRegressor": "qxai.estimators",
    "Regressor": "qxai.estimators",
    "load_estimator": "qxai.estimators",
    "read_qasm": "qxai.models.qasm",
    "report": "qxai.reporting",
    "write_page": "qxai.reporting",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: not all need scikit-learn, or draw."""
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'qxai' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, the modules among them."""
    return sorted([*__all__, *_MODULES])


__all__ = [
    "PQC",
    "TFQ",
    "Affine",
    "Anova",
    "Attribution",
    "Background",
    "Classifier",
    "Combination",
    "Cost",
    "CounterfactualPoints",
    "Counterfactuals",
    "Dependence",
    "Epsilon",
    "Estimate",
    "FitResult",
    "Function",
    "Game",
    "Gamma",
    "GaussianCopula",
    "Interactions",
    "KernelClassifier",
    "KernelModel",
    "KernelRegressor",
    "LocalPolynomial",
    "Marginals",
    "NearestRows",
    "NoisyQSim",
    "Outputs",
    "PauliPolynomial",
    "PermutationImportance",
    "Plan",
    "Probability",
    "ProductPolynomial",
    "QSim",
    "Regressor",
    "Sampled",
    "Scaled",
    "Shadow",
    "SobolIndices",
    "StateModel",
    "Statevector",
    "SumPolynomial",
    "SurrogateEnsemble",
    "Table",
    "TensorTrain",
    "TrigPolynomial",
    "Zero",
    "ale",
    "amplitude_relevance",
    "anova",
    "banzhaf",
    "conditional_shapley",
    "counterfactual",
    "counterfactual_search",
    "each_row",
    "example_attribution",
    "fit",
    "game",
    "gate_shapley",
    "gradient",
    "gradient_x_input",
    "ice",
    "in_chunks",
    "integrated_gradients",
    "interactions",
    "least_infidelity",
    "lime",
    "load",
    "load_estimator",
    "occlusion",
    "partial_dependence",
    "pauli_propagation",
    "permutation_importance",
    "plan",
    "probability",
    "q_lime",
    "qlrp",
    "qlrp_from_noise",
    "qlrp_layers",
    "read_qasm",
    "report",
    "save",
    "shadow",
    "shapley",
    "shapley_interactions",
    "shots_needed",
    "site_relevance",
    "smooth_grad",
    "sobol_indices",
    "taylor",
    "tensor_train",
    "write_page",
]
