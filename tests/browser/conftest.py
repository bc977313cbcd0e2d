"""A local server for the built book, and a Chromium whose network ends at this machine."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import sync_playwright

from tests.project import ROOT, module

HTML = ROOT / "_build" / "html"
chromium = module(ROOT / "tools" / "pdf.py").chromium


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def address():
    assert (HTML / "index.html").is_file(), "the book is not built: run make book"
    handler = functools.partial(Quiet, directory=str(HTML))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield engine
        engine.close()


class Visit:
    """A page that was opened, with every request that failed or would have left the machine."""

    def __init__(self, browser, address, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.failed, self.outside, self.errors = [], [], []
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on("response", lambda r: r.status >= 400 and self.failed.append(r.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((address, "data:", "blob:"))
                else self.outside.append(r.url)
            ),
        )

    def open(self, url):
        self.page.goto(url, wait_until="networkidle")
        self.page.wait_for_function("!window.MathJax?.startup || MathJax.startup.promise")
        self.page.evaluate("window.MathJax?.startup?.promise")
        return self.page


@pytest.fixture(scope="module")
def desk(browser, address, request):
    """The page of this name on a desk's screen: opened once, shared by all tests of the page."""
    yield from opened(browser, address, request.param, viewport={"width": 1280, "height": 900})


@pytest.fixture(scope="module")
def phone(browser, address, request):
    """The page of this name on a phone: opened once, shared by all tests of the page."""
    options = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
    yield from opened(browser, address, request.param, is_mobile=True, **options)


def opened(browser, address, name, **options):
    visit = Visit(browser, address, **options)
    visit.open(f"{address}/{name}")
    yield visit
    visit.context.close()


@pytest.fixture
def visit(browser, address):
    """A visit of a test's own, which it may leave changed."""
    made = []

    def make(**options):
        made.append(Visit(browser, address, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
