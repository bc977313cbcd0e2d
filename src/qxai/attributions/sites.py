"""Relevance of the sites of a state that is itself the input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import needed
from qxai.attribution import Attribution
from qxai.contraction import support

WHERE = (
    "wrap the readout in qxai.StateModel(circuit, observable); of a difference of readouts explain "
    "each and subtract"
)


def site_relevance(model: Any, states: ArrayLike) -> Attribution:
    """Explain the readout of states by their sites: which of them it matters to depolarise.

    A site that is absent is depolarised, replaced by the maximally mixed state of one qubit. So
    ``f`` is a sum over Pauli strings, ``R_P = Tr(ρP) Tr(OP) / 2^n``, of which an absent site takes
    those that act on it; shared equally over their sites they give the Shapley values of that
    game. No input has to be chosen as a reference; mixed and entangled states are explained alike.

    Parameters
    ----------
    model : StateModel
    states : array_like, shape (N, 2^n) or (N, 2^n, 2^n)
        Amplitudes, real or complex, or density matrices.

    Returns
    -------
    Attribution
        Values (N, n) in units of the output, one for each site; complete against the output of
        the maximally mixed state, ``Tr(O) / 2^n``. ``evaluations`` is ``2 N n ⌈n/2⌉``: intact
        against depolarised for each site, at ``⌈n/2⌉`` noise levels of the others.

    Raises
    ------
    TypeError
        If the model takes no states.
    ValueError
        If an array has another shape, or holds no states.

    Notes
    -----
    That relevance of a string is shared by its support is QLRP's rule for encoded qubits, and the
    same with sites as players.

    Examples
    --------
    A Bell pair beside an idle qubit: what is measured is a correlation, so both sites share it.

    >>> import cirq, numpy as np, qxai
    >>> q = cirq.LineQubit.range(3)
    >>> model = qxai.StateModel(cirq.Circuit(), cirq.X(q[0]) * cirq.X(q[1]), qubits=q)
    >>> pair = model.prepared([cirq.Circuit(cirq.H(q[0]), cirq.CNOT(q[0], q[1]))])
    >>> print(qxai.site_relevance(model, pair).values.round(3))
    [[0.5 0.5 0. ]]
    """
    dividends = needed(model, "by_support", "site_relevance", WHERE)(states)
    acting = support(dividends.shape[1])
    sizes = np.maximum(acting.sum(axis=1), 1)
    count = acting.shape[1]
    return Attribution(
        values=dividends @ (acting / sizes[:, None]),
        output=dividends.sum(axis=1),
        baseline_output=dividends[:, 0],
        method="site relevance",
        evaluations=2 * len(dividends) * count * -(-count // 2),
        feature_names=tuple(map(str, model.sites)),
        route="Pauli strings",
    )
