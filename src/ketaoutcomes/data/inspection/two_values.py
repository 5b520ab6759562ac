"""The two values of a yes/no column: which says no, and which yes."""

import re
from typing import Final

from ketaoutcomes.data.inspection.profile import Column

YES: Final = re.compile(
    r"(?:[01][_ .-]*)?(?:yes|y|true|t|present|positive|event|case|remission|response|success|cured"
    r"|improved|dead|died|relapsed?|ja|oui|s[ií]|sim|wahr|vrai|vorhanden|pr[ée]sent|positivo?)",
    re.IGNORECASE,
)


NO: Final = re.compile(
    r"(?:[01][_ .-]*)?(?:(?:no|not|n|nein|non|nee|nicht|kein\w*|ohne|sans|sin|without|false|f"
    r"|absent|negativ\w*|none|never)\b|un(?=improv|chang|cured|heal|remit)|non)",
    re.IGNORECASE,
)
"""Words for no, and those that begin with one: `not improved`."""
MOST_GRADES: Final = 6
STANDARD: Final = re.compile(r"yes|no|y|n|true|false|t|f|ja|nein|oui|non|s[ií]", re.IGNORECASE)
"""Words that are nobody's own, however few rows have them."""


def two_words(column: Column) -> bool:
    """Whether a column holds two words, such as yes and no."""
    return not column.numeric and len(column.counts) == len("01")


def two_codes(column: Column) -> bool:
    """Whether a column holds two digits that are not 0 and 1: codes, such as 1 and 2."""
    if not column.numeric or column.binary or len(column.counts) != len("01"):
        return False
    return all(str(value).isdigit() and len(str(value)) == 1 for value in column.counts.index)


def grades(column: Column) -> tuple[str, ...]:
    """The words of a column of a few more, each of which many rows share; else empty."""
    if two_codes(column):
        return tuple(sorted(map(str, column.counts.index)))
    few = len("01") < len(column.counts) <= MOST_GRADES
    shown = column.labels()
    return shown if not column.numeric and few and len(shown) == len(column.counts) else ()


def may_be_shown(column: Column) -> bool:
    """Whether each word is one that many rows share, or that says yes or no."""
    shown = column.labels()
    values = map(str, column.counts.index)
    return all(value in shown or STANDARD.fullmatch(value) for value in values)


def two_values(column: Column) -> tuple[str, str] | None:
    """The value for no and the value for yes; None where the words do not tell."""
    first, second = sorted(map(str, column.counts.index))
    for no, yes in ((first, second), (second, first)):
        if YES.fullmatch(yes) and not YES.fullmatch(no):
            return no, yes
    for no, yes in ((first, second), (second, first)):
        if NO.match(no) and not NO.match(yes):
            return no, yes
    return None
