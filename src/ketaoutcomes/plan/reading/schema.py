"""The JSON Schema of a plan, for editors that complete and check YAML."""

from typing import Any

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.synthesis import SynthesisPlan

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def plan_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an analysis plan."""
    return {"$schema": DRAFT, **AnalysisPlan.model_json_schema()}


def synthesis_schema() -> dict[str, Any]:
    """JSON Schema of the plan of a synthesis."""
    return {"$schema": DRAFT, **SynthesisPlan.model_json_schema()}
