"""Who may import whom, and what importing the library costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import qxai

SOURCE = Path(qxai.__file__).parent
CORE = {
    "core",
    "checks",
    "asking",
    "angles",
    "contraction",
    "lattice",
    "memory",
    "quadrature",
    "threads",
}
# What a method is asked, and what it answers.
TALK = {"absence", "attribution", "background", "players", "question"}
# Each part may import itself and these; representations evaluate circuits on the statevector.
ALLOWED = {
    "entries": set(),
    "frames": {"entries"},
    "table": set(),
    "checks": {"frames"},
    "core": {"checks"},
    "asking": {"core", "memory"},
    "background": {"core", "checks", "frames"},
    "chunk_checks": {"attribution", "core", "frames"},
    "chunk_work": {
        "attribution",
        "checks",
        "chunk_checks",
        "core",
        "files",
        "frames",
        "results",
        "threads",
    },
    "chunks": {"absence", "attribution", "checks", "chunk_work", "progress"},
    "conditionals": {"background", "checks", "core"},
    "summary": {"background", "core", "table"},
    "attribution": {"background", "checks", "core", "summary", "table"},
    "absence": {"asking", "attribution", "background", "checks", "core", "memory"},
    "players": {"core"},
    "wrapping": set(),
    "question": {"frames", "wrapping", "checks", "core", *TALK},
    "coalitions": {"core"},
    "exponents": set(),
    "angles": {"core", "exponents", "linear"},
    "linear": {"core"},
    "contraction": set(),
    "lattice": {"core"},
    "sets": {"checks", "core", "table"},
    "dependence": {"core", "table"},
    "counterfactuals": {"core", "table"},
    "crossings": {"core", "waves"},
    "waves": {"core"},
    "spectra": {"core", "memory"},
    "memory": set(),
    "threads": set(),
    "files": set(),
    "quadrature": {"core"},
    "reporting": {
        "absence",
        "attribution",
        "background",
        "checks",
        "core",
        "files",
        "metrics",
        "plots",
        "question",
        "table",
    },
    "results": {"attribution", "background", "files", "memory"},
    "observable": {"core", "memory"},
    "compiled": {"observable", "angles", "exponents", "spectra", "core"},
    "cones": {"compiled", "memory", "observable"},
    "separation": {"angles", "compiled", "core", "memory", "spectra"},
    "backends": {"compiled", "cones", "observable", *CORE},
    "representations": {"backends", "compiled", "cones", "observable", "separation", *CORE},
    "models": {
        "backends",
        "cones",
        "representations",
        "compiled",
        "observable",
        "separation",
        "spectra",
        "table",
        *CORE,
    },
    "attributions": {
        "core",
        "checks",
        "asking",
        "coalitions",
        "conditionals",
        "contraction",
        "counterfactuals",
        "crossings",
        "dependence",
        "lattice",
        "memory",
        "quadrature",
        "sets",
        "shadows",
        "threads",
        "table",
        "waves",
        *TALK,
    },
    "metrics": {"attributions", "core", "checks", "asking", "coalitions", "table", *TALK},
    "plots": {"attribution", "checks", "core", "counterfactuals", "dependence", "sets"},
    "datasets": {"representations", "core", "checks", "entries", "files", "frames", "memory"},
    "claims": {"core", "datasets", "table"},
    "examples": {"core", "datasets", "models"},
    "losses": {"core"},
    "progress": set(),
    "runs": {"attribution", "backends", "checks", "compiled", "core", "table"},
    "planning": {"attribution", "backends", "checks", "compiled", "core", "runs"},
    "shadows": {"checks", "core", "observable"},
    "costing": {"attribution", "backends", "checks", "compiled", "core", "planning", "table"},
    "training": {
        "backends",
        "checks",
        "core",
        "frames",
        "models",
        "progress",
        "question",
        "table",
    },
    "estimators": {
        "attribution",
        "attributions",
        "backends",
        "background",
        "checks",
        "compiled",
        "core",
        "datasets",
        "files",
        "frames",
        "losses",
        "metrics",
        "models",
        "observable",
        "progress",
        "question",
        "reporting",
        "training",
    },
    "widgets": {"checks", "core", "representations"},
}
LAZY = {
    "tensorflow",
    "tensorflow_quantum",
    "qsimcirq",
    "shap",
    "shapiq",
    "pandas",
    "IPython",
    "anywidget",
    "traitlets",
}


def modules():
    return sorted(path for path in SOURCE.rglob("*.py"))


def part(path):
    return path.relative_to(SOURCE).with_suffix("").parts[0]


def imports(path):
    """All imported modules, inside functions too, and whether they are imported lazily."""
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module, id(node) in inside


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_one_way(path):
    for name, _ in imports(path):
        if name.split(".")[0] == "qxai" and path != SOURCE / "__init__.py":
            target = name.split(".")[1]
            assert target in ALLOWED[part(path)] | {part(path)}, f"{path} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_heavy_packages_are_imported_inside_functions(path):
    for name, lazily in imports(path):
        assert lazily == (name.split(".")[0] in LAZY), f"{path} imports {name}"


def test_only_one_file_imports_tensorflow():
    users = {p.name for p in modules() if any("tensorflow" in n for n, _ in imports(p))}
    assert users == {"tfq.py"}


def test_importing_the_library_imports_neither_tensorflow_nor_qsim():
    code = (
        "import qxai, qxai.training, sys; print([m for m in sys.modules if m.split('.')[0] in "
        "('tensorflow', 'tensorflow_quantum', 'qsimcirq', 'shap', 'shapiq', 'sklearn', 'IPython')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_modules_are_there_after_importing_the_library_and_not_before():
    """`qxai.plots` and the others cost their imports when they are asked for."""
    code = (
        "import sys, qxai; assert 'sklearn' not in sys.modules; "
        "assert {'metrics', 'datasets', 'plots', 'ansatz'} <= set(dir(qxai)); "
        "qxai.metrics.gini, qxai.datasets.iris, qxai.plots.use_style, qxai.ansatz.mean_z; "
        "qxai.read_qasm; print(getattr(qxai, 'nothing', 'missing'))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "missing", result.stderr


def test_public_names_are_written_out_and_exist():
    assert sorted(qxai.__all__) == sorted(set(qxai.__all__))
    for name in qxai.__all__:
        assert getattr(qxai, name).__doc__


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_stay_small(path):
    assert len(path.read_text().splitlines()) <= 300
