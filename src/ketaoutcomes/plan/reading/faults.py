"""Faults of a YAML file against its schema, each with line, column and a remedy."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ketaoutcomes.errors import LONGEST_NAME, Problem, did_you_mean
from ketaoutcomes.families.registry import models, summaries_of
from ketaoutcomes.plan.parts import MEANINGS, in_style
from ketaoutcomes.plan.reading.dangling import name_meant
from ketaoutcomes.plan.reading.known_keys import (
    block_of,
    blocks_with,
    example_in_line,
    example_of,
    known_keys,
    rules_of,
    rules_of_key,
)
from ketaoutcomes.plan.reading.lists import keys_of
from ketaoutcomes.plan.reading.numbers import number_meant
from ketaoutcomes.plan.reading.renamed import KEY_ADVICE, KEYS_ELSEWHERE, RENAMED_KEYS
from ketaoutcomes.plan.reading.source import Path, YamlSource
from ketaoutcomes.spelling import bare, slip_of, slip_of_key

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
    "bool_type": "write `true` or `false`",
    "value_error": "change what is named here",
    "string_pattern_mismatch": "write a name of letters, digits and `_` that begins with a letter",
}
OF_FILES: Final = frozenset({"derive", "where", "take"})
"""Keys of the data block with what is said of each file."""
NUMBERS: Final = frozenset({"int_type", "float_type", *(k for k in REMEDIES if "than" in k)})
"""Faults of a value that should be a number, or another one."""
OF_BLOCKS: Final = frozenset({"model_type", "model_attributes_type"})
"""Faults of a value that should be keys with values."""
EVERY_DAYS: Final = frozenset({"every_days", "until_day"})
"""Keys of visits at a fixed interval, which have no names of their own."""
NAME_PATTERN: Final = "^[A-Za-z][A-Za-z0-9_]*$"
BETWEEN: Final = (re.compile(r"\s*[,;]\s+|\s*;\s*"), re.compile(r"[,;\s]+"))
"""Between numbers of a list, the first where they have units."""
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
            meant = KEYS_ELSEWHERE.get(name.casefold(), ())
            unknown.setdefault(detail["loc"][:-1], []).extend({name, *meant})
    inside = {detail["loc"][:-1] for detail in details if detail["type"] != "too_short"}
    wrong_keys = {detail["loc"][:-1] for detail in details if detail["loc"][-1:] == ("[key]",)}
    return [
        detail
        for detail in details
        if detail["loc"] not in wrong_keys
        and not (detail["type"] == "too_short" and detail["loc"] in inside)
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
                _item_without_brackets(location, source.data)
                or _other_key(str(location[-1]), known)
                or _key_of_others(model, location, source.data)
                or f"use one of: {', '.join(known)}",
            )
        case "missing":
            missing = detail["loc"][-1]
            rules = rules_of_key(model, location, str(missing), source.data)
            example = example_of(rules, (missing,)) or example_in_line(rules, (missing,))
            return Problem(
                place(source, path, location),
                f"`{missing}` in {name}",
                "no such key",
                f"add `{missing}:`" + (f", for example `{example}`" if example else ""),
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
                or (f"did you mean `{near}`?" if near else _kinds(location, kinds, source.data)),
            )
        case _:
            return Problem(
                place(source, path, location),
                _plain_words(detail),
                f"{name}{_shown(detail['input'])}"[:200] if location else _whole(detail["input"]),
                source.instead.get(location) or _remedy(detail, model, location, source.data),
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
    if detail["type"] == "too_short":
        least = detail["ctx"]["min_length"]
        return "one entry or more" if least == 1 else f"{least} entries or more"
    if detail["type"] == "literal_error":
        return CHOICE.sub(lambda found: f"'{in_style(found[1])}'", message)
    return PLAIN_WORDS.get(detail["type"], message)


def _remedy(detail: ErrorDetails, model: type[BaseModel], location: Path, data: Any) -> str:
    """What to do about a wrong value; a slip in one of a closed list is named."""
    if detail["type"] == "literal_error":
        return _file_first(location, data) or _of_closed_list(detail, model, location, data)
    told = _name(detail, location, data) or _too_few(detail, location, data)
    if told := told or _file_first(location, data):
        return told
    rules = rules_of(model, location, data)
    if detail["type"] in NUMBERS and (meant := _number(detail["input"], rules, location)):
        return meant
    if detail["type"] == "tuple_type" and location:
        return _list(detail["input"], model, rules, location)
    if location and detail["type"] in OF_BLOCKS and (block := block_of(model, rules)):
        key = f"{location[-1]}: " if isinstance(location[-1], str) else ""
        return f"write keys with values, for example `{key}{block}`"
    advice = REMEDIES.get(detail["type"], "correct the value")
    example = example_of(rules, location) or example_in_line(rules, location)
    return f"{advice}, for example `{example}`" if example else advice


def _name(detail: ErrorDetails, location: Path, data: Any) -> str:
    """The visit or the arm of the plan that is meant by a number or by words; "" if it is none."""
    found, key = detail["input"], location[-1] if location else ""
    if detail["type"] == "string_type" and key == "visit":
        visits = [name for name in _of_phases(data, "visits") if name not in EVERY_DAYS]
        return name_meant(f"{found} days", visits) or f"use one of: {', '.join(visits)}"
    if detail["type"] == "string_pattern_mismatch":
        arms = {bare(str(label)): arm for arm, label in _of_phases(data, "arms").items()}
        if named := arms.get(bare(str(found)), ""):
            return f"write `{key}: {named}`, the name of that arm"
        return did_you_mean(str(found), keys_of(data))
    return ""


def _file_first(location: Path, data: Any) -> str:
    """What to write where the file that a line of the data block is about is not named."""
    match tuple(location):
        case ("data", key, str(word)) if key in OF_FILES:
            files = _at(data, "data", "files")
            role = next(iter(files), "visits") if isinstance(files, dict) else "visits"
            return f"name the file first, as in `{key}: {{{role}: {{{word}: ...}}}}`"
    return ""


def _too_few(detail: ErrorDetails, location: Path, data: Any) -> str:
    """How many entries to name, and what a plan of safety tables needs; "" of another fault."""
    if detail["type"] != "too_short":
        return ""
    least = detail["ctx"]["min_length"]
    if len(location) != 1 or _at(data, "safety") is None:
        return f"name at least {'one' if least == 1 else least}"
    return (
        "name at least one; next to `safety` a plan has an analysis, for example of whether "
        "participants had one event, `model: incidence`"
    )


def _of_phases(data: Any, key: str) -> dict[str, Any]:
    """The entries of a block in all phases together: visits, or arms with their labels."""
    phases = _at(data, "phases")
    blocks = [_at(one, key) for one in phases.values()] if isinstance(phases, dict) else []
    return {str(name): of for one in blocks if isinstance(one, dict) for name, of in one.items()}


def _list(found: Any, model: type[BaseModel], rules: list[dict[str, Any]], location: Path) -> str:
    """What to write where a list should stand."""
    key = location[-1]
    if found is None:
        return f"write `{key}: []` for none, or a list, as in `[first, second]`"
    items = [rule["items"] for rule in rules if "items" in rule]
    block = block_of(model, items)
    if block:
        return f"write a list of blocks, for example `{key}: [{block}]`"
    return REMEDIES["tuple_type"]


def _number(found: Any, rules: list[dict[str, Any]], location: Path) -> str:
    """The number, or the list of numbers, that is meant by what stands there; "" if not sure."""
    key = next((str(step) for step in reversed(location) if isinstance(step, str)), "")
    in_list, leaves = key != location[-1], _plain(rules)
    for between in BETWEEN if in_list and isinstance(found, str) else ():
        items = between.split(str(found).strip("[]() "))
        numbers = [next((number_meant(key, one, rule) for rule in leaves), "") for one in items]
        if len(numbers) > 1 and all(numbers):
            return f"write `{key}: [{', '.join(numbers)}]`"
    number = next(filter(None, (number_meant(key, found, rule) for rule in leaves)), "")
    if not number:
        return ""
    alone = ", the number alone" if isinstance(found, str) else ""
    if key == "day" and "w" in str(found).casefold():
        alone = f", or {int(number) + 1} where the first day is day 1"
    return f"write `{number}`{alone}" if in_list else f"write `{key}: {number}`{alone}"


def _plain(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules of single numbers among these."""
    leaves = (leaf for rule in rules for leaf in (rule, *rule.get("anyOf", ())))
    return [leaf for leaf in leaves if leaf.get("type") in {"number", "integer"}]


