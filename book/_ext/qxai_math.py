"""Serve MathJax from the built book itself, so that formulas render without a network."""

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


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
