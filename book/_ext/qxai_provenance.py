"""The directive ``{provenance}``: tables from the record that the build writes."""

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

RECORD = Path("_build") / "provenance.json"


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a MyST table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def page(record: dict[str, Any]) -> list[str]:
    """Return the page's lines: one table for chapters, one for versions, one for data."""
    chapters = [
        [
            f"[{chapter['title']}]({chapter['file']})",
            f"{chapter['seconds']:.0f}",
            f"{chapter['peak_bytes'] / 1e9:.2f}",
            ", ".join(map(str, chapter["seeds"])) or "none",
            ", ".join(f"`{name}`" for name in chapter["data"]) or "none",
        ]
        for chapter in record["chapters"]
    ]
    versions = [[name, version] for name, version in record["versions"].items()]
    data = [[f"`{name}`", f"`{digest}`"] for name, digest in record["data"].items()]
    header = ["chapter", "time (s)", "memory (GB)", "seeds written in it", "files that it reads"]
    return [
        "## Chapters",
        "",
        *table(header, chapters),
        "",
        "## Versions",
        "",
        *table(["package", "version"], versions),
        "",
        "## Data",
        "",
        *table(["file", "SHA-256"], data),
    ]


class Provenance(SphinxDirective):
    """Insert the tables, or say that this build has measured nothing."""

    def run(self) -> list[nodes.Node]:
        """Parse the tables where the directive stands."""
        path = Path(self.env.srcdir) / RECORD
        self.env.note_dependency(str(path))
        if not path.is_file():
            lines = ["Nothing was measured in this build; `make book` measures."]
        else:
            lines = page(json.loads(path.read_text()))
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("provenance", Provenance)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
