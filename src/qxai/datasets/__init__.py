"""Data to learn from: real tables, tasks with known answers, and the files under ``data/``."""

from qxai.datasets.dataset import Dataset, splits, with_offset
from qxai.datasets.images import lines, spot
from qxai.datasets.mixtures import mixture
from qxai.datasets.scaling import AngleScaler
from qxai.datasets.states import StateTask, cluster_circuit, excitations, phases
from qxai.datasets.storage import data_directory, read_data, read_parameters, write_data
from qxai.datasets.table_scaler import TableScaler
from qxai.datasets.tables import (
    BREAST_CANCER_FEATURES,
    WINE_FEATURES,
    breast_cancer,
    digit_images,
    digits,
    iris,
    iris_species,
    wine,
    wine_cultivars,
)
from qxai.datasets.task import Task
from qxai.datasets.tasks import additive, interaction, junta, shortcut, teacher

__all__ = [
    "BREAST_CANCER_FEATURES",
    "WINE_FEATURES",
    "AngleScaler",
    "Dataset",
    "StateTask",
    "TableScaler",
    "Task",
    "additive",
    "breast_cancer",
    "cluster_circuit",
    "data_directory",
    "digit_images",
    "digits",
    "excitations",
    "interaction",
    "iris",
    "iris_species",
    "junta",
    "lines",
    "mixture",
    "phases",
    "read_data",
    "read_parameters",
    "shortcut",
    "splits",
    "spot",
    "teacher",
    "wine",
    "wine_cultivars",
    "with_offset",
    "write_data",
]
