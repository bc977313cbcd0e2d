"""What the files around the library promise."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

import qxai

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
TAGS = {"nbval-check-output", "hide-input", "hide-cell", "remove-input", "remove-cell"}


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def pinned(lock):
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^\s;]+)", lock, re.MULTILINE))


# The lock and what installs from it


def test_the_lock_names_public_versions_with_hashes_and_no_index():
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK[LOCK.index("\nabsl-py") + 1 :])
    for block in blocks:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not re.search(r"==[^\s;]*\+", LOCK), "a local version suffix"
    assert not re.search(r"index-url|find-links|https?://", LOCK)


def test_the_lock_holds_every_dependency_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["tfq"], *extras["book"], *extras["test"]]
    names = {re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() for requirement in wanted}
    assert names <= set(pinned(LOCK))


def test_without_tfq_only_tensorflow_and_what_it_needs_are_missing():
    light = module(ROOT / "tools" / "install.py").without_tfq(LOCK)
    left_out = set(pinned(LOCK)) - set(pinned(light))
    assert {"tensorflow", "tensorflow-quantum", "tf-keras", "keras", "cirq-google"} <= left_out
    assert {"cirq-core", "qsimcirq", "jupyter-book", "myst-nb", "nbval"} <= set(pinned(light))
    assert "tensorflow" not in re.sub("#.*", "", light)


def test_environment_files_install_from_the_lock():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert {"pip": ["--requirement requirements.lock"]} in conda["dependencies"]
    binder = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    for environment in (conda, binder):
        assert "python=3.11" in environment["dependencies"]
    post_build = ROOT / "binder" / "postBuild"
    assert os.access(post_build, os.X_OK)
    assert "tools/install.py --print-without-tfq" in post_build.read_text()


def test_citation_names_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["references"][0]["identifiers"][0]["value"] == "arXiv:2412.14753"


def test_every_make_command_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "data/README.md"):
        named = set(re.findall(r"make ([a-z-]+)", (ROOT / page).read_text()))
        assert named <= targets, page


# The notebooks, before nbval looks at them


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
        assert {output.output_type for output in cell.outputs} <= {"stream"}
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
    prose = "".join(path.read_text() for path in (ROOT / "book").glob("*.[im]*"))
    cited = {
        key for keys in re.findall(r"\{cite:[pt]\}`([^`]+)`", prose) for key in keys.split(",")
    }
    assert sorted(listed) == sorted(cited)


# A check that could not fail would be no check


def nbval(notebook, source):
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "QXAI_DATA": str(ROOT / "data"),
        "QXAI_PROGRESS": "0",
    }
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [*command, str(notebook)], capture_output=True, text=True, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize(
    ("page", "file", "right", "wrong"),
    [
        (
            "index",
            "attributions/shapley.py",
            "-(-polynomial.interaction_order // 2)",
            "(polynomial.interaction_order - 1) // 2",
        ),
        ("index", "attributions/shapley.py", "partials[i], b - a", "partials[i], a - b"),
        ("index", "representations/basis.py", "np.cos(angle + ", "np.cos(angle / 2 + "),
        ("explain-your-own", "quadrature.py", "band / 4 + 4.5 * np.cbrt(band)", "band / 9"),
        ("explain-your-own", "models/qasm.py", "slope * symbol", "2 * slope * symbol"),
        ("explain-your-own", "attributions/rules.py", "1 + self.gamma / 2", "1 + self.gamma"),
        ("explain-your-own", "backends/sampled.py", "counts @ outcomes", "counts @ -outcomes"),
        (
            "judging",
            "metrics/curves.py",
            "binom.pmf(np.arange(d + 1), d,",
            "binom.pmf(np.arange(d + 1), d + 1,",
        ),
        ("judging", "metrics/infidelity.py", "start, ~deleted)", "start, deleted)"),
        ("judging", "metrics/cost.py", "/ error**2)", "/ error)"),
        ("tasks", "datasets/tasks.py", "cos(phase) / k", "cos(phase) * k"),
    ],
)
def test_the_book_notices_a_broken_library(tmp_path, page, file, right, wrong):
    copy = shutil.copytree(ROOT / "src", tmp_path / "src")
    text = (copy / "qxai" / file).read_text()
    assert text.count(right) == 1
    (copy / "qxai" / file).write_text(text.replace(right, wrong))
    result = nbval(ROOT / "book" / f"{page}.ipynb", copy)
    assert result.returncode == 1, result.stdout
    assert " failed" in result.stdout


def test_the_book_passes_with_the_library_as_it_is():
    assert nbval(ROOT / "book" / "index.ipynb", ROOT / "src").returncode == 0


# Building, interrupting and failing


@pytest.fixture
def small_book(tmp_path):
    """A book of one notebook, built by this project's own script."""
    (tmp_path / "book").mkdir()
    (tmp_path / "tools").mkdir()
    for name in ("src", "data"):
        (tmp_path / name).mkdir()
    for tool in ("book.py", "provenance.py"):
        shutil.copy(ROOT / "tools" / tool, tmp_path / "tools")
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    settings = "title: t\nonly_build_toc_files: true\nexecute:\n  execute_notebooks: cache\n"
    (tmp_path / "_config.yml").write_text(settings)
    return tmp_path


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


