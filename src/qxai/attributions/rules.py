"""The rules of QLRP: how one layer hands relevance back.

A layer turns activations ``a`` into ``a' = T a + Σ_i z_i``; ``z_i`` is what feature ``i`` adds, if
any enters. Relevance is written ``R_P = a_P c_P``, so that nothing is ever divided by an
activation, and a rule maps the coefficients ``c'`` behind the layer to ``c`` before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qxai.core import Array

TINY = np.finfo(float).tiny  # makes 0/0 zero, and changes no other quotient


class Layer(Protocol):
    """A linear map of activation vectors (S, N), and its absolute value."""

    @property
    def features(self) -> Sequence[int]:
        """The features that enter, in the order of what they add."""

    @property
    def permutes(self) -> bool:
        """Whether each output is one input, up to a sign."""

    def forward(self, activations: Array) -> Array:
        """Multiply by ``T``."""

    def backward(self, coefficients: Array) -> Array:
        """Multiply by ``Tᵀ``."""

    def forward_absolute(self, activations: Array) -> Array:
        """Multiply by ``|T|``."""

    def backward_absolute(self, coefficients: Array) -> Array:
        """Multiply by ``|T|ᵀ``."""


@dataclass(frozen=True, eq=False)
class Step:
    """A layer with what flowed through it: ``before`` and ``after`` (S, N), and each ``z_i``."""

    layer: Layer
    before: Array
    after: Array
    added: Sequence[Array]


class Rule(Protocol):
    """One way to hand relevance back."""

    @property
    def name(self) -> str:
        """What figures and tables call the rule."""

    def back(self, step: Step, coefficients: Array) -> tuple[Array, list[Array]]:
        """Return the coefficients before the layer, and each entering feature's relevance (N,)."""


@dataclass(frozen=True)
class Zero:
    """In proportion to the contributions: ``c = Tᵀ c'``.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> from math import pi
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.SQRT_ISWAP(*q)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]))  # (cos x0 + cos x1) / 2
    >>> print(qxai.qlrp(model, [[0, 2 * pi / 3]], qxai.Zero()).values.round(3))
    [[ 0.5  -0.25]]
    """

    @property
    def name(self) -> str:
        """What figures and tables call the rule."""
        return "QLRP-zero"

    def back(self, step: Step, coefficients: Array) -> tuple[Array, list[Array]]:
        """Return the coefficients before the layer, and each entering feature's relevance (N,)."""
        return step.layer.backward(coefficients), [_sum(coefficients * z) for z in step.added]


@dataclass(frozen=True)
class Epsilon:
    """The zero rule, with the relevance of weak activations absorbed: ``c' |a'| / (|a'| + ε)``.

    The identity string, whose activation is 1 in every state, is exempt. What is absorbed shows
    as residual.

    Attributes
    ----------
    epsilon : float
        In units of an activation, which lies between −1 and 1.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> from math import pi
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.SQRT_ISWAP(*q)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]))  # (cos x0 + cos x1) / 2
    >>> found = qxai.qlrp(model, [[0, 2 * pi / 3]], qxai.Epsilon(0.25))
    >>> print(found.values.round(3))  # of ½ and −¼, halved: the activation is as large as ε
    [[ 0.25  -0.125]]
    """

    epsilon: float

    def __post_init__(self) -> None:
        """Refuse what would divide by zero or create relevance."""
        _check("epsilon", self.epsilon)

    @property
    def name(self) -> str:
        """What figures and tables call the rule."""
        return f"QLRP-ε ({self.epsilon:g})"

    def back(self, step: Step, coefficients: Array) -> tuple[Array, list[Array]]:
        """Return the coefficients before the layer, and each entering feature's relevance (N,)."""
        size = np.abs(step.after)
        kept = np.divide(size, size + self.epsilon, out=size)
        kept[0] = 1.0
        return Zero().back(step, coefficients * kept)


@dataclass(frozen=True)
class Gamma:
    """Contributions that agree in sign with their sum count ``1 + γ`` times; relevance is kept.

    Attributes
    ----------
    gamma : float

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> from math import pi
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x) + cirq.SQRT_ISWAP(*q)
    >>> model = qxai.PQC(circuit, x, cirq.Z(q[0]))  # (cos x0 + cos x1) / 2
    >>> found = qxai.qlrp(model, [[0, 2 * pi / 3]], qxai.Gamma(1))
    >>> print(found.values.round(3))  # 2 · ½ and −¼, scaled to sum to the output, ¼
    [[ 0.333 -0.083]]
    """

    gamma: float

    def __post_init__(self) -> None:
        """Refuse what would divide by zero."""
        _check("gamma", self.gamma)

    @property
    def name(self) -> str:
        """What figures and tables call the rule."""
        return f"QLRP-γ ({self.gamma:g})"

    def back(self, step: Step, coefficients: Array) -> tuple[Array, list[Array]]:
        """Return the coefficients before the layer, and each entering feature's relevance (N,).

        With ``s = sign a'`` the contributions that agree sum to ``Σ (s T a)⁺ + Σ_i (s z_i)⁺``,
        which is ``(|a'| + |T||a| + Σ_i |z_i|) / 2`` as all of them sum to ``a'``; each output is
        normalised by ``g = |a'| / (|a'| + γ`` times that sum ``)``. The sign of a zero does not
        matter: such a string has no relevance, and gets none.
        """
        layer, half = step.layer, self.gamma / 2
        if layer.permutes:
            return Zero().back(step, coefficients)  # see `passes_permutations`
        size = np.abs(step.after)
        total = layer.forward_absolute(np.abs(step.before))
        for part in (*map(np.abs, step.added), size):
            total += part
        total *= half
        total += size
        # In place, as below, because new memory costs more than the arithmetic.
        scaled = np.divide(size, np.maximum(total, TINY, out=total), out=size)
        scaled *= coefficients
        signed = np.copysign(half, step.after, out=total)
        signed *= scaled
        relevance = [(1 + half) * _sum(scaled * z) + _sum(signed * np.abs(z)) for z in step.added]
        agreed = layer.backward_absolute(signed)
        agreed *= np.copysign(1.0, step.before, out=total)
        direct = layer.backward(scaled)
        direct *= 1 + self.gamma / 2
        direct += agreed
        return direct, relevance


def passes_permutations(rule: Rule) -> bool:
    """Tell whether layers that only permute strings and change signs hand relevance on unchanged.

    Such a layer's output ``a'_P = ±a_Q`` has one contribution, which agrees with its sum; gamma
    weighs it ``1 + γ`` and normalises by ``|a'| / (|a'| + γ|a'|)``, together 1. Several such layers
    are then as one. Epsilon absorbs at each of them; of a rule made elsewhere nothing is known.
    """
    return isinstance(rule, Zero | Gamma)


def _sum(values: Array) -> Array:
    return values.sum(axis=0)


def _check(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name}: expected a positive number, found {value}; Zero() is the limit")
