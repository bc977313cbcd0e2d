"""Circuit runs as a table for a device, and what a method makes of their results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cirq
import numpy as np
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.backends.device import error_of_mean
from qxai.checks import real_array
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, Estimate, Indices
from qxai.table import Table, data_frame

Answer = Callable[[CompiledCircuit, Array], Estimate]


@dataclass(frozen=True, eq=False)
class Setting:
    """One basis in which a run is measured.

    Attributes
    ----------
    basis : cirq.Circuit
        Turns X and Y into Z; comes after the circuit.
    qubits : tuple of cirq.Qid, length m
        What is measured then.
    worths : ndarray, shape (2^m,)
        What each outcome is worth, the first qubit most significant.
    """

    basis: cirq.Circuit
    qubits: tuple[cirq.Qid, ...]
    worths: Array


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """Circuit runs for a device: one row of angles for each, and what a method makes of them.

    Attributes
    ----------
    circuits : tuple of cirq.Circuit
        Different circuits with the symbols ``angle_0`` … as exponents; mostly one.
    which : ndarray of int, shape (R,)
        Which circuit each row is for.
    angles : ndarray, shape (R, G)
        The exponents of each run, in half turns: of the gates that have a symbol.
    shots : int
        For each row and setting.
    settings : tuple of Setting
        The bases in which every row is measured.
    constant : float
        What the observable has of the identity; it is not measured.
    explain : callable
        The method and its model, asked with what answers for a circuit and its exponents.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q)), [x], cirq.Z(q))
    >>> plan = qxai.plan(qxai.shapley, model, [[np.pi / 3]], shots=1000)
    >>> print(plan, (plan.angles * 180).round().T)  # degrees: without the feature, and with it
    <Plan: 2 runs of 1 circuit, 1 setting, 2000 shots> [[ 0. 60.]]
    >>> found = plan.from_results([0.99, 0.48], standard_error=[0.01, 0.03])
    >>> print(found.values.round(2), found.standard_error.round(3), found.shots)
    [[-0.51]] [[0.032]] 2000
    """

    circuits: tuple[cirq.Circuit, ...]
    which: Indices
    angles: Array
    shots: int
    settings: tuple[Setting, ...]
    constant: float
    explain: Callable[[Answer], Attribution]

    def __repr__(self) -> str:
        """Say how much it asks for."""
        parts = ((len(self.circuits), "circuit"), (len(self.settings), "setting"))
        circuits, settings = (f"{n} {word}{'s' * (n != 1)}" for n, word in parts)
        return f"<Plan: {len(self)} runs of {circuits}, {settings}, {self.total_shots} shots>"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.angles)

    @property
    def names(self) -> list[str]:
        """Names of the symbols in the circuits: ``angle_0`` and so on."""
        return [str(angle_symbol(g)) for g in range(self.angles.shape[1])]

    @property
    def total_shots(self) -> int:
        """Shots of all rows and settings."""
        return len(self) * len(self.settings) * self.shots

    def bound(self, row: int, setting: int = 0) -> cirq.Circuit:
        """Return one run as a circuit without symbols, its measurement with the key ``m``.

        Raises
        ------
        ValueError
            If there is no such row or setting.
        """
        for name, number, count in (
            ("row", row, len(self)),
            ("setting", setting, len(self.settings)),
        ):
            if not 0 <= number < count:
                raise ValueError(f"{name}: expected 0 to {count - 1}, found {number}")
        symbols = {angle_symbol(g): angle for g, angle in enumerate(self.angles[row].tolist())}
        circuit = cirq.resolve_parameters(self.circuits[self.which[row]], symbols)
        chosen = self.settings[setting]
        return circuit + chosen.basis + cirq.measure(*chosen.qubits, key="m")

    def table(self) -> Table:
        """Return the rows as a notebook shows them, angles in half turns."""
        columns: list[tuple[str, Sequence[Any]]] = [("run", range(len(self)))]
        if len(self.circuits) > 1:
            columns.append(("circuit", self.which.tolist()))
        columns += [(name, angle.tolist()) for name, angle in zip(self.names, self.angles.T)]
        return Table(columns, caption=f"exponents in half turns, {self.shots} shots each")

    def to_frame(self) -> Any:
        """Return the angles (R, G) as a pandas.DataFrame, with the circuit of each row."""
        frame = data_frame(self.angles, self.names)
        frame.insert(0, "circuit", self.which)
        return frame

    def from_results(
        self, values: ArrayLike, standard_error: ArrayLike | None = None
    ) -> Attribution:
        """Return what the method makes of expectation values that a device has found.

        Parameters
        ----------
        values : array_like, shape (R,)
            Of the observable, in the order of the rows.
        standard_error : array_like, shape (R,), optional
            Of each; taken for exact where left out.

        Returns
        -------
        Attribution
            With standard errors propagated as the method does.

        Raises
        ------
        ValueError
            If there are not as many numbers as rows, or one is not finite or an error negative.
        """
        found = self._checked("values", values)
        errors = np.zeros(len(self))
        if standard_error is not None:
            errors = self._checked("standard_error", standard_error)
        if (errors < 0).any():
            raise ValueError("standard_error: expected numbers of at least 0, found a negative one")
        shots = self.shots * len(self.settings) if standard_error is not None else 0
        place = 0

        def answer(circuit: CompiledCircuit, exponents: Array) -> Estimate:
            nonlocal place
            rows = slice(place, place + len(exponents))
            if not np.array_equal(self.angles[rows], exponents):
                raise ValueError(
                    "method: expected one that asks for the same runs whatever the answers are, "
                    "found one that asks for others; fix steps=, samples= or what else decides"
                )
            place = rows.stop
            runs = len(exponents)
            return Estimate(found[rows], errors[rows], runs, runs * shots)

        return self.explain(answer)

    def from_bits(self, bits: Sequence[ArrayLike]) -> Attribution:
        """Return what the method makes of measured bits.

        Parameters
        ----------
        bits : sequence of array_like, shapes (R, shots, m)
            For each setting the bits of its ``qubits``, 0 or 1, row by row and shot by shot.

        Raises
        ------
        ValueError
            If there is not an array of that shape for each setting.
        """
        if not isinstance(bits, Sequence | np.ndarray) or len(bits) != len(self.settings):
            count = len(bits) if hasattr(bits, "__len__") else type(bits).__name__
            raise ValueError(
                f"bits: expected an array for each of {len(self.settings)} settings, found {count}"
            )
        value, variance = np.full(len(self), self.constant), np.zeros(len(self))
        for number, (setting, found) in enumerate(zip(self.settings, bits)):
            mean, own = self._read(setting, found, f"bits[{number}]")
            value, variance = value + mean, variance + own
        return self.from_results(value, np.sqrt(variance))

    def _read(self, setting: Setting, bits: ArrayLike, name: str) -> tuple[Array, Array]:
        """Return mean and variance of the mean (R,) of what a setting's outcomes are worth."""
        shape = (len(self), self.shots, len(setting.qubits))
        try:
            array = np.asarray(bits)
        except ValueError as error:
            raise ValueError(
                f"{name}: expected 0 and 1 of shape {shape}, found rows of different lengths"
            ) from error
        if array.shape != shape:
            raise ValueError(f"{name}: expected 0 and 1 of shape {shape}, found {array.shape}")
        if wrong := [value for value in np.unique(array) if value not in (0, 1)]:
            raise ValueError(f"{name}: expected 0 and 1 of shape {shape}, found {wrong[0]!r}")
        places = 2 ** np.arange(shape[2])[::-1]
        worths = setting.worths[(array.astype(np.intp) @ places)]
        mean = worths.mean(axis=1)
        squares = np.maximum((worths**2).sum(axis=1) - self.shots * mean**2, 0)
        most = float(np.abs(setting.worths).max())
        return mean, error_of_mean(squares, mean, self.shots, most)

    def _checked(self, name: str, given: ArrayLike) -> Array:
        found = real_array(given, f"{name}: expected real numbers")
        wrong = f"shape {found.shape}" if found.shape != (len(self),) else ""
        wrong = wrong or ("" if np.isfinite(found).all() else "NaN or infinity")
        if wrong:
            raise ValueError(
                f"{name}: expected {len(self)} finite numbers, one for each row, found {wrong}"
            )
        return found
