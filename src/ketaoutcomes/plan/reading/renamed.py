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

_CALLED: Final = {
    "endpoint": ("variable", "outcome"),
    "summary": (
        *("population_level_summary", "population-level summary", "summary_measure", "measure"),
        "effect_measure",
    ),
    "treatment": ("treatments", "arms", "comparison", "contrast"),
    "arms": ("groups", "treatments", "treatment_arms", "treatment_groups"),
    "reference": ("control", "comparator", "reference_arm", "placebo_arm", "control_arm"),
    "active": ("experimental", "intervention", "active_arm"),
    "population": ("analysis_set", "pop"),
    "intercurrent_events": ("ice", "ices", "strategies", "strategy"),
    "visit": ("timepoint", "time_point", "time point", "at_visit"),
    "visits": ("schedule", "timepoints", "time_points", "assessments"),
    "scale": ("instrument", "questionnaire", "outcome", "measure"),
    "improvement_at_least_percent": ("percent", "at_least_percent"),
    "covariance": ("covariance_structure", "covariance structure", "structure", "cov"),
    "covariates": (
        *("formula", "adjust_for", "adjusted_for", "fixed_effects", "baseline_covariates"),
        "factors",
    ),
    "by_visit": ("visit_interaction", "interactions_with_visit"),
    "df": ("ddfm", "ddf", "dof", "degrees_of_freedom"),
    "method": ("estimation", "procedure", "adjust"),
    "weighting": ("ls_means", "lsmeans", "ls_mean_weights"),
    "contrasts": ("estimates", "lsmestimate", "emmeans"),
    "strata": ("stratum", "stratify_by", "stratification", "stratification_factors"),
    "rmst_days": ("tau", "rmst", "rmst_time", "truncation_time"),
    "landmark_days": ("landmarks", "milestones", "timepoints"),
    "correlation": ("working_correlation", "corstr"),
    "imputations": ("m", "n_imputations", "number_of_imputations", "nimpute"),
    "seed": ("random_seed", "rng_seed", "random_state"),
    "confidence_level": ("conf_level", "ci_level", "level"),
    "subjects": ("n", "sample_size", "sample_sizes", "participants"),
    "replicates": ("simulations", "nsim", "n_sim", "reps", "nrep"),
    "title": ("name",),
    "question": ("objective", "research_question", "aim"),
    "registration": ("nct", "trial_registration", "registry", "registration_number"),
    "condition": ("indication", "disease", "diagnosis"),
}
KEYS_ELSEWHERE: Final = {
    name: tuple(ours for ours, names in _CALLED.items() if name in names)
    for name in sorted({name for names in _CALLED.values() for name in names})
}
"""Key that guidelines and other programs have -> what a plan calls the same, by the block."""

_THRESHOLD: Final = (
    "write `at_most` or `at_least` for a score, `improvement_at_least_percent` for a %"
)
_WEEK: Final = (
    "write `day`, on the scale of days of the data: week 4 is day 28, or day 29 if day 1 is first"
)
_COLUMN: Final = {
    "subject": (
        *("id", "subjid", "usubjid", "subject_id", "patient", "patient_id", "pid", "participant"),
        "person",
    ),
    "arm": ("treatment", "trt", "group", "treatment_arm", "treatment_group", "randomised"),
    "value": ("score", "result_value", "aval", "measurement", "response"),
    "visit": ("timepoint", "time_point", "visit_name", "week"),
    "occurred": ("status", "event_occurred", "indicator_of_event", "failure"),
    "time": ("duration", "survival_time", "time_to_event", "followup_time"),
    "entry": ("start", "tstart", "truncation"),
    "after": ("lower", "left"),
    "by": ("upper", "right"),
}
"""Column of a plan -> what other programs call it; all under `columns`, which alone has both."""
_OUTCOME: Final = (
    "write `value` for the column of a score, `scores` for a column for each visit or scale, and "
    "`time` with `occurred` for a time to an event"
)
KEY_ADVICE: Final = {
    ("outcome", "baselines"): _OUTCOME,
    **{
        (name, "baselines"): f"the column is called `{ours}` here"
        for ours, names in _COLUMN.items()
        for name in names
    },
    ("visit", "kind"): "write `visit` in the estimand; an endpoint is that of every visit",
    ("alpha", "confidence_level"): "write `confidence_level`, which is 1 minus alpha, as in 0.95",
    ("type", "model"): "write `model` for the analysis, `covariance` for its structure",
    ("week", "day"): _WEEK,
    ("weeks", "day"): _WEEK,
    **{(key, "improvement_at_least_percent"): _THRESHOLD for key in ("threshold", "cutoff", "cut")},
    **{(key, "at_most"): _THRESHOLD for key in ("threshold", "cutoff", "cut")},
}
"""A key of elsewhere and one of the block it is written in -> what to write; the two differ."""
