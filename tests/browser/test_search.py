"""What the search finds first, and what it shows of a page."""

import re

import pytest

from tests.browser.conftest import HTML

# What a reader may type, and the page that should come first.
SOUGHT = {
    "Shapley": "perturbation",
    "QLRP": "qlrp",
    "Taylor": "taylor-infinity",
    "LIME": "surrogates",
    "gradient": "gradients",
    "kernel": "kernels",
    "shots": "shots-and-noise",
    "noise": "shots-and-noise",
    "baseline": "verdict",
    "counterfactual": "counterfactuals",
    "Sobol": "global",
    "infidelity": "judging",
    "shortcut": "why-explain",
    "tensor train": "sixty-four-pixels",
    "pixels": "sixty-four-pixels",
    "classes": "several-classes",
    "verdict": "verdict",
    "leaderboard": "leaderboard",
    "benchmarks": "benchmarks",
    "install": "reproducing",
    "glossary": "glossary",
    "OpenQASM": "circuits",
}


def results(page, address, words):
    page.goto(f"{address}/search.html?q={words}")
    page.wait_for_function("document.querySelector('.search-summary').innerText != ''")
    return page.locator("ul.search > li")


def test_the_page_about_a_word_is_found_first(visit, address):
    page = visit().open(f"{address}/search.html")
    first = {}
    for words in SOUGHT:
        link = results(page, address, words).first.locator("a").get_attribute("href")
        first[words] = link.removeprefix("book/").split(".html")[0]
    assert first == SOUGHT


@pytest.mark.parametrize("words", ["Shapley", "residual", "softmax", "tensor train"])
def test_results_show_prose_around_the_word(visit, address, words):
    one = visit()
    page = one.open(f"{address}/search.html")
    found = results(page, address, words)
    page.wait_for_load_state("networkidle")
    said = found.first.locator(".context").inner_text()
    assert words.lower() in said.lower()
    for text in found.locator(".context").all_inner_texts():
        assert not re.search(r"\\[a-zA-Z(]|\.ipynb|Show the code|import ", text), text
        assert len(text) < 300
    assert one.errors == []


def test_search_works_as_files_where_nothing_can_be_fetched(browser):
    page = browser.new_context().new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    found = results(page, HTML.as_uri(), "Shapley")
    assert found.first.locator("a").get_attribute("href").startswith("book/perturbation")
    assert len(found.first.locator(".context").inner_text()) > 20
    assert errors == []
    page.context.close()
