"""Enter a method, a model or a task of your own. Run by ``make study METHOD=path`` and the like.

A *method* is a file with ``NAME`` and ``explain(model, X, baseline)``, which returns an
`Attribution` or an array (N, d) in units of the output. It is judged on the models of the study
that everybody else was judged on, and ``data/entries/`` gets its row of the leaderboard.

A *model* is a file with ``NAME`` and ``build(X, y, seed)``, which returns a trained model; all
methods explain it on the named tasks. A *task* is a file with ``NAME`` and ``make(seed)``, which
returns a `qxai.datasets.Task` of 600 rows; all families are trained on it.
"""

import argparse
import importlib.util
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402 - after the threads are set
import reading  # noqa: E402
from cells import cell, measured  # noqa: E402
from declaration import (  # noqa: E402
    CONVOLUTIONAL,
    ENCODING_FIRST,
    FAMILIES,
    FUNCTIONS,
    LABELLED,
    NAMED,
    REUPLOADING,
    SEEDS,
    STATES,
    TESTED_ON,
    TRAINED_ON,
    Setting,
    settings,
)
from methods import CONTROLS, Method, as_attribution  # noqa: E402
from models import Fitted, circuit_model, solved, trained  # noqa: E402
from tables import LEADERBOARD, Row, as_csv, leaderboard, read, summary  # noqa: E402

from data import Data, data_of, parted  # noqa: E402
from qxai import datasets  # noqa: E402
from qxai.attribution import Attribution  # noqa: E402
from qxai.core import Array  # noqa: E402
from qxai.files import replacing  # noqa: E402
from qxai.models.ansatz import restored  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
WANTED = {
    "method": ("explain", "explain(model, X, baseline)"),
    "model": ("build", "build(X, y, seed)"),
    "task": ("make", "make(seed)"),
}


def opened(path: Path, kind: str) -> Any:
    """Import a file, and check that it has a name and the function of its kind."""
    if not path.is_file():
        raise FileNotFoundError(f"{kind.upper()}: expected a Python file, found nothing at {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{kind.upper()}: expected a file that ends with .py, found {path.name}")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    function, call = WANTED[kind]
    if not isinstance(getattr(found, "NAME", None), str) or not callable(
        getattr(found, function, None)
    ):
        raise TypeError(
            f"{kind.upper()}: expected a file with NAME = 'my {kind}' and a function {call}, found "
            f"{path.name} with {', '.join(n for n in vars(found) if n[0] != '_') or 'neither'}"
        )
    check_name(found.NAME, kind)
    return found


def slug_of(name: str) -> str:
    """Return a name for files."""
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def check_name(name: str, kind: str) -> None:
    """Refuse names that the study uses itself, and those that are none for a file."""
    if not slug_of(name) or len(name) > 60 or not name.isprintable():
        raise ValueError(
            f"NAME: expected some letters, at most 60, found {name!r}; 'my {kind}' would do"
        )
    own = {*NAMED, *FAMILIES, CONVOLUTIONAL, STATES, *CONTROLS, *reading.read("summary").method}
    if name in own or name.startswith("drawn"):
        raise ValueError(
            f"NAME: expected another name than those of the study, found {name!r}; "
            f"'my {name}' would do"
        )


def as_method(path: Path) -> Method:
    """Return the method of a file."""
    found = opened(path, "method")
    return Method(found.NAME, partial(_explained, found.explain, found.NAME))


def _explained(explain: Any, name: str, model: Any, X: Array, baseline: Any) -> Attribution:
    """Call a stranger's function, and make an attribution of an array."""
    given = explain(model, X.copy(), baseline)
    array = np.asarray(getattr(given, "values", given))
    if array.shape != X.shape or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise ValueError(
            f"METHOD: expected {name!r} to return an Attribution or finite numbers of shape "
            f"{X.shape}, found {array.dtype} of shape {array.shape}"
        )
    if isinstance(given, Attribution):
        return given
    return as_attribution(name, array.astype(float), model, X, baseline)


def method_rows(path: Path, setting: Setting) -> dict[str, list[Row]]:
    """Judge a method on one model."""
    return cell(setting, (as_method(path),))


def model_rows(path: Path, setting: Setting) -> dict[str, list[Row]]:
    """Judge all methods on a model that somebody builds."""
    data = data_of(setting)
    made = opened(path, "model").build(*data.train, setting.seed)
    found = np.shape(getattr(made, "values", lambda X: None)(data.test[0]))
    if found != data.test[1].shape:
        raise TypeError(
            f"MODEL: expected build to return a model whose values(X) have shape (N,), found "
            f"{type(made).__name__} with {found}; qxai.Function(outputs, num_features=d) makes one"
        )
    return measured(setting, data, Fitted((made,)))


