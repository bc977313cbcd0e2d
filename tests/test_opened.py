"""Which notebooks run again: those that opened what changed."""

import json
import py_compile
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.project import ROOT, module

EXECUTE = """
import os
import book
os.environ.update(book.ENVIRONMENT)
book.prepare(book.current_key())
assert book.run_all(sorted((book.ROOT / "book").glob("*.ipynb")))
book.UNFINISHED.unlink()
"""
# What Matplotlib says of a legend that took more than a second.
SLOW_LEGEND = 'Creating legend with loc="best" can be slow with large amounts of data.'
PAGES = {
    "reads": "import os; os.chdir('../data'); open('numbers.csv').read()",
    "lists": "from pathlib import Path; len(list(Path('../data/entries').glob('*.csv')))",
    "asks": "import os; os.path.exists('../data/later.csv')",
    "studies": "import sys; sys.path.append('../study'); import reading",
    "starts": "import subprocess; subprocess.run(['true'])",
    "asks_the_machine": "import subprocess; subprocess.run(['uname'])",
    "warns": f"import warnings; warnings.warn({SLOW_LEGEND!r})",
    "names": "from importlib.util import find_spec; find_spec('tensorflow_quantum') and 1",
    "computes": "1 + 1",
}
FILES = {
    "data/numbers.csv": "1",
    "data/unread.csv": "1",
    "data/entries/mine.csv": "1",
    "data/SHA256SUMS": f"{'0' * 64}  numbers.csv\n{'0' * 64}  unread.csv\n",
    "study/reading.py": "import deeper",
    "study/deeper.py": "HERE = 1",
    "study/unread.py": "HERE = 1",
    "src/library.py": "HERE = 1",
    "requirements.lock": "",
    "_toc.yml": "",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A book that was executed; the modules of its study had been compiled before."""
    folder = tmp_path_factory.mktemp("executed")
    shutil.copytree(ROOT / "tools", folder / "tools")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    for module_ in ("reading", "deeper"):
        py_compile.compile(str(folder / f"study/{module_}.py"))
    (folder / "book").mkdir()
    for name, code in PAGES.items():
        notebook = nbformat.v4.new_notebook()
        cells = [f"open('runs-{name}', 'a').write('x')", code]
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"book/{name}.ipynb")
    execute(folder)
    assert ran(folder, times=1) == set(PAGES)
    return folder


def execute(folder):
    command = [sys.executable, "-c", EXECUTE]
    result = subprocess.run(command, cwd=folder / "tools", capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def ran(folder, times):
    counts = {name: len((folder / f"book/runs-{name}").read_text()) for name in PAGES}
    return {name for name, count in counts.items() if count == times}


def outdated(folder):
    """Name the notebooks whose executions do not count any more."""
    book = module(folder / "tools/book.py")
    if (folder / "_build/key").read_text() != book.current_key():
        return set(PAGES)
    now = book.state()
    return {name for name in PAGES if not book.cached(folder / f"book/{name}.ipynb", now)}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("data/numbers.csv", {"reads", "starts"}),
        ("data/unread.csv", {"starts"}),
        ("data/new.csv", {"starts"}),
        ("data/later.csv", {"asks", "starts"}),
        ("data/entries/new.csv", {"lists", "starts"}),
        ("study/deeper.py", {"studies", "starts"}),
        ("study/unread.py", {"starts"}),
        ("study/__pycache__/other.pyc", set()),
        ("src/library.py", set(PAGES)),
        ("requirements.lock", set(PAGES)),
    ],
)
def test_an_execution_counts_until_a_file_changes_that_it_opened(
    executed, tmp_path, changed, again
):
    folder = shutil.copytree(executed, tmp_path / "copy")
    assert outdated(folder) == set()
    with (folder / changed).open("a") as file:
        file.write("\n")
    assert outdated(folder) == again


def test_what_is_outdated_runs_again_and_nothing_else(executed, tmp_path):
    folder = shutil.copytree(executed, tmp_path / "copy")
    (folder / "data/numbers.csv").write_text("2")
    execute(folder)
    assert ran(folder, times=2) == {"reads", "starts"}
    assert outdated(folder) == set()


def test_a_recorded_checksum_belongs_to_the_file_that_it_names(executed, tmp_path):
    folder = shutil.copytree(executed, tmp_path / "copy")
    book = module(folder / "tools/book.py")
    sums, page = folder / "data/SHA256SUMS", folder / "book/reads.ipynb"
    assert book.cached(page, book.state())
    sums.write_text(f"{'0' * 64}  numbers.csv\n{'1' * 64}  unread.csv\n")
    assert book.cached(page, book.state())
    sums.write_text(f"{'1' * 64}  numbers.csv\n{'1' * 64}  unread.csv\n")
    assert not book.cached(page, book.state())


def test_a_notebook_that_names_tensorflow_depends_on_it_being_there(executed):
    book = module(executed / "tools/book.py")
    now = book.state()
    other = {**now, "tensorflow_quantum": "another version"}
    told = {name: bool(book.cached(executed / f"book/{name}.ipynb", other)) for name in PAGES}
    assert told == {name: name != "names" for name in PAGES}


def test_a_busy_machine_makes_no_page_warn(executed):
    book = module(executed / "tools/book.py")
    (*_, cell) = book.cached(executed / "book/warns.ipynb", book.state()).nb.cells
    assert SLOW_LEGEND in cell.source
    assert cell.outputs == []


def test_the_longest_start_first(executed):
    book = module(executed / "tools/book.py")
    record = json.loads((book.BUILD / "provenance.json").read_text())
    seconds = {chapter["file"]: chapter["seconds"] for chapter in record["chapters"]}
    pages = [executed / f"book/{name}.ipynb" for name in (*PAGES, "unknown")]
    order = [seconds.get(path.name, 0) for path in book.longest_first(pages)]
    assert order == sorted(order, reverse=True)
    assert len(order) == len(pages)


def test_the_chapters_that_are_guessed_to_take_long_are_there():
    book = module(ROOT / "tools/book.py")
    assert all((ROOT / f"book/{name}.ipynb").is_file() for name in book.SLOW)
