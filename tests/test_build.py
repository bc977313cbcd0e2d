"""Building the book, interrupting it, and letting it fail."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.project import ROOT, module


def new_book(folder):
    for name in ("book", "tools", "src", "data"):
        (folder / name).mkdir()
    for tool in ("book.py", "figures.py", "night.py", "opened.py", "pages.py", "provenance.py"):
        shutil.copy(ROOT / "tools" / tool, folder / "tools")
    (folder / "requirements.lock").write_text("")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    settings = "title: t\nonly_build_toc_files: true\nexecute:\n  execute_notebooks: cache\n"
    (folder / "_config.yml").write_text(settings)
    return folder


@pytest.fixture
def small_book(tmp_path):
    """A book of one notebook, built by this project's own script."""
    return new_book(tmp_path)


@pytest.fixture(scope="module")
def built_book(tmp_path_factory):
    """Such a book that has been built; tests build it further, each from where it stands."""
    folder = new_book(tmp_path_factory.mktemp("built"))
    (folder / "data" / "numbers.csv").write_text("1")
    (folder / "data" / "SHA256SUMS").write_text(f"{'0' * 64}  numbers.csv\n")
    read = "print('found', int(open('../data/numbers.csv').read()) + 41)"
    count = "open('runs', 'a').write('x')"
    write_page(folder, count, "import time; time.sleep(1.1)", read, "# default_rng(5)")
    result = build(folder)
    assert result.returncode == 0, result.stderr
    return folder


def runs(folder):
    return len((folder / "book/runs").read_text())


def change_the_library(folder):
    with (folder / "src" / "changed.py").open("a") as file:
        file.write("a = 1\n")


def write_page(folder, *cells):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# Page")]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, folder / "book/page.ipynb")


def build(folder):
    command = [sys.executable, str(folder / "tools/book.py")]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_notebook_runs_again_only_when_something_changed(built_book):
    before = runs(built_book)
    assert before >= 1
    assert build(built_book).returncode == 0
    assert runs(built_book) == before
    change_the_library(built_book)
    assert build(built_book).returncode == 0
    assert runs(built_book) == before + 1
    assert (built_book / "_build/html/index.html").is_file()


def test_a_page_shows_what_its_data_hold_now(built_book):
    before, page = runs(built_book), built_book / "_build/html/book/page.html"
    assert "found 42" in page.read_text()
    key = (built_book / "_build/key").read_text()
    (built_book / "data/numbers.csv").write_text("2")
    assert build(built_book).returncode == 0
    assert runs(built_book) == before + 1
    assert "found 43" in page.read_text()
    assert (built_book / "_build/key").read_text() == key


def test_the_build_records_what_every_chapter_took_drew_and_read(built_book):
    record = json.loads((built_book / "_build" / "provenance.json").read_text())
    (chapter,) = record["chapters"]
    assert chapter["title"] == "Page"
    assert 1.0 < chapter["seconds"] < 60
    assert chapter["peak_bytes"] > 1e7
    assert chapter["seeds"] == [5]
    assert chapter["data"] == ["numbers.csv"]
    assert record["data"] == {"numbers.csv": "0" * 64}
    assert record["versions"]["numpy"] == np.__version__
    lines = module(ROOT / "book/_ext/qxai_provenance.py").page(record)
    assert f"| `numbers.csv` | `{'0' * 64}` |" in lines
    assert any(line.startswith("| [Page](page.ipynb) | 1 |") for line in lines)


def test_a_plain_jupyter_book_build_before_it_does_no_harm(small_book):
    write_page(small_book, "1")
    plain = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(small_book)]
    assert subprocess.run(plain, capture_output=True).returncode == 0
    (small_book / "_build/key").write_text(module(small_book / "tools/book.py").current_key())
    result = build(small_book)
    assert result.returncode == 0, result.stderr


def test_a_failing_notebook_fails_the_build_every_time(small_book):
    write_page(small_book, "1 / 0")
    for _ in range(2):
        result = build(small_book)
        assert result.returncode == 1
        assert "ZeroDivisionError" in result.stderr


def test_a_warning_fails_the_build_every_time(small_book):
    write_page(small_book, "1")
    page = small_book / "book/page.ipynb"
    page.write_text(page.read_text().replace("# Page", "# Page\\n\\n[nowhere](missing.md)"))
    for _ in range(2):
        assert build(small_book).returncode == 1


def test_a_warning_fails_a_build_that_reads_pages_on_several_cores(small_book):
    write_page(small_book, "1")
    pages = [f"page{number}" for number in range(8)]
    for page in pages:
        (small_book / f"book/{page}.md").write_text(f"# {page}\n\n[there](page0.md)\n")
    toc = "format: jb-book\nroot: book/page\nchapters:\n"
    (small_book / "_toc.yml").write_text(toc + "".join(f"- file: book/{p}\n" for p in pages))
    assert build(small_book).returncode == 0
    (small_book / "book/page5.md").write_text("# page5\n\n[nowhere](missing.md)\n")
    for _ in range(2):
        result = build(small_book)
        assert result.returncode == 1
        assert "page5.md" in result.stderr


def test_an_interrupted_build_leaves_nothing_that_the_next_one_trusts(built_book):
    before = runs(built_book)
    assert (built_book / "_build/html").exists()
    change_the_library(built_book)
    command = [sys.executable, str(built_book / "tools/book.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while runs(built_book) == before:
            assert process.poll() is None, "the build ended before it could be interrupted"
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert (built_book / "_build/unfinished").exists()
    assert not (built_book / "_build/html").exists()
    assert build(built_book).returncode == 0
    assert runs(built_book) == before + 2
    assert not (built_book / "_build/unfinished").exists()


def test_what_finished_counts_beside_a_notebook_that_failed(small_book):
    write_page(small_book, "open('runs', 'a').write('x')")
    shutil.copy(small_book / "book/page.ipynb", small_book / "book/other.ipynb")
    write_page(small_book, "1 / 0")
    toc = "format: jb-book\nroot: book/page\nchapters:\n- file: book/other\n"
    (small_book / "_toc.yml").write_text(toc)
    result = build(small_book)
    assert result.returncode == 1
    assert "error: page.ipynb failed" in result.stderr
    assert re.search(r"^other\.ipynb +\d", result.stdout, re.MULTILINE)
    write_page(small_book, "1 / 1")
    assert build(small_book).returncode == 0
    assert runs(small_book) == 1
