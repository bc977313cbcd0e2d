"""Make notebooks for a class in ``_build/class``: exercises alone, and apart from them solutions.

Run by ``make class``. ``students`` holds the launch copies without solutions and with an empty
cell for an answer, ``teachers`` the exercises with their solutions, chapter by chapter.
"""

import json
import re
import shutil
from pathlib import Path

import launch
import nbformat

FOLDER = launch.ROOT / "_build" / "class"
EXERCISE = re.compile(r"> \*\*Exercise ([\d.]+) ·")
SOLUTION = re.compile(
    r">\n> <details>\n> <summary>Solution</summary>\n.*?\n> </details>", re.DOTALL
)


def is_exercise(cell: nbformat.NotebookNode) -> bool:
    """Tell whether a cell of a copy is the box of an exercise."""
    return cell.cell_type == "markdown" and bool(EXERCISE.match(cell.source))


def is_folded(cell: nbformat.NotebookNode, tag: str = "hide-cell") -> bool:
    """Tell whether a cell is the code of a solution, if it stands behind an exercise."""
    return cell.cell_type == "code" and tag in cell.metadata.get("tags", [])


def answered(cells: list[nbformat.NotebookNode]) -> list[list[nbformat.NotebookNode]]:
    """Return each exercise with the cells that solve it."""
    found: list[list[nbformat.NotebookNode]] = []
    open_one = False
    for cell in cells:
        if is_exercise(cell):
            found.append([cell])
        elif open_one and is_folded(cell):
            found[-1].append(cell)
        open_one = is_exercise(cell) or (open_one and is_folded(cell))
    return found


def asked(exercise: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the question without its solution, and a cell for an answer."""
    number = EXERCISE.match(exercise.source)[1]
    question = nbformat.v4.new_markdown_cell(SOLUTION.sub("", exercise.source), id=exercise.id)
    answer = nbformat.v4.new_code_cell(f"# Your answer to exercise {number}", id=f"a-{exercise.id}")
    return [question, answer]


def for_students(text: str) -> str:
    """Return a copy without solutions."""
    notebook = nbformat.reads(text, as_version=4)
    solved = answered(notebook.cells)
    code = {cell.id for _, *cells in solved for cell in cells}
    boxes = {box.id for box, *_ in solved}
    kept: list[nbformat.NotebookNode] = []
    asking = False
    for cell in notebook.cells:
        if cell.id in boxes:
            kept += asked(cell)
        elif cell.id not in code and not (asking and is_folded(cell, "remove-cell")):
            kept.append(cell)  # behind the first exercise, hidden checks are of solutions
        asking = asking or cell.id in boxes
    notebook.cells = kept
    return written(notebook)


def for_teachers(text: str) -> str:
    """Return the exercises of a copy with their solutions below its title; "" if it has none."""
    notebook = nbformat.reads(text, as_version=4)
    solved = answered(notebook.cells)
    title = nbformat.v4.new_markdown_cell(notebook.cells[0].source.split("\n")[0], id="title")
    notebook.cells = [title, *(cell for cells in solved for cell in cells)]
    return written(notebook) if solved else ""


def written(notebook: nbformat.NotebookNode) -> str:
    """Return a valid notebook as text, the same in every run."""
    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def make(folder: Path, texts: dict[str, str]) -> None:
    """Write both folders anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, changed in (("students", for_students), ("teachers", for_teachers)):
        (folder / name).mkdir(parents=True)
        for page, text in texts.items():
            if page.endswith(".ipynb") and (result := changed(text)):
                (folder / name / page).write_text(result, encoding="utf-8")


def main() -> None:
    """Make them from what the build executed."""
    make(FOLDER, launch.copies(launch.executed))
    print(f"exercises and, apart, their solutions: {FOLDER.relative_to(launch.ROOT)}")


if __name__ == "__main__":
    main()
