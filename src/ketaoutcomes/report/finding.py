"""What an analysis found, in a sentence: of two arms or of one, with its error."""

from collections.abc import Callable
from typing import Final

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.report.labels import (
    arm_label,
    arm_within,
    endpoint_title,
    event_word,
    lowered,
    scale_of,
    titled,
    unit_of,
    with_arm,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    count_of,
    decimals_of,
    estimate,
    estimate_with_limits,
    interval,
    is_round,
    number,
    p_value,
    percentage,
    reads_as_zero,
)
from ketaoutcomes.results import Result

OF_RATIOS = {"hazard ratio": "hazard of", "time ratio": "time to", "rate ratio": "rate of"}
"""Of what a ratio is."""


def finding(material: Material, name: str, row: Result) -> str:
    """The main result of an analysis in a sentence, with its uncertainty and no more than that."""
    if material.estimand(name).treatment.compares:
        return _comparison(material, name, row) + beside(material, name, row)
    if (of_model := model_of(material.plan.analyses[name]).finding) is not None:
        return of_model(material, name, row, arm_within(material.plan, row.phase, row.arm), "")
    return finding_of_one_arm(material, name, row)


def beside(material: Material, name: str, row: Result) -> str:
    """What the model has its reader know beside the main result; "" where nothing."""
    of_model = model_of(material.plan.analyses[name]).beside
    return of_model(material, name, row) if of_model is not None else ""


def _comparison(material: Material, name: str, row: Result) -> str:
    target = material.estimand(name)
    active = arm_within(material.plan, row.phase, target.treatment.active)
    reference = arm_within(material.plan, row.phase, target.treatment.reference)
    of_model = model_of(material.plan.analyses[name]).finding
    sentence = of_model or _SENTENCES.get(row.statistic, _in_few_words)
    said = sentence(material, name, row, active, reference)
    return _of_groups(material, name, row, said, (active, reference))


def _of_groups(
    material: Material, name: str, row: Result, said: str, words: tuple[str, str]
) -> str:
    """The sentence where a label names no treatment: `in the group “Had injected”`."""
    treatment = material.estimand(name).treatment
    arms = (treatment.active, treatment.reference)
    shown = [with_arm(material.plan, row.phase, arm) for arm in arms]
    for told, with_ in zip(words, shown, strict=True):
        said = said.replace(f" with {told}", f" {with_}")
    if any(not with_.startswith("with ") for with_ in shown):
        labels = [f"“{arm_label(material.plan, row.phase, arm)}”" for arm in arms]
        said = said.replace(
            f"between {' and '.join(words)}", f"between the groups {' and '.join(labels)}"
        )
    return said


def _uncertainty(material: Material, name: str, row: Result) -> str:
    """Interval and p-value, also as adjusted for several tests where they are adjusted together."""
    p = f"; {p_value(row)}" if row.p_value is not None else ""
    adjusted = material.adjusted_p(name)
    p += f", adjusted {p_value(adjusted)}" if adjusted is not None else ""
    return f"{interval(row)}{p}"


