"""The sentence of a finding says the side, the size and the error, and no side where none shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.finding import finding
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import Result, ResultTable

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def sentence(analysis: str, *rows: Result, of: str = "trd") -> str:
    """The finding of an analysis of a shipped plan."""
    plan = read_plan(ANALYSES / f"{of}.yaml")[0]
    material = Material(plan, ResultTable(rows), (), None, ())  # type: ignore[arg-type]
    main = material.main_result(analysis)
    assert main is not None
    return finding(material, analysis, main)


def change(estimate: float, half: float = 2.0) -> Result:
    """A difference with `half` of its interval on either side."""
    return Result(
        table="mmrmt01",
        statistic="difference in LS means",
        analysis="primary",
        phase="induction",
        arm="esketamine",
        reference="placebo",
        visit="Day 28",
        unit="points",
        estimate=estimate,
        conf_low=estimate - half,
        conf_high=estimate + half,
        conf_level=0.95,
        p_value=0.04,
    )


@pytest.mark.parametrize(
    ("estimate", "half", "words"),
    [
        (-2.04, 2.0, "was 2.04 points lower with esketamine + antidepressant than with placebo"),
        (2.04, 2.0, "was 2.04 points higher with esketamine + antidepressant than with placebo"),
        (
            -0.0004,
            0.0003,
            "differed by less than 0.0005 points between esketamine + antidepressant and placebo",
        ),
    ],
)
def test_means_name_the_side_on_which_the_change_is_lower(
    estimate: float, half: float, words: str
) -> None:
    # a limit of 0.04 would read as no difference with one decimal, so there are two
    said = sentence("primary", change(estimate, half))
    assert words in said
    assert "95% CI" in said
    assert "p = 0.040; lower is better)" in said


@pytest.mark.parametrize("estimate", [-2.0, -1.99, 0.0, 1.0, 2.0])
def test_an_interval_with_no_effect_in_it_is_no_clear_difference(estimate: float) -> None:
    said = sentence("primary", change(estimate))
    assert said.startswith("There was no clear difference in the mean change in MADRS at Day 28 ")
    assert "between esketamine + antidepressant and placebo" in said
    assert "lower with" not in said
    assert "higher with" not in said


def test_a_stratified_difference_is_told_from_that_of_the_proportions() -> None:
    common = {"table": "rspt01", "analysis": "response", "phase": "induction", "visit": "Day 28"}
    rows = [
        Result(**common, statistic="proportion", arm=arm, estimate=share)
        for arm, share in (("esketamine", 0.511), ("placebo", 0.391))
    ]
    difference = Result(
        **common,
        statistic="risk difference",
        arm="esketamine",
        reference="placebo",
        estimate=0.128,
        conf_low=0.026,
        conf_high=0.230,
        conf_level=0.95,
    )
    said = sentence("response", *rows, difference)
    assert "51.1% with esketamine + antidepressant and 39.1% with placebo" in said
    assert "a stratified difference of 12.8 percentage points" in said


def test_an_indirect_effect_is_that_without_a_hidden_confounder() -> None:
    common = {"analysis": "through_bdnf", "phase": "infusion", "visit": "72 hours"}
    common |= {"arm": "ketamine", "reference": "midazolam", "unit": "points"}
    total = Result(**common, table="medt01", statistic="total effect", estimate=-8.1)
    indirect = [
        Result(
            **common,
            table=table,
            group=group,
            statistic="natural indirect effect",
            estimate=estimate,
            conf_low=estimate - 2,
            conf_high=estimate + 2,
            conf_level=0.95,
            p_value=0.014,
        )
        for table, group, estimate in (
            ("medt01", "", -2.8),
            ("medt02", "correlation 0", -2.8),
            ("medt02", "correlation 0.8", -17.7),
        )
    ]
    said = sentence("through_bdnf", total, *indirect, of="biomarkers")
    assert (
        "was −2.8 points (95% CI −4.8 to −0.8; p = 0.014). The total effect was −8.1 points."
        in said
    )


def test_a_ratio_says_which_arm_it_multiplies() -> None:
    ratio = Result(
        table="ttet01",
        statistic="hazard ratio",
        analysis="dermatologic_high",
        phase="treatment",
        arm="high",
        reference="placebo",
        estimate=4.92,
        conf_low=3.08,
        conf_high=7.85,
        conf_level=0.95,
        p_value=0.0001,
    )
    assert sentence("dermatologic_high", ratio, of="cdisc_pilot") == (
        "The hazard of first dermatologic event with xanomeline, high dose was 4.92 times that "
        "with placebo (hazard ratio, 95% CI 3.08 to 7.85; p < 0.001)."
    )


def test_a_label_that_names_no_treatment_is_told_as_a_group() -> None:
    """`with Had injected` and `with Withdrawn to placebo` are no English."""
    ratio = Result(
        table="ttet01",
        analysis="relapse",
        statistic="hazard ratio",
        phase="follow_up",
        arm="injected",
        reference="other",
        estimate=2.78,
        conf_low=1.5,
        conf_high=5.14,
        conf_level=0.95,
        p_value=0.001,
    )
    said = sentence("relapse", ratio, of="cocaine_relapse")
    assert "in the group “Had injected” was 2.78 times that in the group “Had not injected”" in said
    unclear = replace(ratio, conf_low=0.9, p_value=0.1)
    said = sentence("relapse", unclear, of="cocaine_relapse")
    assert "between the groups “Had injected” and “Had not injected”" in said
