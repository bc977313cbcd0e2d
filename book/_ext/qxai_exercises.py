"""Exercises as one box: the code of a solution moves into the box's last dropdown.

In a notebook the code cell (``hide-cell``) stands behind the cell with the box, so that it runs.
"""

from typing import Any

from docutils import nodes


def is_folded_code(node: nodes.Node) -> bool:
    """Tell whether a node is a code cell of which nothing is seen until it is asked for."""
    return isinstance(node, nodes.container) and node.get("hide_mode") == "all"


def following(node: nodes.Element) -> list[nodes.Element]:
    """Return the folded cells that directly follow a node."""
    found = []
    for sibling in node.parent[node.parent.index(node) + 1 :]:
        if not is_folded_code(sibling):
            break
        found.append(sibling)
    return found


def dropdowns(box: nodes.Element) -> list[nodes.Element]:
    """Return the dropdowns of a box, in order."""
    return [n for n in box.findall(nodes.container) if n.get("design_component") == "dropdown"]


def move_solutions(box: nodes.Element) -> None:
    """Put the cells behind a box into its last dropdown, unfolded: one fold is enough."""
    cells = following(box)
    if not cells:
        return
    folds = dropdowns(box)
    if not folds:
        raise ValueError(
            f"{box.source}: {box[0].astext()!r} is followed by folded code and has no dropdown: "
            "add a dropdown for the solution, or text before the code"
        )
    for cell in cells:
        cell.parent.remove(cell)
        del cell["hide_mode"]
        folds[-1].append(cell)


def mark_level(box: nodes.Element) -> None:
    """Set the level, which the title ends with, apart from the title."""
    title = box[0]
    name, _, level = title.astext().rpartition(" · ")
    if name:
        title.children = []
        title += [nodes.Text(f"{name} "), nodes.inline("", level, classes=["level", level])]


def gather(app: Any, doctree: nodes.document) -> None:
    """Do both for every exercise of a page."""
    for box in list(doctree.findall(nodes.admonition)):
        if "exercise" in box["classes"]:
            move_solutions(box)
            mark_level(box)


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", gather)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
