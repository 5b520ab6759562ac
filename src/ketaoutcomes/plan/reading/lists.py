"""What a text holds that stands where a list is read: several values, or none."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from ketaoutcomes.plan.parts import INSTEAD, SENTENCES
from ketaoutcomes.spelling import bare

NOTHING: Final = frozenset({"", "none", "no", "na", "nil", "null", "nothing", "notapplicable"})
"""What people write in place of an empty list, in small letters without signs."""
BETWEEN: Final = re.compile(r"\s*[,;\n](?![^()]*\))\s*|\s+\+\s+")
"""Between two names; a comma in brackets is part of a name."""
BETWEEN_VALUES: Final = re.compile(r"\s*[,;>/+|\n](?![^()]*\))\s*|\s+(?:then|and)\s+")
"""Between two values of a closed list, which are known, so that more signs are clear."""
BETWEEN_NUMBERS: Final = re.compile(r"\s*[;\n]\s*|,\s+|\s+")
"""Between two numbers; a comma alone may be a decimal one."""
NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
NUMBERS: Final = frozenset({"number", "integer"})


def is_nothing(text: str, choices: list[dict[str, Any]], items: list[dict[str, Any]]) -> bool:
    """Whether a text says that a list or a block of names which may be empty is empty.

    Parameters
    ----------
    choices, items : list of dict
        The rules of the place, and those of the items of its list.
    """
    if bare(text) not in NOTHING:
        return False
    answered = {bare(word) for one in items for word in one.get(INSTEAD, {})}
    return bare(text) not in answered and any(map(_may_be_empty, choices))


def _may_be_empty(rule: dict[str, Any]) -> bool:
    if rule.get("type") == "object" and "properties" not in rule:
        return not rule.get("minProperties", 0)
    return "items" in rule and not rule.get("minItems", 0)


def names_in(text: str, rules: list[dict[str, Any]], known: Collection[str]) -> list[str]:
    """The names that a text holds between commas; the text itself where it is one name.

    Parameters
    ----------
    rules : list of dict
        The rules of an item of the list.
    known : collection of str
        Names of the plan; one with a comma of its own stays whole.
    """
    parts = [part.strip() for part in BETWEEN.split(text)]
    if text in known or not all(parts) or any(SENTENCES in rule for rule in rules):
        return [text]
    return parts


def numbers_in(text: str, rules: list[dict[str, Any]]) -> list[int | float]:
    """The plain numbers that a text holds where a list of numbers is read; else none."""
    parts = [part for part in BETWEEN_NUMBERS.split(text.strip()) if part]
    if not any(rule.get("type") in NUMBERS for rule in rules):
        return []
    if len(parts) == 1 or not all(map(NUMBER.fullmatch, parts)):
        return []
    return [float(part) if "." in part else int(part) for part in parts]


def keys_of(node: Any) -> Iterator[str]:
    """Every key of a document, among them all names that it defines."""
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict):
        yield from (key for key in node if isinstance(key, str))
    for part in parts:
        yield from keys_of(part)
