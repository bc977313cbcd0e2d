"""Execute the notebooks and build the book. Run by ``make book``.

A notebook runs again when its own code changes, or a file under ``data/`` or ``study/`` that it
opened; all run again when ``src/`` or the lock changes: one key for all. Only finished executions
reach the cache. While a build is under way ``_build/unfinished`` exists; a build that finds it
there throws the cache away, so nothing that an interruption left is trusted. As many notebooks run
at a time as there are cores; only this process, which ends with its kernels, writes to the cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import figures
import nbformat
import opened
import provenance
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, CacheBundleOut
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"
FIGURES = BUILD / "figures"
KEY = BUILD / "key"
UNFINISHED = BUILD / "unfinished"
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Matplotlib says so of a legend that took a second, as it may on a busy machine.
    "PYTHONWARNINGS": "ignore:Creating legend with loc:UserWarning",
}
LIMIT_SECONDS, LIMIT_BYTES = 60, 1.5e9
# The cores this process may use; where there are many, memory is what runs short.
AT_A_TIME = min(8, len(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)))
# What ran longest when nothing was known yet: these start first, so that none ends alone.
SLOW = ("concentration", "quantum-models", "hardness", "by-design", "inside", "sixty-four-pixels")
SLOW += ("others", "avenues", "scaling", "big-picture", "trust", "shots-and-noise", "perturbation")
SLOW += ("why-explain", "comparison", "states", "what-changes")
# A notebook that names it takes another route where it is installed.
TFQ = "tensorflow_quantum"


def current_key() -> str:
    """Hash what all outputs depend on: the library, the lock and Python."""
    digest = hashlib.sha256(sys.version.encode())
    files = [p for p in (ROOT / "src").rglob("*") if p.is_file()]
    for path in [*sorted(files), ROOT / "tools" / "night.py", ROOT / "requirements.lock"]:
        if "__pycache__" not in path.parts and ".egg-info" not in str(path):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def state() -> dict[str, str]:
    """Describe what each notebook may depend on besides, by name."""
    return {**opened.state(ROOT), TFQ: provenance.installed("tensorflow-quantum")}


def prepare(key: str) -> None:
    """Throw away what was built from something else, or was left unfinished."""
    stale = not KEY.exists() or KEY.read_text() != key or UNFINISHED.exists()
    BUILD.mkdir(exist_ok=True)
    UNFINISHED.touch()
    if stale:
        for path in (CACHE, FIGURES, BUILD / ".doctrees", BUILD / "html"):
            shutil.rmtree(path, ignore_errors=True)
        KEY.write_text(key)


def execute(path: Path) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """Run a notebook in its own folder; return it with its time, peak memory and what it opened."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=180,
        kernel_name="python3",
        store_widget_state=False,  # pages show widgets as HTML of their own
        record_timing=False,  # times in the cells would keep Sphinx from finding it in the cache
        extra_arguments=["--log-level=40"],  # the kernel's remarks on its sockets
        resources={"metadata": {"path": str(path.parent)}},
    )
    with client.setup_kernel():
        run_aside(client, figures.WATCH + opened.WATCH)
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - start
        peak, files = json.loads(run_aside(client, opened.REPORT))
    figures.collect(notebook, FIGURES)
    names = opened.names(files, ROOT)
    if any(TFQ in cell.source for cell in notebook.cells if cell.cell_type == "code"):
        names.add(TFQ)
    cost = {"execution_seconds": seconds, "peak_bytes": float(peak), "opened": sorted(names)}
    return notebook, cost


def run_aside(client: NotebookClient, code: str) -> str:
    """Run code of our own in a notebook's kernel; return what it prints."""
    cell = nbformat.v4.new_code_cell(code)
    client.nb.cells.append(cell)
    client.execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    client.nb.cells.pop()
    return "".join(output.text for output in cell.outputs)


def at_the_same_time(function: Callable[[Path], Any], paths: list[Path]) -> Iterator[Any]:
    """Call a function that waits for a kernel, over all cores; yield the results in order."""
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield from pool.map(function, paths)
    except KeyboardInterrupt:
        os._exit(130)  # kernels end with this process; its threads would wait for them


