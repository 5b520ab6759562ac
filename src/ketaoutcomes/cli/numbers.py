"""Numbers and dates of the command line, refused where a command cannot use them."""

import argparse
from collections.abc import Callable
from datetime import date

FEWEST_SUBJECTS = 4
"""Of a synthetic cohort: two arms of two."""

FEWEST_SITES = 2
"""One site cannot differ from others."""


def whole_number(least: int) -> Callable[[str], int]:
    """A reader of whole numbers of at least so much."""

    def read(word: str) -> int:
        try:
            number = int(word)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"`{word}` is not a whole number of {least} or more")
        return number

    return read


def not_negative(word: str) -> float:
    """A number of 0 or more."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"`{word}` is not a number of 0 or more")
    return number


def calendar_day(word: str) -> date:
    """A date as year, month and day."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{word}` is not a date; write 2025-03-01") from None
