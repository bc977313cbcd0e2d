"""What an installation has that is not of the repository: from an sdist, through a wheel."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.project import ROOT

PARTS = ("src", "data", "study", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md")
# Prints where it found the data, and then what it found in them.
USE = """
import json, sys
from qxai import datasets
folder = datasets.data_directory()
sys.path.append(str(folder.parent / "study"))
import reading
tumours = datasets.breast_cancer()
angles = datasets.read_parameters("breast_cancer_pqc.json")
print(json.dumps([str(folder), reading.__file__]))
print(tumours.X.sum(), {name: rows.sum() for name, rows in angles.items()})
print(reading.leaderboard("known_terms", "Known terms"))
"""
WRITE = """
from qxai import datasets
try:
    datasets.write_data("mine.txt", b"mine")
except PermissionError as error:
    print(error)
else:
    print(datasets.read_data("mine.txt").decode())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel of the sdist of a copy of the repository, unpacked."""
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    source.mkdir()
    for part in (*PARTS, "LICENSE"):
        path = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, source / part, **({"ignore": ignored} if path.is_dir() else {}))
    call(source, "-c", "from setuptools.build_meta import build_sdist; build_sdist('..')")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    unpacked = archive.name.removesuffix(".tar.gz")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "."]
    call(folder, "-m", "pip", "wheel", *options, f"./{unpacked}")
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    return site


def call(folder, *arguments, **variables):
    kept = {k: v for k, v in os.environ.items() if k not in ("QXAI_DATA", "PYTHONPATH")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept | {name: str(value) for name, value in variables.items()},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_an_installation_finds_the_data_and_the_study_that_the_repository_has(installed, tmp_path):
    places, found = call(tmp_path, "-c", USE, PYTHONPATH=installed).split("\n", 1)
    data, reading = map(Path, json.loads(places))
    assert data == installed / "qxai/data"
    assert reading.is_relative_to(installed / "qxai/study")
    places, there = call(tmp_path, "-c", USE, PYTHONPATH=ROOT / "src").split("\n", 1)
    assert Path(json.loads(places)[0]) == ROOT / "data"
    assert found == there


def test_the_copies_are_whole(installed):
    for name in ("data", "study"):
        files = [
            path.relative_to(ROOT)
            for path in (ROOT / name).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ]
        assert len(files) > 10
        for file in files:
            assert (installed / "qxai" / file).read_bytes() == (ROOT / file).read_bytes()


def test_installed_data_are_only_read_and_the_advice_works(installed, tmp_path):
    before = (installed / "qxai/data/SHA256SUMS").read_bytes()
    told = call(tmp_path, "-c", WRITE, PYTHONPATH=installed)
    assert "data: expected a directory of your own, found the installed package's" in told
    assert "set QXAI_DATA to a directory with a SHA256SUMS" in told
    assert not (installed / "qxai/data/mine.txt").exists()
    assert (installed / "qxai/data/SHA256SUMS").read_bytes() == before
    (tmp_path / "SHA256SUMS").touch()
    told = call(tmp_path, "-c", WRITE, PYTHONPATH=installed, QXAI_DATA=tmp_path)
    assert told == "mine\n"


def test_an_installed_file_that_was_changed_is_refused(installed, tmp_path):
    site = shutil.copytree(installed, tmp_path / "site")
    with (site / "qxai/data/iris.csv").open("a") as file:
        file.write("1\n")
    code = "import qxai; qxai.datasets.read_data('iris.csv')"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        call(tmp_path, "-c", code, PYTHONPATH=site)
    assert "iris.csv: expected sha256" in refused.value.stderr
