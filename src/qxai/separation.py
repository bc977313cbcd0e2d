"""Exponents taken apart into terms of one feature each.

Powers of one gate commute: ``G**(a x_0 + b x_1 + c)`` is ``G**(a x_0 + c) · G**(b x_1)``. So a gate
whose exponent is a sum of functions of one feature each is as many gates, all in one moment, each
linear in one *angle*: a feature, or a function of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy

from qxai.angles import AngleTable
from qxai.compiled import CompiledCircuit, angle_symbol
from qxai.core import Array, NoClosedFormError
from qxai.memory import kept_with
from qxai.spectra import with_exponent

Core = Any  # a sympy.Expr: a function of one feature, without a number or a parameter as a factor
INSTEAD = (
    "values, gradient, occlusion, shapley and taylor(order=inf) need no polynomial, other methods "
    "have samples= or steps="
)


@dataclass(frozen=True, eq=False)
class Separated:
    """A circuit whose exponents are linear in one angle each, and what the angles are.

    Attributes
    ----------
    circuit : CompiledCircuit
        Its features are the angles.
    written_out : CompiledCircuit
        The same with the features themselves in its exponents.
    cores : tuple of (int, sympy.Expr), length A
        For each angle the feature that it is a function of, and the function. Those of one
        feature stand together, features in order; one that enters nowhere has itself.
    features, parameters : tuples of sympy.Symbol, lengths d and P
    """

    circuit: CompiledCircuit
    written_out: CompiledCircuit
    cores: tuple[tuple[int, Core], ...]
    features: tuple[sympy.Symbol, ...]
    parameters: tuple[sympy.Symbol, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the angles are the features."""
        return all(core == self.features[i] for i, core in self.cores)

    def angles(self, X: Array, parameters: Array) -> Array:
        """Return the angles (N, A) at inputs (N, d).

        Raises
        ------
        ValueError
            If one is complex or not finite there.
        """
        return self._table.table(X, parameters)

    @cached_property
    def _table(self) -> AngleTable:
        return AngleTable(tuple(core for _, core in self.cores), self.features, self.parameters)


def separated(circuit: CompiledCircuit) -> Separated:
    """Take the exponents of a circuit apart; one without sums or functions stays as it is.

    Raises
    ------
    NoClosedFormError
        If two features meet in a product, or within a function.
    """
    table = circuit.angles
    if table.is_affine:
        cores = tuple(enumerate(table.features))
        return Separated(circuit, circuit, cores, table.features, table.parameters)
    return _taken_apart(circuit)


@kept_with
def _taken_apart(circuit: CompiledCircuit) -> Separated:
    table = circuit.angles
    terms = [_terms(table, angle) for angle in range(len(table.expressions))]
    cores = _cores(table.features, terms)
    names = _names(cores, table)
    operations = []
    inner: list[sympy.Expr] = []
    outer: list[sympy.Expr] = []
    for op in circuit.operations:
        if op.angle is None:
            operations.append(op)
            continue
        inner += _split(terms[op.angle], dict(zip(cores, names)))
        outer += _split(terms[op.angle], {key: key[1] for key in cores})
        for angle in range(len(inner) - max(1, len(terms[op.angle][1])), len(inner)):
            gate = with_exponent(op.gate, angle_symbol(angle))
            operations.append(replace(op, gate=gate, angle=angle))
    angles = AngleTable(tuple(inner), tuple(names), table.parameters)
    apart = replace(circuit, operations=tuple(operations), angles=angles)
    written_out = replace(apart, angles=replace(table, expressions=tuple(outer)))
    return Separated(apart, written_out, cores, table.features, table.parameters)


Terms = tuple[sympy.Expr, list[tuple[tuple[int, Core], sympy.Expr]]]  # rest, (core, factor) pairs


def _terms(table: AngleTable, angle: int) -> Terms:
    """Write an exponent as a rest without features and multiples of functions of one feature."""
    expression, entering = table.expressions[angle], table.entering(angle)
    if not entering:
        return expression, []
    features = {table.features[i]: i for i in entering}
    rest: sympy.Expr = sympy.Integer(0)
    found: dict[tuple[int, Core], sympy.Expr] = {}
    for term in sympy.Add.make_args(sympy.expand(expression)):
        met = term.free_symbols & features.keys()
        if not met:
            rest += term
            continue
        if len(met) > 1:
            raise NoClosedFormError(
                f"polynomial: expected every exponent to be a sum of functions of one feature, "
                f"found {expression}; {INSTEAD}"
            )
        factor, core = term.as_independent(*met, as_Add=False)
        key = features[met.pop()], core
        found[key] = found.get(key, sympy.Integer(0)) + factor
    return rest, list(found.items())


def _cores(features: Sequence[sympy.Symbol], terms: Sequence[Terms]) -> tuple[Any, ...]:
    """Return all functions, those of one feature together; a feature itself comes first."""
    met = dict.fromkeys(core for _, parts in terms for core, _ in parts)
    found = []
    for i, feature in enumerate(features):
        own = [key for key in met if key[0] == i]
        own.sort(key=lambda key: (key[1] != feature, sympy.default_sort_key(key[1])))
        found += own or [(i, feature)]
    return tuple(found)


def _names(cores: Sequence[tuple[int, Core]], table: AngleTable) -> list[sympy.Symbol]:
    """Return a symbol for each angle; a feature that is its own angle keeps its name."""
    taken = {str(symbol) for symbol in (*table.features, *table.parameters)}
    names = []
    for i, core in cores:
        feature = table.features[i]
        name = str(feature) if core == feature else f"{core}"
        while name in taken and core != feature:
            name += "_"
        taken.add(name)
        names.append(sympy.Symbol(name, real=True))
    return names


def _split(terms: Terms, names: Mapping[tuple[int, Core], sympy.Expr]) -> list[sympy.Expr]:
    rest, parts = terms
    if not parts:
        return [rest]
    first, *others = [factor * names[core] for core, factor in parts]
    return [first + rest, *others]


def is_separable(circuit: CompiledCircuit) -> bool:
    """Tell whether every exponent is a sum of functions of one feature."""
    return in_parts(circuit) is not circuit or circuit.angles.is_affine


def in_parts(circuit: CompiledCircuit) -> CompiledCircuit:
    """Return a circuit with sums of features as gates of their own, where that can be."""
    try:
        return separated(circuit).written_out
    except NoClosedFormError:
        return circuit
