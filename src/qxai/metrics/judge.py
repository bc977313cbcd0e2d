"""All metrics that need no ground truth, for several methods on one model."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qxai.checks import check_count, check_generator
from qxai.core import Evaluator
from qxai.metrics.candidates import CONTROLS, Method, circular, explained, supported
from qxai.metrics.cases import Case, as_case, measured
from qxai.metrics.judgement import Judgement


def judge(
    model: Evaluator,
    X: Any,
    methods: Mapping[str, Method] | None = None,
    baselines: Sequence[Any] | None = None,
    *,
    rng: np.random.Generator,
    randomised: Sequence[Any] | None = None,
    seeds: int = 5,
    rows: int = 50,
) -> Judgement:
    """Judge methods on one model by all metrics that need no ground truth.

    Slopes are multiplied by ``x − x̃`` first, so that all values are in units of the output. Two
    controls stand below the methods: attributions drawn at random, and the output's change shared
    in proportion to ``|x_i − x̃_i|``. A method that is not told from them has shown nothing.

    Parameters
    ----------
    model : Evaluator
    X : array_like or table, shape (N, d)
        Inputs, in radians or, of a model that takes them, in raw columns.
    methods : mapping from str to callable, optional
        Each maps a model, inputs and a baseline to an `Attribution`, as `shapley` does; one that
        has an argument ``rng`` is given a generator. The library's, as far as the model allows
        them, by default.
    baselines : sequence, optional
        Points, `Background` or `Marginals`. The first one is judged with, the attributions against
        the others are compared with those against it. By default 0 and the mean of ``X``, of raw
        columns their mean and their least numbers.
    rng : numpy.random.Generator
        Draws everything that is drawn; one with the same state gives the same numbers.
    randomised : sequence of models, optional
        For the randomisation test. By default 5 times the model with parameters drawn uniformly
        from −π to π, if it has ``parameter_values`` and ``with_parameters``, and otherwise none.
    seeds : int
        Repetitions of the methods that sample, at least 2.
    rows : int
        Most inputs to judge with; of more so many are drawn.

    Returns
    -------
    Judgement
        With a table; see Notes for its columns.

    Raises
    ------
    TypeError
        If a method returns no attribution, or ``rng`` is no generator.
    ValueError
        If an argument is out of range or does not fit the model.

    Notes
    -----
    *completeness*: median over the inputs of what the parts miss of the whole, with quartiles.
    *deletion*: area between the deletion curve and that of random order, relative to the change of
    the output; 0 by chance. *infidelity*: the squared error of sums of parts as predictions of
    deletions, relative to that of no explanation, 1. *randomised*: rank correlation with the
    attributions of the randomised models. *baselines*: rank correlation between two baselines.
    *seeds*: standard deviation of what is sampled, relative to its size. Brackets are 95 %
    bootstrap intervals over the inputs (of *randomised* over the models as well).

    Sets of deleted features are enumerated up to 2¹⁶ outputs and drawn beyond; so are random orders
    of a model that is no polynomial.

    Failure modes: a starred metric plays the game by which the method is made, and a good number
    there is no evidence. No column tells whether the model is right, nor which question is yours.

    Examples
    --------
    >>> import numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] + X[:, 2], num_features=3)
    >>> X = np.random.default_rng(0).uniform(1, 2, (30, 3))
    >>> chosen = {"Shapley": qxai.shapley, "occlusion": qxai.occlusion}
    >>> found = qxai.metrics.judge(model, X, chosen, rng=np.random.default_rng(1))
    >>> [round(found.numbers[name]["completeness"].value, 2) for name in chosen]
    [0.0, 0.37]
    """
    check_generator(rng)
    check_count("seeds", seeds, 2)
    check_count("rows", rows, 1)
    if methods is not None:
        _check_methods(methods)
    case = as_case(model, X, baselines, randomised, rows, rng)
    named, left_out = supported(model, case.X, case.absent[0]) if methods is None else (methods, {})
    root = int(rng.integers(2**32))
    numbers, circles = {}, {}
    for name, method in {**named, **CONTROLS}.items():
        # Each method has a generator of its own: another method more changes none of its numbers.
        own = np.random.default_rng([root, zlib.crc32(name.encode())])
        found = explained(method, case.model, case.X, case.absent[0], own)
        numbers[name] = measured(found, method, case, seeds, own)
        circles[name] = circular(found.method)
    return Judgement(
        numbers=numbers, circular=circles, left_out=left_out, notes=_notes(case, len(X), seeds)
    )


def _check_methods(methods: object) -> None:
    """Refuse what is no mapping of names to callables, and names that controls have."""
    if not isinstance(methods, Mapping) or not all(map(callable, methods.values())):
        raise TypeError(
            "methods: expected a mapping from names to functions of a model, inputs and a "
            f'baseline, such as {{"Shapley": qxai.shapley}}, found {methods!r}'
        )
    if taken := [name for name in methods if name in CONTROLS]:
        raise ValueError(
            f"methods: expected other names than those of the controls, found {taken[0]!r}; "
            f"rename it, for example 'my {taken[0]}'"
        )


def _notes(case: Case, total: int, seeds: int) -> list[str]:
    """Say what the numbers of a table are, and how many things they were taken over."""
    n, d, others, further = *case.X.shape, len(case.others), len(case.absent) - 1
    elsewhere = "another baseline" if further == 1 else f"{further} other baselines"
    sets = f"all {2**d}" if case.enumerated else f"{len(case.deleted)} drawn"
    notes = [
        f"{n} inputs judged" if n == total else f"{n} of {total} inputs judged",
        "completeness: median of the relative residual, quartiles in brackets",
        "other brackets: 95 % bootstrap intervals",
        "deletion: area gained over random order, relative to the output's change",
        f"infidelity: share of the change over {sets} sets that is not explained",
        f"randomised: rank correlation with {others} models of other parameters",
        f"baselines: rank correlation with attributions against {elsewhere}",
        f"seeds: spread over {seeds} draws, relative to size",
        "*: the metric plays the method's own game",
    ]
    unasked = [*["randomised"] * (not others), *["baselines"] * (not further)]
    return [note for note in notes if note.split(":")[0] not in unasked]
