"""Make the built book need nothing from the network.

MathJax is served from the book itself, and Thebe, which Jupyter Book loads whether or not it is
used, is left out: it names scripts and repositories elsewhere.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# What TeX input and CHTML output load; the package ships much more.
PARTS = ("tex-chtml.js", "input/tex/extensions", "output/chtml/fonts/woff-v2")


def package_directory() -> Path:
    """Find the MathJax files that the environment installs."""
    spec = find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "MathJax is not installed: run make book, or pip install sphinx-mathjax-offline"
        )
    return Path(spec.origin).parent / "static" / "mathjax"


def copy_mathjax(app: Any, error: Exception | None) -> None:
    """Copy what the pages load; after the build, because Sphinx links every static script."""
    if error is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in PARTS:
        source, copy = package_directory() / part, target / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, copy)


def leave_thebe_out(app: Any, config: Any) -> None:
    """Take Thebe's handlers off Sphinx's events, and its style sheet off the pages."""
    app.registry.css_files = [
        entry for entry in app.registry.css_files if "thebe" not in str(entry[0])
    ]
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [
            one for one in listeners if not one.handler.__module__.startswith("sphinx_thebe")
        ]


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("config-inited", leave_thebe_out)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
