"""Attributions kept in files that NumPy alone can read."""

import io
import math
import os
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from qxai.attribution import Attribution
from qxai.background import Background, Marginals
from qxai.files import opened, replacing
from qxai.memory import LIMIT

TABLES = ("values", "output", "baseline_output", "standard_error", "inputs")
NEEDED = ("format", "method", "counts", "values", "output", "baseline_output")
TEXTS = ("method", "route", "unit", "baseline_kind")
# What a file may hold, and the kinds of number that each may have.
KINDS = {
    "format": "iu",
    "counts": "iu",
    "groups": "iu",  # which group each feature is in
    "feature_names": "U",
    "baseline": "iuf",
    "error": "iuf",
    **dict.fromkeys(TEXTS, "U"),
    **dict.fromkeys(TABLES, "iuf"),
}
SHAPES: dict[str, tuple[int, ...]] = {
    "format": (),
    "counts": (2,),
    "error": (),
    **dict.fromkeys(TEXTS, ()),
}
FORMAT = 2  # 1 knew what is NEEDED, and standard_error
BASELINES = {"Background": Background, "Marginals": Marginals}
DIRECTORY = 2**20  # most bytes of the archive's own directory: a few of its entries are known
LONGEST = 10_000  # characters of a method's name
MOST = 2**63 - 1  # evaluations or shots
_FORMAT: Any = np.lib.format  # which has no types
EXPECTED = "path: expected a file written by qxai.save"


