"""Files that are complete or not there, and that are read up to a limit."""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file in the folder of ``path``, which takes its place once it is written.

    Its name is random and it is only opened if nothing has that name, so that writers do not
    meet and a planted link is not followed. Of several writers the last one's file stays, whole.
    If writing fails, what was there before stays and the new file is removed. A link at ``path``
    is replaced, not followed.
    """
    partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
    with partial.open("xb") as file:
        try:
            yield file
            file.close()
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a file, which others replace, for one process or thread at a time.

    The lock is advisory: it keeps out those who call this. Windows has no such lock; there
    nothing is kept out.
    """
    if sys.platform == "win32":
        yield
        return
    while True:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Who held the lock before may have put another file in its place.
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                yield
                return


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read it, unless it is a folder, a pipe or a device, which could block.

    Raises
    ------
    OSError
        If it is not there or may not be read.
    ValueError
        If it is no file.
    """
    if not stat.S_ISREG(os.stat(os.fspath(path)).st_mode):
        raise ValueError("a folder, a pipe or a device")
    return open(path, "rb")


def read(path: Path, limit: int) -> bytes:
    """Return what a file holds.

    Raises
    ------
    OSError
        If it is not there or may not be read.
    ValueError
        If it is no file or holds more than ``limit`` bytes.
    """
    with opened(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"more than {limit} bytes")
    return content
