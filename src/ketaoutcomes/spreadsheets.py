"""What a spreadsheet would do with a text."""

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def harmless(text: object) -> object:
    """A text that no spreadsheet takes for a formula; an apostrophe stands before one."""
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA_STARTS) else text
