"""Each number of the judge against a second way to it, and its verdicts where they are known."""

import itertools
import re
from functools import partial

import cirq
import numpy as np
import pytest
import sympy
from scipy.stats import kstest, spearmanr

import qxai
from qxai import metrics
from qxai.metrics.candidates import CONTROLS, redrawn, supported
from qxai.metrics.judgement import ASKED

X = np.random.default_rng(0).uniform(0.3, 2.0, (20, 3))
RANKED = ("deletion", "infidelity")


def rng():
    return np.random.default_rng(1)


def additive():
    """``0.5 + sin x0 + 2 cos x1 − 0.7 sin x2``."""
    coefficients = np.zeros((3, 3, 3))
    coefficients[0, 0, 0] = 0.5
    coefficients[2, 0, 0], coefficients[0, 1, 0], coefficients[0, 0, 2] = 1.0, 2.0, -0.7
    return qxai.TrigPolynomial(coefficients, [[1], [1], [1]])


def mixed():
    return qxai.Function(lambda X: X[:, 0] * X[:, 1] + np.sin(X[:, 2]) * X[:, 0], num_features=3)


def three_together():
    """An order and its reverse are exact for pairs, and not for this."""
    return qxai.Function(lambda X: X.prod(axis=1) + np.sin(X[:, 2]), num_features=3)


def circuit():
    q, x, t = cirq.LineQubit.range(2), sympy.symbols("x:2"), sympy.symbols("t:2")
    gates = [cirq.ry(x[0])(q[0]), cirq.ry(x[1])(q[1]), cirq.CNOT(*q), cirq.ry(t[0])(q[0])]
    readout = cirq.Z(q[0]) + 0.5 * cirq.X(q[1])
    return qxai.PQC(cirq.Circuit(gates, cirq.ry(t[1])(q[1])), x, readout, {t[0]: 0.4, t[1]: 1.1})


def flipped(model, X, baseline):
    found = qxai.shapley(model, X, baseline)
    return plain(-found.values, model, X)


def plain(values, model, X):
    return qxai.Attribution(
        values=values,
        output=model.values(X),
        baseline_output=np.full(len(X), np.nan),
        method="mine",
        evaluations=0,
    )


# Models whose answers are known


def test_methods_that_agree_on_an_additive_model_get_the_same_numbers():
    found = metrics.judge(additive(), X, rng=rng())
    same = ("Shapley", "integrated gradients", "occlusion", "Taylor-∞")
    for name in same:
        numbers = found.numbers[name]
        assert numbers["completeness"].value < 1e-12
        assert numbers["infidelity"].value < 1e-20
        for metric in ("deletion", "baselines"):
            np.testing.assert_allclose(numbers[metric], found.numbers["Shapley"][metric])
    # Here the order of the terms is the best order of all: nobody gains more.
    best = found.numbers["Shapley"]["deletion"].value
    assert all(best >= row["deletion"].value - 1e-12 for row in found.numbers.values())
    assert set(same) <= set(found.first("deletion")) & set(found.first("infidelity"))


def test_on_a_constant_model_nothing_is_told():
    found = metrics.judge(qxai.TrigPolynomial([0.4, 0, 0], [[1]]), X[:, :1], rng=rng())
    for row in found.numbers.values():
        assert all(np.isnan(row[metric].value) for metric in ASKED if metric != "completeness")
    assert found.numbers["Shapley"]["completeness"].value == 0
    assert found.first("deletion") == found.first("infidelity") == ()


def test_a_broken_method_is_told_from_a_sound_one():
    methods = {"Shapley": qxai.shapley, "flipped": flipped}
    found = metrics.judge(mixed(), X, methods, rng=rng())
    for metric in RANKED:
        sound, broken, chance = (found.numbers[n][metric] for n in (*methods, "random"))
        sign = 1 if metric == "deletion" else -1
        assert sign * sound.value > sign * chance.value > sign * broken.value
        assert not {"flipped", "random"} & set(found.first(metric))
        assert "Shapley" in found.first(metric)
    # Against what is not explained by nothing at all, a flipped sign is worse than silence.
    assert found.numbers["flipped"]["infidelity"].low > 1


