"""One cell of the study: everything that is measured of one model."""

import itertools
import time
from dataclasses import replace
from typing import Any

import numpy as np
from cost import cost, is_costed
from declaration import (
    CONVOLUTIONAL,
    DEPENDENT,
    ENCODING_FIRST,
    EXPLAINED,
    FAMILIES,
    LEARNT,
    PERMUTED,
    SAMPLE_ROWS,
    Setting,
)
from dependence import dependence
from devices import devices, is_disturbed
from hypotheses import ENTRANTS
from judging import Case, case_of, judged, steadiness
from methods import CONTROLS, Method, able, baselines, entrants
from models import Fitted, loaded, randomised, score, stored
from peers import classical_scores, peer_rows
from retraining import is_retrained, retraining
from sensitivity import is_varied, sensitivity
from sites import model_of, site_rows

from data import Data, data_of
from qxai import metrics
from qxai.core import Array

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def cell(setting: Setting, extra: tuple[Method, ...] = ()) -> Tables:
    """Return the rows that a model adds to each table.

    ``extra`` are methods of others: then they are judged, beside the controls, and nothing else.
    """
    if setting.family == CONVOLUTIONAL:
        return {} if extra else _of_states(setting)
    data = data_of(setting)
    return measured(setting, data, loaded(setting, data), extra)


def measured(
    setting: Setting, data: Data, fitted: Fitted, extra: tuple[Method, ...] = ()
) -> Tables:
    """Return the rows of a model that was trained on some data."""
    reached = score(setting, fitted.outputs(data.test[0]), data.test[1])
    learnt = reached >= LEARNT[setting.kind] and not setting.permuted
    line = {**labels(setting), "score": reached, "learnt": int(learnt)}
    tables: Tables = {"models": [line | ({} if extra else classical_scores(setting, data))]}
    if not learnt:
        return tables
    methods = chosen(setting, data, extra)
    if setting.family not in FAMILIES:  # a model that somebody entered
        X = data.test[0]
        methods = tuple(m for m in methods if able(m, fitted.explained, X))
    others = _others(setting, data, fitted)
    rows, times = _judged(setting, data, fitted.explained, others, methods)
    tables["drawn" if setting.part == "drawn" else "results"] = rows
    if extra or setting.part == "drawn":
        return tables
    tables["timing"] = times
    return tables | _further(setting, data, fitted.explained, methods)


def _further(setting: Setting, data: Data, model: Any, methods: tuple[Method, ...]) -> Tables:
    """Return what is measured on some models only."""
    X, found = data.test[0][:EXPLAINED], {}
    if setting.family == ENCODING_FIRST:
        found["agreement"] = _agreement(model, X, methods)
        found["peers"] = peer_rows(setting, data)
    if is_retrained(setting):
        found["retraining"] = retraining(setting, data, model, methods)
    if is_varied(setting):
        found["sensitivity"] = sensitivity(setting, data, model, X)
    if is_costed(setting):
        found["cost"] = cost(setting, model, X)
    if setting.task == DEPENDENT:
        found["dependence"] = dependence(setting, data, model)
    if is_disturbed(setting):
        found["devices"] = devices(setting, model, data)
    return {name: [labels(setting) | row for row in rows] for name, rows in found.items()}


def labels(setting: Setting) -> Row:
    """Return the columns that name a model."""
    return {name: getattr(setting, name) for name in ("task", "family", "part", "seed")}


def chosen(setting: Setting, data: Data, extra: tuple[Method, ...] = ()) -> tuple[Method, ...]:
    """Return the methods that are judged on a model."""
    methods = entrants(setting, sample_of(data))
    controls = tuple(method for method in methods if method.name in CONTROLS)
    if extra:
        return (*extra, *controls)
    if setting.part == "drawn":
        return tuple(m for m in methods if m.name in ENTRANTS or m.name in CONTROLS)
    return methods


def sample_of(data: Data) -> Array:
    """Return the rows of the training data that absent features follow."""
    return data.train[0][:SAMPLE_ROWS]


def _others(setting: Setting, data: Data, fitted: Fitted) -> dict[str, Any]:
    """Return randomised models, by the metric that compares with them."""
    if setting.part == "drawn" or setting.family not in FAMILIES:
        return {}
    made = randomised(fitted, setting, data)
    found = {f"randomised_{name}": model for name, model in made.items()}
    if setting.family == ENCODING_FIRST and setting.task in PERMUTED:
        shuffled = replace(setting, permuted=True)
        if shuffled.key in stored():
            found["permuted"] = loaded(shuffled, data_of(shuffled)).explained
    return found


def _judged(
    setting: Setting, data: Data, model: Any, others: dict[str, Any], methods: tuple[Method, ...]
) -> tuple[list[Row], list[Row]]:
    X, rows, times = data.test[0][:EXPLAINED], [], []
    three = setting.family == ENCODING_FIRST and setting.part == "named"
    by_baseline = {
        name: case_of(model, others, X, baseline, setting.seed)
        for name, baseline in baselines(sample_of(data), three).items()
    }
    for method in methods:
        found, steady = None, {}
        for name, case in by_baseline.items():
            names = {**labels(setting), "method": method.name, "baseline": name}
            if found is None or method.moves:
                start = time.perf_counter()
                found = method.explain(model, X, case.baseline)
                seconds = (time.perf_counter() - start) / len(X)
                steady = _steady(method, case, setting)
                if name == "mean":
                    times.append(names | {"seconds": seconds})
            rows.append(names | judged(method, found, case, data, slice(EXPLAINED)) | steady)
    return rows, times


def _steady(method: Method, case: Case, setting: Setting) -> dict[str, float]:
    return {} if setting.part == "drawn" else steadiness(method, case, setting)


def _agreement(model: Any, X: Array, methods: tuple[Method, ...]) -> list[Row]:
    """Compare all pairs of methods on the ranks of the features, from the middle of the range."""
    middle = baselines(X, all_three=False)["mean"]
    found = {m.name: m.explain(model, X, middle).values for m in methods if m.name not in CONTROLS}
    return [
        {
            "first": first,
            "second": second,
            "spearman": float(np.mean(metrics.agreement(found[first], found[second]))),
        }
        for first, second in itertools.combinations(found, 2)
    ]


def _of_states(setting: Setting) -> Tables:
    accuracy, rows = site_rows(setting, model_of(setting, stored()[setting.key][0]))
    learnt = accuracy >= LEARNT["labels"]
    tables: Tables = {"models": [{**labels(setting), "score": accuracy, "learnt": int(learnt)}]}
    if learnt:
        tables["states"] = [labels(setting) | row for row in rows]
    return tables
