"""The numbers of chapters, put in from the table of contents."""

import pytest

from tests.project import ROOT, module

tool = module(ROOT / "tools" / "numbers_of_chapters.py")
PLACES = {"why-explain": 1, "gradients": 6}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[chapter 5](gradients.ipynb)", "[chapter 6](gradients.ipynb)"),
        ("[Chapter 5](gradients.ipynb#limits)", "[Chapter 6](gradients.ipynb#limits)"),
        (
            "[chapters 1](why-explain.ipynb) and [5](gradients.ipynb)",
            "[chapters 1](why-explain.ipynb) and [6](gradients.ipynb)",
        ),
        ("[chapter 5](../gradients.ipynb)", "[chapter 6](../gradients.ipynb)"),
        ("[chapter 1](book/why-explain.ipynb)",) * 2,
        ("[chapter 9](elsewhere.ipynb)",) * 2,
        ("Exercise 5.2 · hard", "Exercise 6.2 · hard"),
        ("Exercise 2 · hard", "Exercise 6.2 · hard"),
    ],
)
def test_links_and_exercises_get_the_number_of_their_page(text, expected):
    assert tool.renumbered(text, "gradients", PLACES) == expected


def test_parts_without_numbers_are_left_out():
    found = tool.numbers()
    assert found["why-explain"] == 1
    assert "glossary" not in found
    assert sorted(found.values()) == list(range(1, len(found) + 1))


def test_the_pages_have_the_right_numbers_already():
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        assert tool.renumbered(text, path.stem, tool.numbers()) == text, path.name