def _means(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    scale = scale_of(material.plan, material.estimand(name).endpoint)
    places, unit = decimals_of(row), unit_of(material.plan, material.estimand(name).endpoint)
    better = f"; {material.plan.scale(scale).better} is better" if scale else ""
    numbers = f"(difference {estimate(row)}, {_uncertainty(material, name, row)}{better})"
    if row.includes_no_effect:
        return (
            f"There was no clear difference in {_mean_of(material, name)} at {row.visit} between "
            f"{active} and {reference} {numbers}."
        )
    size = number(abs(row.estimate or 0), places)
    if reads_as_zero(row.estimate or 0, places):
        difference = f"differed by less than {0.5 * 10**-places:g} {unit} between {active} and "
    else:
        side = "lower" if (row.estimate or 0) < 0 else "higher"
        difference = f"was {size} {unit} {side} with {active} than with "
    return f"At {row.visit} {_mean_of(material, name)} {difference}{reference} {numbers}."


def _mean_of(material: Material, name: str) -> str:
    """What the means are of: by the plan's label of the endpoint, or the change in its scale."""
    plan, endpoint = material.plan, material.estimand(name).endpoint
    label = getattr(plan.endpoints[endpoint], "label", None)
    if label is not None:
        words = lowered(label)
        return f"the mean {words}" if words.startswith("change") else f"the mean of “{words}”"
    return f"the mean change in {scale_of(plan, endpoint)}"


def _proportions(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """Both proportions and the difference; one over strata is not that of the proportions."""
    plan, target = material.plan, material.estimand(name)
    analysis = plan.analyses[name]
    model = model_of(analysis)
    shares = [
        _share(
            material.of_arm(name, model.share, arm, row.visit),
            material.of_arm(name, "responders", arm, row.visit),
        )
        for arm in (target.treatment.active, target.treatment.reference)
    ]
    when = f"at {row.visit}" if row.visit else "at any time"
    how = f", {model.qualifier}" if model.qualifier else ""
    stratified = "stratified " if getattr(analysis, "strata", ()) else ""
    said = (
        f"{endpoint_title(plan, target.endpoint)} {when}{how}: {shares[0]} with {active} and "
        f"{shares[1]} with {reference}"
    )
    difference = f"{stratified}difference of {estimate(row)} percentage points"
    uncertainty = _uncertainty(material, name, row)
    if row.includes_no_effect:
        return f"{said}. There was no clear difference ({difference}, {uncertainty})."
    return f"{said}, a {difference} ({uncertainty})."


def _share(part: Result | None, responders: Result | None) -> str:
    """A proportion with its counts, `36 of 84 (42.9%)`; alone where these cannot be shown.

    Parameters
    ----------
    responders : Result or None
        The row that counts them, where the proportion itself does not.
    """
    if part is None or part.estimate is None:
        return percentage(None)
    counted, field = (part, "n_events") if responders is None else (responders, "estimate")
    known = getattr(counted, field) is not None and counted.n is not None
    exact = not any(is_round(counted, one) for one in ("n", field)) and not is_round(
        part, "estimate"
    )
    if not known or not exact:
        return percentage(part.estimate)
    return f"{count_of(counted, field)} of {count_of(counted)} ({percentage(part.estimate)})"


def _ratio(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    event = event_word(material.plan, material.estimand(name).endpoint)
    if row.includes_no_effect:
        return (
            f"There was no clear difference in the {OF_RATIOS[row.statistic]} {event} between "
            f"{active} and {reference} ({row.statistic} {estimate(row)}, "
            f"{_uncertainty(material, name, row)})."
        )
    return (
        f"The {OF_RATIOS[row.statistic]} {event} with {active} was {estimate(row)} times that with "
        f"{reference} ({row.statistic}, {_uncertainty(material, name, row)})."
    )


def _ratio_at_visit(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """Both proportions and the ratio that the estimand asks for."""
    plan, target = material.plan, material.estimand(name)
    shares = [
        part
        for arm in (target.treatment.active, target.treatment.reference)
        if (part := material.of_arm(name, "proportion", arm, row.visit)) is not None
    ]
    arms = zip((active, reference), shares, strict=False)
    seen = " and ".join(f"{percentage(part.estimate)} with {arm}" for arm, part in arms)
    said = f"{endpoint_title(plan, target.endpoint)} at {row.visit}: {seen}. "
    uncertainty = _uncertainty(material, name, row)
    if row.includes_no_effect:
        return (
            f"{said}There was no clear difference ({row.statistic} {estimate(row)}, {uncertainty})."
        )
    return (
        f"{said}The {row.statistic} was {estimate(row)}, {active} versus {reference} "
        f"({uncertainty})."
    )


def _in_few_words(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """A statistic of which nothing more is known than its name and its unit."""
    when = f" at {row.visit}" if row.visit else ""
    unit = f" {row.unit}" if row.unit else ""
    return (
        f"The {row.statistic}{when} was {estimate(row)}{unit}, {active} versus {reference} "
        f"({_uncertainty(material, name, row)})."
    )


def _times(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """Time to event: restricted mean difference first, then the hazard ratio."""
    event = event_word(material.plan, material.estimand(name).endpoint)
    ratio = material.contrast(name, "hazard ratio")
    hazard = (
        f"; hazard ratio {estimate(ratio)}, {interval(ratio)}"
        if ratio is not None and ratio.estimate is not None and not beside(material, name, row)
        else ""
    )
    until = _until(row)
    numbers = f"(RMST difference {estimate(row)} days, {_uncertainty(material, name, row)}{hazard})"
    if row.includes_no_effect:
        return (
            f"There was no clear difference in restricted mean time to {event} {until} between "
            f"{active} and {reference} {numbers}."
        )
    longer = "longer" if (row.estimate or 0) >= 0 else "shorter"
    return (
        f"Restricted mean time to {event} {until} was {number(abs(row.estimate or 0))} days "
        f"{longer} with {active} than with {reference} {numbers}."
    )


def _until(row: Result) -> str:
    """Up to which day a restricted mean counts, with the model of the time where there is one."""
    day, _, model = row.method.removeprefix("restricted mean time ").partition(", ")
    return f"{day} ({model})" if model else day


def finding_of_one_arm(material: Material, name: str, row: Result) -> str:
    """The finding with its uncertainty; no test, as nothing is compared."""
    plan, endpoint = material.plan, material.estimand(name).endpoint
    arm = arm_within(plan, row.phase, row.arm)
    match row.statistic:
        case "LS mean":
            return (
                f"At {row.visit} {_mean_of(material, name)} with {arm} was "
                f"{number(row.estimate, decimals_of(row))} "
                f"{unit_of(plan, endpoint)} ({interval(row)})."
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
    had = f"{count_of(events, 'estimate')} of {count_of(events)} participants" if events else ABSENT
    median = material.of_arm(name, "median", row.arm)
    middle = "" if median is None else f", after a median of {_median(median)}"
    return (
        f"{titled(event)} in {had} with {arm}{middle}. Restricted mean time to {event} "
        f"{_until(row)} was {estimate(row)} days "
        f"({interval(row)})."
    )


def _median(row: Result) -> str:
    """Days with their interval, or that it was not reached."""
    if row.estimate is None:
        return f"a time {estimate_with_limits(row)}"
    return f"{estimate(row)} days ({interval(row)})"


_SENTENCES: Final[dict[str, Callable[[Material, str, Result, str, str], str]]] = {
    "difference in LS means": _means,
    "risk difference": _proportions,
    "difference in restricted means": _times,
    **dict.fromkeys(OF_RATIOS, _ratio),
    **dict.fromkeys(("risk ratio", "odds ratio"), _ratio_at_visit),
}
"""The sentence of each statistic; any other is told by its name and its unit."""
