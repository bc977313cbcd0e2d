"""What the search page knows of each page besides Sphinx's index.

``_static/topics.js`` holds, for each page, the words that it is about, with weights, the number
of its chapter, and its description; ``search.js`` ranks by them.
"""

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

from sphinx.search.en import SearchEnglish

KEPT, WEIGHT = 60, 4
# Code, formulas, roles and addresses are no words of a page.
NO_PROSE = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$\n]*\$|`[^`\n]*`|\{[\w:]+\}|\]\([^)]*\)", re.DOTALL
)


def prose(path: Path) -> str:
    """Return the words that a source file says to a reader."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "markdown"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
    return NO_PROSE.sub(" ", text)


def emphasised(text: str) -> str:
    """Repeat the words of titles, and those in bold, which a chapter explains."""
    told = re.findall(r"^#+ (.+)|\*\*([^*]+)\*\*", text, re.MULTILINE)
    return " ".join([text, *(WEIGHT * f"{title}{bold} " for title, bold in told)])


def stems(text: str) -> list[str]:
    """Return the stems of a text's words, as the search in the browser makes them."""
    language = SearchEnglish({})
    words = re.findall(r"[^\W\d_]{3,}", text.lower())
    return [language.stem(w) for w in words if language.word_filter(w)]


def topics(pages: dict[str, str], chapters: set[str]) -> dict[str, dict[str, float]]:
    """Weigh the words of each page by how often it says them and how few others do.

    The weight of a word is 1 in the chapter where it matters most, and never more.
    """
    counts = {page: Counter(stems(emphasised(text))) for page, text in pages.items()}
    spread = Counter(word for count in counts.values() for word in count)
    weights = {
        page: {word: n / count.total() for word, n in count.items()}
        for page, count in counts.items()
    }
    greatest = {
        word: max(weights[page].get(word, 0) for page in chapters)
        or max(weight.get(word, 0) for weight in weights.values())
        for word in spread
    }
    kept = {}
    for page, weight in weights.items():
        rare = sorted(weight, key=lambda w: -weight[w] * math.log(1 + len(pages) / spread[w]))
        kept[page] = {w: min(1, round(weight[w] / greatest[w], 2)) for w in rare[:KEPT]}
    return kept


def write_topics(app: Any, error: Exception | None) -> None:
    """Write the file after the build, for all pages, changed or not."""
    if error is not None or app.builder.format != "html":
        return
    env = app.env
    pages = {page: prose(Path(env.doc2path(page))) for page in sorted(env.found_docs)}
    chapters = {page for page in pages if env.toc_secnumbers.get(page, {}).get("")}
    words = topics(pages, chapters)
    about = {
        page: {
            "words": words[page],
            "chapter": page in chapters,
            "about": env.metadata[page].get("description", ""),
        }
        for page in pages
    }
    text = f"const TOPICS = {json.dumps(about, ensure_ascii=False, separators=(',', ':'))};\n"
    (Path(app.outdir) / "_static" / "topics.js").write_text(text, encoding="utf-8")


def add_scripts(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load both scripts on the search page alone, after Sphinx's own."""
    if pagename == "search":
        app.add_js_file("topics.js", loading_method="defer")
        app.add_js_file("search.js", loading_method="defer")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_topics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
