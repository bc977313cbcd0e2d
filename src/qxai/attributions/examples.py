"""Kernel models explained by their training examples."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.asking import needed
from qxai.attribution import Attribution
from qxai.core import Evaluator
from qxai.question import asked


def example_attribution(model: Evaluator, X: ArrayLike) -> Attribution:
    """Explain outputs by support points: ``R_j = α_j κ(x, x_j)``.

    Parameters
    ----------
    model : KernelModel
    X : array_like, shape (N, d)
        Inputs, in radians.

    Returns
    -------
    Attribution
        One column for each support point, in units of the output; complete, with the intercept
        as ``baseline_output``. ``evaluations`` is one overlap for each input and support point.

    Raises
    ------
    TypeError
        If the model is no kernel model.
    ValueError
        If ``X`` has another width or is not finite.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> x = sympy.Symbol("x")
    >>> circuit = cirq.Circuit(cirq.ry(x)(cirq.LineQubit(0)))  # κ(x, x') = cos² (x − x')/2
    >>> model = qxai.KernelModel(circuit, [x], support=[[0], [1]], dual=[1, -2])
    >>> found = qxai.example_attribution(model, [[1]])
    >>> print(found.values.round(3), found.output.round(3))
    [[ 0.77 -2.  ]] [-1.23]
    """
    inputs = asked(model, X).inputs
    remedy = "only a qxai.KernelModel has support points"
    values = needed(model, "support_terms", "example_attribution", remedy)(inputs)
    intercept = np.full(len(inputs), float(getattr(model, "intercept", 0.0)))
    return Attribution(
        values=values,
        output=model.values(inputs),
        baseline_output=intercept,
        method="support points",
        evaluations=values.size,
        feature_names=[f"example {j}" for j in range(values.shape[1])],
        route="overlaps",
    )
