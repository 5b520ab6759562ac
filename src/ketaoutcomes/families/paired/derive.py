"""Pairs of scores: of those who have both, or of all who have one of them."""

from dataclasses import replace

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import Incomplete, derive_change
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.plan import AnalysisPlan

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
