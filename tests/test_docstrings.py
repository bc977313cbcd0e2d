"""Every public name has an example in its docstring, which runs as it stands there."""

import dataclasses
import doctest
import importlib
import inspect
import re
import tomllib

import pytest
from numpydoc.validate import validate

from tests.project import ROOT

MODULES = (
    "qxai",
    "qxai.metrics",
    "qxai.datasets",
    "qxai.plots",
    "qxai.progress",
    "qxai.models.ansatz",
    "qxai.examples",
    "qxai.widgets",
)
HEADER = "Examples\n--------\n"
NEEDS = {"TFQ": "tensorflow_quantum", "QSim": "qsimcirq", "NoisyQSim": "qsimcirq"}
CHECKS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["numpydoc_validation"]["checks"]
)


def public():
    """Classes and functions that a user is to call, of the modules that offer them."""
    for name in MODULES:
        module = importlib.import_module(name)
        made = [k for k, v in vars(module).items() if getattr(v, "__module__", "") == name]
        for key in getattr(module, "__all__", made):
            value = getattr(module, key)
            if (inspect.isclass(value) or inspect.isroutine(value)) and not key.startswith("_"):
                yield pytest.param(value, id=f"{name}.{key}")


def complaints(name, docstring):
    """What is wrong with the example of a docstring, run with nothing imported but by itself."""
    _, header, section = inspect.cleandoc(docstring).partition(HEADER)
    test = doctest.DocTestParser().get_doctest(section, {}, name, None, 0)
    if not header or not any(example.want for example in test.examples):
        return f"{name}: expected a section of examples that print something"
    report = []
    doctest.DocTestRunner().run(test, out=report.append)
    return "".join(report)


@pytest.fixture
def prompt(monkeypatch, tmp_path, value):
    """A session as the examples describe it: an empty data folder, but for what reads our own."""
    if value.__module__ == "qxai.examples":
        return
    (tmp_path / "SHA256SUMS").touch()
    monkeypatch.setenv("QXAI_DATA", str(tmp_path))


@pytest.mark.parametrize("value", list(public()))
def test_each_public_name_is_documented_as_numpydoc_wants(value):
    """Parameters, returns and summary; a dataclass lists what it is made of as attributes."""
    found = validate(f"{value.__module__}.{value.__qualname__}")["errors"]
    wrong = [(code, text) for code, text in found if code in CHECKS]
    if dataclasses.is_dataclass(value):
        wrong = [(code, text) for code, text in wrong if code != "PR01"]
        for field in dataclasses.fields(value):
            if field.name.startswith("_"):
                continue
            assert re.search(rf"\b{field.name}\b.* :|\b{field.name}\b\n", value.__doc__), field.name
    assert not wrong


def test_a_docstring_without_its_parameters_is_reported():
    found = {code for code, _ in validate("tests.test_docstrings.complaints")["errors"]}
    assert {"PR01", "RT01"} <= found & CHECKS


@pytest.mark.parametrize("value", list(public()))
def test_the_example_of_each_public_name_runs(value, prompt):
    name = value.__name__
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    assert not (found := complaints(name, value.__doc__)), found


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("", "expected a section"),
        (HEADER, "expected a section"),
        (f"{HEADER}>>> half = 1 / 2\n", "expected a section"),
        (f"{HEADER}>>> 1 / 2\n0.25\n", "Expected:\n    0.25\nGot:\n    0.5"),
        (f"{HEADER}>>> np.ones(1)\narray([1.])\n", "name 'np' is not defined"),
    ],
    ids=["no section", "no example", "nothing printed", "wrong number", "not self-contained"],
)
def test_a_missing_example_or_a_wrong_one_is_reported(section, complaint):
    assert complaint in complaints("half", f"Return a half.\n\n{section}")
    assert not complaints("half", f"Return a half.\n\n{HEADER}>>> 1 / 2\n0.5\n")
