"""Circuits of many qubits as trains of tensors, or as lists of Pauli strings."""

from typing import Any

from qxai.asking import needed
from qxai.checks import check_count, check_positive
from qxai.compiled import CompiledCircuit
from qxai.core import Array
from qxai.models.forms import plain_circuit
from qxai.models.naming import named
from qxai.models.refusals import refuse_sampled
from qxai.representations.by_train import MOST, train_of
from qxai.representations.pauli import PauliPolynomial
from qxai.representations.strings import truncated
from qxai.representations.tensor_train import TensorTrain

INSTEAD = (
    "make one of each circuit; sums, differences and multiples of them are models like the circuits"
)
MOST_STRINGS = 2**20


def tensor_train(model: Any, error: float = 0.0, bond: int | None = None) -> TensorTrain:
    """Write a circuit as a tensor train: a model that explains itself at a hundred features.

    The observable starts as a train of matrices and is carried back through the circuit gate by
    gate (Hartmann et al. 2008). Gates between distant qubits take exchanges of neighbours; qubits
    are put in an order that needs few. What has to be remembered at a cut is its bond: small where
    few gates reach over it, as in shallow circuits on a line, and exponential in their number
    otherwise.

    Parameters
    ----------
    model : PQC
        Features come first, each on one qubit of its own; gates behind them act on one or two
        qubits.
    error : float
        Most that may be left out to keep bonds small: root mean square over all angles, in units
        of the output. What was left out, in truth less, is the result's ``error``.
    bond : int, optional
        Cut bonds to this size, whatever that leaves out.

    Returns
    -------
    TensorTrain
        A model: every method in closed form takes it.

    Raises
    ------
    TypeError
        If the model is no circuit, or on a backend that only estimates.
    ValueError
        If features do not come first, each on a qubit of its own; if a gate joins three qubits; if
        ``error`` or ``bond`` is out of range; if a bond would have more than 512 and ``bond`` is
        not given.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(64), sympy.symbols("x:64")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(cirq.CX(*q[i:i + 2]) for i in
    ...     range(0, 64, 2))
    >>> train = qxai.tensor_train(qxai.PQC(circuit, x, qxai.ansatz.mean_z(q)))
    >>> train
    <TensorTrain: 64 features, bonds up to 3>
    >>> found = qxai.shapley(train, [[1.0] * 64])
    >>> print(found.values[0, :4].round(4), found.residual.round(12))
    [-0.0127 -0.0055 -0.0127 -0.0055] [-0.]
    """
    allowed = check_positive("error", error, zero=True)
    if bond is not None:
        bond = check_count("bond", bond, 1, MOST)
    circuit, parameters = _plain(model, "tensor_train")
    return named(train_of(circuit, parameters, allowed, bond), _names(circuit))


def pauli_propagation(
    model: Any, smallest: float = 0.0, weight: int | None = None, most: int = MOST_STRINGS
) -> PauliPolynomial:
    """Write a circuit as a list of Pauli strings, the small and the long ones left out.

    The observable is carried back gate by gate; each turns a string into a few (Rudolph et al.
    2025). Strings are packed into numbers, two bits a qubit. With nothing left out the list is
    exact, and may be long: it counts all strings, where a train counts what they have in common.

    Parameters
    ----------
    model : PQC
        Features come first and entangle nothing.
    smallest : float
        Leave out strings with a smaller coefficient, in units of the output, after each gate.
    weight : int, optional
        Leave out strings that act on more qubits than that, after each gate.
    most : int
        Refuse a list of more strings.

    Returns
    -------
    PauliPolynomial
        A model. Its ``error`` bounds the root mean square, over all angles, of what was left out,
        its ``most_error`` what was left out at any input: the sum of the sizes of all coefficients.

    Raises
    ------
    TypeError
        If the model is no circuit, or on a backend that only estimates.
    ValueError
        If features do not come first, an argument is out of range, or there are too many strings.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(64), sympy.symbols("x:64")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.Circuit(cirq.CX(*q[i:i + 2]) for i in
    ...     range(0, 64, 2))
    >>> model = qxai.PQC(circuit, x, qxai.ansatz.mean_z(q))
    >>> qxai.pauli_propagation(model)
    <PauliPolynomial: 64 features, 64 strings>
    """
    least = check_positive("smallest", smallest, zero=True)
    if weight is not None:
        weight = check_count("weight", weight, 0)
    count = check_count("most", most, 1)
    circuit, parameters = _plain(model, "pauli_propagation")
    return named(truncated(circuit, parameters, least, weight, count), _names(circuit))


def _plain(model: Any, user: str) -> tuple[CompiledCircuit, Array]:
    """Return the circuit of a model on an exact backend, and its parameters."""
    view = needed(model, "view", user, INSTEAD)()
    refuse_sampled(view.backend, user)
    return plain_circuit(view.circuit), view.parameters


def _names(circuit: CompiledCircuit) -> tuple[str, ...]:
    return tuple(map(str, circuit.angles.features))
