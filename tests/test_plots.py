import itertools
import re
from xml.etree import ElementTree

import cirq
import matplotlib as mpl
import numpy as np
import pytest
import sympy
from matplotlib.figure import Figure

import qxai
from qxai import plots
from qxai.attribution import Attribution


def test_bars_are_as_long_as_the_attribution_from_top_to_bottom():
    values = np.array([[1.0, -2.0, 0.5]])
    attribution = explained(values)
    ax = plots.attribution_bars(Figure().subplots(), attribution, ["a", "b", "c"])
    assert [bar.get_width() for bar in ax.patches] == [1.0, -2.0, 0.5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    bottom, top = ax.get_ylim()
    assert bottom > top  # the first feature on top
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert colours[0] == colours[2] != colours[1]


def test_grouped_bars_show_means_and_their_range():
    ax = plots.grouped_bars(Figure().subplots(), {"g": [[0.0, 2.0], [1.0, 4.0]]}, "ab", "unit")
    assert [bar.get_width() for bar in ax.patches] == [0.5, 3.0]
    (lines,) = (c for c in ax.collections)
    np.testing.assert_allclose([s[:, 0] for s in lines.get_segments()], [[0, 1], [2, 4]])


@pytest.mark.parametrize("wrong", [[0.0, 1.0], [[0.0], [1.0]]])
def test_grouped_bars_refuse_other_shapes(wrong):
    with pytest.raises(ValueError, match=r"groups\['g'\]: expected shape \(repetitions, 2\)"):
        plots.grouped_bars(Figure().subplots(), {"g": wrong}, "ab", "unit")
    with pytest.raises(ValueError, match="groups: expected at least one"):
        plots.grouped_bars(Figure().subplots(), {}, "ab", "unit")


def test_the_style_is_one_that_matplotlib_knows():
    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["savefig.facecolor"] == "white"


def explained(values):
    array = np.atleast_2d(np.asarray(values, float))
    zeros = np.zeros(len(array))
    return Attribution(values=array, output=zeros, baseline_output=zeros, method="m", evaluations=1)


def test_a_heat_map_has_a_symmetric_scale_and_the_images_layout():
    ax = plots.heat_map(Figure().subplots(), explained([1.0, -3.0, 0.5, 0, 0, 2.0]), (2, 3))
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), [[1.0, -3.0, 0.5], [0, 0, 2.0]])
    assert image.get_clim() == (-3.0, 3.0)
    with pytest.raises(ValueError, match=r"shape: expected 6 pixels, found \(2, 2\)"):
        plots.heat_map(Figure().subplots(), explained(np.zeros(6)), (2, 2))


def test_a_landscape_shows_the_point_and_arrows_as_long_as_the_attributions():
    model = qxai.Function(lambda X: np.cos(X[:, 0]) * X[:, 1], num_features=2)
    ax = plots.landscape(Figure().subplots(), model, explained([0.5, -1.0]), [0.3, 0.4], ("a", "b"))
    (point,) = (line for line in ax.lines if line.get_marker() == "o")
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0.3, 0.4)
    steps = np.array([np.subtract(arrow.xy, arrow.xyann) for arrow in ax.texts])
    np.testing.assert_allclose(steps, [[np.pi / 4, 0], [0, -np.pi / 2]])
    wide = qxai.Function(lambda X: X[:, 0], num_features=3)
    with pytest.raises(ValueError, match="model: expected 2 features, found 3"):
        plots.landscape(Figure().subplots(), wide, explained([0, 0]), [0, 0], ("a", "b"))


def test_orders_are_lines_with_their_limit():
    steps = [explained([1.0, 2.0]), explained([1.5, 2.5])]
    axes = plots.taylor_orders(
        Figure().subplots(), [1, 2], steps, explained([1.4, 2.6]), ["a", "b"]
    )
    lines = [line.get_ydata() for line in axes.lines]
    np.testing.assert_array_equal(lines[0], [1.0, 1.5])
    np.testing.assert_array_equal(lines[3], [2.6, 2.6])


def test_relevance_flows_along_the_circuit():
    relevance = np.array([[1.0, 0.0], [0.25, -0.5], [0.0, 0.1]])
    ax = plots.relevance_flow(Figure().subplots(), relevance, ["q0", "q1"])
    np.testing.assert_array_equal(ax.images[0].get_array(), relevance.T)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["q0", "q1"]


