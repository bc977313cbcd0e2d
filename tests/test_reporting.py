"""A page to send: complete, static, the same each time, and what it says is what was found."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import qxai
from qxai import plots

MODEL = qxai.Function(lambda X: X @ [2, -1], num_features=2, feature_names=["age", "bmi"])
FOUND = qxai.shapley(MODEL, [[1, 3]])


def drawn():
    figure = Figure(figsize=(3, 2))
    plots.attribution_bars(figure.subplots(), FOUND, ["age", "bmi"])
    return figure


def written(path, *parts):
    qxai.write_page(path, "Why? <now>", parts)
    return path.read_text(encoding="utf-8")


def test_a_page_holds_its_parts_in_order(tmp_path):
    text = written(tmp_path / "page.html", "First & <b>.\n\nThen.", FOUND, drawn())
    places = [text.index(part) for part in ("<p>First &amp; &lt;b&gt;.</p>", "<p>Then.</p>")]
    places += [text.index(FOUND._repr_html_()), text.index("<svg")]
    assert places == sorted(places)
    assert "<h1>Why? &lt;now&gt;</h1>" in text


def test_a_page_loads_nothing_and_runs_nothing(tmp_path):
    text = written(tmp_path / "page.html", FOUND, drawn())
    assert "<script" not in text
    links = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(link.startswith("#") for link in links)  # within the figure


def test_the_same_parts_give_the_same_bytes(tmp_path):
    pages = [written(tmp_path / f"{name}.html", FOUND, drawn()) for name in "ab"]
    assert pages[0] == pages[1]


def test_a_part_that_cannot_be_written_leaves_what_was_there(tmp_path):
    path = tmp_path / "page.html"
    before = written(path, FOUND)
    with pytest.raises(TypeError, match=r"found ndarray at position 1; .* a qxai.Table"):
        qxai.write_page(path, "", [FOUND, FOUND.values])
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]
    advised = qxai.Table(dict(zip(FOUND.names, np.transpose(FOUND.values))))
    assert "<table" in written(path, advised)


def test_axes_are_told_to_be_figures(tmp_path):
    ax = drawn().axes[0]
    with pytest.raises(TypeError, match=r"pass the figure of Axes \(ax.figure\)"):
        written(tmp_path / "page.html", ax)
    assert "<svg" in written(tmp_path / "page.html", ax.figure)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.html, found 'page\.txt'"):
        qxai.write_page(tmp_path / "page.txt", "", [])


@pytest.mark.parametrize(
    "drawing", ["<SCRIPT>x</SCRIPT>", "<b></b><Script src=x>", '<META http-equiv="refresh">']
)
def test_scripts_are_refused_however_they_are_spelt(tmp_path, drawing):
    part = type("Part", (), {"_repr_html_": lambda self: drawing})()
    with pytest.raises(TypeError, match=r"found Part at position 0; .*str\(part\)"):
        written(tmp_path / "page.html", part)
    assert "<p>" in written(tmp_path / "page.html", str(part))


def test_the_policy_of_a_page_stops_handlers_of_events(tmp_path):
    """It stands before anything that a part draws, and allows no script of any kind."""
    handler = "<img src=x onerror=alert(1)>"
    text = written(
        tmp_path / "page.html", type("Part", (), {"_repr_html_": lambda self: handler})()
    )
    head, _ = text.split("<title>")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', head)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == "'unsafe-inline'"
    assert rules["img-src"] == "data:"
    assert "script-src" not in policy
