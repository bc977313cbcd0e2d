"""What a reader does with a page: look a word up, use the keyboard, print."""

import re

import pytest
import yaml

from tests.browser.axe import violations
from tests.browser.conftest import HTML
from tests.project import ROOT

CHAPTER, REFERENCE = "book/qlrp.html", "book/api/attributions.html"
KINDS = [
    "book/index.html", CHAPTER, REFERENCE, "book/leaderboard.html", "book/glossary.html",
    "book/provenance.html", "search.html",
]  # fmt: skip


@pytest.mark.parametrize("width", [390, 768])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_serious_on_narrow_screens(visit, address, name, width):
    page = visit(viewport={"width": width, "height": 844}).open(f"{address}/{name}")
    assert violations(page) == []


def test_colours_of_code_are_legible(visit, address):
    page = visit(viewport={"width": 1280, "height": 900}).open(f"{address}/{CHAPTER}")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(f"document.documentElement.dataset.theme == '{theme}'")
        assert violations(page, ["color-contrast"], unchecked="mjx-math { display: none; }") == []


# Numbers


def test_chapters_are_numbered_through_all_parts(visit, address):
    page = visit(viewport={"width": 1280, "height": 900}).open(f"{address}/{CHAPTER}")
    entries = page.locator(".bd-sidebar-primary .toctree-l1 > a").all_inner_texts()
    numbers = [int(found[1]) for text in entries if (found := re.match(r"(\d+)\. ", text))]
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    numbered = [one for part in toc["parts"] if "numbered" in part for one in part["chapters"]]
    assert numbers == list(range(1, len(numbered) + 1))
    assert len(numbers) >= 28
    parts = page.locator(".bd-sidebar-primary .caption-text").all_inner_texts()
    named = ["I Foundations", "II Explaining", "III Comparing", "IV Opportunities", "V Use it"]
    assert [p[: len(name)] for p, name in zip(parts, named)] == named
    assert parts[5:] == ["Reference", "Appendices"]
    place = 1 + [f"{one['file']}.html" for one in numbered].index(CHAPTER)
    assert page.locator("h1").last.inner_text().startswith(f"{place}. ")
    assert page.locator("h2 .section-number").count() == 0
    assert page.locator(".prev-next-title").first.inner_text().startswith(f"{place - 1}. ")
    captions = page.locator("figcaption .caption-number").all_inner_texts()
    captions = [caption.strip() for caption in captions]
    assert captions == [f"Figure {place}.{i}" for i in range(1, len(captions) + 1)]
    equations = page.locator(".eqno").evaluate_all("all => all.map(e => e.firstChild.data)")
    assert equations == [f"({place}.{i})" for i in range(1, len(equations) + 1)]
    links = page.locator("article p a").all_inner_texts()
    assert {"(1.1)"} <= {text for text in links if re.fullmatch(r"\(\d+\.\d+\)", text)}


def test_no_two_figures_have_one_number():
    numbers = []
    for path in (HTML / "book").rglob("*.html"):
        numbers += re.findall(r'class="caption-number">(Figure [\d.]+)', path.read_text())
    assert len(numbers) > 50
    assert len(numbers) == len(set(numbers))


# Icons


def test_icons_are_drawn_without_the_theme_s_script():
    assert not list((HTML / "_static").rglob("*fontawesome*"))
    style = (HTML / "_static/icons.css").read_text()
    drawn = set(re.findall(r"\.fa-([a-z-]+)", style))
    for path in HTML.rglob("*.html"):
        text = path.read_text()
        assert "fontawesome" not in text, path
        for classes in re.findall(r'class="([^"]*\bfa-[^"]*)"', text):
            assert set(re.findall(r"\bfa-([a-z-]+)", classes)) <= drawn, (path, classes)


@pytest.mark.parametrize(("width", "least"), [(1280, 5), (390, 5)])
def test_every_icon_is_seen_and_every_button_has_a_name(visit, address, width, least):
    page = visit(viewport={"width": width, "height": 844}).open(f"{address}/{CHAPTER}")
    icons = page.locator("i[class*='fa-'], span[class*='fa-']").all()
    seen = [icon for icon in icons if icon.is_visible()]
    assert len(seen) >= least
    for icon in seen:
        box = icon.bounding_box()
        assert min(box["width"], box["height"]) >= 10
        style = "icon => [getComputedStyle(icon).maskImage, getComputedStyle(icon).backgroundColor]"
        mask, colour = icon.evaluate(style)
        assert mask.startswith('url("data:image/svg+xml')
        assert colour != "rgba(0, 0, 0, 0)"
    assert violations(page, ["button-name", "link-name", "summary-name"]) == []


# Names and tab stops


def test_folded_code_has_one_label_that_is_its_name(visit, address):
    page = visit().open(f"{address}/{CHAPTER}")
    folds = page.locator("details.hide")
    assert folds.count() > 0
    for fold in folds.all():
        assert fold.locator("summary").aria_snapshot().count("Show the code") == 1
        assert fold.locator("summary").get_attribute("aria-label") is None
    folds.first.locator("summary").click()
    assert folds.first.locator("summary").inner_text().strip() == "Hide the code"
    for path in (HTML / "book").rglob("*.html"):
        labels = re.findall(r'collapsed admonition-title">([^<]*)', path.read_text())
        assert set(labels) <= {"Show the code"}, path


