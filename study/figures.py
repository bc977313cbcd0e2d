"""Figures of the study: mean ranks with what separates them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from reading import read

from qxai import plots


def critical_differences(metrics: dict[str, str]) -> Figure:
    """Draw mean ranks, the best on the left; a bar joins what the tasks do not tell apart.

    Bars are those of the corrected signed-rank tests, as in the tables.
    """
    fig, axes = plt.subplots(len(metrics), 1, figsize=(5.6, 2.9 * len(metrics)), sharex=True)
    for ax, (metric, name) in zip(np.atleast_1d(axes), metrics.items()):
        _ranks(ax, metric, name)
    np.atleast_1d(axes)[-1].set_xlabel("mean rank over tasks (1 is best)")
    return fig


def _ranks(ax: Axes, metric: str, name: str) -> None:
    ranking, pairs = read("ranking"), read("pairs")
    rows = ranking[ranking.metric == metric].sort_values("rank", kind="stable")
    methods, ranks = rows.method.tolist(), rows["rank"].to_numpy()
    apart = np.stack([ranks - rows.rank_low, rows.rank_high - ranks])
    heights = np.arange(len(methods))
    ax.errorbar(ranks, heights, xerr=apart, fmt="o", color=plots.BLUE, ms=5, lw=1.5)
    for number, (first, last) in enumerate(joined(methods, pairs[pairs.metric == metric])):
        place = len(methods) + 0.45 * number
        ax.plot([ranks[first] - 0.04, ranks[last] + 0.04], [place, place], color="0.4", lw=3)
    ax.set_yticks(heights, methods)
    ax.set_ylim(len(methods) + 1.8, -0.6)
    ax.set_title(name, fontsize=10, loc="left")


def joined(methods: list[str], pairs: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the longest runs of methods, in order of rank, none of which is told apart."""
    clear = pairs[pairs.p < 0.05]
    told = {frozenset(pair) for pair in zip(clear["first"], clear["second"])}
    runs: list[tuple[int, int]] = []
    for first in range(len(methods)):
        last = first
        while last + 1 < len(methods) and not any(
            frozenset((methods[i], methods[last + 1])) in told for i in range(first, last + 1)
        ):
            last += 1
        if last > first and not any(a <= first and last <= b for a, b in runs):
            runs.append((first, last))
    return runs
