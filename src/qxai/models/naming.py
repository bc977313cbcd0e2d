"""Names that a polynomial keeps of the circuit that it was made from."""

from typing import TypeVar

Polynomial = TypeVar("Polynomial")


def named(polynomial: Polynomial, names: tuple[str, ...]) -> Polynomial:
    """Return a polynomial that has just been made, with the names of its features."""
    object.__setattr__(polynomial, "feature_names", names)
    return polynomial
