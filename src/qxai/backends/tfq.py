"""TensorFlow Quantum: values and adjoint gradients. The only place that imports TensorFlow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import cirq
import numpy as np

from qxai.compiled import CompiledCircuit, angle_symbol, merged
from qxai.core import Array, Pullback

STEP = 0.005  # of TensorFlow Quantum's central difference, in half turns


@dataclass(frozen=True)
class TFQ:
    """TensorFlow Quantum (Broughton et al., arXiv:2003.02989), in single precision.

    Values are good to about 1e-6. Gradients come from its adjoint pass, which differentiates each
    gate's matrix by a central difference; what that difference falls short of is put back where
    it is known, and gradients are good to about 1e-5.

    Every gate's exponent is a symbol of its own, computed outside TensorFlow; so any expression
    of features and parameters will do, and only the gates must be TensorFlow Quantum's.

    Attributes
    ----------
    chunk : int
        Circuits in one call; TensorFlow Quantum's memory grows with it.

    Raises
    ------
    ImportError
        If TensorFlow Quantum is not installed.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> circuit = cirq.Circuit(cirq.ry(x)(q))
    >>> model = qxai.PQC(circuit, [x], cirq.Z(q), backend=qxai.TFQ())
    >>> print(model.values([[1]]).round(3))  # cos 1
    [0.54]
    """

    chunk: int = 256

    def values(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return expectation values for inputs (N, d), shape (N,)."""
        return self._sweep(circuit, X, parameters, None)[0]

    def gradient(self, circuit: CompiledCircuit, X: Array, parameters: Array) -> Array:
        """Return the gradient by the features, per radian, shape (N, d)."""
        _, by_angle = self._sweep(circuit, X, parameters, lambda values, rows: np.ones(len(values)))
        result = np.zeros(X.shape)
        by_angle /= _shortfall(circuit)
        for angle, feature, derivative in circuit.angles.feature_jacobian(X, parameters):
            result[:, feature] += by_angle[:, angle] * derivative
        return result

    def parameter_gradient(
        self, circuit: CompiledCircuit, X: Array, parameters: Array, pullback: Pullback
    ) -> tuple[Array, Array]:
        """Return values (N,) and ``Σ_n w_n ∂f(x_n)/∂θ``, shape (P,).

        ``pullback(values, rows)`` gives the weights ``w`` of the rows (a slice of the batch) from
        their values: the derivative of a loss by each output.
        """
        values, by_angle = self._sweep(circuit, X, parameters, pullback)
        result = np.zeros(len(parameters))
        by_angle /= _shortfall(circuit)
        for angle, parameter, derivative in circuit.angles.parameter_jacobian(X, parameters):
            result[parameter] += np.sum(by_angle[:, angle] * derivative)
        return values, result

    def _sweep(
        self, circuit: CompiledCircuit, X: Array, parameters: Array, pullback: Pullback | None
    ) -> tuple[Array, Array]:
        """Return values (N,) and their weighted derivatives by the exponents (N, G)."""
        tf, tfq = modules()
        exponents = circuit.reduced(circuit.angles.table(X, parameters))
        constant = circuit.observable.constant
        values, by_angle = np.full(len(X), constant), np.zeros(exponents.shape)
        if not len(circuit.observable.pauli_sum):
            return values, by_angle
        program, observable, names = _tensors(tfq, tf, circuit)
        expectation = _expectation(tfq)
        for start in range(0, len(X), self.chunk):
            rows = slice(start, start + self.chunk)
            symbols = tf.constant(exponents[rows], dtype=tf.float32)
            count = len(exponents[rows])
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(symbols)
                output = expectation(
                    tf.repeat(program, count), names, symbols, tf.repeat(observable, count, axis=0)
                )
            values[rows] = output[:, 0].numpy() + constant
            if pullback is not None:
                weights = tf.constant(pullback(values[rows], rows)[:, None], dtype=tf.float32)
                by_angle[rows] = tape.gradient(output, symbols, output_gradients=weights).numpy()
        return values, by_angle


def _tensors(tfq: Any, tf: Any, circuit: CompiledCircuit) -> tuple[Any, Any, Any]:
    """Serialise the circuit, moved to a row of grid qubits, and its observable."""
    grid: dict[cirq.Qid, cirq.Qid] = dict(
        zip(circuit.qubits, cirq.GridQubit.rect(1, circuit.num_qubits))
    )
    template = circuit.template.transform_qubits(grid)
    idle = set(grid.values()) - template.all_qubits()
    observable = sum(
        (string.map_qubits(grid) for string in circuit.observable.pauli_sum), cirq.PauliSum()
    )
    try:
        program = tfq.convert_to_tensor([template + cirq.Circuit(cirq.I.on_each(*idle))])
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"circuit: expected gates that TensorFlow Quantum can serialise, found another "
            f"({error}); use the statevector backend"
        ) from None
    names = tf.constant([str(angle_symbol(g)) for g in range(len(circuit.angles.expressions))])
    return program, tfq.convert_to_tensor([[observable]]), names


def _shortfall(circuit: CompiledCircuit) -> Array:
    """Return the factors (G,) by which derivatives by the exponents come out too small.

    The adjoint pass differentiates a gate's matrix by a central difference, in which an eigenvalue
    ``h`` (half turns) counts ``sin(πhε)/(πhε)`` times. A gate with one size of eigenvalue beside 0
    has one such factor; the others are left as they are, up to 4e-5 too small for ``h = 1``.
    """
    factors = np.ones(len(circuit.angles.expressions))
    for op in circuit.operations:
        sizes = merged(np.abs(op.half_turns))
        sizes = sizes[sizes > 0]
        if op.angle is not None and len(sizes) == 1:
            factors[op.angle] = np.sinc(sizes[0] * STEP)
    return factors


@cache
def _expectation(tfq: Any) -> Any:
    """Return TensorFlow Quantum's expectation with its adjoint derivative, built once."""
    adjoint = tfq.differentiators.Adjoint()
    return adjoint.generate_differentiable_op(analytic_op=tfq.get_expectation_op())


@cache
def modules() -> tuple[Any, Any]:
    """Import TensorFlow and TensorFlow Quantum, once, without their messages.

    Raises
    ------
    ImportError
        If they are not installed; the message names the extra that installs them.
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet():
            import tensorflow as tf
            import tensorflow_quantum as tfq
    except ImportError as error:
        raise ImportError(
            "TensorFlow Quantum is not installed: run pip install 'qxai[tfq]' (Linux on x86-64, "
            f"Python 3.11 or 3.12), or use the statevector instead ({error})"
        ) from error
    return tf, tfq


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence file descriptor 2: TensorFlow writes to it past Python and past its log level."""
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
