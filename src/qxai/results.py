"""Attributions kept in files that NumPy alone can read."""

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from qxai.core import Attribution

ARRAYS = ("values", "output", "baseline_output")
FORMAT = 1
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, TypeError, AttributeError)


def save(attribution: Attribution, path: str | os.PathLike[str]) -> None:
    """Write an attribution to an ``.npz`` file.

    The file holds plain arrays, no pickled objects. It is written under a temporary name and
    then renamed, so that it is complete or not there.

    Parameters
    ----------
    attribution : Attribution
    path : str or path-like
        Must end in ``.npz``.

    Raises
    ------
    ValueError
        If the name has another ending.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise ValueError(f"path: expected a name that ends in .npz, found {target.name!r}")
    arrays = {name: getattr(attribution, name) for name in ARRAYS}
    if attribution.standard_error is not None:
        arrays["standard_error"] = attribution.standard_error
    partial = target.with_name(target.name + ".tmp")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                format=FORMAT,
                method=attribution.method,
                counts=np.array([attribution.evaluations, attribution.shots]),
                **arrays,
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> Attribution:
    """Read an attribution that `save` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Attribution

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or is no attribution.
    """
    try:
        with open(path, "rb") as content, np.load(content, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(
            f"path: expected a file written by qxai.save, found one that cannot be read ({error})"
        ) from None
    if missing := {*ARRAYS, "format", "method", "counts"} - found.keys():
        names = ", ".join(sorted(missing))
        raise ValueError(f"path: expected a file written by qxai.save, found no {names} in it")
    if found["format"] != FORMAT:
        raise ValueError(f"path: expected format {FORMAT}, found {found['format']}; update qxai")
    evaluations, shots = map(int, found["counts"])
    return Attribution(
        values=found["values"],
        output=found["output"],
        baseline_output=found["baseline_output"],
        method=str(found["method"]),
        evaluations=evaluations,
        standard_error=found.get("standard_error"),
        shots=shots,
    )
