"""What counts as a page that notices, and what does not."""

import nbformat
import pytest

import qxai
from tests import mutation
from tests.mutation import Failure, first_failure
from tests.project import ROOT

TABLE = "import qxai\nqxai.Table({'x': [0.5]}, digits=2)"
SHOWN = qxai.Table({"x": [0.5]}, digits=2)
HTML = {"text/html": SHOWN._repr_html_(), "text/plain": repr(SHOWN)}


@pytest.fixture
def page(tmp_path):
    """Write a page of cells; a pair is a checked cell and what is stored of it."""

    def write(*cells):
        notebook = nbformat.v4.new_notebook()
        for number, cell in enumerate(cells, 1):
            source, stored = cell if isinstance(cell, tuple) else (cell, "")
            made = nbformat.v4.new_code_cell(source, execution_count=number)
            if isinstance(cell, tuple):
                made.metadata["tags"] = ["nbval-check-output"]
                made.outputs = [
                    nbformat.v4.new_output("display_data", stored)
                    if isinstance(stored, dict)
                    else nbformat.v4.new_output("stream", name="stdout", text=stored)
                ]
            notebook.cells.append(made)
        nbformat.write(notebook, tmp_path / "page.ipynb")
        return tmp_path / "page.ipynb"

    return write


@pytest.mark.parametrize(
    "cells",
    [
        ["a = 1", ("print(a)\nprint(2)", "1\n2\n"), "print('unchecked')\na"],
        ["import qxai", ("print(qxai.gradient.__name__)", "gradient\n")],
        ["import matplotlib.pyplot as plt\nplt.plot([1])", "assert not plt.get_fignums()"],
        [(TABLE, HTML)],
    ],
    ids=["compared", "library", "figure", "table"],
)
def test_a_page_that_does_what_is_stored_passes(page, cells):
    assert first_failure(page(*cells), ROOT / "src") is None


@pytest.mark.parametrize(
    ("cells", "number", "reason"),
    [
        (["1", "1 / 0", "1 / 0"], 1, "ZeroDivisionError"),
        (["assert 1 == 2"], 0, "AssertionError"),
        (["1", "1 +"], 1, "SyntaxError"),
        ([("print(1)", "1\n"), ("print(1)", "2\n")], 1, "'stdout': '1\\n'"),
        ([("1", "")], 0, "'text/plain': '1'"),
        ([(TABLE.replace("0.5", "0.6"), HTML)], 0, "0.60"),
        ([("import sys; print(1); print(2, file=sys.stderr)", "1\n")], 0, "stderr"),
        (["raise SystemExit(0)"], 0, "SystemExit"),
    ],
)
def test_the_cell_that_fails_is_named_with_a_reason(page, cells, number, reason):
    failure = first_failure(page(*cells), ROOT / "src")
    assert isinstance(failure, Failure)
    assert failure.cell == number
    assert reason in failure.reason


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("os.kill(os.getpid(), 9)", -9), ("os._exit(0)", 0), ("os._exit(1)", 1)],
)
def test_a_run_that_dies_is_not_a_failing_cell(page, code, exit_code):
    with pytest.raises(RuntimeError, match=rf"page\.ipynb ended with exit code {exit_code}$"):
        first_failure(page("import os", code), ROOT / "src")


def test_a_run_that_does_not_end_is_not_a_failing_cell(page, monkeypatch):
    monkeypatch.setattr(mutation, "LIMIT_SECONDS", 1)
    with pytest.raises(TimeoutError, match=r"page\.ipynb did not end within 1 s"):
        first_failure(page("while True: pass"), ROOT / "src")


def test_a_library_that_cannot_be_imported_is_not_a_failing_cell(page, tmp_path):
    (tmp_path / "src/qxai").mkdir(parents=True)
    (tmp_path / "src/qxai/__init__.py").write_text("1 / 0")
    with pytest.raises(RuntimeError, match="ended with exit code 1"):
        first_failure(page("1"), tmp_path / "src")


def test_the_library_is_that_of_the_folder(page, tmp_path):
    (tmp_path / "src/qxai").mkdir(parents=True)
    (tmp_path / "src/qxai/__init__.py").write_text("here = 5")
    assert first_failure(page("import qxai\nassert qxai.here == 5"), tmp_path / "src") is None


def test_a_hidden_package_is_not_found(page):
    hidden = page("import importlib.util as u\nassert u.find_spec('tensorflow_quantum')")
    failure = first_failure(hidden, ROOT / "src", hidden="tensorflow_quantum")
    assert failure == Failure(0, "AssertionError()")


def test_only_so_many_cells_are_run(page):
    assert first_failure(page("a = 1", "assert a == 2"), ROOT / "src", most=1) is None
    assert first_failure(page("a = 1", "assert a == 2"), ROOT / "src", most=2).cell == 1
