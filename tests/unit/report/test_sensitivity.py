"""The forest puts analyses of one comparison together, and marks those of another estimand."""

from pathlib import Path

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Figure, Section
from ketaoutcomes.report.forest_columns import columns_of
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
    assert figure.data is not None
    assert [row[0].text for row in figure.data.rows] == [
        "Time-to-event analysis (treatment policy; primary)",
        "Interval-censored analysis (sensitivity)",
        "Accelerated failure time model (sensitivity)",
        "Time-to-event analysis (hypothetical; supplementary)",
    ]
    assert "Open symbols: analyses of a different estimand" in figure.caption
    assert figure.alternative.count("30.0 (10.0 to 50.0)") == 4


def test_one_estimand_has_no_hollow_marks() -> None:
    plan = read_plan(ANALYSES / "maintenance.yaml")[0]
    kept = {n: a for n, a in plan.analyses.items() if a.estimand == "relapse"}
    (figure,) = section_of(plan.model_copy(update={"analyses": kept})).blocks
    assert isinstance(figure, Figure)
    assert "Hollow" not in figure.caption


def of_arms(analysis: str, statistic: str, values: dict[str, tuple[float, int]]) -> list[Result]:
    """A number and n of each arm of the maintenance phase."""
    return [
        Result(
            table="ttet01",
            statistic=statistic,
            analysis=analysis,
            phase="maintenance",
            arm=arm,
            estimate=value,
            n=n,
        )
        for arm, (value, n) in values.items()
    ]


def test_events_of_each_arm_stand_beside_the_estimates() -> None:
    """An analysis without events by arm has the number of its participants."""
    plan = read_plan(ANALYSES / "maintenance.yaml")[0]
    main = section_of(plan).blocks[0]
    assert isinstance(main, Figure)
    assert "n: participants analysed" not in main.caption
    rows = of_arms("relapse", "events", {"continue": (16.0, 48), "withdraw": (27.0, 63)})
    analysed = [
        Result(table="dst01", statistic="analysed", analysis="log_normal", arm=arm, n=n)
        for arm, n in (("continue", 48), ("withdraw", 63))
    ]
    columns = columns_of(
        Material(plan, ResultTable((*rows, *analysed)), (), None, ()),  # type: ignore[arg-type]
        ("relapse", "log_normal", "between_visits"),
    )
    told = {name: tuple(cell.text for cell in cells) for name, cells in columns.of.items()}
    assert told == {
        "relapse": ("16/48", "27/63"),
        "log_normal": ("–/48", "–/63"),
        "between_visits": ("–", "–"),
    }
    assert columns.heads == ("Continued esketamine\nevents/n", "Withdrawn to placebo\nevents/n")


def test_means_have_all_who_are_in_the_model_and_not_those_of_one_visit() -> None:
    """A forest once said n = 309, who were seen at the visit, of a model of 357."""
    plan = read_plan(ANALYSES / "trd.yaml")[0]
    means = [
        Result(
            table="mmrmt01",
            statistic="LS mean",
            analysis="primary",
            phase="induction",
            arm=arm,
            estimate=mean,
            n=n,
        )
        for arm, mean, n in (("esketamine", -21.24, 151), ("placebo", -15.06, 158))
    ]
    analysed = [
        Result(table="dst01", statistic="analysed", analysis="primary", arm=arm, n=n)
        for arm, n in (("esketamine", 174), ("placebo", 183))
    ]
    material = Material(plan, ResultTable((*means, *analysed)), (), None, ())  # type: ignore[arg-type]
    columns = columns_of(material, ("primary",))
    assert tuple(cell.text for cell in columns.of["primary"]) == ("174, −21.2", "183, −15.1")
    assert all(cell.results for cell in columns.of["primary"])
    assert columns.heads[0].endswith("\nn, mean")
