"""What to ask of an attribution; each metric says which way is better, and how it fools."""

from qxai.metrics.completeness import completeness
from qxai.metrics.complexity import gini
from qxai.metrics.cost import shots_to_error
from qxai.metrics.curves import area, deletion_curve, insertion_curve, random_order_curve
from qxai.metrics.faithfulness import faithfulness_correlation
from qxai.metrics.infidelity import infidelity
from qxai.metrics.judge import judge
from qxai.metrics.judgement import Judgement
from qxai.metrics.localisation import localisation_auc, relevance_mass
from qxai.metrics.ranks import agreement, top_k_overlap
from qxai.metrics.stability import max_sensitivity, randomisation

__all__ = [
    "Judgement",
    "agreement",
    "area",
    "completeness",
    "deletion_curve",
    "faithfulness_correlation",
    "gini",
    "infidelity",
    "insertion_curve",
    "judge",
    "localisation_auc",
    "max_sensitivity",
    "random_order_curve",
    "randomisation",
    "relevance_mass",
    "shots_to_error",
    "top_k_overlap",
]
