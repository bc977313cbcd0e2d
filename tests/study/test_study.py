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

import qxai
from qxai import datasets

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import declaration  # noqa: E402
import dependence  # noqa: E402
import judging  # noqa: E402
import models  # noqa: E402
import reading  # noqa: E402
import retraining  # noqa: E402
import tables  # noqa: E402
from declaration import Setting  # noqa: E402

from data import data_of  # noqa: E402

NAMES = tables.NAMES
# Cheap models of every family and part; a slice that continuous integration recomputes.
SLICE = (
    "drawn-07_encoding-first_drawn_101",
    "iris_encoding-first_named_1",
    "species_re-uploading_named_0",
    "iris_kernel_named_2",
    "away_frozen_named_0",
    "excitations_convolutional_named_0",
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


LABELS = {
    "models": (),
    "results": ("method", "baseline"),
    "drawn": ("method", "baseline"),
    "retraining": ("method",),
    "states": ("method",),
}
COARSE = {"results": 2e-3, "drawn": 2e-3}  # four digits are written
# A tree splits elsewhere when a last bit differs, and the retrained score of a ranking jumps when
# two sizes change places: there another machine may differ more.
ANOTHER_MACHINES = ("forest", "network", "left", "gain")


@pytest.mark.parametrize("table", LABELS)
def test_the_stored_tables_are_what_the_code_computes(recomputed, table):
    names = (*NAMES, *LABELS[table])
    found = list(csv.DictReader(io.StringIO((recomputed[0] / f"{table}.csv").read_text())))
    expected = {
        tuple(row[name] for name in names): row for row in stored(table) if key(row) in SLICE
    }
    assert len(found) == len(expected) > 0
    for row in found:
        other = expected[tuple(row[name] for name in names)]
        for column in tables.COLUMNS[table][len(names) :]:
            assert (row[column] == "") == (other[column] == ""), (table, column)
            if row[column]:
                close = 1e-2 if column in ANOTHER_MACHINES else COARSE.get(table, 1e-5)
                pair = float(row[column]), float(other[column])
                np.testing.assert_allclose(*pair, rtol=close, atol=1e-3 * close, err_msg=str(row))


def test_a_resumed_run_writes_the_bytes_of_an_uninterrupted_one(recomputed, tmp_path):
    words = SLICE[:2]
    for folder in (tmp_path / "once", tmp_path / "again"):
        subprocess.run(command(folder, *words), check=True, capture_output=True)
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / name).glob("*.csv")}
        for name in ("once", "again")
    )
    assert first.keys() >= {f"{name}.csv" for name in tables.MADE_BY_CELLS}
    for name in first.keys() - {"timing.csv"}:
        assert first[name] == second[name], name
    resumed = json.loads((recomputed[0] / "cells" / f"{SLICE[0]}.json").read_text())
    fresh = json.loads((tmp_path / "once/cells" / f"{SLICE[0]}.json").read_text())
    assert resumed["drawn"] == fresh["drawn"]


# What the tables have to show, whoever wins


@pytest.mark.parametrize("name", ["declaration", "hypotheses", "inference"])
def test_what_was_declared_before_the_run_was_not_touched_after_it(name):
    shown = subprocess.run(
        ["git", "-C", str(ROOT), "show", f"{reading.DECLARED}:study/{name}.py"],
        capture_output=True,
        text=True,
    )
    if shown.returncode:
        pytest.skip("a copy without its history")
    assert shown.stdout == (ROOT / f"study/{name}.py").read_text()


def test_a_run_without_models_or_among_cells_of_other_code_is_refused(tmp_path):
    for words in ((), ("nosuchmodel",)):
        done = subprocess.run(command(tmp_path, *words), capture_output=True, text=True)
        assert done.returncode
        assert "expected FOLDER and parts of models' names, such as _named_0" in done.stderr
    assert any("_named_0" in setting.key for setting in declaration.settings())
    (tmp_path / "code").write_text("another")
    done = subprocess.run(command(tmp_path, SLICE[0]), capture_output=True, text=True)
    assert "holds cells of other code" in done.stderr
    assert not list(tmp_path.glob("*.csv"))


def test_every_declared_model_is_there_once():
    listed = [key(row) for row in stored("models")]
    assert listed == [setting.key for setting in declaration.settings()]
    assert len(set(listed)) == len(listed)
    drawn = {row["task"] for row in stored("models") if row["part"] == "drawn"}
    assert len(drawn) == declaration.DRAWN >= 40


def test_drawn_tasks_differ_and_have_an_answer():
    drawn = [declaration.drawn_task(number) for number in range(declaration.DRAWN)]
    assert len({(t.num_features, t.alone, t.orders, t.correlation, t.noise) for t in drawn}) > 15
    for task in drawn:
        assert task.alone >= 1
        assert task.alone + sum(task.orders) < task.num_features


def test_seeds_of_a_drawn_task_share_the_function_and_not_the_data():
    pair = [Setting("drawn-03", declaration.ENCODING_FIRST, seed) for seed in (100, 101)]
    first, second = map(data_of, pair)
    np.testing.assert_array_equal(first.truth.weights, second.truth.weights)
    np.testing.assert_array_equal(first.relevant[0], second.relevant[0])
    assert np.abs(first.train[0] - second.train[0]).max() > 1


def test_the_tables_that_are_read_by_people_stay_small():
    assert len(datasets.read_data("results/results.csv")) <= 2_000_000


def test_models_that_have_not_learnt_are_listed_and_not_judged():
    judged = {key(row) for name in ("results", "drawn", "states") for row in stored(name)}
    for setting, row in zip(declaration.settings(), stored("models")):
        kind = "labels" if setting.task == declaration.STATES else setting.kind
        clears = float(row["score"]) >= declaration.LEARNT[kind] and not setting.permuted
        assert row["learnt"] == str(int(clears))
        assert (key(row) in judged) == clears, key(row)