def test_agreement_is_written_into_its_cells():
    ax = plots.agreement_matrix(Figure().subplots(), [[1, -0.25], [-0.25, 1]], ["a", "b"])
    assert [t.get_text() for t in ax.texts] == ["1.00", "-0.25", "-0.25", "1.00"]
    assert ax.images[0].get_clim() == (-1, 1)
    with pytest.raises(ValueError, match=r"agreement: expected shape \(1, 1\)"):
        plots.agreement_matrix(Figure().subplots(), np.eye(2), ["a"])


def test_errors_fall_beside_the_law():
    shots = [10, 1000]
    ax = plots.shots_error(Figure().subplots(), shots, {"m": [0.5, 0.05]})
    law = ax.lines[-1].get_ydata()
    np.testing.assert_allclose(law, [0.5, 0.05])  # ten times fewer, with a hundred times the shots
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    for errors, message in (({}, "at least one method"), ({"m": [1.0]}, r"errors\['m'\]")):
        with pytest.raises(ValueError, match=message):
            plots.shots_error(Figure().subplots(), shots, errors)


def test_matrices_are_drawn_on_fixed_scales():
    """A picture of small numbers must not look like one of large numbers."""
    ax = plots.probability_matrix(Figure().subplots(), [[0.1, 0.2], [0.3, 0.4]])
    assert ax.get_images()[0].get_clim() == (0, 1)
    ax = plots.observable_matrix(Figure().subplots(), [[0.1, 0.0], [0.0, -0.1]])
    assert ax.get_images()[0].get_clim() == (-1, 1)


def test_the_hue_is_the_phase_and_the_hand_points_along_the_number():
    red, cyan, white = plots.phase_colours(np.array([1.0, -1.0, 0.0]))
    assert red.argmax() == 0
    assert red[0] > red[1] == red[2]
    assert cyan.argmin() == 0
    np.testing.assert_array_equal(white, 1.0)
    ax = plots.complex_matrix(Figure().subplots(), [[0.6 + 0.8j, 0.0], [0.0, -1.0]])
    hands = [np.diff(line.get_xydata(), axis=0)[0] for line in ax.get_lines()]
    np.testing.assert_allclose(hands, 0.45 * np.array([[0.6, -0.8], [-1.0, 0.0]]))


@pytest.mark.parametrize(
    ("draw", "wrong", "message"),
    [
        (plots.probability_matrix, [[1.2]], "expected real numbers within 0…1, found from 1.2"),
        (plots.probability_matrix, [[-0.1]], "expected real numbers within 0…1, found from -0.1"),
        (plots.probability_matrix, [[0.5 + 0.5j]], "within 0…1, found complex ones"),
        (plots.probability_matrix, [0.5], "expected a finite matrix"),
        (plots.observable_matrix, [[1j]], "expected real numbers within -1…1, found complex"),
        (plots.observable_matrix, [[-1.5]], "expected real numbers within -1…1, found from -1.5"),
        (plots.complex_matrix, [[2.0]], "expected magnitudes up to 1, found 2"),
    ],
)
def test_matrices_refuse_what_their_scale_does_not_hold(draw, wrong, message):
    with pytest.raises(ValueError, match=message):
        draw(Figure().subplots(), wrong)


def test_the_keys_name_both_ends_of_each_scale():
    axes = Figure().subplots(1, 3)
    plots.matrix_keys(tuple(axes))
    ends = [[label.get_text() for label in ax.get_xticklabels()] for ax in axes]
    assert ends == [["0", "1"], ["−1", "+1"], ["0", "2π"]]


# Attributions that keep their inputs, names and unit

LINEAR = qxai.Function(lambda X: 1 + X @ [2.0, -3.0, 0.5], num_features=3)


def drawn(name, *arguments, **settings):
    return getattr(plots, name)(Figure().subplots(), *arguments, **settings)


