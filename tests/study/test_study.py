"""The study: that its tables are what its code computes, and that its controls are controls."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from qxai import datasets

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import declaration  # noqa: E402
import judging  # noqa: E402
import tables  # noqa: E402

NAMES = ("task", "family", "sweep", "seed")
# Cheap models of every family; a slice that continuous integration recomputes.
SLICE = (
    "additive_encoding-first_main_0",
    "junta_encoding-first_4-features_1",
    "teacher_re-uploading_main_0",
    "interaction_kernel_main_0",
    "iris_encoding-first_main_1",
)


def stored(name):
    return list(csv.DictReader(io.StringIO(datasets.read_data(f"results/{name}.csv").decode())))


def command(folder, *words):
    return [sys.executable, str(ROOT / "study/run.py"), str(folder), *words]


def key(row):
    return "_".join(row[name] for name in NAMES).replace(" ", "-")


@pytest.fixture(scope="module")
def recomputed(tmp_path_factory):
    """Tables of the slice, from a run that was killed after its first cell and resumed."""
    folder = tmp_path_factory.mktemp("study")
    cells = folder / "cells"
    with subprocess.Popen(
        command(folder, *SLICE), stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not list(cells.glob("*.json")):
            assert process.poll() is None, "the run ended before it could be killed"
            time.sleep(0.01)
        time.sleep(np.random.default_rng().uniform(0, 1))
        os.killpg(process.pid, signal.SIGKILL)
    before = {path.name: path.stat().st_mtime_ns for path in cells.glob("*.json")}
    assert not (folder / "results.csv").exists()
    result = subprocess.run(command(folder, *SLICE), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    after = {path.name: path.stat().st_mtime_ns for path in cells.glob("*.json")}
    return folder, before, after


def test_a_killed_run_goes_on_without_computing_or_losing_a_finished_cell(recomputed):
    _, before, after = recomputed
    assert 1 <= len(before) <= len(after) == len(SLICE)
    assert before.items() <= after.items()


@pytest.mark.parametrize(
    ("table", "label"),
    [("models", ()), ("results", ("method", "baseline")), ("shots", ("method",))],
)
def test_the_stored_tables_are_what_the_code_computes(recomputed, table, label):
    found = list(csv.DictReader(io.StringIO((recomputed[0] / f"{table}.csv").read_text())))
    expected = {
        tuple(row[name] for name in (*NAMES, *label)): row
        for row in stored(table)
        if key(row) in SLICE
    }
    assert len(found) == len(expected) > 0
    for row in found:
        other = expected[tuple(row[name] for name in (*NAMES, *label))]
        for column in tables.COLUMNS[table][len(NAMES) + len(label) :]:
            assert (row[column] == "") == (other[column] == ""), (table, column)
            if row[column]:
                # A tree splits elsewhere when a last bit differs: its score is another machine's.
                rtol = 1e-3 if column == "forest" else 1e-6
                pair = float(row[column]), float(other[column])
                np.testing.assert_allclose(*pair, rtol=rtol, atol=1e-9, err_msg=str(row))


def test_a_resumed_run_writes_the_bytes_of_an_uninterrupted_one(recomputed, tmp_path):
    words = SLICE[:1]
    for folder in (tmp_path / "once", tmp_path / "again"):
        subprocess.run(command(folder, *words), check=True, capture_output=True)
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / name).glob("*.csv")}
        for name in ("once", "again")
    )
    assert first.keys() == {f"{name}.csv" for name in tables.COLUMNS}
    for name in first.keys() - {"timing.csv"}:
        assert first[name] == second[name], name
    resumed = json.loads((recomputed[0] / "cells" / f"{SLICE[0]}.json").read_text())
    fresh = json.loads((tmp_path / "once/cells" / f"{SLICE[0]}.json").read_text())
    assert resumed["results"] == fresh["results"]


# What the tables have to show, whoever wins


def test_every_declared_model_is_there_once_and_within_the_limit():
    listed = [key(row) for row in stored("models")]
    assert listed == [setting.key for setting in declaration.settings()]
    assert len(set(listed)) == len(listed) <= 150


def test_models_that_have_not_learnt_are_listed_and_not_judged():
    judged = {key(row) for row in stored("results")}
    for row in stored("models"):
        assert (key(row) in judged) == (row["learnt"] == "1"), key(row)
    bars = declaration.LEARNT
    for setting, row in zip(declaration.settings(), stored("models")):
        clears = float(row["score"]) >= bars[setting.kind] and not setting.permuted
        assert row["learnt"] == str(int(clears))


def summed(method, metric, baseline="mean", family="encoding-first"):
    names = {"method": method, "metric": metric, "baseline": baseline, "family": family}
    rows = [r for r in stored("summary") if names.items() <= r.items()]
    assert len(rows) == 1
    return {name: float(rows[0][name]) for name in ("mean", "low", "high")}


@pytest.mark.parametrize(
    ("metric", "chance"),
    [("localisation_auc", 0.5), ("deletion", 0.0), ("insertion", 0.0), ("randomised_all", None)],
)
@pytest.mark.parametrize("baseline", ["mean", "zero"])
def test_the_random_control_is_at_chance(metric, chance, baseline):
    found = summed("random", metric, baseline)
    if chance is None:  # it does not look at the model at all
        assert found["mean"] == pytest.approx(1)
    else:
        assert found["low"] <= chance <= found["high"], found


def test_the_constant_control_is_complete_and_ranks_nothing():
    assert summed("constant", "completeness")["high"] < 1e-12
    assert summed("constant", "localisation_auc")["mean"] == pytest.approx(0.5)
    assert summed("constant", "gini")["high"] < 1e-12
    assert abs(summed("constant", "deletion")["mean"]) < 1e-9
    assert summed("constant", "max_sensitivity")["mean"] > 0  # its size is that of the output


def test_the_input_alone_points_at_bright_pixels_from_a_black_baseline():
    """The weakness of masks that follow the input, kept in sight by a control."""
    rows = [r for r in stored("results") if r["task"] == "lines" and r["method"] == "input"]
    found = {
        b: np.mean([float(r["localisation_auc"]) for r in rows if r["baseline"] == b])
        for b in ("zero", "mean")
    }
    assert found["zero"] > 0.95
    assert found["mean"] < 0.7


def test_methods_beat_the_controls_where_the_answer_is_known():
    control = summed("random", "localisation_auc")
    for name in ("Shapley", "integrated gradients", "occlusion"):
        assert summed(name, "localisation_auc")["low"] > control["high"]


def test_qlrp_inside_the_circuit_is_complete_and_not_shapley():
    """It counts down to the relevance of the initial state, and the order of uploads matters."""
    names = {"family": "re-uploading", "baseline": "mean"}
    assert summed("QLRP in-circuit", "completeness", **names)["high"] < 1e-9
    pair = {"family": "re-uploading", "first": "Shapley", "second": "QLRP in-circuit"}
    alike = [float(r["spearman"]) for r in stored("agreement") if pair.items() <= r.items()]
    assert len(alike) == len(declaration.TASKS_OF["re-uploading"])
    assert 0.3 < np.mean(alike) < 0.99


def test_the_summary_follows_from_the_results():
    rows = [r for r in stored("results") if r["sweep"] == "main" and r["method"] == "Shapley"]
    rows = [r for r in rows if r["family"] == "kernel" and r["baseline"] == "zero"]
    by_task = {}
    for row in rows:
        by_task.setdefault(row["task"], []).append(float(row["deletion"]))
    expected = np.mean([np.mean(values) for values in by_task.values()])
    np.testing.assert_allclose(
        summed("Shapley", "deletion", "zero", "kernel")["mean"], expected, rtol=1e-6
    )


def test_an_interval_covers_the_mean_in_most_repetitions():
    """The bootstrap of one task with few models is narrow: 5 models give 78 to 95 %."""
    rng, covered = np.random.default_rng(0), 0
    for _ in range(300):
        values = {(task, s): rng.normal() for task in "abcd" for s in range(5)}
        row = tables._interval(values, values, tables._shared({"any": values}))
        covered += row["low"] <= 0 <= row["high"]
    assert 0.84 <= covered / 300 <= 0.97


def test_methods_are_averaged_over_the_models_that_all_of_them_have():
    whole = {("a", 0): 1.0, ("a", 1): 3.0, ("b", 0): 5.0}
    part = {("a", 1): 7.0, ("b", 0): 9.0}
    rows = [
        {
            "task": t,
            "seed": s,
            "sweep": "main",
            "family": "f",
            "baseline": "b",
            "method": m,
            "gini": v,
        }
        for m, values in (("Shapley", whole), ("other", part))
        for (t, s), v in values.items()
    ]
    found = {row["method"]: row for row in tables.summary(rows)}
    assert found["Shapley"]["mean"] == pytest.approx(4)
    assert found["other"]["mean"] == pytest.approx(8)
    assert found["other"]["gap"] == pytest.approx(4)
    assert found["other"]["models"] == 2


def test_relative_error_is_relative():
    assert judging.relative_error(np.array([3.0]), np.array([2.0])) == pytest.approx(0.5)


def test_cells_run_on_anything_with_a_map(tmp_path):
    """An executor of a cluster is handed what is missing, and nothing that is there."""
    import run

    handed = []

    class Cluster:
        def map(self, function, *columns):
            assert function is run.run_cell
            handed.extend(zip(*columns))
            return [None] * len(handed)

    chosen = declaration.settings()[:3]
    (tmp_path / f"{chosen[1].key}.json").write_text("{}")
    run.run(chosen, tmp_path, Cluster())
    assert {setting.key for setting, _ in handed} == {chosen[0].key, chosen[2].key}
    assert all(path.parent == tmp_path for _, path in handed)
