import matplotlib as mpl
import numpy as np
import pytest
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
