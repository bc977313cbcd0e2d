"""Compare estimators of the same explanation at equal total shots, with its exact value.

Run by ``make bench``; needs nothing but the library. Every estimator spends the same number of
shots on an input, and its error is that against the exact attribution, over many repetitions and
features. What the library offers stands beside estimators that others use, written here:
coalitions drawn in pairs with a weighted least-squares fit (KernelSHAP), and fair coins that decide
about the other features at the nodes of a quadrature. Writes ``data/shots.csv``.
"""

import csv
import io
from collections.abc import Callable

import cirq
import numpy as np

import qxai
from qxai.datasets import write_data
from qxai.models.ansatz import ring_classifier
from qxai.quadrature import unit_gauss_legendre

REPEATS, INPUTS, LAYERS, DRAWS_OF = 30, 3, 2, 512
BUDGETS = {5: (200, 2_000), 10: (500, 2_000, 8_000)}
SIGMA = 0.4


def model_of(d: int) -> qxai.PQC:
    """Return a trained-looking circuit that is read out on one qubit: outcomes are ±1."""
    model = ring_classifier(d, LAYERS, np.random.default_rng(d))
    qubit = sorted(model.circuit.all_qubits())[0]
    return model.with_observable(cirq.Z(qubit))


def on(model: qxai.PQC, shots: int, rng: np.random.Generator) -> qxai.PQC:
    """Return the model on a device."""
    return model.on(qxai.Sampled(shots, rng))


