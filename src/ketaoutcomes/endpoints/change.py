"""Change from baseline, and response and remission, at each scheduled visit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import take

from ketaoutcomes.cohort import DERIVED, Cohort
from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.endpoints.directions import percentage_remarks
from ketaoutcomes.endpoints.intercurrent import (
    SCORE_STRATEGIES,
    days_by_strategy,
    first_event,
    refuse_unsupported,
)
from ketaoutcomes.endpoints.members import (
    BASELINE,
    Members,
    phase_members,
    scores,
    without_baseline,
)
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import (
    ChangeEndpoint,
    EndpointOfCut,
    ResponseEndpoint,
    YesOrNoEndpoint,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.remarks import Remark


@dataclass(frozen=True)
class Incomplete:
    """What an analysis that fills in missing scores asks of its endpoint.

    Attributes
    ----------
    events : tuple of str
        Intercurrent events; of each score it is told which came first before it.
    keeps_missing_baseline : bool
        Whether those without a baseline or a covariate are kept, too.
    """

    events: tuple[str, ...]
    keeps_missing_baseline: bool


Scored = ChangeEndpoint | ResponseEndpoint | EndpointOfCut


def derive_change(
    plan: AnalysisPlan,
    estimand_name: str,
    cohort: Cohort,
    covariates: tuple[str, ...],
    imputed: Incomplete | None = None,
) -> ChangeData:
    """Change from baseline of every subject with a baseline and a score after it.

    Parameters
    ----------
    imputed : Incomplete, optional
        An analysis that fills in missing scores keeps those whom others leave out, and needs to
        know which event came before a visit.
    """
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, ChangeEndpoint)
    refuse_unsupported(estimand_name, estimand, tuple(SCORE_STRATEGIES), "change")
    members, grid = _scored(plan, estimand, cohort, covariates, imputed)
    visits = plan.phases[endpoint.phase].treatment_visits
    if imputed is None:
        unseen = grid["score"].isna().groupby(grid["subject"]).transform("all")
        if unseen.any():
            left_out = members.frame["subject"].isin(grid.loc[unseen, "subject"])
            members = members.without(left_out, "no score after baseline")
            grid = grid[~unseen].reset_index(drop=True)
    grid["change"] = grid["score"] - grid[BASELINE]
    if DERIVED in grid:
        grid[DERIVED] = grid[DERIVED].astype(object).mask(grid["score"].isna(), None)
    return ChangeData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        scale=endpoint.scale,
        arms=tuple(plan.phases[endpoint.phase].arms),
        visits=visits,
        frame=grid,
        nominal_days=tuple(plan.phases[endpoint.phase].nominal_days[visit] for visit in visits),
        excluded=members.excluded,
        remarks=derived_remarks(grid, endpoint.scale),
    )


def derived_remarks(grid: pd.DataFrame, scale: str) -> tuple[Remark, ...]:
    """Words on scores that stand in place of missing ones."""
    if DERIVED not in grid or grid[DERIVED].isna().all():
        return ()
    derived = grid[DERIVED].notna()
    ways = ", ".join(sorted(grid.loc[derived, DERIVED].astype(str).unique()))
    total = int(grid["score"].notna().sum())
    return (
        Remark(
            f"Scores that were not observed but derived ({ways}) count as if they had been "
            f"observed: {{count}} of {total} on {scale}. This presumes that nothing changed after "
            "the last score, and the intervals are too narrow (National Research Council 2010, "
            "rec. 10)",
            remedy="Leave them out with `data.where.visits`, and fill in missing scores by a model",
            count=int(derived.sum()),
            total=total,
            unit="score",
            gravity="warning",
        ),
    )


def derive_binary(
    plan: AnalysisPlan,
    estimand_name: str,
    cohort: Cohort,
    covariates: tuple[str, ...],
    imputed: Incomplete | None = None,
) -> BinaryData:
    """Response, remission or a yes of every subject with a baseline; `imputed` as above."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, ResponseEndpoint | EndpointOfCut)
    supported = (*SCORE_STRATEGIES, "composite")
    refuse_unsupported(estimand_name, estimand, supported, endpoint.kind)
    members, grid = _scored(plan, estimand, cohort, covariates, imputed)
    visits = plan.phases[endpoint.phase].treatment_visits
    success = endpoint.met(grid["score"], grid[BASELINE], plan.scale(endpoint.scale))
    known = grid["score"].notna() & grid[BASELINE].notna()
    outcome = pd.Series(success.astype(float)).where(known)
    failed = days_by_strategy(estimand, cohort, endpoint.phase, grid["subject"], "composite")
    nominal = grid["visit"].map(plan.phases[endpoint.phase].nominal_days)
    unwanted = isinstance(endpoint, YesOrNoEndpoint) and endpoint.event_is == "unwanted"
    grid["outcome"] = outcome.mask(grid["day"].fillna(nominal) >= failed, float(unwanted))
    return BinaryData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        scale=endpoint.scale,
        arms=tuple(plan.phases[endpoint.phase].arms),
        visits=visits,
        frame=grid.drop(columns="day"),
        unwanted=unwanted,
        rule=_rule(plan, endpoint),
        excluded=members.excluded,
        remarks=(
            *percentage_remarks(plan, estimand.endpoint, endpoint, members.frame[BASELINE]),
            *derived_remarks(grid, endpoint.scale),
        ),
    )


