"""An HTML page that loads nothing and runs nothing, and how it is written."""

import html
import os
import re
from pathlib import Path

from qxai.files import replacing
from qxai.reporting.arguments import check_path

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --quiet: #595959; --line: #ddd;
  --band: #f4f5f7; --bar: #0072b2; --warn: #8a4b00; --warn-paper: #fff6e6; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h2 { margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
a { color: inherit; }
table { border-collapse: collapse; margin: 1rem 0 1.5rem; font-variant-numeric: tabular-nums; }
caption, tfoot td, .quiet { color: var(--quiet); }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tbody td { white-space: nowrap; }
tbody th { font-weight: normal; min-width: 8.5rem; max-width: 18rem; overflow-wrap: anywhere; }
thead th { min-width: 6.4rem; vertical-align: bottom; }
tfoot td { border: 0; font-size: .85rem; padding-top: .5rem; }
figure { margin: 1.5rem 0; background: #fff; }
figure svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
.wide > table.qxai-table tr > :first-child:not([colspan]) { position: sticky; left: 0;
  background: var(--paper); }
@media (max-width: 36rem) {
  body { margin-top: 1rem; }
  table { font-size: .85rem; }
  th, td { padding: .2rem .45rem; }
  thead th { min-width: 5.2rem; }
  tbody th { min-width: 6.5rem; max-width: 9rem; }
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181b; --quiet: #ababab; --line: #444; --band: #202327;
    --bar: #4aa8e0; --warn: #f0b860; --warn-paper: #2b2418; }
}
@media print {
  :root { --ink: #000; --paper: #fff; --quiet: #444; --line: #bbb; --band: #f4f5f7;
    --bar: #0072b2; --warn: #6b3a00; --warn-paper: #fff; }
  body { margin: 0; max-width: none; font-size: 11px; }
  .wide { overflow: visible; }
  table { font-size: 9px; }
  th, td { padding: .1rem .3rem; }
  tbody td, th { white-space: normal; min-width: 0 !important; }
  h2, h3, caption { break-after: avoid; }
  figure, tr { break-inside: avoid; }
}
""".strip()

# Parts come from anywhere; with this a browser loads and runs nothing, handlers of events included.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
# What no reader sees and some programs act on: control characters, changes of direction, halves
# of characters.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def check_page(path: str | os.PathLike[str], title: object) -> Path:
    """Return where a page is to be written, before anything is computed for it.

    Raises
    ------
    TypeError
        If the path is no name, or the title no text.
    ValueError
        If no file can have the name, or it has another ending than ``.html``.
    OSError
        If the name is that of a folder, or its folder is not there or takes no files.
    """
    if not isinstance(title, str):
        raise TypeError(f"title: expected a text, found {title!r}; write {str(title)!r}")
    return check_path(path)


def write(target: Path, title: str, body: str, style: str = "") -> None:
    """Write a page whole, or leave what was there."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE}\n{style}</style>\n</head>\n"
        f"<body>\n<h1>{html.escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )
    with replacing(target) as file:
        file.write(UNSEEN.sub("\ufffd", page).encode())
