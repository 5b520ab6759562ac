"""Which keys a block of a file takes, read from the schema itself."""

from functools import cache
from typing import Any

from pydantic import BaseModel

from ketaoutcomes.plan.reading.source import Path


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a kind of file, made once."""
    return model.model_json_schema()


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


def example_of(model: type[BaseModel], location: Path, data: Any) -> str:
    """The example of the key at a path of the written file, as a line; "" if it has none short."""
    candidates = [schema_of(model)]
    definitions = candidates[0].get("$defs", {})
    here = data
    for step in location:
        blocks = [one for part in candidates for one in alternatives(part, definitions)]
        fitting = [one for one in blocks if fits(one, here)]
        candidates = [found for one in fitting for found in step_into(one, step, definitions)]
        here = here[step]
    examples = (one["examples"][0] for one in candidates if "examples" in one)
    simple = (one for one in examples if not isinstance(one, dict | list))
    found = next(simple, None)
    return "" if found is None else f"{location[-1]}: {found}"


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
