"""A report: its numbers by a second route, and only texts in what others have named."""

import cirq
import numpy as np
import pytest
import sympy

import qxai
from qxai import metrics
from tests.pages import Page
from tests.reports import BOTH, FAR, HOSTILE, LINEAR, PRODUCT, reported, trained


def test_mean_sizes_and_first_inputs_are_those_of_the_methods(tmp_path):
    _, page = reported(tmp_path, PRODUCT, np.abs(FAR[:, :3]))
    X = np.abs(FAR[:, :3])
    shapley = np.column_stack([X[:, 0] * X[:, 1] / 2, X[:, 0] * X[:, 1] / 2, X[:, 2]])
    occlusion = np.column_stack([X[:, 0] * X[:, 1], X[:, 0] * X[:, 1], X[:, 2]])
    for name, values in {"Shapley": shapley, "occlusion": occlusion}.items():
        sizes = page.column("Mean size", name)
        assert sizes == pytest.approx(dict(zip(("x0", "x1", "x2"), values.mean(axis=0))), abs=5e-3)
        for row in range(3):
            found = page.column(f"Input {row + 1} of 40", name)
            change = X[row, 0] * X[row, 1] + X[row, 2]
            assert [found[f"x{i}"] for i in range(3)] == pytest.approx(values[row], abs=5e-3)
            assert sum(found.values()) == pytest.approx(change, abs=2e-2)
            assert found["left unexplained"] == pytest.approx(change - values[row].sum(), abs=5e-3)
        assert page.column("Input 2 of 40", "input")["x1"] == pytest.approx(X[1, 1], abs=5e-3)
    assert page.facts["inputs"] == "40"
    assert page.facts["features"] == "3"
    assert page.facts["baseline"] == "0 for every feature"


def test_residuals_and_whether_a_method_adds_up(tmp_path):
    X = np.abs(FAR[:, :3])
    _, page = reported(tmp_path, PRODUCT, X)
    products, change = X[:, 0] * X[:, 1], X[:, 0] * X[:, 1] + X[:, 2]
    assert page.column("Residuals", "adds up") == {"Shapley": "yes", "occlusion": "no"}
    left = page.column("Residuals", "left unexplained")
    assert left == pytest.approx({"Shapley": 0, "occlusion": products.mean()}, abs=5e-3)
    share = page.column("Residuals", "of the change (%)")["occlusion"]
    assert share == pytest.approx(100 * products.mean() / change.mean(), abs=0.06)


def test_another_baseline_and_the_agreement_of_methods(tmp_path):
    X, other = np.abs(FAR[:, :3]), [0.5, 2.0, -1.0]
    _, page = reported(tmp_path, PRODUCT, X, other_baseline=other)
    here, there = (qxai.shapley(PRODUCT, X, base).values for base in (0.0, other))
    change = 100 * np.abs(here - there).sum() / np.abs(here).sum()
    moved = page.column("From 0 for every feature", "change of the attributions (%)")
    assert moved["Shapley"] == pytest.approx(change, abs=0.06)
    ranks = page.column("From 0 for every feature", "rank correlation (1 same order)")
    assert ranks["Shapley"] == pytest.approx(metrics.agreement(here, there).mean(), abs=5e-3)
    pair = metrics.agreement(here, qxai.occlusion(PRODUCT, X).values).mean()
    assert page.column("Agreement", "Shapley")["occlusion"] == pytest.approx(pair, abs=5e-3)


def test_controls_are_those_of_judge(tmp_path):
    X = np.abs(FAR[:, :3])
    _, page = reported(tmp_path, PRODUCT, X, rng=np.random.default_rng(3))
    judged = metrics.judge(PRODUCT, X, BOTH, [0.0, X.mean(axis=0)], rng=np.random.default_rng(3))
    for metric in ("deletion", "infidelity"):
        cells = page.column("40 inputs judged", metric)
        assert list(cells)[:4] == ["Shapley", "occlusion", "random", "|x − baseline|"]
        for name in judged.numbers:
            shown = float(cells[name].split(" ")[0].rstrip("*").replace("−", "-"))
            assert shown == pytest.approx(judged.numbers[name][metric].value, abs=5e-3)


