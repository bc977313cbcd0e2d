"""Launch copies: the notebooks in Markdown that every viewer shows."""

import json
import re
import sys

import nbformat
import pytest
import yaml
from sphinx.application import Sphinx

from tests.launched import BOOK, GRADIENTS, LAUNCH, nothing
from tests.project import NOTEBOOKS, ROOT

myst = LAUNCH.notebooks.myst
anchor_of = sys.modules["launching.contents"].anchor


def number(label, pattern):
    """The number of an equation or figure of the gradients' chapter, counted in its file."""
    labels = re.findall(pattern, GRADIENTS.path.read_text())
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    pages = [c["file"] for part in toc["parts"] if "numbered" in part for c in part["chapters"]]
    return f"{pages.index('book/gradients') + 1}.{labels.index(label) + 1}"


EQUATION = number("eq-smooth", r":label: (eq-[\w-]+)")
FIGURE = number("fig-smooth", r'"name": "(fig-[\w-]+)"')


@pytest.fixture(scope="module")
def copies():
    return LAUNCH.copies(nothing)


@pytest.fixture(scope="module")
def parsed(copies):
    return {name: nbformat.reads(text, as_version=4) for name, text in copies.items()}


def translated(source):
    return myst.plain(source, BOOK.meanings(GRADIENTS))


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def without_code(text):
    """Another route than the translation's own: whole lines of fences, then pairs of backticks."""
    kept, inside = [], False
    for line in text.split("\n"):
        if line.lstrip("> ").startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(re.sub(r"(`+)[^`]+\1", "", line))
    return "\n".join(kept)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("so {cite:p}`geirhos2020`.", "so ([Geirhos et al., 2020](#References))."),
        (
            "{cite:p}`efron1993, mitarai2018`",
            "([Efron and Tibshirani, 1993](#References); [Mitarai et al., 2018](#References))",
        ),
        ("{cite:t}`geirhos2020` say", "[Geirhos et al. (2020)](#References) say"),
        ("see {eq}`eq-smooth`", f"see ({EQUATION})"),
        ("see {eq}`eq-owen`", "see [(1.3)](why-explain.ipynb)"),
        ("{numref}`fig-smooth` shows", f"Figure {FIGURE} shows"),
        ("{numref}`picture %s <fig-smooth>`", f"picture {FIGURE}"),
        ("{py:func}`qxai.shapley`", "`qxai.shapley`"),
        ("{py:meth}`~qxai.Plan.from_bits`", "`from_bits`"),
        ("{py:class}`a model <qxai.PQC>`", "`a model`"),
        ("a {term}`light cone`, {term}`cones <light cone>`", "a light cone, cones"),
        (
            "{ref}`three-ways`",
            "[Three ways through the book](index.ipynb#Three-ways-through-the-book)",
        ),
        ("{doc}`glossary`", "[Notation and glossary](glossary.ipynb)"),
        ("{doc}`this <qlrp>`", "[this](qlrp.ipynb)"),
        ("[words](glossary.md), [](qlrp.ipynb)", None),
        ("[the methods](api/attributions.md)", "the methods"),
        ("[arXiv](https://arxiv.org/abs/1)", "[arXiv](https://arxiv.org/abs/1)"),
        ("{math}`x^2` and {unknown}`word`", "$x^2$ and word"),
        ("`{cite:p}` and ``{eq}`x` `` stay", "`{cite:p}` and ``{eq}`x` `` stay"),
        (r"$\mathbb E[f](x)$ stays", r"$\mathbb E[f](x)$ stays"),
        ("[a *b*]{.small} c", "a *b* c"),
        ("## Title {#anchor}", "## Title"),
        ("(three-ways)=\n## Title", "## Title"),
    ],
)
def test_roles_links_and_labels_become_words(source, words):
    if words is None:
        words = "[words](glossary.ipynb), [Quantum layerwise relevance propagation](qlrp.ipynb)"
    assert translated(source) == words


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (":::{note}\nOne.\n:::", "> **Note**\n>\n> One."),
        (
            "before\n:::{admonition} The *question*\n:class: tip\nWhy?\n:::\nbehind",
            "before\n\n> **The *question***\n>\n> Why?\n\nbehind",
        ),
        (
            ":::{dropdown} Solution\n:open:\nSee {eq}`eq-smooth`.\n:::",
            f"<details>\n<summary>Solution</summary>\n\nSee ({EQUATION}).\n\n</details>",
        ),
        (
            "```{math}\n:label: eq-smooth\nx\n= y\n```",
            f"$$\nx\n= y\n\\tag{{{EQUATION}}}\n$$",
        ),
        ("$$x$$ (eq-smooth)", f"$$x \\tag{{{EQUATION}}}$$"),
        ("```{math}\na \\\\\nb\n```", "$$\n\\begin{aligned}\na \\\\\nb\n\\end{aligned}\n$$"),
        ("```{code-block} python\n{eq}`x`\n```", "```python\n{eq}`x`\n```"),
        ("```python\n:::{note}\n{eq}`x`\n```", "```python\n:::{note}\n{eq}`x`\n```"),
        (
            "::::{grid} 1 3\n:gutter: 2\n:::{grid-item-card} Read\nThis.\n:::\n::::",
            "**Read**\n\nThis.",
        ),
        (
            ":::::{tab-set}\n::::{tab-item} A\nx\n::::\n::::{tab-item} B\ny\n::::\n:::::",
            "**A**\n\nx\n\n**B**\n\ny",
        ),
        (
            ":::{figure} a.png\n:alt: what is seen\nWords.\n:::",
            "![what is seen](a.png)\n\n*Words.*",
        ),
        (":::{glossary}\nshot\n  One run.\n:::", "**shot**: One run."),
        ("- item\n\n  :::{tip}\n  in it\n  :::", "- item\n\n  > **Tip**\n  >\n  > in it"),
        (":::{nobody-knows} it\ntext\n:::", "it\ntext"),
    ],
)
def test_directives_become_plain_markdown(source, markdown):
    assert translated(source) == markdown