# Each column, computed in another way


def by_hand(model, X, baseline, values):
    """Deletion and infidelity with loops over all orders and all sets."""
    d, gains, changes, wrong, nothing = X.shape[1], [], [], [], []

    def output(x, gone):
        point = x.copy()
        point[list(gone)] = baseline[list(gone)]
        return model.values(point[None])[0]

    def area(order, x, sign):
        curve = [sign * output(x, order[:k]) for k in range(d + 1)]
        return sum((a + b) / 2 for a, b in itertools.pairwise(curve)) / d

    for x, row in zip(X, values):
        change = output(x, ()) - output(x, range(d))
        sign = 1 if change > 0 else -1
        orders = [area(order, x, sign) for order in itertools.permutations(range(d))]
        gains.append(np.mean(orders) - area(np.argsort(-sign * row), x, sign))
        changes.append(abs(change))
        sets = [s for k in range(d + 1) for s in itertools.combinations(range(d), k)]
        losses = np.array([output(x, ()) - output(x, s) for s in sets])
        wrong.append(np.mean((losses - [row[list(s)].sum() for s in sets]) ** 2))
        nothing.append(np.mean(losses**2))
    return np.sum(gains) / np.sum(changes), np.sum(wrong) / np.sum(nothing)


@pytest.mark.parametrize("baseline", [np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.2, 1.5])])
def test_numbers_are_those_of_loops_over_orders_and_sets(baseline):
    model, other = mixed(), np.full(3, 0.5)
    methods = {"occlusion": qxai.occlusion, "Taylor": qxai.taylor}
    swapped = qxai.Function(lambda X: mixed().values(X[:, ::-1]), num_features=3)
    found = metrics.judge(
        model, X, methods, [baseline, other], randomised=[swapped, additive()], rng=rng()
    )
    for name, method in methods.items():
        given, numbers = method(model, X, baseline), found.numbers[name]
        expected = by_hand(model, X, baseline, given.values)
        np.testing.assert_allclose([numbers[m].value for m in RANKED], expected)
        size = np.maximum(np.abs(given.output), np.abs(given.baseline_output))
        missed = np.abs(given.residual) / np.maximum(size, np.abs(given.values).sum(axis=1))
        np.testing.assert_allclose(numbers["completeness"][:3], np.percentile(missed, [50, 25, 75]))
        against = method(model, X, other)
        np.testing.assert_allclose(numbers["baselines"].value, spearman(given, against))
        alike = [spearman(given, method(m, X, baseline)) for m in (swapped, additive())]
        np.testing.assert_allclose(numbers["randomised"].value, np.mean(alike))
        assert {number.n for number in numbers.values()} == {len(X)}
        assert np.isnan(numbers["seeds"].value)  # nothing is drawn


def spearman(first, second):
    pairs = zip(np.abs(first.values), np.abs(second.values))
    return np.mean([spearmanr(a, b).statistic for a, b in pairs])


def test_the_distance_control_knows_the_ends_only():
    point = np.array([1.0, 0.9, 1.1])  # inputs lie on both sides of it
    found = metrics.judge(mixed(), X, {}, [point], rng=rng()).numbers["|x − baseline|"]
    distance = np.abs(X - point)
    change = mixed().values(X) - mixed().values(point[None])
    share = distance / distance.sum(axis=1, keepdims=True) * change[:, None]
    expected = by_hand(mixed(), X, point, share)
    np.testing.assert_allclose([found[m].value for m in RANKED], expected)


