"""QLRP: relevance carried back through a circuit in the Pauli picture."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.core import Attribution, Evaluator, as_inputs, needed


def qlrp(model: Evaluator, X: ArrayLike) -> Attribution:
    """Explain outputs by quantum layerwise relevance propagation, zero rule, product encoding.

    Written as vectors of Pauli expectation values, the layers behind the encoding are linear, and
    relevance that is passed back in proportion to each contribution telescopes to the evolved
    observable ``O``. The string ``P`` of ``O`` then carries ``R_P = c_P ∏_q ⟨P_q⟩`` and shares it
    equally among the encoded qubits on which it acts; a qubit hands its share to its features.

    This is the Shapley value of the game in which an absent qubit is fully depolarised. It needs
    no baseline point. A feature whose gate leaves the initial state alone can get relevance.

    Parameters
    ----------
    model : model with a method ``pauli_polynomial``
        Encoding-first: no feature enters after an entangling gate.
    X : array_like, shape (N, d)
        Inputs, in radians.

    Returns
    -------
    Attribution
        In units of the output; complete against ``baseline_output``, the output with all encoded
        qubits depolarised. ``evaluations`` is ``2 N Q ⌈Q/2⌉``, ``Q`` the number of encoded
        qubits: on a device, a qubit intact against depolarised, at ``⌈Q/2⌉`` noise levels.

    Raises
    ------
    TypeError
        If the model has no Pauli form.
    ValueError
        If features enter after entangling gates, or ``X`` has another width or is not finite.
    """
    inputs = as_inputs(X, model.num_features)
    pauli = needed(
        model, "pauli_polynomial", "qlrp", "it needs a circuit; shapley explains polynomials"
    )()
    support = pauli.strings > 0
    acting = support.sum(axis=1)
    shares = support / np.maximum(acting, 1)[:, None]
    both = np.column_stack([shares @ pauli.owners, np.ones(len(shares))])
    found = pauli.weighted(inputs, both)
    bias = pauli.coefficients[acting == 0].sum()
    qubits = support.shape[1]
    return Attribution(
        found[:, :-1],
        found[:, -1],
        np.full(len(inputs), bias),
        "QLRP-zero",
        2 * len(inputs) * qubits * -(-qubits // 2),
    )
