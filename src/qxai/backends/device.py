"""What the simulated devices have in common: noise, groups of terms, readings, standard errors."""

import cirq
import numpy as np

from qxai.checks import check_generator
from qxai.compiled import CompiledCircuit
from qxai.core import Array, Indices
from qxai.memory import check_size

TURNS = {1: cirq.Y**-0.5, 2: cirq.X**0.5}  # measure X and Y as Z


def check_device(shots: int, rng: object, depolarizing: float, readout: float) -> None:
    """Refuse settings that no device has."""
    if not isinstance(shots, int | np.integer) or isinstance(shots, bool) or shots < 1:
        raise ValueError(f"shots: expected a whole number of at least 1, found {shots}")
    check_generator(rng)
    for name, found, most in (("depolarizing", depolarizing, 1.0), ("readout", readout, 0.5)):
        if not 0 <= found <= most:
            raise ValueError(f"{name}: expected 0 to {most}, found {found}")


def with_noise(circuit: CompiledCircuit, depolarizing: float) -> cirq.Circuit:
    """Add a depolarising channel on each qubit behind each gate of the circuit as it was given."""
    if depolarizing == 0:
        return circuit.template
    noise, by_source = cirq.depolarize(depolarizing), dict[int, list[cirq.Operation]]()
    for op in circuit.operations:
        by_source.setdefault(op.source, []).append(circuit.placed(op))
    for source, qubit in circuit.sites:
        by_source.setdefault(source, []).append(noise.on(circuit.qubits[qubit]))
    return cirq.Circuit(part for source in sorted(by_source) for part in by_source[source])


def measurement_groups(
    strings: Indices, coefficients: Array
) -> list[tuple[Indices, Indices, Array]]:
    """Group terms that can be measured at once: (basis (n,), strings, coefficients) for each.

    Greedy: a term joins the first group whose basis agrees with it on every qubit.
    """
    bases: list[Indices] = []
    members: list[list[int]] = []
    for number, string in enumerate(strings):
        for basis, group in zip(bases, members):
            if not np.any((basis > 0) & (string > 0) & (basis != string)):
                basis[:] = np.maximum(basis, string)
                group.append(number)
                break
        else:
            bases.append(string.copy())
            members.append([number])
    return [(b, strings[g], coefficients[g]) for b, g in zip(bases, members)]


def basis_change(circuit: CompiledCircuit, basis: Indices) -> cirq.Circuit:
    """Turn X and Y into Z on the qubits that are measured in them."""
    return cirq.Circuit(TURNS[p].on(q) for q, p in zip(circuit.qubits, basis) if p in TURNS)


def readings(strings: Indices, coefficients: Array) -> Array:
    """Return what a group's sum of terms (S, m) is worth for each of 2^m outcomes.

    Outcome ``b`` gives ``Σ_s c_s (−1)^(b·s)``: a Walsh–Hadamard transform, one qubit at a time.
    """
    width = strings.shape[1]
    check_size(16 << width, f"the outcomes of {width} measured qubits")
    table = np.zeros(2**width)
    np.add.at(table, (strings > 0) @ 2 ** np.arange(width)[::-1], coefficients)
    for qubit in range(width):
        off, on = table.reshape(2**qubit, 2, -1).swapaxes(0, 1)
        table = np.stack([off + on, off - on], axis=1).ravel()
    return table


def error_of_mean(squares: Array, mean: Array, shots: int, most: float) -> Array:
    """Return the variance of a mean of shots, from the sum of their squared deviations.

    As if, besides the shots, readings of ``±most``, which no reading exceeds, had been seen once
    each: a few shots that agree by chance would otherwise look certain. Where readings are as
    often low as high this changes little on average; elsewhere it adds of the order of 1/shots.
    """
    imagined = (most - mean) ** 2 + (most + mean) ** 2
    return (squares + imagined) / (shots + 1) / shots
