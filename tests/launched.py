"""The script that makes launch copies, and the book as it reads it."""

from tests.project import ROOT, module

LAUNCH = module(ROOT / "tools" / "launch.py")
BOOK = LAUNCH.notebooks.Book.of(ROOT, "", LAUNCH.MADE)
GRADIENTS = next(page for page in BOOK.pages if page.path.stem == "gradients")


def nothing(path):
    """Stand in for executions: there is none."""
