"""The book in reading order: its pages, and the numbers of what has labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import yaml

from launching import myst

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
QUESTION = re.compile(r"^(:{3,})\{admonition\} The question\n((?:.*\n)*?)\1", re.MULTILINE)


@dataclass(frozen=True)
class Label:
    """What a label leads to: a file, the words or number there, and a heading if it is one."""

    kind: str
    file: str
    words: str
    anchor: str = ""


@dataclass(frozen=True)
class Page:
    """A page of the book; chapters that are notebooks have numbers."""

    path: Path
    part: str
    number: str

    @property
    def file(self) -> str:
        """Name of its copy."""
        return f"{self.path.stem}.ipynb"

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """The source; a page of Markdown is a notebook of one cell."""
        if self.path.suffix == ".ipynb":
            return nbformat.read(self.path, as_version=4)
        cell = nbformat.v4.new_markdown_cell(self.path.read_text(encoding="utf-8"), id="page")
        return nbformat.v4.new_notebook(cells=[cell])

    @cached_property
    def texts(self) -> list[str]:
        """The Markdown of its cells."""
        return [cell.source for cell in self.notebook.cells if cell.cell_type == "markdown"]

    @property
    def title(self) -> str:
        """Its first heading."""
        return next(
            line.removeprefix("# ") for line in self.texts[0].split("\n") if line.startswith("# ")
        )

    @property
    def question(self) -> str:
        """The question that it answers, "" if it asks none."""
        found = QUESTION.search("\n".join(self.texts))
        lines = myst.parsed("admonition", "", found[2].split("\n")).body if found else []
        return " ".join(" ".join(lines).split())

    def numbered(self, count: int) -> str:
        """Return the number of something that is counted within the page."""
        return f"{self.number}.{count}" if self.number else str(count)

    def labels(self) -> Iterator[tuple[str, Label]]:
        """Find equations, figures and headings that have a label."""
        prose = "\n\n".join(self.texts)
        seen = Equations([])
        myst.plain(prose, seen)
        for count, label in enumerate(filter(None, seen.labels), start=1):
            yield label, Label("equation", self.file, self.numbered(count))
        for count, figure in enumerate(self.figures(), start=1):
            yield figure.get("name", ""), Label("figure", self.file, self.numbered(count))
        for found in re.finditer(r"^\(([\w:.-]+)\)=\s*\n+#+ (.*)", prose, re.MULTILINE):
            words = myst.HEADING.sub(r"\1", f"# {found[2]}").removeprefix("# ")
            yield found[1], Label("heading", self.file, words, anchor(words))

    def figures(self) -> Iterator[dict[str, str]]:
        """Yield caption and name of each figure that has a caption."""
        for cell in self.notebook.cells:
            figure = cell.metadata.get("mystnb", {}).get("figure", {})
            if figure.get("caption"):
                yield figure


@dataclass(frozen=True)
class Equations:
    """Notes which equations are asked for a number, in order; knows no other word."""

    labels: list[str]

    def role(self, name: str, text: str) -> str:
        """Return a role's text."""
        return text

    def link(self, text: str, target: str) -> str:
        """Return a link's text."""
        return text

    def number(self, label: str) -> str:
        """Note a label."""
        self.labels.append(label)
        return ""

    def whole(self, directive: str) -> str | None:
        """Fill in nothing."""
        return None


def anchor(heading: str) -> str:
    """Return what viewers of notebooks call a heading in an address."""
    return re.sub(r"[*`$\\]", "", heading).strip().replace(" ", "-")


def read(root: Path) -> tuple[dict[str, str], list[Page]]:
    """Return the book's configuration and its pages in order, but those of the reference."""
    toc = yaml.safe_load((root / "_toc.yml").read_text())
    pages = [Page(located(root, toc["root"]), "", "")]
    chapter = 0
    for part in toc["parts"]:
        for entry in part["chapters"]:
            path = located(root, entry["file"])
            if path.parent.name == "api":  # Sphinx writes it from docstrings
                continue
            chapter += path.suffix == ".ipynb"
            number = str(chapter) if path.suffix == ".ipynb" else ""
            pages.append(Page(path, part["caption"], number))
    return yaml.safe_load((root / "_config.yml").read_text()), pages


def located(root: Path, name: str) -> Path:
    """Find a page of the table of contents."""
    notebook = root / f"{name}.ipynb"
    return notebook if notebook.is_file() else root / f"{name}.md"
