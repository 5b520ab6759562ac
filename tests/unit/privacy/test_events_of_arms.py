"""What errors of mean times and ratios of rates tell of the events of an arm, by closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST = 11
ENOUGH = 5
DAYS = 80.0
EVENTS = {"placebo": 14.0, "drug": 6.0}
EXPOSURE = {"placebo": 2500.0, "drug": 2700.0}
OF = {"phase": "treatment", "endpoint": "relapse"}


def exponential() -> list[Result]:
    """An exponential model without covariates, by hand: the hazard is events over days at risk."""
    model = {**OF, "table": "aftt01", "analysis": "aft", "n": 80, "n_events": 20}
    rows = [
        Result(table="ttet01", statistic="events", analysis="km", arm=arm, n=40, estimate=d, **OF)
        for arm, d in EVENTS.items()
    ]
    ratio = math.log(EVENTS["placebo"] / EVENTS["drug"] * EXPOSURE["drug"] / EXPOSURE["placebo"])
    error = math.sqrt(sum(1 / d for d in EVENTS.values()))
    rows.append(
        Result(
            statistic="time ratio", arm="drug", reference="placebo", estimate=math.exp(ratio),
            std_error=error, conf_low=math.exp(ratio - 1.96 * error),
            conf_high=math.exp(ratio + 1.96 * error), conf_level=0.95, of_ratio=True, **model,
        )
    )  # fmt: skip
    for arm, d in EVENTS.items():
        hazard = d / EXPOSURE[arm]
        mean = (1 - math.exp(-hazard * DAYS)) / hazard
        std_error = abs(slope(hazard)) * hazard / math.sqrt(d)
        rows.append(
            Result(
                statistic="restricted mean", arm=arm, estimate=mean, std_error=std_error,
                conf_low=mean - 1.96 * std_error, conf_high=mean + 1.96 * std_error,
                conf_level=0.95, method=f"restricted mean time up to day {DAYS:g}, exponential",
                **model,
            )
        )  # fmt: skip
    return rows


def slope(hazard: float) -> float:
    """The derivative of (1 - exp(-h t)) / h in h."""
    gone = math.exp(-hazard * DAYS)
    return (DAYS * gone * hazard - (1 - gone)) / hazard**2


def hazard_of(mean: float) -> float:
    low, high = 1e-9, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        above = (1 - math.exp(-middle * DAYS)) / middle > mean
        low, high = (middle, high) if above else (low, middle)
    return low


def events_told(row: Result) -> set[int]:
    """The events with which a published mean has its published error."""
    if row.estimate is None:
        return {*range(1, 100)}
    hazard = hazard_of(row.estimate)
    ends = row.ends_of("std_error") or ((row.std_error,) * 2 if row.std_error else (0.0, math.inf))
    errors = {d: abs(slope(hazard)) * hazard / math.sqrt(d) for d in range(1, 100)}
    return {d for d, one in errors.items() if ends[0] * 0.999 <= one <= ends[1] * 1.001}


@pytest.mark.parametrize("counted", [True, False])
def test_the_error_of_an_exponential_mean_does_not_tell_the_events(counted):
    """Whether another analysis counts the events of each arm, or none does."""
    rows = exponential()[0 if counted else 2 :]
    published = suppress(NOBODY, ResultTable(tuple(rows)), (), SMALLEST).results.rows
    for full, shown in zip(rows, published, strict=True):
        if full.statistic == "restricted mean" and EVENTS[full.arm] < SMALLEST:
            assert events_told(full) == {EVENTS[full.arm]}  # by itself it is the formula
            assert len(events_told(shown)) >= ENOUGH
            assert shown.estimate == full.estimate  # the mean itself may stay


def test_a_ratio_of_rates_does_not_tell_the_events_of_one_arm_by_those_of_the_other():
    of = {**OF, "table": "rect01", "analysis": "again"}
    arms = [
        Result(statistic="events", arm=arm, n=60, n_events=d, estimate=float(d), **of)
        for arm, d in (("placebo", 14), ("drug", 9))
    ]
    error = math.sqrt(1 / 14 + 1 / 9)
    ratio = Result(
        statistic="rate ratio", arm="drug", reference="placebo", estimate=9 / 14, n=120,
        n_events=23, std_error=error, conf_low=9 / 14 * math.exp(-1.96 * error),
        conf_high=9 / 14 * math.exp(1.96 * error), conf_level=0.95, of_ratio=True, **of,
    )  # fmt: skip
    rows = suppress(NOBODY, ResultTable((*arms, ratio)), (), SMALLEST).results.rows
    placebo, drug, shown = rows
    assert drug.estimate is None
    assert shown.estimate == pytest.approx(9 / 14)  # the ratio stays, and the counts go
    others = range(1, 61)
    if placebo.estimate is not None:
        low, high = placebo.ends_of("estimate") or (placebo.estimate, placebo.estimate)
        others = [d for d in others if low <= d <= high]
    totals = replace(shown, status="ok").ends_of("n_events") if shown.n_events else None
    left = {
        one
        for one in range(1, 61)
        for other in others
        if 1 / 1.15 <= one / other / (9 / 14) <= 1.15
        and (totals is None or totals[0] <= one + other <= totals[1])
    }
    assert len(left) >= ENOUGH
    assert np.isin(9, [*left])
