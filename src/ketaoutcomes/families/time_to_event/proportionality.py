"""What stands beside a hazard ratio whose proportional hazards the page itself rejects."""

import math
from typing import Final

from ketaoutcomes.families.time_to_event.record import HazardTrend, SurvivalRecord
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import estimate, interval, number, p_value
from ketaoutcomes.results import Result

REJECTED: Final = 0.05
"""A test of proportional hazards below this speaks against one ratio for all of follow-up."""


def beside_the_finding(material: Material, name: str, row: Result) -> str:
    """That hazards were not proportional, how the ratio changed, and the restricted means."""
    test = rejected(material, name)
    if test is None:
        return _other_measure(material, name, row)
    tested = f"Hazards were not proportional (test {p_value(test)})"
    if row.statistic != "hazard ratio":
        return f" {tested}, and no hazard ratio is given here."
    record = material.record(name, SurvivalRecord)
    course = _course(record.trend) if record is not None and record.trend is not None else ""
    return (
        f" {tested}: one hazard ratio does not describe the whole follow-up{course}."
        f"{_restricted_means(material, name)}"
    )


def _other_measure(material: Material, name: str, row: Result) -> str:
    """Why a restricted mean and a hazard ratio may speak of a difference, one yes and one no."""
    ratio = material.contrast(name, "hazard ratio", "ttet01")
    told = (row.includes_no_effect, ratio.includes_no_effect if ratio is not None else None)
    if row.statistic == "hazard ratio" or None in told or told[0] == told[1]:
        return ""
    assert ratio is not None  # else it would include nothing
    clear = "its interval" if told[0] else "that of the RMST"
    return (
        f" The hazard ratio was {estimate(ratio)} ({interval(ratio)}); of the two measures, only "
        f"{clear} excludes no difference. It uses the whole follow-up, while the RMST "
        f"counts {row.method.removeprefix('restricted mean time ')}."
    )


def rejected(material: Material, name: str) -> Result | None:
    """The test of the arm's proportional hazards, if it rejects them."""
    tests = material.results.select(
        analysis=name, statistic="proportional hazards test", group="arm"
    )
    known = (row for row in tests if row.p_value is not None)
    return next((row for row in known if row.p_is_under(REJECTED)), None)


def _course(trend: HazardTrend) -> str:
    """The ratio where the figure of it begins and where it ends."""
    first, last = (number(math.exp(float(trend.estimate[at])), 2) for at in (0, -1))
    days = [number(float(trend.times[at]), 0) for at in (0, -1)]
    return f"; it went from {first} on day {days[0]} to {last} on day {days[1]}"


def _restricted_means(material: Material, name: str) -> str:
    row = material.contrast(name, "difference in restricted means", "ttet01")
    if row is None or row.estimate is None:
        return ""
    return f" The {row.method} differed by {estimate(row)} days ({interval(row)})."
