"""What becomes of launch copies: outputs, downloads, a branch."""

import base64
import io
import json
import subprocess
from contextlib import closing
from xml.etree import ElementTree

import cirq
import nbformat
import numpy as np
import pytest
from jupyter_cache.base import CacheBundleIn
from nbformat.sign import NotebookNotary
from PIL import Image

from qxai import plots
from tests.launched import BOOK, GRADIENTS, LAUNCH, nothing
from tests.project import ROOT

pictures = LAUNCH.notebooks.pictures


@pytest.fixture(scope="module")
def copies():
    return LAUNCH.copies(nothing, only=["gradients.ipynb"])


def test_outputs_are_stored_beside_the_code_that_made_them(monkeypatch):
    source = GRADIENTS.notebook
    executed = nbformat.from_dict(json.loads(json.dumps(source)))
    codes = [cell for cell in executed.cells if cell.cell_type == "code"]
    for i, cell in enumerate(codes):
        data = {"text/html": f"<b>{i}</b>", "application/x": "1"}
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=99)]
    copy = nbformat.reads(LAUNCH.notebooks.copied(GRADIENTS, BOOK, executed), as_version=4)
    kept = [cell for cell in copy.cells if cell.cell_type == "code"][1:]
    for i, cell in enumerate(kept):
        (output,) = cell.outputs
        assert output.data == {"text/html": f"<b>{i}</b>"}
        assert output.execution_count == cell.execution_count == i + 1


def test_the_executions_of_the_build_are_found_until_what_they_opened_changes(
    tmp_path, monkeypatch
):
    build = LAUNCH.build
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    assert LAUNCH.executed(GRADIENTS.path) is None
    assert not (tmp_path / "cache").exists()
    notebook = nbformat.read(GRADIENTS.path, as_version=4)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="found")]
    cost = {"execution_seconds": 1.0, "peak_bytes": 1.0, "opened": ["data/iris.csv"]}
    build.keep(CacheBundleIn(notebook, str(GRADIENTS.path), data=cost), {"data/iris.csv": "1"})
    monkeypatch.setattr(LAUNCH, "state", lambda: {"data/iris.csv": "1"})
    found = LAUNCH.executed(GRADIENTS.path)
    assert next(cell for cell in found.cells if cell.cell_type == "code").outputs == code.outputs
    monkeypatch.setattr(LAUNCH, "state", lambda: {"data/iris.csv": "2"})
    assert LAUNCH.executed(GRADIENTS.path) is None


def test_a_picture_is_smaller_and_can_be_read_on_any_page():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (300, 1800, 4), dtype=np.uint8)
    pixels[:, :900] = 0  # transparent black
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    before = base64.b64encode(buffer.getvalue()).decode()
    after = pictures.reduced(before)
    image = Image.open(io.BytesIO(base64.b64decode(after)))
    assert image.size == (900, 150)
    assert image.mode == "P"
    assert image.convert("RGB").getpixel((10, 10)) == (255, 255, 255)
    assert len(after) < len(before) / 4
    assert pictures.reduced(before) == after


def test_a_drawn_circuit_is_a_picture_beside_its_text():
    circuit = cirq.Circuit(cirq.CX(*cirq.LineQubit.range(2)))
    drawing = plots.circuit(circuit)
    shown = {"text/html": drawing._repr_html_(), "text/plain": repr(drawing)}
    kept = pictures.smaller(nbformat.v4.new_output("execute_result", shown), 3).data
    assert set(kept) == {"image/svg+xml", "text/plain"}
    picture = ElementTree.fromstring(kept["image/svg+xml"])
    assert picture.attrib["style"].startswith("background: white;")
    whole = ElementTree.fromstring(drawing.svg)
    assert [part.tag for part in picture.iter()] == [part.tag for part in whole.iter()]
    table = {"text/html": "<table><tr><td>1</td></tr></table>"}
    assert pictures.smaller(nbformat.v4.new_output("execute_result", table), 3).data == table


