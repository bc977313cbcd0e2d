"""Several outputs by name, contrasts of models, and probabilities as observables."""

import itertools
import pickle
import re

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai.models.combination import Combination, combined
from qxai.models.outputs import Outputs
from qxai.models.probability import probability
from tests import transcriptions

Q, FEATURES, ANGLES = cirq.LineQubit.range(3), sympy.symbols("x:3"), sympy.symbols("t:3")
CIRCUIT = qxai.ansatz.angle_encoding(Q, FEATURES) + cirq.Circuit(
    cirq.CZ(Q[0], Q[1]),
    cirq.ISWAP(Q[1], Q[2]) ** 0.4,
    [cirq.ry(angle)(qubit) for angle, qubit in zip(ANGLES, Q)],
)
PARAMETERS = dict(zip(ANGLES, (0.3, -0.7, 1.1)))
OBSERVABLES = {
    "setosa": cirq.Z(Q[0]) + 0.3,
    "versicolor": 0.5 * cirq.X(Q[1]) * cirq.Y(Q[2]) - cirq.Z(Q[2]),
    "virginica": cirq.ProjectorString({Q[0]: 1, Q[2]: 0}),
}
X, ROOT = np.random.default_rng(0).uniform(-3, 3, (4, 3)), np.array([0.2, -0.4, 0.9])


def outputs(backend=None):
    arguments = CIRCUIT, FEATURES, OBSERVABLES, PARAMETERS
    return Outputs.of(*arguments) if backend is None else Outputs.of(*arguments, backend)


def circuit_model(observable=cirq.Z(Q[0]), **angles):  # noqa: B008
    return qxai.PQC(CIRCUIT, FEATURES, observable, PARAMETERS).with_parameters(angles)


def kernel_model(seed=0):
    rng = np.random.default_rng(seed)
    support, dual = rng.uniform(-2, 2, (3, 3)), rng.normal(size=3)
    return qxai.KernelModel(CIRCUIT, FEATURES, support, dual, 0.4, PARAMETERS)


def polynomial():
    rng = np.random.default_rng(5)
    return qxai.TrigPolynomial(rng.normal(size=(3, 5, 3)), [[1.0], [1.0, 2.0], [0.5]])


def columns(inputs):
    return np.stack([inputs[:, 0], inputs[:, 1] ** 2, inputs.sum(axis=1)], axis=1)


def column_slopes(inputs):
    result = np.zeros((len(inputs), 3, 3))
    result[:, 0, 0] = result[:, 2] = 1
    result[:, 1, 1] = 2 * inputs[:, 1]
    return result


class Counting(qxai.Statevector):
    """Counts how often a state is prepared."""

    runs = 0

    def _sweeps(self, *arguments):
        type(self).runs += 1
        return super()._sweeps(*arguments)


# Outputs


def test_outputs_are_a_mapping_in_the_order_of_the_classes():
    found = outputs()
    assert list(found) == list(OBSERVABLES)
    assert len(found) == 3
    assert "setosa" in found
    assert "rose" not in found
    assert dict(found.items()) == dict(found.models)
    assert found.num_features == 3
    assert found.feature_names == ("x0", "x1", "x2")
    assert repr(found) == "<Outputs: 3 (setosa, versicolor, virginica), 3 features>"
    many = Outputs({f"class {i}": found["setosa"] for i in range(12)})
    assert repr(many).endswith("class 5, …), 3 features>")
    with pytest.raises(KeyError, match="'rose' is no output; there are setosa, versicolor, virg"):
        found["rose"]


def test_each_column_is_the_output_of_its_model_and_of_the_matrices():
    found = outputs()
    for name, column in zip(found, found.values(X).T):
        np.testing.assert_allclose(column, found[name].values(X), atol=1e-14)
        expected = [transcriptions.model_output(found[name], x) for x in X]
        np.testing.assert_allclose(column, expected, atol=1e-13)
    slopes = found.gradient(X)
    assert slopes.shape == (4, 3, 3)
    for name, slope in zip(found, slopes.swapaxes(0, 1)):
        np.testing.assert_array_equal(slope, found[name].gradient(X))


