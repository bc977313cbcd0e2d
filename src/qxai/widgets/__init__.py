"""Explanations to play with: in JupyterLab, and on a page without a kernel."""

from qxai.widgets.explore import explore
from qxai.widgets.explorer import Explorer
from qxai.widgets.offset import Offset

__all__ = ["Explorer", "Offset", "explore"]
