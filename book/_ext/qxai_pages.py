"""What pages say to those who do not see them, and what they load.

Folded code is unfolded by one label, which is also its name. The theme's script of icons is left
out of the build: ``icons.css`` draws them.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

SHOW, HIDE = "Show the code", "Hide the code"
OWN = ("_ext", "_static", "_templates")
ICONS = ("scripts/fontawesome.js*", "vendor/fontawesome", "*webpack-macros.html")


def visit_folded(self: Any, node: nodes.Element) -> None:
    """Open a fold; of the two labels the style sheet shows one."""
    classes = " ".join(["admonition", "hide", *node["classes"]])
    self.body.append(
        f'<details class="{classes}">\n<summary>\n'
        f'<p class="collapsed admonition-title">{SHOW}</p>\n'
        f'<p class="expanded admonition-title">{HIDE}</p>\n</summary>\n'
    )


def depart_folded(self: Any, node: nodes.Element) -> None:
    """Close the fold."""
    self.body.append("</details>\n")


def mend_roles(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make entries of the bibliography items of their list: their own role is deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace(' role="doc-biblioentry"', ' role="listitem"')


def note_own_files(app: Any, config: Any) -> None:
    """Write all pages again, and copy, when the book's style, scripts or extensions change."""
    folders = [Path(app.srcdir) / "book" / name for name in OWN]
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    files = sorted(path for path in found if path.suffix != ".pyc")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    config.html_context = {**config.html_context, "own_files": digest}


def leave_icons_out(app: Any, error: Exception | None) -> None:
    """Remove what no page loads any more."""
    for pattern in ICONS:
        for path in (Path(app.outdir) / "_static").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded, depart_folded))
    app.connect("config-inited", note_own_files)
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", leave_icons_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