def test_the_circuit_is_compiled_once_and_runs_once_for_all_observables():
    found = outputs(Counting())
    first, *others = found.models.values()
    assert all(m.compiled.operations is first.compiled.operations for m in others)
    assert all(m.compiled.angles is first.compiled.angles for m in others)
    Counting.runs = 0
    values = found.values(X)
    assert Counting.runs == 1
    assert found.estimate(X).evaluations == len(X)
    np.testing.assert_array_equal(values, outputs().values(X))
    apart = Outputs({name: found[name].on(qxai.Statevector(chunk=8)) for name in found})
    np.testing.assert_allclose(apart.values(X), values, atol=1e-14)


def test_an_observable_beside_the_circuit_is_an_output_too():
    far = cirq.LineQubit(9)
    found = Outputs.of(CIRCUIT, FEATURES, {"near": cirq.Z(Q[0]), "far": cirq.Z(far)}, PARAMETERS)
    expected = np.stack([circuit_model().values(X), np.ones(4)], axis=1)
    np.testing.assert_allclose(found.values(X), expected, atol=1e-14)
    difference = found["near"] - found["far"]
    assert isinstance(difference, qxai.PQC)
    np.testing.assert_allclose(difference.values(X), expected[:, 0] - 1, atol=1e-14)
    again = found["far"].with_observable(cirq.Z(Q[0]))  # has a qubit that the other has not
    np.testing.assert_allclose((again - found["near"]).values(X), 0, atol=1e-14)
    both = Outputs({"near": found["near"], "again": again})
    np.testing.assert_allclose(both.values(X), expected[:, [0, 0]], atol=1e-14)


def test_columns_of_a_table_are_matched_by_name_before_anything_is_asked():
    pandas = pytest.importorskip("pandas")
    turned = pandas.DataFrame(X[:, ::-1], columns=["x2", "x1", "x0"])
    softmax = outputs().softmax()
    for model in (outputs(), softmax, softmax["setosa"], circuit_model() - kernel_model()):
        np.testing.assert_array_equal(model.values(turned), model.values(X))
        np.testing.assert_array_equal(model.estimate(turned).values, model.values(X))
        np.testing.assert_array_equal(model.gradient(turned), model.gradient(X))


def test_parameters_and_backends_are_changed_in_all_outputs():
    moved = outputs().with_parameters({"t1": 2.0})
    for name in moved:
        other = qxai.PQC(CIRCUIT, FEATURES, OBSERVABLES[name], PARAMETERS | {ANGLES[1]: 2.0})
        np.testing.assert_allclose(moved[name].values(X), other.values(X), atol=1e-14)
    device = outputs().on(qxai.Sampled(400, np.random.default_rng(0)))
    found = device.estimate(X)
    assert found.values.shape == found.standard_error.shape == (4, 3)
    assert found.shots == sum(device[name].estimate(X).shots for name in device)
    assert (np.abs(found.values - outputs().values(X)) < 5 * found.standard_error).all()
    with pytest.raises(TypeError, match=r"with_parameters: expected outputs that are qxai\.PQC"):
        outputs().softmax().with_parameters({"t1": 2.0})
    changed = outputs().with_parameters({"t1": 2.0}).softmax()  # before they are combined
    np.testing.assert_allclose(changed.values(X).sum(axis=1), 1)


