"""The whole game and the interaction indices, each held to its definition over all coalitions."""

import sys
import types
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qxai
from qxai.attributions.derivatives import derivative_indices
from qxai.attributions.indices import INDICES, rule_of
from qxai.question import asked
from tests import circuits, kinds


def moebius(v):
    """What a set has beyond its subsets, from the smallest set up."""
    h = {}
    for members in sorted(v, key=len):
        h[members] = v[members] - sum(h[p] for p in kinds.subsets(members)[:-1])
    return h


def shapley_interaction(v, d, members, order):
    s = len(members)
    weights = (
        factorial(len(t)) * factorial(d - len(t) - s) / factorial(d - s + 1)
        for t in kinds.others(d, members)
    )
    terms = (kinds.derivative(v, members, t) for t in kinds.others(d, members))
    return sum(w * term for w, term in zip(weights, terms))


def banzhaf_interaction(v, d, members, order):
    return np.mean([kinds.derivative(v, members, t) for t in kinds.others(d, members)])


def shapley_taylor(v, d, members, order):
    if len(members) < order:
        return kinds.derivative(v, members, ())
    terms = (
        kinds.derivative(v, members, t) / comb(d - 1, len(t)) for t in kinds.others(d, members)
    )
    return order / d * sum(terms)


BERNOULLI = (1, -1 / 2, 1 / 6, 0, -1 / 30, 0)


def k_shapley_interaction(v, d, members, order):
    """Order by order: at each, the new interactions are taken out of those of smaller sets."""
    found = shapley_interaction(v, d, members, order)
    for size in range(len(members) + 1, order + 1):
        bigger = [
            tuple(sorted({*members, *more}))
            for more in kinds.others(d, members)
            if len(more) + len(members) == size
        ]
        share = BERNOULLI[size - len(members)]
        found += share * sum(shapley_interaction(v, d, big, order) for big in bigger)
    return found


def faithful(v, d, order):
    """The polynomial of degree ``order`` of least squares with Shapley's weights, exact at both
    ends: by Lagrange multipliers."""
    sets = kinds.subsets(range(d))
    terms = [t for t in sets if len(t) <= order]
    inside = [s for s in sets if 0 < len(s) < d]
    weights = [(d - 1) / (comb(d, len(s)) * len(s) * (d - len(s))) for s in inside]

    def design(coalitions):
        return np.array([[float(set(t) <= set(s)) for t in terms] for s in coalitions])

    root = np.sqrt(weights)[:, None]
    a = root * design(inside) if inside else np.zeros((0, len(terms)))
    b = root[:, 0] * [v[s] for s in inside] if inside else np.zeros(0)
    ends = design([sets[0], sets[-1]])
    system = np.block([[a.T @ a, ends.T], [ends, np.zeros((2, 2))]])
    right = np.concatenate([a.T @ b, [v[sets[0]], v[sets[-1]]]])
    return dict(zip(terms, np.linalg.lstsq(system, right, rcond=None)[0]))


def definition(index, v, d, order):
    """Every set's value by the definition, in the order of `Interactions.sets`."""
    sets = [s for s in kinds.subsets(range(d)) if 0 < len(s) <= order]
    if index == "FSII":
        found = faithful(v, d, order)
        return [found[s] for s in sets]
    if index == "Moebius":
        found = moebius(v)
        return [found[s] for s in sets]
    of = {
        "SII": shapley_interaction,
        "BII": banzhaf_interaction,
        "STII": shapley_taylor,
        "k-SII": k_shapley_interaction,
    }[index]
    return [of(v, d, s, order) for s in sets]


@pytest.mark.parametrize("kind", kinds.MODELS)
def test_dividends_are_those_of_the_game_by_definition(kind):
    """Of every kind of model; inputs that share their baseline, and such that do not."""
    model, X = kinds.MODELS[kind], kinds.inputs(kind)
    for starts in (kinds.inputs(kind, 2, 1), np.tile(kinds.inputs(kind, 1, 1), (2, 1))):
        found = qxai.game(model, X, starts)
        for row, (x, start) in enumerate(zip(X, starts)):
            expected = moebius(kinds.game(model, x, start))
            listed = [expected[members] for members in found.sets]
            np.testing.assert_allclose(found.dividends[row], listed, atol=1e-11)
            np.testing.assert_allclose(
                found.values[row], [kinds.game(model, x, start)[s] for s in found.sets], atol=1e-11
            )


