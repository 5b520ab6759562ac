"""Statements of the summaries that were untrue or contradicted each other, each by an example."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.endpoints.kept_arms import kept_arm_remarks
from ketaoutcomes.families.time_to_event.page import _comparison
from ketaoutcomes.families.time_to_event.proportionality import beside_the_finding
from ketaoutcomes.families.time_to_event.record import SurvivalCurve, SurvivalRecord
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.randomised import is_randomised
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.abstract import abstract
from ketaoutcomes.report.answer import answer_section
from ketaoutcomes.report.finding import finding
from ketaoutcomes.report.labels import endpoint_rule, listed, method_label
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import references_of
from ketaoutcomes.report.numbers import decimals_of, estimate_with_limits, with_decimals_alike
from ketaoutcomes.report.patients import in_plain_language
from ketaoutcomes.results import Result, ResultTable
from two_arm_plans import two_arm_plan

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
PAIR = {"arm": "drug", "reference": "control", "conf_level": 0.95}
OF: dict[str, Any] = {"analysis": "a", "endpoint": "y", "phase": "p"}
VISITS = {"Baseline": {"day": 1}, "Day 8": {"day": 8}}


def plan_of(name: str) -> AnalysisPlan:
    return read_plan(ANALYSES / f"{name}.yaml")[0]


def material_of(plan: AnalysisPlan, *rows: Result, synthetic: bool = True) -> Material:
    provenance = SimpleNamespace(synthetic=synthetic, remarks=())
    return Material(plan, ResultTable(rows), (), provenance)  # type: ignore[arg-type]


def part_of(material: Material, name: str, found: dict[str, Result] | None = None) -> str:
    parts = dict(abstract(material, found or {}).parts)
    return " ".join(one.words for one in parts.get(name, ()))


def for_patients(material: Material, row: Result) -> str:
    parts = in_plain_language(material, {"a": row}).parts
    return " ".join(one.words for _, part in parts for one in part)


def relapse(**keys: Any) -> AnalysisPlan:
    return two_arm_plan(
        VISITS,
        {"kind": "time_to_event", "event_label": "relapse"},
        {"summary": "difference in restricted mean time"},
        {"model": "time_to_event", "rmst_days": 42, **keys},
    )


MEAN = Result(
    table="ttet01", statistic="difference in restricted means", estimate=9.9, conf_low=-2.1,
    conf_high=21.9, unit="days", method="restricted mean time up to day 42", **PAIR, **OF,
)  # fmt: skip
RATIO = Result(
    table="ttet01", statistic="hazard ratio", estimate=0.54, conf_low=0.35, conf_high=0.82,
    **PAIR, **OF,
)  # fmt: skip


@pytest.mark.parametrize(
    ("mean_low", "ratio_high", "words"),
    [
        (-2.1, 0.82, "only its interval excludes no difference"),
        (2.1, 1.20, "only that of the RMST excludes no difference"),
        (2.1, 0.82, ""),
        (-2.1, 1.20, ""),
    ],
)
def test_two_measures_that_seem_to_contradict_each_other_are_explained(
    mean_low: float, ratio_high: float, words: str
) -> None:
    """No clear difference stood next to a hazard ratio of 0.35 to 0.82 without a word."""
    mean, ratio = replace(MEAN, conf_low=mean_low), replace(RATIO, conf_high=ratio_high)
    said = beside_the_finding(material_of(relapse(), mean, ratio), "a", mean)
    assert bool(said) == bool(words)
    assert words in said
    assert not words or said.endswith("while the RMST counts up to day 42.")
    assert not words or f"The hazard ratio was 0.54 (95% CI 0.35 to {ratio_high:.2f});" in said


def without_event(day: float, share: float, arm: str, *, limits: bool = True) -> Result:
    ends = {"conf_low": share - 0.1, "conf_high": share + 0.1} if limits else {}
    return Result(
        table="kmt01", statistic="survival", arm=arm, group=f"day {day:g}", estimate=share,
        **ends, **OF,
    )  # fmt: skip


def test_people_without_the_event_are_counted_at_the_end_of_the_restricted_mean() -> None:
    """3 and 19 of 100 on day 168 stood before "no clear difference" up to day 112."""
    rows = [
        without_event(day, share, arm)
        for arm, shares in (("drug", (0.6, 0.36, 0.19)), ("control", (0.5, 0.13, 0.03)))
        for day, share in zip((28, 42, 70), shares, strict=True)
    ]
    said = for_patients(material_of(relapse(), MEAN, *rows), MEAN)
    assert "about 36 had not had it by day 42" in said
    assert "day 70" not in said


def test_of_two_days_the_one_with_limits_is_told() -> None:
    rows = [
        without_event(day, share, arm, limits=day < 42)
        for arm in ("drug", "control")
        for day, share in ((28, 0.6), (42, 0.3))
    ]
    assert "by day 28" in for_patients(material_of(relapse(), MEAN, *rows), MEAN)


def responders(arm: str, events: int, n: int, **changes: Any) -> Result:
    return replace(
        Result(
            table="rspt01", statistic="responders", arm=arm, visit="Day 8", estimate=events,
            n=n, **OF,
        ),
        **changes,
    )  # fmt: skip


def response() -> AnalysisPlan:
    return two_arm_plan(
        VISITS,
        {"kind": "response", "scale": "MADRS"},
        {"summary": "difference in proportions", "visit": "Day 8"},
        {"model": "proportions"},
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "4 of 14 (28.6%) with"),
        ({"estimate": None, "suppressed": "estimate"}, " 28.6% with"),
        ({"suppressed": "n:10"}, " 28.6% with"),
    ],
)
def test_a_proportion_comes_with_its_counts_where_they_may_be_shown(
    changes: dict[str, Any], told: str
) -> None:
    """A response of 28.6% in a crossover did not say of how many."""
    difference = Result(
        table="rspt01", statistic="risk difference", visit="Day 8", estimate=0.286, conf_low=0.077,
        conf_high=0.55, **PAIR, **OF,
    )  # fmt: skip
    shares = [
        Result(table="rspt01", statistic="proportion", arm=arm, visit="Day 8", estimate=share, **OF)
        for arm, share in (("drug", 4 / 14), ("control", 0.0))
    ]
    arms = (responders("drug", 4, 14, **changes), responders("control", 0, 18), *shares)
    said = finding(material_of(response(), difference, *arms), "a", difference)
    assert told in said
    assert "0 of 18 (0.0%) with" in said


def test_a_limitation_of_two_primary_results_is_said_once() -> None:
    plan = plan_of("frequency")
    missing = [
        Result(table=table, statistic=statistic, analysis=name, endpoint="change",
               phase="treatment", visit="Day 15", arm=arm, n=n, estimate=estimate)
        for name in ("twice", "thrice")
        for arm in plan.phases["treatment"].arms
        for table, statistic, n, estimate in (("mist01", "missing", 40, 4.0),)
    ]  # fmt: skip
    said = part_of(material_of(plan, *missing), "Limitations")
    sentences = [one.strip() for one in said.split(". ")]
    assert len(sentences) == len(set(sentences))


def test_groups_are_no_interventions_and_have_no_dose() -> None:
    """ "Interventions: Had injected" stood over two groups of people who left a ward."""
    of = dict(abstract(material_of(plan_of("cocaine_relapse"), synthetic=False), {}).parts)
    assert "Interventions" not in of
    (statement,) = of["Groups"]
    assert "dose" not in statement.words
    assert "Interventions" in dict(abstract(material_of(plan_of("trd")), {}).parts)
    payers = part_of(material_of(plan_of("access")), "Groups")
    assert payers.startswith("Commercial, Medicare, Medicaid and Uninsured.")


def test_the_reference_of_a_phase_is_named_only_where_all_are_compared_with_it() -> None:
    assert "compared with midazolam" in part_of(material_of(plan_of("dose")), "Interventions")
    factorial = part_of(material_of(plan_of("psychotherapy")), "Interventions")
    assert "compared with" not in factorial


def test_a_crossover_says_of_which_period_each_result_is() -> None:
    plan = plan_of("bipolar")
    row = Result(
        table="rspt01", statistic="risk difference", analysis="response", endpoint="response",
        phase="period_1", visit="Day 2", arm="ketamine", reference="saline", estimate=0.286,
        conf_low=0.077, conf_high=0.55, conf_level=0.95,
    )  # fmt: skip
    said = part_of(material_of(plan, row), "Results", {"response": row})
    assert said.startswith("Secondary outcome (First period, two weeks): Response")


def test_what_the_tests_of_interaction_gave_stands_in_the_abstract() -> None:
    plan = plan_of("heterogeneity")
    tests = [
        Result(table="subt01", statistic="interaction", analysis="change", endpoint="change",
               phase="treatment", group=group, p_value=p)
        for group, p in (("age", 0.44), ("sex", 0.122), ("family_history_alcohol", 0.0239))
    ]  # fmt: skip
    main = Result(
        table="mmrmt01", statistic="difference in LS means", analysis="change", endpoint="change",
        phase="treatment", visit="Day 28", arm="esketamine", reference="placebo", estimate=-4.5,
        conf_low=-6.1, conf_high=-3.0, conf_level=0.95,
    )  # fmt: skip
    said = part_of(material_of(plan, main, *tests), "Results", {"change": main})
    assert (
        "Of 3 tests of interaction with subgroups, not adjusted for multiplicity, 1 had p < 0.05: "
        "family history alcohol, p = 0.024."
    ) in said


def hazards(group: str, p: float, analysis: str = "relapse") -> Result:
    return Result(
        table="ttet01", statistic="proportional hazards test", analysis=analysis, group=group,
        p_value=p, endpoint="relapse", phase="follow_up",
    )  # fmt: skip


def test_a_covariate_whose_hazards_change_is_not_taken_for_the_arms() -> None:
    """The test of the arms gave p = 0.739, and the page said that no hazard ratio holds."""
    rows = (hazards("arm", 0.739), hazards("baseline", 0.012), hazards("global", 0.039))
    said = part_of(material_of(plan_of("cocaine_relapse"), *rows), "Limitations")
    assert "no single hazard ratio holds" not in said
    assert "The hazard ratio of a covariate (baseline) changed over time" in said


def test_of_several_comparisons_those_with_changing_hazards_are_named() -> None:
    rows = [
        hazards("arm", p, name)
        for name, p in (("monthly", 0.19), ("weekly", 0.0007), ("monthly_or_weekly", 0.33))
    ]
    said = part_of(material_of(plan_of("monthly"), *rows), "Limitations")
    assert "not proportional (time-to-event analysis (Weekly ketamine versus saline))" in said


def test_means_have_no_fewer_decimals_than_their_difference() -> None:
    """-1.0 and -0.6 stood next to a difference of -0.34."""
    of: dict[str, Any] = {
        "table": "mmrmt01", "analysis": "item_10", "endpoint": "item_10_change",
        "phase": "treatment", "visit": "24 hours", "unit": "points",
    }  # fmt: skip
    row = Result(
        statistic="difference in LS means", estimate=-0.34, conf_low=-0.58, conf_high=-0.09,
        arm="ketamine", reference="midazolam", conf_level=0.95, decimals=2, **of,
    )  # fmt: skip
    means = [
        Result(statistic="LS mean", arm=arm, estimate=value, std_error=1.0, **of)
        for arm, value in (("ketamine", -0.973), ("midazolam", -0.633))
    ]
    material = material_of(plan_of("suicidality"), row, *means)
    found = {"item_10": row}
    assert "−0.97 with ketamine and −0.63 with" in part_of(material, "Results", found)
    parts = in_plain_language(material, found).parts
    assert "fell by 0.97 on average" in " ".join(one.words for _, part in parts for one in part)


def test_a_measurement_is_no_score_and_a_loss_is_named() -> None:
    plan = two_arm_plan(
        VISITS,
        {"kind": "change", "scale": "BDNF"},
        {"summary": "difference in means", "visit": "Day 8"},
        {"model": "mmrm"},
        scales={
            "BDNF": {"label": "BDNF", "low": 0, "high": 100, "better": "higher", "source": "x",
                     "unit": "ng/mL"}
        },
    )  # fmt: skip
    row = Result(
        table="mmrmt01", statistic="difference in LS means", visit="Day 8", estimate=2.4,
        conf_low=1.9, conf_high=2.9, unit="ng/mL", **PAIR, **OF,
    )  # fmt: skip
    said = for_patients(material_of(plan, row), row)
    assert "One number that was measured is BDNF, in ng/mL. A higher number is better." in said
    assert "score" not in said


@pytest.mark.parametrize(("amount", "words"), [(-5682.0, "was a loss of 5,682"), (12.0, "left 12")])
def test_money_lost_is_told_as_a_loss(amount: float, words: str) -> None:
    plan = plan_of("quality_of_life")
    row = Result(
        table="cet01", statistic="incremental net monetary benefit", analysis="value",
        endpoint="value", phase="treatment", arm="esketamine", reference="antidepressant",
        estimate=amount, conf_low=amount - 1, conf_high=amount + 1, conf_level=0.95, unit="USD",
    )  # fmt: skip
    parts = in_plain_language(material_of(plan, row), {"value": row}).parts
    said = " ".join(one.words for _, part in parts for one in part)
    assert f"For each person this {words} USD." in said


def test_the_end_of_a_scale_has_nothing_below_it() -> None:
    plan = plan_of("koch1977")
    assert endpoint_rule(plan, "normal").endswith("Abnormal of 0")
    assert endpoint_rule(plan_of("titration"), "remission").endswith("MADRS of 10 or less")


def test_works_on_strata_are_cited_only_where_there_are_strata() -> None:
    without = references_of(material_of(plan_of("koch1977")), "primary")
    within = references_of(material_of(plan_of("titration")), "remission")
    assert not any("Mantel" in line for line in without)
    assert any("Mantel" in line for line in within)


def cohort(later: dict[str, str]) -> Any:
    before = {"1": "a", "2": "b", "3": "a", "4": "b"}
    rows = [
        *({"phase": "induction", "subject": s, "arm": arm} for s, arm in before.items()),
        *({"phase": "later", "subject": s, "arm": arm} for s, arm in later.items()),
    ]
    return SimpleNamespace(assignments=pd.DataFrame(rows))


def plan_of_two_phases(**later: Any) -> AnalysisPlan:
    phase = {"arms": {"a": "A", "b": "B"}, "reference": "b", "visits": VISITS}
    plan = response().model_dump(mode="json", exclude_unset=True)
    plan["phases"] = {
        "induction": {"label": "Induction", **phase},
        "later": {"label": "Later", **phase, **later},
    }
    plan["endpoints"]["y"]["phase"] = "induction"
    for estimand in plan["estimands"].values():
        estimand["treatment"] = {"active": "a", "reference": "b"}
    return AnalysisPlan.model_validate(plan)


def test_a_phase_that_everybody_entered_in_the_same_arm_is_asked_about() -> None:
    (remark,) = kept_arm_remarks(plan_of_two_phases(), cohort({"1": "a", "2": "b"}))
    assert "keeps_arms: true" in remark.remedy
    assert remark.gravity == "warning"
    for plan, later in (
        (plan_of_two_phases(), {"1": "b", "2": "a"}),  # randomised again
        (plan_of_two_phases(), {"1": "a", "3": "a"}),  # one arm went on
        (plan_of_two_phases(keeps_arms=True), {"1": "a", "2": "b"}),
    ):
        assert not tuple(kept_arm_remarks(plan, cohort(later)))


def test_responders_who_keep_their_arms_are_not_called_randomised() -> None:
    plan = plan_of("psychotherapy")
    assert is_randomised(plan, "induction")
    assert not is_randomised(plan, "follow_up")
    section = answer_section(material_of(plan))
    told = [words for block in section.blocks for words in getattr(block, "paragraphs", ())]
    assert any("participants kept their arms" in words for words in told)


def test_one_figure_of_curves_has_the_comparisons_of_all_analyses() -> None:
    """Three arms were drawn three times, each time with another pair in the plot."""
    plan = plan_of("monthly")
    pairs = {"monthly": ("monthly", "saline"), "weekly": ("weekly", "saline")}
    rows = [
        replace(MEAN, analysis=name, endpoint="time_to_relapse", phase="maintenance", arm=arm,
                reference=reference)
        for name, (arm, reference) in pairs.items()
    ]  # fmt: skip
    none = np.zeros(0)
    curves = tuple(
        SurvivalCurve(arm, np.array([28.0]), np.array([share]), none, none, none, ())
        for arm, share in (("saline", 0.4), ("monthly", 0.5), ("weekly", 0.6))
    )
    records = tuple(SurvivalRecord(name, (0.0, 28.0), curves, None) for name in pairs)
    material = replace(material_of(plan, *rows), records=records)
    told = {_comparison(material, name) for name in pairs}
    (words,) = told
    assert words.splitlines() == [
        "Monthly ketamine versus Saline: RMST difference 9.9 (95% CI −2.1 to 21.9)",
        "Weekly ketamine versus Saline: RMST difference 9.9 (95% CI −2.1 to 21.9)",
    ]
    alone = replace(material, records=records[:1])
    assert _comparison(alone, "monthly") == "RMST difference 9.9 (95% CI −2.1 to 21.9)"


def test_quantiles_of_times_are_days_and_means_are_not() -> None:
    days = Result(table="kmt01", statistic="median", estimate=151.0, conf_low=98.0, unit="days")
    assert estimate_with_limits(days) == "151 (98 to not reached)"
    assert decimals_of(replace(days, conf_high=180.5)) == 1
    assert decimals_of(replace(days, statistic="restricted mean")) == 1


def test_a_hidden_arm_may_be_smaller_than_the_smallest_that_is_shown() -> None:
    of = {"table": "dst01", "statistic": "assigned", "phase": "p"}
    shown = Result(**of, arm="control", n=13)
    hidden = Result(**of, arm="drug", n=None, suppressed="n")
    plan = relapse()
    plan = plan.model_copy(update={"data": plan.data.model_copy(update={"synthetic": None})})
    said = part_of(material_of(plan, shown, hidden, synthetic=False), "Limitations")
    assert "Arms were small (one has 13 participants)" in said
    both = part_of(
        material_of(plan, shown, replace(shown, arm="drug", n=12), synthetic=False), "Limitations"
    )
    assert "(the smallest has 12 participants)" in both


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"statistic": "difference in LS means", "estimate": -0.37, "conf_low": -0.714,
          "conf_high": -0.027, "unit": "points"}, "−0.37 (−0.71 to −0.03)"),
        ({"statistic": "risk difference", "estimate": 0.0595, "conf_low": 0.0003,
          "conf_high": 0.137}, "5.95 (0.03 to 13.70)"),
        ({"statistic": "hazard ratio", "estimate": 1.26, "conf_low": 1.0021, "conf_high": 1.58},
         "1.260 (1.002 to 1.580)"),
        ({"statistic": "risk difference", "estimate": 0.0595, "conf_low": -0.0003,
          "conf_high": 0.137}, "5.9 (0.0 to 13.7)"),
    ],
)  # fmt: skip
def test_an_interval_that_excludes_no_effect_does_not_read_as_if_it_ended_there(
    row: dict[str, Any], told: str
) -> None:
    """-0.4 (-0.7 to 0.0) stood next to p = 0.035."""
    result = Result(table="x", std_error=0.3, **PAIR, **OF, **row)
    assert estimate_with_limits(result) == told
    coarse = estimate_with_limits(result, 2 if result.is_ratio else 1)
    assert coarse == told


def test_means_and_differences_of_a_table_have_the_same_decimals() -> None:
    of = OF | {"table": "mmrmt01", "unit": "points", "visit": "Day 8"}
    mean = Result(statistic="LS mean", arm="drug", estimate=0.44, std_error=0.13, **of)
    difference = Result(
        statistic="difference in LS means", estimate=-0.24, std_error=0.27, **PAIR, **of
    )
    other = replace(difference, analysis="b", estimate=-4.0, std_error=1.0)
    kept = replace(mean, analysis="c", decimals=3)
    told = with_decimals_alike((mean, difference, other, kept))
    assert [decimals_of(row) for row in told] == [2, 2, 1, 3]


def test_a_caption_that_begins_with_the_outcome_does_not_say_it_again() -> None:
    """ "Change in HVLT-R, mixed model for repeated measures (change in HVLT-R): LS means"."""
    plan = plan_of("safety")
    assert method_label(plan, "memory") == "Mixed model for repeated measures"
    labels = [
        (plan.estimands[analysis.estimand].endpoint, method_label(plan, name))
        for name, analysis in plan.analyses.items()
    ]
    assert len(labels) == len(set(labels))


def test_the_end_of_a_curve_with_few_left_is_not_told_to_patients() -> None:
    """56 of 100 "by day 3000" rested on 7 of 295."""
    ratio = replace(RATIO, table="ttet01")
    rows = [
        replace(without_event(day, share, arm), n=n)
        for arm in ("drug", "control")
        for day, share, n in ((28, 0.8, 300), (42, 0.6, 63), (70, 0.56, 7))
    ]
    said = for_patients(material_of(relapse(), ratio, *rows), ratio)
    assert "about 60 had not had it by day 42" in said


def test_labels_that_hold_an_and_are_parted_by_semicolons() -> None:
    """ "Levamisole and levamisole and fluorouracil, compared with observation"."""
    assert listed(("levamisole", "levamisole and fluorouracil")) == (
        "levamisole; and levamisole and fluorouracil"
    )
    assert listed(("a", "b", "c")) == "a, b and c"


def test_those_left_out_of_an_analysis_without_visits_are_a_limitation() -> None:
    """18 of 929 had no value of a covariate, and the abstract had no limitation at all."""
    of = {"table": "dst01", "phase": "p"}
    rows = [
        Result(**of, statistic=statistic, analysis=analysis, arm=arm, n=n)
        for statistic, analysis, sizes in (
            ("assigned", "", (315, 304)),
            ("analysed", "a", (312, 295)),
        )
        for arm, n in zip(("control", "drug"), sizes, strict=True)
    ]
    plan = relapse()
    plan = plan.model_copy(update={"data": plan.data.model_copy(update={"synthetic": None})})
    said = part_of(material_of(plan, *rows, synthetic=False), "Limitations")
    assert "The analysis excluded 12 of 619 participants." in said


def test_a_remission_that_the_plan_calls_otherwise_is_not_called_few_signs_of_illness() -> None:
    plan = two_arm_plan(
        VISITS,
        {"kind": "remission", "scale": "MADRS", "at_most": 10, "label": "Good status"},
        {"summary": "difference in proportions", "visit": "Day 8"},
        {"model": "proportions"},
    )
    row = Result(
        table="rspt01", statistic="risk difference", visit="Day 8", estimate=0.17, conf_low=-0.01,
        conf_high=0.345, **PAIR, **OF,
    )  # fmt: skip
    shares = [
        Result(table="rspt01", statistic="proportion", arm=arm, visit="Day 8", estimate=share, **OF)
        for arm, share in (("drug", 0.61), ("control", 0.44))
    ]
    said = for_patients(material_of(plan, row, *shares), row)
    assert "about 61 had this: good status at Day 8" in said
    assert "illness" not in said
