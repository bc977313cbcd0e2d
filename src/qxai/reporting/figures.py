"""Pictures of a report as SVG in the page's own colours, as wide as the page."""

import html
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qxai.core import Array
from qxai.plots.labels import short
from qxai.table import significant

LONGEST = 16  # characters of a name: what fits beside the bars on a phone
LEFT, RIGHT = 34.0, 86.0  # where bars begin and end, in percent of the width
ROW, BAR = 24, 14  # pixels
LANE = 7  # pixels between the marks of two methods
# Shapes within ±5 pixels: told apart without colour.
SHAPES = (
    "M-4,-4H4V4H-4Z",
    "M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z",
    "M0,-5L5,4H-5Z",
    "M0,-5.5L5.5,0L0,5.5L-5.5,0Z",
    "M0,5L5,-4H-5Z",
    "M-1.7,-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
    "M-5,-3H5V3H-5Z",
    "M-3,-5H3V5H-3Z",
)
HUES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#999", "#f0e442")
STYLE = "\n".join(
    [
        ".drawn { background: none; } .drawn svg { display: block; }",
        ".drawn text { font-size: 13px; fill: var(--ink); font-variant-numeric: tabular-nums; }",
        ".drawn .small { font-size: 12px; fill: var(--quiet); }",
        ".drawn .bar { fill: var(--bar); } .drawn .band { fill: var(--band); }",
        ".drawn line { stroke: var(--line); } .drawn .zero { stroke: var(--ink); }",
        ".drawn .error { stroke: var(--ink); } .mark { stroke: var(--ink); stroke-width: .8; }",
        *(f".hue{i} {{ fill: {hue}; }}" for i, hue in enumerate(HUES)),
        ".legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none;"
        " padding: 0; font-size: .9rem; }",
        ".legend svg { display: inline-block; vertical-align: -2px; overflow: visible; }",
        "figcaption { color: var(--quiet); margin-top: .4rem; }",
    ]
)


def bars(names: Sequence[str], sizes: Array, caption: str) -> str:
    """Draw a bar of size at least 0 for each name, its number behind it."""
    most = float(sizes.max()) or 1.0
    rows = []
    for number, (name, size, text) in enumerate(zip(names, sizes, significant(sizes))):
        middle, width = (number + 0.5) * ROW, (RIGHT - LEFT) * float(size) / most
        rows.append(
            f"{_name(name, middle)}"
            f'<rect class="bar" x="{LEFT}%" y="{middle - BAR / 2:g}" width="{width:.2f}%" '
            f'height="{BAR}"/>'
            f'<text class="small" x="{LEFT + width + 1:.2f}%" y="{middle + 4.5:g}">{text}</text>'
        )
    told = ", ".join(f"{name} {size}" for name, size in zip(names, significant(sizes)))
    return _figure("\n".join(rows), len(names) * ROW, f"Bars. {caption} {told}", caption)


def marks(
    names: Sequence[str], values: Mapping[str, Array], errors: Mapping[str, Array], caption: str
) -> str:
    """Draw a mark for each method in each name's row, with a line of one standard error."""
    ends = [values[label] + side * errors[label] for label in values for side in (-1, 1)]
    ticks = _ticks(min(0.0, float(np.min(ends))), max(0.0, float(np.max(ends))))
    low, high = ticks[0], ticks[-1]

    def place(value: float) -> float:
        return LEFT + (100 - 3 - LEFT) * (value - low) / ((high - low) or 1.0)

    row = 12 + LANE * len(values)
    bottom = row * len(names)
    bands = [
        f'<rect class="band" x="0" y="{row * i}" width="100%" height="{row}"/>'
        for i in range(0, len(names), 2)
    ]
    grid = [
        f'<line class="{"zero" if tick == 0 else "tick"}" x1="{place(tick):.2f}%" '
        f'x2="{place(tick):.2f}%" y1="0" y2="{bottom}"/>'
        f'<text class="small" x="{place(tick):.2f}%" y="{bottom + 16}" text-anchor="middle">'
        f"{_number(tick)}</text>"
        for tick in ticks
    ]
    rows = [_name(name, row * (i + 0.5)) for i, name in enumerate(names)]
    for lane, label in enumerate(values):
        for i, (value, error) in enumerate(zip(values[label], errors[label])):
            y = row * i + 6 + LANE * (lane + 0.5)
            rows.append(_mark(place, float(value), float(error), y, lane))
    told = "; ".join(
        f"{label}: {', '.join(f'{n} {v}' for n, v in zip(names, significant(row)))}"
        for label, row in values.items()
    )
    drawn = "\n".join([*bands, *grid, *rows])
    return _figure(drawn, bottom + 22, f"Marks. {caption} {told}", caption, _legend(list(values)))


def _mark(place: Callable[[float], float], value: float, error: float, y: float, lane: int) -> str:
    ends = f'x1="{place(value - error):.2f}%" x2="{place(value + error):.2f}%"'
    line = f'<line class="error" {ends} y1="{y:g}" y2="{y:g}"/>' if error else ""
    return f'{line}<svg x="{place(value):.2f}%" y="{y:g}" overflow="visible">{_shape(lane)}</svg>'


def _shape(lane: int) -> str:
    hue, shape = lane % len(HUES), SHAPES[lane % len(SHAPES)]
    return f'<path class="mark hue{hue}" d="{shape}"/>'


def _legend(labels: Sequence[str]) -> str:
    entries = "".join(
        f'<li><svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">{_shape(i)}'
        f"</svg> {html.escape(label)}</li>"
        for i, label in enumerate(labels)
    )
    return f'<ul class="legend">{entries}</ul>'


def _name(name: str, middle: float) -> str:
    return (
        f'<text x="{LEFT - 1.5}%" y="{middle + 4.5:g}" text-anchor="end">'
        f"{html.escape(short(name, LONGEST))}</text>"
    )


def _figure(drawn: str, height: float, told: str, caption: str, legend: str = "") -> str:
    return (
        f'<figure class="drawn"><svg role="img" aria-label="{html.escape(told)}" width="100%" '
        f'height="{height:g}">\n{drawn}\n</svg>{legend}'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from below the least to above the greatest, 0 among them."""
    span = (high - low) or 1.0
    power = 10.0 ** np.floor(np.log10(span / 3))
    step = float(next(power * m for m in (1, 2, 5, 10) if power * m >= span / 4))
    first, last = int(np.floor(low / step)), int(np.ceil(high / step))
    return [step * i for i in range(first, last + 1)] if last > first else [0.0, step]


def _number(tick: float) -> str:
    return f"{tick:.3g}".replace("-", "−")