def test_noise_within_its_standard_errors_is_no_residual(tmp_path):
    """Occlusion of a sum is complete; each of its outputs is measured anew."""
    q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    observable = cirq.Z(q[0]) + cirq.Z(q[1])
    turns = cirq.Circuit(cirq.ry(angle)(qubit) for angle, qubit in zip(x, q))
    device = qxai.Sampled(100, np.random.default_rng(0))
    model = qxai.PQC(turns, x, observable, backend=device)
    chosen = {"occlusion": qxai.occlusion}
    warnings, page = reported(tmp_path, model, FAR[:, :2], chosen)
    assert page.column("Residuals", "of the change (%)")["occlusion"] > 5
    assert page.column("Residuals", "adds up")["occlusion"] == "within its standard errors"
    assert not [one for one in warnings if "occlusion leaves" in one]
    head = next(rows for text, rows in page.tables.items() if text.startswith("Input 1"))[0]
    assert head == ["feature", "input", "baseline", "occlusion", "±"]
    # Standard errors of a difference of two outputs, each of two bits.
    errors = page.column("Input 1", "±")
    assert all(0.02 < errors[name] < 0.4 for name in ("x0", "x1"))


def test_another_baseline_is_another_one(tmp_path):
    X = FAR + 2
    mean = X.mean(axis=0)
    for given, other in (
        (0.0, "the mean row of the inputs"),
        (mean + 0.1 * X.std(axis=0), "0 for every feature"),
        (mean, "0 for every feature"),
    ):
        _, page = reported(tmp_path, X=X, baseline=given)
        assert page.facts["another baseline"] == other


