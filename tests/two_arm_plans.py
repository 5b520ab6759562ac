"""A plan of one phase, one endpoint, one estimand and one analysis: drug against control."""

from collections.abc import Mapping
from typing import Any

from ketaoutcomes.plan import AnalysisPlan


def two_arm_plan(
    visits: Mapping[str, Any],
    endpoint: Mapping[str, Any],
    estimand: Mapping[str, Any],
    analysis: Mapping[str, Any],
    **blocks: Any,
) -> AnalysisPlan:
    """Analysis `a` of estimand `e` of endpoint `y` in phase `p`.

    Parameters
    ----------
    visits : mapping
        The visits of the phase.
    endpoint, estimand, analysis : mapping
        What is said of each beside its names; an analysis is primary where nothing is said.
    **blocks : mapping
        Further blocks of the plan.
    """
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
            "data": {"synthetic": {"scenario": "x", "seed": 1}},
            "phases": {
                "p": {
                    "label": "x",
                    "arms": {"control": "Control", "drug": "Drug"},
                    "reference": "control",
                    "visits": dict(visits),
                }
            },
            "endpoints": {"y": {"phase": "p", **endpoint}},
            "estimands": {
                "e": {
                    "population": "x",
                    "treatment": {"active": "drug", "reference": "control"},
                    "endpoint": "y",
                    **estimand,
                }
            },
            "analyses": {"a": {"estimand": "e", "role": "primary", **analysis}},
            **blocks,
        }
    )
