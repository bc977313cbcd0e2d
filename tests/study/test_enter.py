"""What a stranger enters: judged on the same models, by the same rows, or refused with a remedy."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import enter  # noqa: E402
from declaration import Setting  # noqa: E402
from models import loaded  # noqa: E402

import qxai  # noqa: E402
from data import data_of  # noqa: E402

EXAMPLES = ROOT / "study" / "examples"
DRAWN = [f"drawn-0{number}_encoding-first_drawn_100" for number in range(4)]


def run(folder, *arguments):
    command = [sys.executable, str(ROOT / "study/enter.py"), "--folder", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_the_example_of_a_method_is_judged_on_the_models_of_the_study(tmp_path):
    done = run(tmp_path, "--method", str(EXAMPLES / "both_ends.py"), *DRAWN, "iris_kernel_named_0")
    assert done.returncode == 0, done.stderr
    rows = read(tmp_path / "both-ends-leaderboard.csv")
    assert {row["method"] for row in rows} == {"both ends", "random", "constant", "input"}
    row = next(r for r in rows if (r["method"], r["metric"]) == ("both ends", "localisation"))
    by_hand = []
    for name in DRAWN:
        task, family, _, seed = name.split("_")
        setting = Setting(task, family, int(seed))
        data = data_of(setting)
        model, X = loaded(setting, data).explained, data.test[0][:16]
        values = (
            qxai.taylor(model, X, np.pi / 2).values + qxai.occlusion(model, X, np.pi / 2).values
        )
        by_hand.append(qxai.metrics.localisation_auc(values, data.relevant[:16]).mean())
    assert int(row["tasks"]) == int(row["models"]) == len(DRAWN)
    assert float(row["mean"]) == pytest.approx(np.mean(by_hand), abs=2e-4)
    assert float(row["mean_low"]) <= float(row["mean"]) <= float(row["mean_high"])
    assert row["gap"] != ""
    assert {r["family"] for r in read(tmp_path / "both-ends-summary.csv")} == {"kernel"}
    assert "both ends" in done.stdout


def test_the_library_entered_as_a_stranger_gets_the_librarys_numbers(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import qxai\nNAME = 'my Shapley'\n"
        "def explain(model, X, baseline):\n    return qxai.shapley(model, X, baseline).values\n"
    )
    assert run(tmp_path, "--method", str(path), *DRAWN).returncode == 0
    rows = [r for r in read(tmp_path / "my-shapley-leaderboard.csv") if r["method"] == "my Shapley"]
    assert len(rows) == 5
    for row in rows:
        assert float(row["gap"]) == 0
        assert float(row["p"]) == 1


@pytest.mark.parametrize(
    ("kind", "file", "words"),
    [("model", "polynomial_ridge", ["away"]), ("task", "two_pairs", ["kernel_named_0"])],
)
def test_the_examples_of_a_model_and_a_task_are_judged(tmp_path, kind, file, words):
    done = run(tmp_path, f"--{kind}", str(EXAMPLES / f"{file}.py"), *words)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*-summary.csv")
    rows = [r for r in read(path) if (r["metric"], r["baseline"]) == ("localisation", "mean")]
    found = {row["method"]: float(row["mean"]) for row in rows}
    assert found["Shapley"] > found["random"]
    assert {"KernelSHAP", "Banzhaf", "Taylor-∞"} <= found.keys()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NAME = 'x'", r"a function explain\(model, X, baseline\), found wrong.py with NAME"),
        ("def explain(model, X, baseline): pass", "a file with NAME = 'my method'"),
        ("NAME = 'random'\ndef explain(m, X, b): pass", "'my random' would do"),
        ("NAME = 'Shapley'\ndef explain(m, X, b): pass", "'my Shapley' would do"),
        ("NAME = '∞ /'\ndef explain(m, X, b): pass", "NAME: expected some letters"),
    ],
)
def test_a_file_that_is_no_method_is_refused(tmp_path, text, message):
    path = tmp_path / "wrong.py"
    path.write_text(text)
    with pytest.raises((TypeError, ValueError), match=message) as refusal:
        enter.as_method(path)
    if advice := re.search("'(my .*)' would do", str(refusal.value)):
        path.write_text(f"NAME = '{advice[1]}'\ndef explain(m, X, b): pass")
        assert enter.as_method(path).name == advice[1]


def test_a_missing_file_and_a_wrong_shape_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="METHOD: expected a Python file"):
        enter.as_method(tmp_path / "nowhere.py")
    path = tmp_path / "wide.py"
    path.write_text("NAME = 'broad'\ndef explain(model, X, baseline): return X[:, :1]")
    model = qxai.Function(lambda X: X[:, 0], num_features=2)
    with pytest.raises(ValueError, match=r"shape \(3, 2\), found float64 of shape \(3, 1\)"):
        enter.as_method(path).explain(model, np.ones((3, 2)), 0.0)


def test_what_an_entry_does_to_its_inputs_is_its_own_affair(tmp_path):
    path = tmp_path / "mutating.py"
    path.write_text(
        "import qxai\nNAME = 'mutating'\ndef explain(model, X, baseline):\n"
        "    found = qxai.shapley(model, X, baseline)\n    X -= X\n    return found\n"
    )
    model = qxai.Function(lambda X: X[:, 0] * X[:, 1], num_features=2)
    X = np.ones((1, 2))
    found = enter.as_method(path).explain(model, X, 0.0)
    np.testing.assert_allclose(found.values, [[0.5, 0.5]])
    np.testing.assert_array_equal(X, np.ones((1, 2)))


def test_what_goes_wrong_says_where_and_leaves_nothing_half_written(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text("NAME = 'failing'\ndef explain(m, X, b): raise ValueError('no luck')")
    done = run(tmp_path / "out", "--method", str(path), "iris_kernel_named_0")
    assert done.returncode != 0
    assert "iris_kernel_named_0: ValueError: no luck" in done.stderr
    assert not list(tmp_path.glob("out/*"))
    nowhere = run(tmp_path / "out", "--method", str(EXAMPLES / "both_ends.py"), "nosuchword")
    assert "words: expected parts of models' names such as junta" in nowhere.stderr
    assert not list(tmp_path.glob("out/*"))


def test_models_and_tasks_that_are_none_are_refused(tmp_path):
    path = tmp_path / "column.py"
    path.write_text(
        "import numpy as np\nNAME = 'column'\nclass Model:\n"
        "    values = staticmethod(lambda X: np.zeros((len(X), 1)))\n"
        "def build(X, y, seed): return Model()\n"
    )
    with pytest.raises(TypeError, match=r"have shape \(N,\), found Model with \(200, 1\)"):
        enter.model_rows(path, Setting("away", "column", 0))
    path = tmp_path / "short.py"
    path.write_text(
        "import numpy as np\nfrom qxai import datasets\nNAME = 'short'\n"
        "def make(seed): return datasets.junta(5, 100, np.random.default_rng(seed))\n"
    )
    with pytest.raises(TypeError, match="a Task of 600 rows, found <Task: junta, 100 rows"):
        enter.task_rows(path, Setting("short", "kernel", 0, targets="function"))


def test_a_method_that_needs_a_circuit_has_no_transfer_and_is_judged(tmp_path):
    path = tmp_path / "circuits.py"
    path.write_text(
        "import qxai\nNAME = 'circuits only'\ndef explain(m, X, b): return qxai.qlrp(m, X)\n"
    )
    rows = enter.method_rows(path, Setting("drawn-00", "encoding-first", 100))["drawn"]
    own = [row for row in rows if row["method"] == "circuits only"]
    assert len(own) == 2
    assert "transfer" not in own[0]
    assert own[0]["localisation"] > 0.5


def test_one_entry_at_a_time(tmp_path):
    assert run(tmp_path).returncode == 2
    both = ["--method", str(EXAMPLES / "both_ends.py"), "--task", str(EXAMPLES / "two_pairs.py")]
    assert run(tmp_path, *both).returncode == 2
