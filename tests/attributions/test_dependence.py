"""Curves over features, importance and variance, held to scikit-learn and to definitions."""

import itertools

import numpy as np
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin

import qxai
from tests import circuits, kinds

COUNT = 6


class AsEstimator(RegressorMixin, BaseEstimator):
    """A model with scikit-learn's interface, so that scikit-learn can ask it."""

    def __init__(self, model=None):
        self.model = model

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return np.asarray(self.model.values(X))


def as_estimator(model, X):
    return AsEstimator(model).fit(X, None)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", kinds.MODELS)
def test_curves_are_those_of_scikit_learn(kind):
    """Averages over rows and single rows, on scikit-learn's own grid."""
    model, X = kinds.MODELS[kind], kinds.inputs(kind, COUNT)
    names = getattr(model, "feature_names", None) or [f"x{i}" for i in range(X.shape[1])]
    average = qxai.partial_dependence(model, X)
    single = qxai.ice(model, X)
    for feature, name in enumerate(names):
        grid = average.grid(name)
        np.testing.assert_allclose(grid[[0, -1]], np.quantile(X[:, feature], [0.05, 0.95]))
        peer = inspection.partial_dependence(
            as_estimator(model, X), X, [feature], kind="both", custom_values={feature: grid}
        )
        np.testing.assert_allclose(average.curve(name), peer["average"][0], atol=1e-11)
        np.testing.assert_allclose(single.curve(name), peer["individual"][0], atol=1e-11)
    runs = X.shape[1] * 50 * COUNT
    assert average.evaluations == runs * (2 if kind == "softmax" else 1)  # which has two models


def test_features_and_grids_are_chosen():
    model, X = kinds.MODELS["scaled columns"], kinds.inputs("scaled columns", COUNT)
    found = qxai.partial_dependence(model, X, ["dose", 0], grid=[10, 20, 30])
    assert found.names == ("dose", "age")
    np.testing.assert_array_equal(found.grids[1], [10, 20, 30])
    both = qxai.partial_dependence(model, X, grid=[10, 20, 30])
    np.testing.assert_array_equal(found.curve("dose"), both.curve("dose"))
    assert qxai.ice(model, X, "age", grid=5).curve("age").shape == (COUNT, 5)
    assert "partial dependence, closed form" in repr(found)
    frame = qxai.ice(model, X, "age", grid=5).to_frame()
    assert list(frame.columns) == ["feature", "input", "at", "output"]
    assert len(frame) == 5 * COUNT
    for wrong in ("height", 4, -1, True, 0.5):
        with pytest.raises(ValueError, match="features: expected numbers from 0 to 3 or names"):
            qxai.partial_dependence(model, X, [wrong])
    for wrong in (1, [[1.0]], [np.nan], []):
        with pytest.raises(ValueError, match="grid: expected"):
            qxai.ice(model, X, grid=wrong)
    with pytest.raises(ValueError, match="at least one row"):
        qxai.partial_dependence(model, X[:0])
    with pytest.raises(ValueError, match="expected one of dose, age, found 'mass'"):
        found.curve("mass")


def test_curves_under_shots_have_the_errors_of_repetitions():
    exact = circuits.encoding_first(7, qubits=2)
    X = circuits.inputs(7, exact, 5)
    device = exact.on(qxai.Sampled(100, rng(11)))
    grid = np.linspace(-1, 1, 4)
    found = [qxai.partial_dependence(device, X, 0, grid) for _ in range(100)]
    expected = qxai.partial_dependence(exact, X, 0, grid).values[0]
    z = [(one.values[0] - expected) / one.standard_error[0] for one in found]
    assert 0.85 < np.std(z) < 1.15
    assert found[0].shots == 5 * 4 * device.estimate(X[:1]).shots
    assert qxai.ice(device, X, 0, grid).standard_error[0].shape == (5, 4)


