"""Several outputs of the same features: classes, observables, columns of a function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import cirq
from numpy.typing import ArrayLike

from qxai.backends.statevector import Statevector
from qxai.checks import as_inputs, check_count
from qxai.core import Array, Backend, Estimate
from qxai.models.circuit import PQC
from qxai.models.combination import INSTEAD, check_same_features, is_model
from qxai.models.function import Function
from qxai.models.head import Probability, linear_head
from qxai.models.probability import Observable
from qxai.models.refusals import Symbol
from qxai.models.together import Column, estimates, slopes
from qxai.models.wrapping import Checked, Map
from qxai.table import Table

SHOWN = 6  # names in a repr


@dataclass(frozen=True, eq=False, repr=False)
class Outputs(Mapping[str, Any]):
    """Several outputs by name, each a model of the same features.

    An attribution explains *one* output: choose it by its name, ``outputs["setosa"]``, or take a
    contrast, ``outputs["setosa"] - outputs["virginica"]``, which says what speaks for one class
    and against another. A contrast of models with polynomials has one too, so it is explained
    exactly.

    Parameters
    ----------
    models : mapping from str to model
        In the order of the classes; at least one.

    Raises
    ------
    TypeError
        If it is no mapping, a name is no text, or something in it is no model.
    ValueError
        If it is empty, or the models differ in their features.

    Notes
    -----
    As a mapping it has ``keys()`` and ``items()``; ``values(X)`` are the outputs' values, the
    models are ``list(outputs.models.values())``.

    Examples
    --------
    >>> import cirq, sympy, qxai
    >>> q, x = cirq.LineQubit.range(2), sympy.symbols("x:2")
    >>> circuit = qxai.ansatz.angle_encoding(q, x)
    >>> outputs = qxai.Outputs.of(circuit, x, {"a": cirq.Z(q[0]), "b": cirq.Z(q[1])})
    >>> print(outputs, outputs.values([[0, 1]]).round(3))  # cos x0, cos x1
    <Outputs: 2 (a, b), 2 features> [[1.   0.54]]
    >>> print(qxai.shapley(outputs["a"] - outputs["b"], [[0, 1]]).values.round(3))
    [[0.   0.46]]
    """

    models: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Copy the mapping, and refuse what is no set of models of the same features."""
        if not isinstance(self.models, Mapping):
            raise TypeError(
                f"models: expected a mapping, found {type(self.models).__name__}; name each model: "
                "{name: model, …}"
            )
        for name, model in self.models.items():
            if not isinstance(name, str):
                raise TypeError(
                    f"models: expected names that are text, found {name!r}; use "
                    "{str(name): model for name, model in models.items()}"
                )
            if not is_model(model):
                raise TypeError(
                    f"models[{name!r}]: expected one model with values and num_features, found "
                    f"{type(model).__name__}; wrap a callable in qxai.Function"
                )
        if not self.models:
            raise ValueError("models: expected at least one, found none")
        check_same_features(list(self.models.values()))
        object.__setattr__(self, "models", MappingProxyType(dict(self.models)))

    @classmethod
    def of(
        cls,
        circuit: cirq.AbstractCircuit,
        features: Sequence[Symbol],
        observables: Mapping[str, Observable],
        parameters: Mapping[Symbol, float] = MappingProxyType({}),
        backend: Backend = Statevector(),  # noqa: B008  # it is frozen
    ) -> "Outputs":
        """Read several observables from one circuit.

        The circuit is compiled once. On the statevector it runs once for all observables; on a
        device each is measured with its own shots.

        Parameters
        ----------
        circuit, features : as for `PQC`
        observables : mapping from str to observable
            In the order of the classes; at least one.
        parameters, backend : as for `PQC`

        Returns
        -------
        Outputs
            Of models that are `PQC`.

        Raises
        ------
        TypeError, ValueError
            As `PQC` does, and if ``observables`` is no mapping or empty.
        """
        if not isinstance(observables, Mapping):
            raise TypeError(
                f"observables: expected a mapping, found {type(observables).__name__}; name each: "
                "{str(number): observable for number, observable in enumerate(observables)}"
            )
        models: dict[str, PQC] = {}
        for name, observable in observables.items():
            first = next(iter(models.values()), None)
            if first is None:
                models[name] = PQC(circuit, features, observable, parameters, backend)
            else:
                models[name] = first.with_observable(observable)
        return cls(models)

    @classmethod
    def of_function(
        cls, values: Map, names: Sequence[str], num_features: int, gradient: Map | None = None
    ) -> "Outputs":
        """Make a model of each column of a function that returns several outputs.

        Parameters
        ----------
        values : callable
            Maps inputs (N, d) to outputs (N, C).
        names : sequence of str, length C
            One for each column.
        num_features : int
            ``d``.
        gradient : callable, optional
            Maps inputs (N, d) to derivatives (N, C, d), per radian.

        Returns
        -------
        Outputs
            Of models that are `Function`. Asked for all values, the function runs once.

        Raises
        ------
        TypeError, ValueError
            As `Function` does, and if names are missing or appear twice.
        """
        listed = [names] if isinstance(names, str) else list(names)
        if not listed or len(set(listed)) < len(listed):
            raise ValueError(f"names: expected different ones, at least one, found {names}")
        d, count = check_count("num_features", num_features, 1), len(listed)
        if not callable(values) or not (gradient is None or callable(gradient)):
            raise TypeError(f"values, gradient: expected callables, found {values!r}, {gradient!r}")
        whole = Checked("values", values, d, (count,))
        derivatives = None if gradient is None else Checked("gradient", gradient, d, (count, d))
        models = {}
        for c, name in enumerate(listed):
            slope = None if derivatives is None else Column(derivatives, c)
            models[name] = Function(Column(whole, c), slope, d)
        return cls(models)

    def __getitem__(self, name: str) -> Any:
        """Return the model of a name."""
        try:
            return self.models[name]
        except KeyError:
            raise KeyError(f"{name!r} is no output; there are {', '.join(self.models)}") from None

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self.models)

    def __len__(self) -> int:
        """Return how many outputs there are, ``C``."""
        return len(self.models)

    def __repr__(self) -> str:
        """Say which outputs there are."""
        names = list(self)[:SHOWN] + ["…"] * (len(self) > SHOWN)
        return f"<Outputs: {len(self)} ({', '.join(names)}), {self.num_features} features>"

    def _repr_html_(self) -> str:
        models = [repr(model) for model in self.models.values()]
        return Table({"output": list(self), "model": models})._repr_html_()

    def __reduce__(self) -> tuple[Any, ...]:
        """Make a copy from the models: a read-only mapping cannot be pickled."""
        return type(self), (dict(self.models),)

    @property
    def num_features(self) -> int:
        """Number of features ``d``."""
        return next(iter(self.models.values())).num_features

    @cached_property
    def feature_names(self) -> tuple[str, ...] | None:
        """The names of the models' features; None if they have none."""
        return check_same_features(list(self.models.values()))

    def values(self, X: ArrayLike) -> Array:  # type: ignore[override]  # of a model, not a mapping
        """Return all outputs for inputs (N, d), shape (N, C); what they share runs once."""
        return self.estimate(X).values

    def estimate(self, X: ArrayLike) -> Estimate:
        """Return all outputs (N, C) with standard errors: 0 where they are exact.

        Each output that is sampled is measured on its own, so their errors are independent; but
        for those of a softmax, which share the scores.
        """
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return estimates(list(self.models.values()), inputs)

    @property
    def gradient(self) -> Callable[[ArrayLike], Array]:
        """``gradient(X)``: derivatives of all outputs for inputs (N, d), shape (N, C, d)."""
        for name, model in self.models.items():
            if not callable(getattr(model, "gradient", None)):
                raise AttributeError(
                    f"gradient: expected models that have one, found none in {name!r}, "
                    f"{type(model).__name__}; {INSTEAD['gradient']}"
                )
        return self._gradient

    def _gradient(self, X: ArrayLike) -> Array:
        inputs = as_inputs(X, self.num_features, self.feature_names)
        return slopes(list(self.models.values()), inputs)

    def with_parameters(self, values: Mapping[Symbol, float] | ArrayLike) -> "Outputs":
        """Return new outputs with other parameter values, as `PQC.with_parameters` does."""
        return self._each("with_parameters", values)

    def on(self, backend: Backend) -> "Outputs":
        """Return new outputs that run on another backend."""
        return self._each("on", backend)

    def _each(self, name: str, argument: Any) -> "Outputs":
        for key, model in self.models.items():
            if not callable(getattr(model, name, None)):
                raise TypeError(
                    f"{name}: expected outputs that are qxai.PQC, found {key!r}, "
                    f"{type(model).__name__}; change the circuits before they are combined"
                )
        changed = {key: getattr(m, name)(argument) for key, m in self.models.items()}
        return Outputs(changed)

    def linear(
        self, weights: ArrayLike, bias: ArrayLike = 0.0, names: Sequence[str] | None = None
    ) -> "Outputs":
        """Return scores ``W s + b``: a linear head behind the outputs, still in closed form.

        Parameters
        ----------
        weights : array_like, shape (C', C)
            ``W``, a row for each new output.
        bias : array_like, scalar or shape (C',)
            ``b``, in units of the new outputs.
        names : sequence of str, length C', optional
            Of the new outputs; those of the old ones if there are as many.

        Returns
        -------
        Outputs
            Exact sums: circuits that differ in the observable alone stay circuits, others become
            a `Combination`.

        Raises
        ------
        ValueError
            If shapes or names do not match, or numbers are not finite.
        """
        return Outputs(linear_head(self.models, weights, bias, names))

    def softmax(self) -> "Outputs":
        """Return the probabilities ``exp s_c / Σ_k exp s_k`` of the outputs as scores ``s``.

        They end the closed forms: attributions enumerate them or integrate in steps. Where one
        class is to be told from another, explain the difference of two *scores*: it is the
        logarithm of the ratio of both probabilities, ``log P_a − log P_b = s_a − s_b``, exactly.

        Returns
        -------
        Outputs
            Of models that are `Probability`; they sum to 1.
        """
        return Outputs({name: Probability(self, name) for name in self})