def summed(method, metric, baseline="mean", family="encoding-first"):
    names = {"method": method, "metric": metric, "baseline": baseline, "family": family}
    rows = [r for r in stored("summary") if names.items() <= r.items()]
    assert len(rows) == 1
    return {name: float(rows[0][f"mean{name}"]) for name in ("", "_low", "_high")}


@pytest.mark.parametrize("metric", ["localisation", "deletion", "insertion"])
@pytest.mark.parametrize("family", declaration.FAMILIES)
def test_the_random_control_is_at_chance(metric, family):
    found = summed("random", metric, family=family)
    chance = 0.5 if metric == "localisation" else 0.0
    assert abs(found[""] - chance) < 0.08, found


@pytest.mark.parametrize("family", declaration.FAMILIES)
def test_the_constant_control_is_complete_and_ranks_nothing(family):
    assert summed("constant", "completeness", family=family)["_high"] < 1e-12
    assert summed("constant", "localisation", family=family)[""] == pytest.approx(0.5)
    assert summed("constant", "gini", family=family)["_high"] < 1e-12
    assert abs(summed("constant", "deletion", family=family)[""]) < 1e-9
    assert summed("random", "randomised_all", family=family)[""] == pytest.approx(1)


def test_what_is_least_by_definition_is_least():
    """No attribution has less infidelity than the fitted one: on every model and baseline."""
    rows = [r for r in stored("results") if r["infidelity"] and r["task"] != "wide"]
    least = {
        (key(r), r["baseline"]): float(r["infidelity"])
        for r in rows
        if r["method"] == "least infidelity"
    }
    for row in rows:
        assert float(row["infidelity"]) >= least[key(row), row["baseline"]] * (1 - 2e-3), row


def test_where_one_method_is_another_their_rows_agree():
    """Expected gradients are integrated gradients against the sample; so are Shapley values."""
    rows = {(key(r), r["method"]): r for r in stored("results") if r["baseline"] == "sample"}
    pairs = {"integrated gradients": "expected gradients", "Shapley": "Shapley, sample"}
    seen = 0
    for (model, method), row in rows.items():
        if method in pairs:
            # methods that do not move stand once a baseline, with what the metric has there
            other = rows[model, pairs[method]]
            for metric in ("localisation", "infidelity", "known_terms", "deletion"):
                assert row[metric] == other[metric], (model, method, metric)
                seen += 1
    assert seen > 100


def test_the_summary_follows_from_the_results():
    rows = [r for r in stored("results") if r["method"] == "Shapley"]
    rows = [r for r in rows if r["family"] == "kernel" and r["baseline"] == "zero"]
    by_task = {}
    for row in rows:
        by_task.setdefault(row["task"], []).append(float(row["deletion"]))
    expected = np.mean([np.mean(values) for values in by_task.values()])
    np.testing.assert_allclose(
        summed("Shapley", "deletion", "zero", "kernel")[""], expected, rtol=1e-5
    )


def test_relative_error_is_relative():
    assert judging.relative_error(np.array([3.0]), np.array([2.0])) == pytest.approx(0.5)


def test_known_terms_are_owed_by_every_game_and_not_by_slopes():
    task = datasets.mixture(6, 40, np.random.default_rng(3), alone=2, orders=[2])
    alone = ~judging.interacting(task.truth)
    assert alone.sum() == 4  # two that act alone, two that do not matter
    assert (task.relevant[0] & alone).sum() == 2
    for method in (qxai.shapley, qxai.banzhaf, qxai.occlusion, qxai.taylor):
        values = method(task.truth, task.X, 0.7).values
        assert judging.known_terms(values, task.truth, task.X, 0.7) < 1e-12
    slopes = qxai.gradient_x_input(task.truth, task.X, 0.7).values
    assert judging.known_terms(slopes, task.truth, task.X, 0.7) > 0.1
    nothing = judging.known_terms(np.zeros_like(slopes), task.truth, task.X, 0.7)
    owed = qxai.shapley(task.truth, task.X, 0.7)
    by_hand = np.sqrt(
        (owed.values[:, alone] ** 2).sum() / ((owed.output - owed.baseline_output) ** 2).sum()
    )
    assert nothing == pytest.approx(by_hand)


def test_removing_and_retraining_tells_what_matters_from_what_does_not():
    setting = Setting("additive", declaration.KERNEL, 0)
    data = data_of(setting)
    truth = np.abs(qxai.shapley(data.truth, data.train[0], np.pi / 2).values)
    test = np.abs(qxai.shapley(data.truth, data.test[0], np.pi / 2).values)
    right = retraining.left_after(setting, data, truth, test)
    wrong = retraining.left_after(setting, data, -truth, -test)
    assert right < wrong - 0.2


def test_a_frozen_model_is_retrained_as_it_was_trained():
    setting = Setting("iris", declaration.FROZEN, 1)
    data = data_of(setting)
    model = models.solved(declaration.FROZEN, *data.train, 1)
    found = retraining.predicted(setting, *data.train, data.test[0])
    np.testing.assert_allclose(found, model.values(data.test[0]), atol=1e-10)


def test_features_that_are_not_read_have_a_share_in_one_truth_only():
    setting = Setting("correlated", declaration.KERNEL, 0)
    data = data_of(setting)
    found = dependence.truths(data, data.test[0][:8], 0)
    unread = ~data.relevant[0]
    assert dependence.on(found["interventional"], unread) < 1e-12
    assert dependence.on(found["conditional"], unread) > 0.05


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