def wide(d=30, n=5):
    """``R_i`` = ±(i + 1), so that sums are known; the last features are the largest."""
    signs = np.where(np.arange(n) % 2, -1.0, 1.0)[:, None]
    values = signs * np.arange(1.0, d + 1)
    zeros = np.zeros(n)
    return Attribution(
        values=values,
        output=values.sum(axis=1),
        baseline_output=zeros,
        method="m",
        evaluations=0,
        inputs=np.arange(float(n * d)).reshape(n, d),
        feature_names=[f"f{i}" for i in range(d)],
    )


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_bars_take_names_and_unit_from_the_attribution():
    slope = qxai.gradient(qxai.TrigPolynomial([0, 0, 1], [[2]]), [[0.0]])
    ax = drawn("attribution_bars", slope)
    assert labels(ax) == ["x0"]
    assert ax.get_xlabel() == "attribution (output per radian)"
    assert (
        drawn("attribution_bars", explained([1.0])).get_xlabel().endswith("(units of the output)")
    )
    with pytest.raises(ValueError, match="names: expected 1, found 2"):
        drawn("attribution_bars", slope, ["a", "b"])
    for name in ("attribution_bars", "waterfall"):
        with pytest.raises(IndexError, match="row: expected −5 to 4, found 5"):
            drawn(name, wide(), row=5)


def test_a_waterfall_falls_from_the_baselines_output_to_the_inputs():
    X = [[0.0, 0.0, 0.0], [1.0, 1.0, 2.0]]
    found = qxai.shapley(LINEAR, X, baseline=[0.5, 0, 0])
    ax = drawn("waterfall", found, row=1)
    bars = ax.patches
    assert bars[0].get_x() == found.baseline_output[1] == 2
    for before, after in itertools.pairwise(bars):
        assert before.get_x() + before.get_width() == pytest.approx(after.get_x())
    last = bars[-1]
    assert last.get_x() + last.get_width() == pytest.approx(found.output[1]) == pytest.approx(1)
    sizes = [abs(bar.get_width()) for bar in bars]
    assert sizes == sorted(sizes, reverse=True)
    assert labels(ax) == ["output at the baseline", "x1 = 1", "x0 = 1", "x2 = 2", "output"]
    assert {t.get_text() for t in ax.texts} == {"2", "−3", "+1", "1"}
    (ends,) = (line for line in ax.lines if line.get_marker() == "D")
    np.testing.assert_allclose(ends.get_xdata(), [2, 1])


def test_a_waterfall_says_what_is_missing():
    product = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    ax = drawn("waterfall", qxai.occlusion(product, [[2.0, 3.0]]))
    assert labels(ax)[-2:] == ["residual", "output"]
    assert ax.patches[-1].get_width() == -6  # 6 = 6 + 6 − 6
    with pytest.raises(
        ValueError, match=r"gradient, which has none; qxai\.plots\.attribution_bars"
    ):
        drawn("waterfall", slope := qxai.gradient(qxai.TrigPolynomial([0, 0, 1], [[1]]), [[1.0]]))
    drawn("attribution_bars", slope)


def test_a_swarm_shows_every_value_with_its_input():
    X = np.random.default_rng(0).normal(size=(60, 3))
    found = qxai.shapley(LINEAR, X)
    ax = drawn("beeswarm", found)
    order = np.argsort(-np.abs(found.values).mean(axis=0))
    assert labels(ax) == [f"x{i}" for i in order]
    for place, (i, points) in enumerate(zip(order, ax.collections)):
        across, heights = points.get_offsets().T
        np.testing.assert_allclose(across, found.values[:, i])
        assert np.abs(heights - place).max() < 0.5  # inside its row
        shades = (X[:, i] - X[:, i].min()) / np.ptp(X[:, i])
        np.testing.assert_allclose(points.get_array(), shades)
    assert ax.get_xlabel() == "attribution (units of the output)\nn = 60 inputs"


def test_equal_values_do_not_cover_each_other():
    ax = drawn("beeswarm", explained(np.ones((9, 1))))
    heights = ax.collections[0].get_offsets()[:, 1]
    assert len(np.unique(heights.round(6))) == 9
    assert heights.mean() == pytest.approx(0)


