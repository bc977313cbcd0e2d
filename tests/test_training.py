import builtins

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai import training
from qxai.backends import tfq
from qxai.models.ansatz import layered_classifier
from qxai.training import Adam, fit


def task(count=60):
    rng = np.random.default_rng(1)
    X = rng.uniform(0, np.pi, (count, 3))
    return X, np.where(X[:, 0] > X[:, 1], 0.3, -0.3)


def untrained():
    return layered_classifier(3, 2, np.random.default_rng(0))


def test_training_recovers_a_planted_parameter():
    """The target is the model itself at another parameter: the loss can reach zero."""
    q = cirq.LineQubit(0)
    x, t = sympy.symbols("x t")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q)), [x], cirq.Z(q), {t: 0.0})
    X = np.linspace(0, 3, 40)[:, None]
    y = np.cos(X[:, 0] + 0.8)
    result = fit(model, X, y, epochs=80, rng=np.random.default_rng(0))
    np.testing.assert_allclose(result.model.parameter_values, [0.8], atol=1e-2)
    assert result.history.shape == (80,)
    assert result.history[-1] < 1e-3 < result.history[0]
    assert model.parameter_values == [0.0]


def test_the_first_step_of_adam_has_the_size_of_the_rate():
    slope = np.array([1e-3, -5.0])
    _, step = Adam(np.zeros(2), np.zeros(2), 0).step(slope, 0.1)
    np.testing.assert_allclose(step, 0.1 * np.sign(slope), rtol=1e-4)


def test_the_same_seed_gives_the_same_bits():
    X, y = task()
    first, again = (fit(untrained(), X, y, epochs=2, rng=np.random.default_rng(3)) for _ in "ab")
    np.testing.assert_array_equal(first.model.parameter_values, again.model.parameter_values)


def test_both_trainers_reach_the_same_loss(needs_tfq):
    X, y = task()
    ours, theirs = (
        fit(untrained(), X, y, epochs=15, rng=np.random.default_rng(3), trainer=trainer)
        for trainer in ("statevector", "tfq")
    )
    np.testing.assert_allclose(theirs.history, ours.history, rtol=1e-3)
    assert ours.history[-1] < 0.5 * ours.history[0]


def test_training_prints_nothing_and_tells_a_callback_of_each_epoch(capsys):
    X, y = task(8)
    seen = []
    result = fit(untrained(), X, y, epochs=2, rng=np.random.default_rng(0), progress=seen.append)
    assert [(step.task, step.done, step.total) for step in seen] == [
        ("epoch", 1, 2),
        ("epoch", 2, 2),
    ]
    assert [step.note for step in seen] == [f"loss {loss:.4f}" for loss in result.history]
    fit(untrained(), X, y, epochs=2, rng=np.random.default_rng(0))
    assert capsys.readouterr() == ("", "")


def far_cosine():
    """A task with a known answer that no mean of Z reaches: 1.5 cos(x + 0.8) + 4."""
    q = cirq.LineQubit(0)
    x, t = sympy.symbols("x t")
    model = qxai.PQC(cirq.Circuit(cirq.ry(x)(q), cirq.ry(t)(q)), [x], cirq.Z(q), {t: 0.5})
    X = np.linspace(0, 6, 40)[:, None]
    return model, X, 1.5 * np.cos(X[:, 0] + 0.8) + 4


def test_an_affine_readout_recovers_scale_and_offset():
    model, X, y = far_cosine()
    result = fit(model, X, y, epochs=400, rng=np.random.default_rng(0), affine=True)
    terms = {str(term.gate): term.coefficient.real for term in result.model.observable if len(term)}
    constant = result.model.compiled.observable.constant
    np.testing.assert_allclose([*terms.values(), constant], [1.5, 4], atol=0.02)
    np.testing.assert_allclose(result.model.parameter_values, [0.8], atol=0.02)
    np.testing.assert_allclose(result.model.values(X), y, atol=0.03)
    assert model.observable == cirq.PauliSum() + cirq.Z(cirq.LineQubit(0))


def test_the_slope_of_an_affine_readout_is_that_of_finite_differences():
    rng = np.random.default_rng(2)
    X, y = task(7)
    model, rows, step = untrained(), np.array([5, 0, 3]), 1e-6
    slope = training._squares(model, X, y, qxai.Statevector(), True)
    start = np.append(model.parameter_values, [1.3, -0.4])
    at = start + rng.normal(0, 0.1, len(start))
    moved = step * np.eye(len(at))
    wanted = [
        (slope(at + m, rows)[0] - slope(at - m, rows)[0]) / (2 * step * len(rows)) for m in moved
    ]
    np.testing.assert_allclose(slope(at, rows)[1], wanted, atol=1e-8)


def test_both_trainers_train_the_readout(needs_tfq):
    model, X, y = far_cosine()
    ours, theirs = (
        fit(model, X, y, epochs=5, rng=np.random.default_rng(3), trainer=t, affine=True)
        for t in ("statevector", "tfq")
    )
    np.testing.assert_allclose(theirs.history, ours.history, rtol=1e-4)
    np.testing.assert_allclose(theirs.model.values(X), ours.model.values(X), atol=1e-3)


def test_without_tensorflow_quantum_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.startswith("tensorflow"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **named)

    tfq.modules.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    X, y = task(4)
    with pytest.raises(ImportError, match=r"run pip install 'qxai\[tfq\]'"):
        fit(untrained(), X, y, rng=np.random.default_rng(0), trainer="tfq")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros((0, 3)), "y": np.zeros(0)}, "X: expected at least one input"),
        ({"y": np.zeros(3)}, r"y: expected shape \(4,\), found \(3,\)"),
        ({"y": np.full(4, np.nan)}, "y: expected finite"),
        ({"epochs": 0}, "epochs: expected a whole number of at least 1, found 0"),
        ({"epochs": 2.5}, "epochs: expected a whole number of at least 1, found 2.5"),
        ({"batch_size": 0}, "batch_size: expected a whole number of at least 1, found 0"),
        ({"learning_rate": 0.0}, "learning_rate: expected a positive number"),
        ({"trainer": "sgd"}, "trainer: expected 'statevector' or 'tfq', found 'sgd'"),
    ],
)
def test_bad_settings_are_refused(change, message):
    X, y = task(4)
    arguments = {"X": X, "y": y, "rng": np.random.default_rng(0)} | change
    with pytest.raises(ValueError, match=message):
        fit(untrained(), **arguments)


def test_a_seed_is_no_generator():
    X, y = task(4)
    with pytest.raises(TypeError, match=r"rng: expected numpy.random.default_rng\(seed\), found 0"):
        fit(untrained(), X, y, rng=0)


def test_a_model_without_parameters_is_refused():
    q = cirq.LineQubit(0)
    model = qxai.PQC(cirq.Circuit(cirq.ry(sympy.Symbol("x"))(q)), ["x"], cirq.Z(q))
    with pytest.raises(ValueError, match="model: expected parameters to train"):
        fit(model, [[1.0]], [1.0], rng=np.random.default_rng(0))
