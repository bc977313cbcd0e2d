"""Execute the notebooks and build the book. Run by ``make book``.

A notebook runs again when its own code changes, and all run again when ``src/``, ``data/`` or the
lock changes: one key for all. Only finished executions reach the cache. While a build is under
way ``_build/unfinished`` exists; a build that finds it there throws the cache away, so nothing
that an interruption left is trusted. As many notebooks run at a time as there are cores; only
this process, which ends with its kernels, writes to the cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import figures
import nbformat
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
}
LIMIT_SECONDS, LIMIT_BYTES = 60, 1.5e9
# The cores this process may use; where there are many, memory is what runs short.
AT_A_TIME = min(8, len(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)))
# Run before a notebook's own cells and after them, out of its history.
WATCH = """
import sys
sys.files_read = set()
sys.addaudithook(
    lambda event, found: event == "open" and sys.files_read.add(str(found[0]))
)
"""
COST = """
import json, resource, sys
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps([peak, sorted(sys.files_read)]))
"""


def current_key() -> str:
    """Hash what the notebooks' outputs depend on besides their own code."""
    digest = hashlib.sha256(sys.version.encode())
    files = [p for d in ("src", "study", "data") for p in (ROOT / d).rglob("*") if p.is_file()]
    for path in [*sorted(files), ROOT / "requirements.lock"]:
        if "__pycache__" not in path.parts and ".egg-info" not in str(path):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


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
    """Run a notebook in its own folder; return it with its time, peak memory and data files."""
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
        run_aside(client, WATCH + figures.WATCH)
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - start
        peak, files = json.loads(run_aside(client, COST))
    data = sorted(
        name.removeprefix(f"{ROOT / 'data'}/") for name in files if name.startswith(f"{ROOT}/data/")
    )
    figures.collect(notebook, FIGURES)
    used = [name for name in data if name not in ("SHA256SUMS", "README.md")]
    return notebook, {"execution_seconds": seconds, "peak_bytes": float(peak), "data": used}


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


def cached(path: Path) -> CacheBundleOut | None:
    """Return the execution that the cache holds of a notebook's code, with its cost."""
    cache = get_cache(CACHE)
    try:
        record = cache.match_cache_notebook(nbformat.read(path, as_version=4))
        bundle = cache.get_cache_bundle(record.pk)
    except KeyError:
        return None
    # A plain jupyter-book build measures no memory.
    return bundle if "peak_bytes" in bundle.record.data else None


def attempt(path: Path) -> CacheBundleIn | CellExecutionError:
    """Execute a notebook, and return what the cache keeps or what went wrong."""
    print(f"executing {path.relative_to(ROOT)} ...", flush=True)
    try:
        notebook, cost = execute(path)
    except CellExecutionError as error:
        return error
    return CacheBundleIn(notebook, str(path), data=cost)


def run_all(paths: list[Path]) -> bool:
    """Run what the cache lacks, record and print every cost, and tell whether all went well."""
    missing = [path for path in paths if not cached(path)]
    failed = False
    for path, found in zip(missing, at_the_same_time(attempt, missing)):
        if isinstance(found, CellExecutionError):
            print(f"error: {path.name} failed\n{found}", file=sys.stderr)
            failed = True
        else:
            get_cache(CACHE).cache_notebook_bundle(found, check_validity=False, overwrite=True)
    costs = {path: bundle.record.data for path in paths if (bundle := cached(path))}
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
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", str(ROOT)]
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
