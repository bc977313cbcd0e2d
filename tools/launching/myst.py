"""MyST Markdown as plain Markdown: directives, roles, labels and attributes become words."""

import re
from dataclasses import dataclass, field
from typing import Protocol

FENCE = re.compile(
    r"(?P<indent> *)(?P<mark>:{3,}|`{3,}|~{3,})(?:\{(?P<name>[\w:.-]+)\})?(?P<rest>.*)"
)
OPTION = re.compile(r"\s*:([\w-]+):\s*(.*)")
TARGET = re.compile(r"\(([\w:.-]+)\)=\s*")
DOLLARS = re.compile(r"\$\$(?P<body>(?:[^$]|\\\$)+?)\$\$[ ]*\((?P<label>[\w:.-]+)\)")
DISPLAY = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)(?:\\.|[^$\\])+?\$", re.DOTALL)
ATTRIBUTES = r"(?:\{[.#][^{}\n]*\})?"
INLINE = re.compile(
    r"(?:\{(?P<role>[\w:.+-]+)\})?"
    r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>(?:(?!\n[ ]*\n).)+?)(?<!`)(?P=ticks)(?!`)"
    + ATTRIBUTES
    + rf"|(?P<math>{DISPLAY.pattern})"
    + r"|(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]*)\)"
    + ATTRIBUTES
    + r"|\[(?P<span>[^\[\]]*)\]\{[.#][^{}\n]*\}",
    re.DOTALL,
)
HEADING = re.compile(r"(#{1,6} .*?)\s*\{[.#][^{}\n]*\}\s*")
TITLED = {"admonition", "dropdown", "card", "grid-item-card", "tab-item", "topic", "sidebar"}
BOXES = {"note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error"}
BOXES |= {"seealso", "admonition", "topic", "sidebar", "margin"}
CODE = {"code", "code-block", "code-cell", "sourcecode", "literalinclude"}
GONE = {"contents", "tableofcontents", "toctree", "index", "only"}


class Words(Protocol):
    """What MyST's names mean in a book."""

    def role(self, name: str, text: str) -> str:
        """Return Markdown for a role."""

    def link(self, text: str, target: str) -> str:
        """Return Markdown for a link."""

    def number(self, label: str) -> str:
        """Return the number of an equation, "" if it has none."""

    def whole(self, directive: str) -> str | None:
        """Return Markdown for a directive that the book fills in, None for any other."""


@dataclass(frozen=True)
class Directive:
    """A fenced block: its name, what stands on its first line, options and body."""

    name: str
    title: str
    body: list[str]
    options: dict[str, str] = field(default_factory=dict)


def plain(source: str, words: Words) -> str:
    """Return Markdown without any extension."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(blocks(source.split("\n"), words))).strip("\n")


def blocks(lines: list[str], words: Words) -> list[str]:
    """Translate fenced blocks one by one, and what is between them."""
    done: list[str] = []
    prose: list[str] = []
    at = 0
    while at < len(lines):
        fence = FENCE.fullmatch(lines[at])
        if not fence:
            prose.append(lines[at])
            at += 1
            continue
        end = closing(lines, at + 1, fence["mark"])
        body = dedented(lines[at + 1 : end], len(fence["indent"]))
        done += paragraphs(prose, words)
        prose = []
        if fence["name"] or fence["mark"][0] == ":":
            block = directive(parsed(fence["name"] or "div", fence["rest"].strip(), body), words)
            done += ["", *(fence["indent"] + line if line else "" for line in block), ""]
        else:
            done += lines[at : end + 1]
        at = end + 1
    return done + paragraphs(prose, words)


def closing(lines: list[str], start: int, mark: str) -> int:
    """Return where the line is that closes a fence; behind the last one if none does."""
    for at in range(start, len(lines)):
        line = lines[at].strip()
        if len(line) >= len(mark) and set(line) == {mark[0]}:
            return at
    return len(lines)


def dedented(lines: list[str], spaces: int) -> list[str]:
    """Take the fence's own indentation from its body."""
    return [re.sub(rf"^ {{0,{spaces}}}", "", line) for line in lines]


