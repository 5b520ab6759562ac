"""Exposure-adjusted incidence: subjects with a first event per 100 subject-years at risk.

A subject is at risk until the first event of the kind, or else until follow-up ends. Exact Poisson
intervals (Garwood 1936); differences with the score interval of Miettinen & Nurminen 1985.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.describe.safety.adverse_events import ANY
from ketaoutcomes.describe.safety.population import PLACE, SafetyPopulation
from ketaoutcomes.numerics.incidence import Rate, TwoRates, garwood, rate_difference
from ketaoutcomes.results import Result

TABLE = "aet03"
DAYS_PER_YEAR = 365.25
PER = 100
UNIT = "per 100 subject-years"

Counts = dict[str, tuple[int, float]]
"""Arm -> subjects with the event, and hundreds of subject-years at risk."""


def exposure_adjusted_rates(people: SafetyPopulation, conf_level: float) -> tuple[Result, ...]:
    """Rates of any event and of each preferred term, where the data say how long follow-up was."""
    if people.subjects["last_day"].isna().all():
        row = Result(table=TABLE, statistic="rate", phase=people.phase, group=ANY)
        return (
            replace(row, status="warning", message="the data do not say how long follow-up was"),
        )
    events = people.placed_events[["soc", "term", "day", PLACE]].astype({"day": float})
    rows = [*_group(people, ANY, events, conf_level)]
    for (soc, term), part in events.groupby(["soc", "term"], sort=True):
        rows.extend(_group(people, f"{soc}: {term}", part, conf_level))
    return tuple(rows)


def _group(
    people: SafetyPopulation, group: str, part: pd.DataFrame, conf_level: float
) -> Iterator[Result]:
    common = Result(
        table=TABLE,
        statistic="rate",
        phase=people.phase,
        group=group,
        conf_level=conf_level,
        unit=UNIT,
        method="exact Poisson interval",
    )
    counts = _counts(people, part)
    for arm, (events, time) in counts.items():
        row = replace(common, arm=arm, n=people.sizes[arm], n_events=events)
        if time > 0:
            yield _with(row, garwood(events, time, conf_level))
    events, time = counts[people.reference]
    for arm in people.arms[1:]:
        if time > 0 and counts[arm][1] > 0:
            row = replace(
                common,
                statistic="rate difference",
                arm=arm,
                reference=people.reference,
                method="Miettinen-Nurminen score interval",
            )
            yield _with(row, rate_difference(TwoRates(*counts[arm], events, time), conf_level))


def _counts(people: SafetyPopulation, part: pd.DataFrame) -> Counts:
    """Time at risk ends with the first event; the day of an event not dated is unknown."""
    arms, own = people.subjects["arm"].to_numpy(), people.own_places
    first = np.full(len(own), np.nan)
    np.fmin.at(first, part[PLACE].to_numpy(), part["day"].to_numpy())
    first, had = first[own], people.with_any(part)[own]
    last = np.maximum(people.subjects["last_day"].to_numpy(), 0)
    at_risk = np.where(np.isnan(last), first, last)
    at_risk = np.where(had, np.fmin(at_risk, np.maximum(first, 0)), at_risk)
    in_arm = {arm: arms == arm for arm in people.arms}
    days = {arm: float(np.nansum(at_risk[here])) for arm, here in in_arm.items()}
    return {
        arm: (int(had[in_arm[arm]].sum()), time / DAYS_PER_YEAR / PER) for arm, time in days.items()
    }


def _with(row: Result, rate: Rate) -> Result:
    return replace(row, estimate=rate.estimate, conf_low=rate.conf_low, conf_high=rate.conf_high)