def test_a_notebook_runs_again_only_when_something_changed(small_book):
    write_page(small_book, "open('runs', 'a').write('x')")
    runs = small_book / "book" / "runs"
    for expected in ("x", "x"):
        result = build(small_book)
        assert result.returncode == 0, result.stderr
        assert runs.read_text() == expected
    (small_book / "src" / "changed.py").write_text("a = 1")
    assert build(small_book).returncode == 0
    assert runs.read_text() == "xx"
    assert (small_book / "_build/html/index.html").is_file()


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


def test_an_interrupted_build_leaves_nothing_that_the_next_one_trusts(small_book):
    write_page(small_book, "open('runs', 'a').write('x')", "import time; time.sleep(1.5)")
    assert build(small_book).returncode == 0
    (small_book / "src" / "changed.py").write_text("a = 1")
    command = [sys.executable, str(small_book / "tools/book.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while (small_book / "book/runs").read_text() == "x":
            assert process.poll() is None, "the build ended before it could be interrupted"
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert (small_book / "_build/unfinished").exists()
    assert not (small_book / "_build/html").exists()
    assert build(small_book).returncode == 0
    assert (small_book / "book/runs").read_text() == "xxx"
    assert not (small_book / "_build/unfinished").exists()


# The launch button


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://user:secret@github.com/a/b", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("ssh://git@host.example:22/a/b", "https://host.example/a/b"),
        ("/some/folder", None),
        ("file:///some/folder", None),
        ("", None),
    ],
)
def test_the_remote_becomes_an_address_without_credentials(remote, address):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    assert launch.https_address(remote) == address


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/a/b", "gh/a/b"),
        ("https://gitlab.com/a/b/c", "gl/a%2Fb%2Fc"),
        ("https://host.example/a/b", "git/https%3A%2F%2Fhost.example%2Fa%2Fb"),
    ],
)
def test_the_link_opens_the_chapter_in_jupyterlab(address, repository):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    link = launch.binder_link(address, "book/why-explain.ipynb")
    assert link == (
        f"https://mybinder.org/v2/{repository}/HEAD?urlpath=lab%2Ftree%2Fbook%2Fwhy-explain.ipynb"
    )


def test_a_remote_is_read_at_build_time(tmp_path):
    launch = module(ROOT / "book/_ext/qxai_launch.py")
    assert launch.remote_address(tmp_path) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert launch.remote_address(tmp_path) is None
    remote = ["remote", "add", "origin", "git@github.com:fork/qxai.git"]
    subprocess.run(["git", "-C", str(tmp_path), *remote], check=True)
    assert launch.remote_address(tmp_path) == "https://github.com/fork/qxai"


def test_the_stored_settings_are_those_of_the_training():
    stored = json.loads((ROOT / "data" / "breast_cancer_pqc.json").read_text())
    assert stored["settings"] == module(ROOT / "tools/make_data.py").SETTINGS


def test_every_public_name_is_in_the_reference_beside_a_chapter_that_teaches_it():
    pages = {path: path.read_text() for path in (ROOT / "book" / "api").glob("*.md")}
    entries = re.findall(r"auto(?:class|function):: (qxai\.[\w.]+)", "\n".join(pages.values()))
    assert len(entries) == len(set(entries))
    assert {f"qxai.{name}" for name in qxai.__all__} <= set(entries)
    for path, text in pages.items():
        chapters = re.findall(r"\]\(\.\./([\w-]+\.ipynb)\)", text)
        assert chapters, f"{path.name} links no chapter"
        assert all((ROOT / "book" / chapter).is_file() for chapter in chapters)
    teaching = (ROOT / "book" / "explain-your-own.ipynb").read_text()
    assert "api/attributions.md" in teaching
