"""Citations as words, from the book's references; the same words as on the pages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pybtex.database import BibliographyData, Entry, Person, parse_file
from pybtex.plugin import find_plugin
from pybtex.richtext import Text


@dataclass(frozen=True)
class References:
    """The entries of a file of references."""

    entries: BibliographyData

    @classmethod
    def read(cls, path: Path) -> "References":
        """Read a BibTeX file."""
        return cls(parse_file(str(path)))

    def names(self, key: str) -> str:
        """Return one author, two, or the first *et al.*; a title where nobody signs."""
        entry = self._entry(key)
        people = entry.persons.get("author") or entry.persons.get("editor")
        if not people:
            return str(Text.from_latex(entry.fields["title"]))
        shown = [last_name(person) for person in people]
        return " and ".join(shown) if len(shown) < 3 else f"{shown[0]} et al."

    def year(self, key: str) -> str:
        """Return an entry's year."""
        return self._entry(key).fields.get("year", "n.d.")

    def cited(self, keys: str, style: str = "p") -> str:
        """Return a citation as Markdown: in parentheses (``p``) or in the sentence (``t``)."""
        found = [(self.names(key), self.year(key)) for key in split(keys)]
        if style == "t":
            return ", ".join(f"[{names} ({year})](#References)" for names, year in found)
        inside = "; ".join(f"[{names}, {year}](#References)" for names, year in found)
        return f"({inside})"

    def listed(self, keys: Iterable[str]) -> str:
        """Return entries as a list with links, by name."""
        wanted = {self._entry(key).key for key in keys}
        return "\n".join(text for key, text in self._sorted.items() if key in wanted)

    @cached_property
    def _sorted(self) -> dict[str, str]:
        style = find_plugin("pybtex.style.formatting", "plain")()
        backend = find_plugin("pybtex.backends", "markdown")()
        found = style.format_entries(self.entries.entries.values())
        texts = {entry.key: entry.text.render(backend).replace("\n", " ") for entry in found}
        return {key: "- " + re.sub(r"\\([-.()!+#])", r"\1", text) for key, text in texts.items()}

    def _entry(self, key: str) -> Entry:
        try:
            return self.entries.entries[key]
        except KeyError:
            raise ValueError(
                f"citation: expected a key of references.bib, found {key!r}; add the entry there"
            ) from None


def split(keys: str) -> list[str]:
    """Return the keys of one citation."""
    return [key.strip() for key in keys.split(",")]


def last_name(person: Person) -> str:
    """Return a person's last name with what goes before it, such as *van der*."""
    parts = [*person.rich_prelast_names, *person.rich_last_names]
    return " ".join(str(part) for part in parts)
