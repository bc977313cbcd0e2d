"""A long explanation cut into chunks: what each is, where it is stored, how it is sent away."""

import json
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.checks import check_generator
from qxai.chunk_checks import (
    Explain,
    digest,
    refuse_generators,
    rows_of,
    same,
    seed_of,
    without_baseline,
)
from qxai.core import Indices
from qxai.files import read, replacing
from qxai.frames import is_table
from qxai.results import load, save
from qxai.threads import limited

LONGEST = 2**12  # bytes of the note about a folder
NOTE = "chunks.json"
OTHER = "{what}; use an empty folder, or remove {folder}"


@dataclass(frozen=True, eq=False)
class Shared:
    """What all chunks are explained with: sent to a process as bytes, and unpacked there once."""

    explain: Explain

    @cached_property
    def packed(self) -> bytes:
        """The same as bytes."""
        return pickle.dumps(self.explain)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the bytes, so that a process can tell that it has them already."""
        return _unpacked, (self.packed,)


@lru_cache(maxsize=4)
def _unpacked(content: bytes) -> Shared:
    return Shared(pickle.loads(content))


@dataclass(frozen=True, eq=False)
class Task:
    """One chunk to explain.

    Attributes
    ----------
    shared : Shared
    inputs : ndarray or DataFrame, shape (n, d)
    named : dict
        What is passed besides: rows of a baseline, a generator.
    """

    shared: Shared
    inputs: Any
    named: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Failed:
    """What a method raised, as an answer: what an executor raises is about the executor."""

    error: Exception


def explained(task: Task) -> Attribution | Failed:
    """Explain a chunk with one thread."""
    with limited():
        try:
            return task.shared.explain(task.inputs, **task.named)
        except Exception as error:
            return Failed(error)


@dataclass(frozen=True, eq=False)
class Work:
    """All chunks.

    Attributes
    ----------
    shared : Shared
    inputs : ndarray or DataFrame, shape (N, d)
    baseline : ndarray or DataFrame, shape (N, d), or None
        Rows that are cut into chunks like the inputs.
    rows : int
    folder : Path or None
    generators : sequence of Generator, or None
        One for each chunk.
    """

    shared: Shared
    inputs: Any
    baseline: Any
    rows: int
    folder: Path | None
    generators: Sequence[np.random.Generator] | None

    @classmethod
    def of(
        cls,
        explain: Explain,
        X: ArrayLike,
        rows: int,
        folder: str | os.PathLike[str] | None,
        rng: np.random.Generator | None,
    ) -> "Work":
        """Cut inputs into chunks, and note in the folder which they are."""
        inputs: Any = X if is_table(X) else np.asarray(X, dtype=np.float64)
        if len(inputs.shape) != 2:
            raise ValueError(f"X: expected inputs (N, d), found shape {inputs.shape}")
        if not callable(explain):
            raise TypeError(
                f"explain: expected a function of inputs, found {type(explain).__name__}; such as "
                "functools.partial(qxai.shapley, model)"
            )
        refuse_generators(explain)
        explain, baseline = without_baseline(explain, len(inputs))
        count = max(1, -(-len(inputs) // rows))
        generators = None if rng is None else check_generator(rng).spawn(count)
        place = None if folder is None else Path(folder)
        work = cls(Shared(explain), inputs, baseline, rows, place, generators)
        if place is not None:
            try:
                place.mkdir(parents=True, exist_ok=True)
                work._note(place / NOTE)
            except OSError as error:
                raise OSError(
                    error.errno,
                    f"folder: expected one that can be written, found {place} ({error.strerror})",
                ) from None
        return work

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return max(1, -(-len(self.inputs) // self.rows))

    def task(self, number: int, only: Indices | None = None) -> Task:
        """Return a chunk to explain, or some of its rows."""
        first = number * self.rows
        part = slice(first, first + self.rows) if only is None else first + only
        named: dict[str, Any] = {}
        if self.baseline is not None:
            named["baseline"] = rows_of(self.baseline, part)
        if self.generators is not None:
            named["rng"] = self.generators[number]
        return Task(self.shared, rows_of(self.inputs, part), named)

    def size(self, number: int) -> int:
        """Return how many inputs a chunk has."""
        return min(self.rows, len(self.inputs) - number * self.rows)

    def stored(self, number: int) -> Attribution | None:
        """Return a chunk that is stored; None if it is not."""
        path = self._path(number)
        if path is None or not path.exists():
            return None
        try:
            found = load(path)
        except ValueError as error:
            raise ValueError(f"folder: {error}; remove {path.name} and call again") from None
        if len(found) != self.size(number):
            raise ValueError(
                f"folder: expected {self.size(number)} inputs in {path.name}, found {len(found)}; "
                "remove it and call again"
            )
        return found

    def store(self, number: int, answer: Attribution | Failed) -> Attribution:
        """Check what came back, and store it, complete or not at all."""
        where = f"chunk {number}, rows {number * self.rows} on"
        if isinstance(answer, Failed):
            answer.error.add_note(f"in {where}")
            raise answer.error
        if not isinstance(answer, Attribution):
            raise TypeError(
                f"explain: expected an Attribution, found {type(answer).__name__} for {where}"
            )
        if len(answer) != self.size(number):
            raise ValueError(
                f"explain: expected an Attribution of {self.size(number)} inputs, found "
                f"{len(answer)} for {where}"
            )
        if (path := self._path(number)) is not None:
            try:
                save(answer, path)
            except OSError as error:
                raise OSError(
                    error.errno,
                    f"folder: {where} could not be written ({error.strerror}); chunks that are "
                    "there are complete, so call again once it can",
                ) from None
        return answer

    def check(self, found: Sequence[Attribution | None]) -> None:
        """Refuse chunks of another explanation: explain a chunk's first and largest row again.

        What draws is explained again whole, with the chunk's own generator.
        """
        number = next((i for i, one in enumerate(found) if one is not None), None)
        if number is None or not self.size(number):
            return
        stored, rows = found[number], np.arange(self.size(number))
        assert stored is not None
        if self.generators is None:
            rows = np.unique([0, np.abs(stored.values).sum(axis=1).argmax()])
        again = explained(self.task(number, rows))
        if isinstance(again, Failed):
            raise again.error
        if not isinstance(again, Attribution) or not same(again, stored, rows):
            what = f"found others in {self._path(number)}"
            raise ValueError(f"folder: expected chunks of this explanation, {self._instead(what)}")

    def _path(self, number: int) -> Path | None:
        return None if self.folder is None else self.folder / f"chunk-{number:06d}.npz"

    def _note(self, path: Path) -> None:
        """Write down which inputs a folder is for, or compare with what is there."""
        note = json.dumps(
            {
                "rows": self.rows,
                "inputs": digest(self.inputs),
                "baseline": None if self.baseline is None else digest(self.baseline),
                "generator": None if self.generators is None else seed_of(self.generators[0]),
            }
        ).encode()
        if not path.exists() and not any(path.parent.glob("chunk-*.npz")):
            with replacing(path) as file:
                file.write(note)
        elif not path.exists():
            what = f"found chunks without {NOTE}, which says what they are of"
            raise ValueError(f"folder: expected chunks of these inputs, {self._instead(what)}")
        elif read(path, LONGEST) != note:
            found = "found a note about others: another X, rows=, baseline or seed"
            raise ValueError(f"folder: expected chunks of these inputs, {self._instead(found)}")

    def _instead(self, what: str) -> str:
        return OTHER.format(what=what, folder=self.folder)
