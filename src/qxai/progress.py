"""Progress of long work: one callback, and what to do with what it is told.

Whoever works calls ``progress(step)`` after each part of the work; nothing is printed unless a
callback is handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Progress", "Step", "notebook", "silent", "text"]


@dataclass(frozen=True)
class Step:
    """How far some work has come.

    Attributes
    ----------
    task : str
        What is counted, such as ``"epoch"``.
    done, total : int
        How many of how many are done; work that stops early never reaches ``total``.
    note : str
        What else there is to say, such as the loss.

    Examples
    --------
    >>> import qxai.progress
    >>> print(qxai.progress.Step("epoch", 2, 30, "loss 0.2500"))
    epoch 2/30: loss 0.2500
    """

    task: str
    done: int
    total: int
    note: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.task} {self.done}/{self.total}" + (f": {self.note}" if self.note else "")


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Say nothing, as the library does where no callback is handed in.

    Parameters
    ----------
    step : Step

    Examples
    --------
    >>> from qxai.progress import Step, silent
    >>> print(silent(Step("epoch", 1, 2)))
    None
    """


def text(step: Step) -> None:
    """Print a line to standard output.

    Parameters
    ----------
    step : Step

    Examples
    --------
    >>> from qxai.progress import Step, text
    >>> text(Step("epoch", 1, 2, "loss 0.2500"))
    epoch 1/2: loss 0.2500
    """
    print(step, flush=True)


def notebook() -> Progress:
    """Make a callback that keeps one line of a notebook's output up to date.

    Returns
    -------
    callable
        For ``progress=``; each has a line of its own, shown where it is first called.

    Raises
    ------
    ImportError
        If IPython is not installed.

    Examples
    --------
    Outside a notebook nothing is replaced: each step is a line.

    >>> import qxai.progress
    >>> show = qxai.progress.notebook()
    >>> show(qxai.progress.Step("epoch", 1, 2, "loss 0.2500"))
    epoch 1/2: loss 0.2500
    """
    try:
        from IPython.display import display
    except ImportError as error:
        raise ImportError(
            "IPython is not installed: run pip install ipython, or use "
            f"progress=qxai.progress.text ({error})"
        ) from error
    shown: list[Any] = []  # the line's handle, once there is one

    def show(step: Step) -> None:
        if shown and shown[0] is not None:
            shown[0].update(_Line(step))
        else:
            shown[:] = [display(_Line(step), display_id=True)]  # type: ignore[no-untyped-call]

    return show


@dataclass(frozen=True, repr=False)
class _Line:
    """What a notebook shows of a step: IPython displays what something's repr says."""

    step: Step

    def __repr__(self) -> str:
        return str(self.step)
