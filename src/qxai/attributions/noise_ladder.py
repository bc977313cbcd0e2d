"""QLRP measured on a device: a quadrature over noise levels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import error_of, needed
from qxai.attribution import Attribution
from qxai.core import Array, Estimate, Evaluator
from qxai.quadrature import unit_gauss_legendre
from qxai.question import asked


def qlrp_from_noise(model: Evaluator, X: ArrayLike) -> Attribution:
    """Estimate `qlrp` (zero rule, product encoding) from runs with added depolarising noise.

    The zero rule gives each encoded qubit its Shapley value in the game in which absent qubits
    are fully depolarised. With every qubit's Bloch vector shrunk to a fraction ``t``, the diagonal
    formula of `shapley` compares a qubit left intact with the same qubit fully depolarised, at
    ``⌈Q/2⌉`` noise levels: runs that a device can do, by inserting random Pauli gates.

    Parameters
    ----------
    model : PQC on a `Sampled` backend
        Encoding-first, with a product encoding.
    X : array_like, shape (N, d)
        Inputs, in radians.

    Returns
    -------
    Attribution
        In units of the output; its expectation is that of ``qlrp(model, X)``, and
        ``baseline_output`` is the output with all encoded qubits depolarised. ``evaluations`` is
        ``2 N Q ⌈Q/2⌉``.

    Raises
    ------
    TypeError
        If the model is not on a backend that samples.
    ValueError
        If features enter after entangling gates, or ``X`` has another width or is not finite.

    Examples
    --------
    >>> import cirq, numpy as np, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))
    >>> device = qxai.Sampled(shots=1000, rng=np.random.default_rng(0))
    >>> found = qxai.qlrp_from_noise(model.on(device), [[1, 2]])
    >>> error = found.values - qxai.qlrp(model, [[1, 2]]).values
    >>> bool(np.all(np.abs(error) < 5 * found.standard_error))
    True
    """
    question = asked(model, X)
    inputs = question.inputs
    remedy = "use qxai.PQC(...).on(qxai.Sampled(shots, rng)); qlrp is exact elsewhere"
    view: Any = needed(model, "view", "qlrp_from_noise", remedy)()
    run, owners = view.depolarised, view.qubit_owners()
    count = len(owners)
    before, output = run(inputs, np.zeros(count)), run(inputs, np.ones(count))
    values, variance, evaluations, shots = np.zeros(inputs.shape), np.zeros(inputs.shape), 0, 0
    for t, weight in zip(*unit_gauss_legendre(-(-count // 2))):
        for qubit, shares in enumerate(owners):
            for kept, sign in ((1.0, 1.0), (0.0, -1.0)):
                one = _run_with(run, inputs, np.full(count, t), qubit, kept)
                values += sign * weight * np.multiply.outer(one.values, shares)
                variance += weight**2 * np.multiply.outer(one.standard_error**2, shares**2)
                evaluations, shots = evaluations + one.evaluations, shots + one.shots
    found = Attribution(
        values=values,
        output=output.values,
        baseline_output=before.values,
        method="QLRP-zero (noise levels)",
        evaluations=evaluations,
        standard_error=error_of(np.sqrt(variance), shots),
        shots=shots,
        route="noise levels",
    )
    return question.answer(found)


def _run_with(
    run: Callable[[Array, Array], Estimate], inputs: Array, level: Array, qubit: int, kept: float
) -> Estimate:
    level[qubit] = kept
    return run(inputs, level)
