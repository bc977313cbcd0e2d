"""Run the comparison. ``make study`` writes ``data/results``.

Each model is a cell; a finished cell is a file that a later run takes as it is, as long as code
and parameters are the same. So a run that was killed goes on where it stopped.

With words after it, ``python study/run.py FOLDER WORD …`` runs the cells whose names hold one of
the words, and writes its tables into FOLDER.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # the same bits on every run; cells run side by side instead

from cells import cell  # noqa: E402 - after the threads are set
from declaration import DRAWN_FROM, DRAWN_SEEDS, SEEDS, Setting, settings  # noqa: E402
from models import NAME  # noqa: E402
from tables import MADE_BY_CELLS, as_csv, derived, mean_agreement, median_timing  # noqa: E402

from qxai import datasets  # noqa: E402
from qxai.files import replacing  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
CELLS = ROOT / "_build" / "study"
PACKAGES = ("numpy", "scipy", "scikit-learn", "cirq-core", "sympy", "shap")


# Files of the study on which no cell depends: they read, draw, test or take entries.
ASIDE = ("again.py", "enter.py", "figures.py", "inference.py", "reading.py", "run.py", "tables.py",
         "virtual.py", "both_ends.py", "polynomial_ridge.py", "two_pairs.py")  # fmt: skip


def code_key() -> str:
    """Hash what a cell's numbers depend on besides its setting."""
    digest = hashlib.sha256(datasets.read_data(NAME))
    files = [p for d in ("src", "study") for p in (ROOT / d).rglob("*.py")]
    files = [path for path in files if path.name not in ASIDE]
    for path in [*sorted(files), ROOT / "requirements.lock"]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def run_cell(setting: Setting, path: Path) -> None:
    """Compute a cell and write it, by renaming a finished file."""
    content = json.dumps(cell(setting))
    with replacing(path) as file:
        file.write(content.encode())


def run(chosen: list[Setting], folder: Path, executor: Any = None) -> None:
    """Compute what is missing: over all cores, or on anything with a ``map``, such as a cluster's.

    Workers write into the folder, so they have to share it. A cell that is there is never computed
    again; so a run that breaks down goes on with a new executor.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {setting: folder / f"{setting.key}.json" for setting in chosen}
    missing = [setting for setting in chosen if not paths[setting].exists()]
    print(f"{len(chosen)} models, {len(chosen) - len(missing)} of them already done", flush=True)
    # The largest circuits take longest: they go first, so that no core waits at the end.
    missing.sort(key=lambda s: s.task in ("wide", "lines", "spot", "digits"), reverse=True)
    own = ProcessPoolExecutor(os.cpu_count()) if executor is None else nullcontext(executor)
    with own as pool:
        done = pool.map(run_cell, missing, [paths[setting] for setting in missing])
        for number, (setting, _) in enumerate(zip(missing, done), start=1):
            print(f"{number}/{len(missing)} {setting.key}", flush=True)


def tables(chosen: list[Setting], folder: Path) -> dict[str, bytes]:
    """Put the cells together into tables."""
    cells = [json.loads((folder / f"{setting.key}.json").read_text()) for setting in chosen]
    rows = {name: [row for c in cells for row in c.get(name, [])] for name in MADE_BY_CELLS}
    rows["agreement"] = mean_agreement(rows["agreement"])
    rows["timing"] = median_timing(rows["timing"])
    written = {name: as_csv(name, rows[name]) for name in MADE_BY_CELLS}
    written |= {name: as_csv(name, found) for name, found in derived(written).items()}
    return {f"{name}.csv": content for name, content in written.items()}


def provenance() -> bytes:
    """Say which code, versions and seeds the tables come from."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    content = {
        "commit": commit.stdout.strip(),
        "uncommitted changes": sorted(line[3:] for line in changed.stdout.splitlines()),
        "code": code_key(),
        "seeds": {"named": list(range(SEEDS)), "drawn": [DRAWN_FROM, *DRAWN_SEEDS]},
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "machine": f"{platform.system()} {platform.machine()}",
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def check_code(folder: Path) -> None:
    """Refuse a folder with cells of other code."""
    folder.mkdir(parents=True, exist_ok=True)
    mark, key = folder / "code", code_key()
    if mark.exists() and mark.read_text() != key:
        sys.exit(f"{folder} holds cells of other code; choose another folder, or delete it")
    mark.write_text(key)


def main(arguments: list[str]) -> None:
    """Run everything, or the cells whose names hold one of the words."""
    chosen, cells = settings(), CELLS / code_key()
    if not arguments:
        origin = provenance()  # of the code that runs, whatever is edited meanwhile
        run(chosen, cells)
        for name, content in (tables(chosen, cells) | {"provenance.json": origin}).items():
            datasets.write_data(f"results/{name}", content)
        print("wrote data/results")
        return
    folder, words = Path(arguments[0]), arguments[1:]
    chosen = [setting for setting in chosen if any(word in setting.key for word in words)]
    if not chosen:
        sys.exit(
            "expected FOLDER and parts of models' names, such as _named_0 (see settings() in "
            f"study/declaration.py), found {' '.join(arguments)}"
        )
    check_code(folder)
    run(chosen, folder / "cells")
    for name, content in tables(chosen, folder / "cells").items():
        with replacing(folder / name) as file:
            file.write(content)
    print(f"wrote {len(chosen)} models")


if __name__ == "__main__":
    main(sys.argv[1:])
