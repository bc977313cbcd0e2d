"""From a circuit behind a product encoding to its tensor train."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np

from qxai.backends.blocks import written_out
from qxai.compiled import CompiledCircuit
from qxai.cones import FEW, sights
from qxai.core import Array
from qxai.memory import TooLargeError
from qxai.representations import heisenberg
from qxai.representations.chains import Step, crowding, ordered, pairs_of, steps
from qxai.representations.frequencies import feature_frequencies
from qxai.representations.heisenberg import Group
from qxai.representations.layout import layout, qubit_bases
from qxai.representations.operators import (
    EXCHANGE,
    Operator,
    pulled,
    strings_in_a_row,
    sweeps,
    turned,
)
from qxai.representations.spread import spread_of
from qxai.representations.tensor_train import TensorTrain
from qxai.representations.train_powers import size_of
from qxai.threads import limited

MOST = 2**9  # the largest bond: a gate then takes the singular values of a matrix of 2,048
# Time of an operation on cones, or on a train (and of a guess), beside one on a large tensor.
CONE, TRAIN = 3, 4
SLOW = 2.0**28  # numbers: seconds
WIDE = 64  # the largest bond of a train that is tried unasked
NEGLIGIBLE = 1e-14  # in a Bloch vector: a rounding error
ROUNDED = 1e-12  # relative to the observable: what all cuts of an exact train may leave out
VANISHING = 1e-14  # relative to the observable: what is left where everything cancels
DECOMPOSED = "cirq.Circuit(cirq.decompose(circuit, keep=lambda op: len(op.qubits) < 3))"


def likely_train(circuit: CompiledCircuit, parameters: Array) -> TensorTrain | None:
    """Return a circuit as an exact train where that is likely to take the fewest operations.

    The alternatives are one tensor, and one for each set of features that a readout sees. What a
    train takes is guessed first: a gate that reaches over a cut doubles the bond there, about.
    Where strings are not planned and a tensor would take long to make, a train is tried at once.
    """
    if circuit.num_qubits <= FEW:
        return None
    encoding, rest = heisenberg.split(circuit)
    try:
        parts = _single(encoding)
        _check_gates(rest)
    except ValueError:
        return None
    sizes = [2.0 * len(w) + 1 for w in feature_frequencies(circuit, parameters)]
    windows = [[i for q in seen for i in parts[q].features] for seen in sights(circuit)]
    local = sum(math.prod(sizes[i] for i in window) for window in windows)
    guess = sum(sizes) * 4.0 ** crowding(ordered(rest), pairs_of(rest))[0]
    strings = 4.0**circuit.num_qubits * (1 + len(rest.operations))  # of a tensor's making
    slow = strings > SLOW and layout(circuit, parameters) is None
    if TRAIN * guess > min(math.prod(sizes), CONE * local) and not slow:
        return None
    try:
        return train_of(circuit, parameters, most=WIDE)
    except TooLargeError:
        return None


@limited()
def train_of(
    circuit: CompiledCircuit,
    parameters: Array,
    error: float = 0.0,
    bond: int | None = None,
    most: int = MOST,
) -> TensorTrain:
    """Write a circuit as a tensor train.

    Parameters
    ----------
    circuit : CompiledCircuit
    parameters : ndarray, shape (P,)
    error : float
        What cuts may add up to, in units of the output.
    bond : int, optional
        Cut bonds to this size whatever it costs.
    most : int
        Refuse larger ones.

    Raises
    ------
    ValueError
        If features do not come first, each on a qubit of its own, or a gate joins three qubits.
    TooLargeError
        If a bond outgrows the limit and ``bond`` is not given.
    """
    encoding, rest = heisenberg.split(circuit)
    parts = _single(encoding)
    _check_gates(rest)
    todo, last = steps(rest, order := ordered(rest))
    seen = sights(circuit)
    frequencies = tuple(feature_frequencies(circuit, parameters))
    bases = qubit_bases(encoding, parts, frequencies, parameters)
    bases = [np.where(np.abs(basis) > NEGLIGIBLE, basis, 0.0) for basis in bases]
    reached = frozenset[int]().union(*seen)
    factor = math.sqrt(math.prod(max(1.0, spread_of(bases[qubit])) for qubit in reached))
    cuts = (sweeps(todo) + 1) * math.sqrt(circuit.num_qubits)
    strings, coefficients = rest.observable.strings
    operator = Operator(
        tensors=strings_in_a_row(strings[:, order], coefficients),
        bond=most if bond is None else bond,
        cut=bond is not None,
        allowed=error / cuts / factor,
    )
    operator.place = len(order) - 1
    _pull(operator, rest, parameters, todo)
    windows = [[i for q in sorted(qubits) for i in parts[q].features] for qubits in seen]
    windows = [window for window in windows if window] or [[0]]
    features = [parts[q].features[0] for q in last if parts[q].features]
    found = _Expanded.of(operator.tensors, [parts[q] for q in last], [bases[q] for q in last])
    final = Operator(found.tensors, operator.bond, operator.cut, error / cuts)
    final.compress()
    tensors, bare = found.parted(final.tensors)
    if size_of(tensors, bare) <= VANISHING * rest.observable.norm:  # a rounding error
        tensors, bare = ([np.zeros_like(t) for t in each] for each in (tensors, bare))
    for place, feature in enumerate(features):
        if not any(feature in window for window in windows):
            tensors[place][:, 1:] = 0.0
    left_out = factor * operator.ledger.distance + final.ledger.distance
    exact = left_out <= ROUNDED * factor * rest.observable.norm
    return TensorTrain(
        tensors=tensors,
        frequencies=frequencies,
        order=features,
        windows=[sorted(window) for window in windows] if exact else None,
        constant=circuit.observable.constant,
        error=left_out,
        swaps=sum(step.operation is None for step in todo),
        depolarised=bare,
    )


def _single(encoding: CompiledCircuit) -> list[Group]:
    """Return the qubits of an encoding with one qubit a feature, in order."""
    parts = heisenberg.product_groups(encoding, "tensor_train")
    where: dict[int, int] = {}
    for part in parts:
        for feature in part.features:
            if len(part.features) > 1 or feature in where:
                qubits = {where.get(feature, part.qubits[0]), part.qubits[0]}
                names = ", ".join(str(encoding.angles.features[i]) for i in part.features)
                places = ", ".join(str(encoding.qubits[q]) for q in sorted(qubits))
                raise ValueError(
                    "tensor_train: expected each feature on a qubit of its own, found "
                    f"{names} on {places}; qxai.pauli_propagation(model) takes such an encoding"
                )
            where[feature] = part.qubits[0]
    return parts


def _check_gates(circuit: CompiledCircuit) -> None:
    wide = next((op for op in circuit.operations if len(op.qubits) > 2), None)
    if wide is not None:
        placed = circuit.placed(wide)
        name = str(placed) if len(str(placed)) < 80 else type(placed.gate).__name__
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # Cirq's, of its own call
            known = cirq.decompose_once(placed, None) is not None
        written = f", or write the circuit with smaller ones before it is a model: {DECOMPOSED}"
        raise ValueError(
            f"tensor_train: expected gates on one or two qubits, found {name}; "
            f"qxai.pauli_propagation(model) takes gates of any size{written if known else ''}"
        )


def _pull(
    operator: Operator, circuit: CompiledCircuit, parameters: Array, todo: Sequence[Step]
) -> None:
    """Carry an observable back through a circuit."""
    nowhere = np.zeros((1, len(circuit.angles.features)))
    exponents = circuit.angles.fixed.values(nowhere, parameters)
    for number, step in enumerate(todo):
        op = step.operation
        matrix = EXCHANGE if op is None else pulled(written_out(op.matrix(exponents), op))
        try:
            operator.apply(step, turned(matrix) if step.turned else matrix)
        except TooLargeError as error:
            raise TooLargeError(
                f"model: expected a train with bonds of at most {operator.bond}, found {error} "
                f"after {number + 1} of {len(todo)} gates; qxai.tensor_train(model, bond=64) cuts "
                "them, and tells the error that it makes"
            ) from error


@dataclass(frozen=True, eq=False)
class _Expanded:
    """Tensors in functions of features instead of Pauli letters, weighted as an average weighs.

    A cosine or sine is ½ in the mean square; so the squares of what is left out are the mean
    square error. Where a depolarised qubit is none of the functions' combinations that ``1``
    stands for, it has a slice of its own, the last.
    """

    tensors: list[Array]
    own: list[bool]  # which have such a slice

    @classmethod
    def of(
        cls, tensors: Sequence[Array], parts: Sequence[Group], bases: Sequence[Array]
    ) -> "_Expanded":
        """Expand all qubits; what holds no feature is multiplied into a neighbour."""
        found, own, waiting = list[Array](), list[bool](), np.ones((1, 1))
        for tensor, part, basis in zip(tensors, parts, bases):
            opened = np.einsum("apb,kp->akb", tensor, basis)
            if not part.features:
                waiting = waiting @ opened[:, 0]
                continue
            opened[:, 1:] *= math.sqrt(0.5)
            own.append(bool(basis[0, 1:].any()))
            if own[-1]:
                opened = np.concatenate([opened, tensor[:, :1]], axis=1)
            found.append(np.tensordot(waiting, opened, axes=1))
            waiting = np.eye(opened.shape[2])
        found[-1] = np.tensordot(found[-1], waiting, axes=1)
        return cls(found, own)

    def parted(self, tensors: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """Return tensors without weights, and those of depolarised qubits."""
        found, bare = [], []
        for tensor, own in zip(tensors, self.own):
            functions = tensor[:, :-1].copy() if own else tensor.copy()
            functions[:, 1:] /= math.sqrt(0.5)
            found.append(functions)
            bare.append(tensor[:, -1] if own else functions[:, 0])
        return found, bare