class TestImportance:
    @pytest.mark.parametrize("kind", ["encoding first", "kernel", "scaled columns", "function"])
    def test_it_is_the_mean_over_all_permutations(self, kind):
        """All 24 permutations of four rows."""
        model, X = kinds.MODELS[kind], kinds.inputs(kind, 4)
        y = rng(1).normal(size=4)
        found = qxai.permutation_importance(model, X, y)
        before = np.mean((model.values(X) - y) ** 2)
        assert found.loss == pytest.approx(before)
        for feature in range(X.shape[1]):
            losses = []
            for order in itertools.permutations(range(4)):
                shuffled = X.copy()
                shuffled[:, feature] = X[list(order), feature]
                losses.append(np.mean((model.values(shuffled) - y) ** 2))
            assert found.values[feature] == pytest.approx(np.mean(losses) - before, abs=1e-12)

    def test_scikit_learn_tends_to_it(self):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first", 30)
        y = model.values(X) + rng(1).normal(0, 0.1, 30)
        found = qxai.permutation_importance(model, X, y)
        peer = inspection.permutation_importance(
            as_estimator(model, X), X, y, scoring="neg_mean_squared_error", n_repeats=200,
            random_state=0,
        )  # fmt: skip
        error = peer["importances_std"] / np.sqrt(200)
        assert np.all(np.abs(peer["importances_mean"] - found.values) < 4 * error + 1e-12)
        drawn = qxai.permutation_importance(model, X, y, repeats=100, rng=rng())
        assert np.all(np.abs(drawn.values - found.values) < 4 * drawn.standard_error + 1e-12)

    def test_losses_of_labels(self):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first", 20)
        y = np.sign(model.values(X))
        wrong = qxai.permutation_importance(model, X, y, lambda out, y: np.sign(out) != y)
        assert wrong.loss == 0
        assert (wrong.values >= 0).all()
        assert "over all permutations" in repr(wrong)

    def test_a_loss_is_one_of_each_output(self):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first", 5)
        y = model.values(X)
        for more in ({}, {"repeats": 3, "rng": rng()}):
            with pytest.raises(ValueError, match=r"loss: expected .* \(5,\), found shape \(\)"):
                qxai.permutation_importance(
                    model, X, y, lambda out, y: np.mean((out - y) ** 2), **more
                )
        with pytest.raises(ValueError, match="y: expected one finite number"):
            qxai.permutation_importance(model, X, np.full(5, np.nan))

    def test_on_a_device_permutations_are_drawn(self):
        model, X = circuits.encoding_first(7, qubits=2), np.zeros((5, 2))
        device = model.on(qxai.Sampled(50, rng()))
        with pytest.raises(TypeError, match="pass repeats= and rng="):
            qxai.permutation_importance(device, X, X[:, 0])
        found = qxai.permutation_importance(device, X, X[:, 0], repeats=5, rng=rng())
        assert (found.standard_error > 0).all()

    def test_what_is_refused(self):
        function = qxai.Function(lambda X: X.sum(axis=1), num_features=20)
        X = np.zeros((1000, 20))
        with pytest.raises(ValueError, match="pass repeats= and rng="):
            qxai.permutation_importance(function, X, X[:, 0])
        assert qxai.permutation_importance(function, X, X[:, 0], repeats=2, rng=rng()).loss == 0
        with pytest.raises(ValueError, match="y: expected one finite number for each of 1000 rows"):
            qxai.permutation_importance(function, X, X[:10, 0])


ANOVA = ["encoding first", "re-uploading", "features on several qubits", "products", "light cones",
         "sum", "functions in exponents", "kernel", "scaled columns", "contrast"]  # fmt: skip


