"""Where relevance sits between two layers of a circuit."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import needed
from qxai.attributions.qlrp import CIRCUIT, backward, forward
from qxai.attributions.rules import Rule, Zero
from qxai.attributions.sharing import equal_shares
from qxai.checks import check_count
from qxai.contraction import by_support, support
from qxai.core import Array, Evaluator
from qxai.question import asked
from qxai.threads import limited


@limited()
def qlrp_layers(
    model: Evaluator,
    X: ArrayLike,
    rule: Rule = Zero(),  # noqa: B008 - frozen and without state
    moments_per_layer: int = 1,
) -> Array:
    """Follow the relevance of `qlrp` from the readout back to the encoded state.

    Between two layers every Pauli string carries relevance; here it is shared equally among all
    qubits on which the string acts, encoded or not.

    Parameters
    ----------
    model : PQC
        Encoding-first, with a product encoding.
    X : array_like, shape (N, d)
        Inputs, in radians.
    rule : Zero, Epsilon or Gamma
    moments_per_layer : int
        How many moments make a layer.

    Returns
    -------
    ndarray, shape (N, L + 1, n)
        In units of the output: the encoded state first, the readout last; (0, 0, 0) for no
        inputs. What is missing from a row's sum to the output sits on the identity string, or
        was absorbed by `Epsilon`.

    Raises
    ------
    TypeError
        If the model has no circuit.
    ValueError
        If features enter after entangling gates, or an argument is out of range.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.CX(*q)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[1]))  # CX carries Z back to Z Z
    >>> print(qxai.qlrp_layers(model, [[1, 2]])[0].round(3))
    [[-0.112 -0.112]
     [ 0.    -0.225]]
    """
    inputs = asked(model, X).inputs
    check_count("moments_per_layer", moments_per_layer, 1)
    view: Any = needed(model, "view", "qlrp_layers", CIRCUIT)()
    parts, shares = [], cache(lambda size: equal_shares(support(size)))
    for _, network in view.encoded_networks(inputs, moments_per_layer):
        steps = list(forward(network.initial, network.layers))
        states = [network.initial, *(step.after for step in steps)]
        coefficients = [found for found, _ in backward(network, steps, rule)]
        relevance = [by_support(a * c) for a, c in zip(states, coefficients[::-1])]
        parts.append(np.stack([r @ shares(r.shape[1]) for r in relevance], axis=1))
    return np.concatenate(parts) if parts else np.zeros((0, 0, 0))
