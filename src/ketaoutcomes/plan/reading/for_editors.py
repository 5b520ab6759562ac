"""A schema in the form in which editors give short messages at the right place.

Editors that follow `yaml-language-server` (VS Code and others) name the classes of a schema, judge
one value in place of a list as wrong, and compare a block of several kinds with each of them.
"""

import re
from collections.abc import Callable
from typing import Any, Final

Schema = dict[str, Any]
MEANING: Final = "enumDescriptions"
"""What editors show beside each value of an `enum`."""
TITLE: Final = "title"
"""The name of a class in the program; editors show it in messages and offer it as an entry."""
OF_A_KEY: Final = frozenset({"description", "examples", "default"})
"""What is said of a key, whether it takes one value or a list."""
TYPESET: Final = {"description": "markdownDescription", MEANING: "markdownEnumDescriptions"}
"""Words -> the same words where their backticks are set as code, not shown."""
MAPS: Final = frozenset({"properties", "patternProperties", "$defs"})
"""Keywords with a rule under each name."""
VALUES: Final = frozenset({"examples", "default", "enum", "const"})
"""Keywords that hold values of a plan, and no rules."""


def for_editors(schema: Schema) -> Schema:
    """The same rules in a form that editors show well."""
    made: Schema = schema
    for change in (_titled, _least_items, _one_or_several, _flat):
        made = _everywhere(made, change)
    blocks = made.get("$defs", {})
    judged = _everywhere(made, lambda node: _by_kind(node, blocks))
    finished: Schema = _everywhere(judged, _typeset)
    return finished


def _everywhere(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A schema with a change in each of its parts, the inner ones first."""
    if isinstance(schema, list):
        return [_everywhere(part, change) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for key, part in schema.items():
        if key in MAPS:
            made[key] = {name: _everywhere(rule, change) for name, rule in part.items()}
        else:
            made[key] = part if key in VALUES else _everywhere(part, change)
    return change(made)


def _titled(schema: Schema) -> Schema:
    """A block says what it is in words; a key needs no title besides its name."""
    made = {key: rule for key, rule in schema.items() if key != TITLE}
    if TITLE not in schema or "properties" not in schema:
        return made
    rules = schema["properties"].items()
    kinds = (f"{key}: {rule['const']}" for key, rule in rules if "const" in rule)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", schema[TITLE]).capitalize()
    return {**made, TITLE: next(kinds, words)}


def _least_items(schema: Schema) -> Schema:
    """How many items a list has at least is no length of a text that may stand in its place."""
    if "anyOf" not in schema or "minLength" not in schema:
        return schema
    least = {"minItems": schema["minLength"]}
    members = [one | least if one.get("type") == "array" else one for one in schema["anyOf"]]
    return {key: rule for key, rule in schema.items() if key != "minLength"} | {"anyOf": members}


def _one_or_several(schema: Schema) -> Schema:
    """One value stands for a list of one, as a plan is read."""
    is_list = schema.get("type") == "array" and "items" in schema
    if not is_list or schema.get("minItems", 0) > 1:
        return schema
    outside = {key: value for key, value in schema.items() if key in OF_A_KEY}
    inside = {key: value for key, value in schema.items() if key not in OF_A_KEY}
    return {**outside, "anyOf": [inside["items"], inside]}


def _flat(schema: Schema) -> Schema:
    """A choice among choices is one choice, each member once."""
    if "anyOf" not in schema:
        return schema
    members = [one for part in schema["anyOf"] for one in part.get("anyOf", [part])]
    return {**schema, "anyOf": [one for i, one in enumerate(members) if one not in members[:i]]}


def _by_kind(schema: Schema, blocks: Schema) -> Schema:
    """Each block of several kinds is judged by the kind that it says it is, and no other."""
    if "discriminator" not in schema or "oneOf" not in schema:
        return schema
    rest = {key: rule for key, rule in schema.items() if key not in {"discriminator", "oneOf"}}
    tag, kinds = schema["discriminator"]["propertyName"], schema["oneOf"]
    known = [blocks[kind["$ref"].rsplit("/", 1)[1]]["properties"] for kind in kinds]
    chosen = {
        "description": f"Kind of this block; each has keys of its own besides `{tag}`.",
        "examples": [known[0][tag]["const"]],
        "enum": [of_kind[tag]["const"] for of_kind in known],
        MEANING: [of_kind[tag]["description"] for of_kind in known],
    }
    shared = {
        name: {"description": rule["description"]}  # the kind says the rest
        for name, rule in known[0].items()
        if name != tag and all(of_kind.get(name) == rule for of_kind in known)
    }
    is_block = {"type": "object", "required": [tag]}  # a text is no block of every kind
    judged = [
        {"if": {**is_block, "properties": {tag: {"const": value}}}, "then": kind}
        for value, kind in zip(chosen["enum"], kinds, strict=True)
    ]
    return {
        **rest,
        "type": "object",
        "required": [tag],
        "properties": {tag: chosen, **shared},
        "allOf": judged,
    }


def _typeset(schema: Schema) -> Schema:
    """The words that name keys or values stand a second time, typeset."""
    twice = {
        typeset: schema[words]
        for words, typeset in TYPESET.items()
        if "`" in "".join(schema.get(words, ()))
    }
    return {**schema, **twice}
