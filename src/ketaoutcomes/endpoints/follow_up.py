"""How long each subject was followed, and what an estimand makes of it.

Under treatment policy follow-up ends with the study, while on treatment with treatment
(ICH E9(R1), A.3.2).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import TREATMENT_DISCONTINUATION, Cohort
from ketaoutcomes.endpoints.intercurrent import days_by_strategy
from ketaoutcomes.endpoints.members import last_assessment
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark


@dataclass(frozen=True)
class FollowUp:
    """The end of each subject's follow-up in a phase.

    Attributes
    ----------
    last_day : Series
        The last day in the study, or else on treatment, or the last assessment if that is later;
        NaN where the data say none.
    told : Series
        That last day as the data tell it, whatever was assessed; NaN where they say none.
    last_assessment : Series
        Day of the last score; NaN without one.
    reason : Series
        Why it ended; missing where the data do not say.
    by_treatment : Series
        True where only the end of treatment is known.
    """

    last_day: pd.Series
    told: pd.Series
    last_assessment: pd.Series
    reason: pd.Series
    by_treatment: pd.Series


def follow_up(cohort: Cohort, phase: str, subjects: pd.Series) -> FollowUp:
    """The end of follow-up of these subjects, in their order."""
    assessed = last_assessment(cohort, phase, subjects)
    study = _of_phase(cohort.follow_up, phase)
    in_study = subjects.map(study["last_day"]).astype(float)
    treated = on_treatment(cohort, phase, subjects)
    told = in_study.fillna(treated)
    return FollowUp(
        last_day=pd.concat([assessed, told], axis=1).max(axis=1),
        told=told,
        last_assessment=assessed,
        reason=subjects.map(study["reason"]).astype(object),
        by_treatment=in_study.isna() & treated.notna(),
    )


def on_treatment(cohort: Cohort, phase: str, subjects: pd.Series) -> pd.Series:
    """The last day on treatment, NaN where the data do not say."""
    return subjects.map(_of_phase(cohort.treatment_end, phase)["last_day"]).astype(float)


def while_on_treatment(
    estimand: Estimand, cohort: Cohort, phase: str, subjects: pd.Series
) -> pd.Series:
    """The day after which nothing counts, while on treatment; infinity under another strategy."""
    stop = days_by_strategy(estimand, cohort, phase, subjects, "while on treatment")
    if estimand.intercurrent_events.get(TREATMENT_DISCONTINUATION) != "while on treatment":
        return stop
    return stop.clip(upper=on_treatment(cohort, phase, subjects).fillna(np.inf))


def follow_up_remarks(
    estimand: Estimand, cohort: Cohort, phase: str, known: FollowUp, subjects: pd.Series
) -> tuple[Remark, ...]:
    """What the data do not say of the end of follow-up that the estimand asks for."""
    strategy = estimand.intercurrent_events.get(TREATMENT_DISCONTINUATION, "treatment policy")
    if strategy == "treatment policy" and known.by_treatment.any():
        return (
            Remark(
                "Follow-up of {count} ends with treatment, because the data do not say when they "
                "discontinued the study; under treatment policy later events count as well",
                where=f"phase `{phase}`",
                remedy="name the last study day under `data.columns.day` (ADaM: EOSDY, or EOSDT "
                "with TRTSDT)",
                count=int(known.by_treatment.sum()),
                total=len(subjects),
                gravity="warning",
            ),
        )
    untold = on_treatment(cohort, phase, subjects).isna()
    stop = days_by_strategy(estimand, cohort, phase, subjects, "while on treatment")
    untold &= ~np.isfinite(stop)
    if strategy == "while on treatment" and len(cohort.treatment_end) and untold.any():
        return (
            Remark(
                "The data do not say when treatment of {count} ended; all their follow-up counts "
                "as on treatment",
                where=f"phase `{phase}`",
                count=int(untold.sum()),
                total=len(subjects),
                gravity="warning",
            ),
        )
    return ()


def _of_phase(ends: pd.DataFrame, phase: str) -> pd.DataFrame:
    return ends[ends["phase"] == phase].set_index("subject")
