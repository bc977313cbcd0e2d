"""Functional analysis of variance: a model as a sum over sets of features that do not overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qxai.asking import game_form
from qxai.background import Marginals
from qxai.core import Array, Evaluator
from qxai.lattice import sets_up_to
from qxai.question import check_model, feature_names
from qxai.table import Table

MOST_ROWS = 12
ROUNDING = 1e-28  # share of the variance below which a set's is a rounding error


@dataclass(frozen=True, eq=False, repr=False)
class Anova:
    """A model's variance over independent features, set by set.

    Attributes
    ----------
    sets : tuple of tuples of int, length S
        All sets of features that vary together, the largest variance first.
    variances : ndarray, shape (S,)
        Of each set's component, in units of the output squared.
    mean : float
        Mean output.
    feature_names : tuple of str, length d

    Examples
    --------
    >>> import qxai
    >>> model = qxai.TrigPolynomial([[0, 0, 0], [0, 0, 0], [0, 0, 1]], [[1], [1]])  # sin x sin y
    >>> found = qxai.anova(model, qxai.Marginals([[0, 0], [1, 1], [-1, -1]]))
    >>> print(found.sets, found.variances.round(3), round(found.total_variance, 3))
    ((0, 1),) [0.223] 0.223
    """

    sets: tuple[tuple[int, ...], ...]
    variances: Array
    mean: float
    feature_names: tuple[str, ...]

    @property
    def total_variance(self) -> float:
        """Variance of the output."""
        return float(self.variances.sum())

    @property
    def shares(self) -> Array:
        """Each set's share of the variance, (S,); 0 for a constant."""
        return self.variances / (self.total_variance or 1.0)

    @property
    def by_order(self) -> Array:
        """Share of sets of 0, 1, … d features, (d + 1,)."""
        sizes = [len(members) for members in self.sets]
        count = len(self.feature_names) + 1
        return np.bincount(np.array(sizes, np.intp), self.shares, minlength=count).astype(float)

    @property
    def first(self) -> Array:
        """First-order Sobol indices: share of each feature alone, (d,)."""
        return self._summed(lambda i, members: members == (i,))

    @property
    def total(self) -> Array:
        """Total Sobol indices: share of all sets with the feature, (d,)."""
        return self._summed(lambda i, members: i in members)

    def _summed(self, counts: Any) -> Array:
        d = len(self.feature_names)
        return np.array(
            [
                sum(s for members, s in zip(self.sets, self.shares) if counts(i, members))
                for i in range(d)
            ],
            dtype=float,
        )

    def table(self) -> Table:
        """Return the sets of the largest variance, and what share is left."""
        shown = self.sets[:MOST_ROWS]
        names = [" × ".join(self.feature_names[i] for i in members) for members in shown]
        shares = self.shares[:MOST_ROWS].tolist()
        if len(self.sets) > MOST_ROWS:
            names.append(f"{len(self.sets) - MOST_ROWS} smaller sets")
            shares.append(float(self.shares[MOST_ROWS:].sum()))
        caption = f"functional ANOVA, shares of the variance {self.total_variance:.4g}"
        return Table({"set": names, "share": shares}, caption=caption)

    def __repr__(self) -> str:
        """Write the table as text."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def anova(model: Evaluator, marginals: Marginals) -> Anova:
    """Split a model's variance over independent features among all sets of them, exactly.

    ``f = Σ_S f_S`` with ``f_S`` a function of the features in ``S`` whose mean over any one of
    them is 0 (Hoeffding 1948; Sobol' 2001). Features are independent, each distributed as in the
    sample. The components at an input are the dividends of the game against those marginals:
    ``qxai.interactions(model, X, marginals, index="Moebius")``. Their variances come from one
    change of basis of each axis of the model's tensor.

    Parameters
    ----------
    model : model with a multilinear form
        Its tensor, or those of its light cones, have to fit in memory.
    marginals : Marginals
        How each feature is distributed.

    Returns
    -------
    Anova
        Sets whose variance is not 0, and Sobol indices for this distribution.

    Raises
    ------
    TypeError
        If ``marginals`` are none, or the model has no such form.
    ValueError
        If the tensor is too large.

    Examples
    --------
    >>> import cirq, numpy as np, qxai, sympy
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> rows = np.arange(4)[:, None] * [np.pi / 2, np.pi / 2]  # all quarters: the mean is 0
    >>> qxai.anova(model, qxai.Marginals(rows))
    functional ANOVA, shares of the variance 0.25
    set      share
    x0 × x1   1.00
    """
    check_model(model)
    if not isinstance(marginals, Marginals):
        raise TypeError(f"marginals: expected qxai.Marginals(sample), found {marginals!r}")
    d, names = model.num_features, feature_names(model)
    marginals = marginals.matched(d, names)
    form: Any = game_form(model)
    if form is None:
        raise TypeError(
            "model: expected an exact one with a polynomial, found one without; "
            "qxai.partial_dependence and qxai.permutation_importance ask for values only"
        )
    tensors = list(_tensors(form))
    bases = [_basis(v) for v in form.vectors(marginals.sample)]
    found: dict[tuple[int, ...], Any] = {}
    for places, tensor in tensors:
        turned = _turned(tensor, [bases[i] for i in places])
        for members in sets_up_to(range(len(places)), len(places), 0):
            entries = tuple(slice(1, None) if k in members else 0 for k in range(len(places)))
            key = tuple(places[k] for k in members)
            found[key] = found.get(key, 0.0) + turned[entries]
    mean = float(found.pop(()))
    variances = {key: float(np.sum(entries**2)) for key, entries in found.items()}
    least = ROUNDING * sum(variances.values())
    order = sorted((k for k in variances if variances[k] > least), key=lambda k: -variances[k])
    return Anova(
        sets=tuple(order),
        variances=np.array([variances[key] for key in order]),
        mean=mean,
        feature_names=names or tuple(f"x{i}" for i in range(d)),
    )


def _tensors(form: Any) -> Iterator[tuple[Sequence[int], Array]]:
    """Yield dense tensors of some features each, whose sum the model is."""
    form = getattr(form, "form", form)
    if hasattr(form, "places"):
        yield from ((place, part.coefficients) for place, part in zip(form.places, form.parts))
        return
    if not hasattr(form, "dense"):
        raise TypeError(
            "anova needs a model that is a sum of waves of its features, found one in mixed "
            'columns; qxai.interactions(model, X, marginals, index="Moebius") finds its components '
            "at inputs"
        )
    yield range(form.num_features), form.dense().coefficients


def _basis(vectors: Array) -> Array:
    """Return how functions (B, K) become 1 and uncorrelated ones of mean 0, (K, K).

    Row ``k`` of the coefficients turns into the sum of rows with these weights.
    """
    mean = vectors.mean(axis=0)
    centred = vectors[:, 1:] - mean[1:]
    values, axes = np.linalg.eigh(centred.T @ centred / len(vectors))
    result = np.zeros((len(mean), len(mean)))
    result[0] = mean
    result[1:, 1:] = (axes * np.sqrt(np.maximum(values, 0))).T
    return result


def _turned(tensor: Array, bases: Sequence[Array]) -> Array:
    """Return a tensor's coefficients of other functions of each feature."""
    for axis, basis in enumerate(bases):
        tensor = np.moveaxis(np.tensordot(basis, tensor, axes=(1, axis)), 0, axis)
    return tensor
