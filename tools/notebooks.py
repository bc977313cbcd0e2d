"""Execute notebooks in place and keep only counts, and the text and tables of checked cells.

Run by ``make notebooks`` after a change, so that nbval has outputs to compare with. Figures and
other outputs belong to the build, not to the repository.
"""

import os
from pathlib import Path

import nbformat

from book import ENVIRONMENT, ROOT, at_the_same_time, execute

CHECKED = "nbval-check-output"
COMPARED = ("text/html", "text/plain")


def kept(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the outputs of a cell that are compared: text and tables of checked cells."""
    if CHECKED not in cell.metadata.get("tags", []):
        return []
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    printed = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
    shown = [o for o in cell.outputs if COMPARED[0] in o.get("data", {})]
    return printed + [
        nbformat.v4.new_output("display_data", {kind: o.data[kind] for kind in COMPARED})
        for o in shown
    ]


def refresh(path: Path) -> None:
    """Run one notebook and write it back, by renaming a finished file."""
    print(f"executing {path.relative_to(ROOT)} ...", flush=True)
    notebook, _ = execute(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = kept(cell)
    version = notebook.metadata.get("language_info", {})
    notebook.metadata["language_info"] = {"name": version.get("name", "python")}
    partial = path.with_suffix(".tmp")
    nbformat.write(notebook, partial)
    os.replace(partial, path)


def main() -> None:
    """Refresh all notebooks of the book."""
    os.environ.update(ENVIRONMENT)
    for _ in at_the_same_time(refresh, sorted((ROOT / "book").glob("*.ipynb"))):
        pass  # a failing notebook raises here


if __name__ == "__main__":
    main()
