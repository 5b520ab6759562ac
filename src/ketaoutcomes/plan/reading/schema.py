"""The JSON Schema of a plan, for editors that complete and check YAML."""

from typing import Any

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.parts import INSTEAD, SYNONYMS, in_style
from ketaoutcomes.plan.reading.known_keys import schema_of
from ketaoutcomes.plan.reading.typed import values_of
from ketaoutcomes.plan.synthesis import SynthesisPlan

CLOSED = ("enum", "const", "default")
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def plan_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an analysis plan."""
    return {"$schema": DRAFT, **_as_written(schema_of(AnalysisPlan))}


def synthesis_schema() -> dict[str, Any]:
    """JSON Schema of the plan of a synthesis."""
    return {"$schema": DRAFT, **_as_written(schema_of(SynthesisPlan))}


def _as_written(schema: Any) -> Any:
    """A schema with closed values as plans write them, without the words for its reader alone."""
    if isinstance(schema, list):
        return [_as_written(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: _as_written(v) for k, v in schema.items() if k not in {SYNONYMS, INSTEAD}}
    closed = _closed(schema)
    made |= {key: _styled(schema[key], closed) for key in CLOSED if key in schema}
    return made


def _closed(schema: dict[str, Any]) -> frozenset[str]:
    """The texts of the closed lists of a value, or of the items of a list."""
    parts = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return frozenset(text for part in parts for text in values_of(part))


def _styled(value: Any, closed: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_styled(item, closed) for item in value]
    return in_style(value) if isinstance(value, str) and value in closed else value
