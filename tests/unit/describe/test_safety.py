"""Safety tables by worked examples."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import chi2

from ketaoutcomes.cohort import Cohort, Source, empty_frame
from ketaoutcomes.describe.safety.describe import safety_tables
from ketaoutcomes.describe.safety.population import one_spelling
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from two_arm_plans import two_arm_plan

ARMS = {"control": ["a", "b", "c", "d"], "drug": ["e", "f", "g", "h"]}


def plan(**safety: Any) -> AnalysisPlan:
    return two_arm_plan(
        {
            "Baseline": {"day": 1},
            "1 hour": {"hours": 1},
            "2 hours": {"hours": 2},
            "Day 8": {"day": 8},
        },
        {"kind": "change", "scale": "MADRS"},
        {"visit": "Day 8", "summary": "difference in means"},
        {"model": "mmrm"},
        safety=safety,
    )


def cohort(
    events: list[tuple[Any, ...]] | None = None,
    exposure: list[tuple[Any, ...]] | None = None,
    visits: list[tuple[Any, ...]] | None = None,
) -> Cohort:
    """Four subjects an arm, followed for 36.525 days: a tenth of a year."""
    subjects = [s for members in ARMS.values() for s in members]
    columns = ["subject", "day", "soc", "term", "severity", "serious", "related"]
    ae = pd.DataFrame(events or [], columns=columns).assign(phase="p")
    doses = pd.DataFrame(exposure or [], columns=["subject", "day", "dose"])
    seen = pd.DataFrame(visits or [], columns=["subject", "visit", "score"])
    return Cohort(
        subjects=pd.DataFrame({"subject": subjects}),
        assignments=pd.DataFrame(
            [(s, "p", arm) for arm, members in ARMS.items() for s in members],
            columns=["subject", "phase", "arm"],
        ),
        visits=seen.assign(phase="p", day=0.0, scale="SBP"),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=pd.DataFrame(
            {"subject": subjects, "phase": "p", "last_day": 36.525, "reason": "completed"}
        ),
        times=empty_frame(("subject", "phase", "time", "event", "reason")),
        source=Source("synthetic", ""),
        adverse_events=ae,
        exposure=doses.assign(phase="p", unit="mg", route="intranasal"),
    )


EVENTS = [
    ("e", 1.0, "Nervous", "Headache", "severe", True, True),
    ("e", 3.0, "Nervous", "Headache", "mild", False, True),
    ("f", 0.0, "Nervous", "headache ", "mild", False, False),
    ("f", 2.0, "Nervous", "Dizziness", "mild", False, True),
    ("a", 5.0, "Gastro", "Nausea", "moderate", False, False),
]


def find(rows: tuple[Result, ...], **keys: str) -> Result:
    (row,) = [r for r in rows if all(getattr(r, k) == v for k, v in keys.items())]
    return row


def test_a_subject_counts_once_a_row_however_many_events() -> None:
    rows = safety_tables(plan(), cohort(EVENTS))
    headache = find(
        rows, table="aet02", group="Nervous: Headache", statistic="subjects", arm="drug"
    )
    assert (headache.estimate, headache.n, headache.n_events) == (2.0, 4, 3)
    of_class = find(rows, table="aet02", group="Nervous", statistic="subjects", arm="drug")
    assert (of_class.estimate, of_class.n_events) == (2.0, 4)
    difference = find(rows, table="aet02", group="Nervous: Headache", statistic="risk difference")
    assert difference.estimate == 0.5
    assert difference.p_value is None  # the plan asks for none


def p_of_headache(test: str) -> Result:
    rows = safety_tables(plan(p_values=test), cohort(EVENTS))
    return find(rows, table="aet02", group="Nervous: Headache", statistic="risk difference")


def test_p_values_that_the_plan_asks_for() -> None:
    # Two of four against none of four: 6/28 = 0.4286 twice the tail of the hypergeometric.
    fisher = p_of_headache("fisher")
    assert fisher.p_value == pytest.approx(2 * 6 / 28)
    assert fisher.conf_low is None  # the score interval is not that of Fisher's test
    # Pearson's chi-square is 8 x (2 x 4 - 2 x 0)^2 / (2 x 6 x 4 x 4) = 8/3, times 7/8 is 7/3.
    score = p_of_headache("score")
    assert score.p_value == pytest.approx(chi2.sf(7 / 3, 1))
    assert score.conf_low is not None


def deaths_in(cohort: Cohort, **safety: Any) -> dict[str, float | None]:
    rows = safety_tables(plan(**safety), cohort)
    keys = {"table": "aet01", "group": "deaths", "statistic": "subjects"}
    return {arm: find(rows, **keys, arm=arm).estimate for arm in ARMS}


def test_a_death_is_counted_once_from_whatever_tells_it() -> None:
    """By hand: e by two sources, f by its fatal event, a by the file of participants."""
    made = cohort(EVENTS)
    leaving = made.follow_up.assign(
        reason=["completed"] * 4 + ["Death", "completed", "Passed away", "completed"]
    )
    events = pd.DataFrame({"subject": ["e"], "phase": "p", "day": 4.0, "event": "death"})
    fatal = made.adverse_events.assign(fatal=made.adverse_events["term"] == "Dizziness")
    dead = pd.DataFrame({"subject": ["a", "b"], "died": [True, False]})
    told = replace(made, follow_up=leaving, events=events, adverse_events=fatal, deaths=dead)
    assert deaths_in(told) == {"control": 1, "drug": 2}
    assert deaths_in(told, deaths=["death", "passed away"]) == {"control": 1, "drug": 3}
    first = next(row for row in safety_tables(plan(), told) if row.table == "aet01")
    assert first.group == "deaths"


def test_real_data_that_tell_no_death_claim_none() -> None:
    real = replace(cohort(EVENTS), source=Source("real", ""))
    groups = {row.group for row in safety_tables(plan(), real) if row.table == "aet01"}
    assert not groups & {"deaths", "fatal adverse event"}


def test_the_overview_counts_related_severe_and_serious() -> None:
    rows = safety_tables(plan(), cohort(EVENTS))
    counts = {
        group: find(rows, table="aet01", group=group, statistic="subjects", arm="drug").estimate
        for group in ("any adverse event", "related", "severe", "serious")
    }
    assert counts == {"any adverse event": 2, "related": 2, "severe": 1, "serious": 1}


def test_time_at_risk_ends_with_the_first_event() -> None:
    rows = safety_tables(plan(), cohort(EVENTS))
    rate = find(rows, table="aet03", group="Nervous: Dizziness", statistic="rate", arm="drug")
    # Three subjects at risk for 36.525 days, one for two: 111.575 days.
    assert rate.estimate == pytest.approx(1 / (111.575 / 365.25 / 100))
    other = find(rows, table="aet03", group="Nervous: Dizziness", statistic="rate", arm="control")
    assert (other.estimate, other.n_events) == (0.0, 0)
    # Garwood: no event has the upper limit -ln(0.025) over the time.
    assert other.conf_high == pytest.approx(-np.log(0.025) / (146.1 / 365.25 / 100))


def test_a_rare_event_never_seen_has_an_upper_bound() -> None:
    rows = safety_tables(plan(rare_events=["Cystitis"]), cohort(EVENTS))
    bound = find(rows, table="aet04", statistic="upper bound", arm="drug")
    assert bound.estimate == pytest.approx(1 - 0.05**0.25)


def test_exposure_counts_subjects_without_a_dose_as_none() -> None:
    doses = [("e", 0.0, 56.0), ("e", 3.0, 84.0), ("f", 0.0, 56.0)]
    rows = safety_tables(plan(), cohort(exposure=doses))
    mean = find(rows, table="ext01", group="doses", statistic="mean", arm="drug")
    assert mean.estimate == 0.75
    total = find(
        rows, table="ext01", group="total dose, intranasal, mg", statistic="max", arm="drug"
    )
    assert (total.estimate, total.unit) == (140.0, "mg")


def test_exposure_by_dose_counts_each_dose_by_hand() -> None:
    doses = [("e", 0.0, 56.0), ("e", 3.0, 84.0), ("e", 7.0, 84.0), ("f", 0.0, 56.0)]
    rows = safety_tables(plan(), cohort(exposure=[*doses, ("a", 0.0, 0.0)]))

    def of(group: str, statistic: str, arm: str = "drug") -> Result:
        return find(rows, table="ext02", group=group, statistic=statistic, arm=arm)

    assert (
        of("56 mg, intranasal", "subjects").estimate,
        of("56 mg, intranasal", "subjects").n,
    ) == (
        2.0,
        4,
    )
    assert of("84 mg, intranasal", "subjects").estimate == 1.0
    assert of("84 mg, intranasal", "subjects", "control").estimate == 0.0
    assert of("84 mg, intranasal: doses", "mean").estimate == 2.0
    assert of("84 mg, intranasal: time from first to last dose", "mean").estimate == 4.0
    assert of("84 mg, intranasal: cumulative dose", "mean").estimate == 168.0
    assert of("0 mg, intranasal", "subjects", "control").estimate == 1.0


def test_doses_that_few_had_are_pooled_before_they_are_counted() -> None:
    doses = [(s, 0.0, 56.0) for s in ARMS["drug"]] + [("e", 3.0, 84.0), ("f", 3.0, 28.0)]
    hiding = plan()
    hiding = hiding.model_copy(
        update={"report": hiding.report.model_copy(update={"smallest_cell": 2})}
    )
    rows = [r for r in safety_tables(hiding, cohort(exposure=doses)) if r.table == "ext02"]
    counts = {(r.group, r.arm): r.estimate for r in rows if r.statistic == "subjects"}
    assert counts["56 mg, intranasal", "drug"] == 4.0
    assert counts["other doses", "drug"] == 2.0
    assert {group for group, _ in counts} == {"56 mg, intranasal", "other doses"}


def test_a_dose_is_also_per_kilogram_where_weight_is_known() -> None:
    people = cohort(exposure=[("e", 0.0, 35.0), ("f", 0.0, 40.0)])
    weighed = replace(people, subjects=people.subjects.assign(weight=[70.0] * 5 + [80.0] * 3))
    mean = find(
        safety_tables(plan(), weighed),
        table="ext01",
        group="total dose, intranasal, mg/kg",
        statistic="mean",
        arm="drug",
    )
    assert (mean.estimate, mean.unit) == (0.5, "mg/kg")


def test_listings_are_off_unless_the_plan_permits_them() -> None:
    assert not [r for r in safety_tables(plan(), cohort(EVENTS)) if r.table.startswith("aelt")]


def test_a_listing_has_each_serious_or_fatal_event_and_no_id() -> None:
    people = cohort(EVENTS)
    fatal = [False] * len(EVENTS)
    fatal[EVENTS.index(("a", 5.0, "Gastro", "Nausea", "moderate", False, False))] = True
    people = replace(people, adverse_events=people.adverse_events.assign(fatal=fatal))
    rows = safety_tables(plan(listings=["serious", "deaths"]), people)
    serious = [r for r in rows if r.table == "aelt01"]
    by_hand = sum(bool(event[5]) or died for event, died in zip(EVENTS, fatal, strict=True))
    assert len(serious) == by_hand
    assert serious[0].group == "1; Nausea; Gastro; moderate; not related; fatal"
    assert (serious[0].arm, serious[0].estimate) == ("control", 6.0)
    assert serious[1].group == "2; Headache; Nervous; severe; related; not fatal"
    deaths = [r for r in rows if r.table == "aelt02"]
    assert [(r.arm, r.group) for r in deaths] == [("control", "1; Nausea")]


@pytest.mark.parametrize(("last_day", "told"), [(2.0, 6.0), (9.0, 10.0)])
def test_nobody_died_before_the_fatal_event(last_day: float, told: float) -> None:
    """A sudden death on day 61 was listed as a death on day 59, the last day in the study."""
    people = cohort(EVENTS)
    fatal = [False] * len(EVENTS)
    fatal[EVENTS.index(("a", 5.0, "Gastro", "Nausea", "moderate", False, False))] = True
    ended = people.follow_up["last_day"].mask(people.follow_up["subject"] == "a", last_day)
    people = replace(
        people,
        adverse_events=people.adverse_events.assign(fatal=fatal),
        follow_up=people.follow_up.assign(last_day=ended),
    )
    rows = safety_tables(plan(listings=["deaths"]), people)
    assert [r.estimate for r in rows if r.table == "aelt02"] == [told]


def test_no_listing_where_small_counts_are_hidden() -> None:
    hiding = plan(listings=["serious"]).model_dump()
    hiding["report"]["smallest_cell"] = 11
    with pytest.raises(ValidationError, match=r"safety\.listings"):
        AnalysisPlan.model_validate(hiding)


def test_vital_signs_peak_alarm_and_resolve() -> None:
    course = {
        "e": (120, 185, 150),
        "f": (130, 150, 130),
        "g": (125, 170, 140),
        "a": (120, 121, 119),
    }
    visits = [
        (s, visit, float(v))
        for s, values in course.items()
        for visit, v in zip(("Baseline", "1 hour", "2 hours"), values, strict=True)
    ]
    sign = {
        "label": "Pressure",
        "alarm_at_least": 180,
        "rise_at_least": 40,
        "resolved_at_most": 140,
    }
    rows = safety_tables(plan(vital_signs={"SBP": sign}), cohort(visits=visits))
    peak = find(rows, table="vst02", statistic="mean of the highest value", arm="drug")
    assert peak.estimate == pytest.approx((185 + 150 + 170) / 3)
    alarm = find(rows, table="vst02", group="SBP: at or above 180", arm="drug")
    assert (alarm.n_events, alarm.n) == (1, 3)
    rise = find(rows, table="vst02", group="SBP: rise of 40 or more", arm="drug")
    assert rise.n_events == 2
    back = find(rows, table="vst02", group="SBP: back at or below 140", arm="drug")
    assert (back.n_events, back.n) == (2, 3)
    median = find(rows, table="vst02", statistic="median time to resolution", arm="drug")
    assert median.estimate == 2.0


def test_terms_that_differ_in_capitals_are_one() -> None:
    words = pd.Series(["NAUSEA", "Nausea", " nausea", "Vomiting", None])
    assert one_spelling(words).tolist() == ["NAUSEA"] * 3 + ["Vomiting", "not coded"]


def test_without_follow_up_the_rates_say_why_they_are_missing() -> None:
    whole = cohort(EVENTS)
    rows = safety_tables(plan(), Cohort(**{**vars(whole), "follow_up": whole.follow_up.iloc[:0]}))
    row = find(rows, table="aet03")
    assert row.message == "the data do not say how long follow-up was"
