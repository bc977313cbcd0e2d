import builtins
import pickle
import sys
from types import SimpleNamespace

import pytest

from qxai.progress import Step, notebook, silent, text

STEPS = [Step("epoch", 1, 2, "loss 0.5"), Step("epoch", 2, 2)]


def test_text_is_a_line_a_step_and_silence_is_nothing(capsys):
    for step in STEPS:
        text(step)
        silent(step)
    assert capsys.readouterr() == ("epoch 1/2: loss 0.5\nepoch 2/2\n", "")


def test_outside_a_notebook_each_step_is_a_line(capsys):
    show = notebook()
    for step in STEPS:
        show(step)
    assert capsys.readouterr().out.splitlines() == [str(step) for step in STEPS]


def test_a_notebook_shows_one_line_for_each_callback_and_updates_it(monkeypatch):
    seen = []

    def display(line, display_id):
        assert display_id is True
        number = sum(kind == "new" for kind, *_ in seen)
        seen.append(("new", number, repr(line)))
        return SimpleNamespace(update=lambda line: seen.append(("update", number, repr(line))))

    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    one, other = notebook(), notebook()
    one(STEPS[0])
    other(STEPS[0])
    one(STEPS[1])
    first, second = (str(step) for step in STEPS)
    assert seen == [("new", 0, first), ("new", 1, first), ("update", 0, second)]


def test_without_ipython_the_refusal_names_what_works(monkeypatch, capsys):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.startswith("IPython"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install ipython, or use progress=qxai.progress.te"):
        notebook()
    text(STEPS[0])
    assert capsys.readouterr().out == f"{STEPS[0]}\n"


def test_reporters_for_many_processes_travel():
    assert pickle.loads(pickle.dumps(text)) is text
