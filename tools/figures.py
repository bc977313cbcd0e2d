"""What the build keeps of figures besides their pictures by day: see ``night.py``."""

import base64
import hashlib
import json
from pathlib import Path

import nbformat

TOOLS = Path(__file__).resolve().parent
MIME = "application/x-qxai-figure"
# Run in a notebook's kernel before its own cells.
WATCH = f"""
import sys
sys.path.insert(0, {str(TOOLS)!r})
import night
sys.path.pop(0)
night.install()
del night, sys
"""


def collect(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Take descriptions of figures out of an executed notebook, each into three files.

    They are called by the digest of the picture by day, as the pages' pictures are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).pop(MIME, None)
            if text is not None:
                keep(json.loads(text), output.data.get("image/png"), folder)


def keep(record: dict[str, object], picture: str | None, folder: Path) -> None:
    """Write the drawing by night, the one by day as SVG, and what is known of them."""
    if picture is None:
        return
    name = hashlib.sha256(base64.b64decode(picture)).hexdigest()
    (folder / f"{name}.png").write_bytes(base64.b64decode(str(record.pop("night"))))
    (folder / f"{name}.svg").write_text(str(record.pop("vector")), encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(record))