def test_an_exercise_with_hint_solution_and_formula_is_one_quotation():
    source = (
        "::::{admonition} Exercise 5.1 · easy\n:class: exercise\n\nThe task.\n\n"
        ":::{dropdown} Hint\nThink.\n:::\n\n"
        ":::{dropdown} Solution\n```{math}\nx =\n1\n```\n:::\n::::\n\nBehind."
    )
    lines = translated(source).split("\n")
    box, behind = lines[:-2], lines[-2:]
    assert behind == ["", "Behind."]
    assert all(line.startswith(">") for line in box)
    assert box[0] == "> **Exercise 5.1 · easy**"
    assert box.count("> <details>") == box.count("> </details>") == 2
    assert "> $$ x = 1 $$" in box  # on lines of their own it would hold the marks of the quotation


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_nothing_of_myst_is_left(path, parsed):
    source, text = prose(nbformat.read(path, as_version=4)), prose(parsed[path.name])
    assert re.search(r"\{[\w:]+\}`|:::|^```\{", source, re.MULTILINE)
    assert not re.findall(r"\{[\w:.-]+\}`|:::|^ *`{3}\{|^\([\w-]+\)=", without_code(text))
    assert "{math}" not in text
    assert not re.findall(r"\]\((?!https://|#)(?![\w-]+\.ipynb(?:#[^)]*)?\))", without_code(text))


def test_pages_of_markdown_are_copied_as_notebooks(parsed):
    for name in ("glossary", "bibliography", "provenance", "the-paper", "changes", "citing"):
        text = without_code(prose(parsed[f"{name}.ipynb"]))
        assert not re.findall(r"\{[\w:.-]+\}`|:::|\.md\)", text)
    entries = (ROOT / "book/references.bib").read_text().count("\n@") + 1
    assert prose(parsed["bibliography.ipynb"]).count("\n- ") == entries


def test_every_link_between_copies_leads_to_a_copy_and_every_anchor_to_a_heading(parsed):
    headings = {
        name: {anchor_of(h) for h in re.findall(r"^#+ (.*)$", prose(notebook), re.MULTILINE)}
        for name, notebook in parsed.items()
    }
    count = 0
    for name, notebook in parsed.items():
        for file, anchor in re.findall(r"\]\(([\w-]+\.ipynb)?(?:#([^)]*))?\)", prose(notebook)):
            count += 1
            assert not anchor or anchor in headings[file or name], (name, file, anchor)
            assert not file or file in parsed, (name, file)
    assert count > 500


