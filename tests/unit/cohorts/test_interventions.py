"""What arms receive, in words."""

import pytest

from ketaoutcomes.cohorts.simulation.interventions import interventions_in_words
from ketaoutcomes.cohorts.simulation.parts_design import Dosing, Escalation, ScenarioPhase

KETAMINE = Dosing(drug="ketamine", dose=0.5, unit="mg/kg", dose_days=(0.0,))
LADDER = Escalation(days=(7, 14), factors=(1.2, 1.8))
RAISED = "raised in steps to 0.9 mg/kg while improvement is below 50%"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "intravenous ketamine 0.5 mg/kg, one dose"),
        ({"dose_days": (0.0, 3, 7)}, "intravenous ketamine 0.5 mg/kg, 3 doses on days 1, 4 and 8"),
        (
            {"dose_days": (4.0,), "every_days": 7},
            "intravenous ketamine 0.5 mg/kg, 4 doses, the first on day 5, then every 7 days",
        ),
        (
            {"dose_days": (0.0, 7), "every_days": 14},
            "intravenous ketamine 0.5 mg/kg, 3 doses on days 1 and 8, then every 14 days",
        ),
        (
            {"dose_days": (0.0, 7, 14), "route": "subcutaneous", "escalation": LADDER},
            f"subcutaneous ketamine 0.5 mg/kg, {RAISED}, 3 doses on days 1, 8 and 15",
        ),
    ],
)
def test_an_arm_in_words(changes, words) -> None:
    phase = ScenarioPhase(days=28, arms={"arm": KETAMINE.model_copy(update=changes)})
    assert interventions_in_words(phase) == {"arm": words}
