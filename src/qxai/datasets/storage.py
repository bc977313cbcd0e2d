"""The verified files under ``data/``."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from qxai.core import Array


def data_directory() -> Path:
    """Find ``data/``: ``QXAI_DATA`` if set, else beside the sources of an editable install.

    Raises
    ------
    FileNotFoundError
        If there is no such directory.
    """
    default = Path(__file__).resolve().parents[3] / "data"
    directory = Path(os.environ.get("QXAI_DATA", default))
    if not (directory / "SHA256SUMS").is_file():
        raise FileNotFoundError(
            f"data: expected a directory with SHA256SUMS, found none at {directory}; "
            "set QXAI_DATA to the project's data/ directory"
        )
    return directory


def read_data(name: str) -> bytes:
    """Read a file under ``data/`` and check it against ``SHA256SUMS``.

    Raises
    ------
    ValueError
        If the checksum of the file is not the recorded one, or none is recorded.
    """
    directory = data_directory()
    lines = (directory / "SHA256SUMS").read_text().splitlines()
    recorded = {path: digest for digest, path in (line.split() for line in lines)}
    content = (directory / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != recorded.get(name):
        raise ValueError(
            f"{name}: expected sha256 {recorded.get(name, 'recorded in SHA256SUMS')}, found "
            f"{found}; restore the file, or run make data to make it again"
        )
    return content


def read_parameters(name: str) -> dict[str, Array]:
    """Read trained parameters: for each variant of a model one row of values per split.

    Returns
    -------
    dict from str to ndarray, shape (splits, P)

    Raises
    ------
    ValueError
        If the checksum of the file is not the recorded one.
    """
    content = json.loads(read_data(name))
    return {variant: np.array(rows) for variant, rows in content["parameters"].items()}


def write_data(name: str, content: bytes) -> None:
    """Write a file under ``data/`` and its checksum, each by renaming a finished file.

    An interruption between the two leaves a file that `read_data` refuses.
    """
    directory = data_directory()
    sums = directory / "SHA256SUMS"
    others = [line for line in sums.read_text().splitlines() if line.split()[1:] != [name]]
    digest = hashlib.sha256(content).hexdigest()
    _replace(directory / name, content)
    _replace(sums, "".join(f"{line}\n" for line in sorted([*others, f"{digest}  {name}"])).encode())


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".tmp")
    partial.write_bytes(content)
    os.replace(partial, path)
