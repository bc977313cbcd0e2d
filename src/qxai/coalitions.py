"""Sets of present players, enumerated."""

import numpy as np

from qxai.core import Mask

MOST_PLAYERS = 16


def coalitions(d: int, remedy: str) -> Mask:
    """Return all sets of present players, (2^d, d), the first player slowest.

    Raises
    ------
    ValueError
        If there are too many; the message ends with the remedy.
    """
    if d > MOST_PLAYERS:
        raise ValueError(
            f"X: expected at most {MOST_PLAYERS} features (or groups of them), whose sets can be "
            f"enumerated, found {d}; {remedy}"
        )
    return (np.arange(2**d)[:, None] >> np.arange(d)[::-1] & 1) > 0
