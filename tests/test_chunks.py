"""Work in chunks: the same numbers whoever computes them, nothing lost, nothing stored twice."""

import functools
import json
import os
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import qxai
from qxai import chunk_checks, chunk_work, results
from tests import circuits

MODEL = circuits.encoding_first(4, qubits=3)
X = np.random.default_rng(0).uniform(-2, 2, (230, 3))
EXPLAIN = functools.partial(qxai.shapley, MODEL, baseline=0.3)
WHOLE = EXPLAIN(X)


def threads(inputs):
    """Put how many threads a product may take where values belong."""
    count = max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
    return qxai.occlusion(qxai.Function(lambda rows: rows[:, 0] + count, num_features=3), inputs)


def dies(folder, inputs):
    """Explain, but where a file says so end the process instead, once."""
    order = Path(folder) / "die"
    if order.exists() and inputs[0, 0] == X[150, 0]:
        order.unlink()
        os._exit(1)
    return EXPLAIN(inputs)


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2) as pool:
        yield pool


class Recorder:
    """An executor that computes here and says how much it was handed at once."""

    def __init__(self):
        self.waves = []

    def map(self, function, tasks):
        tasks = list(tasks)
        self.waves.append(len(tasks))
        return map(function, tasks)


def same(found, expected=WHOLE):
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.output, expected.output, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.baseline_output, expected.baseline_output, atol=1e-12)
    np.testing.assert_array_equal(found.inputs, expected.inputs)
    np.testing.assert_array_equal(found.baseline, expected.baseline)
    assert (found.evaluations, found.method, found.feature_names) == (
        expected.evaluations,
        expected.method,
        expected.feature_names,
    )


@pytest.mark.parametrize("rows", [1, 64, 230, 1000])
def test_chunks_are_the_whole(rows):
    same(qxai.in_chunks(EXPLAIN, X, rows=rows))


def test_chunks_of_any_executor_are_the_whole(processes):
    same(qxai.in_chunks(EXPLAIN, X, executor=processes, rows=50))
    with ThreadPoolExecutor(2) as pool:
        same(qxai.in_chunks(EXPLAIN, X, executor=pool, rows=50))


def test_a_baseline_for_each_input_is_cut_too():
    baseline = np.random.default_rng(1).uniform(-1, 1, X.shape)
    baseline[50:100] = 0.5  # a chunk whose inputs share one
    explain = functools.partial(qxai.shapley, MODEL, baseline=baseline)
    same(qxai.in_chunks(explain, X, rows=50), explain(X))
    with pytest.raises(ValueError, match="a row for each of 230 inputs, found shape"):
        qxai.in_chunks(functools.partial(qxai.shapley, MODEL, baseline=baseline[:7]), X)


def test_samples_and_names_go_along():
    frame = pytest.importorskip("pandas").DataFrame(X, columns=list(MODEL.feature_names))
    background = qxai.Background(X[:5])
    explain = functools.partial(qxai.shapley, MODEL, baseline=background)
    found = qxai.in_chunks(explain, frame[frame.columns[::-1]], rows=100)
    np.testing.assert_allclose(found.values, explain(X).values, atol=1e-12)
    np.testing.assert_array_equal(found.baseline.sample, background.sample)


def test_each_chunk_takes_one_thread(processes):
    for executor in (None, processes):
        found = qxai.in_chunks(threads, X[:4], executor=executor, rows=2)
        np.testing.assert_allclose(found.output - X[:4, 0], 1)


def test_what_is_drawn_is_the_same_whoever_draws(processes):
    def drawn(executor, rows=40, seed=3):
        explain = functools.partial(qxai.shapley, MODEL, samples=4)
        rng = np.random.default_rng(seed)
        return qxai.in_chunks(explain, X, executor=executor, rows=rows, rng=rng).values

    np.testing.assert_array_equal(drawn(None), drawn(processes))
    assert not np.array_equal(drawn(None), drawn(None, seed=4))
    first, second = drawn(None)[:40], drawn(None)[40:80]
    assert not np.allclose(first - WHOLE.values[:40], second - WHOLE.values[40:80])


