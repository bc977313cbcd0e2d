"""Pictures of explanations, drawn on Axes that the caller owns."""

from qxai.plots.bars import attribution_bars, compare, grouped_bars
from qxai.plots.circuits import circuit
from qxai.plots.curves import shots_error, taylor_orders
from qxai.plots.dependence import dependence
from qxai.plots.ladders import counterfactual_ladder
from qxai.plots.maps import agreement_matrix, heat_map, landscape, relevance_flow
from qxai.plots.matrices import (
    complex_matrix,
    matrix_keys,
    observable_matrix,
    phase_colours,
    probability_matrix,
)
from qxai.plots.networks import interaction_network
from qxai.plots.style import BLUE, CYCLE, GREEN, GREY, MARKERS, ORANGE, use_style
from qxai.plots.swarms import beeswarm, importance
from qxai.plots.waterfalls import waterfall

__all__ = [
    "BLUE",
    "CYCLE",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "agreement_matrix",
    "attribution_bars",
    "beeswarm",
    "circuit",
    "compare",
    "complex_matrix",
    "counterfactual_ladder",
    "dependence",
    "grouped_bars",
    "heat_map",
    "importance",
    "interaction_network",
    "landscape",
    "matrix_keys",
    "observable_matrix",
    "phase_colours",
    "probability_matrix",
    "relevance_flow",
    "shots_error",
    "taylor_orders",
    "use_style",
    "waterfall",
]