def test_the_random_control_is_at_chance():
    draws = [metrics.judge(mixed(), X, {}, rng=np.random.default_rng(s)) for s in range(40)]
    for metric in ("deletion", "baselines"):
        found = [one.numbers["random"][metric].value for one in draws]
        assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_the_spread_over_draws_falls_with_their_number():
    model = three_together()
    methods = {n: partial(qxai.shapley, samples=int(n)) for n in ("10", "160")}
    found = metrics.judge(model, X, methods, seeds=20, rng=rng())
    few, many = (found.numbers[n]["seeds"].value for n in methods)
    assert few / many == pytest.approx(4, rel=0.15)
    error = qxai.shapley(model, X, samples=2000, rng=rng()).standard_error
    size = np.linalg.norm(qxai.shapley(model, X).values)
    assert few == pytest.approx(np.linalg.norm(error) * np.sqrt(200) / size, rel=0.15)


def test_slopes_are_multiplied_by_the_way_from_the_baseline():
    sample = qxai.Background(X[:5])
    methods = {"slope": lambda m, X, b: qxai.gradient(m, X), "step": qxai.gradient_x_input}
    for baseline in (0.0, [0.4, 0.1, 0.2], sample):
        found = metrics.judge(additive(), X, methods, [baseline, 1.0], rng=rng()).numbers
        for metric in (*RANKED, "baselines"):
            np.testing.assert_allclose(found["slope"][metric], found["step"][metric])
        assert np.isnan(found["slope"]["completeness"].value)


def test_a_circuit_is_randomised_by_itself():
    found = metrics.judge(circuit(), X[:, :2], rng=rng())
    assert "5 models of other parameters" in repr(found)
    drawn = found.numbers["Shapley"]["randomised"]
    assert -1 < drawn.low < drawn.value < drawn.high < 1
    # What does not depend on the parameters survives them.
    assert found.numbers["|x − baseline|"]["randomised"].value == pytest.approx(1)
    fixed = metrics.judge(additive(), X, rng=rng())
    assert np.isnan(fixed.numbers["Shapley"]["randomised"].value)
    assert "randomised:" not in repr(fixed)


def test_parameters_are_redrawn_over_the_whole_circle():
    drawn = np.array([model.parameter_values for model in redrawn(circuit(), 300, rng())])
    assert drawn.shape == (300, 2)
    assert kstest(drawn.ravel() / (2 * np.pi) + 0.5, "uniform").pvalue > 0.01
    assert redrawn(mixed(), 3, rng()) == []


# Which methods, and how much of them


def test_a_model_is_explained_by_what_it_allows():
    assert set(metrics.judge(circuit(), X[:, :2], rng=rng()).left_out) == set()
    values_only = metrics.judge(mixed(), X, rng=rng())
    assert set(values_only.left_out) == {
        "integrated gradients",
        "gradient × input",
        "SmoothGrad × step",
        "QLRP-zero",
    }
    for name, reason in values_only.left_out.items():
        assert name in values_only.table().notes[-1]
        assert "needs a model with a method" in reason
    assert not np.isnan(values_only.numbers["LIME × step"]["seeds"].value)  # it had to sample


def test_wide_functions_are_judged_by_drawn_sets():
    weights = np.linspace(-1, 1, 20)
    model = qxai.Function(lambda X: X @ weights, num_features=20)
    wide = rng().uniform(0, 1, (12, 20))
    found = metrics.judge(model, wide, rng=rng())
    assert "256 drawn sets" in repr(found)
    for name in ("occlusion", "Taylor-∞"):
        assert found.numbers[name]["infidelity"].value < 1e-20
    assert found.numbers["Shapley"]["infidelity"].value < 1e-20  # one order tells, it is additive
    # The exact gain of the best order, from the mean curve, a straight line.
    curve = metrics.deletion_curve(model, wide, wide * weights)
    line = np.linspace(curve[:, 0], curve[:, -1], 21, axis=1)
    gain = (metrics.area(line) - metrics.area(curve)).sum() / (curve[:, 0] - curve[:, -1]).sum()
    assert found.numbers["occlusion"]["deletion"].value == pytest.approx(gain, rel=0.1)


