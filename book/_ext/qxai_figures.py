"""Figures that suit the theme and can be read on a phone, and a gallery of them.

The build leaves, for the picture by day of each figure, one by night and its measures: see
``tools/figures.py``. Without them, as in a plain Sphinx build, pictures stay as they are.
"""

import functools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.util.docutils import SphinxDirective

FOLDER = Path("_build") / "figures"
PICTURE = re.compile(r'<img [^>]*?src="([^"]*_images/)([0-9a-f]{64})\.png"[^>]*?>')
SMALLEST = 9.0  # pixels of the smallest text, however narrow the page
PER_INCH = 112  # pixels on a wide page: ten points are then as large as the text around
THUMBNAIL = 360  # pixels
SHORTEST = 60  # characters of what a card of the gallery says


@dataclass(frozen=True)
class Entry:
    """A figure of the gallery."""

    page: str
    anchor: str
    number: str
    digest: str
    alt: str
    caption: str


@functools.cache
def measures(folder: Path, digest: str) -> dict[str, float] | None:
    """Return a figure's width in inches and its smallest text in points, if they are known."""
    path = folder / f"{digest}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def style(inches: float, points: float) -> str:
    """Return how wide a figure is: as on paper, less on a phone, but legible."""
    least = SMALLEST * 72 / points * inches
    return f"width: {inches * PER_INCH:.0f}px; max-width: 100%; min-width: {least:.0f}px"


def both(app: Any, match: re.Match[str]) -> str:
    """Return the tags of a picture by day and by night."""
    folder, found = Path(app.srcdir) / FOLDER, match[0]
    known = measures(folder, match[2])
    if known is None:
        return found
    shape = style(known["inches"], known["points"])
    size = f'data-inches="{known["inches"]}" data-points="{known["points"]}"'
    night = Path(app.outdir) / "_images" / f"{match[2]}-night.png"
    night.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / f"{match[2]}.png", night)
    tags = []
    # Paper shows the picture by day, and does not wait for one that nobody has scrolled to.
    themes = (("", "only-light", "eager"), ("-night", "only-dark", "lazy"))
    for suffix, theme, loading in themes:
        tag = found.replace(f"{match[2]}.png", f"{match[2]}{suffix}.png")
        tag = tag.removesuffix(">").rstrip("/ ")
        tag = re.sub(r' (class|style|width|height)="[^"]*"', "", tag)
        tags.append(f'{tag} class="{theme}" style="{shape}" {size} loading="{loading}">')
    return f'<span class="qxai-figure">{"".join(tags)}</span>'


def show_both(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the picture by night beside each picture of a page."""
    if "body" in context and pagename != "book/gallery":
        context["body"] = PICTURE.sub(lambda match: both(app, match), context["body"])


class Gallery(SphinxDirective):
    """Stands where the gallery is to be."""

    def run(self) -> list[nodes.Node]:
        """Return an empty place; it is filled when all pages have been read."""
        return [nodes.container(classes=["qxai-gallery"])]


def entries(env: Any, page: str) -> Iterator[Entry]:
    """List the numbered figures of a page that the build drew."""
    numbers = env.toc_fignumbers.get(page, {}).get("figure", {})
    for figure in env.get_doctree(page).findall(nodes.figure):
        anchor = next((name for name in figure["ids"] if name in numbers), None)
        picture = next(iter(figure.findall(nodes.image)), None)
        caption = next(iter(figure.findall(nodes.caption)), None)
        digest = Path(picture["uri"]).stem if picture is not None else ""
        if anchor and caption is not None and re.fullmatch("[0-9a-f]{64}", digest):
            number = ".".join(map(str, numbers[anchor]))
            yield Entry(page, anchor, number, digest, picture["alt"], caption.astext())


def thumbnail(app: Any, source: Path, name: str) -> str:
    """Write a small copy of a picture, if it is not there, and return its address."""
    target = Path(app.outdir) / "_images" / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(source) as picture:
            picture = picture.convert("RGBA")
            picture.thumbnail((THUMBNAIL, THUMBNAIL))
            picture.quantize(64).save(target, optimize=True)
    return f"../_images/{name}"


def opening(caption: str) -> str:
    """Return as many sentences of a caption as say something."""
    sentences = re.split(r"(?<=\.) ", caption)
    kept = next(k for k in range(1, len(sentences) + 1) if enough(sentences, k))
    return " ".join(sentences[:kept])


def enough(sentences: list[str], count: int) -> bool:
    """Tell whether so many sentences are all, or long enough."""
    return count == len(sentences) or len(" ".join(sentences[:count])) >= SHORTEST


def card(app: Any, entry: Entry) -> str:
    """Return a figure as a link with a small picture, by day and by night."""
    day = Path(app.srcdir) / "_build" / "jupyter_execute" / f"{entry.digest}.png"
    night = Path(app.srcdir) / FOLDER / f"{entry.digest}.png"
    sources = [(day, "", "only-light"), (night, "-night", "only-dark")]
    if not night.is_file():
        sources = [(day, "", "")]
    alt = nodes.Text(entry.alt).astext().replace("&", "&amp;").replace('"', "&quot;")
    pictures = "".join(
        f'<img src="{thumbnail(app, source, f"{entry.digest}{suffix}-small.png")}" '
        f'class="{theme}" loading="lazy" alt="{alt}">'
        for source, suffix, theme in sources
    )
    link = app.builder.get_relative_uri("book/gallery", entry.page)
    first = opening(entry.caption).replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<div class="qxai-card"><a href="{link}#{entry.anchor}">{pictures}'
        f"<span><b>{entry.number}</b> {first}</span></a>{vector(app, entry)}</div>"
    )


def vector(app: Any, entry: Entry) -> str:
    """Put the figure as SVG beside the pages; return a link to it, or nothing if there is none."""
    source = Path(app.srcdir) / FOLDER / f"{entry.digest}.svg"
    if not source.is_file():
        return ""
    name = f"figure-{entry.number}.svg"
    target = Path(app.outdir) / "figures" / name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)
    return f'<a href="../figures/{name}" download aria-label="Figure {entry.number} as SVG">SVG</a>'


def fill(app: Any, doctree: nodes.document, docname: str) -> None:
    """Fill the gallery, chapter by chapter."""
    for place in doctree.findall(nodes.container):
        if "qxai-gallery" not in place["classes"]:
            continue
        root = app.config.root_doc
        for page in [root, *app.env.toctree_includes.get(root, [])]:
            found = list(entries(app.env, page))
            if not found:
                continue
            title = app.env.titles[page].astext()
            number = ".".join(map(str, app.env.toc_secnumbers.get(page, {}).get("", ())))
            cards = "".join(card(app, entry) for entry in found)
            link = app.builder.get_relative_uri("book/gallery", page)
            html = f'<h2><a href="{link}">{number + " " if number else ""}{title}</a></h2>'
            html += f'<div class="qxai-cards">{cards}</div>'
            place += nodes.raw("", html, format="html")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("gallery", Gallery)
    app.connect("html-page-context", show_both, priority=700)
    app.connect("doctree-resolved", fill)
    # Its pictures are those of all other pages.
    app.connect("env-updated", lambda app, env: ["book/gallery"])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
