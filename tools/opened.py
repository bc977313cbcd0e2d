"""What a notebook opened under ``data/`` and ``study/``, and whether that is still the same.

A kernel runs ``WATCH`` before a notebook's own cells and ``REPORT`` after them. What is opened,
listed or asked for is noted by Python itself (audit events) and by a wrapper around ``os.stat``:
a file that was missing counts as well as one that was there. A notebook that started another
program, which nobody watches, counts as one that opened everything.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

FOLDERS = ("data", "study")
SUMS = "SHA256SUMS"
EVERYTHING = "."
# What NumPy, Matplotlib and the standard library ask about the machine.
HARMLESS = {"!lscpu", "!uname", "!sysctl", "!fc-list", "!system_profiler", "!ldconfig"}
WATCHER = """
import os, sys
opened = sys.files_opened = set()
starts = {"subprocess.Popen", "os.posix_spawn", "os.system", "os.exec", "os.fork", "os.forkpty"}
def path(found):
    return os.path.abspath(os.fsdecode("." if found is None else found))
def watch(event, found):
    if event == "open" and not isinstance(found[0], int):
        opened.add(path(found[0]))
    elif event in ("os.listdir", "os.scandir") and not isinstance(found[0], int):
        opened.add(path(found[0]) + "/")
    elif event in starts:
        opened.add("!" + os.path.basename(os.fsdecode(found[0] if found else "fork")))
sys.addaudithook(watch)
stat = os.stat
def noted(found, *rest, **named):
    if not isinstance(found, int):
        opened.add(path(found) + "?")
    return stat(found, *rest, **named)
for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
    if stat in able:
        able.add(noted)
os.stat = noted
"""
# In a namespace of its own, so that no notebook finds a module imported that it did not import.
WATCH = f"exec({WATCHER!r}, {{}})"
REPORTER = """
import json, resource, sys
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps([peak, sorted(sys.files_opened)]))
"""
REPORT = f"exec({REPORTER!r}, {{}})"


def state(root: Path) -> dict[str, str]:
    """Digest each file under the folders, and the names in each folder.

    A folder's names are under ``NAME/``, and ``NAME?`` tells that ``NAME`` is there.
    ``SHA256SUMS`` has no entry: its lines belong to the files that they name, so that a new file
    concerns nobody who did not open it.
    """
    found = {}
    sums = root / "data" / SUMS
    recorded = dict(_line(line) for line in sums.read_text().splitlines()) if sums.exists() else {}
    for folder in FOLDERS:
        for path in [root / folder, *(root / folder).rglob("*")]:
            name = path.relative_to(root).as_posix()
            if "__pycache__" in path.parts or not path.exists() or path.name == SUMS:
                continue
            found[f"{name}?"] = "there"
            if path.is_dir():
                found[f"{name}/"] = _digest(_names(path))
            else:
                line = recorded.get(name.removeprefix("data/"), "")
                found[name] = _digest(line.encode() + path.read_bytes())
    return {**found, EVERYTHING: _digest(json.dumps(sorted(found.items())).encode())}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line(line: str) -> tuple[str, str]:
    digest, _, name = line.partition(" ")
    return name.strip(" *"), digest


def _names(folder: Path) -> bytes:
    names = sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")
    return "\n".join(names).encode()


def names(paths: Iterable[str], root: Path) -> set[str]:
    """Return the entries of `state` that stand for what a kernel has noted."""
    found = {_name(path, root) for path in paths}
    return {name for name in found if name and not name.endswith((SUMS, f"{SUMS}?"))}


def _name(path: str, root: Path) -> str:
    if path.startswith("!"):
        return "" if path in HARMLESS else EVERYTHING
    mark = path[-1] if path[-1] in "?/" else ""
    plain = path.removesuffix(mark)
    with suppress(ValueError):  # not compiled from a source
        plain = importlib.util.source_from_cache(plain)
    file = Path(plain)
    if not any(file.is_relative_to(root / folder) for folder in FOLDERS):
        return ""
    return "" if "__pycache__" in file.parts else file.relative_to(root).as_posix() + mark


def is_same(then: Mapping[str, str | None], now: Mapping[str, str]) -> bool:
    """Tell whether everything that was opened is as it was."""
    return all(now.get(name) == digest for name, digest in then.items())
