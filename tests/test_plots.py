import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from qxai import plots
from qxai.core import Attribution


def test_bars_are_as_long_as_the_attribution_from_top_to_bottom():
    values = np.array([[1.0, -2.0, 0.5]])
    attribution = Attribution(values, np.zeros(1), np.zeros(1), "m", 1)
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
