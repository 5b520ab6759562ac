"""The page of a two-by-two trial: each hazard ratio stands with the events of its two arms."""

from pathlib import Path

from ketaoutcomes.families.time_to_event.page_factorial import factorial_blocks
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Figure, Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable

PLAN = Path(__file__).resolve().parents[3] / "analyses" / "psychotherapy.yaml"
PROVENANCE = Provenance("p.yaml", "", "0" * 64, "none", (), None, (), "run", True, None)
OF_ARMS = {
    "midazolam_usual": (9, 29),
    "midazolam_therapy": (11, 36),
    "ketamine_usual": (18, 50),
    "ketamine_therapy": (13, 75),
}
WITHIN = {
    "ketamine against midazolam with usual care": ["18/50", "9/29"],
    "ketamine against midazolam with psychotherapy": ["13/75", "11/36"],
    "psychotherapy against usual care with midazolam": ["11/36", "9/29"],
    "psychotherapy against usual care with ketamine": ["13/75", "18/50"],
}
"""By hand: the events of the arm that is named first, then those of the other."""


def figure(*left_out: str) -> Figure:
    plan, _ = read_plan(PLAN)
    common = {"analysis": "relapse", "table": "ttet03", "conf_low": 0.5, "conf_high": 2.0}
    rows = [
        *(
            Result(
                analysis="relapse",
                table="ttet01",
                statistic="events",
                arm=arm,
                estimate=float(events),
                n=n,
            )
            for arm, (events, n) in OF_ARMS.items()
            if arm not in left_out
        ),
        *(
            Result(**common, statistic="hazard ratio within a level", group=words, estimate=1.0)
            for words in WITHIN
        ),
        Result(**common, statistic="ratio of hazard ratios", group="drug by therapy", estimate=1.0),
    ]
    material = Material(plan, ResultTable(tuple(rows)), (), PROVENANCE)
    (found,) = factorial_blocks(material, "relapse")
    assert isinstance(found, Figure)
    return found


def test_each_hazard_ratio_stands_with_the_events_of_its_two_arms() -> None:
    """The forest and its table had no number of any arm."""
    drawn = figure()
    assert isinstance(drawn.data, Table)
    cells = {row[0].text.lower(): [cell.text for cell in row[1:3]] for row in drawn.data.rows}
    assert {words: cells[words] for words in WITHIN} == WITHIN
    assert cells["drug by therapy"] == ["", ""]
    assert drawn.data.columns[1:3] == ("First named, events/n", "Second named, events/n")
    assert (
        "Ketamine against midazolam with usual care: 1.00 (0.50 to 2.00) (18/50 versus 9/29)"
        in (drawn.alternative)
    )
    assert "18/50" in str(drawn.svg)


def test_an_arm_without_a_count_has_a_dash() -> None:
    drawn = figure("midazolam_usual")
    assert "(18/50 versus –)" in drawn.alternative
