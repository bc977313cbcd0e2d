"""Derive the study's numbers again, by another route. ``python study/again.py``; a test runs it.

From the rows of ``results.csv`` and ``drawn.csv`` alone, with pandas: the means and gaps of the
summary, mean ranks, counts and p-values of all pairs, the hypotheses. Then the prose of the two
chapters that speak of results: every number in it stands in a fragment below, whose numbers are
computed from these rows, and the fragment has to be in the chapter word for word.
"""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from hypotheses import ENTRANTS, HYPOTHESES, PRIMARY, SECONDARY
from judging import METRICS
from reading import read
from scipy.stats import rankdata, wilcoxon

BOOK = Path(__file__).resolve().parents[1] / "book"


def task_table(metric: str, baseline: str = "mean") -> pd.DataFrame:
    """Return a row a drawn task, a column an entrant: means over a task's circuits."""
    drawn = read("drawn")
    rows = drawn[(drawn.baseline == baseline) & drawn.method.isin(ENTRANTS)]
    return rows.groupby(["task", "method"])[metric].mean().unstack()[list(ENTRANTS)]


def upward(metric: str) -> bool:
    """Return whether larger is better."""
    return METRICS[metric][0] == "larger"


def check_summary() -> int:
    """Compare means and gaps of the summary with the rows; return how many were compared."""
    results = read("results")
    summary = read("summary").set_index(["family", "baseline", "method", "metric"])
    keys = ["family", "baseline", "method"]
    compared = 0
    for metric in METRICS:
        by_task = results.groupby([*keys, "task"])[metric].mean().groupby(level=[0, 1, 2]).mean()
        found = summary.xs(metric, level="metric")["mean"]
        np.testing.assert_allclose(by_task.dropna()[found.index], found, rtol=1e-5, atol=1e-6)
        models = ["family", "baseline", "task", "seed"]
        wide = results.pivot_table(metric, models, "method")
        gaps = wide.sub(wide["Shapley"], axis=0).groupby(level=[0, 1, 2]).mean()
        gaps = gaps.groupby(level=[0, 1]).mean().stack()
        said = summary.xs(metric, level="metric").gap.dropna()
        np.testing.assert_allclose(gaps[said.index], said, rtol=1e-4, atol=1e-5)
        compared += len(found) + len(said)
    return compared


def check_ranks() -> int:
    """Compare mean ranks, and those with one task less, with ranks of pandas."""
    ranking = read("ranking").set_index(["metric", "method"])
    for metric in (*PRIMARY, *SECONDARY):
        table = task_table(metric).round(12)
        ranks = table.rank(axis=1, ascending=not upward(metric))
        found = ranking.loc[metric].loc[list(ENTRANTS)]
        np.testing.assert_allclose(ranks.mean(), found["rank"], atol=1e-4)
        without = (ranks.sum() - ranks) / (len(ranks) - 1)
        np.testing.assert_allclose(without.min(), found.rank_low, atol=1e-4)
        np.testing.assert_allclose(without.max(), found.rank_high, atol=1e-4)
        np.testing.assert_allclose(table.mean(), found["mean"], rtol=1e-4)
    return len(ranking)


def signed_rank(gap: pd.Series) -> tuple[float, float]:
    """Return p, by the normal law where SciPy may count exactly, and the effect from rank sums.

    Gaps of equal size are made equal first: a last bit decides nothing here.
    """
    moved = gap[gap.abs() > 1e-12].round(12).to_numpy()
    ranks = rankdata(np.abs(moved))
    positive, total = ranks[moved > 0].sum(), ranks.sum()
    return float(wilcoxon(moved, method="approx").pvalue), float(2 * positive / total - 1)


def check_pairs() -> int:
    """Compare counts, effects and corrected p-values of all pairs."""
    pairs = read("pairs")
    for metric in (*PRIMARY, *SECONDARY):
        table = task_table(metric) * (1 if upward(metric) else -1)
        rows = pairs[pairs.metric == metric].set_index(["first", "second"])
        raw = {}
        for first, second in combinations(ENTRANTS, 2):
            gap, row = table[first] - table[second], rows.loc[first, second]
            assert row.ahead == (gap > 1e-12).sum()
            assert row.behind == (gap < -1e-12).sum()
            raw[first, second], effect = signed_rank(gap)
            np.testing.assert_allclose(effect, row.effect, atol=0.02)
        order = sorted(raw, key=raw.__getitem__)
        highest = 0.0
        for place, pair in enumerate(order):  # Holm, step by step
            highest = max(highest, min(1.0, raw[pair] * (len(order) - place)))
            assert (highest < 0.05) == (rows.loc[pair].p < 0.05), (metric, pair)
    return len(pairs)


