"""One launch copy: the cells of a page, and those that go around them."""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from launching import myst, pictures
from launching.citations import References, split
from launching.contents import ROMAN, Label, Page, read
from launching.words import CITATIONS, Meanings

FOLDED = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
UNSEEN = {"hide-output", "remove-output", "hide-cell", "remove-cell"}
CITED = re.compile(rf"\{{(?:{'|'.join(CITATIONS)})\}}`([^`]+)`")
INSTALL = """\
# Installs qxai where it is missing; does nothing where it is there.
from importlib.util import find_spec

if find_spec("qxai") is None:
    {remedy}
"""
BY_HAND = """raise ModuleNotFoundError(
        "qxai is not installed: run `pip install .` in a copy of its repository"
    )"""


@dataclass(frozen=True)
class Book:
    """All pages, what their labels mean, and how a copy gets the library."""

    title: str
    pages: Sequence[Page]
    labels: dict[str, Label]
    references: References
    install: str
    made: Mapping[str, Callable[[], str]]

    @classmethod
    def of(cls, root: Path, install: str, made: Mapping[str, Callable[[], str]]) -> "Book":
        """Read a book; pip is asked for ``install``, ``made`` is what directives stand for."""
        config, pages = read(root)
        labels = {name: label for page in pages for name, label in page.labels() if name}
        references = References.read(root / config["bibtex_bibfiles"][0])
        return cls(config["title"], pages, labels, references, install, made)

    def meanings(self, page: Page) -> Meanings:
        """Return what names mean on a page."""
        fills = {
            "bibliography": lambda: self.references.listed(self.references.entries.entries),
        }
        for name, text in self.made.items():
            fills[name] = functools.partial(self._plain, text, page)
        return Meanings(page, self.pages, self.labels, self.references, fills)

    def _plain(self, text: Callable[[], str], page: Page) -> str:
        return myst.plain(text(), self.meanings(page))


def copied(page: Page, book: Book, executed: nbformat.NotebookNode | None) -> str:
    """Return the text of a page's launch copy, with the outputs of an execution if there is one."""
    words = book.meanings(page)
    outputs = [cell.outputs for cell in executed.cells if "outputs" in cell] if executed else []
    cells: list[nbformat.NotebookNode] = []
    figures = codes = 0
    for cell in page.notebook.cells:
        if cell.cell_type == "markdown":
            text = myst.plain(cell.source, words)
            cells += opening(text, page, book) if not cells else [markdown(cell.id, text)]
            continue
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        cells.append(code(cell, outputs[codes] if outputs else []))
        codes += 1
        caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
        if caption:
            figures += 1
            text = f"**Figure {page.numbered(figures)}.** {myst.plain(caption, words)}"
            cells.append(markdown(identity(page, f"figure {figures}"), text))
    if page == book.pages[0]:
        cells.append(markdown(identity(page, "contents"), contents(book)))
    cells += closing(page, book)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=page.notebook.metadata)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def markdown(identifier: str, text: str) -> nbformat.NotebookNode:
    """Return a cell of Markdown."""
    metadata = {"editable": True}
    return nbformat.v4.new_markdown_cell(text, id=identifier, metadata=metadata)


def code(
    source: nbformat.NotebookNode, outputs: list[nbformat.NotebookNode]
) -> nbformat.NotebookNode:
    """Return a code cell, folded as its tags say."""
    tags = set(source.metadata.get("tags", []))
    hidden = {"source_hidden": True} if tags & FOLDED else {}
    metadata = {**source.metadata, "editable": True}
    if tags & UNSEEN:
        hidden["outputs_hidden"] = metadata["collapsed"] = True
    if hidden:
        metadata["jupyter"] = {**source.metadata.get("jupyter", {}), **hidden}
    return nbformat.v4.new_code_cell(
        source.source,
        id=source.id,
        metadata=metadata,
        execution_count=source.execution_count if outputs else None,
        outputs=[pictures.smaller(output, source.execution_count) for output in outputs],
    )


