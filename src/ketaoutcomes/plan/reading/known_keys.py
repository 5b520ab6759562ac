"""Which keys a block of a file takes, read from the schema itself."""

from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from ketaoutcomes.families.registry import models, packages_of
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.runs.kept import kept


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a kind of file, made once and kept between runs.

    That of the plan takes longer to write than the plan to check.
    """
    # the files of somebody else's package are not among those that a kept value is bound to
    if packages_of(models()):
        return model.model_json_schema()
    made: dict[str, Any] = kept("schema", model.__qualname__, model.model_json_schema)
    return made


def known_keys(model: type[BaseModel], location: Path, data: Any) -> tuple[str, ...]:
    """The keys of the block at a path of the written file."""
    schema = schema_of(model)
    definitions = schema.get("$defs", {})
    candidates = [schema]
    here = data
    for step in location:
        here = here[step]
        candidates = [
            found
            for candidate in candidates
            for found in step_into(_resolve(candidate, definitions), step, definitions)
        ]
    keys = {
        key
        for candidate in candidates
        for resolved in alternatives(candidate, definitions)
        if fits(resolved, here)
        for key in resolved.get("properties", {})
    }
    return tuple(sorted(keys))


def rules_of(model: type[BaseModel], location: Path, data: Any) -> list[dict[str, Any]]:
    """The parts of the schema that say what may stand at a path of the written file."""
    candidates = [schema_of(model)]
    definitions = candidates[0].get("$defs", {})
    here = data
    for step in location:
        blocks = [one for part in candidates for one in alternatives(part, definitions)]
        fitting = [one for one in blocks if fits(one, here)]
        candidates = [found for one in fitting for found in step_into(one, step, definitions)]
        here = here[step]
    return candidates


def example_of(rules: list[dict[str, Any]], location: Path) -> str:
    """The example of a key by the rules of its place, as a line; "" if it has none short."""
    examples = (one["examples"][0] for one in rules if "examples" in one)
    simple = (one for one in examples if not isinstance(one, dict | list))
    found = next(simple, None)
    shown = str(found).lower() if isinstance(found, bool) else found
    return "" if found is None else f"{location[-1]}: {shown}"


def rules_of_key(
    model: type[BaseModel], location: Path, key: str, data: Any
) -> list[dict[str, Any]]:
    """The rules of a key that a block lacks, by those of the block."""
    definitions = schema_of(model).get("$defs", {})
    return [
        one["properties"][key]
        for rule in rules_of(model, location, data)
        for one in alternatives(rule, definitions)
        if key in one.get("properties", {})
    ]


def example_in_line(rules: list[dict[str, Any]], location: Path) -> str:
    """The example of a key with keys or items below it, in one line; "" if it has none short."""
    found = next((one["examples"][0] for one in rules if "examples" in one), None)
    if not location or not isinstance(found, dict | list):
        return ""
    line = f"{location[-1]}: {_in_line(found)}"
    return line if len(line) <= LONGEST_LINE else ""


def _in_line(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_in_line(of)}' for key, of in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_line, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


LONGEST_LINE: Final = 90
"""So long is an example at most that stands in a sentence."""


def block_of(model: type[BaseModel], rules: list[dict[str, Any]]) -> str:
    """A block as it may be written, of the first key with an example by these rules; "" if none."""
    definitions = schema_of(model).get("$defs", {})
    blocks = [one for rule in rules for one in alternatives(rule, definitions)]
    for block in blocks:
        for key, rule in block.get("properties", {}).items():
            if line := example_of([rule], (key,)):
                return f"{{{line}}}"
    return ""


def blocks_with(model: type[BaseModel], location: Path, key: str, data: Any) -> tuple[str, ...]:
    """The kinds (`model`, `kind`) of a block, which is one of several, that know a key."""
    definitions = schema_of(model).get("$defs", {})
    blocks = [
        one
        for rule in rules_of(model, location, data)
        for one in alternatives(rule, definitions)
        if key in one.get("properties", {})
    ]
    tags = [
        rule["const"] for one in blocks for rule in one["properties"].values() if "const" in rule
    ]
    return tuple(dict.fromkeys(map(str, tags)))


def _resolve(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return definitions[reference.rsplit("/", 1)[1]] if reference else schema


def alternatives(schema: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema itself, or each member of a union."""
    resolved = _resolve(schema, definitions)
    members = resolved.get("anyOf") or resolved.get("oneOf")
    if not members:
        return [resolved]
    return [leaf for member in members for leaf in alternatives(member, definitions)]


def step_into(
    schema: dict[str, Any], step: str | int, definitions: dict[str, Any]
) -> list[dict[str, Any]]:
    """Schemas one key or item further."""
    found = []
    for resolved in alternatives(schema, definitions):
        if isinstance(step, int):
            found += [resolved["items"]] if "items" in resolved else []
        elif step in resolved.get("properties", {}):
            found.append(resolved["properties"][step])
        else:
            found += resolved.get("patternProperties", {}).values()
            others = resolved.get("additionalProperties")
            found += [others] if isinstance(others, dict) else []
    return found


def fits(schema: dict[str, Any], written: Any) -> bool:
    """Whether a union member is the one the written block says it is (`kind`, `model`)."""
    for key, rule in schema.get("properties", {}).items():
        if "const" in rule and isinstance(written, dict) and written.get(key) != rule["const"]:
            return False
    return True
