"""What is tested, written down before the run that tests it.

The test is on the drawn tasks, with tasks as units: the mean over a task's seeds is one number.
Eight entrants; from the middle of the range; one family, circuits behind an encoding. Metrics that
play nobody's own game come first. Everything else that the tables hold is description.
"""

from dataclasses import dataclass

ENTRANTS = (
    "gradient × input",
    "integrated gradients",
    "occlusion",
    "Shapley",
    "Banzhaf",
    "LIME",
    "Taylor-∞",
    "QLRP-zero",
)
# Outcomes, in the order of how much they say; Holm's correction runs over the pairs within each.
PRIMARY = ("known_terms", "localisation")
SECONDARY = ("deletion", "infidelity", "faithfulness")  # they play the game of some entrants
BASELINE = "mean"
LEVEL = 0.05


@dataclass(frozen=True)
class Hypothesis:
    """A claim that the drawn tasks can contradict.

    Attributes
    ----------
    name : str
    metric : str
    better, worse : str
        Entrants: the first is claimed to have the better mean over tasks.
    why : str
        What makes one expect it.
    """

    name: str
    metric: str
    better: str
    worse: str
    why: str


HYPOTHESES = (
    Hypothesis(
        "H1",
        "known_terms",
        "Shapley",
        "gradient × input",
        "a slope at the input is not the change of the output on the way from the baseline",
    ),
    Hypothesis(
        "H2",
        "known_terms",
        "integrated gradients",
        "gradient × input",
        "integrated along the way, a slope is that change",
    ),
    Hypothesis(
        "H3",
        "known_terms",
        "Taylor-∞",
        "Shapley",
        "a trained circuit adds products of many features by mistake, which Taylor-∞ leaves out",
    ),
    Hypothesis(
        "H4",
        "localisation",
        "Shapley",
        "LIME",
        "a slope can vanish where a feature matters; a comparison with the baseline seldom does",
    ),
    Hypothesis(
        "H5",
        "localisation",
        "QLRP-zero",
        "gradient × input",
        "QLRP compares with the depolarised qubit and looks at no slope",
    ),
    Hypothesis(
        "H6",
        "localisation",
        "Shapley",
        "Taylor-∞",
        "Taylor-∞ sees a product only as far as its features act alone from the baseline",
    ),
    Hypothesis(
        "H7",
        "infidelity",
        "Banzhaf",
        "Shapley",
        "by construction: the best fit of deletions is Banzhaf's, but for a constant",
    ),
    Hypothesis(
        "H8",
        "deletion",
        "Shapley",
        "occlusion",
        "occlusion looks at the first deletion only",
    ),
)
