"""Classical shadows: one record of random measurements that serves many observables of a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import check_count, check_generator, real_array
from qxai.core import Array, ComplexArray, Estimate, Indices
from qxai.observable import Observable

TURNS = {1: cirq.unitary(cirq.Y**-0.5), 2: cirq.unitary(cirq.X**0.5), 3: np.eye(2)}


@dataclass(frozen=True, eq=False, repr=False)
class Shadow:
    """Outcomes of one state, each qubit measured in X, Y or Z at random (Huang et al. 2020).

    It serves all observables of that state, and `site_relevance`, which is a sum of such. It says
    nothing of the state of another input, so neither Shapley values of features nor integrated
    gradients come from one shadow.

    Attributes
    ----------
    bases : ndarray of int, shape (T, n)
        1, 2, 3 for X, Y, Z: how each qubit was measured in each of T shots.
    outcomes : ndarray of int, shape (T, n)
        1 or −1.
    qubits : tuple of cirq.Qid, length n

    Raises
    ------
    ValueError
        If shapes do not match, or an entry is another.

    Examples
    --------
    >>> import cirq, numpy as np, qxai
    >>> q = cirq.LineQubit.range(2)
    >>> pair = cirq.Circuit(cirq.H(q[0]), cirq.CNOT(*q))
    >>> record = qxai.shadow(pair, shots=4000, rng=np.random.default_rng(0))
    >>> found = record.expectations([cirq.X(q[0]) * cirq.X(q[1]), cirq.Z(q[0])])  # 1 and 0
    >>> print(np.abs(found.values - [1, 0]) < 4 * found.standard_error)
    [ True  True]
    """

    bases: Indices
    outcomes: Indices
    qubits: tuple[cirq.Qid, ...]

    def __post_init__(self) -> None:
        """Copy the arrays, and refuse what is no record."""
        bases, outcomes = (_whole(getattr(self, name)) for name in ("bases", "outcomes"))
        shape = (len(bases), len(self.qubits))
        if bases.shape != shape or outcomes.shape != shape or not len(bases):
            raise ValueError(
                f"bases, outcomes: expected shape (T, {len(self.qubits)}), found {bases.shape} and "
                f"{outcomes.shape}"
            )
        if not np.isin(bases, (1, 2, 3)).all() or not np.isin(outcomes, (-1, 1)).all():
            raise ValueError("bases, outcomes: expected 1, 2, 3 for X, Y, Z and 1 or −1")
        for name, array in (("bases", bases), ("outcomes", outcomes)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "qubits", tuple(self.qubits))

    def __len__(self) -> int:
        """Return the number of shots."""
        return len(self.bases)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Shadow: {len(self)} shots of {len(self.qubits)} qubits>"

    def snapshots(self, observable: Any) -> Array:
        """Return what each shot says of an observable, (T,): unbiased, and widely spread.

        A Pauli string on k qubits is ``3^k`` times the product of their outcomes where all were
        measured in its basis, and 0 elsewhere.

        Parameters
        ----------
        observable : cirq.PauliSum or cirq.PauliString

        Raises
        ------
        ValueError
            If it acts on a qubit that was not measured.
        """
        found = self._read(observable)
        strings, coefficients = found.strings
        total = np.full(len(self), found.constant)
        for string, coefficient in zip(strings, coefficients):
            acting = np.flatnonzero(string)
            seen = (self.bases[:, acting] == string[acting]).all(axis=1)
            size = 3.0 ** len(acting)
            total += coefficient * size * seen * self.outcomes[:, acting].prod(axis=1)
        return total

    def expectations(self, observables: Sequence[Any]) -> Estimate:
        """Estimate several observables from the one record: an `Estimate` of shape (K,).

        Their errors are not independent of each other. Where all shots say the same, as they do
        where none fits a long string, their spread says nothing, and the error is that of `bound`.

        Parameters
        ----------
        observables : sequence of cirq.PauliSum or cirq.PauliString, length K
        """
        if isinstance(observables, str) or not isinstance(observables, Sequence) or not observables:
            raise ValueError(
                f"observables: expected a list of at least one, found {observables!r}; put one "
                "into a list"
            )
        each = np.stack([self.snapshots(one) for one in observables])
        spread = each.std(axis=1, ddof=min(1, len(self) - 1))
        most = np.sqrt([self.bound(one) for one in observables])
        error = np.where(np.ptp(each, axis=1) > 0, spread, most) / np.sqrt(len(self))
        return Estimate(each.mean(axis=1), error, len(self), len(self))

    def bound(self, observable: Any) -> float:
        """Return what the variance of one shot's word on an observable is at most.

        ``(Σ_P |c_P| 3^{k_P/2})²`` over its strings P, each on k_P qubits: for one string that is
        the shadow norm ``3^k`` (Huang et al. 2020). It grows with how many qubits a string acts
        on, and not with how many there are.

        Parameters
        ----------
        observable : cirq.PauliSum or cirq.PauliString
        """
        strings, coefficients = self._read(observable).strings
        sizes = np.sqrt(3.0) ** (strings > 0).sum(axis=1)
        return float((np.abs(coefficients) @ sizes) ** 2)

    def _read(self, observable: Any) -> Observable:
        try:
            total = cirq.PauliSum() + observable
        except TypeError:
            raise TypeError(
                f"observable: expected a cirq.PauliSum or cirq.PauliString, found {observable!r}"
            ) from None
        if missing := set(total.qubits) - set(self.qubits):
            raise ValueError(
                f"observable: expected one of the measured qubits, {sorted(missing)[0]} is not"
            )
        return Observable.of(total, self.qubits)


def shadow(
    state: cirq.AbstractCircuit | ArrayLike,
    shots: int,
    rng: np.random.Generator,
    qubits: Sequence[cirq.Qid] | None = None,
) -> Shadow:
    """Measure a state in random bases, by simulation.

    Parameters
    ----------
    state : cirq.Circuit, or array_like of shape (2^n,) or (2^n, 2^n)
        A circuit without symbols that prepares it, its amplitudes, or its density matrix.
    shots : int
        How many, each in a basis of its own.
    rng : numpy.random.Generator
        Draws bases and outcomes.
    qubits : sequence of cirq.Qid, length n, optional
        The qubits in order; those of the circuit, sorted, by default. Needed with an array.

    Returns
    -------
    Shadow
        The record of bases and outcomes.

    Raises
    ------
    ValueError
        If the circuit has symbols, or the array is no state of so many qubits.
    TypeError
        If ``rng`` is missing.

    Examples
    --------
    >>> import cirq, numpy as np, qxai
    >>> q = cirq.LineQubit.range(2)
    >>> rng = np.random.default_rng(0)
    >>> qxai.shadow(cirq.Circuit(cirq.H.on_each(*q)), shots=100, rng=rng)
    <Shadow: 100 shots of 2 qubits>
    """
    count = check_count("shots", shots, 1)
    check_generator(rng)
    measured, rho = _prepared(state, qubits)
    n = len(measured)
    bases = rng.integers(1, 4, (count, n))
    outcomes = np.empty((count, n), np.intp)
    settings, which = np.unique(bases, axis=0, return_inverse=True)
    for number, setting in enumerate(settings):
        rows = np.flatnonzero(which.ravel() == number)
        drawn = rng.choice(1 << n, len(rows), p=_chances(rho, setting))
        outcomes[rows] = 1 - 2 * (drawn[:, None] >> np.arange(n)[::-1] & 1)
    return Shadow(bases, outcomes, measured)


def _prepared(
    state: Any, qubits: Sequence[cirq.Qid] | None
) -> tuple[tuple[cirq.Qid, ...], ComplexArray]:
    """Return qubits, and amplitudes (2^n,) or a density matrix (2^n, 2^n)."""
    if isinstance(state, cirq.AbstractCircuit):
        if cirq.is_parameterized(state):
            raise ValueError(
                "state: expected a circuit without symbols, found some; "
                "cirq.resolve_parameters(circuit, values) gives them values"
            )
        used = tuple(sorted(state.all_qubits())) if qubits is None else tuple(qubits)
        found = state.final_state_vector(
            qubit_order=used, dtype=np.complex128, ignore_terminal_measurements=True
        )
        return used, np.asarray(found)
    array = np.asarray(state, np.complex128)
    if not np.isfinite(array).all():
        raise ValueError("state: expected finite numbers, found NaN or infinity")
    n = None if qubits is None else len(qubits)
    if n is None or array.shape not in ((1 << n,), (1 << n, 1 << n)):
        raise ValueError(
            f"state: expected a circuit, or with qubits= an array of shape (2^n,) or (2^n, 2^n), "
            f"found shape {array.shape} and {n} qubits"
        )
    weight = np.sum(np.abs(array) ** 2) if array.ndim == 1 else np.trace(array)
    if abs(weight - 1) > 1e-6:
        raise ValueError(f"state: expected a norm or trace of 1, found {weight:.6g}")
    if array.ndim == 2 and not _is_density_matrix(array):
        raise ValueError("state: expected a density matrix, found one with negative eigenvalues")
    return tuple(qubits or ()), array


def _is_density_matrix(array: ComplexArray) -> bool:
    hermitian = np.allclose(array, array.conj().T, atol=1e-6)
    return bool(hermitian and np.linalg.eigvalsh(array).min() > -1e-6)


def _whole(array: Any) -> Indices:
    """Return an array of whole numbers; what is none becomes 0, which is no entry."""
    expected = "bases, outcomes: expected 1, 2, 3 for X, Y, Z and 1 or −1"
    found = real_array(array, expected)
    return np.where(found == np.rint(found), found, 0).astype(np.intp)


def _chances(state: ComplexArray, setting: Indices) -> Array:
    """Return the chance of each outcome (2^n,) in a basis."""
    for axis, letter in enumerate(setting):
        state = _turned(state, TURNS[int(letter)], axis)
        if state.ndim == 2:
            state = _turned(state.conj().T, TURNS[int(letter)], axis).conj().T
    chances = np.abs(state) ** 2 if state.ndim == 1 else np.diag(state).real
    chances = np.clip(chances, 0, None)
    return np.asarray(chances / chances.sum())


def _turned(state: ComplexArray, matrix: Any, axis: int) -> ComplexArray:
    """Apply a matrix to one qubit of the rows."""
    tensor = state.reshape(1 << axis, 2, -1)
    return np.asarray(np.einsum("ab,xby->xay", matrix, tensor).reshape(state.shape))