def check_hypotheses() -> int:
    """Compare what became of the hypotheses."""
    told = read("hypotheses").set_index("hypothesis")
    for h in HYPOTHESES:
        table = task_table(h.metric) * (1 if upward(h.metric) else -1)
        gap = table[h.better] - table[h.worse]
        assert told.ahead[h.name] == (gap > 1e-12).sum()
        np.testing.assert_allclose(signed_rank(gap)[1], told.effect[h.name], atol=0.02)
    return len(told)


def _ahead(name: str) -> int:
    h = next(h for h in HYPOTHESES if h.name == name)
    table = task_table(h.metric) * (1 if upward(h.metric) else -1)
    return int((table[h.better] - table[h.worse] > 1e-12).sum())


def _same(first: str, second: str) -> str:
    """Return how often both favourites are ahead, in words."""
    counts = {_ahead(first), _ahead(second)}
    return {6: "six", 37: "37"}[counts.pop()] if len(counts) == 1 else f"{counts}"


def _tasks() -> int:
    return len(task_table("localisation"))


def _circuits() -> int:
    return int(read("drawn").groupby(["task", "seed"]).ngroups)


def _places() -> str:
    means = task_table("localisation").mean()
    return f"eight means between {means.min():.2f} and {means.max():.2f}"


def _kept() -> str:
    results = read("results")
    rows = results[(results.family == "encoding-first") & (results.baseline == "mean")]
    kept = rows.groupby(["method", "task"]).randomised_all.mean().groupby("method").mean()
    some = kept[["gradient × input", "integrated gradients", "occlusion", "Shapley", "Taylor-∞"]]
    low, high = np.floor(10 * some.min()) / 10, np.ceil(10 * some.max()) / 10
    return f"keep a correlation between {low:.1f} and {high:.1f}"


def _qlrp_infidelity() -> str:
    above = task_table("infidelity")["QLRP-zero"].mean() > 1
    return "QLRP's infidelity is above 1" if above else "QLRP's infidelity is below 1"


FRAGMENTS: dict[str, tuple[Callable[[], str], ...]] = {
    "comparison": (
        lambda: f"draws {_tasks()} functions",
        lambda: f"with eight and {_tasks()} tasks",
        lambda: f"can draw {_tasks()} other tasks",
        lambda: f"ahead on {_same('H3', 'H6')} of {_tasks()} tasks",
        lambda: f"on {_ahead('H7')} tasks and behind on the others",
        _places,
        _kept,
        _qlrp_infidelity,
    ),
    "verdict": (
        lambda: f"tested on {_tasks()} drawn tasks ({_circuits()} circuits)",
        lambda: f"it is one of {_tasks()} tasks of one generator",
    ),
}
# Numbers that are no results: names, settings, and what other chapters say.
SETTINGS = {
    "comparison": (
        *("(H3)", "(H6)", "(H7)", "H1, H2 and H8", "first from 0,", "reach 0,", "one of 1,"),
        *("from the angle 0, beside", "; from 0 the order", "from 0; for", "from 0, against"),
        *("512 shots a draw", "a number above 0", "4,000 draws", "Taylor-1", "1 if the first"),
        *("reaches 1", "from 0, Shapley", "From the angle 0", "the angle 0 and"),
    ),
    "verdict": (
        *(f"{word} {number}" for word in ("branch", "Branch") for number in range(1, 9)),
        *("From the angle 0", "from the angle 0", "From 0 integrated", "up to 20 features"),
        *("hold 0", "a 95 % interval"),
    ),
}


def prose(chapter: str) -> str:
    """Return the words of a chapter, without formulas, code and links' targets."""
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", 4)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    furniture = (r"\*\*Time:\*\* \d+ minutes", r"Exercise \d+\.\d+", r"\[[Cc]hapter \d+\](?=\()")
    markup = (r"\$[^$]*\$", r"\{[a-z:]+\}`[^`]*`", r"`[^`]*`", r"\]\([^)]*\)")
    for pattern in (*furniture, *markup):
        text = re.sub(pattern, " ", text)
    return " ".join(text.split())


def check_prose(chapter: str) -> int:
    """Require every number of a chapter's prose to be derived here, or to be no result."""
    text = prose(chapter)
    for fragment in FRAGMENTS[chapter]:
        said = fragment()
        assert said in text, f"{chapter}: the rows say {said!r}"
        text = text.replace(said, " ")
    for setting in SETTINGS[chapter]:
        text = text.replace(setting, " ")
    left = re.findall(r".{0,40}\d.{0,20}", text)
    assert not left, f"{chapter}: numbers that nothing derives: {left}"
    return len(FRAGMENTS[chapter])


def main() -> None:
    """Check everything, and say how much it was."""
    print(check_summary(), "means and gaps of the summary follow from the rows")
    print(check_ranks(), "mean ranks, with all tasks and with one task less")
    print(check_pairs(), "pairs: counts, effects, and which are told apart")
    print(check_hypotheses(), "hypotheses")
    for chapter in FRAGMENTS:
        print(check_prose(chapter), f"sentences of {chapter}; it has no other numbers")


if __name__ == "__main__":
    main()
