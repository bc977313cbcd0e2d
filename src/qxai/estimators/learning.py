"""Training of scores: minibatches, validation and an early stop."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from qxai.backends.statevector import Statevector
from qxai.checks import check_count, check_positive
from qxai.core import Array, Indices
from qxai.estimators.scores import CircuitScores
from qxai.losses import Loss
from qxai.progress import Progress, Step, silent
from qxai.training import Slope, descent


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to learn from.

    Attributes
    ----------
    angles : ndarray, shape (N, d)
    targets : ndarray, shape (N, C)
    weights : ndarray, shape (N,)
        How much each row counts; their mean is 1.
    """

    angles: Array
    targets: Array
    weights: Array

    def __getitem__(self, rows: Indices | slice) -> "Examples":
        """Return some of the rows."""
        return Examples(self.angles[rows], self.targets[rows], self.weights[rows])

    def held(self, rows: Indices | None) -> "Examples | None":
        """Return the rows held out, if any are.

        Raises
        ------
        ValueError
            If none of them counts.
        """
        if rows is not None and not self.weights[rows].any():
            raise ValueError(
                f"validation_fraction: expected held-out rows that count, found {len(rows)} with "
                "sample_weight 0; set validation_fraction=0 and patience=None, or drop such rows"
            )
        return None if rows is None else self[rows]


@dataclass(frozen=True)
class Plan:
    """How to train; the settings of `qxai.Classifier` and `qxai.Regressor`, checked."""

    layers: int
    epochs: int
    batch_size: int
    learning_rate: float
    validation_fraction: float
    patience: int | None
    progress: Progress | None

    @classmethod
    def of(cls, estimator: Any) -> "Plan":
        """Read the settings of an estimator."""
        return cls(*(getattr(estimator, field.name) for field in fields(cls)))

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name in ("layers", "epochs", "batch_size"):
            check_count(name, getattr(self, name), 1)
        check_positive("learning_rate", self.learning_rate)
        if not 0 <= self.validation_fraction < 1:
            raise ValueError(
                "validation_fraction: expected a number from 0 to below 1, found "
                f"{self.validation_fraction}"
            )
        if self.patience is not None:
            check_count("patience", self.patience, 1)
            if not self.validation_fraction:
                raise ValueError(
                    "patience: expected rows to validate on, found validation_fraction=0; set "
                    "validation_fraction=0.2, or patience=None"
                )


def learn(
    start: CircuitScores,
    loss: Loss,
    train: Examples,
    held: Examples | None,
    plan: Plan,
    rng: np.random.Generator,
) -> tuple[CircuitScores, dict[str, Array]]:
    """Train scores; with ``patience`` stop early, and return the best scores on held-out rows.

    The history has the mean loss of each epoch, and with held-out rows theirs after it.
    """
    steps = descent(
        _slope(start, loss, train),
        start.numbers,
        len(train.angles),
        plan.batch_size,
        plan.learning_rate,
        rng,
    )
    report = silent if plan.progress is None else plan.progress
    history: dict[str, list[float]] = {"loss": [], "validation": []}
    best, least, since = start.numbers, np.inf, 0
    for epoch in range(plan.epochs):
        numbers, found = next(steps)
        history["loss"].append(found)
        note = f"loss {found:.4f}"
        if held is not None:
            found = _mean_loss(start.at(numbers), loss, held)
            history["validation"].append(found)
            note += f", validation {found:.4f}"
        report(Step("epoch", epoch + 1, plan.epochs, note))
        since = 0 if found < least else since + 1
        if plan.patience is None or not since:
            best, least = numbers, found
        elif since >= plan.patience:
            break
    return start.at(best), {name: np.array(losses) for name, losses in history.items() if losses}


def _mean_loss(scores: CircuitScores, loss: Loss, examples: Examples) -> float:
    losses, _ = loss(scores.values(examples.angles), examples.targets, examples.weights)
    return float(losses.sum() / examples.weights.sum())


def _slope(scores: CircuitScores, loss: Loss, examples: Examples) -> Slope:
    """Return the loss of some rows and the derivatives of its mean by all numbers."""

    def slope(numbers: Array, rows: Indices) -> tuple[float, Array]:
        theta, weights, offsets = scores.split(numbers)
        chosen = examples[rows]

        def pullback(values: Array, part: slice) -> Array:
            some = chosen[part]
            found = loss(values @ weights.T + offsets, some.targets, some.weights)
            return found[1] @ weights / len(rows)

        values, by_angle = Statevector().parameter_gradients(
            scores.circuit.compiled, scores.readouts, chosen.angles, theta, pullback
        )
        losses, by_score = loss(values @ weights.T + offsets, chosen.targets, chosen.weights)
        by_score /= len(rows)
        by_weight = by_score.T @ values
        return float(losses.sum()), np.concatenate(
            [by_angle, by_weight.ravel(), by_score.sum(axis=0)]
        )

    return slope
