"""Run a page of the book with some copy of the library, and tell which cell fails.

Importing what the library stands on takes seconds, so a server imports it once and every run is
a fork of the server. ``qxai`` itself is imported in the fork, from the copy. A run that ends in
any other way than by its cells (a crash, a kill, a time limit, an import that fails) raises.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbval.plugin import (
    coalesce_streams,
    find_comment_markers,
    find_metadata_tags,
    transform_streams_for_comparison,
)

from tests.project import ROOT

LIMIT_SECONDS = 600
COMPARED = ("text/html", "text/plain")
# On macOS a fork of a process that has loaded the system's frameworks may crash.
SERVER = multiprocessing.get_context("spawn" if sys.platform == "darwin" else "forkserver")
SERVER.set_forkserver_preload(
    [
        "nbval.plugin",
        "IPython.core.interactiveshell",
        "matplotlib.pyplot",
        "pandas",
        "scipy.optimize",
        "scipy.stats",
        "sklearn.ensemble",
        "sklearn.linear_model",
        "sklearn.metrics",
        "sklearn.neural_network",
        "sklearn.svm",
        "sympy",
        "cirq",
        "cirq.contrib.qasm_import",
        "qsimcirq",
    ]
)


@dataclass(frozen=True)
class Failure:
    """The cell that failed, counted among the code cells, and how."""

    cell: int
    reason: str


def first_failure(
    page: Path, source: Path, hidden: str = "", most: int | None = None
) -> Failure | None:
    """Run a page, or so many cells, until one fails; ``hidden`` names a package not to be seen."""
    receiver, sender = SERVER.Pipe(duplex=False)
    process = SERVER.Process(target=_answer, args=(sender, page, source, hidden, most))
    process.start()
    sender.close()
    try:
        if not receiver.poll(LIMIT_SECONDS):
            raise TimeoutError(f"{page.name} did not end within {LIMIT_SECONDS} s")
        return receiver.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"{page.name} ended with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        process.close()
        receiver.close()


def _answer(sender, page, source, hidden, most):
    os.environ |= {"QXAI_DATA": str(ROOT / "data")}
    os.chdir(page.parent)
    sys.path.insert(0, str(source))
    if hidden:
        _hide(hidden)
    import qxai

    assert Path(qxai.__file__).is_relative_to(source)
    notebook = nbformat.read(page, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    sender.send(_run(code[:most]))


def _hide(package):
    found = importlib.machinery.PathFinder.find_spec
    importlib.machinery.PathFinder.find_spec = classmethod(
        lambda cls, name, *rest, **named: None if name == package else found(name, *rest, **named)
    )
    assert package not in sys.modules
    assert importlib.util.find_spec(package) is None


def _run(code):
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    plt.switch_backend("Agg")
    settings = Config()
    settings.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=settings)
    for number, cell in enumerate(code):
        reason = _run_cell(shell, cell)
        plt.close("all")  # as a kernel does after every cell
        if reason:
            return Failure(number, reason)
    return None


def _run_cell(shell, cell):
    """Return why a cell fails, as nbval would judge it, or nothing."""
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher

    printed = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    shell.display_pub = CapturingDisplayPublisher()
    shown = shell.display_pub.outputs
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=shown)
    with (
        contextlib.redirect_stdout(printed["stdout"]),
        contextlib.redirect_stderr(printed["stderr"]),
    ):
        result = shell.run_cell(cell.source, store_history=False)
    if not result.success:
        return repr(result.error_before_exec or result.error_in_exec)
    options = dict(find_metadata_tags(cell.metadata)) | dict(find_comment_markers(cell.source))
    if not options.get("check"):
        return None
    outputs = [
        nbformat.v4.new_output("stream", name=name, text=text.getvalue())
        for name, text in printed.items()
        if text.getvalue()
    ]
    for one in shown:
        data = {kind: one["data"][kind] for kind in COMPARED if kind in one["data"]}
        outputs.append(nbformat.v4.new_output("display_data", data))
    found, stored = (
        transform_streams_for_comparison(coalesce_streams(some)) for some in (outputs, cell.outputs)
    )
    return None if found == stored else f"printed {found}, stored is {stored}"
