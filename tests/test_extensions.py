"""The book's own extensions of Sphinx, on small trees."""

import re
import subprocess
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from docutils import nodes
from docutils.utils import new_document

from tests.project import NOTEBOOKS, ROOT, module

EXT = ROOT / "book/_ext"
exercises, glossary, pages, preview, repository, search = (
    module(EXT / f"qxai_{name}.py")
    for name in ("exercises", "glossary", "pages", "preview", "repository", "search")
)


def document(*children, title="Title"):
    tree = new_document("page")
    section = nodes.section("", nodes.title("", title))
    section += children
    tree += section
    return tree


# Exercises


def cell(code, hide="all"):
    kept = {"hide_mode": hide} if hide else {}
    return nodes.container("", nodes.literal_block(code, code), **kept)


def dropdown(title):
    return nodes.container("", nodes.rubric("", title), design_component="dropdown")


def exercise(*folds):
    title = nodes.title("", "Exercise 5.1 · easy")
    return nodes.admonition("", title, nodes.paragraph("", "Do."), *folds, classes=["exercise"])


def test_code_behind_an_exercise_moves_into_its_solution_and_is_seen_there():
    tree = document(
        exercise(dropdown("Hint"), dropdown("Solution")),
        cell("first"), cell("second"), cell("seen", hide=None), cell("another"),
    )  # fmt: skip
    exercises.gather(None, tree)
    box, *left = tree[0][1:]
    assert [one.astext() for one in left] == ["seen", "another"]
    hint, solution = exercises.dropdowns(box)
    assert hint.astext() == "Hint"
    assert [one.astext() for one in solution[1:]] == ["first", "second"]
    assert not any("hide_mode" in one for one in solution[1:])


def test_the_level_of_an_exercise_stands_apart_from_its_number():
    tree = document(exercise())
    exercises.gather(None, tree)
    title = tree[0][1][0]
    assert title[0].astext().strip() == "Exercise 5.1"
    assert title[1].astext() == "easy"
    assert title[1]["classes"] == ["level", "easy"]


def test_code_behind_an_exercise_without_a_solution_is_no_silent_loss():
    with pytest.raises(ValueError, match=r"Exercise 5\.1.* no dropdown: add a dropdown"):
        exercises.gather(None, document(exercise(), cell("code")))


# Terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two light cones meet a light cone.", {"light cone": "light cones"}),
        ("kernel models", {"kernel model": "kernel models"}),
        ("Shots cost.", {"shot": "Shots"}),
        ("A shot-free, overshot shotgun.", {}),
        ("Pauli\nstrings", {"Pauli string": "Pauli\nstrings"}),
        ("one evaluation", {"evaluations": "evaluation"}),
        ("a cone", {"cone": "cone"}),
    ],
)
def test_terms_are_found_as_whole_words_the_longest_first(text, found):
    terms = ["kernel", "kernel model", "cone", "light cone", "shot", "Pauli string", "evaluations"]
    places = glossary.find(text, terms)
    assert {term: text[begin:end] for begin, end, term in places} == found


def test_a_term_is_linked_once_in_running_text_alone():
    shot = nodes.term("", "shot", ids=["term-shot"])
    tree = document(
        nodes.paragraph("", "", nodes.literal("", "shot")),
        nodes.note("", nodes.paragraph("", "shot")),
        nodes.paragraph("", "", nodes.reference("", "shot", refuri="#")),
        nodes.paragraph("", "A shot and a shot."),
        nodes.paragraph("", "A shot."),
        title="On a shot",
    )
    assert glossary.link_terms(tree, {"shot": shot}, "glossary.html") == ["shot"]
    links = [n for n in tree.findall(nodes.reference) if n["refuri"] != "#"]
    assert [n["refuri"] for n in links] == ["glossary.html#term-shot"]
    assert links[0].parent.astext() == "A shot and a shot."


# Previews


def question(*children):
    title = nodes.title("", "The question")
    return nodes.admonition("", title, nodes.paragraph("", "", *children))


def test_a_page_is_described_by_its_question_without_markup():
    cited = nodes.inline("", "[A, 2020]", classes=["bibtex-citation"])
    words = [nodes.emphasis("", "Whose"), nodes.Text(" is it "), cited, nodes.Text("?")]
    tree = document(nodes.paragraph("", "Prose."), question(*words))
    assert preview.description(tree) == "Whose is it?"


def test_a_page_whose_question_has_a_formula_is_described_by_prose():
    tree = document(question(nodes.math("", "x")), nodes.paragraph("", "Prose."))
    assert preview.description(tree) == "Prose."


def test_a_long_description_ends_with_a_sentence():
    text = "One sentence. " + "word " * 100
    assert preview.shortened(text) == "One sentence."
    assert preview.shortened("word " * 100).endswith("word …")


@pytest.mark.parametrize(
    ("remote", "pages"),
    [
        ("https://github.com/Someone/book", "https://someone.github.io/book/"),
        ("https://github.com/a/a.github.io", "https://a.github.io/"),
        ("https://gitlab.com/a/b/c", "https://a.gitlab.io/b/c/"),
        ("https://host.example/a/b", ""),
        (None, ""),
    ],
)
def test_pages_are_where_the_host_publishes_them(remote, pages):
    assert preview.pages_address(remote) == pages


