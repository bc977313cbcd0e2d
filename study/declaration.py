"""What the comparison compares. Hypotheses are in hypotheses.py, the analysis in inference.py.

Two parts. *Named* tasks, each made to test one thing, on all families with all methods: they show,
and rank nothing, because tasks that somebody chose are no sample. *Drawn* tasks, from a generator
that is declared here, with few entrants that are declared in advance: they are what is tested, with
tasks as units. Trial runs used named tasks and other seeds; see the page for what they changed.
"""

from dataclasses import dataclass, replace

import numpy as np

SEEDS = 5  # of a named task: new data (for real tables: another fold), a new start of training
TRAINED_ON, TESTED_ON = 400, 200  # inputs of a planted task
EXPLAINED = 16  # test inputs of each model, the same for all methods

# A model has learnt its task if it clears the bar of the task's kind on test inputs. The others
# are listed in models.csv and judged by nothing.
LEARNT = {"function": 0.85, "labels": 0.85, "classes": 0.85}  # R² of clean targets; accuracy

ENCODING_FIRST, REUPLOADING, KERNEL = "encoding-first", "re-uploading", "kernel"
FROZEN, CONVOLUTIONAL = "frozen", "convolutional"
FAMILIES = (ENCODING_FIRST, REUPLOADING, KERNEL, FROZEN)

# Functions with a generator of qxai.datasets and its arguments.
FUNCTIONS = {
    "junta": ("junta", {"num_features": 5}),
    "interaction": ("interaction", {"num_features": 5}),
    "away": ("mixture", {"num_features": 5, "alone": 0, "orders": (2,)}),
    "additive": ("additive", {"num_features": 5}),
    "teacher": ("teacher", {"num_features": 5}),
    "correlated": ("mixture", {"num_features": 5, "orders": (2,), "correlation": 0.8}),
    "wide": ("mixture", {"num_features": 16, "orders": (2, 2), "adjacent": True}),
}
LABELLED = {"shortcut": {"num_features": 5}, "lines": {}, "spot": {}}
REAL = ("iris", "wine", "breast_cancer", "digits")
CLASSES, CONTRAST = "species", ("virginica", "versicolor")  # three classes; what is explained
STATES, SITES = "excitations", 8
NAMED = (*FUNCTIONS, *LABELLED, *REAL, CLASSES)
# Sixteen features: circuits whose angles enter once, by light cones; kernels, factor by factor.
ONLY = {"wide": (ENCODING_FIRST, KERNEL)}
PERMUTED = ("junta", "shortcut", "lines", "breast_cancer", "digits")  # trained on permuted targets

DRAWN, DRAWN_SEEDS, DRAWN_FROM = 45, (100, 101, 102), 20261127

# Baselines of every method that takes one: the middle of the range (for the real data the training
# average), the angle 0 (black, for images), and rows of the training data.
BASELINES = {"mean": np.pi / 2, "zero": 0.0}
SAMPLE, SAMPLE_ROWS = "sample", 16  # judged on encoding-first circuits only, for size
GRID = (0.0, np.pi / 4, np.pi / 2, 3 * np.pi / 4, np.pi)
GRID_TASKS = ("junta", "additive", "away")  # encoding-first, at baselines of the grid

SMOOTHING, SMOOTHINGS = 0.3, (0.1, 0.3, 1.0)  # SmoothGrad's noise, radians
LIME_SCALE, LIME_SCALES = 0.5, (0.1, 0.5, 1.0)  # radians
EPSILON, EPSILONS = 0.01, (0.001, 0.01, 0.1)
GAMMA, GAMMAS = 0.25, (0.05, 0.25, 1.0)
KERNEL_SHAP_RUNS = 4  # coalitions for each feature
CONDITIONAL_FEATURES = 6  # most that 2^d conditional distributions are drawn for
LAYERED_QUBITS = 6  # most for which QLRP-ε and γ are asked: 4^n activations a layer