def test_columns_of_a_function_are_models_and_the_function_runs_once_for_all():
    calls = []

    def counted(inputs):
        calls.append(len(inputs))
        return columns(inputs)

    found = Outputs.of_function(counted, ["a", "b", "c"], 3, column_slopes)
    found.values(X)  # functions are tried with one row first
    calls.clear()
    np.testing.assert_array_equal(found.values(X), columns(X))
    assert calls == [4]
    np.testing.assert_array_equal(found.gradient(X), column_slopes(X))
    np.testing.assert_array_equal(found["b"].values(X), X[:, 1] ** 2)
    np.testing.assert_allclose(qxai.shapley(found["c"], X).values, X, atol=1e-12)
    some = Outputs({"c": found["c"], "a": found["a"]})
    np.testing.assert_array_equal(some.values(X), columns(X)[:, [2, 0]])
    copy = pickle.loads(pickle.dumps(Outputs.of_function(columns, ["a", "b", "c"], 3)))
    np.testing.assert_array_equal(copy.values(X), columns(X))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Outputs({}), ValueError, "models: expected at least one"),
        (lambda: Outputs.of_function(columns, [], 3), ValueError, "names: expected different"),
        (lambda: Outputs.of_function(columns, ["a", "a"], 3), ValueError, "names: expected diff"),
        (lambda: Outputs.of_function(3, ["a"], 3), TypeError, "expected callables, found 3"),
        (lambda: Outputs.of_function(columns, ["a"], 0), ValueError, "num_features: expected"),
        (
            lambda: Outputs.of_function(columns, ["a", "b"], 3).values(X),
            ValueError,
            r"values: expected real numbers of shape \(4, 2\) for 4 inputs, found .* \(4, 3\)",
        ),
        (
            lambda: Outputs({"a": circuit_model(), "b": Outputs({"c": circuit_model()})}),
            TypeError,
            r"models\['b'\]: expected one model with values and num_features, found Outputs",
        ),
        (lambda: Outputs({"a": qxai.PQC}), TypeError, r"models\['a'\]: expected one model"),
    ],
)
def test_what_is_no_set_of_outputs_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_gradient_is_there_if_all_outputs_have_one():
    found = Outputs({"circuit": circuit_model(), "function": qxai.Function(np.prod, None, 3)})
    assert not hasattr(found, "gradient")
    with pytest.raises(AttributeError, match="found none in 'function', Function; shapley, occl"):
        found.gradient(X)


def test_the_advice_for_several_observables_works():
    observables = dict(OBSERVABLES)
    for several in (observables, list(observables.values()), tuple(observables.values())):
        with pytest.raises(TypeError, match="expected one, found 3 in a ") as caught:
            qxai.PQC(CIRCUIT, FEATURES, several, PARAMETERS)
        advice = re.search(r"outputs = (qxai\.Outputs\.of\(.*?\))", str(caught.value)).group(1)
        assert advice.startswith("qxai.Outputs.of(circuit, features, {name: observable, …}, param")
        found = Outputs.of(CIRCUIT, FEATURES, observables, PARAMETERS)
        assert qxai.shapley(found["setosa"] - found["virginica"], X).values.shape == X.shape
    for wrong in (cirq.Z, "Z", np.diag([1.0, -1.0]), None):
        with pytest.raises(TypeError, match=r"one of Cirq's, such as cirq\.Z\(qubit\), found"):
            circuit_model(wrong)
    listed = list(observables.values())
    with pytest.raises(TypeError, match="observables: expected a mapping, found list; ") as caught:
        Outputs.of(CIRCUIT, FEATURES, listed, PARAMETERS)
    named = eval(str(caught.value).partition("name each: ")[2], {"observables": listed})
    assert list(Outputs.of(CIRCUIT, FEATURES, named, PARAMETERS)) == ["0", "1", "2"]


def test_the_advice_for_names_that_are_numbers_works():
    models = {0: circuit_model(), 1: kernel_model()}
    with pytest.raises(TypeError, match="expected names that are text, found 0; use ") as caught:
        Outputs(models)
    named = eval(str(caught.value).partition("use ")[2], {"models": models})
    assert list(Outputs(named)) == ["0", "1"]
    with pytest.raises(TypeError, match="models: expected a mapping, found list; name each"):
        Outputs(list(models.values()))


# Contrasts


