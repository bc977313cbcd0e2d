"""Tasks with known answers: that the answers are true."""

import numpy as np
import pytest
import scipy.stats

import qxai
from qxai import datasets

MAKERS = {
    "junta": datasets.junta,
    "interaction": datasets.interaction,
    "additive": datasets.additive,
    "teacher": datasets.teacher,
}


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_the_function_gives_the_targets_and_sees_only_relevant_features(name, seed):
    task = MAKERS[name](5, 50, generator(seed))
    relevant = task.relevant[0]
    assert 0 < relevant.sum() <= (5 if name == "teacher" else 3)
    np.testing.assert_allclose(task.truth.values(task.X), task.clean)
    np.testing.assert_array_equal(task.y, task.clean)
    moved = np.where(relevant, task.X, generator(9).uniform(0, np.pi, task.X.shape))
    np.testing.assert_allclose(task.truth.values(moved), task.clean, atol=1e-12)
    exact = np.abs(qxai.shapley(task.truth, task.X, np.pi / 3).values)
    assert exact[:, ~relevant].max(initial=0) < 1e-12
    assert (exact[:, relevant].max(axis=0) > 1e-3).all()


@pytest.mark.parametrize("name", MAKERS)
def test_targets_have_mean_zero_and_deviation_one_half(name):
    y = MAKERS[name](4, 100_000, generator()).y
    assert abs(y.mean()) < 5 * 0.5 / np.sqrt(1e5)
    np.testing.assert_allclose(y.std(), 0.5, rtol=0.02)


@pytest.mark.parametrize("name", MAKERS)
def test_noise_is_relative_to_the_targets_and_leaves_the_rest_alone(name):
    noisy, quiet = (MAKERS[name](4, 100_000, generator(), noise) for noise in (0.5, 0.0))
    np.testing.assert_array_equal(noisy.X, quiet.X)
    np.testing.assert_array_equal(noisy.clean, quiet.clean)
    np.testing.assert_allclose((noisy.y - noisy.clean).std(), 0.25, rtol=0.02)


def test_a_pure_interaction_shows_nothing_of_a_feature_alone():
    task = datasets.interaction(4, 10, generator(), order=3)
    alone = qxai.taylor(task.truth, task.X, np.pi / 2).values
    np.testing.assert_allclose(alone, 0, atol=1e-12)
    assert task.truth.interaction_order == 3


def test_an_additive_function_has_one_explanation():
    task = datasets.additive(5, 10, generator())
    found = [
        method(task.truth, task.X, 0.7).values
        for method in (qxai.shapley, qxai.integrated_gradients, qxai.taylor, qxai.occlusion)
    ]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-11)


def test_the_shortcut_tells_the_label_and_the_earned_features_tell_less():
    task = datasets.shortcut(6, 5000, generator())
    column = np.flatnonzero(task.relevant[0])
    assert len(column) == 1
    given_away = np.where(task.X[:, column[0]] > np.pi / 2, 1, -1)
    assert np.mean(given_away == task.y) > 0.999
    # The others: the sum of two cosines is right in four of five cases.
    cosines = np.cos(task.X)
    best = max(
        np.mean(np.where(cosines[:, a] + cosines[:, b] > 0, 1, -1) == task.y)
        for a in range(6)
        for b in range(a)
        if column[0] not in (a, b)
    )
    np.testing.assert_allclose(best, 0.8, atol=0.02)


def test_labels_drawn_anew_are_wrong_in_half_of_the_cases():
    for make in (datasets.lines, datasets.spot):
        task = make(20_000, generator(), noise=0.4)
        np.testing.assert_allclose(np.mean(task.y != task.clean), 0.2, atol=0.015)
    task = datasets.shortcut(4, 20_000, generator(), noise=0.4)
    np.testing.assert_allclose(np.mean(task.y != task.clean), 0.2, atol=0.015)


def test_lines_are_rows_and_columns():
    task = datasets.lines(400, generator())
    images = task.relevant.reshape(-1, 3, 3)
    rows = images.all(axis=2).any(axis=1)
    columns = images.all(axis=1).any(axis=1)
    np.testing.assert_array_equal(rows, task.y > 0)
    np.testing.assert_array_equal(columns, task.y < 0)
    assert (task.relevant.sum(axis=1) == 3).all()
    assert task.X[task.relevant].mean() > task.X[~task.relevant].mean() + 1


def test_the_spot_is_on_the_side_of_the_label_and_the_distractor_in_the_middle():
    task = datasets.spot(400, generator())
    where = np.argmax(task.relevant, axis=1) % 3
    np.testing.assert_array_equal(where, np.where(task.y > 0, 2, 0))
    bright = np.pi / 2 < task.X
    assert (bright.reshape(-1, 3, 3)[:, :, 1].sum(axis=1) == 1).mean() > 0.95


@pytest.mark.parametrize("make", [datasets.lines, datasets.spot])
def test_the_same_seed_gives_the_same_task(make):
    np.testing.assert_array_equal(make(20, generator(3)).X, make(20, generator(3)).X)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: datasets.junta(3, 10, generator(), relevant=4), "relevant: expected at most 3"),
        (lambda: datasets.junta(3, 10, generator(), noise=-1.0), "noise: expected a number"),
        (lambda: datasets.interaction(3, 1, generator()), "size: expected a whole number"),
        (lambda: datasets.teacher(2, 10, generator()), "num_features: expected a whole number"),
        (lambda: datasets.shortcut(3, 10, generator()), "num_features: expected a whole number"),
        (lambda: datasets.lines(10, generator(), noise=2.0), "noise: expected a share"),
        (lambda: datasets.spot(0, generator()), "size: expected a whole number"),
    ],
)
def test_bad_settings_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match="rng"):
        datasets.additive(3, 10, 0)


