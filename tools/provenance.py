"""What a build can say of itself: cost, seeds, versions and data of every chapter."""

import json
import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat

PACKAGES = (
    "cirq-core",
    "qsimcirq",
    "tensorflow-quantum",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "shap",
    "jupyter-book",
    "myst-nb",
)
SEED = re.compile(r"(?:default_rng\(|random_state=|seed=)(\d+)")


def installed(package: str) -> str:
    """Return a package's version, or that there is none on this platform."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return "not installed"


def seeds_of(code: str) -> list[int]:
    """Return the seeds that stand in code as numbers; loops over seeds do not."""
    return sorted({int(seed) for seed in SEED.findall(code)})


def files(opened: Mapping[str, str | None]) -> list[str]:
    """Return the data files among what a notebook opened, without folders and what was missing."""
    found = {name for name, digest in opened.items() if digest and name[-1] not in "?/"}
    return sorted(name.removeprefix("data/") for name in found if name.startswith("data/"))


def chapter(path: Path, cost: Mapping[str, Any]) -> dict[str, object]:
    """Return the record of one notebook."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return {
        "file": path.name,
        "title": cells[0].source.splitlines()[0].removeprefix("# "),
        "seconds": round(cost["execution_seconds"], 1),
        "peak_bytes": cost["peak_bytes"],
        "seeds": seeds_of(code),
        "data": files(cost["opened"]),
    }


def in_order(paths: list[Path], root: Path) -> list[Path]:
    """Sort notebooks as the table of contents does."""
    toc = (root / "_toc.yml").read_text() + "\n"
    return sorted(paths, key=lambda path: toc.find(f"book/{path.stem}\n"))


def write(target: Path, root: Path, costs: Mapping[Path, Mapping[str, Any]]) -> None:
    """Write the record by renaming a finished file; an equal one is left alone."""
    sums = root / "data" / "SHA256SUMS"
    lines = sums.read_text().splitlines() if sums.is_file() else []
    data = {name: digest for digest, name in (line.split() for line in lines)}
    record = {
        "chapters": [chapter(path, costs[path]) for path in in_order(list(costs), root)],
        "versions": {"Python": platform.python_version()} | {p: installed(p) for p in PACKAGES},
        "data": data,
    }
    text = json.dumps(record, indent=1)
    if target.is_file() and target.read_text() == text:
        return  # Sphinx reads the page again when the file is newer
    partial = target.with_suffix(".tmp")
    partial.write_text(text)
    os.replace(partial, target)
