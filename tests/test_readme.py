"""What the README shows is what the project says."""

import re

import pandas as pd
import yaml

from tests.project import ROOT, module

README = (ROOT / "README.md").read_text()


def test_the_picture_is_the_one_that_is_drawn():
    headline = module(ROOT / "tools/headline.py")
    assert headline.TARGET.read_text() == headline.picture()
    assert f'src="{headline.TARGET.relative_to(ROOT)}"' in README


def test_the_headline_is_the_comparisons():
    """Every number of the paragraph, from the ranking."""
    (text,) = re.findall(r"\*\*Which explanation to believe\?\*\*(.*?)\n\n", README, re.DOTALL)
    ranking = pd.read_csv(ROOT / "data/results/ranking.csv")
    assert {
        int(number) for number in re.findall(r"\b(\d{2,3})\b(?!\.)", text.replace("0.", "0_"))
    } == {
        ranking.tasks.max(),
        ranking.models.max(),
    }
    mean = ranking.set_index(["metric", "method"])["mean"].round(2)
    amounts, places = mean["known_terms"], mean["localisation"]
    assert amounts.nsmallest(2).index.sort_values().tolist() == ["Banzhaf", "Shapley"]
    assert places.idxmax() == "Taylor-∞"
    expected = [amounts["Shapley"], amounts["Taylor-∞"], amounts["LIME"], places["Taylor-∞"]]
    expected += [places["Shapley"], places["QLRP-zero"], amounts["QLRP-zero"]]
    assert amounts["Shapley"] == amounts["Banzhaf"]
    assert amounts["Taylor-∞"] == amounts["integrated gradients"]
    assert [float(number) for number in re.findall(r"0\.\d+", text)] == expected


def test_links_of_the_readme_lead_to_files():
    for target in re.findall(r"\]\(([\w/.-]+)\)", README):
        # Those that begin upwards lead to the page of the repository on GitHub.
        assert target.startswith("../../") or (ROOT / target).is_file(), target


def test_the_readme_counts_the_chapters():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    parts = [part["chapters"] for part in toc["parts"] if "numbered" in part]
    assert f" {sum(map(len, parts))} chapters, a gallery" in README
