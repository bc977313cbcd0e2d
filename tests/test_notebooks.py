"""The notebooks and pages, before anything runs them."""

import re

import nbformat
import pytest
import yaml

import qxai
from tests.project import NOTEBOOKS, ROOT

API = {path.stem: path.read_text() for path in (ROOT / "book" / "api").glob("*.md")}
TAGS = {"nbval-check-output", "hide-input", "hide-cell", "remove-input", "remove-cell"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_can_be_checked_at_all(path):
    """nbval passes cells without counts, and unknown tags, in silence."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert notebook.metadata.kernelspec.name == "python3"
    checked = [c for c in code if "nbval-check-output" in c.metadata.get("tags", [])]
    assert checked
    for cell in checked:
        assert cell.outputs, cell.source
    for cell in code:
        assert set(cell.metadata.get("tags", [])) <= TAGS
        assert not re.search(r"^\s*(def|class) ", cell.source, re.MULTILINE)
        assert {output.output_type for output in cell.outputs} <= {"stream", "display_data"}
        for output in cell.outputs:
            assert set(output.get("data", {})) <= {"text/html", "text/plain"}
        if "subplots(" in cell.source:
            assert len(cell.metadata["mystnb"]["image"]["alt"].split()) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_percentage_in_prose_is_checked_by_a_cell(path):
    cells = nbformat.read(path, as_version=4).cells
    code = "".join(cell.source for cell in cells if cell.cell_type == "code")
    for cell in cells:
        if cell.cell_type == "markdown":
            for percentage in re.findall(r"[\d.]+ ?%", cell.source):
                assert f'"{percentage}"' in code, percentage


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    sources = [p for p in (ROOT / "book").rglob("[!.]*") if p.suffix in (".ipynb", ".md")]
    visible = [p.relative_to(ROOT).with_suffix("") for p in sources]
    pages = {str(p) for p in visible if not any(part[0] == "." for part in p.parts)}
    assert {toc["root"], *chapters} == pages


def test_every_reference_is_cited_and_every_citation_is_listed():
    entries = (ROOT / "book/references.bib").read_text()
    listed = re.findall(r"^@\w+\{(\w+),", entries, re.MULTILINE)
    prose = "".join(path.read_text() for path in (ROOT / "book").glob("[!.]*.[im]*"))
    cited = {
        key for keys in re.findall(r"\{cite:[pt]\}`([^`]+)`", prose) for key in keys.split(",")
    }
    assert sorted(listed) == sorted(cited)


def test_every_public_name_is_in_the_reference_beside_a_chapter_that_teaches_it():
    pages = {path: path.read_text() for path in (ROOT / "book" / "api").glob("*.md")}
    entries = re.findall(r"auto(?:class|function):: (qxai\.[\w.]+)", "\n".join(pages.values()))
    assert len(entries) == len(set(entries))
    assert {f"qxai.{name}" for name in qxai.__all__} <= set(entries)
    for path, text in pages.items():
        chapters = re.findall(r"\]\(\.\./([\w-]+\.ipynb)\)", text)
        assert chapters, f"{path.name} links no chapter"
        assert all((ROOT / "book" / chapter).is_file() for chapter in chapters)


def test_every_explanation_is_linked_with_the_chapter_that_teaches_it():
    """Both ways: the entry's row names a chapter, and that chapter's role leads to the entry."""
    named = re.findall(r"autofunction:: qxai\.(\w+)\n", API["attributions"])
    assert {"shapley", "qlrp", "sobol_indices"} <= set(named)
    taught = {}
    for row in API["attributions"].split("```")[0].splitlines():
        cells = row.split("|")
        for function in re.findall(r"\{py:func\}`qxai\.(\w+)`", cells[1] if cells[1:] else ""):
            taught[function] = re.findall(r"\.\./([\w-]+\.ipynb)", cells[2])
    assert set(taught) == set(named) - {"save", "load", "write_page"}
    for function, chapters in taught.items():
        assert chapters, function
        for chapter in chapters:
            role = f"{{py:func}}`qxai.{function}`"
            assert role in (ROOT / "book" / chapter).read_text(), (function, chapter)


def test_numbers_of_chapters_are_those_of_the_table_of_contents():
    """``[chapter 20](scaling.ipynb)``: a new chapter moves the numbers of those behind it."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    numbered = [part for part in toc["parts"] if "numbered" in part]
    pages = [chapter["file"] for part in numbered for chapter in part["chapters"]]
    numbers = {page.removeprefix("book/"): str(i) for i, page in enumerate(pages, start=1)}
    link = re.compile(r"\[(?:[Cc]hapters? )?(\d+)\]\((?:\.\./)?([\w-]+)\.ipynb")
    sources = [*(ROOT / "book").glob("[!.]*.[im]*"), *(ROOT / "book" / "api").glob("*.md")]
    found = [match for path in sources for match in link.findall(path.read_text())]
    assert len(found) > 50
    assert {page: number for number, page in found} == {page: numbers[page] for _, page in found}
