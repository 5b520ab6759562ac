"""Faults of a YAML file against its schema, each with line, column and a remedy."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ketaoutcomes.errors import LONGEST_NAME, Problem, did_you_mean
from ketaoutcomes.plan.parts import in_style
from ketaoutcomes.plan.reading.known_keys import example_of, known_keys
from ketaoutcomes.plan.reading.renamed import KEYS_ELSEWHERE, RENAMED_KEYS
from ketaoutcomes.plan.reading.source import Path, YamlSource
from ketaoutcomes.spelling import slip_of

LONGEST_BLOCK: Final = 80
PLAIN_WORDS: Final = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}
REMEDIES: Final = {
    "int_type": "write the number alone, without quotes, unit, sign or date",
    "float_type": "write the number alone, without quotes, unit or sign",
    "string_type": "write a text; put a number or a date that is meant as text in quotes",
    "tuple_type": "write a list, as in `[first, second]`",
    "dict_type": "write `key: value` lines, indented under this key",
    "model_type": "write `key: value` lines, indented under this key",
    "model_attributes_type": "write `key: value` lines, indented under this key",
    "greater_than": "write a number in this range",
    "greater_than_equal": "write a number in this range",
    "less_than": "write a number in this range",
    "less_than_equal": "write a number in this range",
    "too_short": "name at least one",
    "value_error": "change what is named here",
    "string_pattern_mismatch": "write a name of letters, digits and `_` that begins with a letter",
}
NAME_PATTERN: Final = "^[A-Za-z][A-Za-z0-9_]*$"
CHOICE: Final = re.compile(r"'([^']*)'")
"""A value of a closed list, as the schema's messages quote it."""


def schema_faults(
    error: ValidationError,
    source: YamlSource,
    path: FilePath,
    model: type[BaseModel],
    whole: str = "the plan",
) -> list[Problem]:
    """Every fault that the schema found in the file; `whole` is what the file is called."""
    return [
        _from_pydantic(detail, source, path, model, whole) for detail in _told_once(error.errors())
    ]


def duplicate_keys(source: YamlSource, path: FilePath) -> list[Problem]:
    """Keys written twice in one block."""
    return [
        Problem(
            f"{path}:{position.line}:{position.column}",
            f"the key `{key_path[-1]}` once in its block",
            "the same key again",
            "remove one of the two",
        )
        for key_path, position in source.duplicates
    ]


def by_place(problem: Problem) -> tuple[int, int, str]:
    """Order of the lines of the file, not of their digits."""
    *_, line, column = ["0", "0", *problem.place.rsplit(":", 2)]
    if not (line.isdigit() and column.isdigit()):
        return 0, 0, problem.found
    return int(line), int(column), problem.found


