"""Advice in an error is code: find it in the message, and run it."""

import ast
import functools
import re

import numpy
import pandas

import qxai

START = re.compile(r"(?<![\w.\[(])(?:X[\[.]|numpy\.|pandas\.|qxai\.)")


def codes(message):
    """The pieces of code in the advice of a message: the longest that compile."""
    _, _, advice = message.partition("; ")
    found, end = [], 0
    for match in START.finditer(advice):
        if match.start() >= end and (code := _longest(advice[match.start() :])):
            found.append(code)
            end = match.start() + len(code)
    return found


def _longest(text):
    """The longest beginning that is one statement and ends with a bracket."""
    for stop in range(len(text), 2, -1):
        if text[stop - 1] in ")]":
            try:
                (statement,) = ast.parse(text[:stop]).body
            except (SyntaxError, ValueError):
                continue
            if not isinstance(getattr(statement, "value", None), ast.Tuple):
                return text[:stop]
    return None


def followed(code, X):
    """What becomes of a table by a piece of advice: an expression, or a change in place."""
    names = {"X": X.copy() if hasattr(X, "copy") else X.clone(), "pandas": pandas}
    names |= {"numpy": numpy, "qxai": qxai}
    try:
        return eval(compile(code, "advice", "eval"), names)
    except SyntaxError:
        exec(code, names)
        return names["X"]


def outcomes(call, X, steps=8):
    """What a call gives once its advice has been followed, by each piece of every error.

    Advice may itself raise such an error, and is tried again on what becomes of the table.
    """
    try:
        return [call(X)]
    except ValueError as error:
        message = str(error)
    assert codes(message), message
    assert steps, f"no end of advice: {message}"
    found = []
    for code in codes(message):
        for table in outcomes(functools.partial(followed, code), X, steps - 1):
            found += outcomes(call, table, steps - 1)
    return found