STEADY_INPUTS = 6  # of the explained ones, moved and re-explained with randomised models
SENSITIVITY_RADIUS, SENSITIVITY_DRAWS = 0.05, 3  # radians
RETRAINED = (KERNEL, FROZEN)  # where training is one linear solve
RETRAINED_FEATURES = 5
RESAMPLES = 4000  # of the bootstrap

TARGET_ERROR = 0.1  # relative to the attributions' size, against the exact value
COST_TASKS, COST_SEEDS = ("junta", "away", "additive", "teacher", "shortcut"), (0, 1, 2)
COST_INPUTS, COST_SHOTS, COST_REPEATS = 3, 2048, 12
DEPENDENT, CONDITIONAL_DRAWS = "correlated", 256
DEVICE_TASKS, DEVICE_INPUTS = ("junta", "away", "additive"), 16


@dataclass(frozen=True)
class Drawn:
    """One task of the sample: arguments of `qxai.datasets.mixture`.

    Attributes
    ----------
    number : int
    num_features, alone : int
    orders : tuple of int
    correlation, noise : float
    """

    number: int
    num_features: int
    alone: int
    orders: tuple[int, ...]
    correlation: float
    noise: float


def drawn_task(number: int) -> Drawn:
    """Draw the arguments of a task; at least one feature is left that does not matter."""
    rng = np.random.default_rng([DRAWN_FROM, number])
    d, taking = 0, 1
    while taking > d - 1:
        d, alone = int(rng.integers(5, 8)), int(rng.integers(1, 3))
        orders = ((2,), (3,), (2, 2))[rng.integers(3)]
        taking = alone + sum(orders)
    return Drawn(
        number=number,
        num_features=d,
        alone=alone,
        orders=orders,
        correlation=float(rng.choice((0.0, 0.5))),
        noise=float(rng.choice((0.0, 0.25))),
    )


@dataclass(frozen=True)
class Setting:
    """One model of the study.

    Attributes
    ----------
    task, family : str
    seed : int
        Draws the data of a planted task, or picks the split of a real one, and starts training.
    permuted : bool
        Whether it was trained on permuted targets.
    targets : str
        Their kind, for a task that somebody enters: "function" or "labels".
    """

    task: str
    family: str
    seed: int
    permuted: bool = False
    targets: str = ""

    @property
    def part(self) -> str:
        """Which part of the study it belongs to."""
        if self.permuted:
            return "permuted"
        return "drawn" if self.task.startswith("drawn") else "named"

    @property
    def key(self) -> str:
        """Its name in files."""
        return "_".join([self.task, self.family, self.part, str(self.seed)])

    @property
    def kind(self) -> str:
        """What its targets are: a function's values, one of two labels, one of three classes."""
        if self.targets:
            return self.targets
        if self.task in FUNCTIONS or self.part == "drawn":
            return "function"
        return "classes" if self.task == CLASSES else "labels"

    @property
    def drawn(self) -> Drawn:
        """Arguments of its task, if it is a drawn one."""
        return drawn_task(int(self.task.removeprefix("drawn-")))


def families_of(task: str) -> tuple[str, ...]:
    """Return the families that are trained on a named task."""
    return ONLY.get(task, FAMILIES)


def settings() -> list[Setting]:
    """Return all models: of the named tasks, those of permuted targets, of the drawn tasks."""
    named = [Setting(t, f, s) for t in NAMED for f in families_of(t) for s in range(SEEDS)]
    states = [Setting(STATES, CONVOLUTIONAL, s) for s in range(SEEDS)]
    first = [Setting(t, ENCODING_FIRST, s) for t in PERMUTED for s in range(SEEDS)]
    permuted = [replace(setting, permuted=True) for setting in first]
    drawn = [
        Setting(f"drawn-{number:02}", ENCODING_FIRST, seed)
        for number in range(DRAWN)
        for seed in DRAWN_SEEDS
    ]
    return [*named, *states, *permuted, *drawn]
