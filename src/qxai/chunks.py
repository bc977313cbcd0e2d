"""Many inputs, a chunk at a time: on any executor, stored as they come, and gone on with later."""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import joined
from qxai.attribution import Attribution
from qxai.checks import check_count
from qxai.chunk_work import Failed, Work, explained
from qxai.progress import Progress, Step, silent

AHEAD = 32  # chunks that are handed out before the first of them is waited for


def in_chunks(
    explain: Callable[..., Attribution],
    X: ArrayLike,
    executor: Any = None,
    rows: int = 1024,
    folder: str | os.PathLike[str] | None = None,
    rng: np.random.Generator | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Explain many inputs a chunk at a time, here or on an executor.

    Chunks that are done are stored, each under its name once it is complete; a call with the same
    folder takes them as they are and goes on with the others. Every chunk is computed with one
    thread, so that as many can run as there are cores.

    Parameters
    ----------
    explain : callable
        What maps inputs (n, d) to an `Attribution`, such as ``functools.partial(qxai.shapley,
        model, baseline=b)``. A baseline (N, d) there is cut into the same chunks as ``X``.
    X : array_like, shape (N, d), or DataFrame
        Inputs, in the unit of the model.
    executor : object with a method ``map``, optional
        Where chunks run: a ``ProcessPoolExecutor`` of ``concurrent.futures``, Dask's
        ``client.get_executor()``; here, one after the other, for None.
    rows : int
        Inputs in a chunk. Of ``N`` inputs at most 32 chunks are under way at a time, so the memory
        beyond ``X`` and the result is 32 chunks here and one chunk a worker.
    folder : path, optional
        Where chunks are stored, as ``chunk-000000.npz`` and so on, files for `load`.
    rng : numpy.random.Generator, optional
        For a method that draws: each chunk gets a generator of its own, the same whoever runs it.
    progress : callable, optional
        Told of each chunk, such as ``qxai.progress.text``.

    Returns
    -------
    Attribution
        Of all inputs, as if they were explained at once, to rounding. Its ``error`` is the
        largest of the chunks'.

    Raises
    ------
    TypeError
        If the executor has no ``map``, the callable cannot be sent there or returns something
        else, or it holds a generator.
    ValueError
        If the folder holds chunks of other inputs or of another explanation.
    RuntimeError
        If the executor breaks down: the message says what is stored.

    Examples
    --------
    >>> import functools, cirq, numpy as np, sympy, qxai
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> model = qxai.PQC(qxai.ansatz.angle_encoding(q, x), x, cirq.Z(q[0]) * cirq.Z(q[1]))
    >>> X = np.linspace(0, 1, 20_000).reshape(-1, 2)
    >>> explain = functools.partial(qxai.shapley, model, baseline=0.5)
    >>> with ThreadPoolExecutor(2) as pool:
    ...     found = qxai.in_chunks(explain, X, executor=pool)
    >>> print(len(found), np.abs(found.residual).max() < 1e-12)
    10000 True
    """
    run = map if executor is None else getattr(executor, "map", None)
    if run is None or isinstance(executor, type):
        raise TypeError(
            f"executor: expected one with a method map, found {executor!r}; such as "
            "concurrent.futures.ProcessPoolExecutor(), or client.get_executor() of Dask"
        )
    work = Work.of(explain, X, check_count("rows", rows, 1), folder, rng)
    report = silent if progress is None else progress
    found: list[Attribution | None] = [work.stored(number) for number in range(work.count)]
    work.check(found)
    missing = [number for number, one in enumerate(found) if one is None]
    done = work.count - len(missing)
    if done:
        report(Step("chunk", done, work.count, "stored before"))
    for first in range(0, len(missing), AHEAD):
        wave = missing[first : first + AHEAD]
        for number, answer in zip(wave, _answers(run, work, wave)):
            found[number] = work.store(number, answer)
            done += 1
            report(Step("chunk", done, work.count))
    return joined([one for one in found if one is not None])


def _answers(
    run: Callable[..., Any], work: Work, wave: Sequence[int]
) -> Iterator[Attribution | Failed]:
    """Have chunks explained, in order.

    What a method raises comes back as an answer; so what is raised here is the executor's.
    """
    number = wave[0]
    try:
        answers = iter(run(explained, [work.task(number) for number in wave]))
        for number in wave:  # noqa: B007 - known where something is raised
            yield next(answers)
    except Exception as error:
        if isinstance(error, pickle.PicklingError) or "pickle" in str(error):
            raise TypeError(
                "explain: expected what can be sent to another process, functools.partial of a "
                f"function defined in a module, found none ({error}); or use an executor of threads"
            ) from error
        place = (
            "nothing is stored, so pass folder="
            if work.folder is None
            else (f"the chunks before are stored in {work.folder}")
        )
        raise RuntimeError(
            f"executor: {type(error).__name__} while chunk {number} of {work.count} ran: {error}; "
            f"{place}, and call again with a new executor"
        ) from error
