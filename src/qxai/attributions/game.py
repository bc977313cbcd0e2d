"""The whole game of an input: what every set of features adds, all 2^d dividends at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qxai.absence import Absent, chosen, start_vectors
from qxai.asking import error_of, game_form, together
from qxai.attributions.enumeration import enumerated
from qxai.background import Background
from qxai.checks import batches
from qxai.core import Array, Evaluator, Multilinear
from qxai.lattice import bitmasks, moebius, sets_up_to, sums_over_subsets
from qxai.memory import check_size
from qxai.question import Question, asked

Places = tuple[int, ...]
FEWER = (
    "explain fewer inputs at once, or ask for small sets only: "
    'qxai.interactions(model, X, baseline, index="Moebius", order=2)'
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Game:
    """The game of each input: what each set of present features is worth, and adds.

    Sets are numbered by bitmask, feature 0 the least significant bit: number 5 = 1 + 4 is the set
    of features 0 and 2.

    Attributes
    ----------
    dividends : ndarray, shape (N, 2^d)
        ``h_T``, what a set adds to all its subsets (Harsanyi 1963), in units of the output: the
        first is the output with every feature absent, and all together are the output.
    evaluations : int
        Circuit runs that a device would need.
    feature_names : tuple of str, length d, or None
        Names of the features.
    standard_error : ndarray, shape (N, 2^d), or None
        Standard error of the dividends where the model was sampled; None where they are exact.
    shots : int
        Shots spent; 0 where the dividends are exact.
    route : str
        How they were found.

    Examples
    --------
    >>> import qxai
    >>> model = qxai.Function(lambda X: X[:, 0] * X[:, 1] + 1, num_features=2)
    >>> print(qxai.game(model, [[2, 3]]).dividends)
    [[1. 0. 0. 6.]]
    """

    dividends: Array
    evaluations: int
    feature_names: Sequence[str] | None = None
    standard_error: Array | None = None
    shots: int = 0
    route: str = ""

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.dividends)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Game: {len(self)} inputs, {self.num_features} features, {self.route}>"

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return self.dividends.shape[1].bit_length() - 1

    @property
    def values(self) -> Array:
        """The model's output with each set of features present, (N, 2^d)."""
        return sums_over_subsets(self.dividends)

    @property
    def sets(self) -> list[tuple[int, ...]]:
        """The features of each set, in the order of the columns."""
        sets = sets_up_to(range(self.num_features), self.num_features, 0)
        return [sets[place] for place in np.argsort(bitmasks(sets))]


def game(model: Evaluator, X: ArrayLike, baseline: Any = 0.0) -> Game:
    """Return all dividends of each prediction, exactly.

    A model that is linear in one vector per feature gives them in one contraction: axis ``i``
    takes the pair ``(φ(x̃_i), φ(x_i) − φ(x̃_i))``, and of each choice of one from every pair comes
    one dividend. Nothing is subtracted but the vectors, so small dividends keep their digits. Any
    other model is run in all 2^d coalitions, and a fast Möbius transform follows.

    Parameters
    ----------
    model : Evaluator
    X : array_like, shape (N, d)
        Inputs, in radians.
    baseline : array_like, scalar, shape (d,) or (N, d); mapping; Background; Marginals
        What an absent feature is set to; of a sample, its mean output over the rows counts.

    Returns
    -------
    Game
        ``evaluations`` is ``N 2^d``, times the rows of a `Background`.

    Raises
    ------
    ValueError
        If an array has another shape or is not finite, the dividends do not fit in memory, or
        there are too many coalitions to run.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]) * cirq.Z(q[1]))  # cos x0 cos x1
    >>> from math import pi
    >>> found = qxai.game(model, [[pi / 2, pi / 3]])
    >>> print(found.dividends.round(3))  # of no feature, x0, x1, both
    [[ 1.  -1.  -0.5  0.5]]
    """
    question = asked(model, X, baseline)
    n, d = question.inputs.shape
    check_size(8 * n << d, f"the dividends of {n} inputs", FEWER)
    form = game_form(model)
    if form is None:
        return _enumerated(model, question)
    result = np.empty((n, 1 << d))
    for rows, parts in closed_games(form, question):
        result[rows] = _whole(parts, d)
    return Game(
        dividends=result,
        evaluations=result.size * rows_of(question.absent),
        feature_names=question.players.names,
        route="closed form",
    )


