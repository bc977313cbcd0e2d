"""Collect how the claims came out, from the outputs that chapters keep. Run by ``make notebooks``.

Writes ``data/results/verdicts.csv``, one row for each claim of ``study/claims/``.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat

from qxai.datasets import write_data

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "study" / "claims"
COLUMNS = ("expected", "median", "from", "to", "seeds", "verdict")
NAME = "results/verdicts.csv"


def outputs(path: Path) -> str:
    """Return the plain text of all tables that a notebook keeps."""
    cells = nbformat.read(path, as_version=4).cells
    found = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(one.data.get("text/plain", "") for one in found if "data" in one)


def row(avenue: str, text: str) -> list[str]:
    """Return the numbers and the word of an avenue's verdict, as they are drawn."""
    found = re.findall(rf"^{re.escape(avenue)}  +(.*)$", text, re.MULTILINE)
    parts = [re.split(r"  +", line.strip()) for line in found]
    rows = [one for one in parts if len(one) == len(COLUMNS)]
    if len(rows) != 1:
        raise ValueError(f"{avenue}: expected one verdict among the outputs, found {len(rows)}")
    return rows[0]


def verdicts(root: Path = ROOT) -> Iterator[list[str]]:
    """Return a row for each claim, chapter by chapter."""
    for path in sorted((root / "study" / "claims").glob("*.toml")):
        text = outputs(root / "book" / f"{path.stem}.ipynb")
        for key, claim in tomllib.loads(path.read_text(encoding="utf-8")).items():
            yield [path.stem, key, claim["avenue"], *row(claim["avenue"], text)]


def table(root: Path = ROOT) -> str:
    """Return the file's text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["chapter", "key", "avenue", *COLUMNS])
    writer.writerows(verdicts(root))
    return file.getvalue()


def main() -> None:
    """Write the file with its checksum."""
    write_data(NAME, table().encode())
    print(f"data/{NAME}")


if __name__ == "__main__":
    main()
