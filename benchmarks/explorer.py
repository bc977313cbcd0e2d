"""Time a frame of the explorer in Chromium, beside what a screen of 60 Hz allows.

Needs the book's environment: ``.venv/bin/python benchmarks/explorer.py``. A frame is everything
that follows when a feature has moved: all methods, residuals, counterfactuals, the dial, and the
page's own work until its layout is known.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import qxai
from qxai import examples, widgets

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.browser.conftest import chromium

FRAME = 1000 / 60
REPEATS, FRAMES = 7, 60
MEASURE = """frames => {
  const element = document.querySelector("qxai-explorer");
  const start = performance.now();
  for (let k = 0; k < frames; k += 1) {
    element.state.x = element.state.x.map(() => 0.5 + 2 * Math.random());
    element.update();
    element.getBoundingClientRect();
  }
  return (performance.now() - start) / frames;
}"""


def models() -> dict[str, tuple[object, np.ndarray]]:
    """Name models by what they are."""
    tumours, rng = examples.tumours(), np.random.default_rng(0)
    two = qxai.TrigPolynomial(rng.normal(size=(5, 5)), [[1, 2], [1, 2]])
    ten = qxai.TrigPolynomial(rng.normal(size=(3,) * 10), [[1]] * 10)
    return {
        "2 features, 25 coefficients": (two, np.full((1, 2), 0.7)),
        "8 features, 6,561 coefficients": (tumours.model, tumours.X[:1]),
        "10 features, 59,049 coefficients": (ten, np.full((1, 10), 0.7)),
    }


def main() -> None:
    """Print the median time of a frame, and how many of them a screen's frame holds."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        for name, (model, X) in models().items():
            explorer = widgets.explore(model, X, baseline=np.pi / 2, dial="point")
            path = Path(folder) / "page.html"
            path.write_text(f"<!doctype html>{explorer.to_html()}")
            page.goto(path.as_uri())
            times = [page.evaluate(MEASURE, FRAMES) for _ in range(REPEATS)][1:]
            middle = statistics.median(times)
            print(f"{name}: {middle:.2f} ms a frame, {FRAME / middle:.1f} in one at 60 Hz")
        browser.close()


if __name__ == "__main__":
    main()
