"""What the files around the library promise."""

import json
import os
import re
import shutil
import subprocess
import sys
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


@pytest.fixture
def setting_up(tmp_path, monkeypatch):
    """The script for a project of its own, with a list of what it does, and no network."""
    script, done = module(ROOT / "tools" / "install.py"), []
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(script, "ROOT", tmp_path)
    environment = tmp_path / ".venv"

    class Builder:
        def __init__(self, **settings):
            assert settings["clear"]

        def create(self, folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            done.append("create")

    def pip(folder, *arguments):
        if "--requirement" in arguments:
            assert not (folder / "installed").exists()
            text = (folder / "requirements.txt").read_text()
            done.append("with" if "tensorflow==" in text else "without")

    monkeypatch.setattr(script.venv, "EnvBuilder", Builder)
    monkeypatch.setattr(script, "pip", pip)

    def set_up(asked):
        done.clear()
        script.set_up(environment, LOCK, asked)
        return done.copy()

    return script, set_up


def test_tensorflow_is_added_to_what_is_there_and_only_when_asked_for(setting_up):
    _, set_up = setting_up
    assert set_up("") == ["create", "without"]
    assert set_up("") == set_up("0") == []
    assert set_up("1") == ["with"]
    assert set_up("1") == set_up("") == []
    assert set_up("0") == ["create", "without"]
    assert set_up("1") == ["with"]


def test_an_installation_that_was_broken_off_is_made_anew(setting_up, monkeypatch):
    script, set_up = setting_up
    assert set_up("") == ["create", "without"]
    with monkeypatch.context() as patch:
        patch.setattr(script, "pip", lambda *_: sys.exit("broken off"))
        with pytest.raises(SystemExit, match="broken off"):
            set_up("1")
    assert set_up("") == ["create", "without"]


def test_only_the_tests_ask_for_tensorflow_and_a_variable_overrides_both():
    def asked(target, *variables):
        command = ["make", "--dry-run", "--always-make", target, *variables]
        environment = {k: v for k, v in os.environ.items() if k not in ("TFQ", "MAKEFLAGS")}
        text = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout
        return set(re.findall(r"^TFQ=(\d?) \S+ tools/install\.py", text, re.MULTILINE))

    assert asked("book") == asked("lab") == {""}
    assert "1" in asked("test")
    assert asked("test", "TFQ=0") == asked("book", "TFQ=0") == {"0"}
    assert asked("test", "TFQ=1") == asked("book", "TFQ=1") == {"1"}


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
