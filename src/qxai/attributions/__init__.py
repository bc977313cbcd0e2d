"""Explanations, one family of methods a file."""