def test_memory_is_bounded_by_what_is_under_way():
    recorder = Recorder()
    same(qxai.in_chunks(EXPLAIN, X, executor=recorder, rows=3))
    assert max(recorder.waves) == 32
    assert sum(recorder.waves) == 77


def test_finished_chunks_are_taken_as_they_are(tmp_path):
    steps = []
    same(qxai.in_chunks(EXPLAIN, X, rows=60, folder=tmp_path, progress=steps.append))
    assert [str(step) for step in steps] == [f"chunk {i}/4" for i in range(1, 5)]
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert sorted(before) == [f"chunk-{i:06d}.npz" for i in range(4)]
    (tmp_path / "chunk-000001.npz").unlink()
    recorder, steps = Recorder(), []
    again = qxai.in_chunks(
        EXPLAIN, X, executor=recorder, rows=60, folder=tmp_path, progress=steps.append
    )
    same(again)
    assert recorder.waves == [1]
    assert [str(step) for step in steps] == ["chunk 3/4: stored before", "chunk 4/4"]
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert [n for n in before if after[n] != before[n]] == ["chunk-000001.npz"]
    same(qxai.load(tmp_path / "chunk-000000.npz"), EXPLAIN(X[:60]))


def test_chunks_of_something_else_are_refused(tmp_path):
    def run(explain=EXPLAIN, inputs=X, rows=60, **named):
        return qxai.in_chunks(explain, inputs, rows=rows, folder=tmp_path, **named)

    run()
    for other in (
        functools.partial(qxai.shapley, MODEL, baseline=0.4),
        functools.partial(qxai.occlusion, MODEL, baseline=0.3),
        functools.partial(qxai.shapley, MODEL.polynomial() * 2, baseline=0.3),
    ):
        with pytest.raises(ValueError, match="folder: expected chunks of this explanation"):
            run(other)
    for changed in ({"inputs": X + 1}, {"rows": 50}, {"rng": np.random.default_rng(0)}):
        with pytest.raises(ValueError, match="folder: expected chunks of these inputs") as found:
            run(**changed)
    remedy = str(found.value).split("remove ")[1]
    assert remedy == str(tmp_path)
    (tmp_path / "chunk-000002.npz").write_bytes(b"half of it")
    with pytest.raises(ValueError, match=r"remove chunk-000002.npz and call again"):
        run()
    (tmp_path / "chunk-000002.npz").unlink()
    same(run())


def test_a_row_at_the_baseline_hides_no_other_explanation(tmp_path):
    """There all attributions are zero, whatever the method; methods and other rows differ."""
    inputs = X.copy()
    inputs[0] = 0.3
    qxai.in_chunks(EXPLAIN, inputs, rows=60, folder=tmp_path)
    for other in (qxai.occlusion, qxai.banzhaf):
        again = functools.partial(other, MODEL, baseline=0.3)
        with pytest.raises(ValueError, match="folder: expected chunks of this explanation"):
            qxai.in_chunks(again, inputs, rows=60, folder=tmp_path)
    same_there = 2 * MODEL - float(MODEL.values(inputs[:1])[0])
    again = functools.partial(qxai.shapley, same_there, baseline=0.3)
    with pytest.raises(ValueError, match="folder: expected chunks of this explanation"):
        qxai.in_chunks(again, inputs, rows=60, folder=tmp_path)
    grouped = functools.partial(qxai.shapley, MODEL, baseline=0.3, groups=[[0, 1], [2]])
    with pytest.raises(ValueError, match="folder: expected chunks of this explanation"):
        qxai.in_chunks(grouped, inputs, rows=60, folder=tmp_path)
    (tmp_path / "chunks.json").unlink()
    with pytest.raises(ValueError, match=r"found chunks without chunks.json"):
        qxai.in_chunks(EXPLAIN, inputs[::-1], rows=60, folder=tmp_path)


