"""What number is meant by a text, or by a number out of range, where a plan takes a number."""

import re
from typing import Any, Final

WRITTEN: Final = re.compile(
    r"""\s*(?:[<>=\u2264\u2265]+\s*)?      # a comparison
        (?P<sign>[-+\u2212]?)
        (?P<digits>[\d.,'_]*\d)
        \s*(?P<unit>[^\d]*)\s*""",
    re.VERBOSE,
)
DAYS: Final = {"d": 1, "day": 1, "days": 1, "w": 7, "wk": 7, "week": 7, "weeks": 7}
"""Units of time that a key in days can be asked in."""
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


def _read(key: str, text: str) -> float | None:
    """A text as a number; None where it can be read in two ways, or in none."""
    parts = WRITTEN.fullmatch(text)
    if parts is None:
        return None
    digits = re.sub(r"['_]", "", parts["digits"])
    if DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    elif THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    if not re.fullmatch(r"\d*\.?\d+", digits):
        return None
    unit = parts["unit"].strip().casefold()
    factor = DAYS.get(unit, 0) if key.endswith(("_days", "day")) and unit.isalpha() else 1
    number = float(digits) * factor * (-1 if parts["sign"] in {"-", "\u2212"} else 1)
    return number if factor else None


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
