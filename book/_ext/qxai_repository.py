"""Links from each page to the repository that the book is built from; none without a remote.

Sources are linked as they were when the pages were made, edits and reports as they are now.
"""

import inspect
import subprocess
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from qxai_launch import remote_address
from sphinx import addnodes


@dataclass(frozen=True)
class Repository:
    """Where the sources are: address, commit of this build, and the branch to edit."""

    address: str
    commit: str
    branch: str

    @property
    def kind(self) -> str:
        """Name the form of its addresses: github, gitlab, or other."""
        host = urlsplit(self.address).hostname or ""
        return next((kind for kind in ("github", "gitlab") if kind in host), "other")

    @property
    def files(self) -> str:
        """Return what the addresses of its files begin with."""
        return f"{self.address}/-" if self.kind == "gitlab" else self.address

    def source(self, path: str, lines: tuple[int, int] | None = None) -> str:
        """Link a file, or some of its lines, as it was in this build."""
        link = f"{self.files}/blob/{self.commit}/{quote(path)}"
        if lines is None:
            return f"{link}?plain=1"
        begin, end = lines
        return f"{link}#L{begin}-{end if self.kind == 'gitlab' else f'L{end}'}"

    def edit(self, path: str) -> str:
        """Link the form that edits a file on the branch."""
        return f"{self.files}/edit/{quote(self.branch)}/{quote(path)}"

    def report(self, path: str) -> str:
        """Link the form that reports a mistake on a page."""
        title = f"Mistake in {path}"
        body = f"On the page {path}, built from {self.commit[:12]}:\n\n"
        names = ("issue[title]", "issue[description]") if self.kind == "gitlab" else (
            "title", "body")  # fmt: skip
        return f"{self.files}/issues/new?" + urlencode(dict(zip(names, (title, body))))


def git(directory: Path, *command: str) -> str:
    """Return what git says of a folder; "" if it says nothing."""
    result = subprocess.run(["git", "-C", str(directory), *command], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else ""


def repository(directory: Path) -> Repository | None:
    """Describe the repository of a folder; None without a remote or a commit."""
    address = remote_address(directory)
    commit = address and git(directory, "rev-parse", "HEAD")
    if not address or not commit:
        return None
    default = git(directory, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    current = git(directory, "symbolic-ref", "--short", "HEAD")
    return Repository(address, commit, default.removeprefix("origin/") or current or "main")


def buttons(where: Repository, path: str | None) -> list[dict[str, str]]:
    """Return the entries of the menu of a page with this source file."""
    found = [("Repository", "fas fa-code-branch", where.address)]
    if path and where.kind != "other":
        found += [
            ("Source", "fas fa-code", where.source(path)),
            ("Suggest an edit", "fas fa-pencil", where.edit(path)),
            ("Report a mistake", "fas fa-flag", where.report(path)),
        ]
    return [{"type": "link", "text": text, "icon": icon, "url": url} for text, icon, url in found]


def find_repository(app: Any, config: Any) -> None:
    """Note the repository in the configuration: if it changes, pages are written again."""
    found = repository(Path(app.srcdir))
    app.repository = found
    config.html_context = {**config.html_context, "repository": repr(found)}


def add_buttons(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the menu beside the theme's own buttons."""
    if app.repository is None or "header_buttons" not in context:
        return
    path = str(app.env.doc2path(pagename, base=False)) if doctree is not None else None
    context["header_buttons"].append(
        {
            "type": "group",
            "tooltip": "Repository",
            "icon": "fas fa-code-branch",
            "buttons": buttons(app.repository, path),
            "label": "source-buttons",
        }
    )


def place(module: str, name: str, root: Path) -> tuple[str, tuple[int, int]] | None:
    """Return the file, from the root, and the lines in which an object is written."""
    found: Any = import_module(module)
    try:
        for part in name.split("."):
            found = getattr(found, part)
        lines, begin = inspect.getsourcelines(inspect.unwrap(getattr(found, "fget", found)))
        path = Path(inspect.getsourcefile(inspect.unwrap(found)) or "").relative_to(root)
    except (AttributeError, TypeError, OSError, ValueError):  # data, or another's code
        return None
    return str(path), (begin, begin + len(lines) - 1)


def link_sources(app: Any, doctree: nodes.document, page: str) -> None:
    """Link what the reference describes to its lines in the repository."""
    if app.repository is None or app.repository.kind == "other":
        return
    for signature in doctree.findall(addnodes.desc_signature):
        found = place(signature["module"], signature["fullname"], Path(app.srcdir))
        if found is not None:
            link = nodes.reference("", "source", refuri=app.repository.source(*found))
            signature += nodes.inline("", "", link, classes=["qxai-source"])


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, after the theme has made its own buttons."""
    app.connect("config-inited", find_repository)
    app.connect("html-page-context", add_buttons, priority=600)
    app.connect("doctree-resolved", link_sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
