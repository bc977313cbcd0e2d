"""Which frequencies a feature has in a circuit: from the spectra of the gates that it enters."""

import numpy as np

from qxai.compiled import CompiledCircuit, merged
from qxai.core import Array
from qxai.memory import check_size

FASTEST = 1e-9  # slowest frequency beside the fastest: merging takes nearer ones for the same


def feature_frequencies(circuit: CompiledCircuit, parameters: Array) -> list[Array]:
    """Derive each feature's frequencies from the spectra of the gates that it enters.

    Raises
    ------
    ValueError
        If a gate's exponent is not affine in one feature.
    """
    slopes = circuit.angles.slopes(parameters)
    sums = [np.zeros(1) for _ in circuit.angles.features]
    names = [str(symbol) for symbol in circuit.angles.features]
    slowest = [np.inf for _ in sums]
    for op in circuit.operations:
        entering = None if op.angle is None else slopes[op.angle]
        if entering is None:
            continue
        feature, slope = entering
        gaps = np.append(op.frequencies(slope), 0.0)
        slowest[feature] = min(slowest[feature], *gaps[gaps > 0], np.inf)
        both = (np.add.outer(sums[feature], gaps), np.subtract.outer(sums[feature], gaps))
        sums[feature] = merged(np.abs(np.concatenate(both)).ravel())
        check_size(8 * len(sums[feature]) ** 2, f"the frequencies of {names[feature]}")
        if slowest[feature] < FASTEST * sums[feature][-1]:
            raise ValueError(
                f"polynomial: expected frequencies of {names[feature]} that double precision tells "
                f"apart, found {slowest[feature]:.3g} beside {sums[feature][-1]:.3g}; use scales "
                "that differ less, or methods that need no polynomial: gradient, occlusion, "
                "taylor(order=inf), others with samples= or steps="
            )
    return [w[w > 1e-12 * w[-1]] for w in sums]
