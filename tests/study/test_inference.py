"""Inference with tasks as units: by hand, by simulation, and against what others print."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import wilcoxon

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import inference  # noqa: E402
from hypotheses import BASELINE, ENTRANTS, HYPOTHESES, PRIMARY, SECONDARY  # noqa: E402
from judging import METRICS  # noqa: E402

RNG = np.random.default_rng(0)


def rows_of(values, metric="localisation", methods=ENTRANTS):
    """Rows of a table (tasks, methods, seeds)."""
    return [
        {"task": f"t{t:02}", "seed": s, "method": m, "baseline": BASELINE, metric: values[t, k, s]}
        for t in range(values.shape[0])
        for k, m in enumerate(methods)
        for s in range(values.shape[2])
    ]


def test_the_critical_difference_is_that_of_demsars_examples():
    """Demšar 2006: four classifiers on 14 data sets, q = 2.569, differ from 1.25 ranks on."""
    assert inference.critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert inference.critical_difference(8, 40) == pytest.approx(
        3.031 * np.sqrt(8 * 9 / (6 * 40)), rel=1e-3
    )


def test_holm_by_hand():
    """Smallest first times three, two, one; never smaller than the one before; at most 1."""
    found = inference.holm(np.array([0.03, 0.01, 0.6]))
    np.testing.assert_allclose(found, [0.06, 0.03, 0.6])
    np.testing.assert_allclose(inference.holm(np.array([0.02, 0.02])), [0.04, 0.04])
    np.testing.assert_allclose(inference.holm(np.array([0.9, 0.8])), [1, 1])


def test_the_signed_rank_test_is_that_of_scipy_and_the_effect_counts_rank_sums():
    gap = RNG.normal(0.4, 1, 20)
    p, effect = inference.signed_rank(np.append(gap, 0.0))  # a tie says nothing
    assert p == pytest.approx(wilcoxon(gap).pvalue)
    order = np.argsort(np.abs(gap))
    ranks = np.empty(20)
    ranks[order] = np.arange(1, 21)
    assert effect == pytest.approx((ranks[gap > 0].sum() - ranks[gap < 0].sum()) / 210)
    assert inference.signed_rank(np.array([1.0, 2.0]))[1] == 1
    assert inference.signed_rank(np.zeros(5)) == (1.0, 0.0)


def test_mean_ranks_by_hand():
    table = np.array([[0.9, 0.5, 0.1], [0.9, 0.1, 0.1]])
    np.testing.assert_allclose(inference.average_ranks(table), [1, 2.25, 2.75])


def test_a_number_of_a_task_is_the_mean_over_its_models():
    values = RNG.normal(size=(4, len(ENTRANTS), 3))
    values[0, :, 2] = np.nan  # a model that has not learnt its task
    sampled = inference.by_task(rows_of(values), "localisation", ENTRANTS[1], BASELINE)
    expected = np.mean([np.nanmean(values[t, 1]) for t in range(4)])
    assert inference.resampled(sampled)[0] == pytest.approx(expected)
    tasks, table = inference.entered(rows_of(values), "localisation")
    np.testing.assert_allclose(table, np.nanmean(values, axis=2))
    assert tasks == ("t00", "t01", "t02", "t03")


def test_smaller_is_better_where_the_metric_says_so():
    values = RNG.uniform(size=(5, len(ENTRANTS), 1))
    _, table = inference.entered(rows_of(values, "infidelity"), "infidelity")
    np.testing.assert_allclose(table, -values[..., 0])


def test_an_interval_covers_the_mean_of_all_tasks(monkeypatch):
    """Tasks differ by 1, models of a task by ½; what is covered is the mean over all tasks."""
    monkeypatch.setattr(inference, "RESAMPLES", 400)
    covered, times = 0, 200
    for _ in range(times):
        values = RNG.normal(size=(30, 1)) + RNG.normal(0, 0.5, (30, 3))
        sampled = inference.Sampled(tuple(f"t{i}" for i in range(30)), values)
        found = inference.interval("mean", inference.resampled(sampled))
        covered += found["mean_low"] <= 0 <= found["mean_high"]
    assert 0.89 <= covered / times <= 0.99


def test_intervals_that_forget_tasks_would_be_too_narrow():
    """Why tasks are resampled: with seeds alone, the interval is a fraction of that."""
    values = RNG.normal(size=(30, 1)) + RNG.normal(0, 0.1, (30, 3))
    sampled = inference.Sampled(tuple(f"t{i}" for i in range(30)), values)
    width = np.ptp(np.quantile(inference.resampled(sampled)[1:], [0.025, 0.975]))
    alone = 2 * 1.96 * 0.1 / np.sqrt(90)
    assert width > 5 * alone
    assert width == pytest.approx(2 * 1.96 * values.mean(axis=1).std() / np.sqrt(30), rel=0.15)


def test_where_nothing_differs_nothing_is_found():
    """Of all runs without any difference at most about one in twenty names a pair."""
    wrong = 0
    for _ in range(120):
        _, p, _ = inference.pairs_of(RNG.normal(size=(20, 4)))
        wrong += (p < 0.05).any()
    assert wrong <= 14  # 6 expected; above 14 has a chance of 1 in 1000


def test_a_difference_that_is_there_is_found_and_firm():
    values = RNG.normal(size=(40, len(ENTRANTS), 2))
    values[:, 3] += 2
    rows = [row for metric in (*PRIMARY, *SECONDARY) for row in rows_of(values, metric)]
    merged = {}
    for row in rows:
        key = row["task"], row["seed"], row["method"]
        merged.setdefault(key, {}).update(row)
    found = inference.ranking(list(merged.values()))
    best = next(r for r in found if (r["metric"], r["method"]) == ("localisation", "Shapley"))
    assert best["rank"] < 2
    assert best["rank_low"] <= best["rank"] <= best["rank_high"]
    assert best["tasks"] == 40
    assert best["models"] == 80
    assert best["friedman"] < 1e-6
    pair = [
        r
        for r in inference.comparisons(list(merged.values()))
        if r["metric"] == "localisation" and "Shapley" in (r["first"], r["second"])
    ]
    assert all(r["worst_p"] >= r["p"] for r in pair)
    assert all(r["p"] < 0.05 for r in pair)
    told = {r["hypothesis"]: r for r in inference.verdicts(list(merged.values()))}
    # smaller is better in known_terms, where Shapley's numbers were made larger: contradicted
    assert told["H1"]["outcome"] == "contradicted"
    assert told["H4"]["outcome"] == "supported"
    assert told["H2"]["outcome"] == "not decided"


def test_hypotheses_are_about_entrants_and_outcomes():
    assert len(ENTRANTS) == len(set(ENTRANTS)) <= 8
    outcomes = {*PRIMARY, *SECONDARY}
    assert outcomes <= METRICS.keys()
    for h in HYPOTHESES:
        assert {h.better, h.worse} <= set(ENTRANTS)
        assert h.metric in outcomes
    for metric in PRIMARY:  # they play the game of no entrant
        assert not set(METRICS[metric][1]) & set(ENTRANTS)
