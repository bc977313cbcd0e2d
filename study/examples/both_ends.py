"""An entry to start from: what a feature does alone, and what is lost without it, halved."""

import qxai

NAME = "both ends"


def explain(model, X, baseline):
    """Return the mean of what a feature adds to the baseline and what it takes from the input."""
    added = qxai.taylor(model, X, baseline).values
    taken = qxai.occlusion(model, X, baseline).values
    return (added + taken) / 2
