"""What the files around the library promise."""

import json
import os
import re
import tomllib

import numpy as np
import pytest
import yaml

from qxai import datasets
from tests.project import ROOT, module

LOCK = (ROOT / "requirements.lock").read_text()


def pinned(lock):
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^\s;]+)", lock, re.MULTILINE))


# The lock and what installs from it


def test_the_lock_names_public_versions_with_hashes_and_no_index():
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK[LOCK.index("\nabsl-py") + 1 :])
    for block in blocks:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not re.search(r"==[^\s;]*\+", LOCK), "a local version suffix"
    assert not re.search(r"index-url|find-links|https?://", LOCK)


def test_the_lock_holds_every_dependency_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["tfq"], *extras["book"], *extras["test"]]
    names = {re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower() for requirement in wanted}
    assert names <= set(pinned(LOCK))


def test_without_tfq_only_tensorflow_and_what_it_needs_are_missing():
    light = module(ROOT / "tools" / "install.py").without_tfq(LOCK)
    left_out = set(pinned(LOCK)) - set(pinned(light))
    assert {"tensorflow", "tensorflow-quantum", "tf-keras", "keras", "cirq-google"} <= left_out
    assert {"cirq-core", "qsimcirq", "jupyter-book", "myst-nb", "nbval"} <= set(pinned(light))
    assert "tensorflow" not in re.sub("#.*", "", light)


def test_environment_files_install_from_the_lock():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert {"pip": ["--requirement requirements.lock"]} in conda["dependencies"]
    binder = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    for environment in (conda, binder):
        assert "python=3.11" in environment["dependencies"]
    post_build = ROOT / "binder" / "postBuild"
    assert os.access(post_build, os.X_OK)
    assert "tools/install.py --print-without-tfq" in post_build.read_text()


def test_citation_names_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["references"][0]["identifiers"][0]["value"] == "arXiv:2412.14753"


def test_every_make_command_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "data/README.md"):
        named = set(re.findall(r"make ([a-z-]+)", (ROOT / page).read_text()))
        assert named <= targets, page


@pytest.mark.parametrize(
    ("script", "file"),
    [("make_data", "breast_cancer_pqc.json"), ("by_design", "by_design.json")],
)
def test_the_stored_settings_are_those_of_the_training(script, file):
    stored = json.loads((ROOT / "data" / file).read_text())
    assert stored["settings"] == module(ROOT / f"tools/{script}.py").SETTINGS


def test_training_a_design_again_gives_the_stored_angles():
    script = module(ROOT / "tools/by_design.py")
    groups = script.groupings(6)["additive"]
    stored = datasets.read_parameters("by_design.json")["wine, additive"][1]
    np.testing.assert_allclose(script.train(datasets.wine(), groups, 1), stored, atol=1e-3)
