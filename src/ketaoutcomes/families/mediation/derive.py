"""Outcome and mediator of each subject, as changes from baseline."""

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import derive_change
from ketaoutcomes.endpoints.data import MediationData
from ketaoutcomes.endpoints.members import scores
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.families.mediation.plan import MediationAnalysis, Mediator
from ketaoutcomes.plan import AnalysisPlan


def derive_mediation(plan: AnalysisPlan, name: str, cohort: Cohort) -> MediationData:
    """Subjects with outcome and mediator; the others are counted by what they lack.

    Raises
    ------
    DataError
        If a logarithm is asked of a value that is not positive.
    """
    analysis = plan.analyses[name]
    assert isinstance(analysis, MediationAnalysis)
    estimand = plan.estimands[analysis.estimand]
    change = derive_change(plan, analysis.estimand, cohort, analysis.covariates)
    frame = change.frame[change.frame["visit"] == estimand.visit].reset_index(drop=True)
    frame = frame.rename(columns={"change": "outcome"}).drop(columns=["visit", "score"])
    first = plan.phases[change.phase].baseline_visit or ""
    before, after = (
        _values(cohort, change.phase, analysis.mediator, visit, frame["subject"])
        for visit in (first, analysis.mediator.visit)
    )
    frame = frame.assign(mediator=after - before, mediator_baseline=before)
    excluded = list(change.excluded)
    for column, reason in (
        ("outcome", f"no outcome at {estimand.visit}"),
        ("mediator", f"no {analysis.mediator.scale} at {analysis.mediator.visit} or at baseline"),
    ):
        lacking = frame[column].isna()
        if lacking.any():
            excluded.append((reason, int(lacking.sum())))
        frame = frame[~lacking].reset_index(drop=True)
    return MediationData(
        name=estimand.endpoint,
        phase=change.phase,
        scale=change.scale,
        arms=change.arms,
        frame=frame,
        excluded=tuple(excluded),
    )


def _values(
    cohort: Cohort, phase: str, mediator: Mediator, visit: str, subjects: pd.Series
) -> pd.Series:
    """The mediator at a visit, on the scale of the analysis."""
    seen = scores(cohort, phase, mediator.scale)
    here = seen[seen["visit"] == visit].drop_duplicates("subject").set_index("subject")["score"]
    values = subjects.map(here).astype(float)
    if not mediator.logarithm:
        return values
    if (values <= 0).any():
        raise DataError(
            "the cohort does not fit the plan",
            (
                Problem(
                    f"{mediator.scale} at {visit}",
                    "values above 0, for their logarithm",
                    f"{int((values <= 0).sum())} values of 0 or less",
                    "leave `logarithm` out of the mediator, or correct the data",
                ),
            ),
        )
    return values.map(np.log)
