"""What number is meant by a text, or by a number out of range, where a plan takes a number."""

import re
from typing import Any, Final

WRITTEN: Final = re.compile(
    r"""\s*(?P<compared>[<>=\u2264\u2265]*)\s*
        (?P<sign>[-+\u2212]?)
        (?P<digits>[\d.,'_]*\d)
        \s*(?P<unit>[^\d]*)\s*""",
    re.VERBOSE,
)
WITH_UNIT_FIRST: Final = re.compile(r"\s*([A-Za-z]+)[\s_.-]*(\d+(?:\.\d+)?)\s*")
"""A time as visits are named: day 28, D28, Week4."""
DAYS: Final = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 7.0),
}
"""Units of time of which each is a number of days."""
COMPARED: Final = {"at_most": ("<=", "=<", "\u2264"), "at_least": (">=", "=>", "\u2265")}
"""Key of a cut-off -> the signs that say the same; a bare `<` leaves the score itself out."""
PERCENT: Final = 100
THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
DECIMAL_COMMA: Final = re.compile(r"\d+,\d{1,2}|\d+,\d{4,}|0,\d+")


def number_meant(key: str, value: Any, limits: dict[str, Any]) -> str:
    """The number to write in place of a value that was refused; "" where that is not sure.

    Parameters
    ----------
    key : str
        The key of the plan; one that ends in `_days` is in days.
    value : Any
        What was written: a text with a unit, a sign or a decimal comma, or a number.
    limits : dict
        The rule of the schema, with its limits.

    Examples
    --------
    >>> number_meant("alpha", "0,05", {"exclusiveMaximum": 0.5})
    '0.05'
    >>> number_meant("rmst_days", "24 weeks", {})
    '168'
    """
    found = _read(key, value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        return ""
    number = _scaled(key, found, limits)
    return f"{number:.12g}" if _allowed(number, limits) else ""


def days_in(text: str) -> float | None:
    """The days that a time with its unit is: 28 for `day 28`, `28 d`, `D28` and `Week 4`.

    None for a text that is no time, and for months and years, which have no fixed length.
    """
    first = WITH_UNIT_FIRST.fullmatch(text)
    parts = WRITTEN.fullmatch(f"{first[2]} {first[1]}" if first else text)
    if parts is None or parts["sign"] or parts["compared"]:
        return None
    number, factor = _digits(parts["digits"]), DAYS.get(parts["unit"].strip().casefold())
    return None if number is None or factor is None else number * factor


def _read(key: str, text: str) -> float | None:
    """A text as a number; None where it can be read in two ways, or in none."""
    if key.endswith(("_days", "day")) and (days := days_in(text)) is not None:
        return days
    parts = WRITTEN.fullmatch(text)
    if parts is None or not _says_the_same(parts["compared"], key):
        return None
    unit = parts["unit"].strip()
    if key.endswith(("_days", "day")) and unit.isalpha():
        return None  # months
    number = _digits(parts["digits"])
    if number is not None and key == "margin" and unit == "%":
        number /= PERCENT
    return -number if number is not None and parts["sign"] in {"-", "\u2212"} else number


def _says_the_same(compared: str, key: str) -> bool:
    """Whether a sign of comparison before a number says what the key says."""
    return not compared.strip("=") or any(
        compared in signs for name, signs in COMPARED.items() if name in key
    )


def _digits(written: str) -> float | None:
    """Digits with a decimal comma, or with signs between thousands, as a number."""
    digits = re.sub(r"['_]", "", written)
    if DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    elif THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    return float(digits) if re.fullmatch(r"\d*\.?\d+", digits) else None


def _allowed(number: float, limits: dict[str, Any]) -> bool:
    """Whether a rule of the schema takes a number."""
    if limits.get("type") == "integer" and number != int(number):
        return False
    return bool(
        limits.get("minimum", number) <= number <= limits.get("maximum", number)
        and number > limits.get("exclusiveMinimum", number - 1)
        and number < limits.get("exclusiveMaximum", number + 1)
    )


def _scaled(key: str, number: float, limits: dict[str, Any]) -> float:
    """A percentage where a share is wanted, as 95 for 0.95, and the reverse, put right."""
    top = limits.get("exclusiveMaximum", limits.get("maximum", PERCENT))
    if top <= 1 < number:
        return number / PERCENT
    return number * PERCENT if "percent" in key and 0 < number < 1 else number