def _scored(
    plan: AnalysisPlan,
    estimand: Estimand,
    cohort: Cohort,
    covariates: tuple[str, ...],
    imputed: Incomplete | None,
) -> tuple[Members, pd.DataFrame]:
    """Who is looked at, and their grid of scores that count.

    Those assigned, with a baseline and the covariates unless these are filled in; with each score
    the event after which it stands, if that is asked for.
    """
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, Scored)
    phase, scale = plan.phases[endpoint.phase], endpoint.scale
    keep = imputed is not None and imputed.keeps_missing_baseline
    seen = scores(cohort, endpoint.phase, scale)
    members = phase_members(
        plan, cohort, endpoint.phase, covariates, scale, keep_missing=keep, seen=seen
    )
    if not keep:
        members = without_baseline(plan, members, scale, seen)
    grid = _grid(members, phase.treatment_visits, seen)
    for strategy, rule in SCORE_STRATEGIES.items():
        event = days_by_strategy(estimand, cohort, endpoint.phase, grid["subject"], strategy)
        grid["score"] = rule(grid["score"], grid["day"], event)
    if imputed is not None and imputed.events:
        day = grid["day"].fillna(grid["visit"].map(phase.nominal_days))
        grid["event"] = first_event(cohort, endpoint.phase, imputed.events, grid["subject"], day)
    return members, grid


def _grid(members: Members, visits: tuple[str, ...], seen: pd.DataFrame) -> pd.DataFrame:
    """One row a subject and visit, with the day and score where there is one."""
    places = _places(members, visits, seen)
    if places is None or not members.frame["subject"].is_monotonic_increasing:
        order = pd.DataFrame({"visit": visits, "order": np.arange(len(visits))})
        grid = members.frame.merge(order, how="cross")
        grid = grid.merge(seen, on=["subject", "visit"], how="left")
        grid = grid.sort_values(["subject", "order"], ignore_index=True).drop(columns="order")
    else:
        rows = np.repeat(np.arange(len(members.frame)), len(visits))
        own = {name: take(_values(column), rows) for name, column in members.frame.items()}
        visit = np.tile(np.array(visits, dtype=object), len(members.frame))
        of_visit = {
            name: take(_values(column), places, allow_fill=True)
            for name, column in seen.items()
            if name not in ("subject", "visit")
        }
        grid = pd.DataFrame(own | {"visit": visit} | of_visit, copy=False)
    grid["score"] = grid["score"].astype(float)
    return grid


def _values(column: pd.Series) -> Any:
    """The values of a column as they are held: numpy's own make a frame without being looked at."""
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _places(
    members: Members, visits: tuple[str, ...], seen: pd.DataFrame
) -> NDArray[np.int64] | None:
    """The row of each subject and visit among those seen, -1 without one; None where some have two.

    It takes a small part of the time that a join of words takes.
    """
    subject = pd.Index(members.frame["subject"])
    if not subject.is_unique or set(members.frame) & (set(seen) - {"subject"}):
        return None
    row = subject.get_indexer(pd.Index(seen["subject"]))
    column = pd.Index(visits).get_indexer(pd.Index(seen["visit"]))
    known = np.flatnonzero((row >= 0) & (column >= 0))
    cells = row[known] * len(visits) + column[known]
    places = np.full(len(subject) * len(visits), -1, dtype=np.int64)
    places[cells] = known
    return places if (places[cells] == known).all() else None


def _rule(plan: AnalysisPlan, endpoint: ResponseEndpoint | EndpointOfCut) -> str:
    if isinstance(endpoint, EndpointOfCut):
        return f"{endpoint.scale} total of {endpoint.cut_words}"
    return endpoint.improvement_words(
        plan.scale(endpoint.scale), endpoint.improvement_at_least_percent
    )