def test_circuits_that_differ_in_the_observable_make_one_circuit():
    found = outputs()
    contrast = found["setosa"] - found["virginica"]
    assert isinstance(contrast, qxai.PQC)
    assert contrast.compiled.operations is found["setosa"].compiled.operations
    one, _, other = found.values(X).T
    np.testing.assert_allclose(contrast.values(X), one - other, atol=1e-14)
    assert isinstance(circuit_model() - circuit_model(cirq.X(Q[1])), qxai.PQC)  # compiled apart
    for moved in (circuit_model(t1=0.0), circuit_model().on(qxai.Statevector(chunk=8))):
        difference = circuit_model() - moved  # moved parameters, anmoved backend
        assert isinstance(difference, Combination)
        expected = circuit_model().values(X) - moved.values(X)
        np.testing.assert_allclose(difference.values(X), expected, atol=1e-14)
        both = Outputs({"one": circuit_model(), "moved": moved})
        np.testing.assert_allclose(both.values(X)[:, 0] - both.values(X)[:, 1], expected)
    scaled = (2 * contrast + 1) / 4
    np.testing.assert_allclose(scaled.values(X), (2 * (one - other) + 1) / 4, atol=1e-14)
    assert qxai.qlrp(contrast, X).values.shape == X.shape  # a Combination has no such form


def test_terms_that_cancel_leave_nothing_behind():
    tenth, fifth, rest = (circuit_model(w * cirq.Z(Q[0])) for w in (0.1, 0.2, 0.3))
    assert 0.1 + 0.2 - 0.3 != 0
    found = tenth + fifth - rest + circuit_model(cirq.Z(Q[1]))
    assert [str(string) for string in found.observable] == [str(cirq.Z(Q[1]))]
    np.testing.assert_array_equal((tenth - tenth).values(X), 0)
    np.testing.assert_array_equal((0 * tenth).polynomial().values(X), 0)


def test_kernel_models_of_one_feature_map_make_one():
    one, other = kernel_model(0), kernel_model(1)
    found = one - 2 * other
    assert isinstance(found, qxai.KernelModel)
    assert len(found.support) == 6
    np.testing.assert_allclose(found.values(X), one.values(X) - 2 * other.values(X), atol=1e-14)
    shared = one + 3 * qxai.KernelModel(
        CIRCUIT, FEATURES, one.support[:2], [1.0, 2.0], 0.0, PARAMETERS
    )
    assert len(shared.support) == 3  # a point that supports both is one
    terms = qxai.example_attribution(shared, X).values
    order = [int(np.flatnonzero((shared.support == x).all(axis=1))[0]) for x in one.support]
    dual = one.dual + 3 * np.array([1.0, 2.0, 0.0])
    np.testing.assert_allclose(terms[:, order], one.kernel(X) * dual, atol=1e-14)


MODELS = {
    "circuit": circuit_model,
    "other circuit": lambda: circuit_model(cirq.X(Q[2]), t0=1.4),
    "kernel": kernel_model,
    "polynomial": polynomial,
    "strings": lambda: circuit_model().pauli_polynomial(),
    "sum": lambda: polynomial() - circuit_model().multilinear().polynomial() * 2,
    "combination": lambda: circuit_model() - kernel_model(2) + 0.7,
}


@pytest.mark.parametrize("pair", list(itertools.combinations(MODELS, 2)), ids=" and ".join)
def test_a_contrast_of_any_two_models_is_exact(pair):
    one, other = (MODELS[name]() for name in pair)
    found = 0.5 - one + np.float64(2) * other
    expected = 0.5 - one.values(X) + 2 * other.values(X)
    np.testing.assert_allclose(found.values(X), expected, atol=1e-12)
    np.testing.assert_allclose(found.polynomial().values(X), expected, atol=1e-12)
    slopes = -one.gradient(X) + 2 * other.gradient(X)
    np.testing.assert_allclose(found.gradient(X), slopes, atol=1e-11)
    for method in (qxai.shapley, qxai.integrated_gradients, qxai.occlusion):
        parts = [method(model, X, ROOT) for model in (found, one, other)]
        whole, a, b = (part.values for part in parts)
        np.testing.assert_allclose(whole, -a + 2 * b, atol=1e-11)
        np.testing.assert_allclose(parts[0].output, expected, atol=1e-12)
    interactions = [qxai.shapley_interactions(model, X, ROOT) for model in (found, one, other)]
    np.testing.assert_allclose(interactions[0], -interactions[1] + 2 * interactions[2], atol=1e-11)