@pytest.mark.parametrize(
    ("load", "shape", "positive", "first"),
    [
        (datasets.iris, (100, 4), 50, 7.0),
        (datasets.wine, (178, 6), 71, 14.23),
        (datasets.digits, (357, 9), 174, None),
    ],
)
def test_the_tables_are_those_of_their_datasheets(load, shape, positive, first):
    data = load()
    assert data.X.shape == shape
    assert len(data.feature_names) == shape[1]
    assert (data.y > 0).sum() == positive
    assert (data.y < 0).sum() == shape[0] - positive
    if first is not None:
        assert data.X[0, 0] == first


def test_a_digit_is_the_mean_of_blocks_of_its_inner_pixels():
    from sklearn.datasets import load_digits

    source = load_digits()
    image = source.images[np.isin(source.target, (3, 8))][5]
    expected = [
        image[1 + 2 * r : 3 + 2 * r, 1 + 2 * c : 3 + 2 * c].mean()
        for r in range(3)
        for c in range(3)
    ]
    np.testing.assert_allclose(datasets.digits().X[5], expected)


@pytest.mark.parametrize("make", [datasets.additive, datasets.junta, datasets.teacher])
def test_tasks_have_as_many_features_as_one_likes(make):
    """Their functions are few products: a tensor of 30 features would have 2e14 entries."""
    task = make(30, 20, np.random.default_rng(0))
    found = qxai.shapley(task.truth, task.X, np.pi / 3)
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert np.abs(found.values[~task.relevant]).max(initial=0.0) == 0.0
    np.testing.assert_allclose(found.output, task.clean, atol=1e-12)


@pytest.mark.parametrize("orders", [(2,), (3,), (2, 2)])
def test_a_mixture_has_terms_alone_and_products_and_no_feature_in_two(orders):
    task = datasets.mixture(8, 20, generator(), alone=2, orders=orders)
    np.testing.assert_allclose(task.truth.values(task.X), task.clean)
    pairs = qxai.shapley_interactions(task.truth, task.X, 0.3)
    together = np.abs(pairs - pairs * np.eye(8)).max(axis=(0, 2)) > 1e-9
    assert together.sum() == sum(orders)
    assert task.relevant[0].sum() == 2 + sum(orders)
    assert task.truth.interaction_order == max(orders)
    # a feature alone has one term in every game: its own, less that at the baseline
    alone = task.relevant[0] & ~together
    games = [method(task.truth, task.X, 0.3).values for method in (qxai.taylor, qxai.occlusion)]
    assert alone.sum() == 2
    np.testing.assert_allclose(games[0][:, alone], games[1][:, alone], atol=1e-12)
    assert np.abs(games[0] - games[1])[:, together].max() > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_a_product_is_no_singular_point_of_the_usual_baselines(seed):
    task = datasets.mixture(4, 200, generator(seed), alone=0, orders=[2])
    together = task.relevant[0]
    for baseline in (0, np.pi / 2, np.pi):
        alone = qxai.taylor(task.truth, task.X, baseline).values
        # c cos(x̃ − φ) ≥ 0.35 c multiplies the change of one wave; c is the size of the product
        waves = np.abs(alone[:, together]).max(axis=0)
        assert (waves > 0.2).all(), (baseline, waves)


def test_a_correlated_mixture_keeps_its_margins_and_its_function():
    loose, tied = (datasets.mixture(5, 50_000, generator(), correlation=rho) for rho in (0.0, 0.8))
    np.testing.assert_array_equal(loose.truth.weights, tied.truth.weights)
    for task, rho in ((loose, 0.0), (tied, 0.8)):
        quantiles = np.quantile(task.X, [0.1, 0.5, 0.9], axis=0)
        np.testing.assert_allclose(quantiles.T, np.tile([0.1, 0.5, 0.9], (5, 1)) * np.pi, atol=0.05)
        scores = scipy.stats.norm.ppf(task.X / np.pi)
        found = np.corrcoef(scores.T)
        expected = rho ** np.abs(np.subtract.outer(range(5), range(5)))
        np.testing.assert_allclose(found, expected, atol=0.02)


def test_adjacent_features_are_neighbours():
    for seed in range(10):
        task = datasets.mixture(16, 3, generator(seed), orders=[2, 2], adjacent=True)
        places = np.flatnonzero(task.relevant[0])
        assert places[-1] - places[0] == 5
        assert len(places) == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alone": 4}, "num_features: expected at least 6"),
        ({"alone": 0, "orders": []}, "alone=1 is the simplest"),
        ({"orders": [1]}, "orders: expected a whole number of at least 2"),
        ({"orders": [9]}, "orders: expected at most 8"),
        ({"correlation": "0.5"}, "correlation: expected a number between -1 and 1, found '0.5'"),
        ({"correlation": 1.0}, "correlation: expected a number between -1 and 1"),
    ],
)
def test_a_mixture_refuses_what_it_cannot_plant(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.mixture(5, 10, generator(), **arguments)
    assert datasets.mixture(6, 10, generator(), alone=4).relevant[0].all()
    assert datasets.mixture(5, 10, generator(), alone=1, orders=[]).relevant[0].sum() == 1


@pytest.mark.parametrize("orders", [2, None, (k for k in (2, 2)), "22"])
def test_orders_are_a_list(orders):
    with pytest.raises(TypeError, match="orders: expected a list such as"):
        datasets.mixture(5, 10, generator(), orders=orders)
