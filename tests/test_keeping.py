"""To cite, to teach and to keep: references to tables, notebooks for a class, the PDF, releases."""

import ast
import builtins
import hashlib
import json
import re
import subprocess
import zipfile
from datetime import UTC, datetime

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from pybtex.database import parse_string

from tests.launched import LAUNCH, nothing
from tests.project import ROOT, module

citing = module(ROOT / "book/_ext/qxai_citing.py")
classroom = module(ROOT / "tools/classroom.py")
pdf = module(ROOT / "tools/pdf.py")
release = module(ROOT / "tools/release.py")


@pytest.fixture(scope="module")
def copies():
    return LAUNCH.copies(nothing)


# To cite


def test_every_table_with_a_checksum_can_be_cited():
    sums = dict(
        reversed(line.split()) for line in (ROOT / "data/SHA256SUMS").read_text().splitlines()
    )
    tables = [name for name in sums if name.endswith(".csv") and not name.startswith("entries/")]
    text = "\n".join(citing.page(ROOT))
    assert [name for name in tables if f"### `{name}`" not in text] == []
    entries = re.findall(r"```bibtex\n(.*?)```", text, re.DOTALL)
    assert len(entries) == len(tables)
    for entry in entries:
        (found,) = parse_string(entry, "bibtex").entries.values()
        name, digest = re.search(r"data/(\S+), SHA-256 (\w+)", found.fields["note"]).groups()
        assert hashlib.sha256((ROOT / "data" / name).read_bytes()).hexdigest() == digest
        assert found.fields["year"].isdigit()


def test_licences_say_the_same_everywhere():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert known["license"] == ["MIT", "CC-BY-4.0"]
    for page in ("book/LICENSE", "book/citing.md", "README.md"):
        assert "CC BY 4.0" in (ROOT / page).read_text()
    assert "Attribution 4.0" in pdf.cover(ROOT)


# To teach


def names(cells):
    """What cells define, and what they use and did not define."""
    defined, used = set(), set()
    for cell in cells:
        if cell.cell_type != "code" or cell.source.startswith("# Installs"):
            continue
        for node in ast.walk(ast.parse(re.sub(r"^%.*", "", cell.source, flags=re.MULTILINE))):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
            elif isinstance(node, ast.alias):
                defined.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.arg):
                defined.add(node.arg)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                defined.add(node.name)
    return defined, used


def test_students_get_no_solution_and_nothing_that_needs_one(copies):
    for text in copies.values():
        before, after = (nbformat.reads(t, 4) for t in (text, classroom.for_students(text)))
        prose = "".join(c.source for c in after.cells if c.cell_type == "markdown")
        assert "<summary>Solution</summary>" not in prose
        solved = classroom.answered(before.cells)
        code = {cell.source for _, *cells in solved for cell in cells}
        assert not code & {cell.source for cell in after.cells}
        assert prose.count("> **Exercise ") == len(solved)
        assert prose.count("<summary>Hint</summary>") == len(solved)
        defined, used = names(after.cells)
        assert used <= defined | set(dir(builtins)) | {"get_ipython"}


def test_teachers_get_every_solution(copies):
    count = 0
    for text in copies.values():
        result = classroom.for_teachers(text)
        found = classroom.answered(nbformat.reads(text, 4).cells)
        assert bool(result) == bool(found)
        if result:
            cells = nbformat.reads(result, 4).cells
            assert cells[0].source.startswith("# ")
            solutions = "".join(c.source for c in cells).count("<summary>Solution</summary>")
            assert solutions == len(found)
            count += solutions
    assert count > 60


def test_a_class_is_made_anew(tmp_path):
    (tmp_path / "students").mkdir()
    (tmp_path / "students" / "old.ipynb").touch()
    box = "> **Exercise 1.1 · easy**\n>\n> Do.\n>\n> <details>\n> <summary>Solution</summary>\n"
    box += ">\n> Done.\n>\n> </details>"
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_markdown_cell(box)]
    text = json.dumps(nbformat.v4.new_notebook(cells=cells, nbformat_minor=5))
    classroom.make(tmp_path, {"one.ipynb": text, "plain.md": ""})
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.ipynb")) == [
        "students/one.ipynb",
        "teachers/one.ipynb",
    ]
    assert "Done." not in (tmp_path / "students/one.ipynb").read_text()
    assert "# Your answer to exercise 1.1" in (tmp_path / "students/one.ipynb").read_text()


