"""Times to an event of data that are read in parts: participants who are alike are counted.

On whole days there are few different times, so that the counts take little however many
participants there are; curves, tests, restricted means and Cox models rest on them alone.
"""

from dataclasses import replace

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.counted import counted, written_out
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand

COLUMNS = ("arm", "time", "event", "reason", "entry")


def times_need_rows(analysis: TimeToEventAnalysis) -> str:
    """What of an analysis rests on who is who."""
    asked = {
        "cluster": analysis.cluster is not None,
        "frailty": analysis.frailty is not None,
        "time_varying": bool(analysis.time_varying),
    }
    return ", ".join(f"`{key}`" for key, there in asked.items() if there)


def summed_times(
    analysis: TimeToEventAnalysis, _estimand: Estimand, endpoint: TimeToEventData, _census: None
) -> TimeToEventData:
    """One part with counts in place of its rows.

    Raises
    ------
    ValueError
        If a participant was observed in several intervals.
    """
    if len(endpoint.intervals):
        raise ValueError("several intervals of one participant need all rows at once")
    frame = endpoint.frame
    wanted = dict.fromkeys((*COLUMNS, *analysis.covariate_names))
    return replace(endpoint, frame=counted(frame[[name for name in wanted if name in frame]]))


def fit_summed_times(
    name: str,
    analysis: TimeToEventAnalysis,
    estimand: Estimand,
    endpoint: TimeToEventData,
    conf_level: float,
) -> Fitted:
    """The analysis of all participants, written out for its time only."""
    everyone = replace(endpoint, frame=written_out(endpoint.frame))
    return fit_time_to_event_analysis(name, analysis, estimand, everyone, conf_level)
