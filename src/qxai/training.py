"""Training: a model and labelled data in, a new model out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.backends.statevector import Statevector
from qxai.backends.tfq import TFQ
from qxai.checks import as_inputs, check_count, check_generator, check_positive, real_array
from qxai.core import Array, Indices
from qxai.frames import is_table
from qxai.models.circuit import PQC
from qxai.progress import Progress, Step, silent
from qxai.question import warn_of_raw_units
from qxai.table import Table

MOST_ROWS = 8  # epochs that are shown

# The summed loss of some rows at some parameters, and their mean loss's derivatives.
Slope = Callable[[Array, Indices], tuple[float, Array]]


@dataclass(frozen=True, eq=False, repr=False)
class FitResult:
    """What training returns.

    Attributes
    ----------
    model : PQC
        The model with trained parameters, on the backend of the model that was passed; with
        ``affine=True`` its observable is ``a M + b``.
    history : ndarray, shape (epochs,)
        Mean squared error over each epoch's minibatches, before their updates.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q))  # cos(x + t)
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), {t: 1})
    >>> rng = np.random.default_rng(0)
    >>> result = qxai.fit(model, [[0]], [1], epochs=1, learning_rate=0.5, rng=rng)
    >>> print(result.model.parameter_values.round(3), result.history.round(3))
    [0.5] [0.211]
    """

    model: PQC
    history: Array

    def table(self) -> Table:
        """Return the loss of some epochs, first and last among them."""
        last = len(self.history) - 1
        shown = np.unique(np.linspace(0, last, min(len(self.history), MOST_ROWS)).astype(int))
        loss = self.history[shown].tolist()
        caption = f"{self.model!r} after {len(self.history)} epochs".replace("<", "").replace(
            ">", ""
        )
        return Table({"epoch": (shown + 1).tolist(), "mean squared error": loss}, caption)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def fit(
    model: PQC,
    X: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int = 30,
    batch_size: int = 32,
    learning_rate: float = 0.05,
    rng: np.random.Generator,
    trainer: Literal["statevector", "tfq"] = "statevector",
    affine: bool = False,
    progress: Progress | None = None,
) -> FitResult:
    """Minimise the mean squared error of a circuit's output by Adam (Kingma and Ba 2015).

    Both trainers take the same steps and differ only in who computes the gradient, by the adjoint
    method: our statevector in double precision, or TensorFlow Quantum in single precision.

    Parameters
    ----------
    model : PQC
        Training starts from its parameters.
    X : array_like, shape (N, d)
        Inputs, in radians.
    y : array_like, shape (N,)
        Targets in units of the output: ±1 for a classifier that reads the sign of a mean of Z's.
    epochs : int
        Passes through the data.
    batch_size : int
        Inputs in one update.
    learning_rate : float
        Adam's step size, in radians where parameters are angles.
    rng : numpy.random.Generator
        Shuffles the data in each epoch.
    trainer : {"statevector", "tfq"}
        Who computes gradients.
    affine : bool
        Train the readout too: the output is ``a ⟨M⟩ + b``, from ``a = 1`` and ``b = 0``. Without
        it, targets must lie between the eigenvalues of the observable.
    progress : callable, optional
        Told of each epoch and its loss, such as ``qxai.progress.text``; nothing is printed
        without it.

    Returns
    -------
    FitResult
        A new model; the one that was passed stays as it is.

    Raises
    ------
    ValueError
        If the data are empty, do not match or are not finite; if the model has no parameters; if
        a setting is out of range.
    TypeError
        If ``rng`` is no generator.
    ImportError
        If ``trainer="tfq"`` and TensorFlow Quantum is not installed.

    Examples
    --------
    Adam's first step has the size of the learning rate; here it reaches the minimum.

    >>> import cirq, numpy as np, sympy, qxai
    >>> q, (x, t) = cirq.LineQubit(0), sympy.symbols("x t")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q))  # cos(x + t)
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), {t: np.pi / 3})
    >>> rng, rate = np.random.default_rng(0), np.pi / 3
    >>> show = qxai.progress.text
    >>> result = qxai.fit(model, [[0]], [1], epochs=2, learning_rate=rate, rng=rng, progress=show)
    epoch 1/2: loss 0.2500
    epoch 2/2: loss 0.0000

    A cosine between 2 and 4 is reached by training the readout ``a Z + b``.

    >>> X = np.linspace(0, 3, 20)[:, None]
    >>> y = np.cos(X[:, 0]) + 3
    >>> found = qxai.fit(model, X, y, epochs=600, rng=rng, affine=True)
    >>> print(found.model.values([[0], [np.pi]]).round(1))
    [4. 2.]
    """
    inputs, targets = _data(model, X, y)
    _check_settings(model, epochs, batch_size, learning_rate, rng)
    slope = _squares(model, inputs, targets, _backend(trainer), affine)
    start = np.append(model.parameter_values, [1.0, 0.0] if affine else [])
    report = silent if progress is None else progress
    history = np.zeros(epochs)
    steps = descent(slope, start, len(inputs), batch_size, learning_rate, rng)
    for epoch in range(epochs):
        trained, history[epoch] = next(steps)
        report(Step("epoch", epoch + 1, epochs, f"loss {history[epoch]:.4f}"))
    return FitResult(_trained(model, trained, affine), history)


def descent(
    slope: Slope, start: Array, count: int, batch_size: int, rate: float, rng: np.random.Generator
) -> Iterator[tuple[Array, float]]:
    """Yield the parameters after each epoch of Adam, and the mean loss before its updates.

    ``slope(parameters, rows)`` gives the summed loss of some of ``count`` rows, and the
    derivatives of their mean loss by the parameters.
    """
    parameters = start
    adam = Adam(np.zeros_like(start), np.zeros_like(start), 0)
    while True:
        total = 0.0
        for rows in _minibatches(count, batch_size, rng):
            loss, by_parameter = slope(parameters, rows)
            total += loss / count
            adam, step = adam.step(by_parameter, rate)
            parameters = parameters - step
        yield parameters, total


def _squares(
    model: PQC, inputs: Array, targets: Array, backend: Statevector | TFQ, affine: bool
) -> Slope:
    """Return the mean squared error of ``a ⟨M⟩ + b``; a and b are trained if ``affine``."""
    angles = len(model.parameters)

    def slope(parameters: Array, rows: Indices) -> tuple[float, Array]:
        target = targets[rows]
        scale, offset = parameters[angles:] if affine else (1.0, 0.0)

        def pullback(values: Array, part: slice) -> Array:
            return scale * 2 * (scale * values + offset - target[part]) / len(target)

        values, by_angle = backend.parameter_gradient(
            model.compiled, inputs[rows], parameters[:angles], pullback
        )
        error = scale * values + offset - target
        by_readout = [2 * np.mean(error * values), 2 * np.mean(error)] if affine else []
        return float(np.sum(error**2)), np.append(by_angle, by_readout)

    return slope


def _trained(model: PQC, parameters: Array, affine: bool) -> PQC:
    """Return the model at its new parameters, the last two of which may be the readout's."""
    if not affine:
        return model.with_parameters(parameters)
    scale, offset = parameters[-2:].tolist()
    angles = dict(zip(model.parameters, parameters[:-2].tolist()))
    observable = scale * (cirq.PauliSum() + model.observable) + offset
    return PQC(model.circuit, model.features, observable, angles, model.backend)


