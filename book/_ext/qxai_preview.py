"""What a link to a page shows elsewhere: a description, the book's front picture, its address."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from qxai_launch import remote_address

FRONT = "book/index"
LONGEST = 300


def pages_address(repository: str | None) -> str:
    """Return where GitHub or GitLab publishes the pages of a repository; "" if neither does."""
    parts = urlsplit(repository or "")
    owner, _, name = parts.path.strip("/").partition("/")
    for host, domain in {"github.com": "github.io", "gitlab.com": "gitlab.io"}.items():
        if parts.hostname == host and name:
            root = f"{owner.lower()}.{domain}"
            return f"https://{root}/" + ("" if name.lower() == root else f"{name}/")
    return ""


def sentences(node: nodes.Node) -> str:
    """Return a paragraph's words without markup; "" if a formula is among them."""
    if any(True for _ in node.findall(lambda n: isinstance(n, nodes.math | nodes.math_block))):
        return ""
    skipped = {id(t) for r in node.findall(is_citation) for t in r.findall(nodes.Text)}
    text = "".join(t for t in node.findall(nodes.Text) if id(t) not in skipped)
    return re.sub(r"\s+([.,;:?])", r"\1", re.sub(r"\s+", " ", text)).strip()


def is_citation(node: nodes.Node) -> bool:
    """Tell whether a node is a reference to the bibliography."""
    return isinstance(node, nodes.Element) and "bibtex-citation" in node.get("classes", ())


def shortened(text: str) -> str:
    """Cut a description after the last whole sentence, or word, that fits."""
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST]
    end = max(cut.rfind(mark) for mark in (". ", "? "))
    return cut[: end + 1] if end > 0 else cut.rsplit(" ", 1)[0] + " …"


def description(doctree: nodes.document) -> str:
    """Return the question that a chapter answers, or a page's first prose without formulas."""
    boxes = [b for b in doctree.findall(nodes.Admonition) if b[0].astext() == "The question"]
    questions = [p for box in boxes for p in box.findall(nodes.paragraph)]
    prose = [p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section)]
    texts = [sentences(paragraph) for paragraph in [*questions, *prose]]
    return shortened(next(filter(None, texts), ""))


def describe(app: Any, doctree: nodes.document) -> None:
    """Note a page's description beside what its source says of it."""
    app.env.metadata[app.env.docname].setdefault("description", description(doctree))


def find_address(app: Any, config: Any) -> None:
    """Note where the pages will be: if that changes, Sphinx writes all pages again."""
    config.ogp_site_url = config.ogp_site_url or pages_address(remote_address(Path(app.srcdir)))


def front_picture(env: Any) -> str | None:
    """Return the address of the front page's first picture, from the root of the book."""
    for uri, (pages, name) in env.images.items():
        if FRONT in pages and uri.endswith(".png"):
            return f"_images/{name}"
    return None


def tell(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Hand the description on, for search engines and for previews."""
    if doctree is None:
        return
    app.config.ogp_image = app.config.ogp_image or front_picture(app.env)
    text = (context["meta"] or {}).get("description", "")
    if text:
        context["meta"] = {**context["meta"], "og:description": text}
        escaped = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        context["metatags"] += f'<meta name="description" content="{escaped}" />\n'


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, before the tags are made."""
    app.connect("config-inited", find_address)
    app.connect("doctree-read", describe)
    app.connect("html-page-context", tell, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
