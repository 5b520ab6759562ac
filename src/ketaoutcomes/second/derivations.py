"""A second reading of the endpoints' rules, subject by subject, from the cohort's own rows.

Response and remission by a query of DuckDB, relapse by a plain loop over the assessments of a
subject. The check is the number of participants whose outcome both readings give alike.
"""

from collections.abc import Iterator
from math import inf, isnan

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import BinaryData, ChangeData, EndpointData, TimeToEventData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import (
    EndpointOfCut,
    RelapseEndpoint,
    ResponseEndpoint,
    ScoreCriterion,
)
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import Check, n_check, program_of

SAME_DAY = 1e-6
SCORES = """
    select v.subject, v.visit, v.day, v.score, b.score as baseline
    from visits v join visits b using (subject, phase, scale)
    where v.phase = $phase and v.scale = $scale and b.visit = $first
        and v.score is not null and b.score is not null
"""


def check_derivation(
    plan: AnalysisPlan,
    name: str,
    cohort: Cohort,
    endpoint: EndpointData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """How many participants of each arm both readings give alike.

    Nothing where an intercurrent event is handled otherwise than by treatment policy: such scores
    and times follow the event as well as the rule.
    """
    estimand = plan.estimands[plan.analyses[name].estimand]
    if set(estimand.intercurrent_events.values()) - {"treatment policy"}:
        return ()
    rule = plan.endpoints[estimand.endpoint]
    alike: pd.Series | None = None
    program = program_of("duckdb", "second reading of the rule")
    if isinstance(endpoint, ChangeData | BinaryData):
        alike = _scores_alike(plan, cohort, endpoint, estimand.endpoint)
    elif isinstance(endpoint, TimeToEventData) and isinstance(rule, RelapseEndpoint):
        alike = _times_alike(plan, cohort, endpoint, rule)
        program = program_of("pandas", "second reading of the rule, visit by visit")
    if alike is None:
        return ()
    arms = endpoint.frame["arm"].astype(str).to_numpy()
    per_arm = {arm: int(alike.to_numpy()[arms == arm].sum()) for arm in endpoint.arms}
    return tuple(
        n_check(row, program, per_arm.get(row.arm, 0))
        for row in results
        if row.table == "dst01" and row.analysis == name and row.statistic == "analysed" and row.arm
    )


def _scores_alike(
    plan: AnalysisPlan, cohort: Cohort, endpoint: ChangeData | BinaryData, rule_name: str
) -> pd.Series | None:
    """Whether each subject has the same outcomes at all visits; on its first row."""
    rule, phase = plan.endpoints[rule_name], plan.phases[endpoint.phase]
    if not endpoint.scale:
        return None
    import duckdb  # noqa: PLC0415 - slow to import

    with duckdb.connect() as connection:
        connection.register("visits", cohort.visits)
        found = connection.sql(
            SCORES,
            params={
                "phase": endpoint.phase,
                "scale": endpoint.scale,
                "first": phase.baseline_visit,
            },
        ).df()
    scale = plan.scale(endpoint.scale)
    if isinstance(endpoint, ChangeData):
        found["second"] = found["score"] - found["baseline"]
        column = "change"
    elif isinstance(rule, ResponseEndpoint):
        low = scale.low if rule.percent_of == "above_lowest" else 0.0
        fall = found["baseline"] - found["score"]
        fall = -fall if scale.better == "higher" else fall
        share = 100 * fall / (found["baseline"] - low).where(lambda x: x > 0)
        found["second"] = (share >= rule.improvement_at_least_percent - SAME_DAY).astype(float)
        column = "outcome"
    elif isinstance(rule, EndpointOfCut):
        met = (
            found["score"] <= rule.cut if rule.cut_key == "at_most" else found["score"] >= rule.cut
        )
        found["second"] = met.astype(float)
        column = "outcome"
    else:
        return None
    both = endpoint.frame.merge(
        found[["subject", "visit", "second"]], on=["subject", "visit"], how="left"
    )
    gap = (both[column] - both["second"]).abs()
    same = (gap <= SAME_DAY) | (both[column].isna() & both["second"].isna())
    whole = same.groupby(both["subject"]).transform("all").to_numpy()
    return pd.Series(whole & ~endpoint.frame["subject"].duplicated().to_numpy())


def _times_alike(
    plan: AnalysisPlan, cohort: Cohort, endpoint: TimeToEventData, rule: RelapseEndpoint
) -> pd.Series:
    """Whether each subject has the same first relapse, or none in both readings."""
    visits, events = cohort.visits, cohort.events
    visits = visits[
        (visits["phase"] == rule.phase)
        & visits["score"].notna()
        & (visits["visit"] != plan.phases[rule.phase].baseline_visit)
        & (visits["day"] >= 0)
    ]
    scored = {
        key: list(_in_order(plan, rule, rows)) for key, rows in visits.groupby(["subject", "scale"])
    }
    events = events[events["phase"] == rule.phase]
    first = events.groupby(["subject", "event"], as_index=False)["day"].min()
    happened = {
        (str(subject), str(event)): float(day)
        for subject, event, day in zip(first["subject"], first["event"], first["day"], strict=True)
    }
    alike = []
    for subject, time, event in endpoint.frame[["subject", "time", "event"]].itertuples(
        index=False
    ):
        day = inf
        for one in rule.any_of:
            if isinstance(one, ScoreCriterion):
                runs = scored.get((subject, one.scale), [])
                day = min(day, first_run(runs, one, dated_at=rule.dated_at))
            else:
                day = min(day, happened.get((subject, one.event), inf))
        agrees = abs(time - day) < SAME_DAY if event else day > time + SAME_DAY
        # an event after the end of follow-up is not counted by either reading
        alike.append(bool(agrees) and not isnan(time))
    return pd.Series(alike)


def _in_order(
    plan: AnalysisPlan, rule: RelapseEndpoint, rows: pd.DataFrame
) -> Iterator[tuple[float, float]]:
    """Day and score of each assessment, those of one day in the order of the plan."""
    order = {visit: place for place, visit in enumerate(plan.phases[rule.phase].schedule())}
    found = zip(rows["day"], rows["visit"].map(order), rows["score"], strict=True)
    return ((float(day), float(score)) for day, _, score in sorted(found))


def first_run(
    seen: list[tuple[float, float]], criterion: ScoreCriterion, *, dated_at: str
) -> float:
    """Day of the first run of scores beyond the cut; infinite if there is none.

    Parameters
    ----------
    seen : list of (day, score)
        In order.
    """
    low, most = criterion.within_days or (0, inf)
    run: list[float] = []
    for day, score in seen:
        beyond = (
            score <= criterion.cut if criterion.cut_key == "at_most" else score >= criterion.cut
        )
        near = bool(run) and low <= round(day - run[-1], 6) <= most
        run = ([*run, day] if near else [day]) if beyond else []
        if len(run) >= criterion.consecutive:
            return run[-1] if dated_at == "confirmation" else run[-criterion.consecutive]
    return inf
