"""Figures by night: run in the kernels of the book's build, it draws each figure a second time.

What is black, grey or white changes places by lightness; colours become a little lighter; images
and what is written on them stay. The page shows the drawing that suits its theme, no narrower than
its smallest text allows.
"""

import base64
import contextlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from IPython import get_ipython
from IPython.core.formatters import BaseFormatter
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from traitlets import ObjectName, Unicode

MIME = "application/x-qxai-figure"
GREYISH = 0.12  # most difference between the channels of what counts as grey
PAPER, INK = 0.09, 0.92  # what white and black become
LIGHTER = 0.25


def turned(colours: Any) -> np.ndarray:
    """Return colours (n, 4) as they are by night."""
    found = to_rgba_array(colours).copy()
    rgb = found[:, :3]
    grey = np.ptp(rgb, axis=1) < GREYISH
    level = rgb.mean(axis=1, keepdims=True)
    rgb[:] = np.where(grey[:, None], INK + (PAPER - INK) * level, rgb + LIGHTER * (1 - rgb))
    return found


def parts(artist: Artist) -> list[str]:
    """Name what of an artist has a colour of its own."""
    if isinstance(artist, Text):
        return ["color"]
    if isinstance(artist, Line2D):
        return ["color", "markerfacecolor", "markeredgecolor"]
    if isinstance(artist, Patch):
        return ["facecolor", "edgecolor"]
    if isinstance(artist, Collection):
        # Edges first: they may be said to be those of the faces.
        return ["edgecolor"] if artist.get_array() is not None else ["edgecolor", "facecolor"]
    return []


def on_images(figure: Figure) -> set[int]:
    """Return the artists that lie on images, whose colours were chosen for those."""
    found = set()
    for axes in figure.findobj(Axes):
        if axes.images or any(isinstance(one, QuadMesh) for one in axes.collections):
            found |= {id(one) for one in (*axes.texts, *axes.lines, *axes.patches)}
            found |= {id(one) for one in axes.collections}
    return found


@contextlib.contextmanager
def by_night(figure: Figure) -> Iterator[None]:
    """Give a figure its colours by night, and then those that it had."""
    kept: list[tuple[Callable[[Any], None], Any]] = []
    untouched = on_images(figure)
    for artist in figure.findobj(lambda one: id(one) not in untouched):
        # All read before any is changed: markers may have the colour of their line.
        for part, before in [(part, getattr(artist, f"get_{part}")()) for part in parts(artist)]:
            if isinstance(before, str) and before in ("none", "face", "auto"):
                continue
            colours = to_rgba_array(before)
            if not len(colours) or not colours[:, 3].any():
                continue
            change = getattr(artist, f"set_{part}")
            kept.append((change, before))
            after = turned(colours)
            change(after if isinstance(artist, Collection) else tuple(after[0]))
    for axes in figure.findobj(Axes):
        kept.append((axes.set_facecolor, axes.get_facecolor()))
        axes.set_facecolor("none")
    try:
        yield
    finally:
        for change, before in reversed(kept):
            change(before)


def described(figure: Figure) -> str:
    """Return as JSON the drawing by night and as SVG, the width and the smallest text."""
    figure.canvas.draw()
    box = figure.get_tightbbox()
    texts = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]
    file, vector = io.BytesIO(), io.StringIO()
    with by_night(figure):
        figure.savefig(file, format="png", bbox_inches="tight", facecolor="none")
    with rc_context({"svg.hashsalt": "qxai"}):  # the same names in every run
        figure.savefig(vector, format="svg", bbox_inches="tight", metadata={"Date": None})
    return json.dumps(
        {
            "night": base64.b64encode(file.getvalue()).decode(),
            "vector": vector.getvalue(),
            "inches": round(float(box.width) + 0.2, 3),  # with the margin of a tight box
            "points": min([one.get_fontsize() for one in texts], default=99),
        }
    )


class FigureFormatter(BaseFormatter):
    """How a kernel describes a figure besides its picture."""

    format_type = Unicode(MIME)
    print_method = ObjectName("_repr_qxai_figure_")
    _return_type = str

    def __call__(self, shown: Any) -> str | None:
        """Describe a figure; whatever is registered by type, matplotlib throws out."""
        return described(shown) if isinstance(shown, Figure) else None


def install() -> None:
    """Let the kernel that runs this describe every figure that it shows."""
    display = get_ipython().display_formatter
    display.formatters[MIME] = FigureFormatter(parent=display)
