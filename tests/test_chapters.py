"""How chapters open and close, and what their visible code is like."""

import itertools
import math
import re

import nbformat
import pytest
import yaml

from tests.project import NOTEBOOKS, ROOT

HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
LEVELS = {"introductory", "intermediate", "advanced"}
WORDS_A_MINUTE = 100  # of such a text, with its formulas, figures and code
CHAPTERS = [path for path in NOTEBOOKS if path.stem != "index"]
# A width in a format: text that is padded by hand.
PADDED = re.compile(
    r"\{[^{}]*:(?:[^{}.]?[<>^])?[+ ]?[1-9]\d*[.a-z%}]|\.[lr]just\(|[^\"'\s] {4,}[^\"'\s]"
)
EXERCISE = re.compile(r"^::::\{admonition\} Exercise (?:(\d+)\.)?(\d+) · (\w+)\n:class: exercise\n")


def cells(path, kind=None):
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if kind in (None, cell.cell_type)]


def numbered():
    """The number of each chapter, part by part, in the parts that have numbers."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    parts = [part["chapters"] for part in toc["parts"] if "numbered" in part]
    pages = [[chapter["file"].removeprefix("book/") for chapter in part] for part in parts]
    count = itertools.count(1)
    return [{page: str(next(count)) for page in part} for part in pages]


NUMBERS = {page: number for part in numbered() for page, number in part.items()}
TAUGHT = {page for part in numbered()[:4] for page in part}  # the last part is to be used


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_visible_code_is_what_a_reader_would_type(path):
    for cell in cells(path, "code"):
        if not HIDDEN & set(cell.metadata.get("tags", [])):
            lines = cell.source.splitlines()
            assert len(lines) <= 12, cell.source
            assert max(map(len, lines)) <= 79, cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_cell_pads_text(path):
    """Results draw themselves as tables; circuits are drawn."""
    for cell in cells(path, "code"):
        if "remove-cell" not in cell.metadata.get("tags", []):
            for line in cell.source.splitlines():
                assert not ("print" in line and PADDED.search(line)), line
            assert not re.search(r"^\s*print\([\w.]*circuit\)", cell.source, re.MULTILINE)


@pytest.mark.parametrize(
    ("line", "is_padded"),
    [
        ('print(f"{name:20} {value:8.3f}")', True),
        ('print("feature    value")', True),
        ("print(name.ljust(20))", True),
        ('print(f"accuracy {right:.2f} of {share:.0%}")', False),
        ('print(f"{count:,} circuits")', False),
    ],
)
def test_padding_is_recognised(line, is_padded):
    assert bool(PADDED.search(line)) == is_padded


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_opens_with_its_question_time_level_and_needs(path):
    first = cells(path)[0].source
    assert re.match(r"# .+\n\n:::\{admonition\} The question\n:class: tip\n", first)
    opening = re.search(
        r":::\{admonition\} Before you begin\n:class: opening\n(.*?)\n:::", first, re.S
    )
    said = dict(re.findall(r"^- \*\*(\w+):\*\* +(.+)$", opening[1], re.MULTILINE))
    assert list(said) == ["Answers", "Time", "Level", "Needs"]
    assert said["Level"] in LEVELS
    words = sum(len(cell.source.split()) for cell in cells(path, "markdown"))
    assert said["Time"] == f"{5 * math.ceil(words / 5 / WORDS_A_MINUTE)} minutes"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_closes_with_a_summary(path):
    headings = re.findall(r"^## (.+)$", "\n".join(c.source for c in cells(path, "markdown")), re.M)
    last = ["Summary", "What to read next"] if path.stem in TAUGHT else ["Summary"]
    assert headings[-len(last) :] == last or headings[-2:] == ["Summary", "What to read next"]
    source = "\n".join(cell.source for cell in cells(path, "markdown"))
    summary = source.split("\n## Summary\n")[1].split("\n## ")[0]
    assert 3 <= len(re.findall("^- ", summary, re.MULTILINE)) <= 6


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_exercises_are_boxes_with_level_hint_and_solution(path):
    texts = [cell.source for cell in cells(path, "markdown")]
    found = [
        EXERCISE.match(text) for text in texts if "Exercise " in text and ":class: exercise" in text
    ]
    assert all(found)
    assert len(found) >= (2 if path.stem in TAUGHT else 0)
    for place, match in enumerate(found, start=1):
        assert match.groups()[:2] == (NUMBERS.get(path.stem), str(place))
        assert match[3] in ("easy", "moderate", "hard")
        box = match.string
        hint, solution = box.index(":::{dropdown} Hint\n"), box.index(":::{dropdown} Solution\n")
        assert 0 < hint < solution
        assert box.rstrip().endswith("::::")
