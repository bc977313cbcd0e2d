"""Figures by night, and as wide as their text needs."""

import base64
import io
import json
import re
from xml.etree import ElementTree

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv, to_rgba
from matplotlib.figure import Figure
from PIL import Image

from qxai import plots
from tests.project import ROOT, module

night = module(ROOT / "tools/night.py")
figures = module(ROOT / "tools/figures.py")
pages = module(ROOT / "book/_ext/qxai_figures.py")


def luminance(colour):
    linear = np.array(to_rgba(colour)[:3]) ** 2.2
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def figure():
    figure = Figure(figsize=(4, 2))
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], "o-", color="black", label="a line")
    ax.bar([0, 1], [1, 2], color=plots.BLUE, edgecolor="white")
    ax.scatter([0, 1], [1, 0], c=[0, 1])
    ax.axhline(0.5, color="none")
    ax.set(title="a title", xlabel="x")
    ax.legend()
    return figure


def test_black_and_white_change_places_and_colours_keep_their_hue():
    paper, ink = to_rgba("white"), to_rgba("black")
    by_night = night.turned([ink, paper])
    assert contrast(*by_night) > 12  # as on paper, where it is 21
    assert luminance(by_night[0]) > luminance(by_night[1])
    for colour in plots.CYCLE:
        before, after = np.array(to_rgba(colour)), night.turned(colour)[0]
        assert contrast(after, by_night[1]) > 3  # what WCAG asks of graphics
        if np.ptp(before[:3]) > 0.2:
            turn = rgb_to_hsv(before[:3])[0] - rgb_to_hsv(after[:3])[0]
            assert abs(turn) < 0.02
    assert night.turned([(0, 0, 0, 0.3)])[0, 3] == 0.3


def colours_of(figure):
    return [
        (type(one).__name__, part, np.array(mpl.colors.to_rgba_array(value)).tolist())
        for one in figure.findobj()
        for part in night.parts(one)
        if not isinstance(value := getattr(one, f"get_{part}")(), str) or value not in ("auto",)
    ]


def test_a_figure_has_its_own_colours_back_whatever_happens(figure):
    figure.canvas.draw()
    before = colours_of(figure)
    with night.by_night(figure):
        assert colours_of(figure) != before
        assert luminance(figure.axes[0].title.get_color()) > 0.5
        assert to_rgba(figure.axes[0].get_facecolor())[3] == 0
    with pytest.raises(ZeroDivisionError), night.by_night(figure):
        1 / 0  # noqa: B018
    after = colours_of(figure)
    for a, b in zip(before, after):
        assert a == b
    assert colours_of(figure) == before


def test_what_is_written_on_an_image_stays_as_it_was():
    figure = Figure()
    ax = figure.subplots()
    ax.imshow([[0, 1], [1, 0]])
    number = ax.text(0, 0, "0.5", color="black")
    with night.by_night(figure):
        assert number.get_color() == "black"
        assert luminance(ax.xaxis.get_ticklabels()[0].get_color()) > 0.5


def test_measures_are_those_of_the_picture(figure):
    figure.axes[0].text(0, 0, "small", fontsize=6)
    figure.axes[0].text(0, 0, " ", fontsize=1)
    record = json.loads(night.described(figure))
    with Image.open(io.BytesIO(base64.b64decode(record["night"]))) as picture:
        assert picture.width / figure.dpi == pytest.approx(record["inches"], abs=0.02)
        assert picture.convert("RGBA").getpixel((0, 0))[3] == 0  # the page shows through
    assert record["points"] == 6


def test_a_figure_is_never_so_narrow_that_its_text_cannot_be_read():
    for inches, points in ((5.4, 10), (8, 6), (3, 12)):
        least = int(re.search(r"min-width: (\d+)px", pages.style(inches, points))[1])
        assert least / inches * points / 72 == pytest.approx(9, abs=0.05)


def test_descriptions_leave_the_notebook_and_are_found_by_the_picture(tmp_path):
    picture, by_night = (base64.b64encode(text).decode() for text in (b"a picture", b"by night"))
    record = json.dumps({"night": by_night, "vector": "<svg/>", "inches": 3, "points": 9})
    data = {"image/png": picture, figures.MIME: record}
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data)])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(""), cell])
    figures.collect(notebook, tmp_path)
    assert set(cell.outputs[0].data) == {"image/png"}
    (digest,) = (path.stem for path in tmp_path.glob("*.json"))
    assert (tmp_path / f"{digest}.png").read_bytes() == b"by night"
    assert (tmp_path / f"{digest}.svg").read_text() == "<svg/>"
    assert pages.measures(tmp_path, digest) == {"inches": 3, "points": 9}
    tag = f'<img alt="a" class="x" src="../_images/{digest}.png" />'
    assert pages.PICTURE.search(tag)[2] == digest


def test_no_text_of_the_style_is_smaller_than_ten_points():
    sizes = [size for key, size in plots.style.STYLE.items() if key.endswith("size")]
    assert min(sizes) >= 10


def test_the_same_figure_gives_the_same_svg(figure):
    first, second = (json.loads(night.described(figure))["vector"] for _ in range(2))
    assert first == second
    assert ElementTree.fromstring(first).tag.endswith("svg")
    assert "dc:date" not in first
