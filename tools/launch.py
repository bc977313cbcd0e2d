"""Make launch copies: the notebooks as every viewer shows them, in ``_build/launch/book``.

Run by ``make lab``. MyST's roles and directives become plain Markdown, captions and references
become cells, checks are folded, and what ``tools/book.py`` executed is stored with it. Copies that
somebody changed, and files that somebody put beside them, are kept. With ``--plain`` nothing that
was executed is stored; with ``--branch`` the copies become the branch ``launch`` instead, with
``--downloads``, after a build, what the pages' download buttons give.
"""

import argparse
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Container
from contextlib import closing
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

import book as build

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "book" / "_ext"))

import qxai_citing  # noqa: E402
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


def citing() -> str:
    """Return how each table is cited."""
    return "\n".join(qxai_citing.page(ROOT))


MADE = {"provenance": provenance, "citing": citing}


def requirement(root: Path) -> str:
    """Return what pip has to be asked for, pinned if the remote has this commit; "" if nothing."""
    address, commit = qxai_launch.remote_address(root), qxai_launch.published_commit(root)
    if address is None:
        return ""
    return f"qxai @ git+{address}" + (f"@{commit}" if commit else "")


def copies(found: Executed, root: Path = ROOT, only: Container[str] = ()) -> dict[str, str]:
    """Return the text of every copy, or of some, by its name."""
    book = notebooks.Book.of(root, requirement(root), MADE)
    pages = [page for page in book.pages if not only or page.file in only]
    return {page.file: notebooks.copied(page, book, found(page.path)) for page in pages}


def write(folder: Path, texts: dict[str, str]) -> list[str]:
    """Put copies into a folder, one by one; return what there is somebody's own, and is kept."""
    record, old = folder.with_name("made.json"), folder.with_name("book.old")
    if old.is_dir() and not folder.exists():  # former versions moved the folder, and may have ended
        old.rename(folder)
    made = recorded(record, folder)
    new = {name: digest(text.encode()) for name, text in texts.items()}
    # Both are noted before anything is written, so that a run that ends early is gone on with.
    made |= {name: f"{made.get(name, '')} {now}" for name, now in new.items()}
    folder.mkdir(parents=True, exist_ok=True)
    put(record, json.dumps(made, indent=1), record.with_suffix(".tmp"))
    found = files(folder)
    kept = [name for name in found if not is_made(folder / name, made.get(name, ""))]
    for name in texts.keys() - set(kept):
        if not (folder / name).is_dir():
            put(folder / name, texts[name], folder.with_name("copy.tmp"))
    for name in set(found) - set(kept) - texts.keys():
        (folder / name).unlink()
    put(record, json.dumps(new, indent=1), record.with_suffix(".tmp"))
    return kept


def recorded(record: Path, folder: Path) -> dict[str, str]:
    """Return the digests that copies may have, by name; none, and a word, if they are lost."""
    try:
        made = json.loads(record.read_bytes())
        if isinstance(made, dict) and all(isinstance(known, str) for known in made.values()):
            return made
    except (FileNotFoundError, ValueError):
        pass
    if files(folder):
        print(
            f"{record.name} is missing or damaged: copies that differ from new ones are kept; "
            "delete those that you did not change"
        )
    return {}


def is_made(path: Path, known: str) -> bool:
    """Tell whether a file is a copy that nobody changed."""
    return bool(known) and not path.is_symlink() and digest(path.read_bytes()) in known


def put(path: Path, text: str, partial: Path) -> None:
    """Write a file by renaming a finished one."""
    partial.write_bytes(text.encode())
    partial.replace(path)


def trust(texts: dict[str, str]) -> None:
    """Sign what this machine executed, so that JupyterLab draws it as it would after a run."""
    with closing(NotebookNotary()) as notary:
        for text in texts.values():
            notary.sign(nbformat.reads(text, as_version=4))


def files(folder: Path) -> list[str]:
    """Return the files and links below a folder but JupyterLab's checkpoints."""
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    names = [path.relative_to(folder) for path in found]
    return sorted(str(name) for name in names if ".ipynb_checkpoints" not in name.parts)


def digest(content: bytes) -> str:
    """Name some content."""
    return hashlib.sha256(content).hexdigest()


def replace_downloads(sources: Path) -> None:
    """Let the pages' download buttons give the copies."""
    served = [path for path in sources.glob("*.ipynb") if (ROOT / "book" / path.name).is_file()]
    # Sphinx serves the source again whenever it has written the page again.
    stale = [p.name for p in served if p.read_bytes() == (ROOT / "book" / p.name).read_bytes()]
    for name, text in copies(executed, only=stale).items() if stale else ():
        put(sources / name, text, sources / f"{name}.tmp")


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make launch copies in _build/launch/book.")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--plain", action="store_true", help="store nothing that was executed")
    instead.add_argument("--branch", action="store_true", help=f"make the branch {BRANCH} instead")
    instead.add_argument(
        "--downloads", action="store_true", help="let a built page's download button give copies"
    )
    return parser.parse_args()


def main() -> None:
    """Do what the command line asks for."""
    wanted = asked()
    if wanted.downloads:
        replace_downloads(ROOT / "_build" / "html" / "_sources" / "book")
        return
    if wanted.branch:
        commit = branch.make(ROOT, copies(executed), BRANCH)
        print(f"the branch {BRANCH} is {commit}")
        return
    texts = copies((lambda path: None) if wanted.plain else executed)
    kept = write(FOLDER, texts)
    trust(texts)
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    print(f"{len(texts)} launch copies, {size:.1f} MB, in {FOLDER.relative_to(ROOT)}")
    if kept:
        print(
            "kept, because you changed or added them (delete a copy to have a new one):",
            ", ".join(kept),
        )


if __name__ == "__main__":
    main()