def test_more_inputs_than_rows_are_sampled_and_said():
    many = np.tile(X, (5, 1))
    found = metrics.judge(mixed(), many, {"Shapley": qxai.shapley}, rows=7, rng=rng())
    assert found.table().caption.startswith("7 of 100 inputs")
    assert {row["completeness"].n for row in found.numbers.values()} == {7}
    # The baseline is the mean of all inputs, not of the chosen ones.
    seen = []

    def watched(model, X, baseline):
        seen.append(baseline)
        return qxai.occlusion(model, X, baseline)

    metrics.judge(mixed(), many, {"watched": watched}, rows=7, rng=rng())
    np.testing.assert_allclose(seen[1], np.tile(many.mean(axis=0), (7, 1)))


def test_one_input_has_no_interval_and_ranks_nothing():
    methods = {"Shapley": qxai.shapley, "flipped": flipped}
    found = metrics.judge(mixed(), X[:1], methods, rng=rng())
    assert np.isnan(found.numbers["Shapley"]["deletion"].low)
    assert set(found.first("deletion")) == {*methods, *CONTROLS}


def test_the_same_generator_gives_the_same_bytes_and_methods_do_not_disturb_each_other():
    first, again = (metrics.judge(circuit(), X[:, :2], rng=rng()) for _ in range(2))
    assert first._repr_html_() == again._repr_html_()
    assert repr(first) == repr(again)
    sampled = {"sampled": partial(qxai.shapley, samples=8)}
    alone = metrics.judge(mixed(), X, sampled, rng=rng())
    behind = metrics.judge(mixed(), X, {"occlusion": qxai.occlusion, **sampled}, rng=rng())
    assert repr(alone.numbers["sampled"]) == repr(behind.numbers["sampled"])


# How it is written


def test_stars_mark_metrics_that_play_the_methods_own_game():
    table = metrics.judge(additive(), X, rng=rng()).table()
    cells = {
        name: {
            metric.split()[0]: table[metric][row] for metric, _ in table.columns if "(" in metric
        }
        for row, name in enumerate(table["method"])
    }
    starred = {name: {m for m, cell in row.items() if "*" in cell} for name, row in cells.items()}
    assert starred["Shapley"] == {"completeness", "deletion", "infidelity"}
    assert starred["occlusion"] == {"deletion"}
    assert starred["integrated gradients"] == {"completeness"}
    assert starred["Taylor-∞"] == starred["random"] == set()


def test_overlapping_intervals_are_said_to_rank_nothing():
    methods = {"Shapley": qxai.shapley, "occlusion": qxai.occlusion, "flipped": flipped}
    notes = repr(metrics.judge(additive(), X, methods, rng=rng()))
    ties = re.findall(r"in (\w+) no ranking among ([^:]+): intervals overlap", notes)
    assert {metric for metric, _ in ties} == set(RANKED)
    for _, names in ties:
        assert {"Shapley", "occlusion"} <= set(names.split(", "))
        assert "flipped" not in names


def test_a_table_with_other_columns_order_is_judged_alike():
    pandas = pytest.importorskip("pandas")
    q, x = cirq.LineQubit.range(2), sympy.symbols("a b")
    model = qxai.PQC(
        qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]) * cirq.Z(q[1]) + cirq.Z(q[0])
    )
    frame = pandas.DataFrame({"b": X[:, 1], "a": X[:, 0]})
    one = metrics.judge(model, frame, baselines=[{"b": 0.2, "a": 0.1}, 1.0], rng=rng())
    two = metrics.judge(model, X[:, :2], baselines=[[0.1, 0.2], 1.0], rng=rng())
    assert repr(one) == repr(two)


