"""One cell of the study: everything that is measured of one model."""

import itertools
import time
from dataclasses import replace
from typing import Any

import numpy as np
from cost import shots
from declaration import EXPLAINED, LEARNT, PERMUTED, Setting
from judging import Case, cases, judged, methods_for, steadiness
from models import classical_scores, is_encoding_first, loaded, randomised, score
from noise import noise

from data import Data, data_of
from qxai import metrics
from qxai.core import Evaluator

Row = dict[str, Any]


def cell(setting: Setting) -> dict[str, list[Row]]:
    """Return the rows that a model adds to each table."""
    data = data_of(setting)
    model = loaded(setting, data)
    reached = score(setting, model.values(data.test[0]), data.test[1])
    learnt = reached >= LEARNT[setting.kind] and not setting.permuted
    names = labels(setting)
    line = {**names, "score": reached, "learnt": int(learnt), **classical_scores(setting, data)}
    tables: dict[str, list[Row]] = {"models": [line]}
    if learnt:
        X = data.test[0][:EXPLAINED]
        by_baseline = cases(model, _others(setting, data, model), X)
        tables["results"], tables["timing"] = _results(setting, data, by_baseline)
        tables["agreement"] = _agreement(setting, by_baseline["mean"])
        tables["shots"] = [{**names, **row} for row in shots(setting, model, X)]
        tables["noise"] = [{**names, **row} for row in noise(setting, model, X, data.relevant)]
    return tables


def labels(setting: Setting) -> Row:
    """Return the columns that name a model."""
    names = ("task", "family", "sweep", "seed")
    return {name: getattr(setting, name) for name in names}


def _others(setting: Setting, data: Data, model: Evaluator) -> dict[str, Evaluator]:
    """Return randomised models, by the metric that compares with them."""
    found = {f"randomised_{name}": m for name, m in randomised(model, setting).items()}
    first = setting.sweep == "main" and setting.seed == 0 and is_encoding_first(setting)
    if first and setting.task in PERMUTED:
        found["permuted_labels"] = loaded(replace(setting, permuted=True), data)
    return found


def _results(
    setting: Setting, data: Data, by_baseline: dict[str, Case]
) -> tuple[list[Row], list[Row]]:
    rows, times = [], []
    for method in methods_for(setting):
        found = None
        for baseline, case in by_baseline.items():
            names = {**labels(setting), "method": method.name, "baseline": baseline}
            if found is None or method.moves:
                start = time.perf_counter()
                found = method.explain(case.model, case.X, case.baseline)
                seconds = (time.perf_counter() - start) / len(case.X)
                steady = steadiness(method, case, setting)
                times.append(names | {"seconds": seconds})
            rows.append(names | judged(method, found, case, data, setting) | steady)
    return rows, times


def _agreement(setting: Setting, case: Case) -> list[Row]:
    """Compare all pairs of methods on the ranks of the features."""
    found = {
        method.name: method.explain(case.model, case.X, case.baseline).values
        for method in methods_for(setting)
    }
    return [
        {
            **labels(setting),
            "first": first,
            "second": second,
            "spearman": float(np.mean(metrics.agreement(found[first], found[second]))),
            "top_two": float(np.mean(metrics.top_k_overlap(found[first], found[second], 2))),
        }
        for first, second in itertools.combinations(found, 2)
    ]
