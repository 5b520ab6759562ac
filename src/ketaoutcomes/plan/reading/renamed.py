"""Keys of a plan that have, or once had, another name."""

from typing import Final

RENAMED_KEYS: Final = {
    "restricted_mean_days": "rmst_days",
    "frailty_law": "frailty_distribution",
    "shifts": "delta_range",
    "after": "strategies",
    "milestones_days": "landmark_days",
    "ticks_every_days": "risk_table_every_days",
    "fall_at_least_percent": "improvement_at_least_percent",
    "keep": "where",
    "value_labels": "labelled_values",
    "carry_over": "carryover",
    "turned_instruments": "reversed_instruments",
}
"""Key of earlier versions -> its name now; the old name is read, with a note."""

KEYS_ELSEWHERE: Final = {
    "variable": "endpoint",
    "outcome": "endpoint",
    "population_level_summary": "summary",
    "summary_measure": "summary",
    "treatments": "treatment",
    "control": "reference",
    "comparator": "reference",
    "ddfm": "df",
    "tau": "rmst_days",
    "formula": "covariates",
}
"""Key that guidelines and other programs have -> what a plan calls the same."""
