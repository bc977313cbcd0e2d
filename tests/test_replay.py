"""Comparing the book's executions with the stored outputs, without executing again."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.project import ROOT

EXECUTE = """
import book
book.prepare(book.current_key())
assert book.run_all(sorted((book.ROOT / "book").glob("*.ipynb")))
book.UNFINISHED.unlink()
"""
# Asked of a book's own tools: whether an execution is there before and after a change.
ASK = """
import sys
import replay
path = replay.book.ROOT / "book/good.ipynb"
assert len(replay.executed_cells(path)) == 3
replay.present.cache_clear()
exec(sys.argv[1], {"ROOT": replay.book.ROOT})
try:
    replay.executed_cells(path)
except RuntimeError as error:
    print(error)
"""


def write_page(folder, name, last="a", printed="1\n2\n"):
    notebook = nbformat.v4.new_notebook()
    code = [f"a = open('runs-{name}', 'a').write('x')", "print(a)\nprint(2)", last]
    notebook.cells = [nbformat.v4.new_code_cell(cell, execution_count=1) for cell in code]
    notebook.cells[1].metadata["tags"] = ["nbval-check-output"]
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / f"book/{name}.ipynb")


def call(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder / "tools")}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=folder, env=environment
    )


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A book that was executed, and not built."""
    folder = tmp_path_factory.mktemp("executed")
    for name in ("book", "tools", "src", "data"):
        (folder / name).mkdir()
    for tool in ("book.py", "figures.py", "night.py", "opened.py", "provenance.py", "replay.py"):
        shutil.copy(ROOT / "tools" / tool, folder / "tools")
    for name in ("requirements.lock", "_toc.yml"):
        (folder / name).touch()
    for page in ("good", "stored", "recorded", "changed"):
        write_page(folder, page)
    result = call(folder, "-c", EXECUTE)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def report(executed, tmp_path_factory):
    """What nbval says of a copy in which all pages but one were spoilt."""
    folder = shutil.copytree(executed, tmp_path_factory.mktemp("copy") / "book")
    write_page(folder, "stored", printed="1\n3\n")
    write_page(folder, "changed", last="a + 1")
    (recording,) = (
        path
        for path in (folder / "_build/.jupyter_cache").rglob("*.ipynb")
        if "runs-recorded" in path.read_text()
    )
    text = recording.read_text()
    assert text.count('"2\\n"') == 1
    recording.write_text(text.replace('"2\\n"', '"4\\n"'))
    options = ["-p", "replay", "--nbval-lax", "-p", "no:cacheprovider", "--color=no", "-rA"]
    result = call(folder, "-m", "pytest", *options, "book")
    assert result.returncode == 1, result.stderr
    assert (folder / "book/runs-good").read_text() == "x"
    return result.stdout


@pytest.mark.parametrize(
    ("page", "cells"),
    [
        ("good", ["PASSED", "PASSED", "PASSED"]),
        ("stored", ["PASSED", "FAILED", "PASSED"]),
        ("recorded", ["PASSED", "FAILED", "PASSED"]),
        ("changed", ["ERROR", "ERROR", "ERROR"]),
    ],
)
def test_a_cell_passes_if_its_execution_printed_what_is_stored(report, page, cells):
    lines = re.findall(rf"^([A-Z]+) book/{page}.ipynb::Cell (\d)", report, re.MULTILINE)
    assert sorted(lines, key=lambda line: line[1]) == [(s, str(i)) for i, s in enumerate(cells)]


def test_the_report_tells_a_difference_from_a_missing_execution(report):
    details = report.partition("short test summary info")[0]  # which may repeat them, in full
    assert details.count("Cell outputs differ") == 2
    assert details.count("no current execution of changed.ipynb") == 3


@pytest.mark.parametrize(
    "change",
    [
        "(ROOT / 'src/changed.py').write_text('a = 1')",
        "(ROOT / '_build/unfinished').touch()",
        "(ROOT / '_build/key').unlink()",
    ],
    ids=["library changed", "interrupted", "never built"],
)
def test_an_execution_is_not_current_after(executed, tmp_path, change):
    folder = shutil.copytree(executed, tmp_path / "copy")
    result = call(folder, "-c", ASK, change)
    assert result.returncode == 0, result.stderr
    assert "no current execution of good.ipynb in _build/.jupyter_cache: run" in result.stdout