def identity(page: Page, what: str) -> str:
    """Return an identifier that is the same in every run."""
    return hashlib.sha256(f"{page.file} {what}".encode()).hexdigest()[:8]


def opening(text: str, page: Page, book: Book) -> list[nbformat.NotebookNode]:
    """Return a page's title with the way through the book, what installs, and its first text."""
    title, _, rest = text.partition("\n")
    head = f"{title}\n\n{standing(page, book)}\n\n{way(page, book)}"
    cells = [markdown(identity(page, "title"), head)]
    if any(cell.cell_type == "code" for cell in page.notebook.cells):
        cells.append(installing(page, book))
    first = page.notebook.cells[0].id
    return [*cells, markdown(first, rest.strip("\n"))] if rest.strip() else cells


def installing(page: Page, book: Book) -> nbformat.NotebookNode:
    """Return the folded cell that gets the library where it is missing."""
    sources = "".join(cell.source for cell in page.notebook.cells if cell.cell_type == "code")
    extra = " pandas" if "pandas" in sources else ""  # the library does without
    pip = f'%pip install --quiet "{book.install}"{extra}'
    source = INSTALL.format(remedy=pip if book.install else BY_HAND).rstrip("\n")
    metadata = {"editable": True, "jupyter": {"source_hidden": True}, "tags": ["install"]}
    return nbformat.v4.new_code_cell(source, id=identity(page, "install"), metadata=metadata)


def standing(page: Page, book: Book) -> str:
    """Say where in the book a page stands."""
    if not page.part:
        return f"{sum(bool(other.number) for other in book.pages)} chapters as notebooks."
    what = f"Chapter {page.number}" if page.number else "A page"
    number = roman(page, book)
    part = f"part {number}, *{named_part(page)}*" if number else f"*{page.part}*"
    return f"{what} of *{book.title}*, {part}."


def named_part(page: Page) -> str:
    """Return the name of a page's part without the number that its caption begins with."""
    return re.sub(rf"^(?:{'|'.join(ROMAN)}) ", "", page.part)


def roman(page: Page, book: Book) -> str:
    """Return the number of a chapter's part; appendices have none."""
    parts = list(dict.fromkeys(other.part for other in book.pages if other.part))
    return ROMAN[parts.index(page.part)] if page.number else ""


def way(page: Page, book: Book) -> str:
    """Return links to the page before, the index and the page behind."""
    at = list(book.pages).index(page)
    before, behind = book.pages[max(at - 1, 0)], book.pages[min(at + 1, len(book.pages) - 1)]
    index = book.pages[0]
    links = [f"[← {named(before)}]({before.file})"] if at > 1 else []
    links += [f"[index]({index.file})"] if at else []
    links += [f"[{named(behind)} →]({behind.file})"] if behind != page else []
    return " · ".join(links)


def named(page: Page) -> str:
    """Return a page's title behind its number."""
    return f"{page.number}. {page.title}" if page.number else page.title


def contents(book: Book) -> str:
    """List parts, chapters and their questions."""
    lines = ["## Contents in reading order"]
    part = ""
    for page in book.pages[1:]:
        if page.part != part:
            part = page.part
            number = roman(page, book)
            lines += ["", f"### Part {number}: {named_part(page)}" if number else f"### {part}", ""]
        link = f"[{page.title}]({page.file})"
        question = myst.inline(page.question, book.meanings(book.pages[0]))
        lines.append(f"{page.number}. {link}" if page.number else f"- {link}")
        lines[-1] += f": {question}" if question else ""
    return "\n".join(lines)


def closing(page: Page, book: Book) -> list[nbformat.NotebookNode]:
    """Return the references that a page cites, and once more the way on."""
    captions = [figure["caption"] for figure in page.figures()]
    found = CITED.findall("\n".join([*page.texts, *captions]))
    keys = [key for keys in found for key in split(keys)]
    listed = f"## References\n\n{book.references.listed(keys)}\n\n---\n\n" if keys else ""
    return [markdown(identity(page, "references"), listed + way(page, book))]
