"""Words for places and findings, so that every problem is told alike."""

import re
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.errors import did_you_mean

DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
ROWS_TOLD: Final = 10
VALUES_TOLD: Final = 5


def rows_in_words(rows: Iterable[object]) -> str:
    """The first ten rows, each once, then how many more."""
    numbers = list(dict.fromkeys(str(row) for row in rows))
    word = "row" if len(numbers) == 1 else "rows"
    more = len(numbers) - ROWS_TOLD
    return f"{word} {', '.join(numbers[:ROWS_TOLD])}" + (f" and {more} more" if more > 0 else "")


def listed(values: Iterable[object]) -> str:
    """The first distinct values in quotes, then how many more; a missing one is `no value`."""
    distinct = list(dict.fromkeys("no value" if _missing(v) else f"`{v}`" for v in values))
    more = len(distinct) - VALUES_TOLD
    return ", ".join(distinct[:VALUES_TOLD]) + (f" and {more} more" if more > 0 else "")


def near_miss(name: str, choices: Iterable[str]) -> str:
    """The question that names the nearest choice, with a space after it; else nothing."""
    question = did_you_mean(name, choices)
    return f"{question} " if question else ""


def remedy_of_words(values: Iterable[object], what: str) -> str:
    """What to do about words where numbers should stand: a decimal comma and a sign are known."""
    words = [value for value in values if isinstance(value, str)]
    commas = [word for word in words if DECIMAL_COMMA.fullmatch(word)]
    if commas and all(THOUSANDS.fullmatch(word) for word in commas):
        return (
            "take the commas out if they mark thousands; or "
            'set `data.decimal: ","` if numbers here have a decimal comma'
        )
    if commas:
        return 'set `data.decimal: ","`, as numbers here have a decimal comma'
    if any("%" in word for word in words):
        return "take the percent signs out"
    return f"correct {what}, or leave it empty if it is missing"


def _missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - only NaN differs from itself
