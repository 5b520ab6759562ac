"""The forest puts analyses of one comparison together, and marks those of another estimand."""

from pathlib import Path

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Figure, Section
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.sensitivity import sensitivity_section
from ketaoutcomes.results import Result, ResultTable

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def section_of(plan: AnalysisPlan) -> Section:
    """The section where every analysis found the same number."""
    rows = tuple(
        Result(
            table="ttet01",
            statistic="difference in restricted means",
            analysis=name,
            arm="continue",
            reference="withdraw",
            estimate=30.0,
            conf_low=10.0,
            conf_high=50.0,
            conf_level=0.95,
        )
        for name in plan.analyses
    )
    material = Material(plan, ResultTable(rows), (), None, ())  # type: ignore[arg-type]
    section = sensitivity_section(material)
    assert section is not None
    return section


def test_one_forest_holds_the_estimand_and_the_others_of_the_comparison() -> None:
    section = section_of(read_plan(ANALYSES / "maintenance.yaml")[0])
    (figure,) = section.blocks
    assert isinstance(figure, Figure)
    labels = [part.split(":")[0] for part in figure.alternative.split("; ")]
    assert labels == [
        "Time-to-event analysis (treatment policy), primary",
        "Interval-censored analysis, sensitivity",
        "Accelerated failure time model, sensitivity",
        "Time-to-event analysis (hypothetical), supplementary",
    ]
    assert "Open symbols: analyses of a different estimand" in figure.caption
    assert figure.alternative.count("30.0 (10.0 to 50.0)") == 4


def test_one_estimand_has_no_hollow_marks() -> None:
    plan = read_plan(ANALYSES / "maintenance.yaml")[0]
    kept = {n: a for n, a in plan.analyses.items() if a.estimand == "relapse"}
    (figure,) = section_of(plan.model_copy(update={"analyses": kept})).blocks
    assert isinstance(figure, Figure)
    assert "Hollow" not in figure.caption