def test_the_shapley_values_of_a_contrast_follow_from_the_definition():
    one, other = circuit_model(), circuit_model(cirq.X(Q[2]), t0=1.4)
    games = [transcriptions.feature_game(model, X[0], ROOT) for model in (one, other)]
    expected = transcriptions.shapley_of_game(lambda s: games[0](s) - games[1](s), 3)
    found = qxai.shapley(one - other, X[:1], ROOT)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-12)


def test_a_combination_lacks_what_a_part_lacks_and_the_advice_works():
    found = circuit_model() - qxai.Function(lambda inputs: inputs[:, 0] ** 3, num_features=3)
    for name in ("gradient", "polynomial", "multilinear", "estimate_gradient"):
        assert not hasattr(found, name)
    with pytest.raises(AttributeError, match=r"gradient: .*models\[1\], Function; shapley, occl"):
        found.gradient(X)
    with pytest.raises(AttributeError, match=r"polynomial: .*models\[1\], Function; shapley en"):
        found.polynomial()
    cubes = X[:, 0] ** 3 - ROOT[0] ** 3
    expected = qxai.shapley(circuit_model(), X, ROOT).values - cubes[:, None] * [1, 0, 0]
    np.testing.assert_allclose(qxai.shapley(found, X, ROOT).values, expected, atol=1e-11)
    for method in (qxai.occlusion, qxai.taylor):
        assert method(found, X, ROOT).values.shape == X.shape
    assert qxai.lime(found, X, samples=9, rng=np.random.default_rng(0)).values.shape == X.shape


def test_functions_with_gradients_have_contrasts_with_gradients():
    one = qxai.Function(lambda v: v[:, 0] * v[:, 1], lambda v: v[:, [1, 0]], 2)
    other = qxai.Function(lambda v: v[:, 0], lambda v: np.tile([1.0, 0.0], (len(v), 1)), 2)
    found, points = combined([1.0, -2.0], [one, other], 3.0), X[:, :2]
    np.testing.assert_allclose(found(points), one(points) - 2 * other(points) + 3)
    np.testing.assert_allclose(found.gradient(points), points[:, ::-1] - [2, 0])
    assert repr(found) == "<Combination: 2 models, 2 features>"


def test_one_model_twice_is_taken_once():
    first = qxai.Function(lambda v: v[:, 0], num_features=1)
    found = combined([2.0, -0.5, 1.0], [first, first, first])
    assert found.weights == (2.5,)
    assert found.models == (first,)


def test_a_model_alone_keeps_what_it_has_computed():
    one, other = circuit_model(), circuit_model(t0=1.4)
    one.polynomial()
    found = 2 * one.values(X)[0] * (one - other)
    assert found.models[0] is one


def test_errors_of_different_circuits_add_in_quadrature_and_shots_add_up():
    device = qxai.Sampled(4000, np.random.default_rng(0))
    one, other = circuit_model().on(device), circuit_model(t0=1.4).on(device)
    found = (3 * one - other + 1).estimate(X)
    parts = one.estimate(X), other.estimate(X)
    assert found.evaluations == sum(part.evaluations for part in parts) == 8
    assert found.shots == sum(part.shots for part in parts) == 32_000
    exact = 3 * circuit_model().values(X) - circuit_model(t0=1.4).values(X) + 1
    many = np.array([(3 * one - other + 1).estimate(X).values for _ in range(400)])
    spread = np.hypot(3 * parts[0].standard_error, parts[1].standard_error)
    np.testing.assert_allclose(found.standard_error, spread, rtol=0.15)
    np.testing.assert_allclose(many.std(axis=0), spread, rtol=0.15)
    np.testing.assert_array_less(np.abs(many.mean(axis=0) - exact), 5 * spread / np.sqrt(400))
    slopes = (3 * one - other).estimate_gradient(X)
    halves = one.estimate_gradient(X), other.estimate_gradient(X)
    assert slopes.shots == sum(half.shots for half in halves)
    errors = np.hypot(3 * halves[0].standard_error, halves[1].standard_error)
    np.testing.assert_allclose(slopes.standard_error, errors, rtol=0.3)
    assert not (3 * circuit_model() - circuit_model(t0=1.4)).estimate(X).standard_error.any()


