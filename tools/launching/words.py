"""What roles, links and labels say on one page of the book."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from launching.citations import References
from launching.contents import Label, Page, anchor

CITATIONS = {"cite": "p", "cite:p": "p", "cite:ps": "p", "cite:t": "t", "cite:ts": "t"}
CODE = {"code", "literal", "file", "samp", "kbd", "command", "program", "func", "class", "meth"}
CODE |= {"attr", "mod", "data", "exc", "obj"}
TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^<>]+)>", re.DOTALL)


@dataclass(frozen=True)
class Meanings:
    """Looks names up for one page; ``fills`` are directives whose text the book makes."""

    page: Page
    pages: Sequence[Page]
    labels: Mapping[str, Label]
    references: References
    fills: Mapping[str, Callable[[], str]]

    def role(self, name: str, text: str) -> str:
        """Return Markdown for a role."""
        if name in CITATIONS:
            return self.references.cited(text, CITATIONS[name])
        if name == "math":
            return f"${text}$"
        titled = TITLED.fullmatch(text)
        title, target = (titled["title"], titled["target"]) if titled else ("", text)
        if name.startswith("py:") or name in CODE:
            return f"`{title or shortened(target)}`"
        if name in ("numref", "eq"):
            return self._numbered(name, title, target)
        if name in ("ref", "any"):
            return self.link(title, f"#{target}")
        if name in ("doc", "download"):
            return self.link(title, f"{target.removesuffix('.md').removesuffix('.ipynb')}.ipynb")
        return title or text

    def link(self, text: str, target: str) -> str:
        """Return a link within the copies or to the web; words where there is no such page."""
        if re.match(r"[a-z]+:", target):
            return f"[{text or target}]({target})"
        path, _, label = target.partition("#")
        file = re.sub(r"\.md$", ".ipynb", path.removeprefix("./"))
        found = self.labels.get(label)
        if found:
            return self._to_label(text, found)
        if not path:
            return f"[{text or label}](#{label})" if self._is_heading(label) else text or label
        named = {page.file: page.title for page in self.pages}
        if file not in named:
            return text or f"`{path}`"
        return f"[{text or named[file]}]({file})"

    def number(self, label: str) -> str:
        """Return the number of an equation of this page."""
        return self.labels[label].words if label in self.labels else ""

    def whole(self, directive: str) -> str | None:
        """Return the text of a directive that the book fills in."""
        return self.fills[directive]() if directive in self.fills else None

    def _numbered(self, role: str, title: str, label: str) -> str:
        found = self.labels.get(label)
        if found is None:
            raise ValueError(
                f"{role}: expected a label of the book, found {label!r} in {self.page.path.name}; "
                "give an equation `:label:` or a figure `mystnb.figure.name` of that name"
            )
        if role == "eq":
            words = f"({found.words})"
        elif title:
            words = title.replace("%s", found.words).replace("{number}", found.words)
        else:
            words = f"Figure {found.words}"
        return words if found.file == self.page.file else f"[{words}]({found.file})"

    def _to_label(self, text: str, label: Label) -> str:
        kinds = {"equation": f"({label.words})", "figure": f"Figure {label.words}"}
        words = text or kinds.get(label.kind, label.words)
        file = "" if label.file == self.page.file else label.file
        target = file + (f"#{label.anchor}" if label.anchor else "")
        return f"[{words}]({target})" if target else words

    def _is_heading(self, label: str) -> bool:
        headings = re.findall(r"^#+ (.*)$", "\n".join(self.page.texts), re.MULTILINE)
        return label in {anchor(heading) for heading in headings}


def shortened(name: str) -> str:
    """Return what Sphinx shows of a name: its last part behind ``~``, no mark before it."""
    return name.removeprefix("~").rsplit(".", 1)[-1] if name[0] == "~" else name.lstrip("!.")
