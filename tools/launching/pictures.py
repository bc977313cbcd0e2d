"""Outputs as they are stored in a copy: few bytes, and the same bytes every time."""

import base64
import io
import re

import nbformat
from PIL import Image

WIDTH, COLOURS = 900, 128
KEPT = {"image/png", "image/svg+xml", "text/html", "text/latex", "text/markdown", "text/plain"}
SVG = re.compile(r"(?:<div[^>]*>)?\s*(<svg\b.*</svg>)\s*(?:</div>)?", re.DOTALL)


def smaller(output: nbformat.NotebookNode, count: int | None) -> nbformat.NotebookNode:
    """Return an output with smaller pictures, and without what a stored notebook cannot show."""
    kept = nbformat.from_dict(dict(output))
    if "data" in output:
        kept.data = {kind: data for kind, data in output.data.items() if kind in KEPT}
        if "image/png" in kept.data:
            kept.data["image/png"] = reduced(kept.data["image/png"])
            kept.data.pop("text/plain", None)  # <Figure size 540x310 with 1 Axes>
        drawn = SVG.fullmatch(kept.data.get("text/html", "").strip())
        if drawn:  # as HTML it would be words without lines where scripts are not trusted
            del kept.data["text/html"]
            svg = drawn[1].replace(' style="', ' style="background: white; ', 1)
            kept.data["image/svg+xml"] = svg
    if output.output_type == "execute_result":
        kept.execution_count = count
    return kept


def reduced(encoded: str) -> str:
    """Return a PNG on white, so that it can be read on a dark page, in few colours."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    if flat.width > WIDTH:
        height = round(flat.height * WIDTH / flat.width)
        flat = flat.resize((WIDTH, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    palette = flat.quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(buffer, format="PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