def test_errors_that_models_tell_are_weighted_and_squared():
    def measured(values, errors, shots):
        return qxai.Function(estimate=lambda v: (values, errors, shots), num_features=1)

    models = measured([1.0], [0.3], 10), measured([5.0], [0.2], 70)
    found = combined([2.0, -4.0], models, 0.5).estimate([[0.0]])
    assert found.values == [2 * 1 - 4 * 5 + 0.5]
    np.testing.assert_allclose(found.standard_error, [1.0])  # √(0.6² + 0.8²)
    assert found.shots == 80


def test_the_difference_of_two_readouts_of_one_circuit_is_measured_itself():
    """Two bits that always agree: their difference has no spread, two measurements have."""
    x = sympy.symbols("x:1")
    circuit = cirq.Circuit(cirq.ry(x[0])(Q[0]), cirq.CX(Q[0], Q[1]))
    device = qxai.Sampled(1000, np.random.default_rng(0))
    found = Outputs.of(circuit, x, {"a": cirq.Z(Q[0]), "b": cirq.Z(Q[1])}, backend=device)
    point = [[np.pi / 2]]
    apart = np.hypot(*(found[name].estimate(point).standard_error for name in found))
    together = (found["a"] - found["b"]).estimate(point)
    assert together.values == [0]
    assert together.standard_error < apart / 10
    assert together.shots == 1000


def test_other_names_are_refused_and_the_advice_works():
    names = sympy.symbols("y:3")
    old_to_new = dict(zip(FEATURES, names))
    other = qxai.PQC(cirq.resolve_parameters(CIRCUIT, old_to_new), names, cirq.Z(Q[0]), PARAMETERS)
    turned = qxai.PQC(CIRCUIT, FEATURES[::-1], cirq.Z(Q[0]), PARAMETERS)
    for wrong in (other, turned):
        with pytest.raises(ValueError, match="models: expected the same features in the same ord"):
            circuit_model() - wrong
        with pytest.raises(ValueError, match="models: expected the same features in the same ord"):
            Outputs({"a": circuit_model(), "b": wrong})
    back = cirq.resolve_parameters(other.circuit, dict(zip(names, FEATURES)))
    renamed = qxai.PQC(back, FEATURES, other.observable, other.parameters)
    np.testing.assert_allclose((circuit_model() - renamed).values(X), 0, atol=1e-14)
    few = qxai.TrigPolynomial([0, 1, 0], [[1]])
    with pytest.raises(ValueError, match="models: expected the same features in all, found 3, 1"):
        circuit_model() - few
    with pytest.raises(ValueError, match="weights: expected one for each of 1 models"):
        Combination([1.0, 2.0], [few])


def test_what_is_no_model_is_left_to_the_other_operand():
    for wrong in ("1", None, [1.0], outputs()):
        with pytest.raises(TypeError, match="unsupported operand"):
            circuit_model() - wrong
    with pytest.raises(TypeError, match="unsupported operand"):
        circuit_model() * circuit_model()
    with pytest.raises(ValueError, match="weight: expected a finite number, found inf"):
        circuit_model() * np.inf


def test_combinations_and_outputs_go_to_other_processes():
    for model in (circuit_model() - kernel_model(), outputs(), outputs().softmax()):
        model.values(X)
        copy = pickle.loads(pickle.dumps(model))
        np.testing.assert_allclose(copy.values(X), model.values(X), atol=1e-14)


# Probabilities


