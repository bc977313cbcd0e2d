"""Every number again, by another route; and that the script would notice a wrong one."""

import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "study"))

import again  # noqa: E402


def test_the_tables_and_the_prose_follow_from_the_rows(capsys):
    again.main()
    assert capsys.readouterr().out.count("\n") == 4 + len(again.FRAGMENTS)


@pytest.mark.parametrize(
    ("check", "table", "column"),
    [
        ("check_summary", "summary", "mean"),
        ("check_summary", "summary", "gap"),
        ("check_ranks", "ranking", "rank"),
        ("check_ranks", "ranking", "rank_low"),
        ("check_pairs", "pairs", "ahead"),
        ("check_pairs", "pairs", "effect"),
        ("check_hypotheses", "hypotheses", "effect"),
    ],
)
def test_a_wrong_number_is_noticed(monkeypatch, check, table, column):
    true = again.read

    def wrong(name):
        rows = true(name)
        if name == table:
            rows.loc[rows.index[3], column] += 1
        return rows

    monkeypatch.setattr(again, "read", wrong)
    with pytest.raises(AssertionError):
        getattr(again, check)()


def test_a_wrong_sentence_is_noticed(monkeypatch):
    said = again.prose("comparison")
    monkeypatch.setattr(again, "prose", lambda chapter: said.replace("23 tasks", "24 tasks"))
    with pytest.raises(AssertionError, match="the rows say 'on 23 tasks"):
        again.check_prose("comparison")
    monkeypatch.setattr(again, "prose", lambda chapter: said + " It rose by 7 per cent.")
    with pytest.raises(AssertionError, match="nothing derives"):
        again.check_prose("comparison")


def test_the_rows_are_read_as_they_are_stored():
    assert isinstance(again.task_table("localisation"), pd.DataFrame)
    assert again.task_table("localisation").shape == (45, 8)
