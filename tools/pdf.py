"""Print the built book as one PDF, with an outline and links inside. Run by ``make pdf``.

The pages of ``_build/html`` become one page in the order of the table of contents, which Chromium
prints as paper by day: solutions are open; code that only draws, and what can only be moved by
hand, is left out.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "qxai.pdf"
WHOLE = HTML / "whole.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Code that is folded away on the page draws figures or prepares them.
LEFT_OUT = "script, .headerlink, .copybtn, .prev-next-footer, dialog, details.above-input"
PAPER = """
@page { size: A4; margin: 18mm 17mm 20mm; }
html { font-size: 10pt; }
body { display: block; }
main { max-width: none; margin: 0; }
article.bd-article { break-before: page; padding: 0; }
article.front { text-align: center; padding-top: 40%; }
article.front p { margin: 1rem; }
.qxai-figure img.only-dark, img.only-dark { display: none !important; }
.qxai-figure img { max-height: 110mm; max-width: 130mm !important; min-width: 0 !important; }
.qxai-figure img { object-fit: contain; }
"""
FOOT = (
    '<div style="width: 100%; font-size: 8px; text-align: center">'
    '<span class="pageNumber"></span></div>'
)


def order(root: Path) -> list[tuple[str, list[str]]]:
    """Return the caption and the pages of each part."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [(p["caption"], [entry["file"] for entry in p["chapters"]]) for p in toc["parts"]]
    return [("", [toc["root"]]), *parts]


def anchor(page: str, name: str = "") -> str:
    """Return what a page, or a place on it, is called on the whole page."""
    return "--".join(filter(None, [page.replace("/", "-"), name]))


def moved(link: str, page: str, pages: set[str]) -> str:
    """Return where a link of a page leads on the whole page; links to elsewhere stay."""
    if urlsplit(link).scheme:
        return link
    goal = urlsplit(urljoin(f"{page}.html", link))
    name = goal.path.removesuffix(".html")
    return f"#{anchor(name, goal.fragment)}" if name in pages else ""


def article(html: str, page: str, pages: set[str]) -> Tag:
    """Return the text of a page, with names and links that are its own on the whole page."""
    found = BeautifulSoup(html, "html.parser").select_one("article.bd-article")
    if found is None:
        raise ValueError(f"{page}: expected a page of the book, found none; run make book")
    for gone in found.select(LEFT_OUT):
        gone.decompose()
    for tag in found.find_all(id=True):
        tag["id"] = anchor(page, tag["id"])
    for tag in found.find_all("a", href=True):
        goal = moved(tag["href"], page, pages)
        if goal:
            tag["href"] = goal
        else:  # a file that is no page
            del tag["href"]
    for tag in found.find_all(["img", "source"], src=True):
        tag["src"] = urljoin(f"{page}.html", tag["src"])
        tag["loading"] = "eager"
    for tag in found.find_all("details"):
        tag["open"] = ""
    found["id"] = anchor(page)
    return found


def whole(parts: list[tuple[str, list[str]]], front: str) -> str:
    """Return all pages as one."""
    pages = {page for _, chapters in parts for page in chapters}
    texts = {page: (HTML / f"{page}.html").read_text(encoding="utf-8") for page in pages}
    head = BeautifulSoup(texts[parts[0][1][0]], "html.parser").head
    assert head is not None
    # The first page lies in a folder, the whole one does not.
    kept = [tag for tag in head.find_all("link", rel="stylesheet") if tag.get("href")]
    styles = "".join(str(tag).replace("../_static/", "_static/") for tag in kept)
    scripts = [t for t in head.find_all("script") if "MathJax" in str(t) or "mathjax" in str(t)]
    maths = "".join(str(tag).replace("../_static/", "_static/") for tag in scripts)
    body = "".join(str(article(texts[p], p, pages)) for _, chapters in parts for p in chapters)
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head>'
        '<meta charset="utf-8"><title>Explaining quantum machine learning</title>'
        f"{styles}{maths}<style>{PAPER}</style></head><body><main>"
        f'<article class="bd-article front">{front}</article>{body}</main></body></html>'
    )


def cover(root: Path) -> str:
    """Return the first sheet: what it is, of which version, and what one may do with it."""
    known = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    names = ", ".join(author["name"] for author in known["authors"])
    return (
        "<h1>Explaining quantum machine learning</h1>"
        f"<p>{names}</p><p>Version {known['version']}</p>"
        "<p>Text and figures: Creative Commons Attribution 4.0 International. Code: MIT.</p>"
    )


def chromium() -> str:
    """Find a browser."""
    found = os.environ.get("QXAI_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        sys.exit(
            "error: no Chromium found: install it (on Debian: apt-get install chromium) or set "
            "QXAI_CHROMIUM to its path"
        )
    return str(found)


def print_page(source: Path, target: Path) -> None:
    """Print a page once its formulas are set and its pictures are there."""
    partial = target.with_suffix(".tmp")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(source.as_uri(), wait_until="load")
        page.evaluate("() => window.MathJax ? MathJax.startup.promise : null")
        page.pdf(
            path=partial,
            prefer_css_page_size=True,
            print_background=True,
            outline=True,
            tagged=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOT,
        )
        browser.close()
    partial.replace(target)


def main() -> None:
    """Print, and say how much there is."""
    if not (HTML / "index.html").is_file():
        sys.exit("error: the book is not built: run make book")
    WHOLE.write_text(whole(order(ROOT), cover(ROOT)), encoding="utf-8")
    try:
        print_page(WHOLE, TARGET)
    finally:
        WHOLE.unlink()
    content = TARGET.read_bytes()
    sheets = len(re.findall(rb"/Type\s*/Page\b", content))
    size = len(content) / 1e6
    print(f"{sheets} sheets, {size:.1f} MB: {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
