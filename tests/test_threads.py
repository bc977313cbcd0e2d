"""BLAS threads: what is offered is limited while small matrices multiply, and given back."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import qxai
from qxai import threads
from qxai.models.ansatz import ring_classifier

MODEL = ring_classifier(4, 2, np.random.default_rng(0))
X = np.random.default_rng(1).uniform(0, 3, (5, 4))


def offered():
    return max(found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas")


@pytest.fixture(autouse=True)
def _three():
    """Offer three threads, whatever the machine has."""
    with threadpool_limits(3, user_api="blas"):
        yield


def test_one_thread_inside_and_what_was_offered_outside():
    assert offered() == 3
    with threads.limited():
        assert offered() == 1
        with threads.limited(threads.LARGE):  # a large product inside a small computation
            assert offered() == 1
        assert offered() == 1
    assert offered() == 3


def test_large_products_have_no_more_threads_than_there_are_cores(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 2)
    with threads.limited(threads.LARGE):
        assert offered() == 2
        with threads.limited():
            assert offered() == 1
        assert offered() == 2
    assert offered() == 3


def test_an_error_gives_the_threads_back():
    with pytest.raises(ZeroDivisionError), threads.limited():
        raise ZeroDivisionError
    assert offered() == 3


def test_computations_side_by_side_leave_what_was_offered():
    """The first ends before the second does: neither may keep the other's limit for good."""
    second_in, first_out = threading.Event(), threading.Event()

    def second():
        with threads.limited():
            second_in.set()
            first_out.wait()

    other = threading.Thread(target=second)
    with threads.limited():
        other.start()
        second_in.wait()
        assert offered() == 1
    first_out.set()
    other.join()
    assert offered() == 3


def test_a_users_limit_stays():
    with threadpool_limits(1, user_api="blas"), threads.limited(threads.LARGE):
        assert offered() == 1


CALLS = {
    "values": lambda: MODEL.values(X),
    "gradient": lambda: MODEL.gradient(X),
    "training": lambda: qxai.fit(MODEL, X, X[:, 0], epochs=1, rng=np.random.default_rng(0)),
    "polynomial": lambda: MODEL.with_parameters(MODEL.parameter_values).polynomial(),
    "pauli": lambda: MODEL.with_parameters(MODEL.parameter_values).pauli_polynomial(),
    "shapley": lambda: qxai.shapley(MODEL, X),
    "interactions": lambda: qxai.shapley_interactions(MODEL, X),
    "integrated gradients": lambda: qxai.integrated_gradients(MODEL, X),
    "far": lambda: qxai.integrated_gradients(MODEL, 1e5 * X),
    "qlrp": lambda: qxai.qlrp(MODEL, X, qxai.Gamma(0.25)),
    "qlrp in the circuit": lambda: qxai.qlrp(MODEL, X, baseline=0.1),
    "gates": lambda: qxai.gate_shapley(MODEL, X[:1], range(4)),
    "lime": lambda: qxai.lime(MODEL, X, samples=20, rng=np.random.default_rng(0)),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_computation_multiplies_with_one_thread(monkeypatch, name):
    """Each `matmul` and `einsum` on the way is looked at."""
    seen = set()

    def watched(function):
        def run(*arguments, **named):
            seen.add(offered())
            return function(*arguments, **named)

        return run

    monkeypatch.setattr(np, "matmul", watched(np.matmul))
    monkeypatch.setattr(np, "einsum", watched(np.einsum))
    CALLS[name]()
    assert seen == {1}
    assert offered() == 3


def test_a_plain_python_inherits_it_and_importing_changes_nothing():
    code = """
import numpy as np
from threadpoolctl import threadpool_info
def offered():
    return max(i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas")
before = offered()
import qxai
assert offered() == before
model = qxai.TrigPolynomial([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]], [[1], [1]])
qxai.shapley(model, [[1, 2]])
assert offered() == before
print(before)
"""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) >= 1
