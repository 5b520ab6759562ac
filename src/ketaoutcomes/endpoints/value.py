"""Costs and effects of each subject over a phase."""

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import ValueData
from ketaoutcomes.endpoints.intercurrent import refuse_unsupported
from ketaoutcomes.endpoints.members import phase_members, scores
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.value import StateUtility, ValueEndpoint

DAYS_PER_YEAR = 365.25


def derive_value(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> ValueData:
    """Cost by item, and time by health state or the effect itself, of everybody assessed.

    Raises
    ------
    DataError
        If the cohort holds no costs, or costs in more than one currency.
    """
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, ValueEndpoint)
    refuse_unsupported(estimand_name, estimand, ("treatment policy",), endpoint.kind)
    members = phase_members(plan, cohort, endpoint.phase, covariates, None)
    values = _values(plan, cohort, endpoint, members.frame["subject"])
    unseen = pd.Series(np.isnan(values).all(axis=1))
    members = members.without(unseen, f"no {endpoint.scale} score")
    values = values[~unseen.to_numpy()]
    costs, currency = _costs(cohort, endpoint.phase, members.frame["subject"])
    return ValueData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=members.frame,
        costs=costs,
        times=_times(plan, endpoint, values),
        utilities=_utilities(endpoint),
        price_errors=tuple(endpoint.price_errors.get(str(item), 0.0) for item in costs),
        unknown_prices=tuple(item for item in endpoint.price_errors if item not in costs),
        currency=currency,
        unit=endpoint.unit,
        excluded=members.excluded,
    )


def _values(
    plan: AnalysisPlan, cohort: Cohort, endpoint: ValueEndpoint, subjects: pd.Series
) -> np.ndarray:
    """The scale at each scheduled visit; a missed one takes the last before, or the first after."""
    seen = scores(cohort, endpoint.phase, endpoint.scale)
    wide = seen.assign(score=seen["score"].astype(float)).pivot(
        index="subject", columns="visit", values="score"
    )
    visits = list(plan.phases[endpoint.phase].schedule())
    grid = wide.reindex(index=list(subjects), columns=visits)
    return grid.ffill(axis=1).bfill(axis=1).to_numpy(dtype=float)


def _times(plan: AnalysisPlan, endpoint: ValueEndpoint, values: np.ndarray) -> pd.DataFrame:
    """Years in each state, or the effect in one column."""
    schedule = plan.phases[endpoint.phase].schedule()
    if endpoint.success is not None:
        at = list(schedule).index(endpoint.success.visit)
        return pd.DataFrame({"success": endpoint.success.reached(values[:, at]).astype(float)})
    days = np.array([visit.hours_after_first_dose / 24 for visit in schedule.values()])
    weights = _trapezoid(days) / DAYS_PER_YEAR
    if endpoint.state_utility is None:
        return pd.DataFrame({"QALY": values @ weights})
    place = _states(endpoint.state_utility, values)
    return pd.DataFrame(
        {
            state.label: (place == at) @ weights
            for at, state in enumerate(endpoint.state_utility.states)
        }
    )


def _states(utility: StateUtility, values: np.ndarray) -> np.ndarray:
    """Which state each value is in."""
    limits = [state.at_most for state in utility.states if state.at_most is not None]
    return np.searchsorted(np.array(limits), values, side="left")


def _trapezoid(days: np.ndarray) -> np.ndarray:
    """Weights of the trapezoid rule at these days."""
    gaps = np.diff(days)
    return np.concatenate([[0.0], gaps]) / 2 + np.concatenate([gaps, [0.0]]) / 2


def _utilities(endpoint: ValueEndpoint) -> tuple[tuple[float, float], ...]:
    """Mean and standard error of the utility of each column of `times`."""
    if endpoint.state_utility is None:
        return ((1.0, 0.0),)
    return tuple((state.utility, state.std_error) for state in endpoint.state_utility.states)


def _costs(cohort: Cohort, phase: str, subjects: pd.Series) -> tuple[pd.DataFrame, str]:
    """Cost by item, 0 where a subject had none, and the currency."""
    here = cohort.costs[cohort.costs["phase"] == phase]
    currencies = sorted(here["currency"].dropna().unique())
    if len(currencies) != 1:
        found = f"costs in {', '.join(currencies)}" if currencies else "no costs"
        raise DataError(
            "the cohort does not fit the plan",
            (
                Problem(
                    f"costs of phase `{phase}`",
                    "costs in one currency",
                    found,
                    "add a costs file with one currency, or take the analysis out",
                ),
            ),
        )
    amounts = here.assign(amount=here["amount"].astype(float))
    wide = amounts.pivot_table(
        index="subject", columns="item", values="amount", aggfunc="sum", fill_value=0.0
    )
    costs = wide.reindex(list(subjects), fill_value=0.0).reset_index(drop=True)
    costs.columns = pd.Index([str(item) for item in costs.columns])
    return costs, str(currencies[0])
