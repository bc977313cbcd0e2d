"""In a notebook with a kernel the explorer is a widget."""

import nbformat
from nbclient import NotebookClient

from qxai.widgets.explorer import VIEW, module

CODE = """
import qxai
from qxai import widgets
model = qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]])
explorer = widgets.explore(model, [[0.4, 1.1]], baseline=0)
explorer
"""
MOVED = """
(widget,) = explorer._widgets
assert explorer.x.tolist() == [0.4, 1.1]
widget.x = [1.0, 2.0]  # as the browser does
widget.b = [0.5, 0.5]
print(explorer.x, explorer.baseline)
"""


def test_a_kernel_shows_a_widget_whose_reader_can_be_asked_where_it_stands():
    cells = [nbformat.v4.new_code_cell(code) for code in (CODE, MOVED)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    shown, printed = (cell.outputs[-1] for cell in notebook.cells)
    assert {VIEW, "text/html", "text/plain"} <= set(shown.data)
    assert printed.text == "[1. 2.] [0.5 0.5]\n"
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    told = next(one["state"] for one in states.values() if "payload" in one["state"])
    assert told["_esm"].startswith(module())
    assert "export { render }" in told["_esm"]