def test_a_row_without_inputs_of_its_own_is_hollow():
    grouped = qxai.shapley(LINEAR, np.eye(3), groups=[[0, 1], [2]])
    ax = drawn("beeswarm", grouped)
    pair, alone = ax.collections
    assert pair.get_array() is None
    np.testing.assert_array_equal(pair.get_facecolor(), [[1, 1, 1, 1]])
    assert alone.get_array() is not None
    assert all(
        points.get_array() is None for points in drawn("beeswarm", explained([1, 2])).collections
    )
    for name in ("beeswarm", "importance"):
        with pytest.raises(ValueError, match="at least one input, found none"):
            drawn(name, explained(np.empty((0, 2))))


def test_importance_is_the_mean_size_with_an_interval_that_covers_it():
    rng, truth = np.random.default_rng(0), np.sqrt(2 / np.pi)  # of a standard normal number
    covered = 0
    for _ in range(100):
        values = rng.normal(size=(50, 1))
        ax = drawn("importance", explained(values))
        assert ax.patches[0].get_width() == pytest.approx(np.abs(values).mean())
        ((low, high),) = (segment[:, 0] for segment in ax.collections[0].get_segments())
        covered += low < truth < high
    assert 87 <= covered <= 99
    assert "95 % bootstrap interval, n = 50 inputs" in ax.get_xlabel()


def test_importance_draws_the_same_picture_twice_and_none_of_one_input_without_spread():
    values = np.random.default_rng(0).normal(size=(20, 2))
    ends = [
        [
            s[:, 0].tolist()
            for s in drawn("importance", explained(values), rng).collections[0].get_segments()
        ]
        for rng in (None, np.random.default_rng(0), np.random.default_rng(1))
    ]
    assert ends[0] == ends[1] != ends[2]
    alone = drawn("importance", explained([1.0, -2.0]))
    assert not alone.collections
    assert "interval" not in alone.get_xlabel()
    assert [bar.get_width() for bar in alone.patches] == [2.0, 1.0]


@pytest.mark.parametrize("name", ["attribution_bars", "waterfall", "beeswarm", "importance"])
def test_many_features_leave_the_largest_and_a_sum(name):
    ax = drawn(name, wide())
    rows = [label for label in labels(ax) if not label.startswith("output")]
    assert len(rows) == 20
    assert rows[-1] == "sum of 11 smaller"
    assert {row.split(" ")[0] for row in rows[:-1]} == {f"f{i}" for i in range(11, 30)}
    rest = sum(range(1, 12))
    if name == "beeswarm":
        np.testing.assert_array_equal(
            ax.collections[-1].get_offsets()[:, 0], rest * wide().values[:, 0]
        )
    else:
        assert ax.patches[-1].get_width() == rest
    exact = wide(d=20)
    assert not any("smaller" in label for label in labels(drawn(name, exact)))


def test_long_names_keep_their_ends_and_leave_room():
    name = "serum cholesterol, low density lipoproteins"
    found = qxai.Attribution(
        values=[[1.0]],
        output=[1.0],
        baseline_output=[0.0],
        method="m",
        evaluations=0,
        feature_names=[name],
    )
    for draw in ("attribution_bars", "beeswarm", "importance"):
        (label,) = labels(drawn(draw, found))
        assert len(label) <= 28
        start, end = label.split("…")
        assert name.startswith(start)
        assert name.endswith(end)


def test_methods_are_compared_side_by_side_with_their_errors():
    X = [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]
    exact = qxai.shapley(LINEAR, X)
    sampled = qxai.smooth_grad(  # any attribution with errors
        qxai.Function(LINEAR.values, gradient=lambda X: X, num_features=3),
        X,
        sigma=0.3,
        samples=8,
        rng=np.random.default_rng(0),
    )
    with pytest.raises(ValueError, match=r"\['slope'\]: expected the unit 'output', found 'output"):
        drawn("compare", {"exact": exact, "slope": sampled})
    ax = drawn("compare", {"slope": sampled, "again": sampled}, row=1)
    assert ax.get_xlabel() == "attribution (output per radian)"
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, np.tile(sampled.values[1], 2))
    ends = np.array([s[:, 0] for s in ax.collections[0].get_segments()])
    np.testing.assert_allclose(ends.mean(axis=1), sampled.values[1])
    np.testing.assert_allclose(np.ptp(ends, axis=1), 2 * sampled.standard_error[1])
    with pytest.raises(
        ValueError, match=r"\['other'\]: expected the features x0, x1, x2, found x0"
    ):
        drawn("compare", {"exact": exact, "other": explained([1.0])})
    with pytest.raises(ValueError, match="attributions: expected at least one, found none"):
        drawn("compare", {})


