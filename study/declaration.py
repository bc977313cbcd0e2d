"""What the comparison compares; training is declared in models.py, methods in methods.py.

Nothing here was chosen by how a method fared. Settings of training and the bars that a model has to
clear were chosen while looking at test scores of a few trial models. Trial runs of the whole study
were looked at before the last one; what changed after them is errors, the size of the random
control, the control "input", and numbers of inputs and shots, for time.
"""

from dataclasses import dataclass

import numpy as np

SEEDS = 5
SYNTHETIC_FEATURES = 5  # unless a sweep says otherwise
TRAINED_ON = 300  # inputs of a synthetic task
EXPLAINED = 16  # test inputs of each model, the same for all methods

# A model has learnt its task if it clears the bar of the task's kind on test inputs. The others
# are listed in models.csv and judged by nothing.
LEARNT = {"function": 0.8, "labels": 0.85}  # R² against clean targets, accuracy

FUNCTIONS = ("junta", "interaction", "additive", "teacher")  # targets are values
PLANTED = (*FUNCTIONS, "shortcut", "lines", "spot")  # the relevant features are known
REAL = ("iris", "wine", "breast_cancer", "digits")

ENCODING_FIRST, REUPLOADING, KERNEL = "encoding-first", "re-uploading", "kernel"
TASKS_OF = {  # 150 models in all; so not every family on every task
    ENCODING_FIRST: (*PLANTED, *REAL),
    REUPLOADING: (*FUNCTIONS, "shortcut", "iris"),
    KERNEL: ("junta", "interaction", "shortcut", "lines", "iris", "breast_cancer"),
}
SWEPT = ("junta", "additive")
SWEPT_FEATURES = (4, 6)
SWEPT_NOISE = 0.5
PERMUTED = ("junta", "shortcut", "lines", "breast_cancer", "digits")  # trained on permuted labels

# Two baselines for every method that takes one: the middle of the range (for the real data the
# training average), and the angle 0 (black, for images).
BASELINES = {"mean": np.pi / 2, "zero": 0.0}

SMOOTHING = 0.3  # SmoothGrad's noise, radians
LIME_SCALE = 0.5  # radians
EPSILON, GAMMA = 0.01, 0.25

STEADY_INPUTS = 6  # of the explained ones, moved and re-explained with randomised models
STEADY_LAYERED_QUBITS = 8  # QLRP-ε and γ hold 4^n activations; on 9 qubits they are not moved
SENSITIVITY_RADIUS, SENSITIVITY_DRAWS = 0.05, 3  # radians
RESAMPLES = 1000  # of the bootstrap
TARGET_ERROR = 0.1  # standard error relative to the attribution's size, for the cost in shots
NOISE_TASK, NOISE_LEVELS = "junta", (0.0, 0.001, 0.003, 0.01, 0.03)
NOISE_INPUTS, NOISE_SHOTS = 4, 256
PILOT_SHOTS, PILOT_SAMPLES, PILOT_INPUTS = 512, 64, 8


@dataclass(frozen=True)
class Setting:
    """One model of the study.

    Attributes
    ----------
    task, family : str
    seed : int
        Draws the data of a synthetic task, or picks the split of a real one, and starts training.
    num_features : int
        Of a synthetic task without a fixed number.
    noise : float
        Of its targets.
    permuted : bool
        Whether it was trained on permuted targets.
    """

    task: str
    family: str
    seed: int
    num_features: int = SYNTHETIC_FEATURES
    noise: float = 0.0
    permuted: bool = False

    @property
    def sweep(self) -> str:
        """Which part of the study it belongs to."""
        if self.permuted:
            return "permuted"
        if self.noise:
            return f"noise {self.noise:g}"
        fixed = self.num_features == SYNTHETIC_FEATURES
        return "main" if fixed else f"{self.num_features} features"

    @property
    def key(self) -> str:
        """Its name in files."""
        return "_".join([self.task, self.family, self.sweep, str(self.seed)]).replace(" ", "-")

    @property
    def kind(self) -> str:
        """Whether its targets are a function's values or labels."""
        return "function" if self.task in FUNCTIONS else "labels"


def settings() -> list[Setting]:
    """Return all models: the main ones, the sweeps of features and noise, the permuted ones."""
    seeds = range(SEEDS)
    main = [Setting(t, f, s) for f, tasks in TASKS_OF.items() for t in tasks for s in seeds]
    first = ENCODING_FIRST
    wide = [Setting(t, first, s, d) for t in SWEPT for d in SWEPT_FEATURES for s in seeds]
    noisy = [Setting(t, first, s, noise=SWEPT_NOISE) for t in SWEPT for s in seeds]
    permuted = [Setting(t, first, 0, permuted=True) for t in PERMUTED]
    return [*main, *wide, *noisy, *permuted]