def test_raw_columns_are_judged_in_their_own_units():
    """Another unit of a column is another name for the same numbers."""
    angles = X[:, :2]
    raw = angles * [1000.0, 0.1] + [5.0, -3.0]
    scaler = qxai.datasets.AngleScaler.fitted(raw)
    model = qxai.Scaled(circuit(), scaler)
    one = metrics.judge(model, raw, rng=rng())
    stretched = raw * [1.0, 1e6]
    wide = qxai.Scaled(circuit(), qxai.datasets.AngleScaler.fitted(stretched))
    two = metrics.judge(wide, stretched, rng=rng())
    assert repr(one) == repr(two)
    # Parameters are inside, behind the functions of the columns.
    assert not np.isnan(one.numbers["Shapley"]["randomised"].value)
    # The same as in radians, against the same points.
    points = [scaler.angles(p[None])[0] for p in (raw.mean(axis=0), raw.min(axis=0))]
    inside = metrics.judge(circuit(), scaler.angles(raw), {"S": qxai.shapley}, points, rng=rng())
    for metric in ASKED:
        np.testing.assert_allclose(inside.numbers["S"][metric], one.numbers["Shapley"][metric])


# Bad input, with what each message advises


def test_what_is_no_attribution_is_refused_with_the_way_to_make_one():
    def bare(model, X, baseline):
        return np.asarray(X)

    with pytest.raises(TypeError, match=r"methods: expected a qxai\.Attribution") as error:
        metrics.judge(mixed(), X, {"mine": bare}, rng=rng())
    advice = re.search(r"return (qxai\.Attribution\(.*\))", str(error.value))[1]

    def wrapped(model, X, baseline):
        return eval(advice, {"qxai": qxai, "np": np, "values": X, "X": X, "model": model})

    found = metrics.judge(mixed(), X, {"mine": wrapped}, rng=rng())
    assert not np.isnan(found.numbers["mine"]["deletion"].value)


def test_arguments_that_do_not_fit_are_named():
    with pytest.raises(TypeError, match="methods: expected a mapping") as error:
        metrics.judge(mixed(), X, [qxai.shapley], rng=rng())
    advice = re.search(r"such as (\{.*?\})", str(error.value))[1]
    metrics.judge(mixed(), X, eval(advice), rng=rng())
    with pytest.raises(ValueError, match="'random'; rename it, for example 'my random'"):
        metrics.judge(mixed(), X, {"random": qxai.shapley}, rng=rng())
    metrics.judge(mixed(), X, {"my random": qxai.shapley}, rng=rng())
    for wrong in (0.0, [], qxai.Background(X)):
        with pytest.raises(ValueError, match="baselines: expected a list") as error:
            metrics.judge(mixed(), X, {}, wrong, rng=rng())
    advice = re.search(r"such as (\[.*\]), found", str(error.value))[1]
    metrics.judge(mixed(), X, {}, eval(advice, {"X": X}), rng=rng())
    metrics.judge(mixed(), X, {}, [qxai.Background(X)], rng=rng())
    with pytest.raises(TypeError, match="rng: expected numpy"):
        metrics.judge(mixed(), X, rng=0)
    with pytest.raises(ValueError, match="X: expected at least one input, found none"):
        metrics.judge(mixed(), X[:0], rng=rng())
    with pytest.raises(ValueError, match="seeds: expected a whole number of at least 2"):
        metrics.judge(mixed(), X, seeds=1, rng=rng())
    with pytest.raises(ValueError, match=r"metric: expected one of \['deletion', 'infidelity'\]"):
        metrics.judge(mixed(), X, {}, rng=rng()).first("seeds")


def test_groups_are_refused_with_advice():
    grouped = partial(qxai.shapley, groups=[[0, 1], [2]])
    with pytest.raises(ValueError, match=r"one by one, without groups=") as error:
        metrics.judge(mixed(), X, {"grouped": grouped}, rng=rng())
    assert "(20, 2)" in str(error.value)
    metrics.judge(mixed(), X, {"alone": qxai.shapley}, rng=rng())


def test_the_library_methods_are_tried_with_the_baseline_at_hand():
    """Marginals need a form with vectors: a function of values only loses most methods."""
    found, left_out = supported(mixed(), X, qxai.Marginals(X))
    assert found["Shapley"].keywords == {"samples": 64}  # orders draw from the marginals
    assert {"occlusion", "Taylor-∞"} <= set(left_out)
