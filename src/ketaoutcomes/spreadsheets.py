"""What a spreadsheet would do with a text."""

from typing import Final

from ketaoutcomes.visible import LINES, visible

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


def harmless(text: object) -> object:
    """A text that no spreadsheet takes for a formula; an apostrophe stands before one.

    Characters that act are spelled out.
    """
    if not isinstance(text, str):
        return text
    told = visible(text, LINES)
    return f"'{told}" if text.startswith(FORMULA_STARTS) else told