def task_rows(path: Path, setting: Setting) -> dict[str, list[Row]]:
    """Train a family on a task that somebody makes, and judge all methods."""
    task = opened(path, "task").make(setting.seed)
    wanted = TRAINED_ON + TESTED_ON
    if not isinstance(task, datasets.Task) or len(task.X) != wanted:
        raise TypeError(f"TASK: expected make to return a Task of {wanted} rows, found {task!r}")
    if task.truth is None and not np.isin(task.clean, (-1, 1)).all():
        raise ValueError("TASK: expected labels -1 and 1, found others; 2 * y - 1 maps 0 and 1")
    data = parted(task)
    return measured(setting, data, Fitted((_trained(setting, data),)))


def _trained(setting: Setting, data: Data) -> Any:
    if setting.family in (ENCODING_FIRST, REUPLOADING):
        numbers = trained(setting, data)[0]
        return restored(circuit_model(setting, data.train[0].shape[1]), numbers)
    return solved(setting.family, *data.train, setting.seed)


def chosen(kind: str, path: Path, words: list[str]) -> list[Setting]:
    """Return the models that an entry is judged on."""
    if kind == "method":
        found = [s for s in settings() if not s.permuted and s.family != CONVOLUTIONAL]
    elif kind == "model":
        name = opened(path, kind).NAME
        tasks = [task for task in (*FUNCTIONS, *LABELLED) if task != "wide"]
        found = [Setting(task, name, seed) for task in tasks for seed in range(SEEDS)]
    else:
        entered = opened(path, kind)
        targets = "labels" if entered.make(0).truth is None else "function"
        found = [
            Setting(entered.NAME, family, seed, targets=targets)
            for family in FAMILIES
            for seed in range(SEEDS)
        ]
    some = [s for s in found if not words or any(word in s.key for word in words)]
    if not some:
        raise ValueError(
            f"words: expected parts of models' names such as {found[0].key}, found {words}"
        )
    return some


def safely(judge: Any, path: Path, setting: Setting) -> dict[str, list[Row]]:
    """Judge one model; what goes wrong says where."""
    try:
        found: dict[str, list[Row]] = judge(path, setting)
    except (Exception, SystemExit) as error:
        raise RuntimeError(f"{setting.key}: {type(error).__name__}: {error}") from error
    return found


def entered(kind: str, path: Path, words: list[str]) -> dict[str, list[Row]]:
    """Judge an entry over all cores, and return the rows of all tables."""
    judge = {"method": method_rows, "model": model_rows, "task": task_rows}[kind]
    found: dict[str, list[Row]] = {}
    wanted = chosen(kind, path, words)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(partial(safely, judge, path), wanted)
        for number, (setting, tables) in enumerate(zip(wanted, done), start=1):
            score = tables["models"][0]
            learnt = "" if score["learnt"] else ", below the bar, not explained"
            line = f"{number}/{len(wanted)} {setting.key}: score {score['score']:.2f}{learnt}"
            print(line, flush=True)
            for name, rows in tables.items():
                found.setdefault(name, []).extend(rows)
    return found


def main(arguments: list[str]) -> None:
    """Judge what was entered, print its rows and write them."""
    parser = argparse.ArgumentParser(description="Enter the comparison with a file of your own.")
    for kind in WANTED:
        parser.add_argument(f"--{kind}", type=Path, metavar="PATH")
    parser.add_argument("--folder", type=Path, help="where to write, instead of data/entries")
    parser.add_argument("words", nargs="*", help="only models whose names hold one of them")
    given = parser.parse_args(arguments)
    kinds = [kind for kind in WANTED if getattr(given, kind)]
    if len(kinds) != 1:
        parser.error("expected one of --method, --model and --task, with the path of a file")
    path = getattr(given, kinds[0])
    if kinds[0] == "method" and given.words and given.folder is None:
        parser.error("expected --folder beside words: the board wants all models")
    slug = slug_of(opened(path, kinds[0]).NAME)
    tables = entered(kinds[0], path, given.words)
    content = {"summary": as_csv("summary", summary(_as_written("results", tables)))}
    if kinds[0] == "method":
        content["leaderboard"] = as_csv("leaderboard", _leaderboard(tables))
    for name, csv in content.items():
        _write(given.folder, f"{slug}-{name}.csv", csv)
    print(content.get("leaderboard", content["summary"]).decode())


def _as_written(name: str, tables: dict[str, list[Row]]) -> list[Row]:
    return read(as_csv(name, tables.get(name, [])))


def _leaderboard(tables: dict[str, list[Row]]) -> list[Row]:
    reference = read(datasets.read_data("results/drawn.csv"))
    rows = leaderboard(_as_written("drawn", tables), reference)
    return [{name: row.get(name) for name in LEADERBOARD} for row in rows]


def _write(folder: Path | None, name: str, content: bytes) -> None:
    if folder is None:
        (datasets.data_directory() / "entries").mkdir(exist_ok=True)
        datasets.write_data(f"entries/{name}", content)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / name) as file:
        file.write(content)


if __name__ == "__main__":
    main(sys.argv[1:])