@pytest.mark.parametrize("bits", list(itertools.product([0, 1], repeat=2)))
def test_probabilities_of_bits_are_those_of_the_simulated_state(bits):
    wires, simulator = [Q[2], Q[0]], cirq.Simulator(dtype=np.complex128)
    forms = [probability(wires, bits), cirq.ProjectorString(dict(zip(wires, bits)))]
    for x, form in itertools.product(X, forms):
        values = {str(s): v for s, v in zip(FEATURES, x)} | {str(k): PARAMETERS[k] for k in ANGLES}
        state = simulator.simulate(CIRCUIT, values, qubit_order=Q).final_state_vector
        chances = np.abs(state.reshape(2, 2, 2)) ** 2
        expected = chances[bits[1], :, bits[0]].sum()
        np.testing.assert_allclose(circuit_model(form).values([x]), expected, atol=1e-8)


def test_probabilities_of_all_bits_sum_to_one_and_their_attributions_to_nothing():
    every = list(itertools.product([0, 1], repeat=2))
    found = Outputs.of(
        CIRCUIT, FEATURES, {str(b): probability(Q[:2], b) for b in every}, PARAMETERS
    )
    np.testing.assert_allclose(found.values(X).sum(axis=1), 1, atol=1e-14)
    total = sum(qxai.shapley(found[name], X).values for name in found)
    np.testing.assert_allclose(total, 0, atol=1e-14)


def test_projector_sums_have_real_coefficients():
    string = cirq.ProjectorString({Q[0]: 0, Q[1]: 1})
    both = cirq.ProjectorSum.from_projector_strings([string, cirq.ProjectorString({Q[2]: 1}, -2)])
    expected = circuit_model(string).values(X) - 2 * circuit_model(probability([Q[2]], [1])).values(
        X
    )
    np.testing.assert_allclose(circuit_model(both).values(X), expected, atol=1e-14)
    np.testing.assert_array_equal(circuit_model(cirq.ProjectorString({}, 3)).values(X), 3)
    with pytest.raises(ValueError, match="use real, finite coefficients"):
        circuit_model(cirq.ProjectorString({Q[0]: 0}, 1j))
    with pytest.raises(ValueError, match="expected projectors on 0 or 1, found one on 2"):
        circuit_model(cirq.ProjectorString({Q[0]: 2}))


def test_bits_that_are_none_are_refused_and_the_advice_works():
    with pytest.raises(ValueError, match="qubits: expected different qubits"):
        probability([Q[0], Q[0]], [0, 1])
    with pytest.raises(ValueError, match="qubits: expected different qubits, at least one"):
        probability([], [])
    with pytest.raises(ValueError, match=r"bits: expected 2, one for each qubit, found \(0,\)"):
        probability(Q[:2], [0])
    with pytest.raises(ValueError, match="bits: expected 0 or 1 for each qubit") as caught:
        probability(Q[:2], "01")
    advice = str(caught.value).partition("pass ")[2]
    found = probability(Q[:2], eval(advice, {"text": "01"}))
    assert found == probability(Q[:2], [0, 1])
    many = cirq.LineQubit.range(13)
    for make in (lambda: probability(many, [0] * 13), lambda: circuit_model(projector(many))):
        with pytest.raises(ValueError, match=r"at most 12 .*2\^13 = 8192 Pauli strings; use the"):
            make()
    assert len(probability(many[:12], [0] * 12)) == 4096  # at most 12 of the bits


def projector(qubits):
    return cirq.ProjectorString(dict.fromkeys(qubits, 0))


def test_columns_of_a_function_have_contrasts_too():
    outputs = qxai.Outputs.of_function(lambda X: X @ [[1.0, 2.0], [3.0, -1.0]], ["a", "b"], 2)
    contrast = outputs["a"] - 2 * outputs["b"]
    found = qxai.shapley(contrast, [[1.0, 1.0]])
    np.testing.assert_allclose(found.values, [[1 - 4, 3 + 2]], atol=1e-12)