def _told_once(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what follows from another fault: a key or an item is missing as it is misspelt."""
    unknown: dict[tuple[int | str, ...], list[str]] = {}
    for detail in details:
        if detail["type"] == "extra_forbidden":
            name = str(detail["loc"][-1])[:LONGEST_NAME]
            meant = KEYS_ELSEWHERE.get(name, name)
            unknown.setdefault(detail["loc"][:-1], []).extend({name, meant})
    inside = {detail["loc"][:-1] for detail in details if detail["type"] == "literal_error"}
    return [
        detail
        for detail in details
        if not (detail["type"] == "too_short" and detail["loc"] in inside)
        and (
            detail["type"] != "missing"
            or not get_close_matches(str(detail["loc"][-1]), unknown.get(detail["loc"][:-1], []))
        )
    ]


def _from_pydantic(
    detail: ErrorDetails, source: YamlSource, path: FilePath, model: type[BaseModel], whole: str
) -> Problem:
    """Turn one fault of the schema into a place, what was expected, and a remedy."""
    location = _written_path(detail["loc"], source.data)
    name = source.named(location) or whole
    match detail["type"]:
        case "extra_forbidden":
            known = known_keys(model, location[:-1], source.data)
            return Problem(
                place(source, path, location),
                f"a key that {_block(source, location, whole)} knows",
                f"`{location[-1]}`",
                _other_key(str(location[-1]), known),
            )
        case "missing":
            missing = detail["loc"][-1]
            return Problem(
                place(source, path, location),
                f"`{missing}` in {name}",
                "no such key",
                f"add `{missing}:`",
            )
        case "union_tag_invalid":
            context = detail["ctx"]
            kinds = CHOICE.findall(str(context["expected_tags"]))
            key = str(context["discriminator"]).strip("'")
            tag = str(context["tag"])
            near = slip_of(tag[:LONGEST_NAME], kinds)
            return Problem(
                place(source, path, (*location, key)),
                f"a `{key}` out of: {', '.join(kinds)}",
                f"`{tag}`",
                source.instead.get((*location, key))
                or (f"did you mean `{near}`?" if near else f"write for example `{kinds[0]}`"),
            )
        case _:
            return Problem(
                place(source, path, location),
                _plain_words(detail),
                f"{name}{_shown(detail['input'])}"[:200] if location else _whole(detail["input"]),
                source.instead.get(location)
                or _remedy(detail, example_of(model, location, source.data)),
            )


def _shown(value: object) -> str:
    """A value as the file has it; of a long block only its keys."""
    if isinstance(value, dict) and len(repr(value)) > LONGEST_BLOCK:
        return f" with {', '.join(f'`{key}`' for key in value)}"
    return f" = {value}" if isinstance(value, date) else f" = {value!r}"


def _whole(value: object) -> str:
    """What a file is that is no plan; a text may hold data, of which nothing is shown."""
    return "a text without keys: is this a file of data?" if isinstance(value, str) else "a list"


def _plain_words(detail: ErrorDetails) -> str:
    """The schema's message in words of a plan."""
    if (detail.get("ctx") or {}).get("pattern") == NAME_PATTERN:
        return "a name"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if detail["type"] == "literal_error":
        return CHOICE.sub(lambda found: f"'{in_style(found[1])}'", message)
    return PLAIN_WORDS.get(detail["type"], message)


def _remedy(detail: ErrorDetails, example: str) -> str:
    """What to do about a wrong value; a slip in one of a closed list is named."""
    if detail["type"] == "literal_error":
        expected = str((detail.get("ctx") or {}).get("expected", ""))
        choices = CHOICE.findall(expected)
        if not choices:
            return f"write {expected}"
        near = slip_of(str(detail["input"])[:LONGEST_NAME], map(in_style, choices))
        return f"did you mean `{near}`?" if near else f"write for example `{in_style(choices[0])}`"
    advice = REMEDIES.get(detail["type"], "correct the value")
    return f"{advice}, for example `{example}`" if example else advice


def _other_key(key: str, known: tuple[str, ...]) -> str:
    """What to write in place of a key that its block does not know."""
    if (now := RENAMED_KEYS.get(key)) in known:
        return f"`{key}` is now called `{now}`, which is written here too; remove `{key}`"
    if (ours := KEYS_ELSEWHERE.get(key)) in known:
        return f"`{key}` is called `{ours}` here"
    return did_you_mean(key, known) or f"use one of: {', '.join(known)}"


def _block(source: YamlSource, location: Path, whole: str) -> str:
    return f"`{source.named(location[:-1])}`" if len(location) > 1 else whole


def _written_path(loc: tuple[int | str, ...], data: Any) -> Path:
    """The part of a schema location that stands in the file; union tags do not."""
    path: list[str | int] = []
    here: Any = data
    for step in loc:
        in_mapping = isinstance(here, dict) and step in here
        in_list = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if in_mapping or in_list:
            here = here[step]
            path.append(step)
    return tuple(path)


def place(source: YamlSource, path: FilePath, location: Path) -> str:
    """File, line and column of the nearest written key."""
    while location not in source.positions:
        location = location[:-1]
    position = source.positions[location]
    return f"{path}:{position.line}:{position.column}"