class TestAnova:
    @pytest.mark.parametrize("kind", ANOVA)
    def test_components_by_definition(self, kind):
        """On all combinations of the sample's values: means over grids, set by set."""
        model = kinds.MODELS[kind]
        sample = kinds.inputs(kind, 3, 4)
        d = sample.shape[1]
        grid = np.array(list(itertools.product(*sample.T)))
        f = np.asarray(model.values(grid)).reshape((3,) * d)
        components = {}
        for members in kinds.subsets(range(d)):
            others = tuple(i for i in range(d) if i not in members)
            mean = f.mean(axis=others, keepdims=True)
            smaller = kinds.subsets(members)[:-1]
            components[members] = mean - sum(components[p] for p in smaller)
        found = qxai.anova(model, qxai.Marginals(sample))
        variances = dict(zip(found.sets, found.variances))
        for members, component in components.items():
            if members:
                expected = np.mean(np.broadcast_to(component, f.shape) ** 2)
                assert variances.get(members, 0.0) == pytest.approx(expected, abs=1e-12)
        assert found.mean == pytest.approx(f.mean(), abs=1e-12)
        assert found.total_variance == pytest.approx(f.var(), abs=1e-12)
        # At inputs: the dividends of the game against the marginals.
        game = qxai.interactions(model, grid, qxai.Marginals(sample), "Moebius", d)
        for members in game.sets:
            expected = np.broadcast_to(components[members], f.shape).ravel()
            np.testing.assert_allclose(game.of(*members), expected, atol=1e-11)

    def test_uniform_features_give_sobol_indices(self):
        """Equally spaced angles over a period: the mean of a trigonometric polynomial is exact."""
        model = circuits.reuploading(3, d=2).polynomial()
        rows = np.linspace(0, 2 * np.pi, 9, endpoint=False)[:, None] * [1, 1]
        found, expected = qxai.anova(model, qxai.Marginals(rows)), qxai.sobol_indices(model)
        np.testing.assert_allclose(found.first, expected.first, atol=1e-12)
        np.testing.assert_allclose(found.total, expected.total, atol=1e-12)
        assert found.total_variance == pytest.approx(expected.variance)
        np.testing.assert_allclose(found.by_order.sum(), 1)
        assert found.by_order[1] == pytest.approx(expected.first.sum())

    def test_a_constant_has_no_variance_to_share(self):
        model = qxai.TrigPolynomial([2.0, 0, 0], [[1]])
        found = qxai.anova(model, qxai.Marginals([[0.0], [1.0]]))
        assert found.sets == ()
        assert found.total_variance == 0
        np.testing.assert_array_equal(found.first, [0])
        assert "variance 0" in repr(found)

    def test_what_is_refused_and_what_does_instead(self):
        marginals = qxai.Marginals(kinds.inputs("affine", 3))
        with pytest.raises(TypeError, match="found one in mixed columns"):
            qxai.anova(kinds.MODELS["affine"], marginals)
        X = kinds.inputs("affine")
        assert qxai.interactions(kinds.MODELS["affine"], X, marginals).values.shape == (2, 10)
        with pytest.raises(TypeError, match="marginals: expected qxai"):
            qxai.anova(kinds.MODELS["kernel"], kinds.inputs("kernel"))
        with pytest.raises(TypeError, match=r"qxai\.partial_dependence and .* values only"):
            qxai.anova(kinds.MODELS["function"], qxai.Marginals(np.eye(4)))


class TestALE:
    @pytest.mark.parametrize("kind", kinds.MODELS)
    def test_by_the_definition_bin_by_bin(self, kind):
        model, X = kinds.MODELS[kind], kinds.inputs(kind, 23)
        found = qxai.ale(model, X, bins=5)
        for feature, (edges, curve) in enumerate(zip(found.grids, found.values)):
            np.testing.assert_allclose(edges, np.quantile(X[:, feature], np.linspace(0, 1, 6)))
            heights, middles = [0.0], []
            for low, high in itertools.pairwise(edges):
                inside = [
                    x for x in X
                    if low < x[feature] <= high or x[feature] == low == edges[0]
                ]  # fmt: skip
                steps = []
                for x in inside:
                    below, above = x.copy(), x.copy()
                    below[feature], above[feature] = low, high
                    steps.append(np.diff(model.values(np.array([below, above])))[0])
                heights.append(heights[-1] + np.mean(steps))
                middles += [(heights[-1] + heights[-2]) / 2] * len(inside)
            assert len(middles) == len(X)
            np.testing.assert_allclose(curve, np.array(heights) - np.mean(middles), atol=1e-11)

    def test_of_an_additive_model_it_is_the_term(self):
        rows = rng().normal(size=(400, 2)) @ [[1, 0.9], [0, 0.4]]  # dependent features
        model = qxai.Function(lambda X: np.sin(X[:, 0]) + X[:, 1] ** 2, num_features=2)
        found = qxai.ale(model, rows, 0, bins=40)
        edges, curve = found.grids[0], found.values[0]
        shift = curve - np.sin(edges)
        np.testing.assert_allclose(shift, shift[0], atol=1e-12)

    def test_under_shots(self):
        exact = circuits.encoding_first(7, qubits=2)
        X = circuits.inputs(7, exact, 12)
        device = exact.on(qxai.Sampled(200, rng(12)))
        expected = qxai.ale(exact, X, 0, bins=3).values[0]
        found = [qxai.ale(device, X, 0, bins=3) for _ in range(100)]
        z = [(one.values[0] - expected) / one.standard_error[0] for one in found]
        assert 0.85 < np.std(z) < 1.15

    def test_what_does_not_vary_is_refused(self):
        model = qxai.Function(lambda X: X.sum(axis=1), num_features=2)
        X = np.column_stack([np.arange(5), np.ones(5)])
        with pytest.raises(ValueError, match="rows in which x1 varies"):
            qxai.ale(model, X)
        assert qxai.ale(model, X, features=[0]).names == ("x0",)
