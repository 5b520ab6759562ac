"""Participant flow: shares of those assigned, periods of a crossover, and who is left out later."""

from pathlib import Path

from ketaoutcomes.describe.flow_page import flow_section
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import Result, ResultTable

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def flow_of(*analyses: str) -> Table:
    """The flow of the first period of a crossover, 18 and 15 assigned, more in all periods."""
    counts = {"": (18, 15), "crossover": (29, 30)}
    rows = tuple(
        Result(
            table="dst01",
            statistic="analysed" if name else "assigned",
            analysis=name,
            phase="period_1",
            arm=arm,
            n=n,
        )
        for name in ("", *analyses)
        for arm, n in zip(("placebo", "ketamine"), counts.get(name, counts[""]), strict=True)
    )
    plan = read_plan(ANALYSES / "bipolar.yaml")[0]
    section = flow_section(Material(plan, ResultTable(rows), (), None))  # type: ignore[arg-type]
    assert section is not None
    table = section.blocks[-1]  # after the diagram
    assert isinstance(table, Table)
    return table


def test_periods_are_counted_apart_and_are_no_share_of_those_of_one() -> None:
    texts = [[cell.text for cell in row] for row in flow_of("crossover", "first_period").rows]
    assert texts == [
        ["Randomised", "18 (100.0%)", "15 (100.0%)", "33 (100.0%)"],
        ["Included in analysis"],
        [
            "Mixed model for repeated measures (first period, two weeks)",
            "18 (100.0%)",
            "15 (100.0%)",
            "33 (100.0%)",
        ],
        ["Included in analysis of all periods"],
        ["Crossover analysis", "29", "30", ""],
    ]


def test_analyses_of_the_same_subjects_share_a_line_and_no_heading_stands_alone() -> None:
    lines = [row[0].text for row in flow_of("first_period", "response").rows]
    both = (
        "Mixed model for repeated measures (first period, two weeks); "
        "exact analysis of incidence (response)"
    )
    assert lines == ["Randomised", "Included in analysis", both]
    assert [row[0].text for row in flow_of().rows] == ["Randomised"]


def test_an_analysis_that_leaves_out_subjects_without_an_outcome_is_named() -> None:
    said = (
        "Participants without an outcome are counted here and excluded from exact analysis of "
        "incidence (response)."
    )
    assert said in flow_of("first_period", "response").footnotes
    assert said not in flow_of("first_period").footnotes
