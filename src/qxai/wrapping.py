"""What to say to somebody who explains a thing that is no model: how to make it one."""

from collections.abc import Mapping
from typing import Any

CLASSIC = ("decision_function", "predict_proba", "predict")  # scikit-learn's, the smoothest first


def not_a_model(thing: object) -> str:
    """Return what was expected of a model, what was found, and how to make it one.

    No other library is imported: a thing is known by what it has. The advice calls it ``model``,
    its inputs ``X`` and the number of features ``d``.

    Parameters
    ----------
    thing : object
        What was handed over as a model.

    Returns
    -------
    str
        A message for a ``TypeError``.
    """
    if isinstance(thing, Mapping) and thing:
        return _several(thing)
    kinds = (
        _a_class,
        _explainer,
        _circuit,
        _torch,
        _network,
        _node,
        _estimator,
        _function,
    )
    advice = next((said for kind in kinds if (said := kind(thing))), "")
    return (
        "model: expected a model of qxai, with num_features and values(X), found "
        f"{_described(thing)}; {advice or 'the model comes first, then X: see qxai.PQC'}"
    )


def _described(thing: Any) -> str:
    """Name a class or a function, or the class of another thing."""
    named = isinstance(thing, type) or type(thing).__name__ == "function"
    kind = thing if named else type(thing)
    article = "" if named else "an object of "
    return f"{article}{kind.__module__}.{kind.__qualname__}"


def _has(thing: object, *names: str) -> bool:
    return all(callable(getattr(thing, name, None)) for name in names)


def _of(thing: object, library: str) -> bool:
    """Whether a thing's class, or one that it inherits from, is defined by a library."""
    return any(kind.__module__.split(".")[0] == library for kind in type(thing).__mro__)


def _a_class(thing: object) -> str:
    return f"make one of this class: {thing.__name__}(...)" if isinstance(thing, type) else ""


def _several(outputs: Mapping[Any, Any]) -> str:
    """Advise to choose one of several outputs, or the difference of two."""
    first, *others = map(repr, outputs)
    contrast = f", or by difference, outputs[{first}] - outputs[{others[0]}]" if others else ""
    return (
        f"model: expected one output, found {len(outputs)}; choose one by name, "
        f"outputs[{first}]{contrast}"
    )


def _explainer(thing: object) -> str:
    """Advise to ask an estimator of ours, which knows its columns."""
    return "it explains itself, by column: model.explain(X)" if _has(thing, "explain") else ""


def _circuit(thing: Any) -> str:
    """Advise what makes a model of a circuit: features and an observable."""
    if _of(thing, "qiskit") and hasattr(thing, "qregs"):
        return "read it: qxai.PQC(qxai.read_qasm(qiskit.qasm3.dumps(model)), features, observable)"
    if not _has(thing, "all_qubits"):
        return ""
    return (
        "add the symbols of its features and an observable, such as observable = cirq.Z(qubit): "
        "qxai.PQC(model, features, observable)"
    )


def _torch(thing: Any) -> str:
    """Advise to hand a module of PyTorch tensors of its own precision."""
    if not _has(thing, "forward", "parameters"):
        return ""
    dtype = getattr(next(iter(thing.parameters()), None), "dtype", "torch.float32")
    return (
        "wrap it: qxai.Function(torch.no_grad()(lambda X: model(torch.as_tensor(X, "
        f"dtype={dtype}))), num_features=d)"
    )


def _network(thing: Any) -> str:
    """Advise to bind the weights of a network of Qiskit."""
    if not (_has(thing, "forward") and hasattr(thing, "num_inputs")):
        return ""
    weights = "weights" if getattr(thing, "num_weights", 1) else "None"
    return (
        f"wrap it: qxai.Function(lambda X: model.forward(X, {weights}), "
        f"num_features={thing.num_inputs})"
    )


def _node(thing: object) -> str:
    """Advise to call a circuit of PennyLane for each input: few take a batch."""
    if not (type(thing).__name__ == "QNode" or (_of(thing, "pennylane") and callable(thing))):
        return ""
    return "wrap it: qxai.Function(qxai.each_row(model), num_features=d)"


def _estimator(thing: Any) -> str:
    """Advise the smoothest output that an estimator of scikit-learn, or of Keras, has."""
    method = next((name for name in CLASSIC if _has(thing, name)), "")
    if not method:
        return ""
    classes = getattr(thing, "classes_", ())
    column = {"predict_proba": 1, "decision_function": 0 if len(classes) > 2 else None}.get(method)
    values = f"model.{method}" if column is None else f"lambda X: model.{method}(X)[:, {column}]"
    d = getattr(thing, "n_features_in_", "d")
    return f"wrap it: qxai.Function({values}, num_features={d})"


def _function(thing: object) -> str:
    return "wrap it: qxai.Function(model, num_features=d)" if callable(thing) else ""
