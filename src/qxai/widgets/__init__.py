"""Explanations to play with: in JupyterLab, and on a page without a kernel."""

from qxai.widgets.explore import Offset, explore
from qxai.widgets.explorer import Explorer

__all__ = ["Explorer", "Offset", "explore"]
