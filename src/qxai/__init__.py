"""Exact explanations of quantum machine learning models."""

from qxai.attributions.gradient import gradient, gradient_x_input
from qxai.attributions.qlrp import qlrp
from qxai.attributions.shapley import shapley
from qxai.attributions.taylor import taylor
from qxai.backends.qsim import QSim
from qxai.backends.statevector import Statevector
from qxai.backends.tfq import TFQ
from qxai.core import Attribution
from qxai.models.circuit import PQC
from qxai.representations.trigonometric import TrigPolynomial
from qxai.training import FitResult, fit

__version__ = "0.1.0"

__all__ = [
    "PQC",
    "TFQ",
    "Attribution",
    "FitResult",
    "QSim",
    "Statevector",
    "TrigPolynomial",
    "fit",
    "gradient",
    "gradient_x_input",
    "qlrp",
    "shapley",
    "taylor",
]
