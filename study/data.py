"""Training and test data of a setting."""

from dataclasses import dataclass

import numpy as np
from declaration import (
    CLASSES,
    CONTRAST,
    FUNCTIONS,
    LABELLED,
    NAMED,
    REAL,
    TESTED_ON,
    TRAINED_ON,
    Setting,
)

from qxai import datasets
from qxai.core import Array, Mask
from qxai.datasets.planting import uniform_inputs
from qxai.representations.product import ProductPolynomial

SIZE = TRAINED_ON + TESTED_ON


@dataclass(frozen=True, eq=False)
class Data:
    """Angles and targets, with what is known about the answer.

    Attributes
    ----------
    train, test : (X, y)
        Angles (N, d) in radians; targets (N,), of three classes (N, 3), each ±1. Test targets
        are without noise.
    relevant : ndarray of bool, shape (test inputs, d), or None
        None for real data.
    truth : ProductPolynomial or None
        The target function, where it is one.
    """

    train: tuple[Array, Array]
    test: tuple[Array, Array]
    relevant: Mask | None = None
    truth: ProductPolynomial | None = None


def data_of(setting: Setting) -> Data:
    """Return the data of a setting; the same setting always gets the same."""
    data = _real(setting) if setting.task in (*REAL, CLASSES) else _planted(setting)
    if not setting.permuted:
        return data
    X, y = data.train
    shuffled = np.random.default_rng([setting.seed, 1]).permutation(y)
    return Data((X, shuffled), data.test, data.relevant, data.truth)


def _planted(setting: Setting) -> Data:
    return parted(_drawn(setting) if setting.part == "drawn" else _named(setting))


def parted(task: datasets.Task) -> Data:
    """Part a task's rows into those of training and those of the test."""
    train, test = slice(TRAINED_ON), slice(TRAINED_ON, None)
    return Data(
        (task.X[train], task.y[train]),
        (task.X[test], task.clean[test]),
        task.relevant[test],
        task.truth,
    )


def _named(setting: Setting) -> datasets.Task:
    # The same seed gives different tasks different draws, and all families the same.
    rng = np.random.default_rng([setting.seed, NAMED.index(setting.task)])
    if setting.task in LABELLED:
        return getattr(datasets, setting.task)(size=SIZE, rng=rng, **LABELLED[setting.task])
    generator, arguments = FUNCTIONS[setting.task]
    return getattr(datasets, generator)(size=SIZE, rng=rng, **arguments)


def _drawn(setting: Setting) -> datasets.Task:
    """Return a drawn task: the function is that of its number, inputs are those of the seed."""
    drawn = setting.drawn
    own = np.random.default_rng([drawn.number, 10])
    rng = np.random.default_rng([setting.seed, drawn.number, 11])
    d, correlation = drawn.num_features, drawn.correlation
    task = datasets.mixture(d, 2, own, alone=drawn.alone, orders=drawn.orders)
    X = uniform_inputs(SIZE, d, rng, correlation)
    assert task.truth is not None
    clean = task.truth.values(X)
    y = clean + 0.5 * drawn.noise * rng.normal(size=SIZE)
    relevant = np.broadcast_to(task.relevant[0], X.shape)
    return datasets.Task(setting.task, X, y, clean, relevant, task.truth)


def _real(setting: Setting) -> Data:
    classes = setting.task == CLASSES
    table = datasets.iris_species() if classes else getattr(datasets, setting.task)()
    train, test = datasets.splits(table)[setting.seed]
    angles = datasets.AngleScaler.fitted(table.X[train]).angles(table.X)
    # Rows come sorted by class in some sources; the first ones are explained.
    test = np.random.default_rng([setting.seed, 2]).permutation(test)
    y = table.y
    if classes:  # a column for each class, those of the contrast first
        names = [*CONTRAST, *sorted(set(table.label_names) - set(CONTRAST))]
        y = np.where(table.labels[:, None] == np.array(names), 1.0, -1.0)
    return Data((angles[train], y[train]), (angles[test], y[test]))
