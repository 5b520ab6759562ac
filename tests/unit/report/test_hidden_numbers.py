"""What a page says where small counts are hidden: what may be shown, and why the rest is not."""

from pathlib import Path

import numpy as np

from ketaoutcomes.describe.safety.page import safety_section
from ketaoutcomes.families.time_to_event.record import SurvivalCurve, SurvivalRecord
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Prose
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import Result, ResultTable

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def test_ticks_are_those_at_which_some_arm_may_be_shown() -> None:
    none = np.array([])
    curves = tuple(
        SurvivalCurve(arm, none, none, none, none, none, at_risk=at_risk)
        for arm, at_risk in (("a", (40, None, 20, None)), ("b", (40, None, None, 0)))
    )
    record = SurvivalRecord("relapse", (0.0, 7.0, 14.0, 21.0), curves)
    assert record.shown_ticks == (0.0, 14.0, 21.0)


def words_on_safety(*rows: Result) -> str:
    """All prose of the section on safety of a plan that hides counts under 11."""
    plan = read_plan(ANALYSES / "trd.yaml")[0]
    report = plan.report.model_copy(update={"smallest_cell": 11})
    material = Material(
        plan.model_copy(update={"report": report}),
        ResultTable(rows),
        (),
        None,  # type: ignore[arg-type]
    )
    section = safety_section(material)
    assert section is not None
    prose = (block for block in section.blocks if isinstance(block, Prose))
    return " ".join(text for block in prose for text in block.paragraphs)


def test_a_table_of_terms_that_is_left_out_is_missed_on_the_page() -> None:
    overview = Result(
        table="aet01", statistic="subjects", phase="induction", arm="placebo", group="serious"
    )
    term = Result(
        table="aet02",
        statistic="proportion",
        phase="induction",
        arm="placebo",
        group="Ear: Vertigo",
        status="suppressed",
        suppressed="estimate",
    )
    said = words_on_safety(overview, term)
    assert "Double-blind induction, four weeks: adverse events by class and term" in said
    assert "a count below 11" in said
    assert "by class and term" not in words_on_safety(overview)
