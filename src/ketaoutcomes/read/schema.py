"""The JSON Schema of a plan, for editors that complete and check YAML."""

from typing import Any

from ketaoutcomes.plan import AnalysisPlan


def plan_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an analysis plan."""
    schema = AnalysisPlan.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
