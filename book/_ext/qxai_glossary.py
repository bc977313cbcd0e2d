"""The glossary's terms in the chapters: linked where they first occur, with their definition.

The sources name no term; links are made when a page is written. ``glossary.js`` shows the
definition beside the word; without it the word leads to the glossary.
"""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "book/glossary"
# Words that chapters also use in their everyday sense.
TOO_COMMON = {"contrast", "feature", "group", "score", "site"}
# Running text is what is in none of these.
APART = (
    nodes.Admonition,
    nodes.caption,
    nodes.legend,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.rubric,
    nodes.table,
    nodes.title,
    addnodes.desc,
)


def forms(terms: list[str]) -> dict[str, str]:
    """Return the ways in which terms are written, singular and plural, with the term."""
    plural = {f"{term}s": term for term in terms}
    singular = {term.removesuffix("s"): term for term in terms}
    return plural | singular | {term: term for term in terms}


def expression(written: list[str]) -> re.Pattern[str]:
    """Match whole words, the longest first; a sentence may begin with them."""
    longest = sorted(written, key=len, reverse=True)
    either = [
        rf"[{one[0].upper()}{one[0].lower()}]" + re.escape(one[1:]).replace(r"\ ", r"\s+")
        for one in longest
    ]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(either)})(?![\w-])")


def find(text: str, terms: list[str]) -> list[tuple[int, int, str]]:
    """Return where terms first occur in a text: begin, end and the term, in order.

    Examples
    --------
    >>> find("Two light cones meet a light cone.", ["cone", "light cone"])
    [(4, 15, 'light cone')]
    """
    known = forms(terms)
    lower = {one.lower(): term for one, term in known.items()}
    found: dict[str, tuple[int, int, str]] = {}
    for match in expression(list(known)).finditer(text):
        term = lower[re.sub(r"\s+", " ", match[0]).lower()]
        found.setdefault(term, (match.start(), match.end(), term))
    return list(found.values())


def is_running_text(node: nodes.Node) -> bool:
    """Tell whether a text is a sentence of the page, not a title, a box, a table or code."""
    while (node := node.parent) is not None:
        if isinstance(node, APART) or node.get("design_component") or node.get("nb_element"):
            return False
    return True


def link_terms(doctree: nodes.document, entries: dict[str, nodes.term], address: str) -> list[str]:
    """Link each term where it first occurs; return the terms that do."""
    linked: list[str] = []
    for text in list(doctree.findall(nodes.Text)):
        left = [term for term in entries if term not in linked]
        if not left or not is_running_text(text) or not (places := find(text, left)):
            continue
        parts, end = [], 0
        for begin, stop, term in places:
            anchor = entries[term]["ids"][0]
            link = nodes.reference("", text[begin:stop], refuri=f"{address}#{anchor}")
            link["classes"], link["internal"] = ["qxai-term"], True
            parts += [nodes.Text(text[end:begin]), link]
            linked.append(term)
            end = stop
        text.parent.replace(text, [*parts, nodes.Text(text[end:])])
    return linked


def glossary_entries(env: Any) -> dict[str, nodes.term]:
    """Return the terms of the glossary's page by their words, without the too common."""
    terms = env.get_doctree(GLOSSARY).findall(nodes.term)
    found = {term.astext(): term for term in terms if term["ids"]}
    return {words: term for words, term in found.items() if words not in TOO_COMMON}


def is_chapter(app: Any, page: str) -> bool:
    """Tell whether terms are linked on a page: notebooks, in a book with a glossary."""
    return GLOSSARY in app.env.all_docs and app.env.doc2path(page).endswith(".ipynb")


def on_resolved(app: Any, doctree: nodes.document, page: str) -> None:
    """Link the terms of a page before it is written, and note them."""
    if app.builder.format == "html" and is_chapter(app, page):
        if not hasattr(app, "glossary_entries"):
            app.glossary_entries = glossary_entries(app.env)
        address = app.builder.get_relative_uri(page, GLOSSARY)
        doctree["terms"] = link_terms(doctree, app.glossary_entries, address)


def definition(app: Any, term: nodes.term) -> str:
    """Return a definition as HTML, for the box beside the word."""
    (meaning,) = [n for n in term.parent if isinstance(n, nodes.definition)]
    text = app.builder.render_partial(meaning[0])["fragment"]
    return f'<div role="tooltip" id="define-{term["ids"][0]}">{text}</div>'


def add_definitions(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the definitions of a page's terms at its end, unseen, and name them at the words."""
    if doctree is None or not doctree.get("terms"):
        return
    entries = [app.glossary_entries[term] for term in doctree["terms"]]
    body = re.sub(
        r'(<a class="qxai-term[^>]*#(term-[^"]*)")', r'\1 aria-describedby="define-\2"',
        context["body"],
    )  # fmt: skip
    unseen = "".join(definition(app, entry) for entry in entries)
    context["body"] = f'{body}<div class="qxai-definitions" hidden>{unseen}</div>'


def rewrite_all(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> Any:
    """Write every page again when the glossary has changed."""
    return list(env.found_docs) if GLOSSARY in added | changed else []


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("env-get-outdated", rewrite_all)
    app.connect("doctree-resolved", on_resolved)
    app.connect("html-page-context", add_definitions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
