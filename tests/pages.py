"""What a page says, read with Python's own parser."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Texts by tag, tables by caption as rows of cells, facts, and all tags with attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.tables, self.facts, self.warnings = [], {}, {}, []
        self._open, self._rows, self._caption, self._name = [], None, "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append((tag, []))
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])

    def handle_data(self, data):
        if self._open:
            self._open[-1][1].append(data)

    def handle_endtag(self, tag):
        opened, parts = self._open.pop()
        while opened != tag:  # elements that need no end, such as meta
            opened, parts = self._open.pop()
        text = "".join(parts).strip()
        if tag in ("td", "th"):
            self._rows[-1].append(text)
        elif tag == "caption":
            self._caption = text
        elif tag == "table":
            self.tables[self._caption] = self._rows
        elif tag == "dt":
            self._name = text
        elif tag == "dd":
            self.facts[self._name] = text

    def column(self, caption, name):
        """The cells of a column below its name; numbers where they are."""
        head, *rows = next(rows for text, rows in self.tables.items() if text.startswith(caption))
        place = head.index(name)
        return {row[0]: number(row[place]) for row in rows if len(row) == len(head)}


def number(text):
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return text