# To print


PAGE = """<html><body><article class="bd-article"><section id="here"><h1>A<a class="headerlink"
href="#here">#</a></h1><a href="#here">1</a><a href="other.html#there">2</a>
<a href="gone.html">3</a><a href="https://example.org/x.html">4</a><a href="../index.html">5</a>
<img src="../_images/x.png">
<script>alert(1)</script><details><summary>Hint</summary>h</details>
<details class="above-input">code</details></section></article></body></html>"""


def test_links_of_a_page_lead_to_places_of_the_whole():
    found = pdf.article(PAGE, "book/page", {"book/page", "book/other", "index"})
    assert found["id"] == "book-page"
    assert found.section["id"] == "book-page--here"
    assert [a.get("href") for a in found.find_all("a")] == [
        "#book-page--here", "#book-other--there", None, "https://example.org/x.html", "#index",
    ]  # fmt: skip
    assert found.img["src"] == "_images/x.png"
    assert found.details.has_attr("open")
    assert not found.select("script, .headerlink, .above-input")


def test_what_is_no_page_is_refused():
    with pytest.raises(ValueError, match="book/page: expected a page of the book"):
        pdf.article("<html></html>", "book/page", set())


def test_the_whole_has_all_pages_in_order_and_no_name_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "HTML", tmp_path)
    parts = [("", ["index"]), ("I", ["book/b", "book/a"])]
    (tmp_path / "book").mkdir()
    for _, chapters in parts:
        for chapter in chapters:
            text = PAGE.replace(
                "<html>", "<html><head><link rel='stylesheet' href='../_static/x'></head>"
            )
            (tmp_path / f"{chapter}.html").write_text(text)
    whole = BeautifulSoup(pdf.whole(parts, "<h1>Front</h1>"), "html.parser")
    assert [a.get("id") for a in whole.find_all("article")] == [None, "index", "book-b", "book-a"]
    ids = [tag["id"] for tag in whole.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert whole.link["href"] == "_static/x"


def test_a_missing_browser_is_named_with_a_remedy_that_works(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("QXAI_CHROMIUM", raising=False)
    with pytest.raises(SystemExit, match="set QXAI_CHROMIUM"):
        pdf.chromium()
    monkeypatch.setenv("QXAI_CHROMIUM", "/elsewhere/chromium")
    assert pdf.chromium() == "/elsewhere/chromium"


# To keep


def test_archives_hold_everything_and_are_the_same_again(tmp_path):
    source = tmp_path / "pages"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "b.txt").write_text("b")
    (source / "a.txt").write_text("a")
    date, contents = datetime(2026, 1, 2, tzinfo=UTC), []
    for number in (1, 2):
        target = tmp_path / str(number) / "qxai-pages.zip"
        target.parent.mkdir()
        release.packed(source, target, date)
        contents.append(target.read_bytes())
    assert contents[0] == contents[1]
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["qxai-pages/a.txt", "qxai-pages/deep/b.txt"]
        assert archive.read("qxai-pages/deep/b.txt") == b"b"


def test_checksums_are_those_that_sha256sum_checks(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / release.SUMS).write_text(release.checksums(tmp_path))
    check = ["sha256sum", "--check", "--strict", release.SUMS]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "a.txt").write_text("b")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 1


def test_a_release_of_what_is_not_committed_is_refused(monkeypatch):
    monkeypatch.setattr(release, "git", lambda *arguments: " M README.md")
    with pytest.raises(SystemExit, match="not committed"):
        release.main()


def test_a_release_is_called_by_its_version():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert release.name() == f"qxai-{known['version']}"


# How claims came out


verdicts = module(ROOT / "tools/verdicts.py")


def test_the_table_of_verdicts_is_that_of_the_chapters():
    assert (ROOT / "data" / verdicts.NAME).read_text(encoding="utf-8") == verdicts.table()


def test_a_claim_without_exactly_one_verdict_is_refused():
    line = "Coins  below 0.5  0.25  0.10  0.40  8  came out"
    assert verdicts.row("Coins", f"avenue  expected\n{line}\n") == re.split("  ", line)[1:]
    for text in ("", f"{line}\n{line}"):
        with pytest.raises(ValueError, match="Coins: expected one verdict"):
            verdicts.row("Coins", text)