def test_formulas_are_no_tab_stops_and_are_read_as_mathml(visit, address):
    page = visit().open(f"{address}/{CHAPTER}")
    formulas = page.locator("mjx-container").count()
    assert formulas > 20
    assert page.locator("mjx-container[tabindex], mjx-container [tabindex]").count() == 0
    assert page.locator("mjx-container > mjx-assistive-mml math").count() == formulas
    assert page.locator("mjx-container > mjx-math[aria-hidden=true]").count() == formulas


def test_what_scrolls_sideways_is_reached_by_the_keyboard(visit, address):
    page = visit(viewport={"width": 390, "height": 844}).open(f"{address}/{CHAPTER}")
    wide = page.locator("article pre[tabindex='0']")
    assert wide.count() > 0
    wide.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


# Terms of the glossary


def test_a_definition_is_shown_beside_its_word_and_taken_away(visit, address):
    page = visit(viewport={"width": 1280, "height": 900}).open(f"{address}/{CHAPTER}")
    word, box = page.locator("a.qxai-term", has_text="Shapley value"), page.locator(
        ".qxai-definition"
    )  # fmt: skip
    assert word.count() == 1
    assert box.is_hidden()
    word.hover()
    assert "marginal contributions" in box.inner_text()
    box.hover()
    page.wait_for_timeout(400)
    assert box.is_visible()
    page.keyboard.press("Escape")
    assert box.is_hidden()
    word.focus()
    assert box.is_visible()
    described = word.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content().strip() == box.inner_text().strip()
    page.keyboard.press("Tab")
    assert "marginal contributions" not in box.text_content() or box.is_hidden()


def test_a_tap_shows_the_definition_within_the_phone_and_a_second_leads_to_it(visit, address):
    phone = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = phone.open(f"{address}/{CHAPTER}")
    box = page.locator(".qxai-definition")
    for word in page.locator("a.qxai-term").all():
        page.keyboard.press("Escape")  # the box of the last word may lie on this one
        word.tap()
        place = box.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
    assert page.url.endswith(CHAPTER)
    word.tap()
    page.wait_for_url("**/glossary.html#term-*")


def test_terms_are_linked_once_a_chapter_and_not_where_they_are_explained():
    linked = 0
    for path in HTML.rglob("book/**/*.html"):
        anchors = re.findall(r'class="qxai-term[^>]*#(term-[^"]*)"', path.read_text())
        assert len(anchors) == len(set(anchors)), path
        linked += len(anchors)
        if path.name == "glossary.html" or path.parent.name == "api":
            assert not anchors
    assert linked > 200


# Paper


def test_on_paper_nothing_is_folded_clipped_or_only_for_the_screen(visit, address):
    page = visit(viewport={"width": 800, "height": 1000}).open(f"{address}/{CHAPTER}")
    before = page.locator("details[open]").count()
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme == 'dark'")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("html").get_attribute("data-theme") == "light"
    for code in page.locator("article pre:visible").all():
        assert code.evaluate("code => code.scrollWidth <= code.clientWidth + 1")
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".headerlink"):
        assert page.locator(gone).first.is_hidden()
    solution = page.locator(".exercise details, details.sd-dropdown").last
    assert len(solution.inner_text().split()) > 10
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == before
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_printed_page_has_its_figures_whatever_was_on_the_screen(visit, address):
    """Printed from the dark, from the top: every picture by day is in the file, by its size."""
    page = visit(color_scheme="dark").open(f"{address}/{CHAPTER}")
    sizes = page.locator(".qxai-figure img.only-light").evaluate_all(
        "all => all.map(image => [image.naturalWidth, image.naturalHeight])"
    )
    assert len(sizes) > 2
    printed = page.pdf()
    for width, height in sizes:
        assert re.search(rf"/Width {width}\s*/Height {height}\b".encode(), printed), (width, height)


def test_printing_opens_what_is_folded(visit, address):
    page = visit().open(f"{address}/{CHAPTER}")
    before = page.locator("details[open]").count()
    count = "window.folded = document.querySelectorAll('details:not([open])').length"
    page.evaluate(f"{count}; addEventListener('beforeprint', () => ({count}))")
    assert page.evaluate("window.folded") > 0
    page.pdf()
    assert page.evaluate("window.folded") == 0
    assert page.locator("details[open]").count() == before


# Previews


@pytest.mark.parametrize("name", ["book/index.html", CHAPTER, REFERENCE])
def test_a_page_tells_others_what_it_is(visit, address, name):
    page = visit().open(f"{address}/{name}")
    said = page.locator("meta[name=description]").get_attribute("content")
    assert 20 < len(said) <= 300
    assert not re.search(r"[<>\\$`]|\{", said)
    for key in ("title", "description", "image", "url", "site_name"):
        tag = page.locator(f"meta[property='og:{key}']")
        assert tag.count() == 1, key
        assert tag.get_attribute("content")
    picture = page.locator("meta[property='og:image']").get_attribute("content")
    assert (HTML / "_images" / picture.rsplit("/", 1)[1]).is_file()


def test_every_page_has_a_description_of_its_own():
    said = {}
    for path in (HTML / "book").rglob("*.html"):
        (text,) = re.findall(r'<meta name="description" content="([^"]*)"', path.read_text())
        said.setdefault(text, []).append(path.name)
    assert {text: pages for text, pages in said.items() if len(pages) > 1} == {}


# The front page


def test_cards_of_the_front_page_lead_somewhere(visit, address):
    page = visit().open(f"{address}/book/index.html")
    cards = page.locator(".sd-card:not(details)")
    assert cards.count() >= 3
    for card in cards.all():
        link = card.locator("a.sd-stretched-link").get_attribute("href")
        assert (HTML / "book" / link).is_file()
    cards.first.click()
    page.wait_for_url("**/why-explain.html")