def _of_closed_list(detail: ErrorDetails, model: type[BaseModel], location: Path, data: Any) -> str:
    """What to write in place of a value that its closed list does not have.

    Only a slip of the hand is guessed. Any other word is answered by the values that fit here, or
    by what each value means: a guess could name another quantity.
    """
    expected = str((detail.get("ctx") or {}).get("expected", ""))
    choices = [in_style(one) for one in CHOICE.findall(expected)]
    if not choices:
        return f"write {expected}"
    if near := slip_of(str(detail["input"])[:LONGEST_NAME], choices):
        return f"did you mean `{near}`?"
    if location[:1] == ("estimands",) and location[-1] == "summary":
        kind, compares = _kind_of(location, data), "reference" in str(_at(data, *location[:2]))
        if fitting := summaries_of(kind, compares=compares):
            return f"use one of: {', '.join(map(in_style, fitting))}"
    told = _meanings(rules_of(model, location, data) + rules_of(model, location[:-1], data))
    known = [f"`{one}` ({told[one].rstrip('.')})" for one in choices if one in told]
    return f"choose by the meaning: {'; '.join(known)}" if known else f"use one of: {expected}"


def _meanings(rules: list[dict[str, Any]]) -> dict[str, str]:
    """Value of a closed list -> what it means, as far as the schema says it."""
    return {value: words for rule in rules for value, words in rule.get(MEANINGS, {}).items()}


