"""QLRP: relevance carried back through a circuit in the Pauli picture."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import game_form, needed
from qxai.attribution import Attribution
from qxai.attributions.rules import Rule, Step, Zero, passes_permutations
from qxai.attributions.semivalues import closed
from qxai.attributions.sharing import Sharing
from qxai.background import Marginals
from qxai.checks import check_count
from qxai.contraction import by_support, support
from qxai.core import Array, Evaluator
from qxai.quadrature import unit_gauss_legendre
from qxai.question import Question, asked
from qxai.threads import limited

CIRCUIT = "it needs a circuit; shapley explains polynomials and functions"


def qlrp(
    model: Evaluator,
    X: ArrayLike,
    rule: Rule = Zero(),  # noqa: B008 - frozen and without state
    baseline: Any = None,
    players: Literal["qubits", "features"] = "qubits",
    moments_per_layer: int = 1,
    groups: Any = None,
) -> Attribution:
    """Explain outputs by quantum layerwise relevance propagation.

    Written as vectors of Pauli expectation values, a circuit is a linear network, and a rule
    hands the output's relevance back through it, layer by layer.

    *Without a baseline* (product encoding): relevance arrives at the Pauli strings of the encoded
    state. The string ``P`` shares it equally among the encoded qubits on which it acts; a qubit
    hands its share to its features. With the zero rule this is the Shapley value of the game in
    which an absent qubit is fully depolarised. A feature whose gate leaves the initial state alone
    can get relevance.

    *With a baseline* (any circuit): where features enter, what their gates change against the
    same gates at the baseline is shared among them, by Shapley values within the layer; the rest
    travels on. With the zero rule a layer's total is the change of the output as its features,
    after those of all earlier layers, move to the input.

    Parameters
    ----------
    model : PQC
        Without a baseline: no feature enters after an entangling gate.
    X : array_like, shape (N, d)
        Inputs, in radians.
    rule : Zero, Epsilon or Gamma
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; optional
        Reference angles, of a sample the mean over its rows; None for the product encoding.
    players : {"qubits", "features"}
        Among whom a string shares its relevance, without a baseline. They differ where a feature
        sits on several qubits; ``"features"`` needs at most one feature a qubit.
    moments_per_layer : int
        How many moments without features make a layer. It matters for `Epsilon` and `Gamma` only.
    groups : mapping, sequence of sequences, or sequence of int, optional
        Features that are depolarised together: a string shares equally among the groups on whose
        qubits it acts. Without a baseline; at most one feature a qubit.

    Returns
    -------
    Attribution
        In units of the output. ``baseline_output`` is the output with all encoded qubits
        depolarised, or the relevance that reached the initial state; zero and gamma are complete
        against it, epsilon absorbs. ``evaluations``: for the zero rule ``2 N Q ⌈Q/2⌉`` with ``Q``
        players (intact against depolarised at ``⌈Q/2⌉`` noise levels, fewer where the model is a
        train of windows), with a baseline the same for each layer and its features; the other
        rules need all activations, ``3^n`` measurement
        settings for each layer and input.

    Raises
    ------
    TypeError
        If the model has no circuit, or ``rule`` is none.
    ValueError
        If features enter after entangling gates and no baseline is given; if a gate holds several
        features; if the activations do not fit in memory; if an argument is out of range; if
        groups or marginals are given where they have no meaning.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> print(qxai.qlrp(model, [[1, 2]]).values.round(3))  # half each of cos 1 cos 2
    [[-0.112 -0.112]]
    """
    question = (
        asked(model, X, baseline, groups)
        if baseline is not None
        else asked(model, X, groups=groups)
    )
    inputs, who = question.inputs, question.players
    check_count("moments_per_layer", moments_per_layer, 1)
    if isinstance(rule, type) or not callable(getattr(rule, "back", None)):
        raise TypeError(f"rule: expected qxai.Zero(), Epsilon(ε) or Gamma(γ), found {rule!r}")
    if players not in ("qubits", "features"):
        raise ValueError(f"players: expected 'qubits' or 'features', found {players!r}")
    if baseline is not None:
        _refuse_in_circuit(question)
        return question.by_points(
            lambda x, start: _in_circuit(model, x, rule, start, moments_per_layer)
        )
    if isinstance(rule, Zero) and (game := _depolarised(model)) is not None:
        return question.answer(_along(game, question))
    pauli = needed(model, "pauli_polynomial", "qlrp", CIRCUIT)()
    sharing = Sharing(pauli.owners, None if players == "qubits" and who.are_features else who)
    if isinstance(rule, Zero):
        return question.answer(_telescoped(pauli, inputs, sharing))
    return question.answer(_through_layers(model, pauli, inputs, rule, sharing, moments_per_layer))


def _refuse_in_circuit(question: Question) -> None:
    """Refuse what has no meaning where gates share by the order in which they act."""
    if isinstance(question.absent, Marginals):
        raise ValueError(
            "baseline: expected a point or qxai.Background for qlrp, found qxai.Marginals: a "
            "feature that enters several gates is one and the same in all; use "
            "marginals.drawn(100, rng), a Background of independent features"
        )
    if not question.players.are_features:
        raise ValueError(
            "groups: expected none with a baseline, where features share in the order of their "
            "gates, found some; leave out baseline= or groups="
        )


def _depolarised(model: Any) -> Any:
    """Return the game with depolarised absence of a model that is a train; None of any other."""
    form = game_form(model)
    make = getattr(form, "depolarised_game", None)
    return None if make is None else make()


def _along(game: Any, question: Question) -> Attribution:
    """Zero rule on a train: Shapley values of that game, one qubit a feature."""
    order = min(game.interaction_order, question.players.count)
    rule = unit_gauss_legendre(-(-order // 2))
    return closed(game, question, question.inputs, game.absent(), rule, Zero().name)


@limited()
def _telescoped(pauli: Any, inputs: Array, sharing: Sharing) -> Attribution:
    """Zero rule: the layers' maps multiply up to the evolved observable."""
    shares, count = sharing.of(pauli.strings > 0), sharing.count
    both = np.column_stack([shares, np.ones(len(shares))])
    found = pauli.weighted(inputs, both)
    bias = pauli.coefficients[~(pauli.strings > 0).any(axis=1)].sum()
    evaluations = 2 * len(inputs) * count * -(-count // 2)
    return Attribution(
        values=found[:, :-1],
        output=found[:, -1],
        baseline_output=np.full(len(inputs), bias),
        method=Zero().name,
        evaluations=evaluations,
        route="Pauli strings",
    )


@limited()
def _through_layers(
    model: Any,
    pauli: Any,
    inputs: Array,
    rule: Rule,
    sharing: Sharing,
    moments_per_layer: int,
) -> Attribution:
    """Carry relevance back to the encoded state, and share it by the support of the strings."""
    view: Any = needed(model, "view", f"qlrp with {rule.name}", CIRCUIT)()

    @cache
    def weights(size: int) -> Array:  # once the networks have turned out to fit in memory
        acting = support(size)[:, list(pauli.encoded_qubits)]
        return np.column_stack([sharing.of(acting), ~acting.any(axis=1)])

    found, count = np.empty((len(inputs), sharing.width + 1)), 0
    for rows, network in view.encoded_networks(inputs, moments_per_layer):
        coefficients, _ = _carried(network, rule)
        acting = by_support(network.initial * coefficients)
        found[rows] = acting @ weights(acting.shape[1])
        count = len(network.layers) + 1
    evaluations = len(inputs) * count * 3**model.num_qubits
    return Attribution(
        values=found[:, :-1],
        output=model.values(inputs),
        baseline_output=view.constant + found[:, -1],
        method=rule.name,
        evaluations=evaluations,
        route="layers",
    )


@limited()
def _in_circuit(
    model: Any, inputs: Array, rule: Rule, start: Array, moments_per_layer: int
) -> Attribution:
    """Carry relevance back to the initial state; features take theirs where they enter."""
    view: Any = needed(model, "view", "qlrp(baseline=)", CIRCUIT)()
    values, reached, evaluations = np.zeros(inputs.shape), np.full(len(inputs), view.constant), 0
    for rows, network in view.networks(inputs, start, moments_per_layer):
        coefficients, taken = _carried(network, rule)
        for feature, amount in taken.items():
            values[rows, feature] = amount
        reached[rows] += (network.initial * coefficients).sum(axis=0)
        evaluations += len(inputs[rows]) * _runs(rule, network.layers, model.num_qubits)
    return Attribution(
        values=values,
        output=model.values(inputs),
        baseline_output=reached,
        method=f"{rule.name} in the circuit",
        evaluations=evaluations,
        route="layers",
    )


def _runs(rule: Rule, layers: Sequence[Any], num_qubits: int) -> int:
    if not isinstance(rule, Zero):
        return (len(layers) + 1) * 3**num_qubits
    counts = [len(layer.features) for layer in layers]
    return sum(2 * count * -(-count // 2) for count in counts)


def _carried(network: Any, rule: Rule) -> tuple[Array, dict[int, Array]]:
    """Return the coefficients before the first layer, and what each feature takes in all (N,)."""
    layers = network.shortened if passes_permutations(rule) else network.layers
    total: dict[int, Array] = {}
    steps = list(forward(network.initial, layers))
    for coefficients, taken in backward(network, steps, rule):  # noqa: B007 - the last is returned
        for feature, amount in taken.items():
            total[feature] = total.get(feature, 0.0) + amount
    return coefficients, total


def forward(before: Array, layers: Sequence[Any]) -> Iterator[Step]:
    """Run layers one after the other and keep what flows through each."""
    for layer in layers:
        added = layer.contributions(before)
        after = sum(added, layer.forward(before))
        yield Step(layer, before, after, added)
        before = after


def backward(
    network: Any, steps: Sequence[Step], rule: Rule
) -> Iterator[tuple[Array, dict[int, Array]]]:
    """Apply the rule from the last layer to the first.

    Yields
    ------
    coefficients : ndarray, shape (4^n, N)
        Behind the last layer, before it, …, before the first.
    taken : dict
        What each feature takes (N,) on the way there.
    """
    coefficients = np.broadcast_to(network.measured, network.initial.shape)
    yield coefficients, {}
    for step in steps[::-1]:
        coefficients, relevance = rule.back(step, coefficients)
        yield coefficients, dict(zip(step.layer.features, relevance))
