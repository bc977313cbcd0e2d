"""Pages to send: one HTML file of any parts, or of how a model explains its inputs."""

from qxai.reporting.page import write_page
from qxai.reporting.report import report

__all__ = ["report", "write_page"]
