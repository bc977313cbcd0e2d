"""A report warns where it must, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

import qxai
from tests.reports import BOTH, FAR, PRODUCT, RNG, reported, trained


def test_nothing_is_warned_of_where_nothing_is_wrong(tmp_path):
    """A linear function with weights of very different sizes, of forty inputs."""
    warnings, _ = reported(tmp_path, baseline=0.1)
    assert warnings == []
    assert "No warnings" in (tmp_path / "report.html").read_text()
    assert "Read with care" not in (tmp_path / "report.html").read_text()


def same_sizes(model, X, baseline):
    """An attribution that has not looked at the model."""
    found = qxai.occlusion(model, X, baseline)
    return replace(found, values=np.tile([1.0, 2, 3], (len(X), 1)))


def unsteady(model, X, baseline, rng):
    found = qxai.occlusion(model, X, baseline)
    return replace(found, values=found.values * rng.uniform(0, 2, found.values.shape))


@pytest.mark.parametrize(
    ("expected", "settings"),
    [
        ("Explanations of 3 inputs only", {"X": FAR[:3]}),
        ("Explanations of one input only", {"X": FAR[:1]}),
        ("nothing changes", {"model": qxai.Function(lambda X: 0 * X[:, 0] + 1, num_features=4)}),
        ("occlusion leaves", {"model": PRODUCT, "X": FAR[:, :3]}),
        (
            "The methods disagree: 1 of 1 pairs",
            {
                "methods": BOTH
                | {
                    "occlusion": lambda m, X, b: replace(
                        qxai.occlusion(m, X, b),
                        values=qxai.occlusion(m, X, b).values[:, [0, 1, 3, 2]],
                    )
                }
            },
        ),
        ("The ranking depends on the baseline", {"other_baseline": FAR + [10, 0.1, 0.001, 1e4]}),
        (
            "A random control does as well as odd",
            {
                "methods": {
                    "odd": lambda m, X, b: replace(
                        qxai.occlusion(m, X, b), values=-qxai.occlusion(m, X, b).values
                    )
                }
            },
        ),
        (
            "Sharing the change by the distance",
            {
                "model": qxai.Function(lambda X: X @ [1.0, 1, 1, 1], num_features=4),
                "X": np.abs(FAR),
            },
        ),
        (
            "hardly changes when the model's parameters are randomised: rank correlation of same",
            {"model": trained(), "X": FAR[:, :3], "methods": {"same": same_sizes}},
        ),
        ("unsteady varies by", {"methods": {"unsteady": unsteady}}),
    ],
)
def test_a_warning_appears_where_it_must(tmp_path, expected, settings):
    """Each of them is missing above, where nothing is wrong."""
    warnings, page = reported(tmp_path, **settings)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert [one for one in warnings if expected in one]
    anchors = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    targets = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert len(targets) == len(warnings)
    assert {target.removeprefix("#") for target in targets} <= anchors
    assert "No warnings" not in text


def test_what_is_warned_of_in_shares_is_what_was_found(tmp_path):
    X = np.abs(FAR[:, :3])
    warnings, _ = reported(tmp_path, PRODUCT, X)
    products = X[:, 0] * X[:, 1]
    share = 100 * products.mean() / (products + X[:, 2]).mean()
    assert f"occlusion leaves {share:.0f} %." in warnings[0]


def test_an_explanation_that_looks_at_the_model_is_not_accused(tmp_path):
    """The last qubit's weight is drawn anew with the others; gradients follow it."""
    warnings, _ = reported(tmp_path, trained(), FAR[:, :3], BOTH)
    assert not [one for one in warnings if "parameters are randomised" in one]


def test_rounding_has_no_ranks(tmp_path):
    """Two methods that differ by rounding only, where most features do nothing."""
    noise = RNG.normal(0, 1e-15, (2, *FAR.shape))
    methods = {
        name: lambda m, X, b, n=number: replace(
            qxai.occlusion(m, X, b), values=X * [0, 0, 0, 1] + noise[n][: len(X)]
        )
        for number, name in enumerate(("one", "two"))
    }
    model = qxai.Function(lambda X: X[:, 3], num_features=4)
    warnings, page = reported(tmp_path, model, FAR, methods)
    assert page.column("Agreement", "one")["two"] == 1
    assert not [one for one in warnings if "disagree" in one]


ONES = np.ones((20, 2))
TIED = {
    "a sum": qxai.Function(lambda X: X.sum(axis=1), num_features=2),
    "a sum but for rounding": qxai.Function(
        lambda X: X.sum(axis=1) + 1e-14 * X[:, 0], num_features=2
    ),
    "a constant": qxai.Function(lambda X: np.ones(len(X)), num_features=2),
    "a constant but for rounding": qxai.Function(lambda X: 1 + 1e-15 * X[:, 0], num_features=2),
    "a constant polynomial": qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]]),
}


@pytest.mark.parametrize("name", TIED)
def test_features_of_one_size_have_no_order_to_disagree_about(tmp_path, name):
    warnings, page = reported(tmp_path, TIED[name], ONES, BOTH, other_baseline=[3.0, 3.0])
    assert not [one for one in warnings if "disagree" in one or "depends on the baseline" in one]
    assert page.column("Agreement", "Shapley") == {"Shapley": "–", "occlusion": "–"}
    ranks = page.column("From 0 for every feature", "rank correlation (1 same order)")
    assert set(ranks.values()) == {"–"}


def test_inputs_without_an_order_do_not_count_in_the_agreement(tmp_path):
    """Half of the inputs have tied features; on the other half both methods agree."""
    X = np.vstack([ONES, ONES * [1, 2]])
    warnings, page = reported(tmp_path, TIED["a sum"], X, BOTH, other_baseline=[-1.0, -1.0])
    assert page.column("Agreement", "Shapley") == {"Shapley": 1, "occlusion": 1}
    ranks = page.column("From 0 for every feature", "rank correlation (1 same order)")
    assert set(ranks.values()) == {1}
    assert not [one for one in warnings if "disagree" in one or "depends on the baseline" in one]
