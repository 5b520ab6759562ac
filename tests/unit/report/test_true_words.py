"""Sentences of the page that were untrue once: each kind by a worked example."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.describe.units import with_decimals, with_units
from ketaoutcomes.families.proportions.page import _number_needed
from ketaoutcomes.families.recurrent_events.page import _to_the_end
from ketaoutcomes.families.recurrent_events.record import MeanCurve, RecurrentRecord
from ketaoutcomes.families.shared.rows import number_needed_row
from ketaoutcomes.families.time_to_event.proportionality import beside_the_finding
from ketaoutcomes.families.time_to_event.record import HazardTrend, SurvivalRecord
from ketaoutcomes.numerics.proportions import Proportion
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.answer_words import not_adjusted
from ketaoutcomes.report.finding import finding
from ketaoutcomes.report.labels import (
    analysis_label,
    analysis_title,
    endpoint_title,
    level_label,
    result_title,
    sentence_case,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import apart, estimate_with_limits
from ketaoutcomes.results import Result, ResultTable
from two_arm_plans import two_arm_plan

ANALYSES = Path(__file__).parents[3] / "analyses"
OF_PARTICIPANTS = sorted(
    path for path in ANALYSES.glob("*.yaml") if "\nstudy:" in path.read_text(encoding="utf-8")
)
"""A synthesis of published results has no analyses of participants."""


def relapse_plan(summary: str) -> AnalysisPlan:
    return two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "time_to_event", "event_label": "relapse"},
        {"summary": summary},
        {"model": "time_to_event", "rmst_days": 42},
    )


def words_of(summary: str, p_value: float) -> str:
    """The finding of a hazard ratio of 1.72 and a restricted mean difference of -3 days."""
    common = {
        "table": "ttet01",
        "analysis": "a",
        "endpoint": "y",
        "phase": "p",
        "arm": "drug",
        "reference": "control",
        "conf_level": 0.95,
    }
    ratio = Result(statistic="hazard ratio", estimate=1.72, conf_low=1.26, conf_high=2.36, **common)
    mean = Result(
        statistic="difference in restricted means",
        estimate=-3.0,
        conf_low=-5.0,
        conf_high=-1.0,
        unit="days",
        method="restricted mean time up to day 42",
        **common,
    )
    test = Result(statistic="proportional hazards test", group="arm", p_value=p_value, **common)
    at = np.array([1.0, 42.0])
    curve = np.log([8.4, 0.76])
    trend = HazardTrend(at, curve, at, curve, curve, curve)
    record = SurvivalRecord("a", (0.0, 42.0), (), trend)
    rows = ResultTable((ratio, mean, test))
    material = Material(relapse_plan(summary), rows, (record,), None)  # type: ignore[arg-type]
    main = material.main_result("a")
    assert main is not None
    return finding(material, "a", main)


def test_a_rejected_hazard_ratio_carries_its_course_and_the_restricted_means() -> None:
    said = words_of("hazard ratio", 0.0001)
    assert "one hazard ratio does not describe the whole follow-up" in said
    assert "from 8.40 on day 1 to 0.76 on day 42" in said
    assert "restricted mean time up to day 42 differed by −3.0 days" in said
    assert "not proportional" not in words_of("hazard ratio", 0.3)


def test_a_rejected_hazard_ratio_gives_way_beside_a_restricted_mean() -> None:
    summary = "difference in restricted mean time"
    assert "hazard ratio 1.72" in words_of(summary, 0.3)
    said = words_of(summary, 0.0001)
    assert "1.72" not in said
    assert "no hazard ratio is given here" in said


def test_nothing_is_said_beside_without_a_test() -> None:
    plan = relapse_plan("hazard ratio")
    material = Material(plan, ResultTable(()), (), None)  # type: ignore[arg-type]
    row = Result(table="ttet01", statistic="hazard ratio", analysis="a")
    assert beside_the_finding(material, "a", row) == ""


NNT = Result(table="rspt01", statistic="", analysis="a")


def test_a_number_needed_through_infinity_is_written_as_altman_does() -> None:
    """Altman 1998: a difference of 10% (-5% to 25%) is NNTB 10 (NNTB 4 to ∞ to NNTH 20)."""
    row = number_needed_row(NNT, Proportion(0.10, -0.05, 0.25))
    assert _number_needed(row) == "NNTB 10.0 (NNTB 4.0 to ∞ to NNTH 20.0)"
    assert (row.conf_low, row.conf_high) == pytest.approx((-20.0, 4.0))
    harm = number_needed_row(NNT, Proportion(-0.25, -0.5, -0.1))
    assert _number_needed(harm) == "NNTH 4.0 (NNTH 2.0 to NNTH 10.0)"


@given(d=st.floats(-0.9, 0.9), below=st.floats(0.001, 0.09), above=st.floats(0.001, 0.09))
def test_limits_of_a_number_needed_are_in_order(d: float, below: float, above: float) -> None:
    row = number_needed_row(NNT, Proportion(d, d - below, d + above))
    if row.conf_low is not None and row.conf_high is not None:
        assert row.conf_low <= row.conf_high


def test_two_numbers_have_the_decimals_that_tell_them_apart() -> None:
    assert apart(-0.004, 0.013, 1) == ("0.00", "0.01")
    assert apart(-0.42, -0.38, 1) == ("−0.42", "−0.38")
    assert apart(-6.2, -5.9, 1) == ("−6.2", "−5.9")


@given(low=st.floats(-5, 5), gap=st.floats(0.001, 2))
def test_a_range_never_ends_where_it_begins(low: float, gap: float) -> None:
    first, last = apart(low, low + gap, 1)
    assert first != last


def test_a_mean_number_of_events_is_drawn_to_the_end_of_follow_up() -> None:
    """The curve once stopped at the last event, as if nobody had been followed after it."""
    risen = np.array([20.0, 60.0])
    mean = np.array([0.1, 0.3])
    curve = MeanCurve("drug", risen, mean, mean - 0.05, mean + 0.05, (40, 30, 12, 0, 0))
    record = RecurrentRecord("a", (0.0, 56.0, 112.0, 168.0), (curve,))
    times, height, low, high = _to_the_end(record, curve)
    assert times.tolist() == [20.0, 60.0, 112.0]
    assert height.tolist() == [0.1, 0.3, 0.3]
    assert (low[-1], high[-1]) == (low[-2], high[-2])
    nobody = replace(curve, at_risk=(40, 30, 0, 0, 0))
    assert _to_the_end(record, nobody)[0].tolist() == [20.0, 60.0]


def test_scores_are_in_the_unit_and_with_the_decimals_of_their_scale() -> None:
    plan = two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "change", "scale": "IL-6"},
        {"visit": "Day 8", "summary": "difference in means"},
        {"model": "mmrm"},
    )
    common = {"table": "mmrmt01", "analysis": "a", "endpoint": "y", "phase": "p"}
    mean = Result(statistic="LS mean", estimate=1.2345, unit="points", **common)
    effect = replace(mean, statistic="standardised mean difference", unit="SD")
    (measured, other) = with_units(plan, (mean, effect))
    assert (measured.unit, other.unit) == ("pg/mL", "SD")
    shown, plain = with_decimals(plan, ResultTable((measured, other))).rows
    assert estimate_with_limits(shown) == "1.23"  # IL-6: 0.01 pg/mL
    assert plain.decimals is None


def test_a_plan_says_unit_and_decimals_of_its_own_scale() -> None:
    plan = two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "change", "scale": "Cortisol", "label": "Change in morning cortisol"},
        {"visit": "Day 8", "summary": "difference in means"},
        {"model": "mmrm", "label": "Main model"},
        scales={
            "Cortisol": {
                "label": "Cortisol",
                "low": 0,
                "high": 2000,
                "better": "lower",
                "source": "x",
                "unit": "nmol/L",
                "decimals": 0,
            }
        },
    )
    row = Result(table="mmrmt01", statistic="LS mean", endpoint="y", estimate=412.4, unit="points")
    (shown,) = with_decimals(plan, ResultTable(with_units(plan, (row,)))).rows
    assert (shown.unit, estimate_with_limits(shown)) == ("nmol/L", "412")
    assert endpoint_title(plan, "y") == "Change in morning cortisol"
    assert analysis_label(plan, "a") == "Main model"


@pytest.mark.parametrize("path", OF_PARTICIPANTS, ids=lambda path: path.stem)
def test_no_two_analyses_of_a_shipped_plan_have_one_name(path: Path) -> None:
    plan, _ = read_plan(path)
    labels = [analysis_label(plan, name) for name in plan.analyses]
    assert len(set(labels)) == len(labels)
    assert not {name.replace("_", " ").capitalize() for name in plan.analyses} & set(labels)


def test_secondary_p_values_are_said_not_to_be_adjusted() -> None:
    plan, _ = read_plan(ANALYSES / "anxiety.yaml")
    material = Material(plan, ResultTable(()), (), None)  # type: ignore[arg-type]
    row = Result(table="mmrmt01", statistic="difference in LS means", p_value=0.03)
    names = [n for n, a in plan.analyses.items() if a.role in ("primary", "secondary")]
    (said,) = not_adjusted(material, dict.fromkeys(names, row))
    secondary = sum(plan.analyses[name].role == "secondary" for name in names)
    assert f"the {secondary} secondary results are not adjusted" in said
    quiet = replace(row, p_value=None)
    assert not list(not_adjusted(material, dict.fromkeys(names, quiet)))


@pytest.mark.parametrize("path", OF_PARTICIPANTS, ids=lambda path: path.stem)
def test_no_two_analyses_have_one_title(path: Path) -> None:
    """Three warnings named "Mixed model (primary)" twice, a table "Time-to-event (secondary)"."""
    plan = read_plan(path)[0]
    for title in (analysis_title, result_title):
        titles = [title(plan, name) for name in plan.analyses]
        assert len(set(titles)) == len(titles)
        for name, words in zip(plan.analyses, titles, strict=True):
            role = plan.analyses[name].role
            assert re.search(rf"[(;] ?{role}[;)]", words)
            assert words.count(role) == 1 or "analysis" in words


@pytest.mark.parametrize(
    ("data", "page"),
    [
        ("BLACK OR AFRICAN AMERICAN", "Black or African American"),
        ("AMERICAN INDIAN OR ALASKA NATIVE", "American Indian or Alaska Native"),
        ("NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER", "Native Hawaiian or other Pacific Islander"),
        ("WHITE", "White"),
        ("ASIAN", "Asian"),
        ("APPLICATION SITE PRURITUS", "Application site pruritus"),
        ("not HISPANIC", "Not HISPANIC"),
    ],
)
def test_words_in_capitals_keep_those_of_peoples(data: str, page: str) -> None:
    assert sentence_case(data) == page


def test_sexes_told_by_a_letter_are_spelled_out() -> None:
    assert [level_label("sex", level, ["F", "M"]) for level in ("F", "M")] == ["Female", "Male"]
    assert level_label("sex", "F", ["F", "X"]) == "F"  # not CDISC's codes
    assert level_label("factor", "F", ["F", "M"]) == "F"
