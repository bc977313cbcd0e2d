"""Run axe, which axe-playwright-python ships, on an opened page."""

import functools
import json
from pathlib import Path

import axe_playwright_python

# Formulas' pictures are hidden from screen readers, colours of code are the same on every page,
# and the reference repeats one form, of which the first entries of a page stand for all: unseen,
# they cost axe no time. Colours on their way from day to night are no colours of the page.
SETTLED = "*, ::before, ::after { transition: none !important; }"
UNCHECKED = """
    mjx-math, dl.py ~ dl.py ~ dl.py { display: none !important; }
    .highlight span { visibility: hidden !important; }
"""


@functools.cache
def script():
    (path,) = Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")
    return path.read_text()


def violations(page, rules=None, unchecked=UNCHECKED):
    """List what is serious or critical, each with the first element that shows it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script())
    options = {"resultTypes": ["violations"], "selectors": False, "preload": False}
    if rules:
        options["runOnly"] = rules
    style = page.add_style_tag(content=unchecked + SETTLED)
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
    style.evaluate("style => style.remove()")
    return [
        (one["id"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
