"""The estimators whose shots are counted: right on average, and as they fall with the shots."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import cost  # noqa: E402
from declaration import ENCODING_FIRST, Setting  # noqa: E402
from models import circuit_model  # noqa: E402

KINDS = [(n, k) for n, c in cost.COSTED.items() for k in ("each", "shared") if getattr(c, k)]


@pytest.fixture(scope="module")
def asked():
    model = 1.3 * circuit_model(Setting("iris", ENCODING_FIRST, 0), 3) + 0.2
    rng = np.random.default_rng(2)
    model = model.with_parameters(rng.uniform(-2, 2, len(model.parameters)))
    return model, rng.uniform(0, np.pi, (2, 3))


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_an_estimator_is_right_on_average(asked, name, kind):
    model, X = asked
    costed, repeats = cost.COSTED[name], 8 if name == "QLRP-zero" else 40
    estimate, baseline = getattr(costed, kind), 0.6
    rng = np.random.default_rng(1)
    found = np.array([estimate(model, X, baseline, 3000, rng) for _ in range(repeats)])
    error = found.std(axis=0, ddof=1) / np.sqrt(repeats)
    off = np.abs(found.mean(axis=0) - costed.exact(model, X, baseline))
    assert off.max() < 5 * error.mean() + 1e-12, (off, error)
    assert error.mean() > 0


@pytest.mark.parametrize(("name", "kind"), [k for k in KINDS if k[0] != "QLRP-zero"])
def test_four_times_the_shots_halve_the_error(asked, monkeypatch, name, kind):
    model, X = asked
    monkeypatch.setattr(cost, "COST_REPEATS", 60)
    exact, errors = cost.COSTED[name].exact(model, X, 0.6), []
    for shots in (1000, 4000):
        monkeypatch.setattr(cost, "COST_SHOTS", shots)
        estimate = getattr(cost.COSTED[name], kind)
        errors.append(cost._error(estimate, model, X, 0.6, exact, 0))
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.2)
