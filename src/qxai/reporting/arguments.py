"""What a report is given, refused by name before anything is computed."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qxai.core import Evaluator
from qxai.question import check_model

TAKEN = ("feature", "method", "input", "baseline", "±")  # columns of the page's own tables
SHOWN = 60  # characters of what was found


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return where a page can be written, as far as that is known before it is written.

    Raises
    ------
    TypeError
        If the path is no name.
    ValueError
        If no file can have the name, or it has another ending than ``.html``.
    OSError
        If the name is that of a folder, or its folder is not there or takes no files.
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else path
    if not isinstance(name, str):
        raise TypeError(
            f"path: expected the name of a file, found {_found(path)}; write path='report.html'"
        )
    target = Path(name)
    _check_name(target)
    if target.is_dir():
        raise IsADirectoryError(
            f"path: expected the name of a file, found the folder {name!r}; write "
            f"{str(target / 'report.html')!r}"
        )
    if target.suffix != ".html":
        raise ValueError(
            f"path: expected a name that ends in .html, found {target.name!r}; write "
            f"{target.stem + '.html'!r}"
        )
    folder = str(target.parent)
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"path: expected a file in a folder that is there, found the folder {folder!r}, which "
            f"is not; make it, os.makedirs({folder!r})"
        )
    if not os.access(folder, os.W_OK):
        raise PermissionError(
            f"path: expected a folder that files can be written to, found {folder!r}; name a file "
            "in another one"
        )
    return target


def _check_name(target: Path) -> None:
    """Refuse a name that no file can have here; only the file system knows all its rules."""
    try:
        target.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            f"path: expected a name that a file can have, found {_found(target.name)} ({why}); "
            "write path='report.html'"
        ) from None


def check_methods(methods: object) -> None:
    """Refuse what is no mapping of names to callables, and names that tables cannot show.

    Raises
    ------
    TypeError
        If it is no such mapping.
    ValueError
        If a name is empty, or that of another column.
    """
    if methods is None:
        return
    if not isinstance(methods, Mapping) or not all(map(callable, methods.values())):
        raise TypeError(
            "methods: expected a mapping from names to functions of a model, inputs and a "
            f'baseline, such as {{"Shapley": qxai.shapley}}, found {_found(methods)}'
        )
    for name in methods:
        if not isinstance(name, str):
            raise TypeError(
                f"methods: expected texts as names, found {name!r}; write {str(name)!r}"
            )
        if not name.strip():
            raise ValueError(
                f"methods: expected names that can be read, found {name!r}; write, for example, "
                "'my method'"
            )
        if name in TAKEN:
            raise ValueError(
                f"methods: expected other names than those of the tables' columns, found {name!r}; "
                f"rename it, for example 'my {name}'"
            )


def check_description(description: object) -> None:
    """Refuse a description that is no text."""
    if description is not None and not isinstance(description, str):
        raise TypeError(
            f"description: expected a text, found {_found(description)}; write "
            f"{str(description)[:SHOWN]!r}"
        )


def check_randomised(randomised: object, model: Evaluator) -> None:
    """Refuse what is no list of models of the same number of features.

    Raises
    ------
    TypeError
        If it is no list, or an entry is no model.
    ValueError
        If a model has another number of features.
    """
    if randomised is None:
        return
    if not isinstance(randomised, Sequence) or isinstance(randomised, str):
        raise TypeError(
            f"randomised: expected a list of models, found {_found(randomised)}; write [model], "
            "or leave it out"
        )
    for number, other in enumerate(randomised):
        with called("randomised", "model"):
            check_model(other)
        if other.num_features != model.num_features:
            raise ValueError(
                f"randomised: expected models of {model.num_features} features, found "
                f"{other.num_features} at position {number}; pass the same model with other "
                "parameters"
            )


def check_parts(parts: object) -> Sequence[Any]:
    """Return the parts of a page, or say what was found in place of a list.

    Raises
    ------
    TypeError
        If they are no list.
    """
    if isinstance(parts, Sequence) and not isinstance(parts, str | bytes):
        return parts
    raise TypeError(
        "parts: expected a list of texts, figures and tables, found "
        f"{_found(parts)}; put it into one, [part]"
    )


@contextmanager
def called(name: str, *inner: str) -> Iterator[None]:
    """Let errors about an argument say what it is called here, in their advice as well."""
    try:
        yield
    except (TypeError, ValueError) as error:
        text = str(error)
        known = next((one for one in inner if text.startswith(f"{one}:")), None)
        if known is None or type(error) not in (TypeError, ValueError):
            raise
        renamed = re.sub(rf"(?<!['\w]){known}(?=[.:\[=),])", name, text)
        raise type(error)(renamed) from None


def _found(value: object) -> str:
    text = " ".join(repr(value).split())  # of a table one line
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
