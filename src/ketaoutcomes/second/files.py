"""Checks as a file of a run, and back."""

import json
from dataclasses import asdict
from math import inf, isfinite

from ketaoutcomes.second.check import Check

NUMBERS = ("first", "second", "difference", "tolerance")


def checks_bytes(checks: tuple[Check, ...]) -> bytes:
    """One check a line; a number that is not finite is null."""
    lines = [
        json.dumps(
            {
                key: None if isinstance(value, float) and not isfinite(value) else value
                for key, value in asdict(check).items()
            }
        )
        for check in checks
    ]
    return ("[" + ",\n".join(lines) + "]\n").encode()


def read_checks(content: bytes) -> tuple[Check, ...]:
    """The checks that `checks_bytes` wrote.

    Raises
    ------
    ValueError
        If the text is not that of checks.
    """
    try:
        return tuple(
            Check(**(one | {k: inf for k in NUMBERS if one[k] is None}))
            for one in json.loads(content)
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not checks by a second program: {error!r}") from None
