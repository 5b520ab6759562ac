"""Tables of what was observed, as a reader sees them: extremes, nothing known, and what is filled.

Least and greatest values have the decimals of the data; a mean and a median have one more.
"""

from dataclasses import replace

from ketaoutcomes.describe.baseline_page import baseline_section
from ketaoutcomes.describe.safety.adverse_events_page import rate_table
from ketaoutcomes.describe.safety.exposure_page import exposure_block
from ketaoutcomes.describe.safety.vital_signs_page import vital_sign_blocks
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.blocks import Figure, Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.not_observed import not_observed
from ketaoutcomes.results import Result, ResultTable
from two_arm_plans import two_arm_plan

SUMMARIES = ("n", "mean", "SD", "median", "lower quartile", "upper quartile", "min", "max")


def plan() -> AnalysisPlan:
    return two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "Day 8"},
        {"model": "mmrm"},
    )


def material(*rows: Result) -> Material:
    return Material(plan(), ResultTable(rows), (), None)  # type: ignore[arg-type]


def line(table: Table, label: str) -> list[str]:
    return next([c.text for c in row[1:]] for row in table.rows if row[0].text == label)


def summaries(table: str, group: str, of_arm: dict[str, tuple[float | None, ...]]) -> list[Result]:
    """One row a statistic and arm, in the order of `SUMMARIES`."""
    return [
        Result(
            table=table,
            statistic=statistic,
            phase="p",
            arm=arm,
            group=group,
            n=int(values[0] or 0) if statistic == "n" else None,
            estimate=value,
        )
        for arm, values in of_arm.items()
        for statistic, value in zip(SUMMARIES, values, strict=True)
    ]


AGES = (20.0, 44.25, 10.83, 45.0, 35.5, 55.0, 18.0, 64.0)


def baseline(of_arm: dict[str, tuple[float | None, ...]]) -> Table:
    section = baseline_section(material(*summaries("dmt01", "age", of_arm)))
    assert section is not None
    (table,) = section.blocks
    assert isinstance(table, Table)
    return table


def test_whole_extremes_have_no_decimals() -> None:
    table = baseline({"control": AGES, "drug": (*AGES[:-2], 19.0, 70.0)})
    assert line(table, "Min, max")[:2] == ["18, 64", "19, 70"]
    assert line(table, "Median (Q1, Q3)")[0] == "45.0 (35.5, 55.0)"


def test_extremes_with_parts_keep_them_in_every_arm() -> None:
    table = baseline({"control": AGES, "drug": (*AGES[:-2], 18.5, 70.0)})
    assert line(table, "Min, max")[:2] == ["18.0, 64.0", "18.5, 70.0"]


def test_an_arm_without_a_dose_has_one_dash_and_no_empty_brackets() -> None:
    nothing = (0.0, *([None] * 7))
    doses = (20.0, 7.25, 1.5, 8.0, 8.0, 8.0, 1.0, 8.0)
    rows = summaries("ext01", "doses", {"control": nothing, "drug": doses})
    (table,) = exposure_block(material(*rows), "p")
    assert line(table, "Mean (SD)") == ["–", "7.2 (1.5)"]
    assert line(table, "Median (min, max)") == ["–", "8.0 (1, 8)"]


def counted(statistic: str, counts: dict[str, float]) -> list[Result]:
    return [
        Result(
            table="mist01",
            statistic=statistic,
            phase="p",
            endpoint="y",
            visit="Day 8",
            arm=arm,
            group="y",
            n=80,
            estimate=count,
        )
        for arm, count in counts.items()
    ]


def test_scores_carried_forward_are_not_told_as_if_nothing_were_missing() -> None:
    missing = counted("missing", {"control": 0, "drug": 0})
    filled = counted("derived", {"control": 20, "drug": 8})
    words, rows = not_observed(material(*missing, *filled), "a")
    assert words[0] == "was available for all participants."
    assert words[1].endswith(
        "forward, for 20 of 80 (25.0%) with control and 8 of 80 (10.0%) with drug."
    )
    assert len(rows) == 4
    one = counted("missing", {"control": 0, "drug": 1})
    (said,), _ = not_observed(material(*one), "a")
    assert said == "was missing for 0 of 80 (0.0%) with control and 1 of 80 (1.2%) with drug."
    hidden = [replace(row, estimate=None, suppressed="estimate") for row in one]
    (said,), _ = not_observed(material(one[0], hidden[1]), "a")
    assert said == "was missing for 0 of 80 (0.0%) with control and a hidden number with drug."
    (said,), _ = not_observed(material(*hidden), "a")
    assert said == "was missing for participants whose numbers are suppressed."
    none_filled = counted("derived", {"control": 0, "drug": 0})
    assert len(not_observed(material(*missing, *none_filled), "a")[0]) == 1


def test_numbers_of_one_vital_sign_have_the_same_decimals() -> None:
    """A mean of 0.61 once stood beside one of 17.6, and an SD of 0.6."""
    rows = [
        Result(
            table="vst01",
            statistic=statistic,
            phase="p",
            visit="Day 8",
            arm=arm,
            group="CADSS",
            n=15,
            estimate=value,
            std_error=error,
            unit="points",
        )
        for arm, mean, sd, error in (("control", 0.61, 0.62, 0.15), ("drug", 17.62, 14.0, 3.6))
        for statistic, value, error in (("mean", mean, error), ("SD", sd, None))
    ]
    signs = {"CADSS": {"label": "Dissociation", "unit": "points"}}
    safe = two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "Day 8"},
        {"model": "mmrm"},
        safety={"vital_signs": signs},
    )
    shown = replace(material(*rows), plan=safe)
    figure = next(block for block in vital_sign_blocks(shown, "p") if isinstance(block, Figure))
    assert figure.data is not None
    assert line(figure.data, "Day 8") == ["15", "0.6 (0.6)", "15", "17.6 (14.0)"]


def rates_of(last_day: int) -> Table:
    row = Result(
        table="aet03", statistic="rate", phase="p", arm="drug", group="any adverse event",
        n=15, n_events=3, estimate=520.0,
    )  # fmt: skip
    days = {"Baseline": {"day": 1}, "End": {"day": last_day}}
    of_days = two_arm_plan(
        days,
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "End"},
        {"model": "mmrm"},
        safety={},
    )
    (table,) = rate_table(replace(material(row), plan=of_days), "p")
    return table


def test_a_rate_per_year_of_two_weeks_is_told_to_be_one() -> None:
    (_, note) = rates_of(15).footnotes
    assert note.startswith("The last visit of the phase is 14 days after the first dose.")
    assert len(rates_of(365).footnotes) == 1
