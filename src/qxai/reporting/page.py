"""One page to send: tables, figures and sentences in a single HTML file."""

import html
import io
import os
import re
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context

from qxai.reporting.arguments import check_parts
from qxai.reporting.document import check_page, write

# A page can go elsewhere by a meta element, which no policy stops.
REFUSED = re.compile(r"<(script|meta)\b", re.IGNORECASE)


def write_page(path: str | os.PathLike[str], title: str, parts: Sequence[Any]) -> None:
    """Write results, figures and sentences as one HTML page that needs nothing else.

    The page has no script, and its policy lets nothing load or run: it can be sent, printed and
    kept. The same parts give the same bytes. It is written under a temporary name and then
    renamed, so that it is complete or not there. Control characters are drawn as �.

    Parameters
    ----------
    path : str or path-like
        Must end in ``.html``.
    title : str
    parts : sequence
        In the order of the page: text, which becomes paragraphs; whatever draws itself as HTML,
        such as an `Attribution` or a `Table`; matplotlib figures, which are written as SVG.

    Raises
    ------
    ValueError
        If no file can have the name, or it has another ending than ``.html``.
    TypeError
        If ``parts`` is no list, or a part is none of these or draws itself with a script or a
        meta element; if ``path`` is no name or ``title`` no text.
    OSError
        If the name is that of a folder, or its folder is not there; if the file cannot be
        written.

    Examples
    --------
    >>> import os, pathlib, tempfile, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> found = qxai.shapley(model, [[2, 3]])
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "found.html")
    >>> qxai.write_page(path, "A product", ["Each factor gets half.", found])
    >>> text = pathlib.Path(path).read_text(encoding="utf-8")
    >>> "Each factor gets half." in text, "<table" in text
    (True, True)
    >>> folder.cleanup()
    """
    target = check_page(path, title)
    body = "\n".join(_written(number, part) for number, part in enumerate(check_parts(parts)))
    write(target, title, body)


def _written(number: int, part: Any) -> str:
    """Return the HTML of a part of the page."""
    if isinstance(part, str):
        lines = (line for line in part.split("\n\n") if line.strip())
        return "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    if callable(getattr(part, "savefig", None)):
        return f"<figure>{_drawn(number, part)}</figure>"
    drawn = getattr(part, "_repr_html_", None)
    text = drawn() if callable(drawn) else None
    if isinstance(text, str) and not REFUSED.search(text):
        return f'<div class="wide">{text}</div>'
    raise TypeError(
        f"parts: expected text, matplotlib figures and what draws itself without scripts, found "
        f"{type(part).__name__} at position {number}; pass the figure of Axes (ax.figure), "
        "numbers as a qxai.Table, other things as text, str(part)"
    )


def _drawn(number: int, figure: Any) -> str:
    """Return a figure as SVG, the same for the same picture: no date, no random names."""
    file = io.StringIO()
    with rc_context({"svg.hashsalt": f"figure {number}", "svg.fonttype": "path"}):
        figure.savefig(file, format="svg", metadata={"Date": None}, bbox_inches="tight")
    text = file.getvalue()
    return text[text.index("<svg") :].strip()