def rows_of(absent: Absent | None) -> int:
    """Return how many rows a sample has that is gone through; 1 of anything else."""
    return len(absent.sample) if isinstance(absent, Background) else 1


def _whole(parts: Sequence[tuple[Places, Array]], d: int) -> Array:
    """Add games of some features up to one of all, (n, 2^d)."""
    places, dividends = parts[0]
    if len(places) == d:
        return dividends
    result = np.zeros((len(dividends), 1 << d))
    for places, dividends in parts:
        result[:, _embedded(places)] += dividends
    return result


def _embedded(places: Places) -> Any:
    """Return the bitmasks among all features of all sets of some."""
    masks = np.arange(1 << len(places))
    return sum(((masks >> bit & 1) << place for bit, place in enumerate(places)), 0 * masks)


def closed_games(
    form: Multilinear, question: Question
) -> Iterator[tuple[slice, list[tuple[Places, Array]]]]:
    """Yield, for some inputs at a time, dividends (n, 2^m) of games whose sum is the model's.

    A form that is a sum of parts of few features gives a game of few players for each.
    """
    find = _way(form)
    size = game_size(form)
    check_size(8 * size, "the dividends of one input", FEWER)
    for rows in batches(len(question.inputs), size):
        inputs, absent = question.inputs[rows], chosen(question.absent, rows)  # type: ignore[arg-type]
        after = form.vectors(inputs)
        if not isinstance(absent, Background):
            yield rows, find(start_vectors(form, absent), after)
            continue
        yield rows, _mean_game([form.vectors(row[None]) for row in absent.sample], after, find)


def _mean_game(
    starts: list[list[Array]], after: Sequence[Array], find: Callable[..., Any]
) -> list[tuple[Places, Array]]:
    """Average the dividends over the rows of a sample, one row at a time."""
    total = find(starts[0], after)
    for start in starts[1:]:
        for (_, sums), (_, dividends) in zip(total, find(start, after)):
            sums += dividends
    return [(places, sums / len(starts)) for places, sums in total]


def game_size(form: Multilinear) -> int:
    """Return how many dividends one input has in all parts of a form."""
    own = getattr(form, "game_size", None)
    return 1 << form.num_features if own is None else int(own)


def _way(form: Multilinear) -> Callable[..., list[tuple[Places, Array]]]:
    """Return what finds the dividends between two sets of vectors."""
    own = getattr(form, "dividends", None)
    return own if own is not None else lambda before, after: _by_values(form, before, after)


def _by_values(
    form: Multilinear, before: Sequence[Array], after: Sequence[Array]
) -> list[tuple[Places, Array]]:
    """Contract in all coalitions, and transform."""
    d, n = form.num_features, len(after[0])
    values = np.empty((n, 1 << d))
    masks = np.arange(1 << d)
    for part in batches(1 << d, n, together(form)):
        present = masks[part] >> np.arange(d)[:, None] & 1 > 0
        mixed = [
            np.where(there[:, None], b[:, None], np.broadcast_to(a, b.shape)[:, None])
            for there, a, b in zip(present, before, after)
        ]
        flat = [v.reshape(-1, v.shape[2]) for v in mixed]
        values[:, part] = form.contract(flat).reshape(n, -1)
    return [(tuple(range(d)), moebius(values))]


def _enumerated(model: Evaluator, question: Question) -> Game:
    """Run all coalitions, and transform; variances add up over subsets."""
    n, d = question.inputs.shape
    result, error, evaluations, shots = np.empty((n, 1 << d)), np.empty((n, 1 << d)), 0, 0
    _, games = enumerated(model, question, "explain fewer inputs at once, or fewer features")
    for rows, found in games:
        result[rows] = moebius(found.values)
        error[rows] = np.sqrt(sums_over_subsets(found.standard_error**2))
        evaluations, shots = evaluations + found.evaluations, shots + found.shots
    return Game(
        dividends=result,
        evaluations=evaluations,
        feature_names=question.players.names,
        standard_error=error_of(error, shots),
        shots=shots,
        route=f"enumeration of 2^{d} coalitions",
    )