def test_what_was_drawn_for_another_explanation_is_refused(tmp_path):
    def run(method, model=MODEL, seed=0):
        explain = functools.partial(method, model, samples=20)
        rng = np.random.default_rng(seed)
        return qxai.in_chunks(explain, X, rows=100, folder=tmp_path, rng=rng)

    first = run(qxai.shapley)
    for method, model in ((qxai.lime, MODEL), (qxai.shapley, 5 * MODEL)):
        with pytest.raises(ValueError, match="folder: expected chunks of this explanation"):
            run(method, model)
    np.testing.assert_array_equal(run(qxai.shapley).values, first.values)


def measured(inputs, rng):
    return qxai.occlusion(MODEL.on(qxai.Sampled(100, rng)), inputs)


def test_a_generator_within_a_model_is_refused_and_what_the_message_says_works(processes):
    """Each process would copy it, and draw the same noise."""
    device = MODEL.on(qxai.Sampled(100, np.random.default_rng(0)))
    same_rows = np.repeat(X[:1], 100, axis=0)
    for explain in (functools.partial(qxai.occlusion, device), device.estimate):
        with pytest.raises(TypeError, match=r"a function of \(X, rng\) that puts it there"):
            qxai.in_chunks(explain, same_rows, executor=processes, rows=50)
    found = qxai.in_chunks(
        measured, same_rows, executor=processes, rows=50, rng=np.random.default_rng(0)
    )
    assert not np.array_equal(found.values[:50], found.values[50:])


def test_tables_of_texts_and_tables_as_baselines(tmp_path):
    pandas = pytest.importorskip("pandas")
    names = list(MODEL.feature_names)
    frame, start = pandas.DataFrame(X, columns=names), pandas.DataFrame(0.1 * X, columns=names)
    explain = functools.partial(qxai.shapley, MODEL, baseline=start)
    found = qxai.in_chunks(explain, frame, rows=60, folder=tmp_path)
    np.testing.assert_allclose(found.values, explain(frame).values, atol=1e-12)
    texts = pandas.DataFrame({"a": ["x", "y", None], "b": [1, 2, 3]})
    copy = pandas.DataFrame({"a": ["x", "y"] + [None], "b": [1, 2, 3]})
    assert chunk_checks.digest(texts) == chunk_checks.digest(copy)
    assert chunk_checks.digest(texts) != chunk_checks.digest(copy.iloc[::-1])
    whole = pandas.DataFrame({"b": [1, 2, 3]})
    assert chunk_checks.digest(whole) == chunk_checks.digest(np.array([[1.0], [2.0], [3.0]]))


def test_a_pool_that_breaks_is_named_and_gone_on_from(tmp_path):
    (tmp_path / "die").touch()
    explain = functools.partial(dies, str(tmp_path))
    with ProcessPoolExecutor(1) as pool, pytest.raises(RuntimeError) as found:
        qxai.in_chunks(explain, X, executor=pool, rows=50, folder=tmp_path)
    assert isinstance(found.value.__cause__, BrokenExecutor)
    assert "executor: BrokenProcessPool while chunk" in str(found.value)
    assert "call again with a new executor" in str(found.value)
    stored = sorted(tmp_path.glob("*.npz"))
    assert len(stored) < 5
    with ProcessPoolExecutor(1) as pool:
        same(qxai.in_chunks(explain, X, executor=pool, rows=50, folder=tmp_path))


