"""How many threads the linear algebra underneath NumPy may use while matrices are small.

BLAS hands a product to all threads that it is offered and waits for the last. That pays for large
products; a small one is over before a thread that has to wait for a busy core has begun. So the
library computes with one BLAS thread where its products are small, and elsewhere with no more than
there are cores. What was offered is offered again as soon as it returns.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from threading import local
from typing import Any, TypeVar, cast

from threadpoolctl import ThreadpoolController

Method = TypeVar("Method", bound=Callable[..., Any])

LARGE = 2**27  # operations of one product from which waiting for threads is the lesser cost

_own = local()  # of each thread: the limit under way, and the threads that libraries had before


@contextmanager
def limited(operations: float = 0) -> Iterator[None]:
    """Limit BLAS for products of at most so many operations; also a decorator.

    Where the number of threads belongs to the whole process, threadpoolctl lets the thread that
    first sets it decide, and others compute with what it chose.
    """
    most = 1 if operations < LARGE else cores()
    under_way: int | None = getattr(_own, "limit", None)
    if under_way is not None and under_way <= most:
        yield
        return
    if under_way is None:
        _own.before = [(library, library.get_num_threads()) for library in _libraries()]
    _set(most)
    try:
        yield
    finally:
        _set(under_way)


def limited_by(operations: Callable[..., float]) -> Callable[[Method], Method]:
    """Decorate a method; its arguments tell how many operations its largest product takes."""

    def decorated(method: Method) -> Method:
        @wraps(method)
        def run(*arguments: Any, **named: Any) -> Any:
            with limited(operations(*arguments, **named)):
                return method(*arguments, **named)

        return cast(Method, run)

    return decorated


def _set(most: int | None) -> None:
    """Limit all libraries, or give back what they had."""
    _own.limit = most
    for library, had in _own.before:
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
