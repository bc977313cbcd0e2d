"""A plugin for nbval: compare what ``tools/book.py`` executed, instead of executing again.

Used as ``PYTHONPATH=tools pytest -p replay --nbval-lax book`` after a build; without ``-p replay``
nbval executes the notebooks itself. An execution counts only if it is of the notebook's present
code with the present ``src/`` and lock and the files that it opened as they are, by a build that
came to its end.
"""

import functools
import itertools
from pathlib import Path
from typing import Any

import nbformat
from nbval.plugin import IPyNbFile

import book


def pytest_configure() -> None:
    """Give every notebook that nbval collects a recording where it would start a kernel."""
    IPyNbFile.setup = start


def start(file: IPyNbFile) -> None:
    """Stand in for nbval's own setup of a file."""
    file.kernel = Recording(file.path)
    file.setup_sanitize_files()


@functools.cache
def present() -> dict[str, str] | None:
    """Return what lies here now, if a build that ended filled the cache from this library."""
    built = book.KEY.read_text() if book.KEY.is_file() else None
    current = built == book.current_key() and not book.UNFINISHED.exists()
    return book.state() if current else None


def executed_cells(path: Path) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook's execution."""
    now = present()
    found = None if now is None else book.cached(path, now)
    if found is None:
        raise RuntimeError(
            f"no current execution of {path.name} in {book.CACHE.relative_to(book.ROOT)}: run "
            "tools/book.py, or leave out -p replay to execute the notebooks"
        )
    return [cell for cell in found.nb.cells if cell.cell_type == "code"]


class Recording:
    """What nbval asks of a running kernel, answered from an execution."""

    def __init__(self, path: Path) -> None:
        self._cells = iter(executed_cells(path))
        self._numbers = itertools.count()
        self._messages: list[dict[str, Any]] = []

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Take the next cell of the execution, which has to be this one."""
        cell = next(self._cells)
        if cell.source != source:
            raise RuntimeError(f"the execution has another cell here: {cell.source!r}")
        name = str(next(self._numbers))
        outputs = [
            self._message(name, output.pop("output_type"), output) for output in cell.outputs
        ]
        self._messages = [*outputs, self._message(name, "status", {"execution_state": "idle"})]
        return name

    @staticmethod
    def _message(parent: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        return {"parent_header": {"msg_id": parent}, "msg_type": kind, "content": content}

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        """Return at once: the cell has run."""

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next output of the cell, and in the end that the kernel is idle."""
        return self._messages.pop(0)

    def await_idle(self, parent_id: str, timeout: float) -> None:
        """Pass over what is left of the cell's outputs."""
        self._messages.clear()

    def is_alive(self) -> bool:
        """Say that cells can be asked for."""
        return True

    def stop(self) -> None:
        """End nothing: there is no process."""
