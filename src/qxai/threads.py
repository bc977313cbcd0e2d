"""How many threads the linear algebra underneath NumPy may use while matrices are small.

BLAS hands a product to all threads that it is offered and waits for the last. That pays for large
products; a small one is over before a thread that has to wait for a busy core has begun. So the
library computes with one thread where its products are small, and elsewhere with no more threads
than there are cores. What was offered is offered again as soon as it returns.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

LARGE = 2**29  # operations of one product from which waiting for threads is the lesser cost

_lock = Lock()
_open: list[int] = []  # most threads that each computation under way asked for
_offered: list[tuple[Any, int]] = []  # libraries that were limited, with the threads they had


@contextmanager
def limited(operations: float = 0) -> Iterator[None]:
    """Limit BLAS for products of at most so many operations; also a decorator.

    The number of threads belongs to the whole process: of computations that run at the same time,
    in threads of their own, the first notes it and the last gives it back.
    """
    most = 1 if operations < LARGE else cores()
    with _lock:
        if not _open:
            _offered[:] = [(library, library.get_num_threads()) for library in _libraries()]
        _open.append(most)
        _set(min(_open))
    try:
        yield
    finally:
        with _lock:
            _open.remove(most)
            _set(min(_open, default=None))


def _set(most: int | None) -> None:
    """Limit all libraries, or give back what they had."""
    for library, had in _offered:
        wanted = had if most is None else min(had, most)
        if library.get_num_threads() != wanted:
            library.set_num_threads(wanted)


@lru_cache(maxsize=1)
def _libraries() -> list[Any]:
    """Return the BLAS libraries in use; finding them takes a millisecond."""
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
