"""Training and test data of a setting."""

from dataclasses import dataclass

import numpy as np
from declaration import FUNCTIONS, PLANTED, REAL, TRAINED_ON, Setting

from qxai import datasets
from qxai.core import Array, Mask, Multilinear


@dataclass(frozen=True, eq=False)
class Data:
    """Angles and targets, with what is known about the answer.

    Attributes
    ----------
    train, test : (X, y)
        Angles (N, d) in radians; targets (N,). Test targets are without noise.
    relevant : ndarray of bool, shape (test inputs, d), or None
        None for real data.
    truth : Multilinear or None
        The target function, where it is one.
    """

    train: tuple[Array, Array]
    test: tuple[Array, Array]
    relevant: Mask | None
    truth: Multilinear | None


def data_of(setting: Setting) -> Data:
    """Return the data of a setting; the same setting always gets the same."""
    data = _real(setting) if setting.task in REAL else _planted(setting)
    if not setting.permuted:
        return data
    X, y = data.train
    shuffled = np.random.default_rng([setting.seed, 1]).permutation(y)
    return Data((X, shuffled), data.test, data.relevant, data.truth)


def _planted(setting: Setting) -> Data:
    # The same seed gives different tasks different draws, and all families the same.
    rng = np.random.default_rng([setting.seed, PLANTED.index(setting.task)])
    make, size = getattr(datasets, setting.task), 2 * TRAINED_ON
    if setting.task in ("lines", "spot"):
        task = make(size, rng, setting.noise)
    else:
        task = make(setting.num_features, size, rng, setting.noise)
    train, test = slice(TRAINED_ON), slice(TRAINED_ON, None)
    return Data(
        (task.X[train], task.y[train]),
        (task.X[test], task.clean[test]),
        task.relevant[test],
        task.truth if setting.task in FUNCTIONS else None,
    )


def _real(setting: Setting) -> Data:
    table = getattr(datasets, setting.task)()
    train, test = datasets.splits(table)[setting.seed]
    angles = datasets.AngleScaler.fitted(table.X[train]).angles(table.X)
    # Rows come sorted by class in some sources; the first ones are explained.
    test = np.random.default_rng([setting.seed, 2]).permutation(test)
    return Data((angles[train], table.y[train]), (angles[test], table.y[test]), None, None)
