"""A long explanation cut into chunks: what each is, where it is stored, how it is sent away."""

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.attribution import Attribution
from qxai.core import Array
from qxai.files import read, replacing
from qxai.frames import is_table
from qxai.results import load, save
from qxai.threads import limited

Explain = Callable[..., Attribution]

SAME = 1e-9  # relative: by how much a chunk's first row may differ when it is explained again
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
    baseline : ndarray, shape (N, d), or None
        Rows that are cut into chunks like the inputs.
    rows : int
    folder : Path or None
    generators : sequence of Generator, or None
        One for each chunk.
    """

    shared: Shared
    inputs: Any
    baseline: Array | None
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
        explain, baseline = _without_baseline(explain, len(inputs))
        count = max(1, -(-len(inputs) // rows))
        generators = None if rng is None else rng.spawn(count)
        place = None if folder is None else Path(folder)
        work = cls(Shared(explain), inputs, baseline, rows, place, generators)
        if place is not None:
            place.mkdir(parents=True, exist_ok=True)
            work._note(place / NOTE)
        return work

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return max(1, -(-len(self.inputs) // self.rows))

    def task(self, number: int, only: int | None = None) -> Task:
        """Return a chunk to explain, or its first rows only."""
        first = number * self.rows
        part = slice(first, first + (self.rows if only is None else only))
        named: dict[str, Any] = {}
        if self.baseline is not None:
            named["baseline"] = self.baseline[part]
        if self.generators is not None:
            named["rng"] = self.generators[number]
        rows = self.inputs.iloc[part] if is_table(self.inputs) else self.inputs[part]
        return Task(self.shared, rows, named)

    def stored(self, number: int) -> Attribution | None:
        """Return a chunk that is stored; None if it is not."""
        path = self._path(number)
        if path is None or not path.exists():
            return None
        try:
            return load(path)
        except ValueError as error:
            raise ValueError(f"folder: {error}; remove {path.name} and call again") from None

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
        """Refuse chunks of another explanation: explain one row again.

        One that draws would draw differently for a row; then the generator alone is compared.
        """
        number = next((i for i, one in enumerate(found) if one is not None), None)
        if number is None or self.generators is not None:
            return
        stored = found[number]
        again = explained(self.task(number, only=1))
        if isinstance(again, Failed):
            raise again.error
        assert stored is not None
        size = np.abs(again.values).max(initial=0.0) + np.abs(again.output).max(initial=0.0)
        known = np.append(stored.values[:1], stored.output[:1])
        if not np.allclose(known, np.append(again.values, again.output), rtol=0, atol=SAME * size):
            found_ = f"found others in {self._path(number)}: its first row differs"
            raise ValueError(
                f"folder: expected chunks of this explanation, {self._instead(found_)}"
            )

    def _path(self, number: int) -> Path | None:
        return None if self.folder is None else self.folder / f"chunk-{number:06d}.npz"

    def _note(self, path: Path) -> None:
        """Write down which inputs a folder is for, or compare with what is there."""
        note = json.dumps(
            {
                "rows": self.rows,
                "inputs": _digest(np.asarray(self.inputs)),
                "baseline": None if self.baseline is None else _digest(self.baseline),
                "generator": None if self.generators is None else _seed(self.generators[0]),
            }
        ).encode()
        if not path.exists():
            with replacing(path) as file:
                file.write(note)
        elif read(path, LONGEST) != note:
            found = "found a note about others: another X, rows=, baseline or seed"
            raise ValueError(f"folder: expected chunks of these inputs, {self._instead(found)}")

    def _instead(self, what: str) -> str:
        return OTHER.format(what=what, folder=self.folder)


def _without_baseline(explain: Explain, count: int) -> tuple[Explain, Array | None]:
    """Take a baseline with a row for each input out of what is called, to be cut as they are."""
    if not isinstance(explain, partial):
        return explain, None
    for name, value in explain.keywords.items():
        if isinstance(value, np.random.Generator):
            raise TypeError(
                f"explain: expected none with a generator, which every process would copy, found "
                f"{name}= in it; pass it as in_chunks(…, rng={name})"
            )
    baseline = explain.keywords.get("baseline")
    if not isinstance(baseline, np.ndarray | list | tuple) or np.ndim(baseline) != 2:
        return explain, None
    table = np.asarray(baseline, dtype=np.float64)
    if len(table) != count:
        raise ValueError(
            f"baseline: expected a point or a row for each of {count} inputs, found shape "
            f"{table.shape}"
        )
    rest = {name: value for name, value in explain.keywords.items() if name != "baseline"}
    return partial(explain.func, *explain.args, **rest), table


def _digest(array: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _seed(generator: np.random.Generator) -> str:
    return hashlib.sha256(repr(generator.bit_generator.state).encode()).hexdigest()
