"""The directive ``{citing}``: for each table that the project keeps, how to cite it."""

import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROW = re.compile(r"^\| (`[^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|", re.MULTILINE)


def described(readme: str) -> dict[str, tuple[str, str]]:
    """Return what each file is and its licence, by its name under ``data/``."""
    found = {}
    for files, what, licence in ROW.findall(readme):
        names = re.findall(r"`([^`]+)`", files)
        folder = names[0].rpartition("/")[0] if names else ""
        for name in names:
            path = name if "/" in name or not folder else f"{folder}/{name}"
            found[path] = (what.strip(), licence.strip())
    return found


def entry(name: str, digest: str, known: dict[str, Any]) -> list[str]:
    """Return a table's entry for a list of references."""
    key = re.sub(r"\W", "-", name.removesuffix(".csv"))
    authors = " and ".join(f"{{{author['name']}}}" for author in known["authors"])
    return [
        "```bibtex",
        f"@misc{{qxai-{key},",
        f"  author = {{{authors}}},",
        f"  title = {{{known['title']}: the table {name}}},",
        f"  year = {{{known['year']}}},",
        f"  note = {{Version {known['version']}, data/{name}, SHA-256 {digest}}},",
        "}",
        "```",
    ]


def page(root: Path) -> list[str]:
    """Return the page's lines: a section for each table with a checksum."""
    known = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    known["year"] = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["copyright"]
    about = described((root / "data" / "README.md").read_text(encoding="utf-8"))
    lines: list[str] = []
    for line in (root / "data" / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        if name in about and name.endswith(".csv"):
            what, licence = about[name]
            lines += [f"### `{name}`", "", f"{what[0].upper()}{what[1:]}. Licence: {licence}.", ""]
            lines += [*entry(name, digest, known), ""]
    return lines


class Citing(SphinxDirective):
    """Insert the sections."""

    def run(self) -> list[nodes.Node]:
        """Parse them where the directive stands."""
        root = Path(self.env.srcdir)
        for name in ("CITATION.cff", "data/README.md", "data/SHA256SUMS"):
            self.env.note_dependency(str(root / name))
        return self.parse_text_to_nodes("\n".join(page(root)), allow_section_headings=True)


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("citing", Citing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
