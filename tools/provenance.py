"""What a build can say of itself: cost, seeds, versions and data of every chapter."""

import json
import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

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


def data_of(code: str, names: list[str]) -> list[str]:
    """Return which data files a notebook names."""
    return [name for name in names if f'"{name}"' in code or f'"{name.rsplit("/", 1)[-1]}"' in code]


def chapter(path: Path, cost: Mapping[str, float], names: list[str]) -> dict[str, object]:
    """Return the record of one notebook."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return {
        "file": path.name,
        "title": cells[0].source.splitlines()[0].removeprefix("# "),
        "seconds": round(cost["execution_seconds"], 1),
        "peak_bytes": cost["peak_bytes"],
        "seeds": seeds_of(code),
        "data": data_of(code, names),
    }


def write(target: Path, root: Path, costs: Mapping[Path, Mapping[str, float]]) -> None:
    """Write the record by renaming a finished file; an equal one is left alone."""
    sums = root / "data" / "SHA256SUMS"
    lines = sums.read_text().splitlines() if sums.is_file() else []
    data = {name: digest for digest, name in (line.split() for line in lines)}
    record = {
        "chapters": [chapter(path, cost, list(data)) for path, cost in costs.items()],
        "versions": {"Python": platform.python_version()} | {p: installed(p) for p in PACKAGES},
        "data": data,
    }
    text = json.dumps(record, indent=1)
    if target.is_file() and target.read_text() == text:
        return  # Sphinx reads the page again when the file is newer
    partial = target.with_suffix(".tmp")
    partial.write_text(text)
    os.replace(partial, target)
