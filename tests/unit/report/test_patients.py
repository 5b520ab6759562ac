"""The summary for patients: people out of 100, and days and ratios as they are."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.patients import in_plain_language
from ketaoutcomes.results import Result, ResultTable
from two_arm_plans import two_arm_plan

OF_ANALYSIS = {"analysis": "a", "endpoint": "y", "phase": "p"}
MAIN = OF_ANALYSIS | {"arm": "drug", "reference": "control", "conf_level": 0.95}


def plan_of_relapse(summary: str) -> AnalysisPlan:
    return two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "time_to_event", "event_label": "relapse"},
        {"summary": summary},
        {"model": "time_to_event", "rmst_days": 42},
    )


def told(summary: str, main: Result, *further: Result) -> str:
    """All sentences, where 52% and 62% are without the event by day 42."""
    without = [
        Result(
            table="kmt01",
            statistic="survival",
            arm=arm,
            group="day 42",
            estimate=share,
            **OF_ANALYSIS,
        )
        for arm, share in (("drug", 0.52), ("control", 0.62))
    ]
    rows = ResultTable((main, *without, *further))
    provenance = SimpleNamespace(synthetic=False)
    material = Material(plan_of_relapse(summary), rows, (), provenance)  # type: ignore[arg-type]
    parts = in_plain_language(material, {"a": main}).parts
    return " ".join(statement.words for _, part in parts for statement in part)


def restricted_mean(low: float, high: float) -> Result:
    return Result(
        table="ttet01",
        statistic="difference in restricted means",
        estimate=(low + high) / 2,
        conf_low=low,
        conf_high=high,
        unit="days",
        **MAIN,
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (4.8, 13.2, "between 4.8 and 13.2 days without it (more in the first group)"),
        (-13.2, -4.8, "between 4.8 and 13.2 days without it (fewer in the first group)"),
        (-14.1, 11.1, "from 14.1 fewer to 11.1 more days without it"),
    ],
)
def test_a_difference_in_days_is_no_number_of_people(low: float, high: float, words: str) -> None:
    """Days were once multiplied by 100, as shares of people are."""
    said = told("difference in restricted mean time", restricted_mean(low, high))
    assert words in said
    assert "about 52 had not had it by day 42" in said


def test_a_hazard_ratio_stays_a_ratio() -> None:
    ratio = Result(
        table="ttet01",
        statistic="hazard ratio",
        estimate=4.08,
        conf_low=2.59,
        conf_high=6.42,
        **MAIN,
    )
    assert "is likely to lie between 2.59 and 6.42." in told("hazard ratio", ratio)


def test_a_difference_in_shares_is_told_of_100_people() -> None:
    share = Result(
        table="kmt01",
        statistic="difference in survival",
        group="day 42",
        estimate=-0.10,
        conf_low=-0.18,
        conf_high=-0.02,
        **MAIN,
    )
    said = told("difference in restricted mean time", restricted_mean(-13.2, -4.8), share)
    assert "between 2 and 18 of 100 (fewer in the first group)" in said


def overview(group: str, **counts: int) -> list[Result]:
    """Participants of both arms of 50 in a row of the overview, and their share."""
    common = {"table": "aet01", "phase": "p", "group": group, "n": 50}
    return [
        row
        for arm, count in counts.items()
        for row in (
            Result(statistic="subjects", arm=arm, estimate=float(count), **common),
            Result(statistic="proportion", arm=arm, estimate=count / 50, **common),
        )
    ]


def test_deaths_are_told_and_never_beside_nobody_had_a_serious_one() -> None:
    """Two had died of events that no flag calls serious: "none had a serious one" stood there."""
    rows = [
        *overview("deaths", control=2, drug=0),
        *overview("any adverse event", control=30, drug=40),
        *overview("serious", control=0, drug=1),
    ]
    said = told("difference in restricted mean time", restricted_mean(1, 2), *rows)
    assert "In the group “Control”, 2 people died. The data do not mark every death" in said
    assert "The data mark none of these 100 with a serious one." in said
    assert "In the group “Drug”, none died." in said
    assert "Of these 100, about 2 had a serious one." in said


def test_a_share_is_rounded_to_none_only_if_it_is_none() -> None:
    rows = overview("any adverse event", control=0, drug=1)
    few = [replace(row, estimate=(row.estimate or 0) / 10) for row in rows]
    nearly = [replace(row, estimate=(row.estimate or 0) / 2.2) for row in rows]
    main = restricted_mean(1, 2)
    assert "“Drug”, fewer than 1 had" in told("difference in restricted mean time", main, *few)
    assert "“Drug”, about 1 had" in told("difference in restricted mean time", main, *nearly)
    assert "“Control”, none had" in told("difference in restricted mean time", main, *nearly)


def said_of_ratio(
    table: str, statistic: str, estimate: float, low: float, high: float
) -> list[str]:
    """The sentences of a ratio that stands without any share."""
    ratio = Result(
        table=table,
        statistic=statistic,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        **MAIN,
    )
    provenance = SimpleNamespace(synthetic=False)
    material = Material(plan_of_relapse("hazard ratio"), ResultTable((ratio,)), (), provenance)  # type: ignore[arg-type]
    parts = in_plain_language(material, {"a": ratio}).parts
    return [statement.words for _, part in parts for statement in part]


def test_a_ratio_without_a_share_is_told_in_short_sentences() -> None:
    """Of interval-censored times "the main number (hazard ratio) was 2.84" was once said."""
    said = said_of_ratio("ttet01", "hazard ratio", 2.84, 1.54, 5.26)
    assert said[1:3] == [
        "We compared the group “Drug” with the group “Control”.",
        "Among people still without it, it came about 2.84 times as often in the first group.",
    ]


def test_a_rate_is_of_how_often() -> None:
    """Of a rate ratio "we looked at how long it took until this happened" was once said."""
    said = said_of_ratio("rect01", "rate ratio", 0.66, 0.37, 1.18)
    assert said[0].startswith("We looked at how often this happened:")


def said_at_day_8(
    endpoint: dict[str, object],
    estimand: dict[str, object],
    model: dict[str, object],
    *rows: Result,
) -> list[str]:
    """The sentences of the first of these rows, a result at day 8."""
    visits = {"Baseline": {"day": 1}, "Day 8": {"day": 8}}
    plan = two_arm_plan(visits, endpoint, {"visit": "Day 8"} | estimand, model)
    provenance = SimpleNamespace(synthetic=False)
    material = Material(plan, ResultTable(rows), (), provenance)  # type: ignore[arg-type]
    parts = in_plain_language(material, {"a": rows[0]}).parts
    return [statement.words for _, part in parts for statement in part]


def test_a_ratio_of_shares_is_told_in_people() -> None:
    """Of a primary odds ratio "we also looked at this: the main number was 17.22" was once said."""
    at = {"table": "rspt01", "visit": "Day 8"}
    ratio = Result(statistic="odds ratio", estimate=4.0, conf_low=1.5, conf_high=10.0, **at, **MAIN)
    shares = [
        Result(statistic="proportion", arm=arm, estimate=share, **at, **OF_ANALYSIS)
        for arm, share in (("drug", 0.5), ("control", 0.2))
    ]
    said = said_at_day_8(
        {"kind": "response", "scale": "MADRS"},
        {"summary": "odds ratio"},
        {"model": "proportions"},
        ratio,
        *shares,
    )
    assert said == [
        "Think of 100 people in the group “Drug”. Of these, about 50 got much better (a response) "
        "at Day 8.",
        "Of 100 in the group “Control”, this was so for about 20.",
        "The true ratio (1 means no gap) is likely to lie between 1.50 and 10.00.",
    ]


def test_a_part_of_a_difference_is_not_called_the_gap() -> None:
    part = Result(
        table="medt01",
        statistic="natural indirect effect",
        visit="Day 8",
        estimate=-2.2,
        std_error=0.5,
        conf_low=-3.3,
        conf_high=-1.3,
        unit="points",
        **MAIN,
    )
    said = said_at_day_8(
        {"kind": "change", "scale": "MADRS"},
        {"summary": "natural indirect effect"},
        {"model": "mediation", "mediator": {"scale": "MADRS", "visit": "Day 8"}},
        part,
    )
    assert said[-1] == (
        "The true part is likely to lie between 1.3 and 3.3 points (lower in the first group)."
    )
    assert said[-2].endswith("the part that may come about through another measure.")


def test_the_same_people_at_two_visits_have_a_change_and_no_number() -> None:
    """Of a paired difference "the true number is likely to lie between" was once said."""
    at = {"table": "pairt01", "visit": "Day 8", "unit": "points", "arm": "drug"}
    change = Result(
        statistic="paired difference",
        estimate=1.6,
        std_error=0.4,
        conf_low=0.7,
        conf_high=2.5,
        conf_level=0.95,
        **at,
        **OF_ANALYSIS,
    )
    sides = [
        Result(statistic=f"mean at the {which}", estimate=mean, **at, **OF_ANALYSIS)
        for which, mean in (("first visit", 20.25), ("visit", 21.83))
    ]
    said = said_at_day_8(
        {"kind": "change", "scale": "MADRS"},
        {"summary": "mean change", "treatment": {"active": "drug"}},
        {"model": "paired"},
        change,
        *sides,
    )
    assert said[-3:] == [
        "At Baseline it was 20.2 on average.",
        "At Day 8 it was 21.8 on average.",
        "The true rise is likely to lie between 0.7 and 2.5 points.",
    ]
