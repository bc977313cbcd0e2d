"""A check that could not fail would be no check: broken libraries, and the pages that notice."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from tests.mutation import first_failure
from tests.project import ROOT


def passes_as_it_is(page, cell, folder):
    """Tell whether a page gets past a cell with the library as it is; known to all workers."""
    record = folder / f"{page}.passed"
    if not record.exists() or int(record.read_text()) < cell:
        if first_failure(ROOT / f"book/{page}.ipynb", ROOT / "src", most=cell + 1):
            return False
        record.with_suffix(f".{os.getpid()}").write_text(str(cell))
        record.with_suffix(f".{os.getpid()}").replace(record)
    return True


def broken(folder, file, right, wrong):
    """A copy of the library in which one place is wrong."""
    copy = shutil.copytree(ROOT / "src", folder / "src")
    path = copy / "qxai" / file
    text = path.read_text()
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong))
    # Compiled from the right text: its date and size could be the same.
    Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)
    return copy


@pytest.mark.parametrize(
    ("page", "file", "right", "wrong"),
    [
        (
            "index",
            "attributions/shapley.py",
            "-(-order // 2)",
            "(order - 1) // 2",
        ),
        ("index", "attributions/semivalues.py", "step, shape = b - a", "step, shape = a - b"),
        ("index", "representations/basis.py", "np.cos(angle)", "np.cos(angle / 2)"),
        ("explain-your-own", "quadrature.py", "band / 4 + 3.3 * np.cbrt(band)", "band / 9"),
        (
            "explain-your-own",
            "models/qasm/standard.py",
            "(term / sympy.pi for",
            "(2 * term / sympy.pi for",
        ),
        # another split's circuit, another angle's name
        ("gradients", "examples.py", "= parts[split]", "= parts[split - 1]"),
        ("gradients", "plots/circuits.py", '"theta": "θ"', '"theta": "φ"'),
        # coefficients in another order, a baseline that is not what was asked for
        (
            "explorer",
            "representations/trigonometric.py",
            "self.coefficients.ravel().tolist()",
            "self.coefficients.T.ravel().tolist()",
        ),
        (
            "explorer",
            "widgets/explore.py",
            "else as_baseline(baseline, inputs[:1], known or words)[0]",
            "else inputs.mean(axis=0)",
        ),
        # a root turned the other way, a term of a sum without its constant, a wave's phase
        ("circuits", "models/qasm/powers.py", "np.exp(1j * exponent", "np.exp(-1j * exponent"),
        ("circuits", "separation.py", "[first + rest, *others]", "[first, *others]"),
        ("circuits", "representations/exponential.py", "(vectors @ offset)", "(vectors @ -offset)"),
        ("circuits", "runs.py", "value + mean, variance", "value - mean, variance"),
        ("circuits", "cones.py", "diagonal.update(set(op.qubits) - any_)", "pass"),
        # sets of features that stay, a feature in two terms
        (
            "judging",
            "metrics/faithfulness.py",
            "given[rows] @ deleted.T",
            "given[rows] @ ~deleted.T",
        ),
        ("tasks", "datasets/mixtures.py", "first += count", "first += 1"),
        # a string shared among all sites, half of a sum
        ("states", "attributions/sites.py", "acting / sizes[:, None]", "acting / count"),
        (
            "states",
            "attributions/amplitudes.py",
            "values=moved / 2 + output",
            "values=moved + output",
        ),
        ("states", "datasets/states.py", "np.cos(angle / 2)[:, None]", "np.cos(angle)[:, None]"),
        ("explain-your-own", "attributions/rules.py", "1 + self.gamma / 2", "1 + self.gamma"),
        (
            "explain-your-own",
            "backends/sampled.py",
            "counts @ worths / self",
            "counts @ -worths / self",
        ),
        (
            "judging",
            "contraction.py",
            "/ math.comb(d, i + j)",
            "/ math.comb(d + 1, i + j)",
        ),
        (
            "judging",
            "metrics/infidelity.py",
            "inputs, absent, ~deleted)",
            "inputs, absent, deleted)",
        ),
        ("judging", "metrics/cost.py", "/ error**2)", "/ error)"),
        ("tasks", "datasets/tasks.py", "cos(phase) / k", "cos(phase) * k"),
        # baseline and input swapped
        (
            "explaining-ml",
            "attributions/gradient.py",
            "values=step * slope.values",
            "values=-step * slope.values",
        ),
        (
            "explaining-ml",
            "attributions/taylor.py",
            "at_moved.values - at_root.values[:, None]",
            "at_root.values[:, None] - at_moved.values",
        ),
        # a frequency halved
        ("quantum-models", "representations/basis.py", "np.cos(angle)", "np.cos(angle / 2)"),
        # an overlap instead of its square
        (
            "quantum-models",
            "models/kernel.py",
            "np.square(np.abs(states.T @ fixed.conj()))",
            "np.abs(states.T @ fixed.conj())",
        ),
        # a variance where its square root belongs
        ("what-changes", "backends/sampled.py", "np.sqrt(variance), count", "variance, count"),
        # a factor of one half
        (
            "gradients",
            "backends/shift_rule.py",
            "shifts), frequencies) / 2",
            "shifts), frequencies)",
        ),
        # noise of the wrong width
        ("gradients", "attributions/smooth_grad.py", "(w * sigma) ** 2", "(w * sigma / 2) ** 2"),
        # too few nodes
        ("gradients", "quadrature.py", "band / 4 + 3.3 * np.cbrt(band)", "band / 9"),
        # one node fewer
        (
            "perturbation",
            "attributions/shapley.py",
            "-(-order // 2)",
            "order // 2",
        ),
        # a dividend that is not shared
        (
            "perturbation",
            "attributions/semivalues.py",
            "1 / (s * math.comb(d, s))",
            "1 / math.comb(d, s)",
        ),
        # a gain turned round, a share of an interaction, a coin that is not fair, a feature too few
        (
            "perturbation",
            "representations/dividends.py",
            "(after - before).T",
            "(before - after).T",
        ),
        ("perturbation", "attributions/indices.py", "(1, t - s + 1)", "(1, t - s + 2)"),
        ("perturbation", "attributions/banzhaf.py", "np.array([0.5])", "np.array([0.4])"),
        (
            "perturbation",
            "attributions/least_infidelity.py",
            "None] / (d + 1), ev",
            "None] / d, ev",
        ),
        # the present features take the values of the rows, and the absent ones the input's
        (
            "perturbation",
            "conditionals.py",
            "np.where(present, inputs",
            "np.where(~present, inputs",
        ),
        # both directions alike, a curvature too small, an error that is not squared
        ("counterfactuals", "waves.py", "factor * sign * across", "factor * across"),
        ("counterfactuals", "waves.py", "ROUNDING = 1e-12", "ROUNDING = -1e-12"),
        (
            "counterfactuals",
            "attributions/visible.py",
            "confidence) ** 2 / check",
            "confidence) / check",
        ),
        # curves of the wrong rows, deviations in place of variances, pairs counted twice
        (
            "counterfactuals",
            "attributions/partial_dependence.py",
            "one.values.mean(axis=0)",
            "one.values[0]",
        ),
        ("counterfactuals", "attributions/anova.py", "np.sqrt(np.maximum(", "(np.maximum("),
        (
            "counterfactuals",
            "attributions/permutation_importance.py",
            "total / n**2",
            "total / n / (n - 1)",
        ),
        (
            "counterfactuals",
            "attributions/ale.py",
            "high - low, which",
            "low - high, which",
        ),
        (
            "counterfactuals",
            "attributions/counterfactual_search.py",
            "step @ step",
            "-(step @ step)",
        ),
        # shots that are not weighed, a cost that falls with the error, a snapshot too small
        (
            "shots-and-noise",
            "attributions/shapley_shots.py",
            "mean @ weights, ",
            "-mean @ weights, ",
        ),
        ("shots-and-noise", "costing.py", "(reached / wanted) ** 2", "(reached / wanted)"),
        ("states", "models/states.py", "3 * outcome * factors", "2 * outcome * factors"),
        # an order too few, a transposed layer, an activation that is not conserved
        ("taylor-infinity", "attributions/taylor.py", "range(1, order + 1)", "range(1, order)"),
        ("qlrp", "attributions/rules.py", "coefficients * kept", "coefficients"),
        ("qlrp", "attributions/noise_ladder.py", "sign * weight * np", "weight * np"),
        (
            "kernels",
            "models/kernel.py",
            "np.square(np.abs(at_nodes.T @ states.conj()))",
            "np.abs(at_nodes.T @ states.conj())",
        ),
        (
            "global",
            "attributions/sobol.py",
            "np.full(power.shape[axis], 0.5)",
            "np.full(power.shape[axis], 1.0)",
        ),
        (
            "global",
            "attributions/gates.py",
            "moved - behind) * activations",
            "moved) * activations",
        ),
        # a transposed gate, a cone in place of the sum, and the gates that stay taken out
        (
            "scaling",
            "representations/pauli_plan.py",
            "-1) @ transfer).ravel()",
            "-1) @ transfer.T).ravel()",
        ),
        (
            "scaling",
            "representations/local.py",
            "result[:, place] += part.slopes",
            "result[:, place] = part.slopes",
        ),
        ("global", "compiled.py", "if op.source not in sources", "if op.source in sources"),
        ("scaling", "representations/pauli.py", "terms *= bloch", "terms = bloch"),
        ("by-design", "models/ansatz.py", "wires = [qubits[i] for i in group]", "wires = qubits"),
        # bricks that always lie the same way, and the sign of an offset
        ("quantum-models", "models/layers.py", "number % 2 if n > 2 else 0", "0"),
        (
            "qlrp",
            "models/layers.py",
            "model.with_parameters(angles) + offset",
            "model.with_parameters(angles) - offset",
        ),
        # what is absent: the mean vector, the mean over rows, one coin a group
        (
            "perturbation",
            "absence.py",
            "v.mean(axis=0, keepdims=True)",
            "v[:1]",
        ),
        (
            "perturbation",
            "absence.py",
            "array.shape[1:]).mean(axis=1)",
            "array.shape[1:]).max(axis=1)",
        ),
        ("perturbation", "attributions/grouped.py", "chance if there else -chance", "chance"),
        # several outputs: the sign of a bit, the other class, the chain rule, the path's step
        ("several-classes", "models/probability.py", "(-1) ** ones", "(-1) ** len(turned)"),
        (
            "several-classes",
            "estimators/choosing.py",
            "coefficients[number] = -1",
            "coefficients[number] = 1",
        ),
        (
            "several-classes",
            "attributions/steps.py",
            "step * np.tensordot(weights, found",
            "np.tensordot(weights, found",
        ),
        (
            "several-classes",
            "models/head.py",
            "powers / powers.sum(axis=1, keepdims=True)",
            "powers",
        ),
        (
            "explain-your-own",
            "estimators/scores.py",
            "offsets=scale * self.offsets + offset",
            "offsets=scale * self.offsets - offset",
        ),
        # singular values lost, what is cut not told, a sweep's wrong vector, the same chunk again
        ("sixty-four-pixels", "representations/operators.py", "left = left * sizes", "pass"),
        (
            "sixty-four-pixels",
            "representations/operators.py",
            "self.ledger.note(place, float(behind[kept]))",
            "self.ledger.note(place, 0.0)",
        ),
        (
            "sixty-four-pixels",
            "representations/sweeping.py",
            "directions[number][still:]",
            "vectors[number][still:]",
        ),
        (
            "sixty-four-pixels",
            "representations/propagation.py",
            "transfer[letters[met]]",
            "transfer.T[letters[met]]",
        ),
        ("sixty-four-pixels", "chunk_work.py", "first = number * self.rows", "first = 0"),
        # how results are written, and what a callback is told
        ("explain-your-own", "table.py", "digits - 1 - before", "digits - before"),
        ("quantum-models", "progress.py", "{self.done}/{self.total}", "{self.total}/{self.done}"),
        # raw columns and other people's functions
        (
            "explain-your-own",
            "models/front.py",
            "self.scaler.derivative(raw) * slopes",
            "slopes",
        ),
        (
            "explain-your-own",
            "datasets/categories.py",
            "np.pi * (codes[:, None] == shown)",
            "1.0 * (codes[:, None] == shown)",
        ),
        (
            "explain-your-own",
            "frames.py",
            "list(found).index(label) for label in wanted",
            "k for k, label in enumerate(wanted)",
        ),
        (
            "explain-your-own",
            "models/wrapping.py",
            "Estimate(value, error, round(",
            "Estimate(value, error / 2, round(",
        ),
        (
            "explain-your-own",
            "metrics/relative.py",
            "area(random[ordered]) - area(curve)",
            "area(curve) - area(random[ordered])",
        ),
        # what another baseline changes
        (
            "explain-your-own",
            "reporting/findings.py",
            "np.abs(here - there).sum()",
            "np.abs(here + there).sum()",
        ),
        # the chapters of the second edition
        ("two-choices", "attributions/banzhaf.py", "(np.array([0.5]),", "(np.array([0.4]),"),
        (
            "hybrid",
            "models/affine.py",
            "np.asarray(self.matrix).T + np.asarray(self.offset)",
            "np.asarray(self.matrix).T - np.asarray(self.offset)",
        ),
        ("what-changes", "shadows.py", "np.ptp(each, axis=1) > 0", "np.ptp(each, axis=1) >= 0"),
        ("avenues", "claims.py", "(self.high < threshold) == below", "self.high > threshold"),
        # the penalty forgotten, and labels turned over
        (
            "surrogates",
            "attributions/lime.py",
            "around.variance)) / (1 + around.ridge)",
            "around.variance))",
        ),
        (
            "surrogates",
            "attributions/q_lime.py",
            "found.values > threshold",
            "found.values < threshold",
        ),
    ],
)
def test_the_book_notices_a_broken_library(tmp_path, tmp_path_factory, page, file, right, wrong):
    failure = first_failure(ROOT / f"book/{page}.ipynb", broken(tmp_path, file, right, wrong))
    assert failure, f"no cell of {page} fails"
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    assert passes_as_it_is(page, failure.cell, shared), f"{page} fails with the right library, too"
    print(f"{page}: caught by code cell {failure.cell}: {failure.reason}")


def test_the_training_chapter_prints_the_same_without_tensorflow_quantum():
    page = ROOT / "book/quantum-models.ipynb"
    assert first_failure(page, ROOT / "src", hidden="tensorflow_quantum") is None
