"""Draw the README's picture: what two circuits with perfect scores look at.

Run by ``make headline``. Small, without a date, and legible in a light and a dark theme; a test
draws it again and compares.
"""

from pathlib import Path

import numpy as np

import qxai
from qxai import examples

TARGET = Path(__file__).resolve().parent.parent / "book" / "_static" / "headline.svg"
WIDTH, ROW, LEFT, SCALE = 640, 24, 150, 620
GROUPS = (("shortcut", "#d07000", "trained on images of two microscopes"),
          ("plain", "#2a7fc0", "trained on images of one"))  # fmt: skip
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#24292f}.s{fill:#57606a}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}}"
)


def shares(variant: str) -> np.ndarray:
    """Return each feature's share of the explanation, (d,), the mean over five splits."""
    rows = []
    for split in range(5):
        one = examples.tumours(variant, split)
        found = qxai.shapley(one.model, one.X, baseline=np.pi / 2)
        size = np.abs(found.values).mean(axis=0)
        rows.append(size / size.sum())
    return np.mean(rows, axis=0)


def picture() -> str:
    """Return the SVG."""
    names = examples.tumours().feature_names
    parts, y = [], 28
    for place, (_, colour, title) in enumerate(GROUPS):
        parts.append(
            f'<rect x="{LEFT - 20 + 290 * place}" y="8" width="12" height="12" fill="{colour}"/>'
        )
        parts.append(f'<text x="{LEFT - 2 + 290 * place}" y="19">{title}</text>')
    found = [shares(variant) for variant, _, _ in GROUPS]
    for i, name in enumerate(names):
        top = y + 12 + i * ROW
        parts.append(f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{name}</text>')
        for (_, colour, _), share, shift in zip(GROUPS, found, (0, 10)):
            size = share[i] * SCALE
            place = f'x="{LEFT}" y="{top + shift}" width="{size:.1f}" height="9"'
            parts.append(f'<rect {place} fill="{colour}"/>')
    end = y + 12 + len(names) * ROW + 22
    parts.append(
        f'<text class="s" x="{LEFT}" y="{end}">share of the explanation of the output</text>'
    )
    words = f"{found[0][6]:.0%} of the explanation on symmetry against {found[1][6]:.0%}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {end + 10}" role="img" '
        f'aria-label="{words}"><style>{STYLE}</style>{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    TARGET.write_text(picture())