@dataclass(frozen=True, eq=False)
class Adam:
    """Running means of the gradient and of its square."""

    mean: Array
    square: Array
    count: int

    def step(self, slope: Array, rate: float) -> tuple["Adam", Array]:
        """Return the new state and the step to subtract from the parameters."""
        count = self.count + 1
        mean = 0.9 * self.mean + 0.1 * slope
        square = 0.999 * self.square + 0.001 * slope**2
        unbiased = np.sqrt(square / (1 - 0.999**count)) + 1e-8
        return Adam(mean, square, count), rate * mean / (1 - 0.9**count) / unbiased


def _minibatches(count: int, size: int, rng: np.random.Generator) -> Iterator[Indices]:
    order = rng.permutation(count)
    return (order[start : start + size] for start in range(0, count, size))


def _backend(trainer: str) -> Statevector | TFQ:
    if trainer == "statevector":
        return Statevector()
    if trainer == "tfq":
        return TFQ()
    raise ValueError(f"trainer: expected 'statevector' or 'tfq', found {trainer!r}")


def _data(model: PQC, X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    if not isinstance(model, PQC):
        raise TypeError(f"model: expected a qxai.PQC, found {type(model).__name__}")
    inputs = as_inputs(X, model.num_features, model.feature_names)
    if is_table(X):
        warn_of_raw_units(inputs, model.feature_names)
    targets = real_array(y, f"y: expected real numbers of shape ({len(inputs)},)")
    if not len(inputs):
        raise ValueError("X: expected at least one input to train on, found an empty batch")
    if targets.shape != (len(inputs),):
        raise ValueError(f"y: expected shape ({len(inputs)},), found {targets.shape}")
    if not np.isfinite(targets).all():
        raise ValueError("y: expected finite numbers, found NaN or infinity")
    return inputs, targets


def _check_settings(
    model: PQC, epochs: int, batch_size: int, learning_rate: float, rng: object
) -> None:
    if not model.parameters:
        raise ValueError("model: expected parameters to train, found a circuit without any")
    check_count("epochs", epochs, 1)
    check_count("batch_size", batch_size, 1)
    check_generator(rng)
    check_positive("learning_rate", learning_rate)
