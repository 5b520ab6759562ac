"""Pairs of scores, of those who have both or one of them; pairs of yes or no."""

from dataclasses import replace

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import Incomplete, derive_binary, derive_change
from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import EndpointOfCut

NO_EVENTS: tuple[str, ...] = ()


def derive_paired(plan: AnalysisPlan, name: str, cohort: Cohort) -> ChangeData:
    """The first score of each participant and those of later visits.

    The mixed model keeps participants with the first score alone, or with a later one alone.
    """
    analysis = plan.analyses[name]
    assert isinstance(analysis, PairedAnalysis)
    if analysis.method == "t test":
        return derive_change(plan, analysis.estimand, cohort, ())
    everybody = Incomplete(NO_EVENTS, keeps_missing_baseline=True)
    data = derive_change(plan, analysis.estimand, cohort, (), everybody)
    known = data.frame["score"].notna() | data.frame["baseline"].notna()
    seen = known.groupby(data.frame["subject"]).transform("any")
    lost = int(data.frame.loc[~seen, "subject"].nunique())
    excluded = (*data.excluded, *((("no score", lost),) if lost else ()))
    frame = data.frame[seen].reset_index(drop=True)
    return replace(data, frame=frame, excluded=excluded)


def derive_paired_proportions(plan: AnalysisPlan, name: str, cohort: Cohort) -> BinaryData:
    """Yes or no at each later visit, and at the first one in the column `first`."""
    analysis = plan.analyses[name]
    endpoint = plan.endpoints[plan.estimands[analysis.estimand].endpoint]
    assert isinstance(endpoint, EndpointOfCut)
    data = derive_binary(plan, analysis.estimand, cohort, ())
    before = data.frame["baseline"]
    first = pd.Series(endpoint.reached(before).astype(float), index=before.index)
    return replace(data, frame=data.frame.assign(first=first.where(before.notna())))
