"""Gates as players: Shapley values of a circuit's operations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import distinct, needed
from qxai.attribution import Attribution
from qxai.attributions.orders import ranks_of
from qxai.checks import check_samples
from qxai.core import Array, Evaluator
from qxai.memory import check_size
from qxai.quadrature import unit_gauss_legendre
from qxai.question import asked
from qxai.threads import limited


def gate_shapley(
    model: Evaluator,
    X: ArrayLike,
    gates: Sequence[int] | None = None,
    samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> Attribution:
    """Explain outputs by Shapley values of gates (Heese et al., arXiv:2301.09138).

    The players are gates of the circuit; an absent gate is replaced by the identity. If each is
    there with probability ``t``, it acts as the channel ``(1 − t) ρ + t U ρ U†``, and the
    diagonal formula of `shapley` holds: ``⌈G/2⌉`` sweeps through the circuit instead of ``2^G``
    circuits.

    Parameters
    ----------
    model : PQC
    X : array_like, shape (N, d)
        Inputs, in radians.
    gates : sequence of int, optional
        The players, as positions in ``model.circuit.all_operations()``; all by default. The
        others are always there.
    samples : int, optional
        Random orders, at least 2; None for exact values. From four on every second one is the
        one before, reversed.
    rng : numpy.random.Generator, optional
        Draws the orders; needed with ``samples``.

    Returns
    -------
    Attribution
        One column for each player, in units of the output; complete against the circuit without
        the players. ``evaluations`` is ``2 N G ⌈G/2⌉`` (the others' coins are flipped for each
        shot), or ``N samples (G + 1)`` with orders.

    Raises
    ------
    TypeError
        If the model has no circuit, or ``rng`` is missing.
    ValueError
        If ``gates`` are not different positions in the circuit, or activations do not fit in
        memory.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit(0), sympy.Symbol("x")
    >>> model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.ry(x)(q)), [x], cirq.Z(q))  # cos 2x
    >>> found = qxai.gate_shapley(model, [[1]])
    >>> print(found.values.round(3))  # twice the same gate: half of cos 2 − 1 each
    [[-0.708 -0.708]]
    """
    inputs = asked(model, X).inputs
    remedy = "it needs a circuit, a qxai.PQC"
    view: Any = needed(model, "view", "gate_shapley", remedy)()
    positions = view.gate_positions()
    chosen = _players(positions, gates)
    if samples is not None:
        source = check_samples(samples, rng)
        before = view.without(inputs, chosen).values
        return _from_orders(model, view, inputs, chosen, before, samples, source)
    values = np.zeros((len(inputs), len(chosen)))
    nodes, weights = unit_gauss_legendre(-(-len(chosen) // 2))
    for rows, network in view.gate_networks(inputs):
        player = {positions.index(gate): k for k, gate in enumerate(chosen)}
        for t, weight in zip(nodes, weights):
            values[rows] += weight * _sweep(network, player, t)
    return Attribution(
        values=values,
        output=model.values(inputs),
        baseline_output=view.without(inputs, chosen).values,
        method="gate Shapley",
        evaluations=2 * values.size * len(nodes),
        feature_names=[f"gate {gate}" for gate in chosen],
        route="closed form",
    )


def _players(positions: Sequence[int], gates: Sequence[int] | None) -> list[int]:
    chosen = list(positions if gates is None else gates)
    different = 0 < len(chosen) == len(set(chosen))
    if not different or not set(chosen) <= set(positions):
        raise ValueError(
            f"gates: expected different positions of unitary gates in the circuit, among "
            f"{list(positions)}, found {chosen}"
        )
    return chosen


@limited()
def _sweep(network: Any, player: dict[int, int], t: float) -> Array:
    """Return each player's ``∂F/∂t`` (N, G) from one pass forward and one back."""
    present = {number: t if number in player else 1.0 for number in range(len(network.layers))}
    activations = [network.initial]
    for number, layer in enumerate(network.layers):
        before = activations[-1]
        activations.append(before + present[number] * (layer.forward(before) - before))
    result = np.zeros((network.initial.shape[1], len(player)))
    behind = np.broadcast_to(network.measured, network.initial.shape)
    for number, layer in list(enumerate(network.layers))[::-1]:
        moved = layer.backward(behind)
        if number in player:
            result[:, player[number]] = ((moved - behind) * activations[number]).sum(axis=0)
        behind = behind + present[number] * (moved - behind)
    return result


def _from_orders(
    model: Evaluator,
    view: Any,
    inputs: Array,
    gates: list[int],
    before: Array,
    samples: int,
    rng: np.random.Generator,
) -> Attribution:
    """Let gates enter in random orders; a device runs circuits that occur again, in one batch."""
    n, count = len(inputs), len(gates)
    check_size(
        n * samples * (count + 1) * (count + 9),
        f"{n} inputs times {samples} orders of {count} gates",
        "ask for fewer inputs, orders or gates at a time",
    )
    ranks = ranks_of(n, samples, count, rng)
    draws, copies = ranks.shape[1:3]
    absent = ranks[..., None, :] >= np.arange(count + 1)[:, None]
    coalitions, where = distinct(absent.reshape(-1, count))
    rows = np.repeat(np.arange(n), draws * copies * (count + 1))
    values, shots = view.without_each(inputs, rows, gates, coalitions, where)
    gains = np.diff(values.reshape(*ranks.shape[:3], count + 1), axis=3)
    by_gate = np.take_along_axis(gains, ranks, axis=3).mean(axis=2)
    error = by_gate.std(axis=1, ddof=1) / np.sqrt(draws)
    return Attribution(
        values=by_gate.mean(axis=1),
        output=model.values(inputs),
        baseline_output=before,
        method=f"gate Shapley ({draws * copies} orders)",
        evaluations=len(rows),
        standard_error=error,
        shots=shots,
        feature_names=[f"gate {gate}" for gate in gates],
        route="sampled orders",
    )
