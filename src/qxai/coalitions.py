"""Sets of present players, enumerated, and how many of them one may ask for."""

from typing import Any

import numpy as np

from qxai.core import Mask

MOST_PLAYERS = 20
MOST_RUNS = 2**27  # of a model, all coalitions of all inputs together
MOST_OPERATIONS = 2.0**41  # multiplications that these runs take, where a model tells


def coalitions(d: int, remedy: str, model: Any = None, inputs: int = 1) -> Mask:
    """Return all sets of present players, (2^d, d), by bitmask: the first player fastest.

    Parameters
    ----------
    d : int
        Number of players.
    remedy : str
        What would do instead.
    model : Evaluator, optional
        What is run in each of the sets.
    inputs : int
        How often each set is run: inputs, times the rows of a background.

    Raises
    ------
    ValueError
        If there are too many sets or runs; the message ends with the remedy.
    """
    each = float(getattr(model, "run_operations", 1.0))
    runs = inputs * 2 ** min(d, 200)
    few = d <= MOST_PLAYERS and runs <= MOST_RUNS
    if not few or runs * each > MOST_OPERATIONS:
        most = min(MOST_RUNS, int(MOST_OPERATIONS / each), inputs << MOST_PLAYERS)
        raise ValueError(
            f"X: expected at most {most} runs of the model for all sets of features (or groups of "
            f"them), found {inputs} · 2^{d}; {remedy}"
        )
    return (np.arange(2**d)[:, None] >> np.arange(d) & 1) > 0
