"""Data to learn from: real tables, tasks with known answers, and the files under ``data/``."""

from qxai.datasets.images import lines, spot
from qxai.datasets.storage import data_directory, read_data, read_parameters, write_data
from qxai.datasets.tables import (
    BREAST_CANCER_FEATURES,
    WINE_FEATURES,
    AngleScaler,
    Dataset,
    breast_cancer,
    digits,
    iris,
    splits,
    wine,
    with_offset,
)
from qxai.datasets.task import Task
from qxai.datasets.tasks import additive, interaction, junta, shortcut, teacher

__all__ = [
    "BREAST_CANCER_FEATURES",
    "WINE_FEATURES",
    "AngleScaler",
    "Dataset",
    "Task",
    "additive",
    "breast_cancer",
    "data_directory",
    "digits",
    "interaction",
    "iris",
    "junta",
    "lines",
    "read_data",
    "read_parameters",
    "shortcut",
    "splits",
    "spot",
    "teacher",
    "wine",
    "with_offset",
    "write_data",
]
