"""Every public name has an example in its docstring, which runs as it stands there."""

import doctest
import importlib
import inspect

import pytest

MODULES = ("qxai", "qxai.metrics", "qxai.datasets", "qxai.plots", "qxai.models.ansatz")
HEADER = "Examples\n--------\n"
NEEDS = {"TFQ": "tensorflow_quantum", "QSim": "qsimcirq", "NoisyQSim": "qsimcirq"}
# Files as long as test_architecture.py lets them be have no lines left for examples.


def public():
    """Classes and functions that a user is to call, of the modules that offer them."""
    for name in MODULES:
        module = importlib.import_module(name)
        made = [k for k, v in vars(module).items() if getattr(v, "__module__", "") == name]
        for key in getattr(module, "__all__", made):
            value = getattr(module, key)
            if callable(value) and not key.startswith("_"):
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
def prompt(monkeypatch, tmp_path):
    """A session as the examples describe it: an empty data folder, and training that reports."""
    (tmp_path / "SHA256SUMS").touch()
    monkeypatch.setenv("QXAI_DATA", str(tmp_path))
    monkeypatch.delenv("QXAI_PROGRESS", raising=False)


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
