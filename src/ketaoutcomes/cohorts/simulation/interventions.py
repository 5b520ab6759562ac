"""What the arms of a simulated phase receive, in words: drug, dose, route and days."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.cohorts.simulation.parts_design import Dosing, ScenarioPhase

MOST_DAYS: Final = 8
"""Days that are listed one by one; more are told by their number."""


def interventions_in_words(phase: ScenarioPhase) -> dict[str, str]:
    """Each arm of a phase -> what it receives; nothing where participants only wait."""
    if phase.waiting:
        return {}
    return {name: " ".join(_received(arm, phase.days)) for name, arm in phase.arms.items()}


def _received(arm: Dosing, days: float) -> Iterator[str]:
    listed = arm.days_of_doses(days)
    if listed:
        amount = f" {arm.dose:g} {arm.unit}" if arm.dose else ""
        yield f"{arm.route} {arm.drug}{amount}{_raised(arm)}, {_when(arm, listed)}"
        further = "with"
    else:
        further = "without study drug, with"
        if not (arm.oral_antidepressant or arm.psychotherapy):
            yield "no study drug"
    if arm.oral_antidepressant and arm.psychotherapy:
        yield f"{further} an oral antidepressant and psychotherapy"
    elif arm.oral_antidepressant:
        yield f"{further} an oral antidepressant"
    elif arm.psychotherapy:
        yield f"{further} psychotherapy"


def _raised(arm: Dosing) -> str:
    """To which dose it is raised, and for whom."""
    rule = arm.escalation
    if rule is None or not arm.dose:
        return ""
    highest = arm.dose * rule.factors[-1]
    steps = "in steps " if len(rule.factors) > 1 else ""
    return (
        f", raised {steps}to {highest:g} {arm.unit} while improvement is below "
        f"{rule.fall_below_percent:g}%"
    )


def _when(arm: Dosing, listed: tuple[float, ...]) -> str:
    """The study days of the doses; day 1 is the day of the first."""
    if len(listed) == 1:
        return "one dose"
    written = [f"{day + 1:g}" for day in arm.dose_days]
    if not written or len(written) > MOST_DAYS:
        often = f", one every {arm.every_days:g} days" if arm.every_days else ""
        return f"{len(listed)} doses{often}"
    later = f", then every {arm.every_days:g} days" if arm.every_days else ""
    *before, last = written
    days = f"days {', '.join(before)} and {last}" if before else f"day {last}"
    first = ", the first on" if later and not before else " on"
    return f"{len(listed)} doses{first} {days}{later}"
