"""Whether any of several criteria was met at any time of a phase."""

import numpy as np

from ketaoutcomes.clock import not_after
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.endpoints.follow_up import follow_up, follow_up_remarks, while_on_treatment
from ketaoutcomes.endpoints.intercurrent import days_by_strategy, refuse_unsupported
from ketaoutcomes.endpoints.members import later_scores, phase_members
from ketaoutcomes.endpoints.time_to_event import after_follow_up, first_criterion
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import IncidenceEndpoint, RelapseEndpoint, scales_of
from ketaoutcomes.vocabulary import Strategy

ANY_TIME = ""
"""The visit of an outcome that belongs to no visit."""

STRATEGIES: tuple[Strategy, ...] = (
    *("treatment policy", "hypothetical", "composite", "while on treatment"),
)


def derive_incidence(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> BinaryData:
    """1 where a criterion was met, 0 where a subject was assessed and none was."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, IncidenceEndpoint)
    refuse_unsupported(estimand_name, estimand, STRATEGIES, endpoint.kind)
    scales = scales_of(endpoint)
    members = phase_members(plan, cohort, endpoint.phase, covariates, scales[0] if scales else None)
    subjects = members.frame["subject"]
    as_time = RelapseEndpoint(
        kind="time_to_relapse", phase=endpoint.phase, any_of=endpoint.any_of, dated_at="first"
    )
    known = follow_up(cohort, endpoint.phase, subjects)
    first = first_criterion(plan, as_time, cohort, subjects, known)
    stop, failed = (
        days_by_strategy(estimand, cohort, endpoint.phase, subjects, strategy)
        for strategy in ("hypothetical", "composite")
    )
    ended = while_on_treatment(estimand, cohort, endpoint.phase, subjects).clip(upper=stop)
    before_stop = not_after(first["time"].to_numpy(dtype=float), ended.to_numpy(dtype=float))
    met = (first["event"].astype(bool) & before_stop) | np.isfinite(failed)
    followed = first["time"] > 0
    for scale in scales:  # an assessment on the dosing day may have no more than its study day
        followed |= subjects.isin(later_scores(plan, cohort, endpoint.phase, scale)["subject"])
    seen = met | (followed & ~np.isfinite(stop))
    return BinaryData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        scale=scales[0] if scales else "",
        arms=tuple(plan.phases[endpoint.phase].arms),
        visits=(ANY_TIME,),
        frame=members.frame.assign(visit=ANY_TIME, outcome=met.astype(float).where(seen)),
        rule=f"{endpoint.event_label} at any time",
        unwanted=endpoint.event_is == "unwanted",
        excluded=members.excluded,
        remarks=(
            *after_follow_up(endpoint, cohort, subjects, known),
            *follow_up_remarks(estimand, cohort, endpoint.phase, known, subjects),
        ),
    )