def test_without_a_folder_a_broken_pool_says_what_would_have_helped(tmp_path):
    (tmp_path / "die").touch()
    explain = functools.partial(dies, str(tmp_path))
    with ProcessPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="so pass folder="):
        qxai.in_chunks(explain, X, executor=pool, rows=50)


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path, monkeypatch):
    whole, written = results.replacing, []

    def full(path):
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        return whole(path)

    monkeypatch.setattr(results, "replacing", full)
    with pytest.raises(OSError, match=r"chunk 2, rows 120 on could not be written \(No space"):
        qxai.in_chunks(EXPLAIN, X, rows=60, folder=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert not list(tmp_path.glob("*.tmp"))
    monkeypatch.undo()
    same(qxai.in_chunks(EXPLAIN, X, rows=60, folder=tmp_path))


def test_other_arguments_are_refused(processes, tmp_path):
    with pytest.raises(TypeError, match="executor: expected one with a method map, found 3"):
        qxai.in_chunks(EXPLAIN, X, executor=3)
    with pytest.raises(TypeError, match="executor: expected one with a method map, found <class"):
        qxai.in_chunks(EXPLAIN, X, executor=ThreadPoolExecutor)
    with pytest.raises(TypeError, match="explain: expected a function of inputs, found NoneType"):
        qxai.in_chunks(None, X)
    with pytest.raises(TypeError, match=r"rng: expected numpy.random.default_rng"):
        qxai.in_chunks(EXPLAIN, X, rng=0)
    with pytest.raises(ValueError, match=r"of 60 inputs, found 1 for chunk 0"):
        qxai.in_chunks(lambda rows: EXPLAIN(rows[:1]), X, rows=60)
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="folder: expected one that can be written"):
            qxai.in_chunks(EXPLAIN, X, folder=place)
    with pytest.raises(TypeError, match=r"explain: expected what can be sent.*executor of threads"):
        qxai.in_chunks(lambda rows: EXPLAIN(rows), X, executor=processes, rows=50)
    with ThreadPoolExecutor(2) as pool:  # the remedy
        same(qxai.in_chunks(lambda rows: EXPLAIN(rows), X, executor=pool, rows=50))
    drawing = functools.partial(qxai.shapley, MODEL, samples=4, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"in_chunks\(…, rng=rng\)"):
        qxai.in_chunks(drawing, X)
    with pytest.raises(TypeError, match="expected an Attribution, found ndarray for chunk 0"):
        qxai.in_chunks(MODEL.values, X)
    with pytest.raises(ValueError, match="rows: expected"):
        qxai.in_chunks(EXPLAIN, X, rows=0)
    with pytest.raises(ValueError, match=r"X: expected inputs \(N, d\), found shape \(230,\)"):
        qxai.in_chunks(EXPLAIN, X[:, 0])
    wrong = X.copy()
    wrong[70, 1] = np.nan
    with pytest.raises(ValueError, match="found nan at row 10, column 1") as found:
        qxai.in_chunks(EXPLAIN, wrong, executor=processes, rows=60)
    assert found.value.__notes__ == ["in chunk 1, rows 60 on"]


def test_a_process_unpacks_the_model_once(monkeypatch):
    shared = chunk_work.Shared(EXPLAIN)
    copies = [function(*arguments) for function, arguments in [shared.__reduce__()] * 2]
    assert copies[0] is copies[1]
    np.testing.assert_array_equal(copies[0].explain(X[:3]).values, WHOLE.values[:3])


def test_nothing_to_explain_is_nothing():
    assert len(qxai.in_chunks(EXPLAIN, np.zeros((0, 3)))) == 0


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_is_killed_midway(tmp_path):
    """Dask runs a chunk again on another worker; each is stored once, and a rerun resumes."""
    distributed = pytest.importorskip("distributed")
    (tmp_path / "die").touch()
    explain = functools.partial(dies, str(tmp_path))
    writes = tmp_path / "chunks"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        found = qxai.in_chunks(explain, X, executor=executor, rows=50, folder=writes)
        same(found)
        assert not (tmp_path / "die").exists()  # a worker did end
        assert len(list(writes.glob("*.npz"))) == 5
        stored = {p.name: p.stat().st_mtime_ns for p in writes.glob("*.npz")}
        (writes / "chunk-000003.npz").unlink()
        same(qxai.in_chunks(explain, X, executor=executor, rows=50, folder=writes))
        again = {p.name: p.stat().st_mtime_ns for p in writes.glob("*.npz")}
        assert [n for n in stored if stored[n] != again[n]] == ["chunk-000003.npz"]
    assert json.loads((writes / "chunks.json").read_text())["rows"] == 50
