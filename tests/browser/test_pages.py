import os

import pytest

from tests.browser.conftest import HTML

GENERATED = {"genindex.html", "search.html", "index.html"}
PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if not path.relative_to(HTML).parts[0].startswith("_")
)
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}


def test_there_are_pages():
    assert {"index.html", "book/index.html", "book/why-explain.html"} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_from_outside(visit, address, name):
    one = visit()
    page = one.open(f"{address}/{name}")
    assert (one.failed, one.outside, one.errors) == ([], [], [])
    written = page.locator(".math").count()
    assert page.locator(".math mjx-container").count() == written
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_loads_and_says_what_it_shows(visit, address, name):
    page = visit().open(f"{address}/{name}")
    for picture in page.locator("article img").all():
        picture.scroll_into_view_if_needed()
        alt = picture.get_attribute("alt") or ""
        assert len(alt.split()) >= 5, f"alt text {alt!r}"
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


@pytest.mark.parametrize("name", sorted(set(PAGES) - GENERATED))
def test_a_phone_shows_the_page_without_scrolling_sideways(visit, address, name):
    page = visit(**PHONE).open(f"{address}/{name}")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


@pytest.mark.parametrize("name", sorted(set(PAGES) - GENERATED))
def test_links_lead_somewhere(visit, address, name):
    page = visit().open(f"{address}/{name}")
    for link in page.locator("article a[href]").evaluate_all("all => all.map(a => a.href)"):
        target, _, anchor = link.partition("#")
        if not target.startswith(address):
            continue
        path = HTML / target.removeprefix(address).lstrip("/")
        assert path.is_file(), link
        if anchor and path.suffix == ".html":
            assert f'id="{anchor}"' in path.read_text(), link


def test_solutions_are_folded_until_asked_for(visit, address):
    page = visit().open(f"{address}/book/why-explain.html")
    solution = page.locator("details.sd-dropdown").first
    assert solution.get_attribute("open") is None
    solution.locator("summary").click()
    assert solution.get_attribute("open") is not None


def test_screenshots(visit, address, tmp_path):
    """Pictures for a person to look at: set QXAI_SCREENSHOTS to keep them."""
    folder = os.environ.get("QXAI_SCREENSHOTS", str(tmp_path))
    for name in sorted(set(PAGES) - GENERATED):
        for label, options in {
            "desk": {"viewport": {"width": 1280, "height": 900}},
            "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
            "phone": PHONE,
        }.items():
            page = visit(**options).open(f"{address}/{name}")
            target = f"{folder}/{name.replace('/', '-').removesuffix('.html')}-{label}.png"
            page.screenshot(path=target, full_page=True)
            assert os.path.getsize(target) > 10_000
