"""Circuits from OpenQASM text."""

from qxai.models.qasm.reading import read_qasm

__all__ = ["read_qasm"]