def test_a_missing_library_is_installed_or_the_reader_is_told_how(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    cell = LAUNCH.notebooks.installing(GRADIENTS, BOOK)
    with pytest.raises(ModuleNotFoundError, match=r"pip install \."):
        exec(cell.source)
    address = "qxai @ git+https://host.example/a/b@1234"
    pinned = LAUNCH.notebooks.Book.of(ROOT, address, LAUNCH.MADE)
    source = LAUNCH.notebooks.installing(GRADIENTS, pinned).source
    assert source.endswith(f'    %pip install --quiet "{address}"')
    monkeypatch.undo()
    exec(cell.source)  # the library is here: nothing happens


def test_what_was_made_here_is_trusted_here_until_it_changes(tmp_path, copies, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    text = copies["gradients.ipynb"]
    LAUNCH.trust({"gradients.ipynb": text})
    with closing(NotebookNotary()) as notary:
        assert notary.check_signature(nbformat.reads(text, as_version=4))
        other = text.replace("import numpy", "import os")
        assert other != text
        assert not notary.check_signature(nbformat.reads(other, as_version=4))


def test_the_download_button_gives_the_copy(tmp_path, copies, monkeypatch):
    monkeypatch.setattr(LAUNCH, "executed", nothing)
    source = (ROOT / "book/gradients.ipynb").read_bytes()
    (tmp_path / "gradients.ipynb").write_bytes(source)
    LAUNCH.replace_downloads(tmp_path)
    assert (tmp_path / "gradients.ipynb").read_text() == copies["gradients.ipynb"]
    assert [path.name for path in tmp_path.iterdir()] == ["gradients.ipynb"]


@pytest.fixture
def clone(tmp_path):
    """A repository with a book, source files and one commit."""
    for name in ("book/a.ipynb", "book/_ext/b.py", "src/c.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"source of {name}\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Somebody")
    git(tmp_path, "config", "user.email", "somebody@host.example")
    git(tmp_path, "add", "book", "src")
    git(tmp_path, "commit", "-q", "-m", "all")
    return tmp_path


def git(folder, *arguments):
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_branch_holds_the_copies_and_leaves_the_work_tree_alone(clone):
    (clone / "own").write_text("not tracked")
    before = git(clone, "status", "--porcelain")
    head = git(clone, "rev-parse", "HEAD")
    commit = LAUNCH.branch.make(clone, {"a.ipynb": "copy\n", "index.ipynb": "new\n"}, "launch")
    assert git(clone, "rev-parse", "launch") == commit
    assert git(clone, "rev-list", "--count", "launch") == "1"
    assert head in git(clone, "log", "-1", "--format=%B", "launch")
    tree = git(clone, "ls-tree", "-r", "--name-only", "launch").split("\n")
    assert tree == ["book/a.ipynb", "book/index.ipynb", "src/c.py"]
    assert git(clone, "show", "launch:book/a.ipynb") == "copy"
    assert git(clone, "status", "--porcelain") == before
    assert git(clone, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(clone, "rev-parse", "HEAD") == head
    assert (clone / "book/a.ipynb").read_text() == "source of book/a.ipynb\n"
    again = LAUNCH.branch.make(clone, {"a.ipynb": "copy\n", "index.ipynb": "new\n"}, "launch")
    assert again == commit


def test_a_branch_that_would_not_be_what_it_says_is_refused(clone):
    (clone / "book/a.ipynb").write_text("changed")
    with pytest.raises(RuntimeError, match=r"book/a\.ipynb\ncommit them first"):
        LAUNCH.branch.make(clone, {"a.ipynb": "1"}, "launch")
    git(clone, "commit", "-q", "-a", "-m", "changed")
    LAUNCH.branch.make(clone, {"a.ipynb": "1"}, "launch")
    git(clone, "switch", "-q", "launch")
    with pytest.raises(RuntimeError, match="switch that work tree to another branch"):
        LAUNCH.branch.make(clone, {"a.ipynb": "2"}, "launch")
    git(clone, "switch", "-q", "main")
    LAUNCH.branch.make(clone, {"a.ipynb": "2"}, "launch")
