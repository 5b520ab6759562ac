"""Change from baseline, and response and remission, at each scheduled visit."""

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.derive.intercurrent import (
    SCORE_STRATEGIES,
    days_by_strategy,
    refuse_unsupported,
)
from ketaoutcomes.derive.members import BASELINE, Members, phase_members, scores
from ketaoutcomes.endpoint import BinaryData, ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import ChangeEndpoint, RemissionEndpoint, ResponseEndpoint


def derive_change(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> ChangeData:
    """Change from baseline of every subject with a baseline and a score after it."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, ChangeEndpoint)
    refuse_unsupported(estimand_name, estimand, tuple(SCORE_STRATEGIES), "change")
    members = phase_members(plan, cohort, endpoint.phase, covariates, endpoint.scale)
    members = members.without(members.frame[BASELINE].isna(), "no baseline score")
    visits = plan.phases[endpoint.phase].treatment_visits
    grid = _grid(members, visits, scores(cohort, endpoint.phase, endpoint.scale))
    for strategy, rule in SCORE_STRATEGIES.items():
        event = days_by_strategy(estimand, cohort, endpoint.phase, grid["subject"], strategy)
        grid["score"] = rule(grid["score"], grid["day"], event)
    unseen = grid["score"].isna().groupby(grid["subject"]).transform("all")
    left_out = members.frame["subject"].isin(grid.loc[unseen, "subject"])
    members = members.without(left_out, "no score after baseline")
    grid = grid[~unseen].reset_index(drop=True)
    grid["change"] = grid["score"] - grid[BASELINE]
    return ChangeData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        scale=endpoint.scale,
        arms=tuple(plan.phases[endpoint.phase].arms),
        visits=visits,
        frame=grid,
        nominal_days=tuple(plan.phases[endpoint.phase].nominal_days[visit] for visit in visits),
        excluded=members.excluded,
    )


def derive_binary(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> BinaryData:
    """Response or remission of every subject with a baseline."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, ResponseEndpoint | RemissionEndpoint)
    supported = (*SCORE_STRATEGIES, "composite")
    refuse_unsupported(estimand_name, estimand, supported, endpoint.kind)
    members = phase_members(plan, cohort, endpoint.phase, covariates, endpoint.scale)
    members = members.without(members.frame[BASELINE].isna(), "no baseline score")
    visits = plan.phases[endpoint.phase].treatment_visits
    grid = _grid(members, visits, scores(cohort, endpoint.phase, endpoint.scale))
    for strategy, rule in SCORE_STRATEGIES.items():
        event = days_by_strategy(estimand, cohort, endpoint.phase, grid["subject"], strategy)
        grid["score"] = rule(grid["score"], grid["day"], event)
    success = _success(plan, endpoint, grid)
    outcome = success.astype(float).where(grid["score"].notna())
    failed = days_by_strategy(estimand, cohort, endpoint.phase, grid["subject"], "composite")
    nominal = grid["visit"].map(plan.phases[endpoint.phase].nominal_days)
    grid["outcome"] = outcome.mask(grid["day"].fillna(nominal) >= failed, 0.0)
    return BinaryData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        scale=endpoint.scale,
        arms=tuple(plan.phases[endpoint.phase].arms),
        visits=visits,
        frame=grid.drop(columns=["day", "score"]),
        rule=_rule(endpoint),
        excluded=members.excluded,
    )


def _grid(members: Members, visits: tuple[str, ...], seen: pd.DataFrame) -> pd.DataFrame:
    """One row a subject and visit, with the day and score where there is one."""
    order = pd.DataFrame({"visit": visits, "order": np.arange(len(visits))})
    grid = members.frame.merge(order, how="cross")
    grid = grid.merge(seen, on=["subject", "visit"], how="left")
    grid = grid.sort_values(["subject", "order"], ignore_index=True).drop(columns="order")
    grid["score"] = grid["score"].astype(float)
    return grid


def _success(
    plan: AnalysisPlan, endpoint: ResponseEndpoint | RemissionEndpoint, grid: pd.DataFrame
) -> pd.Series:
    """Whether the rule holds; of a scale where higher is better, a rise counts for a fall."""
    if isinstance(endpoint, RemissionEndpoint):
        return grid["score"] <= endpoint.at_most
    fall = grid[BASELINE] - grid["score"]
    if plan.scale(endpoint.scale).better == "higher":
        fall = -fall
    return fall >= endpoint.fall_at_least_percent / 100 * grid[BASELINE]


def _rule(endpoint: ResponseEndpoint | RemissionEndpoint) -> str:
    if isinstance(endpoint, RemissionEndpoint):
        return f"{endpoint.scale} total at or below {endpoint.at_most:g}"
    return f"fall of the {endpoint.scale} total by at least {endpoint.fall_at_least_percent:g} %"