def test_eight_compared_methods_look_different():
    ax = drawn("compare", {str(k): explained([1.0]) for k in range(8)})
    looks = {(bar.get_facecolor(), bar.get_hatch()) for bar in ax.patches}
    assert len(looks) == 8


class TestNetworks:
    def found(self, index="Moebius", order=3):
        model = qxai.Function(lambda X: X[:, 0] * X[:, 1] - 3 * X[:, 1] * X[:, 2], num_features=4)
        return qxai.interactions(model, [[1.0, 1, 1, 1], [2, 1, 1, 1]], 0.0, index, order)

    def test_lines_are_pairs_and_colours_are_signs(self):
        ax = plots.interaction_network(Figure().subplots(), self.found(), row=0)
        assert len(ax.lines) == 2  # two pairs; the others are 0
        small, large = ax.lines
        assert large.get_linewidth() == pytest.approx(3 * small.get_linewidth())
        assert small.get_color() == plots.ORANGE
        assert large.get_color() == plots.BLUE
        assert large.is_dashed()
        assert [t.get_text() for t in ax.texts] == ["x0", "x1", "x2", "x3"]

    def test_the_mean_over_inputs_is_drawn_where_none_is_chosen(self):
        lines = plots.interaction_network(Figure().subplots(), self.found()).lines
        assert lines[1].get_linewidth() == pytest.approx(2 * lines[0].get_linewidth())
        with pytest.raises(IndexError):
            plots.interaction_network(Figure().subplots(), self.found(), row=2)

    def test_nothing_but_discs_without_pairs(self):
        ax = plots.interaction_network(Figure().subplots(), self.found(order=1))
        assert not ax.lines
        assert len(ax.collections[0].get_offsets()) == 4


class TestDependence:
    model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    rows = np.array([[0.0, 1], [1, -1], [2, 2]])

    def test_the_average_lies_over_the_single_curves(self):
        average, single = (f(self.model, self.rows) for f in (qxai.partial_dependence, qxai.ice))
        ax = plots.dependence(Figure().subplots(), "x1", average, single, self.rows[:, 1])
        *curves, mean, marks = ax.lines
        np.testing.assert_allclose(
            mean.get_ydata(), np.mean([c.get_ydata() for c in curves], axis=0)
        )
        np.testing.assert_array_equal(marks.get_xdata(), self.rows[:, 1])
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "output")
        with pytest.raises(ValueError, match="expected one of x0, x1"):
            plots.dependence(Figure().subplots(), "x2", average)
        with pytest.raises(ValueError, match="expected at least one to draw"):
            plots.dependence(Figure().subplots(), "x1")

    def test_standard_errors_are_a_band(self):
        found = qxai.partial_dependence(self.model, self.rows, 0)
        noisy = qxai.Dependence(
            names=found.names, grids=found.grids, values=found.values, method="m",
            standard_error=[np.full(50, 0.1)],
        )  # fmt: skip
        assert len(plots.dependence(Figure().subplots(), "x0", noisy).collections) == 1


class TestLadders:
    def found(self):
        model = qxai.TrigPolynomial(np.diag([0.2, 1.0, 0.0]), [[1], [1]])  # 0.2 + cos x0 cos x1
        other = qxai.TrigPolynomial([[0.7, 0.1, 0], [0, 0, 0], [0, 0, 0]], [[1], [1]])
        both = [qxai.counterfactual(m, [[0.3, 0.1], [2.0, 0.2]]) for m in (model, other)]
        return both

    def test_the_nearest_flip_is_on_top(self):
        found, _ = self.found()
        for row in (0, 1):
            ax = plots.counterfactual_ladder(Figure().subplots(), found, row)
            lengths = [abs(bar.get_width()) for bar in ax.patches]
            assert lengths == sorted(lengths)
            names = [t.get_text() for t in ax.get_yticklabels()]
            changes = [found.changes[row, int(name[1])] for name in names]
            np.testing.assert_allclose([bar.get_width() for bar in ax.patches], changes)
        assert "across 0" in ax.get_xlabel()
        scaled = plots.counterfactual_ladder(Figure().subplots(), found, 0, [1.0, 100.0])
        assert [t.get_text() for t in scaled.get_yticklabels()] == ["x1", "x0"]
        assert "(scaled)" in scaled.get_xlabel()

    def test_what_cannot_flip_says_how_far_it_gets(self):
        _, never = self.found()
        ax = plots.counterfactual_ladder(Figure().subplots(), never)
        assert not ax.patches
        assert [t.get_text() for t in ax.texts] == ["cannot: reaches 0.8", "cannot: reaches 0.6"]
        with pytest.raises(IndexError, match="row: expected"):
            plots.counterfactual_ladder(Figure().subplots(), never, 2)