def test_hostile_names_are_texts(tmp_path):
    _, page = reported(
        tmp_path,
        PRODUCT,
        FAR[:, :3],
        {HOSTILE[0]: qxai.shapley, HOSTILE[1]: qxai.occlusion},
        feature_names=HOSTILE,
        title=HOSTILE[0],
        description=HOSTILE[2],
    )
    shown = [*HOSTILE[:2], "</table>&" + 3 * "\ufffd"]
    assert set(page.column("Mean size", HOSTILE[0])) == set(shown)
    assert page.facts["model"] == shown[2]
    assert page.facts["methods"] == ", ".join(HOSTILE[:2])
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "link", "object"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_a_report_loads_nothing_and_is_the_same_each_time(tmp_path):
    texts = []
    for _ in "ab":
        reported(tmp_path, trained(), FAR[:, :3], None)
        texts.append((tmp_path / "report.html").read_bytes())
    assert texts[0] == texts[1]
    page = Page(texts[0].decode())
    links = [v for _, attrs in page.tags for k, v in attrs.items() if k in ("src", "href")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert b"url(" not in texts[0]
    assert b"@import" not in texts[0]
    pictures = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role")]
    assert len(pictures) == 2
    assert all(attrs["role"] == "img" and "x2" in attrs["aria-label"] for attrs in pictures)


def test_of_many_features_the_largest_are_shown_and_the_others_counted(tmp_path):
    weights = np.arange(1.0, 31)
    model = qxai.Function(lambda X: X @ weights, num_features=30)
    X = np.ones((12, 30))
    few = {"occlusion": qxai.occlusion}
    _, page = reported(tmp_path, model, X, few)
    caption = next(text for text in page.tables if text.startswith("Mean size"))
    assert "The largest 20 features; 10 smaller are not shown." in caption
    sizes = page.column("Mean size", "occlusion")
    assert sizes == pytest.approx({f"x{i}": float(i + 1) for i in range(29, 9, -1)})
    first = page.column("Input 1", "occlusion")
    assert first["smaller features"] == pytest.approx(weights[:10].sum())
    assert sum(first.values()) == pytest.approx(weights.sum())


def test_a_train_of_many_features_is_reported(tmp_path):
    q, x = cirq.LineQubit.range(24), sympy.symbols("x:24")
    circuit = cirq.Circuit(
        [cirq.ry(a)(b) for a, b in zip(x, q)], [cirq.CZ(*q[i : i + 2]) for i in range(0, 24, 2)]
    )
    train = qxai.tensor_train(qxai.PQC(circuit, x, cirq.X(q[0]) + cirq.X(q[23])))
    X = np.random.default_rng(0).uniform(0, 3, (10, 24))
    _, page = reported(tmp_path, train, X, BOTH)
    by_hand = np.abs(qxai.shapley(train, X).values).mean(axis=0)
    sizes = page.column("Mean size", "Shapley")
    for place in (0, 1, 22, 23):
        assert sizes[f"x{place}"] == pytest.approx(by_hand[place], abs=5e-3)
    assert page.column("Residuals", "adds up")["Shapley"] == "yes"


def test_methods_that_a_model_does_not_allow_are_named_with_the_reason(tmp_path):
    _, page = reported(tmp_path, PRODUCT, FAR[:, :3], None)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "integrated gradients was left out: " in text
    assert "integrated gradients" not in page.facts["methods"]


def test_one_feature_has_no_ranks_and_no_controls(tmp_path):
    model = qxai.Function(lambda X: np.sin(X[:, 0]), num_features=1)
    warnings, page = reported(tmp_path, model, FAR[:, :1])
    assert warnings == []
    assert not [text for text in page.tables if text.startswith("Agreement")]


def refused(error, match, *args, **settings):
    with pytest.raises(error, match=match):
        qxai.report(*args, **settings)


def test_what_does_not_fit_is_refused_with_advice_that_works(tmp_path):
    path = tmp_path / "report.html"
    refused(
        ValueError, r"path: .*found 'r.txt'; write 'r.html'", LINEAR, FAR, path=tmp_path / "r.txt"
    )
    refused(TypeError, "title: expected a text, found 3", LINEAR, FAR, path=path, title=3)
    refused(
        TypeError, r"rng: expected numpy.random.default_rng\(seed\)", LINEAR, FAR, path=path, rng=3
    )
    refused(
        ValueError,
        r"X: expected at least one input, found none; pass rows, such as X\[:50\]",
        LINEAR,
        FAR[:0],
        path=path,
    )
    refused(
        ValueError,
        "feature_names: expected 4 names, found .*leave it out",
        LINEAR,
        FAR,
        path=path,
        feature_names=["a"],
    )
    refused(
        ValueError,
        "feature_names: expected 4 names, found 'abcd'",
        LINEAR,
        FAR,
        path=path,
        feature_names="abcd",
    )
    refused(TypeError, "methods: expected a mapping", LINEAR, FAR, [qxai.shapley], path=path)
    refused(
        ValueError,
        r"""methods: .* found none; pass \{"occlusion": qxai.occlusion\}""",
        LINEAR,
        FAR,
        {},
        path=path,
    )
    assert not list(tmp_path.iterdir())
    advised = {"occlusion": qxai.occlusion}
    assert isinstance(
        qxai.report(
            LINEAR, FAR[:50], advised, path=tmp_path / "r.html", rng=np.random.default_rng(3)
        ),
        list,
    )


def test_a_single_raw_row_needs_a_baseline(tmp_path):
    scaler = qxai.datasets.AngleScaler.fitted(FAR)
    q, x = cirq.LineQubit.range(4), sympy.symbols("x:4")
    circuit = cirq.Circuit(cirq.ry(a)(b) for a, b in zip(x, q))
    model = qxai.Scaled(qxai.PQC(circuit, x, sum(map(cirq.Z, q), cirq.PauliSum())), scaler)
    path = tmp_path / "report.html"
    refused(
        ValueError,
        "baseline: .* the mean row of the training data",
        model,
        FAR[:1],
        BOTH,
        path=path,
    )
    qxai.report(model, FAR[:1], BOTH, FAR.mean(axis=0), path=path)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.facts["another baseline"] == "none"
