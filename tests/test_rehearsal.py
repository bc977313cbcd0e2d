"""The parts of the rehearsal of Binder that need no installation, and threads wherever it runs."""

import json
import os
import re
import subprocess
import sys

import psutil
import pytest
import yaml

from tests.project import ROOT, module

rehearsal = module(ROOT / "tools" / "rehearse_binder.py")
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def answer(kind, parent="mine", **content):
    return {
        "header": {"msg_type": kind},
        "parent_header": {"msg_id": parent} if parent else {},
        "content": content,
    }


IDLE = {"execution_state": "idle"}


def test_a_cell_has_ended_when_the_kernel_is_idle_after_it():
    answers = [
        answer("status", None, **IDLE),
        answer("stream", "another", text="theirs"),
        answer("status", "another", **IDLE),
        answer("stream", text="one "),
        answer("stream", text="two"),
        answer("status", **IDLE),
        answer("stream", text="late"),
    ]
    assert rehearsal.printed(answers, "mine", "code") == "one two"
    with pytest.raises(RuntimeError, match="did not finish:\ncode"):
        rehearsal.printed(answers[:5], "mine", "code")


def test_an_error_stops_and_shows_the_cell():
    failed = answer("error", traceback=["Traceback", "ZeroDivisionError"])
    others = answer("error", "another", traceback=["theirs"])
    with pytest.raises(RuntimeError, match="failed:\n1 / 0\nTraceback\nZeroDivisionError"):
        rehearsal.printed([others, failed, answer("status", **IDLE)], "mine", "1 / 0")


def test_every_request_is_told_from_the_others():
    first, second = rehearsal.message("1"), rehearsal.message("1")
    assert first["header"]["msg_id"] != second["header"]["msg_id"]
    assert first["content"]["code"] == "1"


def test_what_binder_has_not_set_is_not_set(tmp_path):
    ours = {**THREADS, "MKL_NUM_THREADS": "4", "PYTHONPATH": "src", "HOME": "/h", "PATH": "/bin"}
    assert rehearsal.clean(ours, tmp_path) == {"HOME": "/h", "PATH": f"{tmp_path}/bin:/bin"}


def test_the_environment_that_is_rehearsed_is_binders():
    text = (ROOT / "binder" / "environment.yml").read_text()
    assert rehearsal.python_of(text) == "3.11"
    with pytest.raises(ValueError, match=r"expected python and pip, found .*'numpy'"):
        rehearsal.python_of(text + "  - numpy=2.0\n")


def test_the_chapters_of_the_rehearsal_are_there():
    assert all((ROOT / f"book/{name}.ipynb").is_file() for name in rehearsal.CHAPTERS)


def test_memory_is_that_of_a_process_and_of_those_that_it_started():
    hold = "held = b'1' * 150_000_000; print('held', flush=True); input()"
    command = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        memory = rehearsal.Memory(psutil.Process(process.pid))
        process.stdout.readline()
        assert 150e6 < memory.now() < 400e6
        while memory.peak < 150e6:
            assert process.poll() is None
        process.communicate(b"\n")
    memory.stop()
    assert memory.peak > 150e6
    assert memory.now() == 0


# Wherever the book runs: make, its own build, conda, Binder


def test_make_sets_one_thread():
    makefile = (ROOT / "Makefile").read_text()
    for name, number in THREADS.items():
        assert re.search(rf"^export {name} \?= {number}$", makefile, re.MULTILINE)


def test_the_build_of_the_book_sets_one_thread():
    assert module(ROOT / "tools/book.py").ENVIRONMENT.items() >= THREADS.items()


def test_conda_sets_one_thread():
    assert yaml.safe_load((ROOT / "environment.yml").read_text())["variables"] == THREADS


def test_binder_starts_everything_with_one_thread():
    start = ROOT / "binder" / "start"
    assert os.access(start, os.X_OK)
    variables = rehearsal.clean(os.environ, ROOT)
    told = [start, sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
    result = subprocess.run(told, env=variables, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout).items() >= THREADS.items()
    failing = [start, sys.executable, "-c", "raise SystemExit(7)"]
    assert subprocess.run(failing, env=variables).returncode == 7
