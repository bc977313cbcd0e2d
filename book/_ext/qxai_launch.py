"""A Binder button on each notebook page, for the repository that the book is built from.

The address is that of the git remote ``origin`` at build time, so a fork's book launches the
fork. Without a remote that Binder could reach there is no button. If the remote has a branch
``launch``, where the notebooks are copies with outputs, that is what opens; else the copies that
Binder makes of the commit that was built.
"""

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

BINDER = "https://mybinder.org/v2"
BRANCH = "launch"


def git(directory: Path, *arguments: str) -> str:
    """Return what git prints; "" if it fails or is not there."""
    command = ["git", "-C", str(directory), *arguments]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def remote_address(directory: Path) -> str | None:
    """Return the remote's address as https, without credentials; None if it is none."""
    return https_address(git(directory, "remote", "get-url", "origin"))


def published_commit(directory: Path) -> str | None:
    """Return the present commit if the remote has it, as far as this copy knows."""
    holding = git(directory, "branch", "--remotes", "--list", "origin/*", "--contains", "HEAD")
    return git(directory, "rev-parse", "HEAD") if holding else None


def launched(directory: Path) -> tuple[str, str]:
    """Return what Binder is to open: a branch or commit, and the folder of notebooks in it."""
    if git(directory, "rev-parse", "--verify", "--quiet", f"refs/remotes/origin/{BRANCH}"):
        return BRANCH, "book"
    return published_commit(directory) or "HEAD", "_build/launch/book"


def https_address(remote: str) -> str | None:
    """Turn ``git@host:path``, ``ssh://`` and ``https://`` remotes into one https address."""
    scp = re.fullmatch(r"[\w.-]+@([\w.-]+):(?!/)(.+)", remote)
    if scp:
        host, path = scp.groups()
    else:
        parts = urlsplit(remote)
        if parts.scheme not in ("http", "https", "ssh", "git") or not parts.hostname:
            return None
        host, path = parts.hostname, parts.path
    return f"https://{host}/{path.strip('/').removesuffix('.git')}"


def binder_link(address: str, revision: str, notebook: str) -> str:
    """Return the link that opens a notebook of a repository in JupyterLab on Binder."""
    host, path = urlsplit(address).hostname, urlsplit(address).path.strip("/")
    if host == "github.com":
        repository = f"gh/{path}"
    elif host == "gitlab.com":
        repository = f"gl/{quote(path, safe='')}"
    else:
        repository = f"git/{quote(address, safe='')}"
    return f"{BINDER}/{repository}/{revision}?urlpath={quote(f'lab/tree/{notebook}', safe='')}"


def find_remote(app: Any, config: Any) -> None:
    """Note the address in the configuration: if it changes, Sphinx writes all pages again."""
    address = remote_address(Path(app.srcdir))
    target = launched(Path(app.srcdir)) if address else None
    context = {"launch_address": address, "launch_target": target}
    config.html_context = {**config.html_context, **context}


def add_button(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the button beside the theme's own."""
    address = context["launch_address"]
    notebook = context.get("page_source_suffix") == ".ipynb"
    if address is None or not notebook or "header_buttons" not in context:
        return
    revision, folder = context["launch_target"]
    path = f"{folder}/{Path(pagename).name}.ipynb"
    context["header_buttons"].append(
        {
            "type": "link",
            "text": "Binder",
            "tooltip": "Open this chapter on Binder",
            "icon": "fas fa-rocket",
            "url": binder_link(address, revision, path),
            "label": "launch-binder",
        }
    )


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, after the theme has made its own buttons."""
    app.connect("config-inited", find_remote)
    app.connect("html-page-context", add_button, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
