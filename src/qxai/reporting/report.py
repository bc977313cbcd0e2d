"""One page about how a model explains its inputs, with what speaks against it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qxai.checks import check_generator
from qxai.core import Evaluator
from qxai.metrics.candidates import Method
from qxai.reporting import figures, sections
from qxai.reporting.arguments import check_description, check_methods, check_randomised
from qxai.reporting.cautions import cautions
from qxai.reporting.document import check_page, write
from qxai.reporting.findings import findings_of
from qxai.reporting.subject import Subject, subject_of


def report(
    model: Evaluator,
    X: Any,
    methods: Mapping[str, Method] | None = None,
    baseline: Any = None,
    *,
    path: str | os.PathLike[str],
    other_baseline: Any = None,
    rng: np.random.Generator | None = None,
    randomised: Sequence[Any] | None = None,
    seeds: int = 5,
    rows: int = 50,
    title: str = "How a model explains its inputs",
    description: str | None = None,
    feature_names: Sequence[str] | None = None,
) -> list[str]:
    """Write one HTML page about how a model explains its inputs, and what speaks against it.

    The page shows which features count, the first inputs one by one, what each method leaves
    unexplained, what another baseline changes, whether the methods agree, and how controls that
    know nothing fare; each with a sentence on how to read it. At its top stand warnings that
    follow from these numbers. It has no script and loads nothing. The same arguments give the
    same bytes.

    Parameters
    ----------
    model : Evaluator
    X : array_like or table, shape (N, d)
        Inputs, in radians or, of a model that takes them, in raw columns.
    methods : mapping from str to callable, optional
        As of `qxai.metrics.judge`; the first one is drawn. Names are texts, and none of
        ``feature``, ``method``, ``input``, ``baseline`` and ``±``. The library's, as far as the
        model allows them, by default.
    baseline : optional
        A point, `Background` or `Marginals`. By default 0, and of raw columns the mean row.
    path : str or path-like
        Must end in ``.html``.
    other_baseline : optional
        What `baseline` is compared with. By default the mean row of ``X`` or, if that is the
        baseline, 0, and of raw columns their least values.
    rng : numpy.random.Generator, optional
        Draws everything that is drawn; ``numpy.random.default_rng(0)`` by default.
    randomised : sequence of models, optional
        With other parameters, to compare with; as of `qxai.metrics.judge`.
    seeds : int
        Repetitions of the methods that sample, at least 2.
    rows : int
        Most inputs that the controls are judged with; of more so many are drawn.
    title : str
    description : str, optional
        The model in a few words; what it says of itself by default.
    feature_names : sequence of str, length d, optional
        Those of the model, or of a table's columns, by default.

    Returns
    -------
    list of str
        The warnings; empty where there are none.

    Raises
    ------
    TypeError
        If the model is none, methods are no mapping from texts, ``rng`` is no generator,
        ``randomised`` no list of models, ``path`` no name, or a description no text.
    ValueError
        If an argument does not fit the model, no file can have the name or it has another ending,
        or a method is called as a column of the page's tables.
    OSError
        If the name is that of a folder, or its folder is not there; if the file cannot be
        written.

    Notes
    -----
    It takes about as long as `qxai.metrics.judge`, and each method twice for all inputs.

    Failure modes: no warning is no proof. Controls and metrics do not know whether the model is
    right, and a threshold is a convention.

    Examples
    --------
    >>> import os, tempfile, numpy as np, qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] + X[:, 2], num_features=3)
    >>> X = np.random.default_rng(0).uniform(1, 2, (30, 3))
    >>> chosen = {"Shapley": qxai.shapley, "occlusion": qxai.occlusion}
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "product.html")
    >>> warnings = qxai.report(model, X, chosen, path=path)
    >>> warnings[0]
    'Part of the change stays unexplained: occlusion leaves 60 %.'
    >>> folder.cleanup()
    """
    target = check_page(path, title)
    rng = np.random.default_rng(0) if rng is None else check_generator(rng)
    check_methods(methods)
    check_description(description)
    subject = subject_of(model, X, baseline, other_baseline, feature_names, description)
    check_randomised(randomised, model)
    settings = {"randomised": randomised, "seeds": seeds, "rows": rows}
    return write_report(target, title, subject, methods, rng, **settings)


def write_report(
    target: Path,
    title: str,
    subject: Subject,
    methods: Mapping[str, Method] | None,
    rng: np.random.Generator,
    **settings: Any,
) -> list[str]:
    """Write the page about a question that is checked, and return its warnings."""
    found = findings_of(subject, methods, rng, **settings)
    warned = cautions(found)
    write(target, title, sections.body(found, warned), figures.STYLE + sections.STYLE)
    return [one.text for one in warned]