def test_citations_read_as_sphinx_writes_them(tmp_path):
    """All entries, through the extension that makes the pages."""
    keys = sorted(BOOK.references.entries.entries)
    (tmp_path / "r.bib").write_text((ROOT / "book/references.bib").read_text())
    lines = [f"{key} | {{cite:p}}`{key}` | {{cite:t}}`{key}`\n" for key in keys]
    page = "# Page\n\n" + "\n".join(lines) + "\n```{bibliography}\n:style: plain\n```\n"
    (tmp_path / "index.md").write_text(page)
    settings = {
        "extensions": ["myst_parser", "sphinxcontrib.bibtex"],
        "bibtex_bibfiles": ["r.bib"],
        "bibtex_reference_style": "author_year",
    }
    out = tmp_path / "out"
    app = Sphinx(tmp_path, None, out, out, "text", settings, status=None, warning=None)
    app.build()
    plain = " ".join((out / "index.txt").read_text().replace("*", "").split())
    for key in keys:
        names, year = BOOK.references.names(key), BOOK.references.year(key)
        assert f"{key} | [{names}, {year}] | {names} [{year}]" in plain


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_citation_of_a_source_is_in_words_and_listed(path, parsed):
    cells = json.loads(path.read_text())["cells"]
    captions = [
        cell["metadata"].get("mystnb", {}).get("figure", {}).get("caption", "") for cell in cells
    ]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    found = re.findall(r"\{cite:([pt])\}`([^`]+)`", "\n".join(texts + captions))
    keys = [(style, key.strip()) for style, group in found for key in group.split(",")]
    text = prose(parsed[path.name])
    before, _, listed = text.partition("## References\n")
    expected = []
    for style, key in keys:
        names, year = BOOK.references.names(key), BOOK.references.year(key)
        expected.append(f"[{names}, {year}]" if style == "p" else f"[{names} ({year})]")
    assert sorted(re.findall(r"(\[[^\[\]]+\])\(#References\)", before)) == sorted(expected)
    assert listed.count("\n- ") == len({key for _, key in keys})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_figures_and_equations_are_numbered_in_order_within_their_chapter(path, parsed):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    chapters = [file for file in files if (ROOT / f"{file}.ipynb").is_file()]
    place = f"book/{path.stem}"
    chapter = f"{chapters.index(place) + 1}." if place in chapters else ""
    raw, copy = path.read_text(), parsed[path.name]
    figures = [f"{chapter}{i + 1}" for i in range(raw.count('"caption": "'))]
    equations = [f"{chapter}{i + 1}" for i in range(len(re.findall(r'^ *":label: ', raw, re.M)))]
    assert re.findall(r"^\*\*Figure ([\d.]+)\.\*\*", prose(copy), re.MULTILINE) == figures
    assert re.findall(r"\\tag\{([\d.]+)\}", prose(copy)) == equations
    if chapter:
        assert f"Chapter {chapter[:-1]} of *" in copy.cells[0].source


def test_a_caption_stands_behind_the_cell_that_draws_its_figure(parsed):
    for notebook in parsed.values():
        for cell, behind in zip(notebook.cells, notebook.cells[1:]):
            drawn = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
            assert bool(drawn) == behind.source.startswith("**Figure ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_code_stays_as_it_is_and_is_folded_as_its_tags_say(path, parsed):
    source, copy = nbformat.read(path, as_version=4), parsed[path.name]
    nbformat.validate(copy)
    assert len({cell.id for cell in copy.cells}) == len(copy.cells)
    codes = [cell for cell in copy.cells if cell.cell_type == "code"]
    installs, kept = codes[0], codes[1:]
    assert installs.metadata.tags == ["install"]
    assert copy.cells.index(installs) == 1
    originals = [cell for cell in source.cells if cell.cell_type == "code"]
    assert [cell.source for cell in kept] == [cell.source for cell in originals]
    for cell, original in zip(kept, originals):
        tags = set(original.metadata.get("tags", []))
        assert cell.metadata.get("tags", []) == original.metadata.get("tags", [])
        hidden = cell.metadata.get("jupyter", {})
        folded = tags & {"hide-input", "remove-input", "hide-cell", "remove-cell"}
        assert hidden.get("source_hidden", False) == bool(folded)
        unseen = bool(tags & {"hide-cell", "remove-cell"})
        assert hidden.get("outputs_hidden", False) == unseen
        assert cell.metadata.get("collapsed", False) == unseen
        assert cell.outputs == []
        assert "trusted" not in cell.metadata


def test_the_same_sources_give_the_same_bytes(copies):
    assert LAUNCH.copies(nothing) == copies


def test_the_way_through_the_book_is_a_line_without_gaps(parsed):
    name, seen = "index.ipynb", []
    while name:
        seen.append(name)
        head, tail = parsed[name].cells[0].source, parsed[name].cells[-1].source
        onward = re.findall(r"\[[^\]]* →\]\(([\w-]+\.ipynb)\)", head)
        assert onward == re.findall(r"\[[^\]]* →\]\(([\w-]+\.ipynb)\)", tail)
        name = onward[0] if onward else None
    assert sorted(seen) == sorted(parsed)
    listed = prose(parsed["index.ipynb"]).partition("## Contents in reading order")[2]
    links = re.findall(r"^(?:\d+\.|-) \[[^\]]*\]\(([\w-]+\.ipynb)\)", listed, re.MULTILINE)
    assert links == seen[1:]
    assert "How would the output change if the input did" in listed


@pytest.mark.parametrize(
    ("source", "message", "remedy"),
    [
        ("{cite:p}`nobody1900`", "references.bib, found 'nobody1900'", "{cite:p}`geirhos2020`"),
        ("{eq}`eq-nowhere`", "found 'eq-nowhere' in gradients.ipynb", "{eq}`eq-smooth`"),
    ],
)
def test_a_name_that_means_nothing_is_refused(source, message, remedy):
    with pytest.raises(ValueError, match=message):
        translated(source)
    assert translated(remedy)


def test_the_number_of_a_part_is_said_once(parsed):
    assert "part II, *Explaining quantum models*." in prose(parsed["gradients.ipynb"])
    assert "### Part IV: Opportunities and limitations" in prose(parsed["index.ipynb"])
    assert not re.search(r"[Pp]art ([IV]+)[:,] \*?\1 ", "".join(map(prose, parsed.values())))