def parsed(name: str, title: str, lines: list[str]) -> Directive:
    """Separate the options at a directive's head from its body."""
    options = {}
    while lines and (option := OPTION.fullmatch(lines[0])):
        options[option[1]] = option[2].strip()
        lines = lines[1:]
    return Directive(name, title, lines, options)


def directive(found: Directive, words: Words) -> list[str]:
    """Translate one directive."""
    filled = words.whole(found.name)
    if filled is not None:
        return filled.split("\n")
    if found.name == "math":
        return equation(found, words)
    if found.name in CODE:
        return [f"```{found.title}", *found.body, "```"]
    if found.name in GONE:
        return []
    if found.name in ("figure", "image"):
        return picture(found, words)
    if found.name == "glossary":
        return terms(found.body, words)
    first = [] if found.name in TITLED or is_grid(found.name) else [found.title]
    body = plain("\n".join(first + found.body), words).split("\n")
    title = inline(found.title, words) if found.name in TITLED else found.name.capitalize()
    if found.name == "dropdown":
        return ["<details>", f"<summary>{title}</summary>", "", *body, "", "</details>"]
    if found.name in BOXES:
        return quoted([f"**{title}**", "", *body])
    return [f"**{title}**", "", *body] if found.name in TITLED and title else body


def is_grid(name: str) -> bool:
    """Tell a directive whose first line says how it is laid out."""
    return name in {"grid", "grid-item", "tab-set", "container", "div", "card-carousel"}


def equation(found: Directive, words: Words) -> list[str]:
    """Return a displayed equation with its number."""
    body = [line for line in (found.title, *found.body) if line.strip()]
    if any("\\\\" in line for line in body) and not any("\\begin{" in line for line in body):
        body = ["\\begin{aligned}", *body, "\\end{aligned}"]
    number = words.number(found.options.get("label", ""))
    return ["$$", *body, *([f"\\tag{{{number}}}"] if number else []), "$$"]


def picture(found: Directive, words: Words) -> list[str]:
    """Return an image and, in italics, what is written under it."""
    caption = plain("\n".join(found.body), words)
    image = f"![{found.options.get('alt', '')}]({found.title})"
    return [image, "", f"*{caption}*"] if caption else [image]


def terms(lines: list[str], words: Words) -> list[str]:
    """Return a paragraph for each term of a glossary."""
    done: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith(" "):
            done += ["", f"**{inline(line.strip(), words)}**:"]
        elif line.strip():
            done[-1] += " " + inline(line.strip(), words)
    return done[1:]


def quoted(lines: list[str]) -> list[str]:
    """Return a block quote; formulas on one line each, or they would hold the quote's marks."""
    fence = "`{3,}.*?`{3,}|`[^`]+`"
    text = re.sub(
        rf"(?P<code>{fence})|{DISPLAY.pattern}",
        lambda found: found[0] if found["code"] else " ".join(found[0].split("\n")),
        "\n".join(lines).strip("\n"),
        flags=re.DOTALL,
    )
    return [f"> {line}".rstrip() for line in text.split("\n")]


def paragraphs(lines: list[str], words: Words) -> list[str]:
    """Translate what stands between fenced blocks; labels and comments go."""
    kept = [
        HEADING.sub(r"\1", line)
        for line in lines
        if not (TARGET.fullmatch(line) or line.startswith(("% ", "+++")))
    ]
    text = DOLLARS.sub(
        lambda found: f"$${found['body'].rstrip()} \\tag{{{words.number(found['label'])}}}$$",
        "\n".join(kept),
    )
    return inline(text, words).split("\n") if kept else []


def inline(text: str, words: Words) -> str:
    """Translate roles, links and spans; code and formulas stay as they are."""

    def translated(found: re.Match[str]) -> str:
        if found["role"]:
            return words.role(found["role"], " ".join(found["code"].split()))
        if found["ticks"]:
            return f"{found['ticks']}{found['code']}{found['ticks']}"
        if found["math"]:
            return found["math"]
        if found["span"] is not None:
            return inline(found["span"], words)
        return words.link(inline(found["text"], words), found["target"])

    return INLINE.sub(translated, text)
