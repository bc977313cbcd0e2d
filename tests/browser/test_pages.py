import functools
import os

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import HTML, Visit

GENERATED = {"genindex.html", "search.html", "index.html"}
PAGES = {
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if not path.relative_to(HTML).parts[0].startswith("_")
}
WRITTEN = sorted(PAGES - GENERATED)
# The generated ones last: tests are grouped by a page's place in the list that they are given.
ALL = WRITTEN + sorted(PAGES & GENERATED)


@functools.cache
def text(path):
    return path.read_text()


@pytest.fixture
def shot(tmp_path):
    """Take a picture for a person to look at: set QXAI_SCREENSHOTS to keep them."""
    folder = os.environ.get("QXAI_SCREENSHOTS", str(tmp_path))

    def take(page, label):
        name = page.url.split("/", 3)[3].replace("/", "-").removesuffix(".html")
        target = f"{folder}/{name}-{label}.png"
        page.screenshot(path=target, full_page=True)
        assert os.path.getsize(target) > 10_000

    return take


def test_there_are_pages():
    assert {"index.html", "book/index.html", "book/why-explain.html"} <= PAGES


@pytest.mark.parametrize("desk", ALL, indirect=True)
def test_a_page_needs_nothing_from_outside(desk):
    assert (desk.failed, desk.outside, desk.errors) == ([], [], [])
    written = desk.page.locator(".math").count()
    assert desk.page.locator(".math mjx-container").count() == written
    assert desk.page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("desk", ALL, indirect=True)
def test_every_picture_loads_and_says_what_it_shows(desk):
    # Those that wait to be scrolled to, or are drawn for the other theme, are loaded at once.
    loaded = """all => Promise.all(all.map(async (image) => {
        image.loading = "eager";
        await image.decode();
        return [image.alt, image.naturalWidth];
    }))"""
    for alt, width in desk.page.locator("article img").evaluate_all(loaded):
        assert len(alt.split()) >= 5, f"alt text {alt!r}"
        assert width > 0


@pytest.mark.parametrize("desk", WRITTEN, indirect=True)
def test_links_lead_somewhere(desk, address):
    links = desk.page.locator("article a[href]").evaluate_all("all => all.map(a => a.href)")
    for link in links:
        target, _, anchor = link.partition("#")
        if not target.startswith(address):
            continue
        path = HTML / target.removeprefix(address).lstrip("/")
        assert path.is_file(), link
        if anchor and path.suffix == ".html":
            assert f'id="{anchor}"' in text(path), link


@pytest.mark.parametrize("desk", ALL, indirect=True)
def test_axe_finds_nothing_serious_by_day_and_by_night(desk, shot):
    for label, theme in {"desk": "light", "dark": "dark"}.items():
        desk.page.emulate_media(color_scheme=theme)
        desk.page.wait_for_function(f"document.documentElement.dataset.theme == '{theme}'")
        # The night changes colours alone.
        assert violations(desk.page, ["color-contrast"] if theme == "dark" else None) == []
        shot(desk.page, label)


@pytest.mark.parametrize("phone", WRITTEN, indirect=True)
def test_a_phone_shows_the_page_without_scrolling_sideways(phone, shot):
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    shot(phone.page, "phone")


def test_solutions_are_folded_until_asked_for(visit, address):
    page = visit().open(f"{address}/book/why-explain.html")
    solution = page.locator("details.sd-dropdown").first
    assert solution.get_attribute("open") is None
    solution.locator("summary").click()
    assert solution.get_attribute("open") is not None


@pytest.mark.parametrize("desk", ["book/leaderboard.html"], indirect=True)
def test_a_table_sorts_by_the_column_whose_header_is_pressed(desk):
    table = desk.page.locator("table.qxai-table").first
    header = table.locator("thead th").nth(1)
    column = "table => [...table.tBodies[0].rows].map(row => row.cells[1].textContent)"

    def numbers():
        return [float(text.split()[0].strip("*")) for text in table.evaluate(column)]

    before = sorted(numbers())
    header.get_by_role("button").click()
    assert numbers() == before
    assert header.get_attribute("aria-sort") == "ascending"
    desk.page.keyboard.press("Enter")  # the button has the focus
    assert numbers() == before[::-1]
    assert header.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("phone", WRITTEN, indirect=True)
def test_every_figure_can_be_read_on_a_phone(phone):
    """The smallest text of a figure, at the width at which a phone shows it."""
    measured = phone.page.locator(".qxai-figure img.only-light").evaluate_all(
        "all => all.map(i => [i.offsetWidth, +i.dataset.inches, +i.dataset.points])"
    )
    for width, inches, points in measured:
        assert width / inches * points / 72 >= 8.98, (width, inches, points)  # whole pixels


@pytest.mark.parametrize("desk", WRITTEN, indirect=True)
def test_every_figure_has_a_drawing_by_night(desk):
    """In a theme one of both is there; the other would be the wrong colour."""
    pictures = desk.page.locator("article .cell_output img:not(.qxai-figure img)")
    assert pictures.count() == 0
    for theme, shown in (("light", "only-light"), ("dark", "only-dark")):
        desk.page.emulate_media(color_scheme=theme)
        desk.page.wait_for_function(f"document.documentElement.dataset.theme == '{theme}'")
        seen = desk.page.locator(".qxai-figure img").evaluate_all(
            "all => all.filter(i => getComputedStyle(i).display != 'none').map(i => i.className)"
        )
        assert seen == [shown] * desk.page.locator(f".qxai-figure img.{shown}").count()


@pytest.mark.parametrize("name", ["book/index", "book/gradients", "book/explorer", "book/gallery"])
def test_a_page_works_as_a_file(browser, name):
    """Opened from a folder, where a browser lets no page fetch another."""
    for width, theme in ((1280, "light"), (768, "dark"), (390, "light")):
        options = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
        visit = Visit(browser, "file://", **options)
        page = visit.open((HTML / f"{name}.html").as_uri())
        assert (visit.outside, visit.errors, visit.failed) == ([], [], [])
        assert page.locator("mjx-container").count() == page.locator(".math").count()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for explorer in page.locator("qxai-explorer").all():
            assert "output" in explorer.locator(".told").inner_text()
        visit.context.close()