def paired_coalitions(
    model: qxai.PQC, X: np.ndarray, shots: int, rng: np.random.Generator
) -> np.ndarray:
    """Fit KernelSHAP's regression to coalitions and their complements, one shot each."""
    n, d = X.shape
    ends = max(1, shots // 20)
    both = on(model, ends, rng)
    before, after = both.values(0 * X), both.values(X)
    pairs = (shots - 2 * ends) // 2
    chance = 1 / (np.arange(1, d) * np.arange(d - 1, 0, -1))
    sizes = rng.choice(np.arange(1, d), (n, pairs), p=chance / chance.sum())
    ranks = rng.permuted(np.tile(np.arange(d), (n, pairs, 1)), axis=2)
    half = ranks < sizes[..., None]
    present = np.concatenate([half, ~half], axis=1)
    points = np.where(present, X[:, None], 0.0)
    outcomes = on(model, 1, rng).values(points.reshape(-1, d)).reshape(n, -1)
    result = np.empty((n, d))
    for row in range(n):  # efficiency holds exactly: the last feature takes what is left
        z = present[row].astype(float)
        total = after[row] - before[row]
        design, target = z[:, :-1] - z[:, -1:], outcomes[row] - before[row] - z[:, -1] * total
        slopes = np.linalg.lstsq(design, target, rcond=None)[0]
        result[row] = np.append(slopes, total - slopes.sum())
    return result


def coins_at_nodes(
    model: qxai.PQC, X: np.ndarray, shots: int, rng: np.random.Generator
) -> np.ndarray:
    """At each node and for each feature: present less absent, the others by coins in each shot."""
    n, d = X.shape
    nodes, weights = unit_gauss_legendre(-(-d // 2))
    each = max(1, shots // (2 * d * len(nodes)))
    device, result = on(model, 1, rng), np.zeros((n, d))
    for t, weight in zip(nodes, weights):
        for feature in range(d):
            coins = rng.random((2, n, each, d)) < t
            coins[0, ..., feature], coins[1, ..., feature] = True, False
            points = np.where(coins, X[:, None], 0.0).reshape(-1, d)
            there, away = device.values(points).reshape(2, n, each).mean(axis=2)
            result[:, feature] += weight * (there - away)
    return result


def shapley_estimators(d: int) -> dict[str, Callable[..., np.ndarray]]:
    """Return each estimator: of a model, inputs, shots for an input and a generator."""
    return {
        "shots= (the law)": lambda m, X, shots, rng: (
            qxai.shapley(on(m, 1, rng), X, 0 * X, shots=shots, rng=rng).values
        ),
        "one shot a random coalition": lambda m, X, shots, rng: (
            qxai.shapley(
                on(m, 1, rng), X, qxai.Background(np.zeros((1, d))), shots=shots, rng=rng
            ).values
        ),
        "all coalitions, equal shots": lambda m, X, shots, rng: (
            qxai.shapley(on(m, max(1, shots >> d), rng), X, 0 * X).values
        ),
        "random orders and their reverses": lambda m, X, shots, rng: (
            qxai.shapley(on(m, 1, rng), X, 0 * X, samples=shots // (d + 1), rng=rng).values
        ),
        "paired coalitions, least squares": paired_coalitions,
        "coins at nodes": coins_at_nodes,
    }


def slope_estimators(steps: int) -> dict[str, dict[str, Callable[..., np.ndarray]]]:
    """Return estimators of slopes and their averages, with few shots a draw and with many."""
    return {
        "LIME": {
            "shots= (one a draw)": lambda m, X, shots, rng: (
                qxai.lime(on(m, 1, rng), X, shots=shots, rng=rng).values
            ),
            f"{DRAWS_OF} shots a draw": lambda m, X, shots, rng: (
                qxai.lime(on(m, DRAWS_OF, rng), X, samples=shots // DRAWS_OF, rng=rng).values
            ),
        },
        "SmoothGrad": {
            "shots= (one a run)": lambda m, X, shots, rng: (
                qxai.smooth_grad(on(m, 1, rng), X, SIGMA, shots=shots, rng=rng).values
            ),
            f"{DRAWS_OF} shots a run": lambda m, X, shots, rng: (
                qxai.smooth_grad(
                    on(m, DRAWS_OF, rng),
                    X,
                    SIGMA,
                    samples=shots // (2 * X.shape[1] * DRAWS_OF),
                    rng=rng,
                ).values
            ),
        },
        "integrated gradients": {
            "shots= (shared by nodes)": lambda m, X, shots, rng: (
                qxai.integrated_gradients(on(m, 1, rng), X, 0 * X, steps=steps, shots=shots).values
            ),
            "equal shots for nodes": lambda m, X, shots, rng: (
                qxai.integrated_gradients(
                    on(m, max(1, shots // (2 * X.shape[1] * steps)), rng), X, 0 * X, steps=steps
                ).values
            ),
        },
    }


def error_of(
    estimator: Callable[..., np.ndarray], model: qxai.PQC, X: np.ndarray, exact: np.ndarray,
    shots: int, seed: int,
) -> float:  # fmt: skip
    """Return the root mean squared error over repetitions, inputs and features."""
    found = []
    for row, x in enumerate(X):
        # Inputs that differ by rounding, so that nothing is measured once for all of them.
        many = np.tile(x, (REPEATS, 1)) + 1e-13 * np.arange(REPEATS)[:, None]
        rng = np.random.default_rng([seed, row, shots])
        found.append(estimator(model, many, shots, rng) - exact[row])
    return float(np.sqrt(np.mean(np.square(found))))


def main() -> None:
    """Compare all, print, write."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("method", "estimator", "features", "shots", "error", "variance_times_shots"))

    def compare(method: str, d: int, exact: np.ndarray, estimators: dict, budgets: tuple) -> None:
        for shots in budgets:
            for number, (name, estimator) in enumerate(estimators.items()):
                if name.startswith("all coalitions") and shots < 2**d:
                    continue
                error = error_of(estimator, model, X, exact, shots, number)
                spent = shots - shots % 2**d if name.startswith("all coalitions") else shots
                product = error**2 * spent
                writer.writerow((method, name, d, shots, f"{error:.4g}", f"{product:.4g}"))
                print(f"{method:22}{name:34}{d:3}{shots:8}{error:9.4f}{product:9.2f}")

    for d, budgets in BUDGETS.items():
        model = model_of(d)
        X = np.random.default_rng(1).uniform(0, np.pi, (INPUTS, d))
        compare("Shapley", d, qxai.shapley(model, X).values, shapley_estimators(d), budgets)
    model, d, steps = model_of(5), 5, 12
    X = np.random.default_rng(1).uniform(0, np.pi, (INPUTS, d))
    exact = {
        "LIME": qxai.lime(model, X).values,
        "SmoothGrad": qxai.smooth_grad(model, X, SIGMA).values,
        "integrated gradients": qxai.integrated_gradients(model, X).values,
    }
    for method, estimators in slope_estimators(steps).items():
        compare(method, d, exact[method], estimators, (20_480,))
    write_data("shots.csv", text.getvalue().encode())


if __name__ == "__main__":
    main()
