"""A bound on what is built in memory."""

LIMIT = 2**30  # bytes of the largest array that is built


def check_size(size: int, what: str) -> None:
    """Refuse an array that would not fit, and say how large it would be.

    Raises
    ------
    ValueError
        If ``size`` bytes exceed the limit.
    """
    if size > LIMIT:
        raise ValueError(
            f"model: expected arrays of at most {LIMIT / 2**30:.0f} GiB, found {what} with "
            f"{size / 2**30:.3g} GiB; try pauli_polynomial() where gates are few, samples= or "
            "steps= where a method has them"
        )
