"""A Binder button on each notebook page, for the repository that the book is built from.

The address is that of the git remote ``origin`` at build time, so a fork's book launches the
fork. Without a remote that Binder could reach there is no button.
"""

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

BINDER = "https://mybinder.org/v2"


def remote_address(directory: Path) -> str | None:
    """Return the remote's address as https, without credentials; None if it is none."""
    command = ["git", "-C", str(directory), "remote", "get-url", "origin"]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError:  # no git
        return None
    return https_address(result.stdout.strip()) if result.returncode == 0 else None


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


def binder_link(address: str, notebook: str) -> str:
    """Return the link that opens a notebook of a repository in JupyterLab on Binder."""
    host, path = urlsplit(address).hostname, urlsplit(address).path.strip("/")
    if host == "github.com":
        repository = f"gh/{path}"
    elif host == "gitlab.com":
        repository = f"gl/{quote(path, safe='')}"
    else:
        repository = f"git/{quote(address, safe='')}"
    return f"{BINDER}/{repository}/HEAD?urlpath={quote(f'lab/tree/{notebook}', safe='')}"


def find_remote(app: Any, config: Any) -> None:
    """Note the address in the configuration: if it changes, Sphinx writes all pages again."""
    address = remote_address(Path(app.srcdir))
    config.html_context = {**config.html_context, "launch_address": address}


def add_button(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the button beside the theme's own."""
    address = context["launch_address"]
    notebook = context.get("page_source_suffix") == ".ipynb"
    if address is None or not notebook or "header_buttons" not in context:
        return
    context["header_buttons"].append(
        {
            "type": "link",
            "text": "Binder",
            "tooltip": "Open this chapter on Binder",
            "icon": "fas fa-rocket",
            "url": binder_link(address, f"{pagename}.ipynb"),
            "label": "launch-binder",
        }
    )


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, after the theme has made its own buttons."""
    app.connect("config-inited", find_remote)
    app.connect("html-page-context", add_button, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
