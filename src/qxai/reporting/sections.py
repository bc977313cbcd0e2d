"""The sections of a report: tables and pictures, each with a sentence on how to read it."""

import html
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from qxai.background import Background, Marginals
from qxai.reporting import figures
from qxai.reporting.cautions import CONTROL_WORDS, Caution
from qxai.reporting.findings import Findings
from qxai.table import Table

FIRST = 3  # inputs that are written out
DRAWN = 10  # features in the picture of all methods
STYLE = """
body { max-width: 60rem; }
p, figcaption, .warnings li, .quiet { max-width: 46rem; }
.warnings { background: var(--warn-paper); border-left: 4px solid var(--warn); padding: .6rem 1rem;
  margin: 1.5rem 0; }
.warnings h2 { margin: 0; font-size: 1.1rem; color: var(--warn); }
.warnings ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.warnings li { margin: .25rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.calm { --warn: var(--quiet); --warn-paper: var(--band); }
"""
# What each number of the controls asks, in plain words.
ASKS = (
    ("deletion", "does the output fall when the largest features go? 0: no better than chance"),
    ("infidelity", "do the parts predict what happens as features go? 0: exactly, 1: not at all"),
    ("randomised", "are the ranks the same with other parameters? 0: as little as by chance"),
    ("seeds", "spread from one draw to the next, relative to size"),
)


def body(found: Findings, warned: Sequence[Caution]) -> str:
    """Return the page below its title."""
    parts = (_warnings(warned), *_what(found), *_sizes(found), *_first(found), *_rest(found))
    more = (*_baselines(found), *_agreement(found), *_controls(found), *_made(found))
    return "\n".join([*parts, *more])


def _heading(anchor: str, text: str) -> str:
    return f'<h2 id="{anchor}">{html.escape(text)}</h2>'


def _said(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _together(text: str) -> str:
    """Escape a text, and keep a percent sign beside its number."""
    return html.escape(text).replace(" %", "&nbsp;%")


def _wide(table: Table, label: str) -> str:
    """Return a table that scrolls by itself, with a keyboard too."""
    name = html.escape(label)
    return (
        f'<div class="wide" role="region" aria-label="{name}" tabindex="0">'
        f"{table._repr_html_()}</div>"
    )


def _warnings(warned: Sequence[Caution]) -> str:
    if not warned:
        text = "None of the checks on this page gave a warning. That is no proof that all is well."
        return f'<section class="warnings calm"><h2>No warnings</h2>{_said(text)}</section>'
    entries = "\n".join(
        f'<li>{_together(one.text)} <a href="#{one.section}">See&nbsp;why</a>.</li>'
        for one in warned
    )
    return f'<section class="warnings"><h2>Read with care</h2>\n<ul>\n{entries}\n</ul></section>'


def _what(found: Findings) -> Iterator[str]:
    subject = found.subject
    yield _heading("what", "What was explained")
    yield _said(
        "An attribution is the part of the output's change, from the baseline to the input, that a "
        "method puts down to one feature. It says what the model rests on, not whether it is right."
    )
    facts = {
        "model": subject.description,
        "inputs": str(len(subject.inputs)),
        "features": str(subject.inputs.shape[1]),
        "baseline": subject.absent_text,
        "another baseline": subject.other_text,
        "methods": ", ".join(found.methods),
        "made with": f"qxai {version('qxai')}",
    }
    rows = "\n".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(fact)}</dd>" for name, fact in facts.items()
    )
    yield f"<dl>\n{rows}\n</dl>"