def save(attribution: Attribution, path: str | os.PathLike[str]) -> None:
    """Write an attribution to an ``.npz`` file.

    The file holds plain arrays, no pickled objects. It is written under a temporary name and
    then renamed, so that it is complete or not there, whoever else writes to the same name.

    Parameters
    ----------
    attribution : Attribution
    path : str or path-like
        Must end in ``.npz``.

    Raises
    ------
    ValueError
        If the name has another ending, or the attribution holds what `load` refuses.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import os, tempfile, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "found.npz")
    >>> qxai.save(qxai.occlusion(model, [[2, 3]]), path)
    >>> print(qxai.load(path).values)
    [[6. 6.]]
    >>> folder.cleanup()
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise ValueError(f"path: expected a name that ends in .npz, found {target.name!r}")
    try:
        arrays = _arrays(attribution)
        for name, array in arrays.items():
            _check_header(name, array.shape, array.dtype, LIMIT)
        _attribution(arrays)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"attribution: expected one that can be read again, {error}") from None
    with replacing(target) as file:
        np.savez_compressed(file, **arrays)


def load(path: str | os.PathLike[str]) -> Attribution:
    """Read an attribution that `save` wrote.

    Nothing of the file is trusted: only the arrays that make an attribution are read, each is
    measured before it is unpacked, and what they hold is checked.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Attribution
        What was saved.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If it cannot be read.
    ValueError
        If the file is damaged, is no attribution, or holds arrays of more than 1 GiB.

    Notes
    -----
    Arrays written by others may hold whole numbers or floats of up to 64 bits in any byte order;
    they become float64. Values, outputs and errors are finite, but ``baseline_output`` is NaN for
    a method that has none. Text, complex numbers, dates and objects are refused.

    Examples
    --------
    >>> import os, tempfile, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "found.npz")
    >>> qxai.save(qxai.occlusion(model, [[2, 3]]), path)
    >>> qxai.load(path).method
    'occlusion'
    >>> folder.cleanup()
    """
    place = os.fspath(path)
    try:
        with opened(place) as file:
            return _attribution(_members(file))
    except OSError:
        raise
    except Exception as error:
        # A damaged archive raises what its first damaged byte happens to mean: errors of zip,
        # zlib, struct, the tokenizer, of memory. They all say the same of the file.
        found = str(error)[:300] or type(error).__name__
        raise ValueError(f"{EXPECTED}, found one that cannot be read ({found})") from None


def _arrays(attribution: Attribution) -> dict[str, Any]:
    baseline, groups = attribution.baseline, attribution.groups
    found = {
        "format": FORMAT,
        "method": attribution.method,
        "counts": [attribution.evaluations, attribution.shots],
        "route": attribution.route,
        "unit": attribution.unit,
        "error": attribution.error,
        "feature_names": attribution.feature_names,
        "groups": None if groups is None else _owners(groups),
        "baseline": baseline.sample if isinstance(baseline, Background | Marginals) else baseline,
        "baseline_kind": type(baseline).__name__,
        **{name: getattr(attribution, name) for name in TABLES},
    }
    return {name: np.asarray(value) for name, value in found.items() if value is not None}


def _owners(groups: Sequence[Sequence[int]]) -> list[int]:
    """Return which group each feature is in."""
    return [number for _, number in sorted((i, g) for g, part in enumerate(groups) for i in part)]


def _attribution(found: Mapping[str, Any]) -> Attribution:
    """Make an attribution of the arrays of a file, whose kinds are right, or refuse them."""
    if found["format"] not in (1, FORMAT):
        raise ValueError(f"expected format 1 or {FORMAT}, found {found['format']}; update qxai")
    evaluations, shots = found["counts"].tolist()
    if not (0 <= evaluations <= MOST and 0 <= shots <= MOST):
        raise ValueError(f"counts: expected whole numbers from 0, found {evaluations}, {shots}")
    numbers = {n: found[n].astype(np.float64) for n in (*TABLES, "baseline", "error") if n in found}
    for name, table in numbers.items():
        without = np.isnan(table) if name == "baseline_output" else False
        if not (np.isfinite(table) | without).all():
            raise ValueError(f"{name}: expected finite numbers, found others")
    if (numbers.get("standard_error", np.zeros(0)) < 0).any():
        raise ValueError("standard_error: expected numbers of at least 0, found others")
    texts = {name: str(found[name]) for name in ("method", "route", "unit") if name in found}
    arrays: dict[str, Any] = {name: numbers.get(name) for name in TABLES}
    return Attribution(
        **arrays | texts,
        evaluations=evaluations,
        shots=shots,
        error=float(numbers["error"]) if "error" in numbers else None,
        feature_names=_texts(found.get("feature_names")),
        groups=_groups(found.get("groups")),
        baseline=_baseline(found, numbers.get("baseline")),
    )


def _texts(names: Any) -> list[str] | None:
    if names is not None and names.ndim != 1:
        raise ValueError(f"feature_names: expected a list of names, found shape {names.shape}")
    return None if names is None else names.tolist()


def _groups(owners: Any) -> list[list[int]] | None:
    if owners is None:
        return None
    if owners.ndim != 1 or set(owners.tolist()) != set(range(int(owners.max(initial=-1)) + 1)):
        raise ValueError("groups: expected the number of each feature's group, found others")
    return [np.flatnonzero(owners == g).tolist() for g in range(int(owners.max(initial=-1)) + 1)]


def _baseline(found: Mapping[str, Any], numbers: Any) -> Any:
    kind = str(found.get("baseline_kind", ""))
    if numbers is None or kind not in BASELINES:
        return numbers
    names = None if "groups" in found else _texts(found.get("feature_names"))
    return BASELINES[kind](numbers, names)


def _members(file: BinaryIO) -> dict[str, Any]:
    """Read the known members of an archive, after checking how large they say they are."""
    size = os.fstat(file.fileno()).st_size
    if size > LIMIT:
        raise ValueError(f"{size} bytes, more than {LIMIT}")
    metered = _Metered(file, DIRECTORY)
    with zipfile.ZipFile(metered) as archive:
        metered.left = LIMIT
        present = set(archive.namelist())
        missing = sorted(n for n in NEEDED if f"{n}.npy" not in present)
        if missing:
            raise ValueError(f"found no {', '.join(missing)} in it")
        infos = {n: archive.getinfo(f"{n}.npy") for n in KINDS if f"{n}.npy" in present}
        found, left = {}, LIMIT
        for name, info in infos.items():
            found[name] = _array(name, archive, info, left)
            left -= 8 * found[name].size
        return found


def _array(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> Any:
    """Read one array, of as many bytes as its shape needs and at most ``left`` as float64."""
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name}: expected a member that is stored or deflated, found another")
    with archive.open(info) as member:
        version = _FORMAT.read_magic(member)
        if version != (1, 0):  # later ones are for arrays of records
            raise ValueError(f"{name}: expected version 1.0 of NumPy's format, found {version}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of headers that Python 2 wrote
            shape, fortran, dtype = _FORMAT.read_array_header_1_0(member)
        _check_header(name, shape, dtype, left)
        size = math.prod(shape) * dtype.itemsize
        declared = info.file_size - member.tell()
        if declared != size:
            raise ValueError(f"{name}: expected {size} bytes of numbers, found {declared}")
        content = member.read(size)
        if len(content) != size or member.read(1):
            raise ValueError(f"{name}: expected {size} bytes of numbers, found fewer or more")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _check_header(name: str, shape: tuple[int, ...], dtype: Any, left: int) -> None:
    """Refuse an array by its kind, its shape and its size, before any of it is read."""
    if shape != SHAPES.get(name, shape):
        raise ValueError(f"{name}: expected shape {SHAPES[name]}, found {shape}")
    if dtype.kind not in KINDS[name] or (dtype.kind != "U" and dtype.itemsize > 8):
        raise ValueError(f"{name}: expected {_expected(name)}, found dtype {dtype}")
    if dtype.kind == "U" and dtype.itemsize > 4 * LONGEST:
        raise ValueError(f"{name}: expected at most {LONGEST} characters, found more")
    if any(length < 0 for length in shape) or 8 * math.prod(shape) > left:
        raise ValueError(f"{name}: expected arrays of at most {LIMIT} bytes, found shape {shape}")


def _expected(name: str) -> str:
    return {"U": "a text", "iu": "whole numbers"}.get(KINDS[name], "real numbers of up to 64 bits")


class _Metered(io.RawIOBase):
    """A file of which so many bytes may be read, whatever its directory says."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self.file, self.left = file, left

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and not 0 <= offset <= LIMIT:
            raise ValueError("a directory that points outside the file")
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def read(self, size: int = -1) -> bytes:
        content = self.file.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(content)
        if self.left < 0:
            raise ValueError("more bytes than its arrays could need")
        return content
