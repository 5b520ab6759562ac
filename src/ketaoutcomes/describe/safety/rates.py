"""Exposure-adjusted incidence: subjects with a first event per 100 subject-years at risk.

A subject is at risk until the first event of the kind, or else until follow-up ends. Exact Poisson
intervals (Garwood 1936); differences with the score interval of Miettinen & Nurminen 1985.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.describe.safety.adverse_events import ANY
from ketaoutcomes.describe.safety.population import SafetyPopulation
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
    rows = [*_group(people, ANY, people.events, conf_level)]
    for (soc, term), part in people.events.groupby(["soc", "term"], sort=True):
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
    first = people.subjects["subject"].map(part.groupby("subject")["day"].min()).astype(float)
    had = people.subjects["subject"].isin(part["subject"])
    at_risk = people.subjects["last_day"].clip(lower=0).fillna(first)
    at_risk = at_risk.where(~had, np.fmin(at_risk, first.clip(lower=0)))
    frame = pd.DataFrame({"arm": people.subjects["arm"], "had": had, "time": at_risk})
    by_arm = {arm: frame[frame["arm"] == arm] for arm in people.arms}
    return {
        arm: (int(here["had"].sum()), float(here["time"].sum()) / DAYS_PER_YEAR / PER)
        for arm, here in by_arm.items()
    }


def _with(row: Result, rate: Rate) -> Result:
    return replace(row, estimate=rate.estimate, conf_low=rate.conf_low, conf_high=rate.conf_high)