def _sizes(found: Findings) -> Iterator[str]:
    kept, sizes = found.kept, found.mean_sizes
    names, count = [found.subject.names[i] for i in kept], len(found.subject.inputs)
    over = "of one input" if count == 1 else f"over {count} inputs"
    yield _heading("sizes", "Which features count")
    yield _said(
        f"The longer a bar, the more the feature moves the output, in whichever direction. Bars "
        f"are {found.main}; the table has all methods. All numbers are in units of the output."
    )
    caption = f"Mean size of attributions by {found.main}, {over}.{_left_out(found)}"
    yield figures.bars(names, sizes[found.main][kept], caption)
    columns: dict[str, list[Any]] = {"feature": names}
    for method in found.methods:
        columns[method] = sizes[method][kept].tolist()
    yield _wide(Table(columns, f"Mean size, {over}.{_left_out(found)}", alike=True), "Mean sizes")


def _left_out(found: Findings) -> str:
    count = len(found.subject.names) - len(found.kept)
    return f" The largest {len(found.kept)} features; {count} smaller are not shown." * bool(count)


def _first(found: Findings) -> Iterator[str]:
    subject, kept = found.subject, found.kept
    count = min(FIRST, len(subject.inputs))
    yield _heading("first", "The first input" if count == 1 else f"The first {count} inputs")
    yield _said(
        "Right of zero a feature raises the output, left of it it lowers it. Where the marks of a "
        "row lie together, the methods agree. In the tables each column adds up to the change of "
        "the output, what is left unexplained included."
        + " ± is one standard error, of shots or of draws."
        * found.sampled
    )
    few = kept[:DRAWN]
    drawn = f" The {len(few)} largest features." if len(few) < len(subject.names) else ""
    yield figures.marks(
        [subject.names[i] for i in few],
        {name: values[0, few] for name, values in found.values.items()},
        {name: errors[0, few] for name, errors in found.errors.items()},
        f"Attributions of the first input by all methods, in units of the output.{drawn}",
    )
    for row in range(count):
        yield _wide(_of_input(found, row), f"Attributions of input {row}")


def _of_input(found: Findings, row: int) -> Table:
    """Return the attributions of one input; each method's column adds up to the change."""
    subject, kept = found.subject, found.kept
    below = ["smaller features"] * (len(kept) < len(subject.names)) + ["left unexplained"]
    empty = [None] * len(below)
    columns: list[tuple[str, list[Any]]] = [
        ("feature", [*(subject.names[i] for i in kept), *below]),
        ("input", _column([subject.shown[row][i] for i in kept], empty)),
    ]
    if not isinstance(subject.absent, Background | Marginals):
        columns.append(("baseline", [*subject.absent[row, kept].tolist(), *empty]))
    for name, values in found.values.items():
        parts = values[row, kept].tolist()
        smaller = [float(values[row].sum() - sum(parts))] * (len(below) - 1)
        columns.append((name, [*parts, *smaller, float(found.found[name].residual[row])]))
        if found.errors[name].any():
            columns.append(("±", [*found.errors[name][row, kept].tolist(), *empty]))
    one = found.found[found.main]
    ends = f"Output {one.output[row]:.4g}"
    if not np.isnan(one.baseline_output[row]):
        ends += f", at the baseline {one.baseline_output[row]:.4g}"
    caption = f"Input {row + 1} of {len(subject.inputs)}.{_left_out(found)}"
    return Table(columns, caption, notes=[f"{ends}.".replace("-", "−")])


def _column(entries: list[Any], empty: list[None]) -> list[Any]:
    """Return numbers as they are, and words for all if there is a word among them."""
    if any(isinstance(entry, str) for entry in entries):
        return [*map(str, entries), *("" for _ in empty)]
    return [*entries, *empty]


def _rest(found: Findings) -> Iterator[str]:
    yield _heading("rest", "What is left unexplained")
    yield _said(
        "The parts of a method that adds up are the whole change. What is missing is most often "
        "what features do together; a sum of single parts has no place for it."
    )
    missed = {name: found.missed(name) for name in found.methods}
    columns = {
        "method": list(found.methods),
        "mean change of the output": [found.change(name) for name in found.methods],
        "left unexplained": list(missed.values()),
        "of the change (%)": [100 * found.share_missed(name) for name in found.methods],
        "adds up": [found.adds_up(name) for name in found.methods],
    }
    yield _wide(Table(columns, "Residuals, mean sizes over the inputs"), "Residuals")


