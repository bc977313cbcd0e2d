"""Claims that were written down beforehand, and the intervals that judge them."""

import dataclasses
import re
from itertools import product

import nbformat
import numpy as np
import pytest

from qxai import claims
from qxai.claims import Claim
from tests.project import ROOT

CHAPTERS = sorted(path.stem for path in (ROOT / "study" / "claims").glob("*.toml"))


def claim(**changes):
    return Claim(
        **{
            "avenue": "Coins",
            "statement": "Half of them.",
            "statistic": "share of heads",
            "expected": "below",
            "threshold": 0.5,
            "seeds": 8,
            "before": "Nothing was run.",
            **changes,
        }
    )


@pytest.mark.parametrize("size", [6, 7, 8, 9, 12, 16])
def test_the_interval_encloses_the_median_as_often_as_it_says(size):
    """By outcomes of ``size`` fair coins: on which side of the median each value lies."""
    ends = claim(seeds=size).judge(np.arange(size))
    sides = np.array(list(product((0, 1), repeat=size)))
    below = sides.sum(axis=1)  # the sorted value number k is below where more than k are
    low, high = int(ends.low), int(ends.high)
    inside = np.mean((below > low) & (below <= high))
    narrower = np.mean((below > low + 1) & (below <= high - 1))
    assert inside >= 0.95 > narrower
    assert low == size - 1 - high


def test_the_interval_is_that_of_the_sorted_values():
    values = np.array([5.0, -1.0, 3.0, 8.0, 0.0, 2.0, 9.0, 4.0])
    verdict = claim().judge(values)
    # P(none of eight below) = 1/256, P(one) = 8/256: one may not be left out on either side
    assert 2 * (1 + 8) / 256 > 0.05 > 2 / 256
    assert (verdict.low, verdict.median, verdict.high) == (-1.0, 3.5, 9.0)


@pytest.mark.parametrize(
    ("expected", "shift", "word"),
    [
        ("below", -1, "came out"),
        ("below", 1, "failed"),
        ("above", 1, "came out"),
        ("above", -1, "failed"),
        ("below", 0, "undecided"),
        ("above", 0, "undecided"),
    ],
)
def test_the_word_says_on_which_side_the_whole_interval_lies(expected, shift, word):
    values = 0.5 + shift + np.linspace(-0.4, 0.4, 8)
    assert claim(expected=expected).judge(values).word == word


def test_a_value_at_the_threshold_decides_nothing():
    assert claim(seeds=6).judge([0.5] * 6).word == "undecided"
    assert claim(seeds=6).judge([0.1, 0.2, 0.3, 0.4, 0.45, 0.5]).word == "undecided"


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"expected": "beside"}, "expected: "), ({"seeds": 5}, "seeds: expected 6")],
)
def test_claims_that_cannot_be_judged_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        claim(**changes)


@pytest.mark.parametrize("values", [np.zeros(7), np.zeros((8, 1)), [np.nan] * 8])
def test_values_that_are_not_one_for_each_seed_are_refused(values):
    with pytest.raises(ValueError, match="values: expected"):
        claim().judge(values)


def test_an_unknown_chapter_is_answered_with_those_that_have_claims():
    with pytest.raises(ValueError, match="chapter: expected one of") as error:
        claims.read("why-explain")
    for chapter in re.findall(r"'([\w-]+)'", str(error.value).split("found")[0]):
        assert claims.read(chapter)


def test_entries_with_other_keys_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "study" / "claims"
    folder.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "SHA256SUMS").touch()
    monkeypatch.setenv("QXAI_DATA", str(tmp_path / "data"))
    (folder / "coins.toml").write_text('[heads]\navenue = "Coins"\nhope = 1\n')
    with pytest.raises(
        ValueError, match=r"coins: heads: .*missing \['before', .*unknown \['hope'\]"
    ):
        claims.read("coins")


def test_claim_and_verdict_draw_themselves():
    verdict = claim(amended="The coin was replaced.").judge(np.linspace(0, 0.4, 8))
    assert "came out" in repr(verdict)
    assert "<td" in verdict._repr_html_()
    assert "The coin was replaced." in repr(verdict.claim)
    assert "a median below 0.5" in verdict.claim._repr_html_()


def test_there_are_claims_and_each_file_is_of_a_chapter():
    assert len(CHAPTERS) >= 6
    assert all((ROOT / "book" / f"{chapter}.ipynb").is_file() for chapter in CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_claim_of_a_chapter_is_shown_and_judged_once(chapter):
    cells = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells
    shown = "\n".join(
        output.data["text/plain"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "data" in output
    )
    for entry in claims.read(chapter).values():
        assert shown.count(entry.statement) == 1, entry.avenue
        rows = re.findall(
            rf"^{re.escape(entry.avenue)}  .*(came out|failed|undecided)$", shown, re.M
        )
        assert len(rows) == 1, entry.avenue
        assert len(entry.before) > 5
    names = [entry.avenue for entry in claims.read(chapter).values()]
    assert len(set(names)) == len(names)


def test_a_claim_is_not_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        claim().threshold = 1.0
