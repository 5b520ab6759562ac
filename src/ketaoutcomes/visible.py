r"""Characters that act instead of being seen are spelled out, in pages and on terminals.

A title may hold, by accident or malice, characters that move the cursor, turn the direction of the
text around it, or cannot stand in a file of XML. A reader sees ``\u202e`` and knows.
"""

import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from json import dumps as json_dumps
from operator import is_
from typing import Any, Final, TypeVar, cast

ACTING: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u200b\u2060-\u2064\ufeff"  # of no width
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction
    "\u2028\u2029\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
LINES: Final = "\n\t"
"""What a text of several lines keeps."""

Value = TypeVar("Value")


def visible(text: str, kept: str = "") -> str:
    r"""A text in which every acting character is spelled as ``\x1b`` or ``\u202e``.

    Parameters
    ----------
    kept : str
        Characters that stay, for example `LINES`.
    """
    if text.isascii() and text.isprintable():
        return text
    return ACTING.sub(
        lambda found: found[0] if found[0] in kept else ascii(found[0])[1:-1],
        text,
    )


def escaped(json: str) -> str:
    """A text of JSON in which acting characters are the escapes of JSON: it says the same."""
    if json.isascii():
        return json
    return ACTING.sub(
        lambda found: found[0] if found[0] in LINES else json_dumps(found[0])[1:-1], json
    )


def all_visible(value: Value) -> Value:
    """A frozen record, or a tuple of them, whose every text is `visible` and keeps its lines.

    What holds no acting character is given back itself: a page has thousands of such parts.
    """
    made: Any = value
    if isinstance(value, str):
        made = visible(value, LINES)
    elif isinstance(value, tuple):
        shown = [all_visible(part) for part in value]
        made = value if all(map(is_, shown, value)) else tuple(shown)
    else:
        kind: Any = type(value)
        changed = {}
        for name in _names(kind):
            part = getattr(value, name)
            if (told := all_visible(part)) is not part:
                changed[name] = told
        made = replace(made, **changed) if changed else value
    return cast("Value", made)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of record; none of what is no record."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