# What pages are made with


@pytest.mark.parametrize("name", ["_static/a.css", "_templates/a.html", "_ext/a.py"])
def test_pages_are_written_again_when_what_makes_them_changes(tmp_path, name):
    style = tmp_path / "book" / name
    style.parent.mkdir(parents=True)
    compiled = style.parent / "__pycache__" / "a.pyc"
    compiled.parent.mkdir()
    seen = set()
    for text in ("a", "b", "b"):
        style.write_text(text)
        compiled.write_text(str(len(seen)))  # of no consequence
        config = SimpleNamespace(html_context={"kept": 1})
        pages.note_own_files(SimpleNamespace(srcdir=tmp_path), config)
        assert config.html_context["kept"] == 1
        seen.add(config.html_context["own_files"])
    assert len(seen) == 2


# The repository


def here(address):
    return repository.Repository(address, "abc123", "main")


@pytest.mark.parametrize(
    ("address", "source", "lines", "edit", "report"),
    [
        (
            "https://github.com/a/b",
            "https://github.com/a/b/blob/abc123/book/x.ipynb?plain=1",
            "https://github.com/a/b/blob/abc123/book/x.ipynb#L3-L7",
            "https://github.com/a/b/edit/main/book/x.ipynb",
            "https://github.com/a/b/issues/new",
        ),
        (
            "https://gitlab.com/a/b/c",
            "https://gitlab.com/a/b/c/-/blob/abc123/book/x.ipynb?plain=1",
            "https://gitlab.com/a/b/c/-/blob/abc123/book/x.ipynb#L3-7",
            "https://gitlab.com/a/b/c/-/edit/main/book/x.ipynb",
            "https://gitlab.com/a/b/c/-/issues/new",
        ),
    ],
)
def test_sources_are_pinned_and_edits_go_to_the_branch(address, source, lines, edit, report):
    where = here(address)
    assert where.source("book/x.ipynb") == source
    assert where.source("book/x.ipynb", (3, 7)) == lines
    assert where.edit("book/x.ipynb") == edit
    assert where.report("book/x.ipynb").startswith(f"{report}?")
    asked = parse_qs(urlsplit(where.report("book/x.ipynb")).query)
    assert all("book/x.ipynb" in text for (text,) in asked.values())
    assert any("abc123" in text for (text,) in asked.values())


def test_another_host_is_linked_without_forms_that_it_may_not_have():
    (only,) = repository.buttons(here("https://host.example/a/b"), "book/x.ipynb")
    assert only["url"] == "https://host.example/a/b"
    assert len(repository.buttons(here("https://github.com/a/b"), None)) == 1


def test_commit_and_branch_are_read_at_build_time_and_nothing_without_a_remote(tmp_path):
    def git(*command):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        whole = ["git", "-C", str(tmp_path), *who, *command]
        return subprocess.run(whole, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "work")
    git("commit", "-q", "--allow-empty", "-m", "a")
    assert repository.repository(tmp_path) is None
    git("remote", "add", "origin", "git@github.com:fork/qxai.git")
    found = repository.repository(tmp_path)
    commit = git("rev-parse", "HEAD")
    assert found == repository.Repository("https://github.com/fork/qxai", commit, "work")
    git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert repository.repository(tmp_path).branch == "trunk"


def test_the_reference_links_the_lines_of_what_it_describes():
    path, (begin, end) = repository.place("qxai", "shapley", ROOT)
    lines = (ROOT / path).read_text().splitlines()[begin - 1 : end]
    assert lines[0].startswith("def shapley(")
    assert re.match(r"    return ", lines[-1])
    assert repository.place("qxai", "__version__", ROOT) is None
    assert repository.place("json", "dumps", ROOT) is None


# Search


def test_a_page_is_about_what_it_says_most_and_others_do_not():
    pages = {"a": "Shots and noise. Shots, shots. Value.", "b": "Value. Value of a shot, gates."}
    weights = search.topics(pages, {"a", "b"})
    assert weights["a"]["shot"] == 1
    assert 0 < weights["b"]["shot"] < 1
    assert "and" not in weights["a"]


def test_a_word_in_a_title_or_in_bold_weighs_more():
    pages = {"a": "# Gates\n\nOne **train**.", "b": "Gates\n\nOne train."}
    weights = search.topics(pages, {"a", "b"})
    assert weights["a"]["gate"] == weights["a"]["train"] == 1
    assert weights["b"]["gate"] < 0.9


def test_code_and_formulas_are_no_words_of_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Seen $\\tilde x$ `code` [link](where.md).\n```python\nhidden\n```\n")
    assert search.stems(search.prose(page)) == ["seen", "link"]


def test_every_chapter_says_something_to_the_search():
    pages = {path.stem: search.prose(path) for path in NOTEBOOKS}
    weights = search.topics(pages, set(pages))
    assert weights["shots-and-noise"]["nois"] == 1
    assert all(len(words) == search.KEPT for words in weights.values())