@pytest.mark.parametrize("kind", kinds.MODELS)
@pytest.mark.parametrize("index", INDICES)
def test_indices_are_those_of_the_game_by_definition(index, kind):
    model, X = kinds.MODELS[kind], kinds.inputs(kind)
    starts = kinds.inputs(kind, 2, 1)
    d = X.shape[1]
    for order in range(1, d + 1):
        found = qxai.interactions(model, X, starts, index, order)
        for row, (x, start) in enumerate(zip(X, starts)):
            v = kinds.game(model, x, start)
            np.testing.assert_allclose(
                found.values[row], definition(index, v, d, order), atol=1e-10, err_msg=str(order)
            )
        np.testing.assert_allclose(found.output, model.values(X), atol=1e-11)
        np.testing.assert_allclose(found.baseline_output, model.values(starts), atol=1e-11)


@settings(max_examples=25)
@given(seed=circuits.SEEDS, d=st.integers(1, 6), index=st.sampled_from(sorted(INDICES)))
def test_random_games_of_up_to_six_features(seed, d, index):
    rng = np.random.default_rng(seed)
    model = qxai.TrigPolynomial(rng.normal(size=(3,) * d), [[1]] * d)
    x, start = rng.uniform(-3, 3, (2, d))
    order = int(rng.integers(1, d + 1))
    found = qxai.interactions(model, [x], start, index, order)
    expected = definition(index, kinds.game(model, x, start), d, order)
    np.testing.assert_allclose(found.values[0], expected, atol=1e-8 if index == "FSII" else 1e-10)


