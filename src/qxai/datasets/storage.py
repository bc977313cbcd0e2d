"""The verified files under ``data/``."""

import hashlib
import json
import os
import re
from pathlib import Path

from qxai.checks import as_table
from qxai.core import Array
from qxai.files import locked, read, replacing
from qxai.memory import LIMIT

SUMS = "SHA256SUMS"
MOST_SUMS = 2**20  # bytes
# Parts that neither begin with a dot nor hold a space: none leads up or out of the folder.
NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*")
LINE = re.compile(rf"(?P<digest>[0-9a-f]{{64}}) [ *](?P<name>{NAME.pattern})")
PACKAGED = Path(__file__).resolve().parents[1] / "data"
REMEDY = "restore the file, or run make data to make it again"


def data_directory() -> Path:
    """Find ``data/``: ``QXAI_DATA`` if set, else the repository's, else the package's own copy.

    Beside it, ``study/`` holds the modules of the comparison, in the repository and in the package.

    Returns
    -------
    pathlib.Path
        A directory with a ``SHA256SUMS``. What belongs to the package is only to be read.

    Raises
    ------
    FileNotFoundError
        If there is no such directory.

    Examples
    --------
    >>> import qxai
    >>> (qxai.datasets.data_directory() / "SHA256SUMS").is_file()
    True
    """
    # Only a wheel has a copy: setup.py puts it there.
    default = PACKAGED if PACKAGED.is_dir() else Path(__file__).resolve().parents[3] / "data"
    directory = Path(os.environ.get("QXAI_DATA", default))
    if not (directory / SUMS).is_file():
        raise FileNotFoundError(
            f"data: expected a directory with SHA256SUMS, found none at {directory}; "
            "set QXAI_DATA to the project's data/ directory"
        )
    return directory


def read_data(name: str) -> bytes:
    """Read a file under ``data/`` and check it against ``SHA256SUMS``.

    Parameters
    ----------
    name : str
        Its path inside ``data/``.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the name leads out of the folder, the checksum of the file is not the recorded one,
        none is recorded, a line of ``SHA256SUMS`` is malformed, or the file exceeds 1 GiB.

    Examples
    --------
    Where ``QXAI_DATA`` names a folder with an empty ``SHA256SUMS``:

    >>> import qxai
    >>> qxai.datasets.write_data("greeting.txt", b"hello")
    >>> qxai.datasets.read_data("greeting.txt")
    b'hello'
    """
    directory = data_directory()
    path = _inside(directory, name)
    recorded = _recorded(directory)
    try:
        content = read(path, LIMIT)
    except ValueError as error:
        raise ValueError(f"{name}: expected a file of at most 1 GiB, found {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != recorded.get(name):
        raise ValueError(
            f"{name}: expected sha256 {recorded.get(name, 'recorded in SHA256SUMS')}, found "
            f"{found}; {REMEDY}"
        )
    return content


def read_parameters(name: str) -> dict[str, Array]:
    """Read trained parameters: for each variant of a model one row of values per split.

    Parameters
    ----------
    name : str
        Path of a JSON file inside ``data/``.

    Returns
    -------
    dict from str to ndarray, shape (splits, P)
        Parameters by the name of the variant.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If `read_data` refuses the file, or it holds no such parameters.

    Examples
    --------
    Where ``QXAI_DATA`` names a folder with an empty ``SHA256SUMS``:

    >>> import qxai
    >>> content = b'{"parameters": {"two layers": [[0.1, 0.2], [0.3, 0.4]]}}'
    >>> qxai.datasets.write_data("trained.json", content)
    >>> print(qxai.datasets.read_parameters("trained.json")["two layers"])
    [[0.1 0.2]
     [0.3 0.4]]
    """
    content = read_data(name)
    try:
        variants = json.loads(content)["parameters"].items()
        return {variant: as_table(variant, rows) for variant, rows in variants}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as e:
        raise ValueError(
            f"{name}: expected JSON with tables of numbers under 'parameters', found "
            f"{type(e).__name__}: {str(e)[:200]}; {REMEDY}"
        ) from None


def write_data(name: str, content: bytes) -> None:
    """Write a file under ``data/`` and its checksum, each by renaming a finished file.

    An interruption between the two leaves a file that `read_data` refuses. Processes and threads
    that write at once wait for each other, so that no line of ``SHA256SUMS`` is lost; on Windows
    they do not, and must not write at once.

    Parameters
    ----------
    name : str
        Path inside ``data/``.
    content : bytes
        What the file is to hold.

    Raises
    ------
    PermissionError
        If `data_directory` is the copy that was installed with the package.
    OSError
        If the file cannot be written.
    ValueError
        If the name leads out of the folder, or a line of ``SHA256SUMS`` is malformed.

    Examples
    --------
    Where ``QXAI_DATA`` names a folder with an empty ``SHA256SUMS``:

    >>> import qxai
    >>> qxai.datasets.write_data("greeting.txt", b"hello")
    >>> (qxai.datasets.data_directory() / "SHA256SUMS").read_text().split()[-1]
    'greeting.txt'
    """
    directory = data_directory()
    if directory.resolve() == PACKAGED:
        raise PermissionError(
            f"data: expected a directory of your own, found the installed package's {directory}; "
            "set QXAI_DATA to a directory with a SHA256SUMS (which may be empty)"
        )
    target = _inside(directory, name)
    with locked(directory / SUMS):
        recorded = {**_recorded(directory), name: hashlib.sha256(content).hexdigest()}
        lines = sorted(f"{digest}  {path}\n" for path, digest in recorded.items())
        _write(target, content)
        _write(directory / SUMS, "".join(lines).encode())


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


def _inside(directory: Path, name: str) -> Path:
    """Return the path of a file under ``data/``, through no link that leads elsewhere."""
    expected = "expected a name inside data/, of letters, digits and any of / _ - ., found"
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.upper() == SUMS:
        raise ValueError(f"name: {expected} {name!r}")
    try:
        resolved = (directory / name).resolve()
    except (OSError, RuntimeError) as error:  # a link to itself
        raise ValueError(f"name: {expected} {name!r}, which leads nowhere ({error})") from None
    if not resolved.is_relative_to(directory.resolve()):
        raise ValueError(f"name: {expected} {name!r}, a link to {resolved}")
    return directory / name


def _recorded(directory: Path) -> dict[str, str]:
    """Return the digest of each file, from lines such as ``sha256sum`` writes."""
    try:
        text = read(directory / SUMS, MOST_SUMS).decode()
    except ValueError as error:
        raise ValueError(f"{SUMS}: expected lines of text, found {error}; restore it") from None
    digests: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], start=1):
        match = LINE.fullmatch(line.removesuffix("\r"))
        if not match or match["name"] in digests:
            raise ValueError(
                f"{SUMS}, line {number}: expected 64 hexadecimal digits, two spaces and a name "
                f"inside data/ that no line before has, found {line[:120]!r}; remove the line or "
                "restore the file"
            )
        digests[match["name"]] = match["digest"]
    return digests