def cached(path: Path, now: Mapping[str, str]) -> CacheBundleOut | None:
    """Return the execution that the cache holds of a notebook's code and of what it opened."""
    cache = get_cache(CACHE)
    try:
        record = cache.match_cache_notebook(nbformat.read(path, as_version=4))
        bundle = cache.get_cache_bundle(record.pk)
    except KeyError:
        return None
    # A plain jupyter-book build notes nothing.
    then = bundle.record.data.get("opened")
    return bundle if then is not None and opened.is_same(then, now) else None


def attempt(path: Path) -> CacheBundleIn | CellExecutionError:
    """Execute a notebook, and return what the cache keeps or what went wrong."""
    print(f"executing {path.relative_to(ROOT)} ...", flush=True)
    try:
        notebook, cost = execute(path)
    except CellExecutionError as error:
        return error
    return CacheBundleIn(notebook, str(path), data=cost)


def keep(found: CacheBundleIn, now: Mapping[str, str]) -> None:
    """Put an execution into the cache, and let Sphinx read its page again.

    ``now`` is from before the execution: what changed meanwhile makes the notebook run again.
    """
    digests = {name: now.get(name) for name in found.data["opened"]}
    bundle = CacheBundleIn(found.nb, found.uri, data={**found.data, "opened": digests})
    get_cache(CACHE).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    page = Path(found.uri).relative_to(ROOT).with_suffix(".doctree")
    (BUILD / ".doctrees" / page).unlink(missing_ok=True)


def longest_first(paths: list[Path]) -> list[Path]:
    """Sort notebooks by the time that they took last, or by a guess, the longest first."""
    record = BUILD / "provenance.json"
    chapters = json.loads(record.read_text())["chapters"] if record.is_file() else []
    seconds = {chapter["file"]: chapter["seconds"] for chapter in chapters}
    guess = {f"{name}.ipynb": 30.0 - place for place, name in enumerate(SLOW)}
    return sorted(paths, key=lambda p: -seconds.get(p.name, guess.get(p.name, 0.0)))


def run_all(paths: list[Path]) -> bool:
    """Run what the cache lacks, record and print every cost, and tell whether all went well."""
    now = state()
    missing = longest_first([path for path in paths if not cached(path, now)])
    failed = False
    for path, found in zip(missing, at_the_same_time(attempt, missing)):
        if isinstance(found, CellExecutionError):
            print(f"error: {path.name} failed\n{found}", file=sys.stderr)
            failed = True
        else:
            keep(found, now)
    costs = {path: bundle.record.data for path in paths if (bundle := cached(path, now))}
    provenance.write(BUILD / "provenance.json", ROOT, costs)
    print(table(costs), flush=True)
    return not failed


def table(costs: dict[Path, dict[str, Any]]) -> str:
    """Write what the notebooks took, and which took too much."""
    lines = [f"{'notebook':32} {'time (s)':>8} {'memory (GB)':>12}"]
    for path, cost in costs.items():
        seconds, peak = cost["execution_seconds"], cost["peak_bytes"]
        within = seconds < LIMIT_SECONDS and peak < LIMIT_BYTES
        note = "" if within else "   over the limit of 60 s and 1.5 GB"
        lines.append(f"{path.name:32} {seconds:8.1f} {peak / 1e9:12.2f}{note}")
    return "\n".join(lines)


def sphinx() -> bool:
    """Build the pages; every warning is an error."""
    jobs = AT_A_TIME if sys.platform == "linux" else 1  # elsewhere a fork may not go well
    command = [sys.executable, str(ROOT / "tools" / "pages.py"), str(jobs), "build", str(ROOT)]
    result = subprocess.run(
        [*command, "-W", "--keep-going", "--quiet"], capture_output=True, text=True
    )
    good = result.returncode == 0 and (BUILD / "html" / "index.html").is_file()
    if not good:
        # Sphinx forgets warnings of pages that it has read once: make it read all again.
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
        print(result.stdout + result.stderr, file=sys.stderr)
    return good


def main() -> None:
    """Build, and leave by the exit code whether it went well."""
    os.environ.update(ENVIRONMENT)
    prepare(current_key())
    notebooks = sorted((ROOT / "book").glob("*.ipynb"))
    good = run_all(notebooks) and sphinx()
    UNFINISHED.unlink()
    if not good:
        sys.exit("error: the book was not built")
    print(f"the book is at {(BUILD / 'html' / 'index.html').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
