"""What was found in one arm that is compared with none, in a sentence."""

from ketaoutcomes.report.labels import arm_label, endpoint_title, event_word, scale_of, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    count_of,
    decimals_of,
    estimate,
    estimate_with_limits,
    interval,
    number,
    percentage,
)
from ketaoutcomes.results import Result


def finding_of_one_arm(material: Material, name: str, row: Result) -> str:
    """The finding with its uncertainty; no test, as nothing is compared."""
    plan, endpoint = material.plan, material.estimand(name).endpoint
    arm = arm_label(plan, row.phase, row.arm)
    match row.statistic:
        case "LS mean":
            return (
                f"At {row.visit} the mean change in {scale_of(plan, endpoint)} with {arm} was "
                f"{number(row.estimate, decimals_of(row))} points ({interval(row)})."
            )
        case "proportion":
            when = f"at {row.visit}" if row.visit else "at any time"
            return (
                f"{endpoint_title(plan, endpoint)} {when} with {arm}: {percentage(row.estimate)} "
                f"({interval(row)})."
            )
        case "restricted mean":
            return _time_sentence(material, name, row, arm)
        case _:
            when = f" at {row.visit}" if row.visit else ""
            unit = f" {row.unit}" if row.unit else ""
            return (
                f"The {row.statistic}{when} with {arm} was {estimate(row)}{unit} ({interval(row)})."
            )


def _time_sentence(material: Material, name: str, row: Result, arm: str) -> str:
    """Subjects with the event, the median, and the restricted mean."""
    event = event_word(material.plan, material.estimand(name).endpoint)
    events = material.of_arm(name, "events", row.arm)
    had = f"{count_of(events, 'estimate')} of {count_of(events)} subjects" if events else ABSENT
    median = material.of_arm(name, "median", row.arm)
    middle = "" if median is None else f", after a median of {_median(median)}"
    return (
        f"{titled(event)} in {had} with {arm}{middle}. Mean time without {event} "
        f"{row.method.removeprefix('restricted mean time ')} was {estimate(row)} days "
        f"({interval(row)})."
    )


def _median(row: Result) -> str:
    """Days with their interval, or that it was not reached."""
    if row.estimate is None:
        return f"a time {estimate_with_limits(row)}"
    return f"{estimate(row)} days ({interval(row)})"
