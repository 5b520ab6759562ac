"""What likelihoods, and the points of diagnostic figures, tell of counts, by closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ketaoutcomes.families.repeated_measures.hide import (
    coarse_residuals,
    errors_behind_interactions,
    residuals_of_rows,
)
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.families.time_to_event.hide import trend_of_rows
from ketaoutcomes.families.time_to_event.record import HazardTrend, SurvivalRecord
from ketaoutcomes.privacy.counts import cells_of
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST = 11
ENOUGH = 5
DAYS = 60.0
OF = {"phase": "treatment", "endpoint": "relapse"}


def exponential(events: dict[str, int], days: dict[str, float]) -> list[Result]:
    """An exponential model without covariates, by hand: rates are events over days at risk.

    The log likelihood of an arm is d log(rate) - rate * days, and rate * days = d.
    """
    rates = {arm: events[arm] / days[arm] for arm in events}
    model = {**OF, "table": "aftt01", "analysis": "aft", "n": 60, "n_events": sum(events.values())}
    rows = [
        Result(table="ttet01", statistic="events", analysis="km", arm=arm, n=30, estimate=d, **OF)
        for arm, d in events.items()
    ]
    error = math.sqrt(sum(1 / d for d in events.values()))
    ratio = rates["placebo"] / rates["drug"]
    rows.append(
        Result(
            statistic="time ratio", arm="drug", reference="placebo", estimate=ratio,
            std_error=error, conf_low=ratio * math.exp(-1.96 * error),
            conf_high=ratio * math.exp(1.96 * error), conf_level=0.95, of_ratio=True, **model,
        )
    )  # fmt: skip
    rows += [
        Result(
            statistic="restricted mean", arm=arm, estimate=-math.expm1(-rate * DAYS) / rate,
            unit="days", method=f"restricted mean time up to day {DAYS:g}, a model", **model,
        )
        for arm, rate in rates.items()
    ]  # fmt: skip
    fit = sum(d * (math.log(rates[arm]) - 1) for arm, d in events.items())
    criterion = {"arm": "drug", "reference": "placebo", "estimate": 4 - 2 * fit}
    return [*rows, Result(statistic="Akaike's criterion", **criterion, **model)]


@pytest.mark.parametrize(
    "events", [{"placebo": 9, "drug": 5}, {"placebo": 15, "drug": 9}, {"placebo": 8, "drug": 4}]
)
def test_akaikes_criterion_does_not_tell_the_events_of_the_arms(events):
    days = {"placebo": 1500.0, "drug": 1650.0}
    rows = exponential(events, days)
    shown = suppress(NOBODY, ResultTable(tuple(rows)), (), SMALLEST).results.rows
    slopes = {arm: 2 * (1 - math.log(events[arm] / days[arm])) for arm in events}

    def told(row):
        ends = row.ends_of("estimate") or (row.estimate, row.estimate)
        values = {
            (a, b): 4 + a * slopes["placebo"] + b * slopes["drug"]
            for a in range(31)
            for b in range(31)
        }
        return {pair for pair, v in values.items() if ends[0] - 1e-6 <= v <= ends[1] + 1e-6}

    assert told(rows[-1]) == {(events["placebo"], events["drug"])}  # by itself it is the formula
    left = told(shown[-1]) if shown[-1].estimate is not None else None
    for place, arm in enumerate(events):
        if left is not None and events[arm] < SMALLEST:
            known = {1 - p: e for p, e in enumerate(events.values()) if shown[p].estimate == e}
            of_arm = {pair[place] for pair in left if all(pair[p] == e for p, e in known.items())
                      or place in known}  # fmt: skip
            assert len(of_arm) >= ENOUGH


def record(missing: int, **changes: object) -> MmrmRecord:
    """Of two arms of 37 at three visits, some of whose 222 scores are missing."""
    n = 222 - missing
    fields = {
        "analysis": "a", "converged": True, "structure": "us", "ladder": (), "groups": (),
        "visits": ("1", "2", "3"), "covariance": np.eye(3)[None],
        "residuals": np.linspace(-2, 2, n), "n_subjects": 74, "n_obs": n,
    }  # fmt: skip
    return MmrmRecord(**(fields | changes))


ASSIGNED = [
    Result(table="dst01", statistic="assigned", phase="p", arm=arm, n=37) for arm in ("a", "b")
]
EFFECT = Result(table="mmrmt01", statistic="LS mean", analysis="a", phase="p", estimate=1.0)


@pytest.mark.parametrize("missing", [1, 2, 3, 9, 40])
def test_the_number_of_points_does_not_tell_how_many_scores_are_missing(missing):
    """20 groups of eleven would tell that two at most of 222 are missing, and 19 three or more."""
    places = frozenset({("a", "n_obs")})
    coarse = coarse_residuals(record(missing), places, {}, SMALLEST)
    found = residuals_of_rows(coarse, (*ASSIGNED, EFFECT), SMALLEST)
    assert found.residuals.size == 222 // (2 * SMALLEST)
    assert np.all(np.diff(found.residuals) > 0)
    # the first groups have one more than the last, which moves the mean by a few hundredths
    assert found.residuals.mean() == pytest.approx(0, abs=0.1)


def test_there_are_no_points_where_most_scores_are_missing():
    coarse = coarse_residuals(record(120), frozenset({("a", "n_obs")}), {}, SMALLEST)
    assert not residuals_of_rows(coarse, (*ASSIGNED, EFFECT), SMALLEST).residuals.size


def test_all_points_stay_where_the_number_of_scores_is_shown():
    coarse = coarse_residuals(record(2), frozenset(), {}, SMALLEST)
    assert residuals_of_rows(coarse, (*ASSIGNED, EFFECT), SMALLEST) is coarse
    assert coarse.residuals.size == 220 // SMALLEST


def test_a_record_holds_no_likelihood():
    """By REML the observations follow from it: of 2 of 180 missing scores it told both."""
    assert "likelihood" not in " ".join(MmrmRecord.__annotations__)


@pytest.mark.parametrize("hidden", ["n_events", "n_events:10"])
def test_mean_days_of_groups_of_events_go_with_the_number_of_all_events(hidden):
    """Means of whole days in groups of 12 are twelfths: 39 events beside 30 are nine."""
    three = np.array([8 + 10 / 12, 28.0, 51 + 7 / 12])
    trend = HazardTrend(three, three, three, three, three, three, 12)
    whole = SurvivalRecord(analysis="km", ticks=(0.0,), curves=(), trend=trend)
    of = {"table": "ttet01", "statistic": "hazard ratio", "arm": "b", "reference": "a"}
    row = Result(analysis="km", estimate=0.8, n_events=36, **of)
    assert trend_of_rows(whole, (row,), SMALLEST) is whole
    assert trend_of_rows(whole, (replace(row, suppressed=hidden),), SMALLEST).trend is None
    other = replace(row, analysis="another", suppressed=hidden)
    assert trend_of_rows(whole, (row, other), SMALLEST) is whole


def test_an_interaction_does_not_tell_the_participants_of_a_level():
    """By hand: squared errors are the variance times 1/n1 + 1/n2 of the level."""
    counts = {"female": {"b": 46, "a": 38}, "male": {"b": 7, "a": 15}}
    of = {"table": "subt01", "analysis": "x", "phase": "p", "visit": "Week 4"}
    compared = {"arm": "b", "reference": "a"}
    errors = {s: math.sqrt(36 * sum(1 / n for n in ns.values())) for s, ns in counts.items()}
    effects = {"female": -1.0, "male": 2.5}
    rows = [
        Result(
            statistic="LS mean in subgroup", group=f"sex: {s}", arm=arm, n=n, estimate=-8.0, **of
        )
        for s, ns in counts.items()
        for arm, n in ns.items()
    ]
    rows += [
        Result(statistic="difference in subgroup", group=f"sex: {s}", estimate=effects[s],
               std_error=errors[s], n=sum(counts[s].values()), **compared, **of)
        for s in counts
    ]  # fmt: skip
    statistic = 3.5**2 / sum(error**2 for error in errors.values())
    p = math.erfc(math.sqrt(statistic / 2))
    test = {"statistic": "interaction", "group": "sex", "test_statistic": statistic, "p_value": p}
    rows.append(Result(**test, n=106, **compared, **of))
    (relation,) = errors_behind_interactions(cells_of(tuple(rows)), tuple(rows))
    assert relation.counts == (7, 15)
    exactly = relation.fits(0)
    middle = len(exactly) // 2
    assert exactly[middle, middle]
    assert exactly[middle - 6 : middle + 7, middle].sum() == 1  # beside the known 15 it is seven
    shown = suppress(NOBODY, ResultTable(tuple(rows)), (), SMALLEST).results.rows[-1]
    assert shown.test_statistic is None
    assert shown.suppressed


def test_the_likelihood_of_one_class_does_not_tell_how_many_scores_are_missing():
    """By hand: for a normal law with its own variance it is -n/2 (log(2 pi variance) + 1)."""
    seen = {("a", "1"): 37, ("a", "2"): 37, ("b", "1"): 37, ("b", "2"): 34}
    of = {"endpoint": "e", "phase": "p"}
    of_one = -(math.log(2 * math.pi * 49) + 1) / 2
    n = sum(seen.values())
    fit = {"table": "trjt01", "analysis": "x", "group": "1 class", "n": 74, **of}
    rows = [
        Result(table="mist01", statistic=what, arm=arm, visit=visit, n=37, estimate=k, **of)
        for (arm, visit), observed in seen.items()
        for what, k in (("observed", observed), ("missing", 37 - observed))
    ]
    rows += [
        Result(table="trjt02", statistic="mean", analysis="x", visit=visit, estimate=-8.0, **of)
        for visit in ("1", "2")
    ]
    rows.append(Result(statistic="log likelihood", estimate=n * of_one, **fit))
    rows.append(Result(statistic="BIC", estimate=-2 * n * of_one + 4 * math.log(74), **fit))
    shown = suppress(NOBODY, ResultTable(tuple(rows)), (), SMALLEST).results.rows
    assert all(row.suppressed for row in shown[2 * len(seen) - 2 : 2 * len(seen)])
    for row, value in zip(shown[-2:], (of_one, -2 * of_one), strict=True):
        rest = 4 * math.log(74) if row.statistic == "BIC" else 0.0
        if row.estimate is not None:
            low, high = row.ends_of("estimate") or (row.estimate, row.estimate)
            known = [k for k in range(149) if low - 1e-6 <= k * value + rest <= high + 1e-6]
            assert len(known) >= ENOUGH
