"""Put the numbers of chapters into links, exercises and lists, from the table of contents.

A new chapter moves the numbers of those behind it: write any number, and run this.
"""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[([Cc]hapters? |)\d+\]\(((?:\.\./|book/)?)([\w-]+)\.ipynb(#[\w-]+)?\)")
EXERCISE = re.compile(r"Exercise (?:\d+\.)?(\d+) ·")


def numbers() -> dict[str, int]:
    """Return the number of each chapter in the parts that have numbers."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    pages = [entry["file"] for part in parts if part.get("numbered") for entry in part["chapters"]]
    return {Path(page).name: place for place, page in enumerate(pages, start=1)}


def renumbered(text: str, name: str, places: dict[str, int]) -> str:
    """Return the text of the page of that name with the right numbers."""

    def link(match: re.Match[str]) -> str:
        word, folder, page, anchor = match.groups()
        if page not in places:
            return match[0]
        return f"[{word}{places[page]}]({folder}{page}.ipynb{anchor or ''})"

    text = LINK.sub(link, text)
    if name in places:
        text = EXERCISE.sub(rf"Exercise {places[name]}.\1 ·", text)
    return text


def main() -> None:
    """Rewrite what has another number now."""
    places = numbers()
    pages = [*(ROOT / "book").glob("*.ipynb"), *(ROOT / "book").rglob("*.md"), ROOT / "README.md"]
    for path in sorted(pages):
        before = path.read_text(encoding="utf-8")
        after = renumbered(before, path.stem, places)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