def _baselines(found: Findings) -> Iterator[str]:
    subject = found.subject
    yield _heading("baselines", "With another baseline")
    if not found.elsewhere:
        yield _said("These inputs suggest no other baseline; other_baseline= names one.")
        return
    yield _said(
        f"Everything above starts from {subject.absent_text}. Here it starts from "
        f"{subject.other_text}. Neither is wrong; they are different questions. A method without a "
        "baseline changes as far as its slopes are multiplied by the way from there."
    )
    columns: dict[str, list[Any]] = {"method": list(found.methods)}
    columns["change of the attributions (%)"] = [100 * found.moved(n) for n in found.methods]
    if subject.inputs.shape[1] > 1:
        columns["rank correlation (1 same order)"] = [found.ranks_kept(n) for n in found.methods]
    table = Table(columns, f"From {subject.absent_text} to {subject.other_text}")
    yield _wide(table, "Two baselines")


def _agreement(found: Findings) -> Iterator[str]:
    pairs = found.pairs()
    if not pairs:
        return
    yield _heading("agreement", "Do the methods agree?")
    yield _said(
        "Rank correlation of the features' sizes, mean over the inputs. 1: the same order, 0: as "
        "by chance, −1: reversed, –: all features have one size. Methods ask different questions, "
        "so low numbers are no fault; but then a conclusion rests on the choice of the method."
    )
    names = found.methods
    both = pairs | {(b, a): rank for (a, b), rank in pairs.items()}
    columns: dict[str, list[Any]] = {"": list(names)}
    for name in names:
        itself = {(name, name): found.ranks_itself(name)}
        columns[name] = [(both | itself)[other, name] for other in names]
    yield _wide(Table(columns, "Agreement of methods", alike=True), "Agreement of methods")


def _controls(found: Findings) -> Iterator[str]:
    judged = found.judged
    known = [
        (metric, asks)
        for metric, asks in ASKS
        if any(not np.isnan(row[metric].value) for row in judged.numbers.values())
    ]
    yield _heading("controls", "Beside controls that know nothing")
    words = [CONTROL_WORDS[name] for name in CONTROL_WORDS if name in judged.numbers]
    yield _said(
        f"The last rows are no explanations: {' and '.join(words)}. A method has to do better. "
        + _randomised(dict(known))
    )
    table = judged.table()
    columns = {
        metric: next(c for n, c in table.columns if n.startswith(metric)) for metric, _ in known
    }
    notes = [f"{metric}: {asks}" for metric, asks in known]
    notes.append("In brackets 95 % bootstrap intervals over the inputs; –: not defined")
    if any(judged.circular[name] for name in found.methods):
        notes.append("*: the method plays this very game; a good number is no evidence")
    yield _wide(Table({"method": table["method"], **columns}, judged.notes[0]), "Controls")
    yield _list(notes)  # below the table: inside it they would scroll out of sight


def _list(lines: Sequence[str]) -> str:
    entries = "\n".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<ul class="quiet">\n{entries}\n</ul>'


def _randomised(known: dict[str, str]) -> str:
    if "randomised" in known:
        return (
            "Under randomised, the model's parameters were drawn anew: an explanation that stays "
            "the same has not looked at what was learnt."
        )
    return "The model has no parameters that could be drawn anew."


def _made(found: Findings) -> Iterator[str]:
    yield _heading("made", "How it was made")
    lines = [
        f"{name}{_more(one.method, name)}: {one.route or 'its own way'}, "
        f"{one.evaluations} circuit runs" + (f", {one.shots} shots" if one.shots else "")
        for name, one in found.found.items()
    ]
    lines += [f"{name} was left out: {why}" for name, why in found.left_out.items()]
    yield _list(lines)


def _more(method: str, name: str) -> str:
    """Return what a method calls itself, if that is another name."""
    return "" if method == name else f" ({method})"
