"""What `explore` returns: one JavaScript module, shown by a widget or written into a page."""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np

from qxai.core import Array

PARTS = ("model", "pieces", "plane", "features", "tables", "style", "explorer")
VIEW = "application/vnd.jupyter.widget-view+json"


@functools.cache
def module() -> str:
    """Return the module: its parts one after the other, without what imports one from another."""
    lines = (
        line.removeprefix("export ")
        for part in PARTS
        for line in (files("qxai.widgets") / f"{part}.js").read_text("utf-8").splitlines()
        if not line.startswith(("import ", "//"))
    )
    return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class Explorer:
    """Explanations of a model, to play with; draws itself in a notebook.

    In JupyterLab it is a widget, and `x` and `baseline` are where its reader has moved them. On a
    page, or where there is no kernel, it is HTML that needs nothing else.

    Attributes
    ----------
    payload : mapping
        What the browser is told, as plain numbers and texts.

    Examples
    --------
    >>> import qxai
    >>> from qxai import widgets
    >>> model = qxai.TrigPolynomial([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1], [1]])
    >>> explorer = widgets.explore(model, [[0.4, 1.1]], baseline=0)
    >>> print(explorer.x, explorer.baseline)
    [0.4 1.1] [0. 0.]
    >>> explorer.to_html().count("<qxai-explorer>")
    1
    """

    payload: Mapping[str, Any]
    _widgets: list[Any] = field(default_factory=list)

    @property
    def x(self) -> Array:
        """The input as it stands now, shape (d,), in radians."""
        return np.array(self._widgets[-1].x if self._widgets else self.payload["inputs"][0])

    @property
    def baseline(self) -> Array:
        """The baseline as it stands now, shape (d,), in radians."""
        return np.array(self._widgets[-1].b if self._widgets else self.payload["baseline"])

    def __repr__(self) -> str:
        """Say what it shows."""
        models, count = len(self.payload["models"]), len(self.payload["names"])
        words = f"{models} model{'s' * (models > 1)}, {count} features"
        return f"<Explorer: {words}, {len(self.payload['inputs'])} inputs>"

    def to_html(self) -> str:
        """Return HTML that needs no kernel and nothing from elsewhere."""
        text = _json(dict(self.payload, address=True, id=self._id()))
        return (
            f'<qxai-explorer><script type="application/json">{text}</script>'
            "<p>Here one can move inputs and baselines, where scripts run.</p></qxai-explorer>\n"
            f'<script type="module">\n{module()}\n</script>'
        )

    def _id(self) -> str:
        """Name it in the address, the same for the same content."""
        return hashlib.sha256(_json(self.payload).encode()).hexdigest()[:6]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Offer the widget where a kernel and `anywidget` are, and HTML in any case."""
        shown = {"text/plain": repr(self), "text/html": self.to_html()}
        kind = widget_class()
        if kind is not None:
            text = _json(dict(self.payload, address=False, id=self._id()))
            self._widgets[:] = [kind(payload=text, x=self.x.tolist(), b=self.baseline.tolist())]
            shown |= {VIEW: self._widgets[-1]._repr_mimebundle_()[0][VIEW]}
        return shown


def _json(payload: Mapping[str, Any]) -> str:
    """Write JSON that no name in it can break out of."""
    return json.dumps(payload, allow_nan=False).replace("<", "\\u003c").replace("&", "\\u0026")


@functools.cache
def widget_class() -> Any:
    """Return the class of the widget; None where none could be shown."""
    try:
        import anywidget
        import IPython
        import traitlets
    except ImportError:
        return None
    if getattr(IPython.get_ipython(), "kernel", None) is None:
        return None
    parts = {
        "_esm": module() + "\nexport { render };\nexport default { render };\n",
        "payload": traitlets.Unicode().tag(sync=True),
        "x": traitlets.List().tag(sync=True),
        "b": traitlets.List().tag(sync=True),
    }
    return type("ExplorerWidget", (anywidget.AnyWidget,), parts)
