"""What every method says of things that are no model of one output; advice is followed."""

import cirq
import numpy as np
import pandas as pd
import pytest
import sympy

import qxai
from qxai import metrics

Q, X = cirq.LineQubit.range(2), sympy.symbols("x:2")
CIRCUIT = cirq.Circuit(cirq.ry(X[0])(Q[0]), cirq.ry(X[1])(Q[1]), cirq.CX(*Q))
OUTPUTS = qxai.Outputs.of(CIRCUIT, X, {"up": cirq.Z(Q[0]), "both": cirq.Z(Q[0]) * cirq.Z(Q[1])})
POINTS = np.array([[0.4, 1.1], [0.2, -0.5]])
RNG = np.random.default_rng(0)
METHODS = {
    "gradient": qxai.gradient,
    "gradient_x_input": qxai.gradient_x_input,
    "smooth_grad": lambda m, x: qxai.smooth_grad(m, x, 0.1),
    "integrated_gradients": qxai.integrated_gradients,
    "occlusion": qxai.occlusion,
    "shapley": qxai.shapley,
    "sampled shapley": lambda m, x: qxai.shapley(m, x, samples=3, rng=RNG),
    "interactions": qxai.shapley_interactions,
    "taylor": qxai.taylor,
    "lime": qxai.lime,
    "q_lime": lambda m, x: qxai.q_lime(m, x, samples=20, repeats=2, rng=RNG),
    "qlrp": qxai.qlrp,
    "qlrp in circuit": lambda m, x: qxai.qlrp(m, x, baseline=0.0),
    "qlrp_layers": qxai.qlrp_layers,
    "gate_shapley": qxai.gate_shapley,
    "sobol": lambda m, x: qxai.sobol_indices(m),
    "infidelity": lambda m, x: metrics.infidelity(m, x, x),
    "deletion": lambda m, x: metrics.deletion_curve(m, x, x),
    "insertion": lambda m, x: metrics.insertion_curve(m, x, x),
    "random order": metrics.random_order_curve,
}
EXAMPLES = {"example": qxai.example_attribution, "noise": qxai.qlrp_from_noise}


@pytest.mark.parametrize("method", (METHODS | EXAMPLES).values(), ids=METHODS | EXAMPLES)
def test_several_outputs_are_to_be_chosen_from(method):
    with pytest.raises(TypeError, match=r"found 2; choose one by name, outputs\['up'\], or by"):
        method(OUTPUTS, POINTS)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_chosen_output_and_a_difference_are_models(method):
    method(OUTPUTS["up"], POINTS)
    method(OUTPUTS["up"] - OUTPUTS["both"], POINTS)


@pytest.mark.parametrize("method", (METHODS | EXAMPLES).values(), ids=METHODS | EXAMPLES)
@pytest.mark.parametrize(
    ("thing", "advice"),
    [
        (lambda Z: Z[:, 0], r"qxai\.Function\(model, num_features=d\)"),
        (CIRCUIT, r"qxai\.PQC\("),
        (OUTPUTS["up"].values, r"qxai\.Function\("),
        (None, "expected a model of qxai"),
    ],
    ids=["function", "circuit", "method", "nothing"],
)
def test_what_is_no_model_is_told_what_to_wrap_it_in(method, thing, advice):
    with pytest.raises(TypeError, match=advice):
        method(thing, POINTS)


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"sobol"}))
def test_raw_units_in_a_table_are_warned_of(name):
    table = pd.DataFrame(POINTS + [[0, 200.0]], columns=["x0", "x1"])
    with pytest.warns(UserWarning, match=r"found 201.1 in column 'x1': raw units\?"):
        METHODS[name](OUTPUTS["up"], table)
