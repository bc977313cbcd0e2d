"""States as people bring them: rows of amplitudes, or density matrices."""

import numpy as np
from numpy.typing import ArrayLike

from qxai.checks import as_inputs
from qxai.core import ComplexArray

NORM = 1e-6  # what the trace of a density matrix may differ from 1


def as_states(states: ArrayLike, d: int, names: tuple[str, ...]) -> ComplexArray:
    """Return states of length 1, or density matrices, as complex arrays.

    Raises
    ------
    ValueError
        If the shape is another, a number is not finite, a state is zero, or a matrix is no
        density matrix.
    """
    given = np.asarray(states)
    if given.dtype.kind not in "biufc":
        given = as_inputs(states, d, names)
    given = given.astype(np.complex128)
    if given.ndim not in (2, 3) or given.shape[1:] != (d,) * (given.ndim - 1):
        raise ValueError(
            f"states: expected shape (N, {d}), or (N, {d}, {d}) for density matrices, found "
            f"{given.shape}"
        )
    if not np.isfinite(given).all():
        raise ValueError("states: expected finite numbers, found NaN or infinity")
    if given.ndim == 3:
        _check_density(given)
        return given
    largest = np.abs(given).max(axis=1, keepdims=True)
    if (largest == 0).any():
        raise ValueError(
            f"states: expected states of a length, found only zeros in row "
            f"{int(np.argmin(largest))}; where that is a baseline, choose another one, such as "
            "baseline=1.0, all amplitudes alike"
        )
    scaled = given / largest  # squares of the largest and smallest numbers are none
    return scaled / np.linalg.norm(scaled, axis=1, keepdims=True)


def _check_density(given: ComplexArray) -> None:
    """Refuse matrices that are not Hermitian with trace 1, or have a negative eigenvalue."""
    trace = np.einsum("naa->n", given)
    skew = np.abs(given - given.conj().swapaxes(1, 2)).max(initial=0.0)
    if skew > NORM or (np.abs(trace - 1) > NORM).any():
        raise ValueError(
            "states: expected Hermitian matrices of trace 1, found one that is not; divide each "
            "by its trace"
        )
    if len(given) and np.linalg.eigvalsh(given).min() < -NORM:
        raise ValueError(
            "states: expected matrices without negative eigenvalues, found one that has some; it "
            "is no state"
        )
