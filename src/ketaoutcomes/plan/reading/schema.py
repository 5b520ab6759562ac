"""The JSON Schema of a plan, for editors that complete and check YAML."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.parts import INSTEAD, MEANINGS, SENTENCES, SYNONYMS, in_style
from ketaoutcomes.plan.reading.for_editors import MEANING, for_editors
from ketaoutcomes.plan.reading.known_keys import schema_of
from ketaoutcomes.plan.reading.typed import values_of
from ketaoutcomes.plan.synthesis import SynthesisPlan

Schema = dict[str, Any]
CLOSED: Final = ("enum", "const", "default", "examples")
FOR_THE_READER: Final = frozenset({SYNONYMS, INSTEAD, MEANINGS, SENTENCES})
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

PLAN_FILE: Final = "ketaoutcomes.schema.json"
SYNTHESIS_FILE: Final = "ketaoutcomes-synthesis.schema.json"
IDENTITIES: Final = {
    PLAN_FILE: "urn:ketaoutcomes:plan",
    SYNTHESIS_FILE: "urn:ketaoutcomes:synthesis",
}
"""File that the package writes -> by what it is known again."""


def plan_schema() -> Schema:
    """JSON Schema (draft 2020-12) of an analysis plan."""
    return _schema(AnalysisPlan, PLAN_FILE)


def synthesis_schema() -> Schema:
    """JSON Schema of the plan of a synthesis."""
    return _schema(SynthesisPlan, SYNTHESIS_FILE)


def schema_files() -> Mapping[str, bytes]:
    """Name -> content of the schemas as files, which plans name in their first line."""
    schemas = {PLAN_FILE: plan_schema(), SYNTHESIS_FILE: synthesis_schema()}
    return {name: as_text(schema).encode() for name, schema in schemas.items()}


def as_text(schema: Schema) -> str:
    """A schema as it is printed and written; its first line says that the package wrote it."""
    head = {key: schema[key] for key in ("$id", "$schema")}
    rest = {key: value for key, value in schema.items() if key not in head}
    first = json.dumps(head, ensure_ascii=False).rstrip("}")
    return f"{first},\n{json.dumps(rest, indent=2, ensure_ascii=False).lstrip('{').lstrip()}\n"


def editor_line(plan: Mapping[str, Any]) -> str:
    """The comment in the first line of a plan by which editors find its schema."""
    name = SYNTHESIS_FILE if SynthesisPlan.KEY in plan else PLAN_FILE
    return f"# yaml-language-server: $schema={name}"


def _schema(model: type[BaseModel], name: str) -> Schema:
    made = for_editors(_as_written(schema_of(model)))
    return {"$schema": DRAFT, "$id": IDENTITIES[name], **made}


def _as_written(schema: Any) -> Any:
    """A schema with closed values as plans write them, without the words for its reader alone."""
    if isinstance(schema, list):
        return [_as_written(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: _as_written(v) for k, v in schema.items() if k not in FOR_THE_READER}
    closed = _closed(schema)
    made |= {key: _styled(schema[key], closed) for key in CLOSED if key in schema}
    if "patternProperties" in made:
        made.setdefault("additionalProperties", False)  # a name that is none is refused
    if "properties" in made:
        made["properties"] = {
            key: _chosen_by(value, schema) for key, value in made["properties"].items()
        }
    for closed_list in _closed_lists(made) if MEANINGS in schema else ():
        closed_list.update(_explained(closed_list, schema[MEANINGS]))
    return made


def _chosen_by(value: Schema | bool, block: Schema) -> Schema | bool:
    """The key that says which kind a block is, explained by the block itself."""
    if isinstance(value, bool) or "const" not in value or "description" in value:
        return value
    first = str(block.get("description", "")).split("\n\n")[0].replace("\n", " ")
    return {**value, "description": first, "examples": [value["const"]]}


def _explained(node: Schema, meanings: Mapping[str, str]) -> Schema:
    """What each value of a closed list means, as editors read it."""
    if "const" in node:
        return {"description": meanings[str(node["const"])]}
    return {MEANING: [meanings[str(value)] for value in node["enum"]]}


def _closed_lists(schema: Schema) -> Iterator[Schema]:
    """The closed lists of a key: its own, those of its items, its names and its values."""
    if "enum" in schema or "const" in schema:
        yield schema
    inside = (schema.get(key) for key in ("items", "additionalProperties", "propertyNames"))
    members = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    for part in (*inside, *members, *schema.get("patternProperties", {}).values()):
        if isinstance(part, dict):
            yield from _closed_lists(part)


def _closed(schema: Schema) -> frozenset[str]:
    """The texts of the closed lists of a value, or of the items of a list."""
    parts = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return frozenset(text for part in parts for text in values_of(part))


def _styled(value: Any, closed: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_styled(item, closed) for item in value]
    return in_style(value) if isinstance(value, str) and value in closed else value