@pytest.mark.parametrize("index", ["k-SII", "STII", "FSII"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_what_is_said_to_add_up_does(index, order):
    model = circuits.encoding_first(7, qubits=4)
    X = np.random.default_rng(0).uniform(-2, 2, (3, 4))
    found = qxai.interactions(model, X, 0.3, index, order)
    total = found.output - found.baseline_output
    np.testing.assert_allclose(found.values.sum(axis=1), total, atol=1e-12)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_along_the_diagonal_give_the_same(index, order):
    """The route beyond 14 features, where both exist: rules whose weights are exact fractions."""
    for kind in ("encoding first", "products", "light cones", "sum", "affine", "kernel"):
        model, X = kinds.MODELS[kind], kinds.inputs(kind)
        form = model.multilinear() if hasattr(model, "multilinear") else model.polynomial()
        for baseline in (0.3, kinds.inputs(kind, 2, 1), qxai.Background(kinds.inputs(kind, 3, 2))):
            values, _ = derivative_indices(form, asked(model, X, baseline), index, order)
            expected = qxai.interactions(model, X, baseline, index, order).values
            np.testing.assert_allclose(values, expected, atol=1e-11)


@pytest.mark.parametrize("index", INDICES)
def test_rules_have_the_moments_that_weights_are(index):
    for order in range(1, 6):
        for size in range(1, order + 1):
            rule = rule_of(index, size, order, 12)
            for t in range(size, 13):
                moment = float(rule.weights @ rule.nodes ** (t - size))
                expected = float(INDICES[index](size, t, order))
                assert moment == pytest.approx(expected, abs=1e-11)


def test_more_features_than_a_game_can_be_laid_out_for():
    """Sixteen and thirty: products of cosines, whose dividends are known."""
    for d in (16, 30):
        factors = [np.array([[0.0], [1.0], [0.0]])] * d
        model = qxai.ProductPolynomial([1.0], factors, [[1]] * d)
        x = np.random.default_rng(0).uniform(0.1, 1, (2, d))
        found = qxai.interactions(model, x, index="Moebius", order=3)
        expected = [np.prod(np.cos(x[:, s]) - 1, axis=1) for s in found.sets]
        np.testing.assert_allclose(found.values.T, expected, atol=1e-12)
        single = qxai.interactions(model, x, index="SII", order=1)
        np.testing.assert_allclose(single.values, qxai.shapley(model, x).values, atol=1e-12)


def test_light_cones_of_many_features_interact_within_themselves_only():
    rng = np.random.default_rng(0)
    parts = [qxai.TrigPolynomial(rng.normal(size=(3, 3, 3)), [[1]] * 3) for _ in range(20)]
    places = [(i, i + 1, i + 2) for i in range(20)]
    model = qxai.LocalPolynomial(parts, places, [[1]] * 22)
    X = rng.uniform(-2, 2, (2, 22))
    found = qxai.interactions(model, X, 0.1, "SII", 2)
    np.testing.assert_array_equal(found.of(0, 3), 0)
    pairs, _ = derivative_indices(model, asked(model, X, 0.1), "SII", 2)
    np.testing.assert_allclose(found.values, pairs, atol=1e-12)
    with pytest.raises(ValueError, match=r"dividends of 200 inputs with .* GiB; .*order=2"):
        qxai.game(model, np.tile(X, (100, 1)))


@pytest.mark.parametrize("index", INDICES)
def test_backgrounds_and_marginals_are_means_of_games(index):
    model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first")
    rows = kinds.inputs("encoding first", 3, 5)
    found = qxai.interactions(model, X, qxai.Background(rows), index, 2)
    each = [qxai.interactions(model, X, row, index, 2).values for row in rows]
    np.testing.assert_allclose(found.values, np.mean(each, axis=0), atol=1e-12)
    every = np.array(
        [[a, b, c, d] for a, b, c, d in np.stack(np.meshgrid(*rows.T), -1).reshape(-1, 4)]
    )
    marginal = qxai.interactions(model, X, qxai.Marginals(rows), index, 2)
    expected = qxai.interactions(model, X, qxai.Background(every), index, 2)
    np.testing.assert_allclose(marginal.values, expected.values, atol=1e-12)


def test_matrices_of_pairs_are_a_case_of_it():
    model, X = kinds.MODELS["re-uploading"], kinds.inputs("re-uploading", 3)
    matrix = qxai.shapley_interactions(model, X, 0.2)
    found = qxai.interactions(model, X, 0.2, "SII", 2)
    np.testing.assert_allclose(2 * matrix[:, 0, 2], found.of(2, 0), atol=1e-13)
    np.testing.assert_allclose(matrix.sum(axis=2), qxai.shapley(model, X, 0.2).values, atol=1e-12)


class TestBanzhaf:
    @pytest.mark.parametrize("kind", kinds.MODELS)
    def test_by_definition(self, kind):
        model, X = kinds.MODELS[kind], kinds.inputs(kind)
        starts = kinds.inputs(kind, 2, 1)
        found = qxai.banzhaf(model, X, starts)
        for row, (x, start) in enumerate(zip(X, starts)):
            v = kinds.game(model, x, start)
            expected = [banzhaf_interaction(v, len(x), (i,), 1) for i in range(len(x))]
            np.testing.assert_allclose(found.values[row], expected, atol=1e-11)

    @pytest.mark.parametrize("kind", kinds.MODELS)
    def test_least_squares_with_an_intercept_and_without(self, kind):
        """Two regressions over all coalitions, by NumPy."""
        model, X = kinds.MODELS[kind], kinds.inputs(kind)
        start = kinds.inputs(kind, 1, 1)[0]
        banzhaf, best = qxai.banzhaf(model, X, start), qxai.least_infidelity(model, X, start)
        for row, x in enumerate(X):
            v = kinds.game(model, x, start)
            sets = list(v)
            present = np.array([[float(i in s) for i in range(len(x))] for s in sets])
            outputs = np.array([v[s] for s in sets])
            with_one = np.column_stack([present, np.ones(len(sets))])
            slopes = np.linalg.lstsq(with_one, outputs, rcond=None)[0][:-1]
            np.testing.assert_allclose(banzhaf.values[row], slopes, atol=1e-11)
            lost = v[sets[-1]] - outputs
            fitted = np.linalg.lstsq(1 - present, lost, rcond=None)[0]
            np.testing.assert_allclose(best.values[row], fitted, atol=1e-11)

    @pytest.mark.parametrize(
        "baseline", [0.1, qxai.Background(np.eye(4)), qxai.Marginals(np.eye(4))]
    )
    def test_nothing_has_less_infidelity(self, baseline):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first")
        best = qxai.least_infidelity(model, X, baseline)
        least = qxai.metrics.infidelity(model, X, best, baseline)
        rng = np.random.default_rng(0)
        for _ in range(20):
            moved = best.values + rng.normal(0, 0.1, best.values.shape)
            assert (qxai.metrics.infidelity(model, X, moved, baseline) > least).all()

    def test_groups_are_players(self):
        model, X = kinds.MODELS["encoding first"], kinds.inputs("encoding first")
        found = qxai.banzhaf(model, X, 0.2, groups=[[0, 2], [1]])
        for row, x in enumerate(X):
            full = kinds.game(model, x, np.full(4, 0.2))
            members = [(0, 2), (1,), (3,)]
            v = {
                s: full[tuple(sorted(i for g in s for i in members[g]))]
                for s in kinds.subsets(range(3))
            }
            expected = [banzhaf_interaction(v, 3, (g,), 1) for g in range(3)]
            np.testing.assert_allclose(found.values[row], expected, atol=1e-12)

    def test_many_functions_are_refused_with_advice_that_works(self):
        function = qxai.Function(lambda X: X.sum(axis=1), num_features=25)
        x = np.ones((1, 25))
        with pytest.raises(ValueError, match=r"use groups= of features, or qxai\.shapley"):
            qxai.banzhaf(function, x)
        np.testing.assert_allclose(qxai.banzhaf(function, x, groups=[range(24)]).values, [[24, 1]])


class TestShots:
    """On a device: all coalitions, and errors that the spread over repetitions confirms."""

    def test_errors_are_those_of_repetitions(self):
        exact = circuits.encoding_first(7, qubits=3)
        x = np.tile(circuits.inputs(7, exact, 1), (300, 1)) + 1e-13 * np.arange(300)[:, None]
        device = exact.on(qxai.Sampled(200, np.random.default_rng(11)))
        start = x - 0.7
        game = qxai.game(device, x, start)
        expected = qxai.game(exact, x[:1], start[:1]).dividends
        z = (game.dividends - expected) / game.standard_error
        assert 0.9 < z.std() < 1.1
        assert game.shots == 300 * 8 * 200 * len(game.dividends) / 300
        found = qxai.interactions(device, x, start, "SII", 2)
        expected = qxai.interactions(exact, x[:1], start[:1], "SII", 2).values
        z = (found.values - expected) / found.standard_error
        assert 0.9 < z.std() < 1.1
        assert "standard error" in dict(found[0].table().columns)

    def test_a_bare_matrix_of_estimates_is_refused(self):
        device = circuits.encoding_first(7, qubits=3).on(qxai.Sampled(20, np.random.default_rng(0)))
        with pytest.raises(TypeError, match="expected an exact backend"):
            qxai.shapley_interactions(device, np.zeros((1, 3)))


class TestResult:
    model = kinds.MODELS["scaled columns"]
    X = kinds.inputs("scaled columns", 3)

    def found(self, **more):
        return qxai.interactions(self.model, self.X, 20.0, **more)

    def test_names_and_choices(self):
        found = self.found()
        assert found.names[:5] == ("age", "mass", "size", "dose", "age × mass")
        np.testing.assert_array_equal(found.of("mass", "age"), found.values[:, 4])
        np.testing.assert_array_equal(found[1].values, found.values[1:2])
        np.testing.assert_array_equal(found[-1].output, found.output[-1:])
        assert len(found[:2]) == 2
        assert list(found.to_frame().columns) == list(found.names)
        with pytest.raises(IndexError):
            found[3]
        with pytest.raises(ValueError, match="expected 0 to 3 or one of age, mass, size, dose"):
            found.of("height")
        with pytest.raises(ValueError, match="order=3 finds it"):
            found.of("age", "mass", "size")
        assert self.found(order=3).of("age", "mass", "size").shape == (3,)

    def test_tables(self):
        text = repr(self.found())
        assert "k-SII up to order 2, closed form, 3 inputs" in text
        assert "mean size" in text
        assert "<table" in self.found()[0]._repr_html_()
        empty = qxai.interactions(self.model, np.zeros((0, 4)), 20.0)
        assert empty.values.shape == (0, 10)
        assert "0 inputs" in repr(empty)

    def test_what_is_refused(self):
        with pytest.raises(ValueError, match="index: expected one of SII, k-SII"):
            self.found(index="shapley")
        for order in (0, 5, 1.5):
            with pytest.raises(ValueError, match="order: expected"):
                self.found(order=order)

    def test_it_becomes_what_shapiq_draws(self, monkeypatch):
        """shapiq itself is asked in the benchmarks' environment."""
        with pytest.raises(IndexError):
            self.found().to_shapiq(3)
        fake = types.ModuleType("shapiq")
        fake.InteractionValues = lambda **given: given
        monkeypatch.setitem(sys.modules, "shapiq", fake)
        given = self.found(index="STII").to_shapiq(1)
        assert given["index"] == "STII"
        place = given["interaction_lookup"][(0, 1)]
        assert given["values"][place] == self.found(index="STII").of(0, 1)[1]
        monkeypatch.setitem(sys.modules, "shapiq", None)
        with pytest.raises(ImportError, match="pip install shapiq"):
            self.found().to_shapiq()