def test_a_circuit_is_drawn_with_its_gates_in_the_colours_of_the_page():
    q, x = cirq.LineQubit.range(2), sympy.symbols("x_:2")
    turned = cirq.Circuit(cirq.Y(q[0]) ** (x[0] / np.pi), cirq.rz(x[1])(q[1]), cirq.CZ(*q))
    drawn = plots.circuit(turned)
    assert repr(drawn) == "0: ───Ry(x₀)───@───\n               │\n1: ───Rz(x₁)───@───"
    root = ElementTree.fromstring(drawn.svg)
    texts = {node.text.strip() for node in root.iter() if node.tag.endswith("text")}
    assert {"Ry(x₀)", "Rz(x₁)"} <= texts
    assert root.attrib["aria-label"] == "circuit of 2 qubits and 3 operations"
    assert "black" not in drawn.svg
    assert "white)" in drawn.svg
    assert drawn._repr_html_() == plots.circuit(turned)._repr_html_()
    with pytest.raises(TypeError, match=r"circuit: expected a cirq.Circuit, found PQC; of a PQC"):
        plots.circuit(qxai.PQC(turned, x, cirq.Z(q[0])))


@pytest.mark.parametrize(
    ("exponent", "label"),
    [
        ("a/pi + b/pi", "Ry(a + b)"),
        ("0.3183098861837907*a + 0.5", "Ry(a + 1.57)"),
        ("a*b/pi + a/pi", "Ry(a*b + a)"),
        ("theta_3_1/pi", "Ry(θ₃,₁)"),
        ("2*x_0/pi", "Ry(2*x₀)"),
        ("spin/pi", "Ry(spin)"),
        ("a", "Ry(π*a)"),
    ],
)
def test_a_power_is_drawn_as_the_rotation_that_it_is(exponent, label):
    """The same unitary up to a phase, at any value of the symbols."""
    power = sympy.parse_expr(exponent)
    drawn = repr(plots.circuit(cirq.Circuit((cirq.Y**power)(cirq.q(0)))))
    assert re.search(r"───(.*?)───", drawn)[1] == label
    values = {symbol: 0.3 + 0.2 * k for k, symbol in enumerate(sorted(power.free_symbols, key=str))}
    turn = cirq.unitary(cirq.ry(float((power * np.pi).subs(values))))
    gate = cirq.unitary(cirq.Y ** float(power.subs(values)))
    assert cirq.equal_up_to_global_phase(turn, gate, atol=1e-9)


def test_names_in_a_drawing_stay_names():
    hostile = "<img src=x onerror=alert(1)>"
    q = [cirq.NamedQubit(name) for name in (hostile, "copier", "pi1<i>")]
    key = cirq.measure(q[0], key="a<b"), cirq.X(q[1]).with_classical_controls("a<b")
    circuit = cirq.Circuit(cirq.ry(sympy.Symbol("<script>"))(q[2]), key)
    drawn = plots.circuit(circuit)
    texts = [node.text for node in ElementTree.fromstring(drawn.svg).iter() if node.text]
    assert f"{hostile}: " in texts
    assert "copier: " in texts
    assert "<script" not in drawn._repr_html_()
    assert "<img" not in drawn._repr_html_()
    assert "copier" in repr(drawn)
    both = plots.circuit(cirq.Circuit(cirq.ry(s)(cirq.q(0)) for s in sympy.symbols("x0 x_0")))
    assert repr(both).count("₀") == 0  # they would look the same
    for empty in (cirq.Circuit(), cirq.Circuit(cirq.Moment())):
        assert plots.circuit(empty)._repr_html_().count("<svg") == 1
