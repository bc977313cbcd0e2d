"""Features that come and go together: groups of them as players of one game."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qxai.core import Indices, Mask

EXPECTED = (
    "groups: expected a mapping from names to features, lists of features, or one whole number a "
    "feature (equal ones belong together)"
)


@dataclass(frozen=True, eq=False)
class Players:
    """Who shares an output: features, or groups of features with one coin each.

    Attributes
    ----------
    owner : ndarray of int, shape (d,)
        Which player each feature belongs to; players are numbered by their first feature.
    names : tuple of str, length G, or None
        None where neither features nor groups have names.
    """

    owner: Indices
    names: tuple[str, ...] | None

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """The features of each player."""
        return tuple(
            tuple(np.flatnonzero(self.owner == g).tolist()) for g in range(len(set(self.owner)))
        )

    @property
    def count(self) -> int:
        """How many players there are."""
        return int(self.owner.max()) + 1

    @property
    def are_features(self) -> bool:
        """Whether every player is one feature."""
        return self.count == len(self.owner)

    def present(self, coalitions: Mask) -> Mask:
        """Return which features are there, (…, d), for coalitions of players (…, G)."""
        return coalitions[..., self.owner]


def as_players(groups: Any, names: Sequence[str] | None, num_features: int) -> Players:
    """Return the players that ``groups`` asks for; a feature in no group is one by itself.

    Parameters
    ----------
    groups : None, mapping from str to features, sequence of features, or array of int (d,)
        Features are named or numbered. Whole numbers, one a feature, are captum's masks.
    names : sequence of str, length d, or None
        Of the features.
    num_features : int

    Raises
    ------
    ValueError
        If a feature is unknown or in several groups.
    TypeError
        If ``groups`` is something else.
    """
    if groups is None:
        return Players(np.arange(num_features), None if names is None else tuple(names))
    listed = _listed(groups, num_features)
    labels = [label for label, _ in listed]
    parts = [_numbered(part, names, num_features) for _, part in listed]
    taken = [i for part in parts for i in part]
    if twice := sorted({_name(i, names) for i in taken if taken.count(i) > 1}):
        raise ValueError(
            f"groups: expected every feature in at most one group, found {', '.join(twice)} in "
            "several; leave it in one"
        )
    alone = [([i], None) for i in range(num_features) if i not in taken]
    players = sorted([*zip(parts, labels), *alone], key=lambda player: player[0])
    owner = np.empty(num_features, np.intp)
    for number, (part, _) in enumerate(players):
        owner[part] = number
    return Players(owner, _titles(players, names))


def _listed(groups: Any, num_features: int) -> list[tuple[str | None, Any]]:
    """Return groups with their names, None where they have none."""
    if isinstance(groups, Mapping):
        return [(str(label), part) for label, part in groups.items()]
    if isinstance(groups, str) or not hasattr(groups, "__len__"):
        raise TypeError(f"{EXPECTED}, found {groups!r}")
    if isinstance(groups, np.ndarray) and groups.shape == (1, num_features):  # captum's form
        groups = groups[0]
    if all(isinstance(mark, int | np.integer) and not _is_truth(mark) for mark in groups):
        marks = np.asarray(groups)
        if marks.shape != (num_features,):
            raise ValueError(f"{EXPECTED}, found {len(marks)} numbers for {num_features} features")
        return [(None, np.flatnonzero(marks == mark)) for mark in dict.fromkeys(marks.tolist())]
    return [(None, part) for part in groups]


def _numbered(part: Any, names: Sequence[str] | None, num_features: int) -> list[int]:
    """Return the sorted positions of a group's features."""
    if isinstance(part, str) or not hasattr(part, "__len__") or not len(part):
        raise ValueError(f"{EXPECTED}, found the group {part!r}; write a list of features")
    found = sorted(_position(feature, names, num_features) for feature in part)
    if len(set(found)) < len(found):
        raise ValueError(
            f"groups: expected each feature once in a group, found {part!r}; write it once, and "
            "one number a feature as a flat list"
        )
    return found


def _is_truth(value: object) -> bool:
    return isinstance(value, bool | np.bool_)


def _position(feature: Any, names: Sequence[str] | None, num_features: int) -> int:
    number = isinstance(feature, int | np.integer) and not _is_truth(feature)
    if number and 0 <= feature < num_features:
        return int(feature)
    if names is not None and feature in names:
        return list(names).index(feature)
    known = f"0 to {num_features - 1}" + (f", or {', '.join(names)}" if names else "")
    raise ValueError(f"groups: expected features among {known}, found {feature!r}")


def _name(feature: int, names: Sequence[str] | None) -> str:
    return f"x{feature}" if names is None else names[feature]


def _titles(players: Sequence[Any], names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None and all(label is None for _, label in players):
        return None
    titles = [
        " + ".join(_name(i, names) for i in part) if label is None else label
        for part, label in players
    ]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(
            f"groups: expected different names, found {', '.join(twice)} for several players; "
            "give the group a name that no feature has"
        )
    return tuple(titles)
