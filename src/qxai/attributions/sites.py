"""Relevance of the sites of a state that is itself the input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import needed
from qxai.attribution import Attribution
from qxai.checks import batches
from qxai.contraction import support
from qxai.shadows import Shadow

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
    states : array_like, shape (N, 2^n) or (N, 2^n, 2^n); or Shadow
        Amplitudes, real or complex, or density matrices; or random measurements of one state on
        the model's sites, from which values and their standard errors are estimated.

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
    if isinstance(states, Shadow):
        return _from_shadow(model, states)
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


def _from_shadow(model: Any, record: Shadow) -> Attribution:
    """Average what each shot says; its strings share as all do."""
    of = needed(model, "snapshots_by_support", "site_relevance", WHERE)
    if record.qubits != tuple(model.sites):
        raise ValueError(
            f"states: expected a shadow of the model's sites {model.sites}, found one of "
            f"{record.qubits}; pass qubits=model.sites to qxai.shadow"
        )
    shots, count = len(record), len(record.qubits)
    acting = support(1 << count)
    shares = acting / np.maximum(acting.sum(axis=1), 1)[:, None]
    total, squares, outputs, rest = np.zeros(count), np.zeros(count), 0.0, 0.0
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    for rows in batches(shots, 1 << count):
        dividends = of(record.bases[rows], record.outcomes[rows])
        each = dividends @ shares
        total, squares = total + each.sum(axis=0), squares + (each**2).sum(axis=0)
        lowest = np.minimum(lowest, each.min(axis=0))
        highest = np.maximum(highest, each.max(axis=0))
        outputs, rest = outputs + dividends.sum(), rest + dividends[:, 0].sum()
    mean = total / shots
    variance = np.maximum(squares / shots - mean**2, 0) / max(1, shots - 1)
    # Where all shots say the same, as where none fits a long string, their spread says nothing.
    sizes = needed(model, "sizes_by_support", "site_relevance", WHERE)()
    most = (sizes * np.sqrt(3.0) ** acting.sum(axis=1)) @ shares
    error = np.where(highest > lowest, np.sqrt(variance), most / np.sqrt(shots))
    return Attribution(
        values=mean[None],
        output=np.array([outputs / shots]),
        baseline_output=np.array([rest / shots]),
        method="site relevance",
        evaluations=shots,
        standard_error=error[None],
        shots=shots,
        feature_names=tuple(map(str, model.sites)),
        route=f"classical shadow of {shots} shots",
    )