def _kinds(location: Path, kinds: list[str], data: Any) -> str:
    """The kinds of a block to choose from; of models, those that the endpoint can have."""
    kind = _kind_of(location, data)
    fitting = [
        name for name in kinds if name in models() and kind in models()[name].part.endpoint_kinds
    ]
    if fitting:
        return f"for an endpoint of kind `{kind}` use one of: {', '.join(fitting)}"
    return f"use one of: {', '.join(kinds)}"


def _kind_of(location: Path, data: Any) -> str:
    """The kind of the endpoint that an estimand, or the estimand of an analysis, names."""
    name = location[1] if location[:1] == ("estimands",) else _at(data, *location[:2], "estimand")
    return str(_at(data, "endpoints", _at(data, "estimands", name, "endpoint"), "kind"))


def _at(data: Any, *path: Any) -> Any:
    """What stands at a path of the file; None where nothing does."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) and isinstance(step, str) else None
    return data


def _item_without_brackets(location: Path, data: Any) -> str:
    """What to write where YAML takes the second item of `{strata: region, sex}` for a key."""
    block = _at(data, *location[:-1])
    if not isinstance(block, dict) or block.get(location[-1]) is not None:
        return ""
    keys = list(block)[: list(block).index(location[-1]) + 1]
    first = next((at for at in reversed(range(len(keys))) if block[keys[at]] is not None), None)
    if first is None or not isinstance(block[keys[first]], list):
        return ""  # a text in place of a list has become a list of one
    items = ", ".join(map(str, (*block[keys[first]], *keys[first + 1 :])))
    return f"write `{keys[first]}: [{items}]`, in brackets"


def _key_of_others(model: type[BaseModel], location: Path, data: Any) -> str:
    """What to do with a key that blocks of another model or kind have, and this one has not."""
    others = blocks_with(model, location[:-1], str(location[-1]), data)
    if not others:
        return ""
    return f"remove it; `{location[-1]}` is a key of {', '.join(f'`{one}`' for one in others)}"


def _other_key(key: str, known: tuple[str, ...]) -> str:
    """What to write in place of a key that its block does not know."""
    if (now := RENAMED_KEYS.get(key)) in known:
        return f"`{key}` is now called `{now}`, which is written here too; remove `{key}`"
    advice = (KEY_ADVICE.get((key.casefold(), one), "") for one in known)
    if told := next(filter(None, advice), ""):
        return told
    ours = (one for name in (key, key.casefold()) for one in KEYS_ELSEWHERE.get(name, ()))
    if called := next((one for one in ours if one in known), ""):
        return f"`{key}` is called `{called}` here"
    near = slip_of_key(key[:LONGEST_NAME], known)
    return f"did you mean `{near}`?" if near else ""


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
