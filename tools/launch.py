"""Make launch copies: the notebooks as every viewer shows them, in ``_build/launch/book``.

Run by ``make lab``. MyST's roles and directives become plain Markdown, captions and references
become cells, checks are folded, and what ``tools/book.py`` executed is stored with it. Copies that
somebody changed, and files that somebody put beside them, are kept. With ``--plain`` nothing that
was executed is stored; with ``--branch`` the copies become the branch ``launch`` instead, with
``--downloads``, after a build, what the pages' download buttons give.
"""

import functools
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Container
from contextlib import closing
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

import book as build

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "book" / "_ext"))

import qxai_launch  # noqa: E402
import qxai_provenance  # noqa: E402
from launching import branch, notebooks  # noqa: E402

FOLDER = ROOT / "_build" / "launch" / "book"
BRANCH = qxai_launch.BRANCH
Executed = Callable[[Path], nbformat.NotebookNode | None]


@functools.cache
def state() -> dict[str, str]:
    """Describe what executions depend on, once."""
    return build.state()


def executed(path: Path) -> nbformat.NotebookNode | None:
    """Return the execution of a notebook that the build keeps, if it is still the same."""
    if path.suffix != ".ipynb" or not build.CACHE.is_dir():
        return None
    found = build.cached(path, state())
    return found.nb if found else None


def provenance() -> str:
    """Return the tables that the build writes."""
    record = ROOT / qxai_provenance.RECORD
    if not record.is_file():
        return "The tables of this page are made by `make book`."
    return "\n".join(qxai_provenance.page(json.loads(record.read_text())))


def requirement(root: Path) -> str:
    """Return what pip has to be asked for, pinned if the remote has this commit; "" if nothing."""
    address, commit = qxai_launch.remote_address(root), qxai_launch.published_commit(root)
    if address is None:
        return ""
    return f"qxai @ git+{address}" + (f"@{commit}" if commit else "")


def copies(found: Executed, root: Path = ROOT, only: Container[str] = ()) -> dict[str, str]:
    """Return the text of every copy, or of some, by its name."""
    book = notebooks.Book.of(root, requirement(root), provenance)
    pages = [page for page in book.pages if not only or page.file in only]
    return {page.file: notebooks.copied(page, book, found(page.path)) for page in pages}


def write(folder: Path, texts: dict[str, str]) -> list[str]:
    """Put copies into a folder by renaming a finished one; return what of the old is kept."""
    record = folder.with_name("made.json")
    made = json.loads(record.read_text()) if record.is_file() else {}
    partial, old = folder.with_name("book.tmp"), folder.with_name("book.old")
    for left in (partial, old):
        shutil.rmtree(left, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, text in texts.items():
        (partial / name).write_text(text, encoding="utf-8")
    kept = [path for path in files(folder) if digest(path.read_bytes()) != made.get(path.name)]
    for path in kept:
        target = partial / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    made = {name: digest(text.encode()) for name, text in texts.items()}
    record.write_text(json.dumps(made, indent=1))
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return [str(path.relative_to(folder)) for path in kept]


def trust(texts: dict[str, str]) -> None:
    """Sign what this machine executed, so that JupyterLab draws it as it would after a run."""
    with closing(NotebookNotary()) as notary:
        for text in texts.values():
            notary.sign(nbformat.reads(text, as_version=4))


def files(folder: Path) -> list[Path]:
    """Return the files in a folder but JupyterLab's checkpoints."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def digest(content: bytes) -> str:
    """Name some content."""
    return hashlib.sha256(content).hexdigest()


def replace_downloads(sources: Path) -> None:
    """Let the pages' download buttons give the copies."""
    served = [path for path in sources.glob("*.ipynb") if (ROOT / "book" / path.name).is_file()]
    # Sphinx serves the source again whenever it has written the page again.
    stale = [p.name for p in served if p.read_bytes() == (ROOT / "book" / p.name).read_bytes()]
    for name, text in copies(executed, only=stale).items() if stale else ():
        partial = sources / f"{name}.tmp"
        partial.write_text(text, encoding="utf-8")
        partial.replace(sources / name)


def main() -> None:
    """Do what the command line asks for."""
    if sys.argv[1:] == ["--downloads"]:
        replace_downloads(ROOT / "_build" / "html" / "_sources" / "book")
        return
    if sys.argv[1:] == ["--branch"]:
        commit = branch.make(ROOT, copies(executed), BRANCH)
        print(f"the branch {BRANCH} is {commit}")
        return
    texts = copies((lambda path: None) if sys.argv[1:] == ["--plain"] else executed)
    kept = write(FOLDER, texts)
    trust(texts)
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    print(f"{len(texts)} launch copies, {size:.1f} MB, in {FOLDER.relative_to(ROOT)}")
    if kept:
        print(f"kept, because you changed them (delete them to have new ones): {', '.join(kept)}")


if __name__ == "__main__":
    main()
